"""The JSON of api-v2, with the fields that the real one sends and a client reads."""

import uuid
from typing import Any

from crateline.sandbox.catalogue import Fate, SoundCloudSet, SoundCloudTrack, User

API = "https://api-v2.soundcloud.com"
WHOLE_IN_A_SET = 5  # the first few tracks of a set come complete, the others as stubs

# form of music.py -> preset, protocol, MIME type
TRANSCODINGS = {
    "hls-aac": ("aac_160k", "hls", 'audio/mp4; codecs="mp4a.40.2"'),
    "hls-mp3": ("mp3_1_0", "hls", "audio/mpeg"),
    "mp3": ("mp3_1_0", "progressive", "audio/mpeg"),
    "opus": ("opus_0_0", "hls", 'audio/ogg; codecs="opus"'),
}
ENCRYPTED = (
    ("aac_160k", "ctr-encrypted-hls", 'audio/mp4; codecs="mp4a.40.2"'),
    ("aac_160k", "cbc-encrypted-hls", 'audio/mp4; codecs="mp4a.40.2"'),
    ("abr_sq", "ctr-encrypted-hls", 'audio/mpegurl; codecs="mp4a.40.2"'),
)


def user(one: User) -> dict[str, Any]:
    """A profile."""
    return {
        "kind": "user",
        "id": one.id,
        "permalink": one.permalink,
        "permalink_url": one.url,
        "uri": f"https://api.soundcloud.com/users/{one.id}",
        "username": one.username,
        "full_name": one.username,
        "avatar_url": f"https://i1.sndcdn.com/avatars-{one.id:012d}-large.jpg",
        "likes_count": len(one.likes),
    }


def track(one: SoundCloudTrack) -> dict[str, Any]:
    """A track as a listing and a look-up give it. Durations are in milliseconds."""
    publisher = {"id": one.id, "urn": f"soundcloud:tracks:{one.id}", "artist": one.artist, "isrc": one.isrc}
    return {
        "kind": "track",
        "id": one.id,
        "urn": f"soundcloud:tracks:{one.id}",
        "title": one.title,
        "permalink": one.permalink,
        "permalink_url": one.url,
        "uri": f"https://api.soundcloud.com/tracks/{one.id}",
        "user": user(one.user),
        "user_id": one.user.id,
        "duration": round(one.duration * 1000),
        "full_duration": round(one.full_duration * 1000),
        "policy": one.policy,
        "monetization_model": "NOT_APPLICABLE" if one.policy == "ALLOW" else "SUB_HIGH_TIER",
        "publisher_metadata": {name: value for name, value in publisher.items() if value} if one.artist or one.isrc else None,
        "genre": "Electronic",
        "artwork_url": f"https://i1.sndcdn.com/artworks-{one.id:012d}-0-large.jpg",
        "created_at": "2026-03-01T12:00:00Z",
        "streamable": one.fate is not Fate.BLOCKED,
        "downloadable": False,
        "has_downloads_left": False,
        "sharing": "public",
        "state": "finished",
        "media": {"transcodings": transcodings(one)},
    }


def stub(track_id: int) -> dict[str, Any]:
    """What a set says of a track beyond its first few."""
    return {"id": track_id, "kind": "track", "monetization_model": "NOT_APPLICABLE", "policy": "ALLOW"}


def playlist(one: SoundCloudSet, tracks: dict[int, SoundCloudTrack]) -> dict[str, Any]:
    """A set: a few whole tracks, then stubs. A deleted track is a stub wherever it stands."""
    rows = [
        track(tracks[number]) if place < WHOLE_IN_A_SET and tracks[number].fate is not Fate.DELETED else stub(number)
        for place, number in enumerate(one.track_ids)
    ]
    return {
        "kind": "playlist",
        "id": one.id,
        "title": one.title,
        "permalink": one.permalink,
        "permalink_url": one.url,
        "uri": f"https://api.soundcloud.com/playlists/{one.id}",
        "user": user(one.user),
        "user_id": one.user.id,
        "set_type": "",
        "is_album": False,
        "track_count": len(one.track_ids),
        "duration": sum(round(tracks[number].duration * 1000) for number in one.track_ids),
        "tracks": rows,
    }


def transcodings(one: SoundCloudTrack) -> list[dict[str, Any]]:
    """Under which addresses the audio can be asked for, by fate."""
    if one.fate is Fate.BLOCKED:
        return []
    if one.fate is Fate.DRM:
        return [_transcoding(one, "drm", *way) for way in ENCRYPTED]
    forms = ("hls-mp3", "mp3") if one.fate is Fate.PREVIEW else one.transcodings
    found = [_transcoding(one, form, *TRANSCODINGS[form]) for form in forms]
    if "hls-aac" in forms:  # the real site adds a stream of several qualities, which yt-dlp cannot use
        found.append(_transcoding(one, "abr", "abr_sq", "hls", "audio/mpegurl"))
    return found


def transcoding_id(one: SoundCloudTrack, form: str) -> str:
    """The UUID in a transcoding's address."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{one.id}/{form}"))


def _transcoding(one: SoundCloudTrack, form: str, preset: str, protocol: str, mime: str) -> dict[str, Any]:
    snipped = one.fate is Fate.PREVIEW
    way = f"{'preview' if snipped else 'stream'}/{protocol}"
    return {
        "url": f"{API}/media/soundcloud:tracks:{one.id}/{transcoding_id(one, form)}/{way}",
        "preset": preset,
        "duration": round(one.duration * 1000),
        "snipped": snipped,
        "format": {"protocol": protocol, "mime_type": mime},
        "quality": "sq",
        "is_legacy_transcoding": preset != "aac_160k",
    }
