"""The user's databases as they really are: their ids and schemas, read once and remembered for an hour."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crateline.domain import properties
from crateline.domain.properties import Property
from crateline.durable import locks
from crateline.durable.keyspace import PREFIX
from crateline.errors import ServiceStopped
from crateline.wiring import Wiring

MARK = "mark"
"""Under what a wish keeps the table's mark: the same wish is a new one when the table has changed."""
REMEMBERED_S = 3600
READING_S = 90.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One data source and its schema (`properties` as Notion gives it)."""

    id: str
    schema: dict[str, dict[str, Any]]
    seeds: tuple[Property, ...]
    names: Mapping[str, str]

    def real(self, word: str) -> str | None:
        """The real name of the property that holds our word, or None."""
        seed = next(prop for prop in self.seeds if prop.word == word)
        return properties.real_name(seed, self.schema, self.names)

    @property
    def mark(self) -> str:
        """Another one when one of our properties has come, gone, or changed its type: what was left out has its place then."""
        there = sorted(f"{name}:{self.schema[name]['type']}" for prop in self.seeds if (name := self.real(prop.word)))
        return hashlib.blake2s("\n".join(there).encode(), digest_size=6).hexdigest()

    def needed(self, word: str) -> tuple[str, str]:
        """Real name and type of a property without which nothing can be found again.

        Raises ServiceStopped if the database lacks it.
        """
        name = self.real(word)
        if name is None:
            seed = next(prop for prop in self.seeds if prop.word == word)
            raise ServiceStopped("notion", f"the database has no property «{seed.name}»", "Run `crateline schema apply`")
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
        wiring.redis.delete(_name(database))


def _name(database: str) -> str:
    return f"{PREFIX}notion:schema:{database}"


def _table(wiring: Wiring, database: str, seeds: tuple[Property, ...]) -> Table:
    known = wiring.redis.get(_name(database))
    if known is None:
        with locks.alone(wiring.redis, f"schema:{database}", wait_s=READING_S):
            known = wiring.redis.get(_name(database)) or _read(wiring, database)
    row = json.loads(known)
    return Table(id=row["id"], schema=row["schema"], seeds=seeds, names=wiring.settings.property_names)


def _read(wiring: Wiring, database: str) -> str:
    source = wiring.notion.data_source(database)
    row = json.dumps({"id": source.id, "schema": source.properties})
    wiring.redis.set(_name(database), row, ex=REMEMBERED_S)
    return row
