"""The Web API's JSON as of 2026: no popularity, no genres, no labels; `external_ids` is there."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from crateline.sandbox.catalogue import SpotifyPlaylist, SpotifyTrack, World

ADDED_AT = "2026-05-01T20:00:00Z"
API = "https://api.spotify.com/v1"
Json = dict[str, Any]


def error(status: int, message: str, reason: str = "") -> Json:
    """Phrase an error as the Web API does."""
    return {"error": {"status": status, "message": message} | ({"reason": reason} if reason else {})}


def page(path: str, rows: Sequence[Any], limit: int, offset: int, shape: Callable[[Any], Any]) -> Json:
    """Cut one page out of `rows`."""
    following = f"{API}{path}?offset={offset + limit}&limit={limit}"
    return {
        "href": f"{API}{path}?offset={offset}&limit={limit}",
        "items": [shape(row) for row in rows[offset : offset + limit]],
        "limit": limit,
        "next": following if offset + limit < len(rows) else None,
        "offset": offset,
        "previous": f"{API}{path}?offset={max(0, offset - limit)}&limit={limit}" if offset else None,
        "total": len(rows),
    }


def artist(name: str) -> Json:
    """A simplified artist."""
    return _object("artist", hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:22], name)


def album_head(track: SpotifyTrack) -> Json:
    """A simplified album. In this world every album has one track."""
    return _object("album", track.album_id, track.album) | {
        "album_type": "single",
        "artists": [artist(name) for name in track.artists],
        "images": [{"url": f"https://i.scdn.co/image/{track.album_id}", "height": 640, "width": 640}],
        "release_date": "2026-01-09",
        "release_date_precision": "day",
        "total_tracks": 1,
    }


def album_row(track: SpotifyTrack) -> Json:
    """A track as an album lists it: without album and ISRC."""
    return _object("track", track.id, track.title) | {
        "artists": [artist(name) for name in track.artists],
        "disc_number": 1,
        "duration_ms": round(track.duration * 1000),
        "explicit": False,
        "is_local": False,
        "track_number": 1,
    }


def full(track: SpotifyTrack) -> Json:
    """A whole track."""
    return album_row(track) | {"album": album_head(track), "external_ids": {"isrc": track.recording.isrc}}


def liked_row(track: SpotifyTrack) -> Json:
    """A row of the liked songs."""
    return {"added_at": ADDED_AT, "track": full(track)}


def album(track: SpotifyTrack) -> Json:
    """A whole album with the first page of its tracks."""
    return album_head(track) | {"tracks": page(f"/albums/{track.album_id}/tracks", [track], 50, 0, album_row)}


def playlist_item(world: World, row: str) -> Json | None:
    """What a playlist's row holds: a track, a local file, an episode, or nothing."""
    if row == "null":
        return None
    if row == "local":
        local = _object("track", "", "White Label Rip")
        return local | {"id": None, "uri": "spotify:local:Unknown::White+Label+Rip:241", "is_local": True, "artists": []}
    if row == "episode":
        return _object("episode", "5XcKEpiSode0000000000a", "On Digging") | {"duration_ms": 1_800_000, "is_local": False}
    return full(next(track for track in world.spotify if track.id == row))


def playlist_head(playlist: SpotifyPlaylist, snapshot: str) -> Json:
    """A playlist without its contents."""
    return _object("playlist", playlist.id, playlist.name) | {
        "collaborative": False,
        "description": "",
        "images": [],
        "owner": _object("user", playlist.owner, "") | {"display_name": playlist.owner},
        "public": True,
        "snapshot_id": snapshot,
    }


def _object(kind: str, identity: str, name: str) -> Json:
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{identity}"},
        "href": f"{API}/{kind}s/{identity}",
        "id": identity,
        "name": name,
        "type": kind,
        "uri": f"spotify:{kind}:{identity}",
    }
