"""The rows of `database2`, the one table in which djay keeps everything, and of the tables that it derives from it."""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

LARGEST = 64 << 20
"""Bytes of a blob that is read at all; the largest real ones have a few thousand."""


class Row(NamedTuple):
    """One row of `database2`: `data` is a TSAF blob wherever djay itself writes."""

    rowid: int
    collection: str
    key: str
    data: bytes


class Page(NamedTuple):
    """A page of a view: some of a group's rows in order, after those of the page `previous` (None: the first)."""

    group: str
    key: str
    previous: str | None
    data: bytes


_CELLS = "SELECT rowid, collection, key, CASE WHEN length(data) <= :largest THEN data END FROM database2"


def check(connection: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError unless there is the one table without which nothing is there."""
    connection.execute("SELECT rowid, collection, key, data FROM database2 LIMIT 1").fetchall()


def everything(connection: sqlite3.Connection) -> Iterator[Row]:
    """Give every row, in the order of writing. Raises sqlite3.DatabaseError, perhaps after some of them."""
    return map(_row, connection.execute(_CELLS + " ORDER BY rowid", {"largest": LARGEST}))


def of(connection: sqlite3.Connection, collection: str) -> Iterator[Row]:
    """Give the rows of one collection, in the order of writing. Raises as `everything`."""
    return map(
        _row, connection.execute(_CELLS + " WHERE collection = :name ORDER BY rowid", {"largest": LARGEST, "name": collection})
    )


def index(connection: sqlite3.Connection, table: str, column: str) -> dict[int, float]:
    """Give a secondary index: the column's numbers by the rowid *in database2* of the row they were taken from.

    `table` and `column` are names of ours, never of a file's. Raises sqlite3.DatabaseError if there is no such table.
    """
    found = connection.execute(f'SELECT rowid, "{column}" FROM "{table}" WHERE typeof("{column}") IN (\'real\', \'integer\')')  # noqa: S608
    return dict(found)


def key_at(connection: sqlite3.Connection, rowid: int) -> str | None:
    """Give the key of one row of `database2`, if there is one. Raises sqlite3.DatabaseError."""
    found = connection.execute("SELECT key FROM database2 WHERE rowid = ?", (rowid,)).fetchone()
    return None if found is None else str(found[0])


def pages(connection: sqlite3.Connection, view: str) -> list[Page]:
    """Give the pages of a view. Raises sqlite3.DatabaseError if there is no such view."""
    found = connection.execute(f'SELECT "group", pageKey, prevPageKey, data FROM "{view}_page" ORDER BY rowid')  # noqa: S608
    return [
        Page(str(group), str(key), None if previous is None else str(previous), _bytes(data))
        for group, key, previous, data in found
    ]


def _row(cells: tuple[int, object, object, object]) -> Row:
    rowid, collection, key, data = cells
    return Row(rowid, str(collection), str(key), _bytes(data))


def _bytes(data: object) -> bytes:
    """A blob; an empty one in place of what is none, which no reader takes for a value."""
    if isinstance(data, str):
        return data.encode()
    return data if isinstance(data, bytes) else b""
