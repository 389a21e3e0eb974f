"""djay's MediaLibrary.db, read and never written."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from crateline.clients.djay import rows as table
from crateline.clients.djay import snapshot
from crateline.errors import LibraryUnreadable

is_database = snapshot.is_database


def rows(path: Path) -> Iterator[table.Row]:
    """Give every row of the database at `path`. Raises LibraryUnreadable, perhaps after some of them."""
    with snapshot.opened(path) as connection:
        try:
            yield from table.everything(connection)
        except sqlite3.DatabaseError as error:
            raise LibraryUnreadable(str(path), str(error)) from error
