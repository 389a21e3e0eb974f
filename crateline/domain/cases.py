"""Songs with the candidates that were offered for them, read from JSON: what `crateline match` and the benchmark rank.

A case is `{"song": {name, artists, duration, isrc, platform}, "accepted": [ids], "candidates": [{id, title, artists,
channel, album, duration, kind, isrc, platform, url}]}`. Everything but the song's name is optional; durations are in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from crateline.domain.track import Candidate, Platform, Track

TOPIC_END = " - Topic"  # of the channels that YouTube makes for a catalogue's artists


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A song, what was offered for it, and the ids that people have accepted; `accepted` is None if nobody was asked."""

    song: Track
    candidates: tuple[Candidate, ...]
    accepted: frozenset[str] | None = None


def rows_of(document: Any) -> list[Any]:
    """The cases of a document, unread: a list, `{"cases": [...]}`, or one case alone. Raises ValueError for anything else."""
    if isinstance(document, Mapping) and "song" in document:
        return [document]
    rows = document.get("cases") if isinstance(document, Mapping) else document
    if not isinstance(rows, list):
        raise ValueError('a list of cases is expected, or an object with "cases"')  # noqa: TRY004 - of the file, not of the code
    return rows


def read(row: Any) -> Case:
    """Read one case. Raises ValueError saying what is wrong with it."""
    case = _object(row, "the case")
    song = _song(_object(case.get("song"), '"song"'))
    candidates = tuple(
        _candidate(_object(one, f"candidate {number}"), number) for number, one in enumerate(_list(case, "candidates"), start=1)
    )
    known = case.get("accepted")
    accepted = None if known is None else frozenset(str(one) for one in _list(case, "accepted"))
    return Case(song=song, candidates=candidates, accepted=accepted)


def _song(said: Mapping[str, Any]) -> Track:
    title = _text(said, "name") or _text(said, "title")
    if not title:
        raise ValueError("the song has no name")
    return Track(
        key=_text(said, "key") or _text(said, "id"),
        title=title,
        artist=_artists(said),
        url=_text(said, "url"),
        platform=_platform(said, Platform.SPOTIFY),
        duration=_seconds(said),
        isrc=_text(said, "isrc"),
        album=_text(said, "album"),
    )


def _candidate(said: Mapping[str, Any], number: int) -> Candidate:
    """Read a candidate. Of kind "song", and on a topic channel, its artists are a catalogue's; else perhaps the uploader."""
    channel, artist = _text(said, "channel") or _text(said, "uploader"), _artists(said)
    topic = said.get("kind") == "song" or channel.endswith(TOPIC_END)
    channel = channel.removesuffix(TOPIC_END)
    return Candidate(
        id=_text(said, "id") or str(number),
        title=_text(said, "title") or _text(said, "name"),
        artist=artist or (channel if topic else ""),
        url=_text(said, "url"),
        platform=_platform(said, Platform.YOUTUBE),
        duration=_seconds(said),
        channel=channel or artist,
        isrc=_text(said, "isrc"),
        album=_text(said, "album"),
        topic=topic,
    )


def _platform(said: Mapping[str, Any], unsaid: Platform) -> Platform:
    """The platform that is named, in any case of letters; `unsaid` if none is, or one that we do not know."""
    named = _text(said, "platform").casefold()
    return next((platform for platform in Platform if platform.casefold() == named), unsaid)


def _artists(said: Mapping[str, Any]) -> str:
    """The artists in one line, from a list of names or of objects with names, or from a text."""
    artists = said.get("artists") or said.get("artist") or ()
    if isinstance(artists, str):
        return artists
    if not isinstance(artists, list | tuple):
        raise ValueError('"artists" must be a list of names')  # noqa: TRY004 - of the file, not of the code
    named = (one.get("name") if isinstance(one, Mapping) else one for one in artists)
    return ", ".join(str(name) for name in named if name)


def _seconds(said: Mapping[str, Any]) -> float | None:
    """A length: a number, digits in a text, or "4:29"; None for nothing, zero and null."""
    length = said.get("duration")
    if length is None or length == "":
        return None
    try:
        parts = [float(part) for part in str(length).split(":")]
    except ValueError:
        raise ValueError(f'"duration" must be in seconds, not {length!r}') from None
    seconds = sum(part * 60**place for place, part in enumerate(reversed(parts)))
    if not isfinite(seconds) or seconds < 0:
        raise ValueError(f'"duration" must be in seconds, not {length!r}')
    return seconds or None


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return "" if value is None else str(value)


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} must be an object")  # noqa: TRY004 - of the file, not of the code
    return value


def _list(said: Mapping[str, Any], name: str) -> list[Any]:
    value = said.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f'"{name}" must be a list')  # noqa: TRY004 - of the file, not of the code
    return value
