"""What an imaginary djay library holds: made up first, written in djay's formats afterwards, so that readers can be checked.

truth = imagination.imagine(tracks=200, sessions=5, plays=60, seed=3)
truth.library          what `crateline.clients.djay.database.read` has to give, but for `source` and findings
truth.origins[id]      "local", "unknown", "beatport", "soundcloud" or "spotify", of every track of the library
truth.strangers        title ids that were played and are not in the library
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crateline.domain import keys
from crateline.domain.library import Library
from crateline.sandbox.catalogue import Recording, World

LOCAL, UNKNOWN, BEATPORT, SOUNDCLOUD, SPOTIFY = "local", "unknown", "beatport", "soundcloud", "spotify"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A track that a streaming service has, under djay's name for it (`soundcloud:tracks:1`). `duration` in seconds."""

    uri: str
    title: str
    artist: str
    duration: float
    bpm: float | None = None
    key: str = ""
    isrc: str = ""

    @property
    def service(self) -> str:
        """The service: the URI's first word."""
        return self.uri.partition(":")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """An imaginary library, of a Mac or of `windows`. The paths of `bookmarked` tracks stand in a bookmark alone."""

    library: Library
    origins: Mapping[str, str]
    strangers: tuple[str, ...] = ()
    bookmarked: frozenset[str] = frozenset()
    windows: bool = False


def listed(world: World) -> tuple[Listed, ...]:
    """Give what SoundCloud and Spotify list in the sandbox's world: what is played from there can go to the line."""
    soundcloud = [_of(track.key, track.title, track.artist or track.user.username, track.recording) for track in world.soundcloud]
    spotify = [_of(track.key, track.title, track.artists[0], track.recording) for track in world.spotify]
    return (*soundcloud, *spotify)


def _of(uri: str, title: str, artist: str, recording: Recording) -> Listed:
    key = keys.parse(recording.key)
    return Listed(
        uri=uri,
        title=title,
        artist=artist,
        duration=recording.duration,
        bpm=recording.bpm,
        key=key.value if key else "",
        isrc=recording.isrc,
    )
