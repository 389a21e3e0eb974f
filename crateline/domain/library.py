"""What a DJ program knows: tracks, recorded sets and playlists, in our words. What its source does not tell is None or empty."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HotCue:
    """A pad of a track: `position` 1 to 8, `time` in seconds from the start."""

    position: int
    time: float
    name: str = ""
    color: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loop:
    """A saved loop, in seconds from the start."""

    number: int
    start: float
    end: float
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LibraryTrack:
    """One track of the library. `title_id` is djay's, 32 hexadecimal digits.

    `bpm` is the program's analysis, `manual_bpm` what the DJ has typed; `key` is one of the 24 names. `uris` are source
    URIs as djay writes them (`soundcloud:tracks:1`, `beatport:track:2`, `com.apple.iTunes:3`), `path` is a local file's.
    """

    title_id: str
    title: str = ""
    artist: str = ""
    album: str = ""
    genre: str = ""
    duration: float | None = None
    bpm: float | None = None
    manual_bpm: float | None = None
    key: str = ""
    uris: tuple[str, ...] = ()
    path: str = ""
    isrc: str = ""
    added: datetime | None = None
    play_count: int | None = None
    rating: int | None = None
    hot_cues: tuple[HotCue, ...] = ()
    loops: tuple[Loop, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Play:
    """One track in one set. `deck` is 1 to 4, `started` an instant; `origin` is djay's word for where the track came from."""

    play_id: str
    session_id: str
    title_id: str
    title: str = ""
    artist: str = ""
    duration: float | None = None
    deck: int | None = None
    started: datetime | None = None
    origin: str = ""
    bpm: float | None = None
    isrc: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """One recorded set, its plays in order. Times are instants with a zone; the legacy exports know the end alone."""

    session_id: str
    device: str = ""
    device_type: str = ""
    start: datetime | None = None
    end: datetime | None = None
    plays: tuple[Play, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LibraryPlaylist:
    """A playlist of the library; `tracks` are title ids in order."""

    playlist_id: str
    name: str
    parent_id: str = ""
    tracks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something the reader has to say: `kind` is repaired, absent, unreadable or skipped; `where` names file, row or blob."""

    kind: str
    where: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """Everything that was read from one place."""

    source: str
    tracks: Mapping[str, LibraryTrack] = field(default_factory=dict)
    sessions: tuple[Session, ...] = ()
    playlists: tuple[LibraryPlaylist, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def faults(self) -> int:
        """How many of the findings are of something that was there and could not be read."""
        return sum(one.kind in {"unreadable", "skipped"} for one in self.findings)
