"""A track and a playlist as a listing knows them: identity, words, and whether the source can be used."""

from dataclasses import dataclass
from enum import StrEnum


class Platform(StrEnum):
    """Where a track comes from; the value is the option in Notion's *Source Platform*."""

    SOUNDCLOUD = "SoundCloud"
    SPOTIFY = "Spotify"
    YOUTUBE = "YouTube"
    BEATPORT = "Beatport"
    APPLE_MUSIC = "Apple Music"
    LOCAL = "Local"


class Availability(StrEnum):
    """What a listing says of the audio at a track's own source."""

    PLAYABLE = "playable"
    PREVIEW = "preview"
    PROTECTED = "protected"
    BLOCKED = "blocked"
    GONE = "gone"
    ELSEWHERE = "elsewhere"  # a platform whose audio is never fetched: always matched elsewhere


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """One track. `key` is the URI form that djay uses; `duration` is in seconds; empty text means unknown."""

    key: str
    title: str
    artist: str
    url: str
    platform: Platform
    duration: float | None = None
    availability: Availability = Availability.PLAYABLE
    isrc: str = ""
    album: str = ""
    genre: str = ""
    artwork_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Playlist:
    """An ordered list of tracks. `tracks` keeps the source's order and its repeated rows.

    `snapshot` names this state of it, where its platform tells one apart from another more cheaply than by reading it.
    """

    key: str
    name: str
    url: str
    platform: Platform
    source_id: str
    tracks: tuple[Track, ...] = ()
    snapshot: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A recording that a search offered for a track. `channel` is the uploader's name."""

    id: str
    title: str
    artist: str
    url: str
    platform: Platform
    duration: float | None = None
    channel: str = ""
    isrc: str = ""
    album: str = ""
    availability: Availability = Availability.PLAYABLE
    topic: bool = False  # an auto-generated artist channel, whose artist field can be trusted
