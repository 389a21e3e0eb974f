"""Playlists as M3U, as rekordbox, Traktor, VLC and others export them: a word about each file, and where it lies."""

import re
from collections.abc import Iterator, Sequence

from producers.rows import Rows, Words

SUFFIXES = frozenset({".m3u", ".m3u8"})
MARK = "#EXTM3U"

_NAME = re.compile(r"#(?:PLAYLIST|EXTPLAYLIST):\s*(.+)", re.IGNORECASE)
_ABOUT = re.compile(r"#EXTINF:\s*(-?\d+(?:\.\d+)?)[^,]*,(.*)", re.IGNORECASE)
_PARTS = re.compile(r"\s+[-–—]\s+")  # noqa: RUF001  # all of them divide an artist from a title


def is_one(suffix: str, lines: Sequence[str]) -> bool:
    """Whether a list is M3U, by its name or its first line."""
    return suffix in SUFFIXES or bool(lines and lines[0].strip("\ufeff \t").upper().startswith(MARK))


def read(lines: Sequence[str], into: Rows) -> None:
    """Read the files that a list names. A file is known by the word about it, or by its own name: «Artist - Title»."""
    for words in _words(lines):
        into.add(words)


def _words(lines: Sequence[str]) -> Iterator[Words]:
    playlist, seconds, about = "", "", ""
    for number, line in enumerate(map(str.strip, lines), start=1):
        if found := _NAME.fullmatch(line):
            playlist = found[1].strip()
        elif found := _ABOUT.fullmatch(line):
            seconds, about = found[1], found[2].strip()
        elif line and not line.lstrip("\ufeff").startswith("#"):
            artist, title = _names(about) or _names(_stem(line)) or ("", about)
            said = {"title": title, "artist": artist, "seconds": seconds, "playlist": playlist}
            yield Words(place=f"line {number}", said=said | ({"link": line} if "://" in line else {}))
            seconds, about = "", ""


def _names(text: str) -> tuple[str, str] | None:
    """Artist and title of «Artist - Title»."""
    artist, *title = _PARTS.split(text, maxsplit=1)
    return (artist.strip(), title[0].strip()) if title else None


def _stem(place: str) -> str:
    """A file's name without its folders, its ending and the number before it."""
    name = re.split(r"[/\\]", place)[-1]
    return re.sub(r"^\d{1,3}[.)]?\s+(?:-\s+)?(?=\S)", "", re.sub(r"\.\w{2,4}$", "", name))
