"""The five CSV files of the old export script, and our own exports, which have the same names and columns.

Which of the two a folder holds is told by the seal that our own exports carry (`sealed.py`); without it every repair of
`repairs.py` is made.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from crateline.clients.djay import cells, sealed
from crateline.clients.djay.cells import Notes
from crateline.clients.djay.columns import COLUMNS
from crateline.clients.djay.gathering import Gathering
from crateline.clients.djay.repairs import AsWritten, Repairing
from crateline.domain.library import Library
from crateline.errors import LibraryUnreadable

_STAMPED = re.compile(r"(?P<stem>djay_\w+?)(?:_(?P<stamp>\d{8}_\d{6}))?\.csv", re.IGNORECASE)


def files_in(folder: Path) -> dict[str, Path]:
    """The exports in a folder by their stem; of several with one stem the newest, by the time in its name or its own."""
    found: dict[str, list[tuple[datetime, Path]]] = {}
    for path in sorted(folder.iterdir()):
        named = _STAMPED.fullmatch(path.name)
        if named and named["stem"].lower() in COLUMNS and path.is_file():
            found.setdefault(named["stem"].lower(), []).append((_written(path, named["stamp"]), path))
    return {stem: max(found[stem])[1] for stem in COLUMNS if stem in found}


def stem_of(path: Path) -> str:
    """Which of the five files this is, by its columns; "" if it is none of them. Raises OSError."""
    names = set(cells.header(path))
    return next((stem for stem, columns in COLUMNS.items() if names.issuperset(columns)), "")


def read(path: Path) -> Library:
    """Read a folder with some of the five files, or one of them.

    Raises LibraryUnreadable, naming the file and the row, if one of them is no such CSV. Bad rows are left out or have
    unknown values, and are findings.
    """
    chosen = files_in(path) if path.is_dir() else {stem_of(path): path}
    if not chosen or "" in chosen:
        raise LibraryUnreadable(str(path), f"none of the exports {', '.join(COLUMNS)}")
    notes = Notes()
    for stem in COLUMNS.keys() - chosen.keys():
        notes.say("absent", stem, "there is no such file")
    notes.findings.sort(key=lambda one: one.where)
    seal = sealed.seal_of(chosen.values())
    sheets = {stem: cells.read(file, notes, COLUMNS[stem]) for stem, file in chosen.items()}
    hand = AsWritten(notes=notes) if seal else Repairing(notes=notes)
    library = Gathering(sheets, hand).library(str(path))
    return sealed.restored(library, seal) if seal else library


def _written(path: Path, stamp: str | None) -> datetime:
    if stamp:
        try:
            return datetime.strptime(stamp, "%Y%m%d_%H%M%S").astimezone(UTC)  # the script wrote the machine's own time
        except ValueError:  # "99999999_999999" is a name, no time
            return datetime.min.replace(tzinfo=UTC)
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
