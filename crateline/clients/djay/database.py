"""djay's MediaLibrary.db, read and never written.

djay writes the row of a play when the track starts, and what it has heard of it about half a second later. A reader who
comes in between finds plays of tracks that seem not to be there. `read` can be given a way to wait: if the database has
just been written to and a play's track is absent or not analysed, it waits once, and reads again.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from crateline.clients.djay import history, places, playlists, snapshot, tracks
from crateline.clients.djay import rows as table
from crateline.clients.djay.records import Records
from crateline.domain.library import Library
from crateline.errors import LibraryUnreadable

FRESH = 5.0
"""Seconds after djay's last writing in which something absent may still come."""
LATER = 1.0
"""Seconds to wait before reading again; twice what djay takes."""

is_database = snapshot.is_database
locate = places.locate


def read(path: Path | None = None, *, wait: Callable[[float], object] | None = None) -> Library:
    """Read the library at `path`: a MediaLibrary.db, a folder of djay's, one of its backups; None for the usual place.

    Nothing is written there or beside it. What is absent or broken is in the library's findings, and the rest is read.
    With `wait` (it sleeps that many seconds) a library that djay is just writing to is read once more.

    Raises ConfigurationError if nothing is there, LibraryUnreadable if it is no database.
    """
    file = places.resolve(path)
    library = _read(file)
    if wait is not None and _unfinished(library) and time.time() - snapshot.changed(file) < FRESH:
        wait(LATER)
        library = _read(file)
    return library


def rows(path: Path) -> Iterator[table.Row]:
    """Give every row of the database at `path`. Raises LibraryUnreadable, perhaps after some of them."""
    with _opened(path) as connection:
        try:
            yield from table.everything(connection)
        except sqlite3.DatabaseError as error:
            raise LibraryUnreadable(str(path), str(error)) from error


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a database that is djay's. Raises LibraryUnreadable if it is another's, or beyond reading."""
    with snapshot.opened(file) as connection:
        try:
            table.check(connection)
        except sqlite3.DatabaseError as error:
            raise LibraryUnreadable(str(file), f"this is no library of djay's, or it is damaged: {error}") from error
        yield connection


def _read(file: Path) -> Library:
    with _opened(file) as connection:
        records = Records(connection)
        known, items = tracks.read(records)
        held, listed = history.read(records), playlists.read(records, items)
    return Library(source=str(file), tracks=known, sessions=held, playlists=listed, findings=tuple(records.findings))


def _unfinished(library: Library) -> bool:
    """True if the newest play is of a track that djay has not described yet."""
    plays = [play for session in library.sessions[-1:] for play in session.plays[-1:]]
    return any(play.title_id not in library.tracks or library.tracks[play.title_id].bpm is None for play in plays)
