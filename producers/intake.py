"""Taking a playlist in: it goes on the line, and so do the user's other playlists that hold its tracks."""

from dataclasses import replace

from crateline.domain.track import Platform, Playlist
from crateline.durable.register import Enrolment
from crateline.errors import CratelineError
from crateline.wiring import Wiring
from producers import enrolment, holders
from producers.patience import Say

IN_PART = "only those of its tracks that came with another playlist"


def take(wiring: Wiring, playlist: Playlist, *, audio: bool = True, limit: int | None = None, say: Say) -> Enrolment:
    """Put a playlist on the line and keep it in step from now on. Safe to repeat, and to be killed at any moment.

    Every Spotify track also gets the user's other playlists that hold it, as far as Spotify lets them be read.
    """
    done = enrolment.enrol(wiring, playlist, audio=audio, limit=limit)
    try:
        _hold(wiring, playlist, audio=audio, say=say)
    except CratelineError as error:
        say(f"{playlist.name}: your other Spotify playlists could not be read ({error}); its tracks join them at the next sync")
        return done
    wiring.follows.whole(playlist.key, playlist.snapshot)  # the last step: what a kill leaves undone is seen as a difference
    return done


def _hold(wiring: Wiring, playlist: Playlist, *, audio: bool, say: Say) -> None:
    tracks = {track.key: track for track in playlist.tracks if track.platform is Platform.SPOTIFY}
    if not tracks:
        return
    for other in holders.of(wiring, tracks, say=say):
        if other.key != playlist.key and not wiring.follows.of(other.key).followed:
            wiring.follows.in_part(other.key, IN_PART)
            enrolment.enrol(wiring, replace(other, snapshot=""), audio=audio, follow=False)
