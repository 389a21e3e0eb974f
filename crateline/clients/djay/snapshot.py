"""djay's database, copied to where nobody else is: the original is read as plain files, and never opened by SQLite.

A connection to a database in WAL mode writes beside it, even one that may only read: the index of the WAL and the marks
of its readers. So the file, its WAL and a journal left by a crash are copied, and SQLite opens the copy. djay may write
meanwhile; a copy counts only if nothing but the end of the WAL has changed under it, and if SQLite finds it whole.
"""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from crateline.errors import LibraryUnreadable

MAGIC = b"SQLite format 3\x00"
WAL = "-wal"
WAL_HEAD = 32
"""Bytes in which a WAL says, among other things, which one it is since the last time it began anew."""
BESIDE = ("", WAL, "-journal")
"""What belongs to a database; SQLite makes the rest (-shm) anew."""
BACKUP = "Read one of djay's daily backups instead: Music/djay/Backups"
ATTEMPTS = 5
"""Copies of a database that changes all the time; djay writes a few times per track."""


def is_database(path: Path) -> bool:
    """True if the file is an SQLite database. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of the database at `path`. Raises LibraryUnreadable if there is none, or none that SQLite reads."""
    with tempfile.TemporaryDirectory(prefix="crateline-djay-") as folder, contextlib.closing(_copied(path, Path(folder))) as copy:
        yield copy


def changed(path: Path) -> float:
    """When the database was last written to, in seconds since 1970."""
    return max(beside.stat().st_mtime for beside in _beside(path) if beside.exists())


def _copied(path: Path, folder: Path) -> sqlite3.Connection:
    """Copy until a copy is whole; the last one is taken as it is, since half a library is more than none."""
    problem = "djay is writing to it all the time"
    for attempt in range(1, ATTEMPTS + 1):
        place = folder / str(attempt)
        place.mkdir()
        try:
            if not is_database(path):
                raise LibraryUnreadable(str(path), "this is no SQLite database")
            if _copy(path, place):
                return _connect(place / path.name, whole=attempt < ATTEMPTS)
        except sqlite3.DatabaseError as error:
            problem = str(error)
        except OSError as error:
            raise LibraryUnreadable(str(path), error.strerror or str(error)) from error
        shutil.rmtree(place, ignore_errors=True)  # the next copy needs the room
    raise LibraryUnreadable(str(path), f"{problem}. {BACKUP}")


def _copy(path: Path, place: Path) -> bool:
    """Copy a database with what belongs to it; False if one of the files has changed meanwhile."""
    before = _mark(path)
    for beside in _beside(path):
        with contextlib.suppress(FileNotFoundError):  # most have no journal; what vanishes meanwhile shows in the mark
            shutil.copyfile(beside, place / beside.name)
    return _mark(path) == before


def _mark(path: Path) -> list[object]:
    """What is another if a copy that was begun before is of no use."""
    return [_mark_of_wal(beside) if beside.name.endswith(WAL) else _mark_of(beside) for beside in _beside(path)]


def _mark_of(file: Path) -> object:
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _mark_of_wal(wal: Path) -> object:
    """The head of a WAL is another once it begins anew. What is appended does no harm: SQLite takes whole commits alone."""
    try:
        with wal.open("rb") as file:
            return file.read(WAL_HEAD)
    except FileNotFoundError:
        return None


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in BESIDE]


def _connect(copy: Path, *, whole: bool) -> sqlite3.Connection:
    """Open a copy. Raises sqlite3.DatabaseError if it is none, or if it has to be whole and is not."""
    connection = sqlite3.connect(copy, isolation_level=None)
    try:
        connection.text_factory = lambda text: text.decode(errors="replace")
        connection.execute("PRAGMA trusted_schema = OFF")
        _look_through(connection, whole=whole)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _look_through(connection: sqlite3.Connection, *, whole: bool) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if whole and verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
