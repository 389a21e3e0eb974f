"""Collections of the database as decoded objects, with a finding for everything that is not as it should be."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crateline.clients.djay import rows
from crateline.clients.djay.tsaf import TsafError, decode
from crateline.clients.djay.values import Entity
from crateline.domain.library import Finding

EXPECTED: dict[str, tuple[str, ...]] = {
    "mediaItemTitleIDs": ("title", "artist", "duration"),
    "mediaItems": ("title", "artist"),
    "mediaItemAnalyzedData": ("bpm", "keySignatureIndex"),
    "mediaItemUserData": (),
    "localMediaItemLocations": ("sourceURIs",),
    "globalMediaItemLocations": ("sourceURIs",),
    "historySessions": ("deviceName", "startDate", "endDate", "itemUUIDs"),
    "historySessionItems": ("sessionUUID", "titleID", "deckNumber", "startTime"),
    "mediaItemPlaylists": ("name",),
    "mediaItemPlaylistItems": ("playlistUUID", "mediaItemUUID"),
}
"""The collections that are read, and the fields whose absence is worth a word."""

NOTHING = Entity("", ())


class Record(NamedTuple):
    """One row and its object; an unreadable blob is an object without fields, since its row may stand in an index."""

    rowid: int
    key: str
    entity: Entity


class Records:
    """What one database holds. Everything that is missing or broken becomes a finding, and the rest is read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.findings: list[Finding] = []

    def find(self, kind: str, where: str, detail: str) -> None:
        """Note something that the reader of the library should know."""
        self.findings.append(Finding(kind=kind, where=where, detail=detail))

    def of(self, collection: str) -> Iterator[Record]:
        """Give the objects of one collection, in the order of writing."""
        absent: Counter[str] = Counter()
        count = 0
        try:
            for row in rows.of(self.connection, collection):
                entity = self._entity(row)
                count += 1
                if entity.fields:
                    absent.update(_absent(entity, EXPECTED[collection]))
                yield Record(row.rowid, row.key, entity)
        except sqlite3.DatabaseError as error:
            self.find("unreadable", collection, f"after {count} rows: {error}")
            return
        if not count:
            self.find("absent", collection, "the library has none")
        for name, times in absent.items():
            self.find("absent", collection, f"{name}: in {times} of {count} rows")

    def index(self, table: str, column: str) -> dict[int, float]:
        """Give a secondary index, by the rowid of the row it was taken from; empty if there is none."""
        try:
            return rows.index(self.connection, table, column)
        except sqlite3.DatabaseError as error:
            self.find("absent", table, str(error))
            return {}

    def key_at(self, rowid: int) -> str | None:
        """Give the key of one row; None if there is no such row."""
        try:
            return rows.key_at(self.connection, rowid)
        except sqlite3.DatabaseError as error:
            self.find("unreadable", f"database2 row {rowid}", str(error))
            return None

    def pages(self, view: str) -> list[rows.Page]:
        """Give the pages of a view; none if there is no such view."""
        try:
            return rows.pages(self.connection, view)
        except sqlite3.DatabaseError as error:
            self.find("absent", view, str(error))
            return []

    def _entity(self, row: rows.Row) -> Entity:
        try:
            value = decode(row.data).value
        except TsafError as error:
            self.find("unreadable", f"{row.collection} {row.key}", str(error))
            return NOTHING
        if not isinstance(value, Entity):
            self.find("unreadable", f"{row.collection} {row.key}", "the blob holds no object")
            return NOTHING
        return value


def _absent(entity: Entity, expected: Iterable[str]) -> list[str]:
    names = {name for name, _ in entity.fields}
    return [name for name in expected if name not in names]
