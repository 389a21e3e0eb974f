"""Reading what stands behind one link, from the platform that it belongs to."""

from collections.abc import Callable
from dataclasses import replace

from crateline.domain import links
from crateline.domain.links import Kind, Link
from crateline.domain.track import Platform, Playlist
from crateline.errors import ConfigurationError
from crateline.wiring import Wiring
from producers import enrolment, patience

NO_LISTING = (
    "{platform} gives no listings: enqueue the same tracks from SoundCloud, Spotify or YouTube, or a CSV with titles and artists"
)


def read(wiring: Wiring, link: Link, *, limit: int | None = None, say: patience.Say) -> Playlist:
    """Read a playlist, an album, likes, a profile or a single track; at most its first `limit` distinct tracks.

    Raises ConfigurationError for a link that means nothing, and the errors of the platform's client.
    """
    return first(seen(wiring, link, limit=limit, say=say), limit)


def seen(wiring: Wiring, link: Link, *, limit: int | None = None, say: patience.Say) -> Playlist:
    """As `read`, with whatever was shown beyond the limit: a playlist is read whole anyway, likes are not."""
    ask = _reader(wiring, link, limit)
    try:
        playlist = patience.patiently(wiring, ask, say)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    for name, what in enrolment.LEFT_OUT:
        if count := getattr(playlist, name, 0):
            say(f"{playlist.name}: {count} {what} left out")
    return playlist


def _reader(wiring: Wiring, link: Link, limit: int | None) -> Callable[[], Playlist]:
    match link.platform:
        case Platform.SPOTIFY if link.kind is Kind.LIKES:
            return lambda: wiring.spotify.liked(limit)
        case Platform.SPOTIFY:
            return lambda: wiring.spotify.read(link.url)
        case Platform.SOUNDCLOUD if link.kind is Kind.LIKES:
            return lambda: wiring.soundcloud.likes(link.url, limit)
        case Platform.SOUNDCLOUD:
            return lambda: wiring.soundcloud.read(link.url)
        case Platform.YOUTUBE:
            return lambda: wiring.youtube.read(link.url)
    raise ConfigurationError(NO_LISTING.format(platform=link.platform))


def first(playlist: Playlist, limit: int | None) -> Playlist:
    """The playlist up to its `limit`-th distinct track."""
    if limit is None:
        return playlist
    seen: set[str] = set()
    rows = []
    for track in playlist.tracks:
        if len(seen | {track.key}) > limit:
            break
        seen.add(track.key)
        rows.append(track)
    return replace(playlist, tracks=tuple(rows))


def snapshot(wiring: Wiring, link: Link, name: str, say: patience.Say) -> str:
    """The name of the source's state, for 1 request; empty where there is none, or the playlist is not called `name` now."""
    if link.platform is Platform.SPOTIFY and link.kind is Kind.PLAYLIST:
        snapshot, named = patience.patiently(wiring, lambda: wiring.spotify.playlist_snapshot(link.url), say)
        return snapshot if named == name else ""
    if link.platform is Platform.SOUNDCLOUD and link.kind is Kind.PLAYLIST:
        return patience.patiently(wiring, lambda: wiring.soundcloud.snapshot(link.url), say)
    return ""


def by_number(key: str) -> Link | None:
    """Where a playlist of SoundCloud's is found however it, and who made it, are called now; None for any other."""
    match key.split(":"):
        case ["soundcloud", "playlists" | "users" as what, number]:
            return links.classify(f"https://api.soundcloud.com/{what}/{number}")
    return None
