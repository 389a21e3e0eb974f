"""Where a track of the library, or a play in a set, comes from: djay's words and URIs in ours."""

import re
from collections.abc import Iterable

from crateline.domain.library import LibraryTrack, Play
from crateline.domain.track import Platform

ORIGINS: dict[str, Platform] = {
    "explorer": Platform.LOCAL,
    "finder": Platform.LOCAL,
    "music": Platform.LOCAL,
    "beatport": Platform.BEATPORT,
    "soundcloud": Platform.SOUNDCLOUD,
    "spotify": Platform.SPOTIFY,
    "apple-music": Platform.APPLE_MUSIC,
}
"""djay's `originSourceID`. "music" is the Music app's library of files, "apple-music" the streaming service."""

STREAMS: dict[str, Platform] = {
    "soundcloud:tracks:": Platform.SOUNDCLOUD,
    "youtube:video:": Platform.YOUTUBE,
    "spotify:track:": Platform.SPOTIFY,
    "beatport:track:": Platform.BEATPORT,
    "apple-music:": Platform.APPLE_MUSIC,
}
"""Beginnings of the URIs of streams; where a track has several, the first in this order is its key: audio can be had there."""

FILES = ("file://", "com.apple.iTunes:")

URLS: dict[Platform, str] = {
    Platform.SOUNDCLOUD: "https://api.soundcloud.com/tracks/{}",
    Platform.YOUTUBE: "https://www.youtube.com/watch?v={}",
    Platform.SPOTIFY: "https://open.spotify.com/track/{}",
    Platform.BEATPORT: "https://www.beatport.com/track/-/{}",
    Platform.APPLE_MUSIC: "https://music.apple.com/track/{}",
}
"""The page of a stream by the last part of its URI."""


_TITLE_ID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)


def is_title_id(text: str) -> bool:
    """Whether this is an id of djay's own. Its exports hold none: ids from there are made up, and worth nothing elsewhere."""
    return bool(_TITLE_ID.fullmatch(text))


def streams(uris: Iterable[str]) -> tuple[str, ...]:
    """The URIs of streams, the one that serves best as a key first."""
    known = list(uris)
    return tuple(uri for start in STREAMS for uri in known if uri.startswith(start))


def key_of(track: LibraryTrack) -> str:
    """A track's key: its best stream's URI, or `djay:<title id>` for a file and for what is of unknown source."""
    return next(iter(streams(track.uris)), f"djay:{track.title_id}")


def is_local(track: LibraryTrack) -> bool:
    """Whether the track is a file on the DJ's machine."""
    return bool(track.path) or any(uri.startswith(FILES) for uri in track.uris)


def platform_of_uri(uri: str) -> Platform | None:
    """The platform that a URI names; LOCAL for files, None for what djay has not told us about."""
    if uri.startswith(FILES):
        return Platform.LOCAL
    return next((platform for start, platform in STREAMS.items() if uri.startswith(start)), None)


def platform_of(track: LibraryTrack) -> Platform | None:
    """Where a track comes from; a file that has a stream's URI too is a file. None is not known."""
    if is_local(track):
        return Platform.LOCAL
    return next((platform_of_uri(uri) for uri in streams(track.uris)), None)


def platform_of_play(play: Play, track: LibraryTrack | None) -> Platform | None:
    """Where a play came from: djay's word in the set, else what the library says of the track. None is not known."""
    said = ORIGINS.get(play.origin.strip().lower())
    return said or (platform_of(track) if track else None)


def url_of(uri: str) -> str:
    """The page of a stream's URI, to open or to fetch from; "" for files and for what is not known."""
    platform = platform_of_uri(uri)
    return URLS[platform].format(uri.rsplit(":", 1)[-1]) if platform in URLS else ""
