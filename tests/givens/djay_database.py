"""djay's database with rows that a test has written into it."""

import contextlib
import sqlite3

from crateline.clients.djay.values import Entity
from crateline.sandbox import djay
from crateline.sandbox.djay.encoding import encode

SIZE = {"tracks": 150, "sessions": 6, "plays": 80, "playlists": 8}
ONE = "0123456789abcdef0123456789abcdef"
"""The title id of the one track of a bare library."""


@contextlib.contextmanager
def edited(file):
    """The database, to change something in it."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection


def put(connection, collection, key, value):
    """Write one row; gives its rowid."""
    blob = value if isinstance(value, bytes) else encode(value)
    return connection.execute(
        "INSERT OR REPLACE INTO database2 (collection, key, data) VALUES (?, ?, ?)", (collection, key, blob)
    ).lastrowid


def entity(kind, **fields):
    return Entity(kind, tuple(fields.items()))


def titled(**fields):
    """The title id of the one track, as djay writes it wherever a row names its track."""
    return entity("ADCMediaItemTitleID", uuid=ONE, **fields)


def bare(folder, *blobs):
    """A library of nothing but these rows."""
    djay.generate(folder, tracks=0, sessions=0, plays=0, playlists=0)
    with edited(folder / "MediaLibrary.db") as connection:
        return [put(connection, *blob) for blob in blobs]


def data_of(connection, collection, key):
    """A row's blob."""
    return connection.execute("SELECT data FROM database2 WHERE collection = ? AND key = ?", (collection, key)).fetchone()[0]


def detail(library, where):
    """What the findings about this row, or this collection, say."""
    return [finding.detail for finding in library.findings if finding.where == where]
