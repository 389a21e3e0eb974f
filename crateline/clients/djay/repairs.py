"""What is wrong with the old script's exports, and how each fault is made up for: one named repair each, counted.

Nothing is made up: what a repair cannot bring back is unknown afterwards, which is better than wrong.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crateline.clients.djay import cells
from crateline.clients.djay.cells import Notes
from crateline.domain import keys, stems
from crateline.domain.library import Finding

REPAIRS: dict[str, str] = {
    "key map": "the script named keys by a wrong map; its place in that map taken back, and named by djay's",
    "end, not start": "start_time is when the set ended; its start is not known",
    "naive UTC": "times without a zone are UTC",
    "deck 0": "deck 0 is no deck; which one it was is not known",
    "name TSAF": "every playlist is called TSAF; its name is not known",
    "position 0": "every position is 0; the order is the file's",
    "words of a stream": "title and artist of a stream are not its own; not known",
    "words from a set": "title and artist taken from a set in which it was played",
    "file's name": 'the title is a file\'s name; "Artist - Title" taken apart where that is safe',
    "file without folder": "file_path is a file's name alone; where it is, is not known",
}
"""Every repair by its name, in words."""

_TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
SCRIPT_KEYS = (*_TONICS, *(f"{tonic}m" for tonic in _TONICS))
"""How the script named djay's indices 0 to 23. One-to-one, so that the index can be had back."""

NAMELESS = "TSAF"
_URI = re.compile(r"^[a-z][\w.-]*:[\w.-]+:?", re.IGNORECASE)
_WORD = re.compile(r"\w\w")


@dataclass(kw_only=True)
class AsWritten:
    """Cells taken as they stand: for what crateline itself has exported. `where` is the file that is being read."""

    notes: Notes
    where: str = ""

    def key(self, text: str) -> str:
        """One of the 24 names, "" for an empty cell. Raises ValueError for anything else."""
        if not text.strip():
            return ""
        found = keys.parse(text)
        if found is None:
            raise ValueError(f"{text} is no key")
        return found.value

    def moment(self, text: str) -> datetime | None:
        """An instant. Raises ValueError."""
        found = cells.moment(text)
        return cells.in_utc(found) if found else None

    def times(self, start: str, end: str) -> tuple[datetime | None, datetime | None]:
        """A set's start and end."""
        return self.moment(start), self.moment(end)

    def deck(self, text: str) -> int | None:
        """A deck, counted from 1; None is not known."""
        found = cells.positive(text)
        return int(found) if found else None

    def playlist_name(self, text: str) -> str:
        """A playlist's name."""
        return text

    def position(self, text: str) -> float | None:
        """A place in a playlist. Raises ValueError."""
        return cells.number(text)

    def file_words(self, title: str, artist: str, path: str) -> tuple[str, str]:
        """Title and artist of a file."""
        del path
        return title, artist

    def stream_words(self, title: str, artist: str) -> tuple[str, str]:
        """Title and artist of a stream."""
        return title, artist

    def path(self, text: str) -> str:
        """Where a file is."""
        return text

    def set_words(self) -> bool:
        """Whether a track without a title gets it from a set."""
        return False


class Repairing(AsWritten):
    """Cells of the old script's exports, each fault repaired and counted."""

    def key(self, text: str) -> str:
        """The key map: the names' places in the script's list are djay's indices."""
        if not text.strip():
            return ""
        if text.strip() not in SCRIPT_KEYS:
            raise ValueError(f"{text} is none of the names that the script wrote")
        self._count("key map")
        return keys.at(SCRIPT_KEYS.index(text.strip())).value

    def moment(self, text: str) -> datetime | None:
        """Naive UTC."""
        found = cells.moment(text)
        if found is None or found.tzinfo:
            return found
        self._count("naive UTC")
        return cells.in_utc(found)

    def times(self, start: str, end: str) -> tuple[datetime | None, datetime | None]:
        """End, not start: the script wrote the end into the wrong column and never wrote the other one."""
        if end.strip() or not start.strip():
            return super().times(start, end)
        found = self.moment(start)
        self._count("end, not start")
        return None, found

    def deck(self, text: str) -> int | None:
        """Deck 0."""
        found = cells.number(text)
        if found == 0:
            self._count("deck 0")
        return int(found) if found and found > 0 else None

    def playlist_name(self, text: str) -> str:
        """Name TSAF: the script read the first four bytes of the blob."""
        if text != NAMELESS:
            return text
        self._count("name TSAF")
        return ""

    def position(self, text: str) -> float | None:
        """Position 0."""
        found = cells.number(text)
        if found == 0:
            self._count("position 0")
        return found

    def file_words(self, title: str, artist: str, path: str) -> tuple[str, str]:
        """The file's name: divided if it is one, and if there is no artist yet."""
        if artist or not title:
            return title, artist
        if not path and not _is_word(title):
            self._count("words of a stream")
            return "", ""
        parted = stems.divide(stems.clean(title))
        if parted is None:
            return title, artist
        self._count("file's name")
        return parted[1], parted[0]

    def stream_words(self, title: str, artist: str) -> tuple[str, str]:
        """Words of a stream: whatever stood at that place of the blob."""
        if title or artist:
            self._count("words of a stream")
        return "", ""

    def path(self, text: str) -> str:
        """A file without its folder: kept, since it tells that the track is a file."""
        if text and "/" not in text and "\\" not in text:
            self._count("file without folder")
        return text

    def set_words(self) -> bool:
        """Words from a set: there they are right."""
        self._count("words from a set")
        return True

    def _count(self, repair: str) -> None:
        self.notes.repairs[self.where, repair] += 1


def findings(notes: Notes) -> Iterable[Finding]:
    """Each repair that was made, with how often, in the order of the table."""
    for repair, words in REPAIRS.items():
        for (where, name), times in sorted(notes.repairs.items()):
            if name == repair:
                yield Finding(kind="repaired", where=where, detail=f"{repair}: {words} ({times} times)")


def _is_word(text: str) -> bool:
    return bool(_WORD.search(text)) and not _URI.match(text)
