"""Keeping a followed playlist in step with its source: what is new goes on the line, what was moved is moved.

The cheapest question first: a snapshot, where the platform has one, says in one request that nothing has changed. What is
gone from the source stays where it is, unless the setting (or the person) says to unlink it; nothing is ever deleted.
"""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

import structlog

from crateline.clients.spotify.answers import Forbidden
from crateline.domain import links
from crateline.domain.track import Platform, Playlist
from crateline.durable.follows import FAILED, Follow
from crateline.durable.item import Item
from crateline.durable.register import RENAMED
from crateline.errors import (
    BudgetSpent,
    ConfigurationError,
    CratelineError,
    CredentialsRefused,
    Interrupted,
    NotFound,
    Throttled,
)
from crateline.wiring import Wiring
from producers import enrolment, intake, listing, patience, stops
from producers.difference import Difference

log = structlog.get_logger("crateline.sync")

State = Literal["unchanged", "changed", "failed"]
LOOK_AGAIN_S = 900.0
"""When a playlist that could not be read is looked at again, if its own interval is not shorter."""
CLOCKS_APART_S = 60.0
"""So much later than its interval allows a look may be noted; what is noted for later still, a clock noted that was ahead."""
MANY = 10
"""Rows that may be unlinked without asking, and more while they are less than half of all."""
NO_SOURCE = "it has no source to look at, since it was enqueued from a file: enqueue the file again"
HELD_BACK = "most of it is gone from its source, so nothing was unlinked: `crateline sync PLAYLIST --unlink` does it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Synced:
    """How one playlist was found. `gone` rows are no more in the source; `unlinked` of them were taken out here.

    `refused`: a service did not accept our credentials.
    """

    key: str
    name: str
    state: State
    total: int = 0
    added: int = 0
    moved: int = 0
    gone: int = 0
    unlinked: int = 0
    reason: str = ""
    refused: bool = False

    def public(self, *, dry_run: bool) -> dict[str, Any]:
        """The answer of `sync --json`."""
        said = {name: value for name, value in asdict(self).items() if name != "refused"}
        return {**said, "dry_run": dry_run}


def followed(wiring: Wiring) -> list[Item]:
    """The playlists that a person has enqueued and that have a source to look at, oldest first."""
    items = wiring.register.items(wiring.register.keys())
    return [item for item in items if Follow.of(item.fields).followed and item.card.get("url")]


def due(wiring: Wiring) -> list[Item]:
    """The followed playlists whose time has come, or whose taking over was killed, the longest overdue first."""
    now = wiring.index.now()
    waiting = [(Follow.of(item.fields), item) for item in followed(wiring)]
    ready = [(follow.next_at, item) for follow, item in waiting if _its_turn(follow, enrolment.interval(wiring, follow), now)]
    return [item for _, item in sorted(ready, key=lambda pair: pair[0])]


def _its_turn(follow: Follow, every_s: float, now: float) -> bool:
    return bool(every_s) and (follow.begun or not now < follow.next_at <= now + every_s + CLOCKS_APART_S)


def chore(wiring: Wiring) -> None:
    """Bring every playlist whose time has come in step."""
    for item in due(wiring):
        if wiring.stopping.is_set():
            return
        if service(item) in {pause.service for pause in wiring.pauses.all()}:
            continue
        done = one(wiring, item, say=lambda words: log.info(words, action="sync"))
        log.info("playlist looked at", action="synced", **done.public(dry_run=False))


def several(
    wiring: Wiring, items: Iterable[Item], *, say: patience.Say, unlink: bool | None = None, dry_run: bool = False
) -> Iterator[Synced]:
    """Bring playlists in step as a person asks for it. A service that a person has paused, or that refuses us, is not asked.

    A service that was paused because it had refused us is asked once: it may be well again.
    """
    stopped = {pause.service for pause in wiring.pauses.all() if pause.by_hand}
    for item in items:
        if service(item) in stopped:
            yield _waiting(wiring, item)
            continue
        done = one(wiring, item, say=say, unlink=unlink, dry_run=dry_run)
        if done.state == "failed":
            stopped |= {service(item)} & {pause.service for pause in wiring.pauses.all()}
        yield done


def _waiting(wiring: Wiring, item: Item) -> Synced:
    pause = next(pause for pause in wiring.pauses.all() if pause.service == service(item))
    why = f"{pause.service} is paused: {pause.reason}. {pause.remedy}"
    return Synced(key=item.key, name=str(item.card.get("name", item.key)), state="failed", reason=why)


def one(wiring: Wiring, item: Item, *, say: patience.Say, unlink: bool | None = None, dry_run: bool = False) -> Synced:
    """Bring one playlist in step. What it raises is noted with the playlist and in the answer, not raised.

    `unlink` None: as SYNC_REMOVED says, and not where most of the playlist would go; True: the person has asked for it.
    """
    name = str(item.card.get("name", item.key))
    if not item.card.get("url"):
        return Synced(key=item.key, name=name, state="failed", reason=NO_SOURCE)
    try:
        with nullcontext() if dry_run else intake.alone(wiring, item.key, say=say):
            done = _one(wiring, wiring.register.item(item.key), name, say=say, unlink=unlink, dry_run=dry_run)
    except CratelineError as error:
        if not dry_run:
            _noted(wiring, item, error)
        refused = isinstance(error, CredentialsRefused) and not isinstance(error, Forbidden)
        return Synced(key=item.key, name=name, state="failed", reason=str(error), refused=refused)
    if service(item) == stops.SPOTIFY and not dry_run:
        wiring.pauses.mended(stops.SPOTIFY)
    return done


