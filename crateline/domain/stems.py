"""Names of files read as names of tracks: what programs have added is taken off, and "Artist - Title" is divided where safe."""

import re

from crateline.domain import titles

ADDED: dict[str, re.Pattern[str]] = {
    "extension": re.compile(r"\.(?:mp3|m4a|mp4|aac|alac|wav|aiff?|flac|ogg|opus|wma)$", re.IGNORECASE),
    "number of a copy": re.compile(r"\s*\(\d{1,2}\)$"),
    "word for a copy": re.compile(r"\s+-?\s*(?:copy|kopie|copie|copia)(?: \d{1,2})?$", re.IGNORECASE),
    "what a program did": re.compile(
        r"[_\s-]+(?:processed|normali[sz]ed|converted|mastered|tagged|analy[sz]ed|fixed|final|export(?:ed)?|pn|128k|192k|320k?"
        r"|(?:128|192|256|320) ?kbps)$",
        re.IGNORECASE,
    ),
    "id of a video": re.compile(r"\s*\[(?=[^\]]*[\d_-])[\w-]{11}\]$"),
    "id of a file": re.compile(r"\s*\[[0-9a-f]{8}\]$"),
    "id of a shop": re.compile(r"^\d{6,9}[_\s]+(?=\D)"),
    "key and tempo": re.compile(r"^(?:\d{2,3}\s*-\s*)?(?:1[0-2]|0?[1-9])[ABab]\s*-\s*(?:\d{1,3}\s*-\s*)?(?=\S)"),
    "number of a track": re.compile(r"^(?:0\d{1,2}[\s._-]+|\d{1,3}(?:\.|\)|_|\s+-)\s+|\d{1,3}_)(?=\S)"),
    "side of a record": re.compile(r"^[A-F]\d{1,2}(?:\.\s*|\s+-\s+)(?=\S)"),
}
"""What stands at a name's ends and is no part of it, by what it is. Each is taken off as often as it is found."""

_TITLE_AND_ARTIST = 2


def clean(name: str) -> str:
    """A track's name without what programs have added at its ends; never empty unless `name` is."""
    rest, before = " ".join(name.split()), ""
    while rest != before:
        before = rest
        for pattern in ADDED.values():
            rest = pattern.sub("", rest).strip() or rest
        if " " not in rest:
            rest = " ".join(rest.replace("_", " ").split()) or rest
    return rest


def divide(name: str) -> tuple[str, str] | None:
    """The artist and the title of "Artist - Title"; None where that is not safe.

    Safe is one dash that parts two names. A second one may part an album, a label or a title with a dash of its own, and
    what is a version alone ("Title - Radio Edit") is no title.
    """
    parts = titles.parse(name).segments
    artist, dash, title = name.partition(" - ")
    if len(parts) != _TITLE_AND_ARTIST or not dash or not artist.strip() or not title.strip():
        return None
    inner = titles.parse(title).segments
    if len(inner) != 1 or len(titles.parse(artist).segments) != 1 or artist.strip().isdigit():
        return None
    return artist.strip(), title.strip()
