"""Artists and albums as pages, for whoever keeps them as relations: each found by its name, or made once."""

from collections.abc import Collection
from dataclasses import dataclass

import structlog

from crateline.durable.keyspace import PREFIX
from crateline.errors import NotFound, Rejected, ServiceStopped
from tasks import enrichment, namesakes, outcomes, tables
from tasks.station import Job
from tasks.tables import Table

log = structlog.get_logger("crateline.artists")

BARRED = PREFIX + "notion:related:barred:"
BARRED_S = 600
"""How long a database that we may not use is left alone, and a name that it does not take."""
LIST = ", "

Pages = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """The pages of a track's artists and of its album; none where they are kept as text."""

    artists: Pages = ()
    albums: Pages = ()


def related(job: Job, table: Table, *, decided: Collection[str] = ()) -> Related | outcomes.Later:
    """The pages by name, but for the words that are `decided`: artist, album.

    None where a database is not ours to use: no track waits for its artist's page.
    """
    track = enrichment.filled(job.item)
    persons = () if "artist" in decided else _pages(job, table, "artist", track.artist.strip())
    if isinstance(persons, outcomes.Later):
        return persons
    albums = () if "album" in decided else _pages(job, table, "album", track.album.strip())
    return albums if isinstance(albums, outcomes.Later) else Related(artists=persons, albums=albums)


def forget(job: Job, gone: Collection[str]) -> None:
    """Have these pages looked for again, by name: one of them may have been deleted."""
    namesakes.forget(job, gone)


def _pages(job: Job, table: Table, word: str, name: str) -> Pages | outcomes.Later:
    target = _database(table, word)
    if not name or not target or job.wiring.redis.exists(BARRED + target, BARRED + namesakes.spelt(name)):
        return ()
    try:
        home = tables.related(job.wiring, target)
        return _artist(job, home, name) if word == "artist" else _one(namesakes.have(job, home, name))
    except (ServiceStopped, NotFound, Rejected) as error:
        barred = namesakes.spelt(name) if isinstance(error, Rejected) else target  # a page that is refused says nothing of others
        job.wiring.redis.set(BARRED + barred, "1", ex=BARRED_S)
        log.warning("tracks go without pages of this kind", action="related-skipped", kind=word, reason=str(error))
        return ()


def _database(table: Table, word: str) -> str:
    """The data source that the relation leads to, or nothing."""
    name = table.real(word)
    if name is None or table.schema[name]["type"] != "relation":
        return ""
    return str(table.schema[name]["relation"].get("data_source_id") or "")


def _artist(job: Job, home: Table, artist: str) -> Pages | outcomes.Later:
    """The page of the whole name; else those of its parts, if each has one; else a new page of the whole name."""
    if found := namesakes.find(job, home, artist):
        return (found,)
    parts = [namesakes.find(job, home, part.strip()) for part in artist.split(LIST)] if LIST in artist else []
    if parts and all(parts):
        return tuple(dict.fromkeys(parts))
    return _one(namesakes.have(job, home, artist))


def _one(page: str | outcomes.Later) -> Pages | outcomes.Later:
    return page if isinstance(page, outcomes.Later) else (page,)