def _noted(wiring: Wiring, item: Item, error: CratelineError) -> None:
    """Note a failure where it belongs: with the service that lets nobody in, with this machine's settings, or the playlist.

    A service that wants silence is asked later, and who stops has seen nothing: neither is a failure.
    """
    if isinstance(error, Interrupted):
        return
    if isinstance(error, Throttled | BudgetSpent):
        wiring.follows.put_off(item.key, min(error.retry_after, LOOK_AGAIN_S))
        return
    if stops.noted(wiring, error):
        return
    if isinstance(error, ConfigurationError) and service(item) == stops.SPOTIFY and not wiring.spotify.consented():
        return
    rest = enrolment.interval(wiring, Follow.of(item.fields)) or LOOK_AGAIN_S
    lasting = isinstance(error, ConfigurationError | NotFound | Forbidden)
    rest = rest if lasting else min(LOOK_AGAIN_S, rest)
    wiring.follows.looked(item.key, snapshot=None, status=FAILED, reason=str(error), rest_s=rest)


def _one(wiring: Wiring, item: Item, name: str, *, say: patience.Say, unlink: bool | None, dry_run: bool) -> Synced:
    look = partial(_look, wiring, item, name, say=say, unlink=unlink, dry_run=dry_run)
    try:
        return look(links.classify(str(item.card["url"])))
    except NotFound:
        if (number := listing.by_number(item.key)) is None:
            raise
        with suppress(NotFound):  # its address leads nowhere now: who made it may have changed that
            return look(number)
        raise


def _look(
    wiring: Wiring, item: Item, name: str, link: links.Link, *, say: patience.Say, unlink: bool | None, dry_run: bool
) -> Synced:
    follow, here = Follow.of(item.fields), wiring.register.members(item.key)
    # After a failure the whole is read, to know how it is; to unlink, to know what an earlier look has kept.
    told = follow.snapshot and follow.status != FAILED and not unlink and not follow.begun
    if told and listing.snapshot(wiring, link, name, say) == follow.snapshot:
        if not dry_run:
            _looked(wiring, item.key, follow, snapshot=None, status=follow.status, reason=follow.reason)
        return Synced(key=item.key, name=name, state="unchanged", total=len(here))
    seen = listing.seen(wiring, link, limit=follow.limit, say=say)
    there = listing.first(seen, follow.limit)
    if there.key != item.key:
        raise ConfigurationError(f"{item.card['url']} leads to another playlist now ({there.key}): enqueue it anew")
    unseen = here if follow.limit and link.kind is links.Kind.LIKES else []  # nobody has looked behind as many as are wanted
    difference = Difference.between(here, list(enrolment.distinct(there)), {*unseen, *enrolment.distinct(seen)})
    out = _unlinked(wiring, difference, len(here), unlink=unlink)
    renamed = there.name != name or there.url != item.card["url"] or RENAMED in item.fields
    changed = bool(difference.added or difference.moved or out or renamed or follow.begun)
    if not dry_run and changed:
        _change(wiring, there, follow, difference, out, say=say)
    elif not dry_run:
        status, reason = enrolment.completeness(there, follow.limit)
        _looked(wiring, item.key, follow, snapshot=there.snapshot, status=status, reason=reason)
    return Synced(
        key=item.key,
        name=there.name,
        state="changed" if changed else "unchanged",
        total=len(here) + len(difference.added) - len(out),
        added=len(difference.added),
        moved=difference.moved,
        gone=len(difference.gone),
        unlinked=len(out),
        reason=HELD_BACK if difference.gone and not out and unlink is None and wiring.settings.sync_removed == "unlink" else "",
    )


def _looked(wiring: Wiring, key: str, follow: Follow, *, snapshot: str | None, status: str, reason: str) -> None:
    rest = enrolment.interval(wiring, follow)
    wiring.follows.looked(key, snapshot=snapshot, status=status, reason=reason, rest_s=rest)


def _change(
    wiring: Wiring, there: Playlist, follow: Follow, difference: Difference, out: tuple[str, ...], *, say: patience.Say
) -> None:
    """Unlink first, and note the state last: what a kill leaves undone is made up for by the next look.

    Who stands for a row leaves before it: by the row alone it is known.
    """
    wiring.follows.taking(there.key)
    wiring.register.leave(there.key, [*intake.standing_for(wiring, there.key, out), *out])
    kept = [*difference.beyond, *(key for key in difference.gone if key not in out)]
    wiring.register.put_last(there.key, kept, after=len(there.tracks))
    intake.put(wiring, there, audio=follow.audio, limit=follow.limit, say=say)


def _unlinked(wiring: Wiring, difference: Difference, size: int, *, unlink: bool | None) -> tuple[str, ...]:
    most = len(difference.gone) > MANY and len(difference.gone) * 2 > size
    wanted = wiring.settings.sync_removed == "unlink" and not most if unlink is None else unlink
    return difference.gone if wanted else ()


def service(item: Item) -> str:
    """The service that is asked about a playlist."""
    return {Platform.SPOTIFY: "spotify", Platform.SOUNDCLOUD: "soundcloud-api"}.get(Platform(item.card["platform"]), "youtube")
