"""The imaginary world: recordings, and where SoundCloud, YouTube and Spotify list them.

Everything follows from `World.build`'s arguments. A recording may stand on several platforms, twice on one, or on
none but as a wrong version: `World.expected()` says how each row of the main set has to end.
"""

from dataclasses import dataclass
from enum import StrEnum

MAIN_SET = "warehouse-selection"
PREVIEW_SECONDS = 30.0


class Fate(StrEnum):
    """What SoundCloud does with a track's audio."""

    PLAYABLE = "playable"
    PREVIEW = "preview"
    DRM = "drm"
    DELETED = "deleted"
    BLOCKED = "blocked"


POLICIES = {Fate.PREVIEW: "SNIP", Fate.DRM: "MONETIZE", Fate.BLOCKED: "BLOCK"}


class End(StrEnum):
    """How a row has to end."""

    DONE = "done"
    ALIAS = "alias"
    REFUSED = "refused"
    REVIEW = "review"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One piece of music. `duration` in seconds; `key` like "Am" or "F#"; `seed` decides how it sounds."""

    id: int
    title: str
    artist: str
    duration: float
    bpm: float
    key: str
    seed: int
    isrc: str
    version: str = ""

    @property
    def full_title(self) -> str:
        """The title with its version in brackets."""
        return f"{self.title} ({self.version})" if self.version else self.title

    @property
    def excerpt(self) -> float:
        """Seconds of the excerpt that SoundCloud offers of a preview-only track: 30, or half of a short one."""
        return min(PREVIEW_SECONDS, self.duration / 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A SoundCloud profile; `likes` are track ids, newest first."""

    id: int
    permalink: str
    username: str
    likes: tuple[int, ...] = ()

    @property
    def url(self) -> str:
        """The profile's page."""
        return f"https://soundcloud.com/{self.permalink}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundCloudTrack:
    """A recording on SoundCloud. The publisher's `artist` and `isrc` are often empty; `transcodings` are forms of music.py."""

    id: int
    permalink: str
    user: User
    title: str
    recording: Recording
    fate: Fate = Fate.PLAYABLE
    transcodings: tuple[str, ...] = ("hls-aac", "hls-mp3", "mp3")
    artist: str = ""
    isrc: str = ""

    @property
    def key(self) -> str:
        """The track key as djay writes it."""
        return f"soundcloud:tracks:{self.id}"

    @property
    def url(self) -> str:
        """The track's page."""
        return f"{self.user.url}/{self.permalink}"

    @property
    def policy(self) -> str:
        """SoundCloud's word for what a listener may hear."""
        return POLICIES.get(self.fate, "ALLOW")

    @property
    def full_duration(self) -> float:
        """Seconds of the whole recording."""
        return self.recording.duration

    @property
    def duration(self) -> float:
        """Seconds that are offered: an excerpt is shorter than the recording."""
        return self.recording.excerpt if self.fate is Fate.PREVIEW else self.full_duration


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundCloudSet:
    """A set; `track_ids` keeps order and repeated rows."""

    id: int
    permalink: str
    title: str
    user: User
    track_ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """The playlist key."""
        return f"soundcloud:playlists:{self.id}"

    @property
    def url(self) -> str:
        """The set's page."""
        return f"{self.user.url}/sets/{self.permalink}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """A recording on YouTube. `topic` marks an auto-generated artist channel ("… - Topic"); `gone` answers as private."""

    id: str
    title: str
    channel: str
    recording: Recording
    topic: bool = False
    gone: bool = False

    @property
    def key(self) -> str:
        """The track key."""
        return f"youtube:video:{self.id}"

    @property
    def url(self) -> str:
        """The watch page."""
        return f"https://www.youtube.com/watch?v={self.id}"

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.recording.duration


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoList:
    """A YouTube playlist."""

    id: str
    title: str
    channel: str
    video_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpotifyTrack:
    """A recording on Spotify, where audio is never fetched."""

    id: str
    title: str
    artists: tuple[str, ...]
    album: str
    album_id: str
    recording: Recording

    @property
    def key(self) -> str:
        """The track key."""
        return f"spotify:track:{self.id}"

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.recording.duration


@dataclass(frozen=True, kw_only=True, slots=True)
class SpotifyPlaylist:
    """A Spotify playlist. A row is a track id or one of "null", "local", "episode"; `owned` by the user who has consented."""

    id: str
    name: str
    owner: str
    owned: bool
    rows: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """How the row at `position` (from 0) has to end.

    `of` is the key an alias leads to (either of the two may become the alias: compare `recording` ids);
    a repeated row carries the end of its first appearance.
    """

    position: int
    key: str
    recording: int
    end: End
    of: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything that exists. `soundcloud_sets[0]` is the main set, `users[0]` the listener with likes and sets."""

    recordings: tuple[Recording, ...]
    users: tuple[User, ...]
    soundcloud: tuple[SoundCloudTrack, ...]
    soundcloud_sets: tuple[SoundCloudSet, ...]
    singles: tuple[SoundCloudTrack, ...]
    youtube: tuple[Video, ...]
    youtube_lists: tuple[VideoList, ...]
    spotify: tuple[SpotifyTrack, ...]
    spotify_playlists: tuple[SpotifyPlaylist, ...]
    spotify_liked: tuple[str, ...]
    ends: dict[int, Expected]

    @classmethod
    def build(cls, tracks: int = 60, seed: int = 7, seconds: tuple[float, float] = (20, 40)) -> "World":
        """Build the world whose main set has exactly `tracks` rows; recordings last between `seconds`."""
        from crateline.sandbox import creation  # noqa: PLC0415 - creation speaks this module's words

        return creation.Creation(seed=seed, seconds=seconds).world(tracks)

    @property
    def main(self) -> SoundCloudSet:
        """The set of exactly as many rows as were asked for."""
        return self.soundcloud_sets[0]

    @property
    def listener(self) -> User:
        """The user whose likes and sets these are."""
        return self.users[0]

    def expected(self) -> tuple[Expected, ...]:
        """The end of every row of the main set, in order."""
        return tuple(self.ends[position] for position in range(len(self.main.track_ids)))
