"""A track as api-v2 lists it, in our words: who made it, what it is called, how long it is and whether it can be had."""

import re
from collections.abc import Mapping
from typing import Any

from crateline.clients.soundcloud_streams import availability
from crateline.domain.track import Availability, Candidate, Platform, Track

Json = Mapping[str, Any]
JOINERS = "\u200d\u200e\u200f"  # not printable, and part of emoji and of right-to-left text


def track_of(info: Json, album: str = "") -> Track:
    """Read a track from api-v2's JSON. `album` is used where the publisher names none."""
    artist, title = names_of(info)
    publisher = info.get("publisher_metadata") or {}
    return Track(
        key=f"soundcloud:tracks:{info['id']}",
        title=title,
        artist=artist,
        url=_url(info),
        platform=Platform.SOUNDCLOUD,
        duration=_seconds(info),
        availability=availability(info),
        isrc=str(publisher.get("isrc") or "").replace("-", "").upper(),
        album=words_of(publisher.get("album_title") or publisher.get("release_title") or album),
        genre=words_of(info.get("genre")),
        artwork_url=str(info.get("artwork_url") or "").replace("-large.", "-t500x500."),
    )


def names_of(info: Json) -> tuple[str, str]:
    """The artist and the title: the publisher's artist, else "Artist - Title" split, else the uploader's name."""
    title = words_of(info.get("title")) or str(info.get("permalink") or "")
    publisher = info.get("publisher_metadata") or {}
    artist = words_of(publisher.get("artist"))
    left, right = _split(title)
    if artist:
        return artist, right if left.casefold() == artist.casefold() else title
    if left:
        return left, right
    user = info.get("user") or {}
    return words_of(user.get("username") or user.get("permalink")), title


def _split(title: str) -> tuple[str, str]:
    """The sides of the first dash between spaces, or ("", title) where one of them has no word."""
    sides = re.split(r" [-\u2013\u2014] ", title, maxsplit=1)
    if len(sides) == 1 or not all(re.search(r"\w", side) for side in sides):
        return "", title
    return sides[0], sides[1]


def gone(number: int) -> Track:
    """A row whose track is deleted or private: nothing but its number is known."""
    return Track(
        key=f"soundcloud:tracks:{number}",
        title="",
        artist="",
        url=f"https://api.soundcloud.com/tracks/{number}",
        platform=Platform.SOUNDCLOUD,
        availability=Availability.GONE,
    )


def candidate_of(info: Json) -> Candidate:
    """Read a track from api-v2's JSON as an offer of a search."""
    track = track_of(info)
    return Candidate(
        id=str(info["id"]),
        title=track.title,
        artist=track.artist,
        url=track.url,
        platform=Platform.SOUNDCLOUD,
        duration=track.duration,
        channel=words_of((info.get("user") or {}).get("username")),
        isrc=track.isrc,
        availability=track.availability,
    )


def _url(info: Json) -> str:
    return str(info.get("permalink_url") or f"https://api.soundcloud.com/tracks/{info['id']}").partition("?")[0]


def _seconds(info: Json) -> float | None:
    milliseconds = info.get("full_duration") or info.get("duration")
    return milliseconds / 1000 if milliseconds else None


def words_of(text: Any) -> str:
    """Text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() or c in JOINERS else " " for c in str(text or "")).split())
