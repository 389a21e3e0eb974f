"""Bringing tracks back on the line: what is unfinished is looked at now, what was given up begins again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crateline.durable.item import Item
from crateline.errors import ConfigurationError
from crateline.messages import Hint, Station
from crateline.wiring import Wiring

GIVEN_UP = frozenset({"failed", "refused"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Resumed:
    """How much was brought forward: playlists with something open, and their open tracks."""

    playlists: int
    tracks: int


def resume(wiring: Wiring, playlists: Iterable[str]) -> Resumed:
    """Make every unfinished track of these playlists due now, whatever it waits for. A pause still holds."""
    now = wiring.ledger.now_ms()
    due: dict[Hint, float] = {}
    open_lists = 0
    tracks: set[str] = set()
    for key in playlists:
        unfinished = wiring.register.unfinished(key)
        if not wiring.register.item(key).sealed(Station.PLAYLIST):
            due[Hint(station=Station.PLAYLIST, key=key)] = now
        for item in wiring.ledger.tracks(sorted(unfinished)):
            due |= dict.fromkeys(_hints(item), now)
        open_lists += bool(unfinished)
        tracks |= unfinished
    wiring.ledger.due(due)
    return Resumed(playlists=open_lists, tracks=len(tracks))


def _hints(item: Item) -> Iterable[Hint]:
    ended = bool(item.verdict or item.alias)
    write = Station.FINALISE if ended or item.sealed(Station.PAGE) else Station.PAGE
    yield Hint(station=write, key=item.key)
    if item.want_audio and not ended:
        yield Hint(station=Station.DOWNLOAD, key=item.key)


def retry(wiring: Wiring, playlists: Iterable[str]) -> list[Item]:
    """Send the failed and refused tracks of these playlists through the line again; gives them as they were."""
    keys = dict.fromkeys(key for playlist in playlists for key in wiring.register.members(playlist))
    given_up = [item for item in wiring.ledger.tracks(keys) if item.verdict in GIVEN_UP]
    for item in given_up:
        wiring.rework.reopen(item)
    return given_up


def retry_track(wiring: Wiring, key: str) -> Item:
    """Send one track through the line again, even if it waits for review. Raises ConfigurationError if it did not end."""
    item = wiring.ledger.track(key)
    if item is None:
        raise ConfigurationError(f"{key} was never enqueued: `crateline status PLAYLIST --tracks` shows the keys")
    if not item.verdict:
        raise ConfigurationError(f"{key} is {item.state(wiring.ledger.now_ms())}: only what failed or was refused can be retried")
    wiring.rework.reopen(item)
    return item


@dataclass(frozen=True, kw_only=True, slots=True)
class Outdated:
    """Tracks that an older analyser has heard; `lost` are those whose original is gone, so that they cannot be heard again."""

    tracks: tuple[Item, ...]
    lost: tuple[Item, ...]


def outdated(wiring: Wiring, analyser: str) -> Outdated:
    """Find the tracks that another analyser than this one has heard."""
    old = [item for item in heard(wiring) if item.result(Station.ANALYZE).get("analyser") != analyser]
    here = {item.key for item in old if wiring.store.kept("originals", item.key) is not None}
    return Outdated(
        tracks=tuple(item for item in old if item.key in here), lost=tuple(item for item in old if item.key not in here)
    )


def heard(wiring: Wiring) -> list[Item]:
    """Every track of the line that is analysed and stands for itself."""
    playlists = wiring.register.keys()
    keys = dict.fromkeys(key for playlist in playlists for key in wiring.register.members(playlist))
    items = wiring.ledger.tracks(keys)
    return [item for item in items if item.sealed(Station.ANALYZE) and not (item.alias or item.verdict)]


def repeat_analysis(wiring: Wiring, items: Sequence[Item]) -> None:
    """Have these tracks heard again, and Eagle told. Their values, files and pages stay until the new values are there."""
    wiring.rework.repeat(items, (Station.ANALYZE, Station.EAGLE))
