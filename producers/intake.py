"""Taking a playlist in: it goes on the line, and so do the user's other playlists that hold its tracks."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog
from redis.exceptions import LockError

from crateline.domain.track import Platform, Playlist
from crateline.durable import keyspace, locks
from crateline.durable.follows import Follow
from crateline.durable.holdings import Holding
from crateline.durable.register import Enrolment, Show, unseen
from crateline.errors import ConfigurationError, CratelineError
from crateline.wiring import Wiring
from producers import enrolment, holders, stops
from producers.patience import Say

log = structlog.get_logger("crateline.intake")

REST_S = 60.0
"""For so long nobody asks for the user's playlists after they could not be read."""
WAIT_S = 600.0
"""How long somebody else may be at a playlist: reading a large library at Spotify's pace takes minutes."""
IN_PART = "only those of its tracks that came with another playlist"


def take(
    wiring: Wiring, playlist: Playlist, *, audio: bool = True, limit: int | None = None, say: Say, show: Show = unseen
) -> Enrolment:
    """Put a playlist on the line and keep it in step from now on. Safe to repeat, and to be killed at any moment.

    Every Spotify track also gets the user's other playlists that hold it, as far as Spotify lets them be read.
    """
    with alone(wiring, playlist.key, say=say):
        return put(wiring, playlist, audio=audio, limit=limit, say=say, show=show)


@contextmanager
def alone(wiring: Wiring, key: str, *, say: Say) -> Iterator[None]:
    """Be the only one that changes a playlist: of two listings, the state that is noted must be that of the last one taken.

    Who is killed at it is succeeded within seconds. Raises ConfigurationError after ten minutes in vain.
    """
    name = f"playlist:{key}"
    if wiring.redis.exists(keyspace.lock(name)):
        say(f"Another process is at {key}: waiting for it")
    try:
        with locks.alone(wiring.redis, name, wait_s=WAIT_S):
            yield
    except LockError as error:
        raise ConfigurationError(f"Another process has been at {key} for ten minutes: end it, or try again later") from error


def put(wiring: Wiring, playlist: Playlist, *, audio: bool, limit: int | None, say: Say, show: Show = unseen) -> Enrolment:
    """As `take`, for who is `alone` with the playlist."""
    wiring.follows.taking(playlist.key)
    done = enrolment.enrol(wiring, playlist, audio=audio, limit=limit, show=show)
    if limit is None and wiring.settings.spotify_all_playlists:
        holders.learn(wiring, playlist)
    held = _held(wiring, playlist, audio=audio, say=say)
    wiring.follows.taken(playlist.key, playlist.snapshot if held else "")  # the last step: a kill before it is seen
    return done


def _held(wiring: Wiring, playlist: Playlist, *, audio: bool, say: Say) -> bool:
    """Put the tracks into the user's other playlists, too; gives whether that is done.

    A Spotify that is not well is left alone for a while: a row of files is not held up by it.
    """
    tracks = {track.key: track for track in playlist.tracks if track.platform is Platform.SPOTIFY}
    if not tracks:
        return True
    if wiring.holdings.resting():
        wiring.holdings.owe()
        return False
    try:
        others = [one for one in holders.of(wiring, tracks, say=say) if one.key != playlist.key]
        _hold(wiring, others, audio=audio)
    except CratelineError as error:
        _not_now(wiring, error)
        say(f"{playlist.name}: your other Spotify playlists could not be read ({error}); its tracks join them later")
        return False
    return True


def _not_now(wiring: Wiring, error: CratelineError) -> None:
    wiring.holdings.rest(REST_S)
    stops.noted(wiring, error)


def _hold(wiring: Wiring, others: Iterable[Playlist], *, audio: bool) -> None:
    """Put tracks into playlists that do not see to them themselves.

    Nobody waits for another one here for ever: who is at such a playlist waits for none, or has made it a followed one.
    """
    for other in others:
        if _followed(wiring, other.key) or _here(wiring, other):
            continue
        with alone(wiring, other.key, say=log.debug):
            if not _followed(wiring, other.key):
                wiring.follows.in_part(other.key, IN_PART)
                enrolment.enrol(wiring, replace(other, snapshot=""), audio=audio, follow=False)


def _followed(wiring: Wiring, key: str) -> bool:
    """Whether a playlist sees to its tracks itself. One whose enqueuing was killed before anything was known of it does not."""
    return any(Follow.of(item.fields).followed and item.card for item in wiring.register.items([key]))


def _here(wiring: Wiring, playlist: Playlist) -> bool:
    """Whether a playlist is here under this name, with all these tracks: then its page need not be written again."""
    known = wiring.register.items([playlist.key])
    if not known or known[0].card.get("name") != playlist.name:
        return False
    keys = {track.key for track in playlist.tracks}
    return keys <= set(wiring.register.members(playlist.key)) and _stood_for(wiring, playlist.key, keys)


def _stood_for(wiring: Wiring, playlist: str, keys: Iterable[str]) -> bool:
    """Whether those that stand for other uploads among these tracks are in the playlist, too."""
    uploads = [item for item in wiring.ledger.tracks(keys) if item.alias]
    mains = (wiring.ledger.stands_for(item.key) for item in uploads)
    return all(main is None or playlist in main.playlists for main in mains)


def standing_for(wiring: Wiring, key: str, out: tuple[str, ...]) -> list[str]:
    """The tracks that were in a playlist only because they stand for uploads that leave it."""
    if not out:
        return []
    mains, kept = (_mains(wiring, keys) for keys in (out, set(wiring.register.members(key)) - set(out)))
    return sorted(mains - kept - set(out))


def _mains(wiring: Wiring, keys: Iterable[str]) -> set[str]:
    items = wiring.ledger.tracks(keys)
    uploads = (wiring.ledger.stands_for(item.key) for item in items if item.alias)
    return {item.key for item in items if not item.alias} | {main.key for main in uploads if main is not None}


def chore(wiring: Wiring) -> None:
    """Let known Spotify tracks join those playlists of the user's that hold them by now, as often as playlists are synced."""
    every, known = wiring.settings.sync_every_minutes * 60.0, wiring.holdings
    if not every or not wiring.settings.spotify_all_playlists or known.joined() or known.resting():
        return
    paused = "spotify" in {pause.service for pause in wiring.pauses.all()}
    if paused or not wiring.spotify.consented() or not _any_from_spotify(wiring):
        return
    if not known.fresh():
        try:
            holders.refresh(wiring, lambda words: log.info(words, action="holders"))
        except CratelineError as error:
            log.warning("your Spotify playlists could not be read", action="holders-wait", reason=str(error))
            _not_now(wiring, error)
            return
    for holding in known.all():
        _join(wiring, holding)
    known.join(every)


def _join(wiring: Wiring, holding: Holding) -> None:
    items = wiring.ledger.tracks(dict.fromkeys(holding.keys))
    for audio in (True, False):
        tracks = {item.key: item.track for item in items if item.want_audio is audio}
        if tracks:
            _hold(wiring, [holders.part(holding, tracks)], audio=audio)


def _any_from_spotify(wiring: Wiring) -> bool:
    return any(item.card.get("platform") == Platform.SPOTIFY for item in wiring.register.items(wiring.register.keys()))
