"""The user's databases as they really are: their ids and schemas, read once and remembered for an hour."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crateline.domain import causes, properties
from crateline.domain.properties import Property
from crateline.durable import keyspace, locks
from crateline.errors import ServiceStopped
from crateline.wiring import Wiring

MARK = "mark"
"""Under what a wish keeps the table's mark: the same wish is a new one when the table has changed."""
REMEMBERED_S = 3600
READING_S = 90.0
CHANGED = "its database was changed in Notion: what is written is worked out anew"
APPLY = "Run `crateline schema apply`, or map it in crateline.toml; the line goes on by itself"
RETYPE = "Change its type to text in Notion, or give it another name and run `crateline schema apply`; the line goes on by itself"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One data source and its schema (`properties` as Notion gives it). `database` is what the user has set."""

    id: str
    schema: dict[str, dict[str, Any]]
    seeds: tuple[Property, ...]
    names: Mapping[str, str]
    title: str = ""
    database: str = ""

    def _seed(self, word: str) -> Property:
        return next(prop for prop in self.seeds if prop.word == word)

    def real(self, word: str) -> str | None:
        """The real name of the property that holds our word, or None."""
        return properties.real_name(self._seed(word), self.schema, self.names)

    def lack(self, word: str) -> str:
        """What keeps the database from holding our word: nothing, or the rest of a sentence that begins with its name."""
        return properties.lack(self._seed(word), self.schema, self.names)

    @property
    def mark(self) -> str:
        """Another one when one of our properties has come, gone, or changed its type: what was left out has its place then."""
        there = sorted(f"{name}:{self.schema[name]['type']}" for prop in self.seeds if (name := self.real(prop.word)))
        return hashlib.blake2s("\n".join(there).encode(), digest_size=6).hexdigest()

    def needed(self, word: str) -> tuple[str, str]:
        """Real name and type of a property without which nothing can be found again.

        Raises ServiceStopped if the database lacks it, or has it in a type that cannot hold it.
        """
        if lack := self.lack(word):
            remedy = APPLY if self.real(word) is None else RETYPE
            cause = causes.about(causes.SCHEMA, f"{self._seed(word).database} {word}")
            raise ServiceStopped("notion", f"the database «{self.title}» {lack}", remedy, cause)
        name = str(self.real(word))
        return name, str(self.schema[name]["type"])

    def decode(self, page: Mapping[str, Any]) -> dict[str, Any]:
        """What a page says, by our words."""
        return dict(properties.decode(page["properties"], self.seeds, self.names))


def tracks(wiring: Wiring) -> Table:
    """Music Tracks."""
    return _table(wiring, wiring.settings.tracks_db_id, properties.TRACK_PROPERTIES)


def playlists(wiring: Wiring) -> Table | None:
    """Music Playlists; None if the user has named none."""
    wanted = wiring.settings.playlists_db_id
    return _table(wiring, wanted, properties.PLAYLIST_PROPERTIES) if wanted else None


def calendar(wiring: Wiring) -> Table | None:
    """Calendar, where each DJ set has a page; None if the user has named none."""
    wanted = wiring.settings.calendar_db_id
    return _table(wiring, wanted, properties.CALENDAR_PROPERTIES) if wanted else None


def plays(wiring: Wiring) -> Table | None:
    """The database of plays; None if the user has named none."""
    wanted = wiring.settings.plays_db_id
    return _table(wiring, wanted, properties.PLAY_PROPERTIES) if wanted else None


def related(wiring: Wiring, data_source: str) -> Table:
    """A database that a relation leads to."""
    return _table(wiring, data_source, ())


def forget(wiring: Wiring) -> None:
    """Read the schemas again before they are used next: they have changed."""
    named = wiring.settings
    for database in (named.tracks_db_id, named.playlists_db_id, named.calendar_db_id, named.plays_db_id):
        wiring.redis.delete(keyspace.schema(database))


def having(wiring: Wiring, table: Table, word: str) -> Table:
    """The table, with a property that it must have: one that seems to lack it is read anew, since it may be there by now.

    Raises ServiceStopped if it is not.
    """
    if table.lack(word):
        wiring.redis.delete(keyspace.schema(table.database))
        table = _table(wiring, table.database, table.seeds)
    table.needed(word)
    return table


def changed(wiring: Wiring, table: Table) -> bool:
    """Whether a database is not what it was when it was read: something came, went, or has another type. It is read anew."""
    forget(wiring)
    now = _table(wiring, table.database, table.seeds)
    return _columns(now) != _columns(table)


def _columns(table: Table) -> dict[str, str]:
    return {name: str(one["type"]) for name, one in table.schema.items()}


def _table(wiring: Wiring, database: str, seeds: tuple[Property, ...]) -> Table:
    known = wiring.redis.get(keyspace.schema(database))
    if known is None:
        with locks.alone(wiring.redis, f"schema:{database}", wait_s=READING_S):
            known = wiring.redis.get(keyspace.schema(database)) or _read(wiring, database)
    row = json.loads(known)
    return Table(
        id=row["id"],
        schema=row["schema"],
        seeds=seeds,
        names=wiring.settings.property_names,
        title=row.get("title", ""),
        database=database,
    )


def _read(wiring: Wiring, database: str) -> str:
    source = wiring.notion.data_source(database)
    row = json.dumps({"id": source.id, "schema": source.properties, "title": source.title})
    wiring.redis.set(keyspace.schema(database), row, ex=REMEMBERED_S)
    return row
