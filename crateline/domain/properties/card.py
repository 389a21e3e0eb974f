"""What crateline has to say about a page, before anything is known of the database it stands in."""

from dataclasses import dataclass
from typing import ClassVar

from crateline.domain.properties.tables import PLAYLIST_PROPERTIES, TRACK_PROPERTIES, Property


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A page's wanted values. `None` says nothing about a property; empty text or `()` says that it is empty."""

    table: ClassVar[tuple[Property, ...]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackCard(Card):
    """Everything we may say about a track's page.

    Durations are in seconds, dates in ISO 8601 (an interval as `start/end`), related pages as page ids.
    `source_id` is our key; `status` is one of Ready, Processing, Complete, Failed, Duplicate.
    """

    table: ClassVar[tuple[Property, ...]] = TRACK_PROPERTIES

    title: str | None = None
    artist: str | None = None
    artist_pages: tuple[str, ...] | None = None
    album: str | None = None
    album_pages: tuple[str, ...] | None = None
    bpm: float | None = None
    key: str | None = None
    camelot: str | None = None
    duration: float | None = None
    source_platform: str | None = None
    source_id: str | None = None
    source_url: str | None = None
    spotify_id: str | None = None
    soundcloud_url: str | None = None
    url: str | None = None
    isrc: str | None = None
    status: str | None = None
    processed: bool | None = None
    downloaded: bool | None = None
    reason: str | None = None
    playlists: tuple[str, ...] | None = None
    playlist_text: str | None = None
    in_eagle: bool | None = None
    eagle_id: str | None = None
    local_file: bool | None = None
    file_path: str | None = None
    energy_level: str | None = None
    djay_id: str | None = None
    play_count: float | None = None
    session_count: float | None = None
    first_played: str | None = None
    last_played: str | None = None
    hot_cues: str | None = None
    loops: str | None = None
    manual_bpm: float | None = None
    bpm_adjustment: float | None = None
    played_with: tuple[str, ...] | None = None
    similar_tracks: tuple[str, ...] | None = None
    dj_sessions: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaylistCard(Card):
    """Everything we may say about a playlist's page. `sync_status` is one of synced, partial, failed."""

    table: ClassVar[tuple[Property, ...]] = PLAYLIST_PROPERTIES

    name: str | None = None
    url: str | None = None
    platform: str | None = None
    source_id: str | None = None
    count: float | None = None
    last_synced: str | None = None
    sync_status: str | None = None
    tracks: tuple[str, ...] | None = None
