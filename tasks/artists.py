"""The artists' pages, for whoever keeps a track's artist as a relation: each found by its name, or made once."""

import json
from collections.abc import Collection
from typing import Any

import structlog

from crateline.clients.notion import Page
from crateline.domain import properties
from crateline.domain.properties import values
from crateline.durable import locks
from crateline.durable.keyspace import PREFIX
from crateline.errors import CratelineError, NotFound, OutcomeUnknown, Rejected, ServiceStopped
from tasks import outcomes, tables
from tasks.creation import MARGIN_S, UNCLEAR_S
from tasks.station import Job
from tasks.tables import Table

log = structlog.get_logger("crateline.artists")

KNOWN = PREFIX + "notion:artists"
INTENTS = PREFIX + "notion:artists:intents"
WAIT_S = 60.0
BY_TITLE = "title"
"""The id of every title property, by which a filter may name it."""
LIST = ", "


def pages(job: Job, table: Table) -> tuple[str, ...] | outcomes.Later:
    """The pages of the track's artist; none if the artist is kept as text, or its database is not ours to use."""
    artist = job.item.track.artist.strip()
    target = _database(table)
    if not artist or not target:
        return ()
    try:
        home = tables.related(job.wiring, target)
        return _of(job, home, artist)
    except (ServiceStopped, NotFound, Rejected) as error:
        log.warning("tracks go without their artists' pages", action="artists-skipped", key=job.item.key, reason=str(error))
        return ()


def forget(job: Job, gone: Collection[str]) -> None:
    """Have these pages looked for again, by name: one of them may have been deleted."""
    known = job.wiring.redis.hgetall(KNOWN) if gone else {}
    fields = [field for field, page_id in known.items() if page_id in gone]
    if fields:
        job.wiring.redis.hdel(KNOWN, *fields)


def _database(table: Table) -> str:
    """The data source that the artist's relation leads to, or nothing."""
    name = table.real("artist")
    if name is None or table.schema[name]["type"] != "relation":
        return ""
    return str(table.schema[name]["relation"].get("data_source_id") or "")


def _of(job: Job, home: Table, artist: str) -> tuple[str, ...] | outcomes.Later:
    """The page of the whole name; else those of its parts, if each has one; else a new page of the whole name."""
    if found := _known(job, home, artist):
        return (found,)
    with locks.alone(job.wiring.redis, f"artist:{home.id}:{artist.casefold()}", wait_s=WAIT_S):
        whole = _look_up(job, home, artist)
        parts = artist.split(LIST) if not whole and LIST in artist else []
        found_parts = [_look_up(job, home, part) for part in parts]
        if found_parts and all(found_parts):
            return tuple(dict.fromkeys(found_parts))
        page = whole or _make(job, home, artist)
    return page if isinstance(page, outcomes.Later) else (page,)


def _field(home: Table, artist: str) -> str:
    return f"{home.id}|{artist.casefold()}"


def _known(job: Job, home: Table, artist: str) -> str:
    return str(job.wiring.redis.hget(KNOWN, _field(home, artist)) or "")


def _keep(job: Job, home: Table, artist: str, page_id: str) -> str:
    job.wiring.redis.hset(KNOWN, _field(home, artist), page_id)
    job.wiring.redis.hdel(INTENTS, _field(home, artist))
    return page_id


def _look_up(job: Job, home: Table, artist: str) -> str:
    """The page of this name, ignoring case, as we or Notion know it; the oldest of several."""
    if found := _known(job, home, artist):
        return found
    named: dict[str, Any] = {"property": BY_TITLE, "title": {"equals": artist}}
    for page in job.wiring.notion.pages(home.id, filter=named):
        if _title(page).casefold() == artist.casefold():
            return _keep(job, home, artist, str(page["id"]))
    return ""


def _title(page: Page) -> str:
    payload = next(one for one in page["properties"].values() if one["type"] == "title")
    return str(properties.plain_values({"title": payload})["title"]).strip()


def _make(job: Job, home: Table, artist: str) -> str | outcomes.Later:
    """Make the page. The intent is written down first: an answer that leaves it open is waited out."""
    field, now = _field(home, artist), job.wiring.ledger.now_ms()
    sent = json.loads(job.wiring.redis.hget(INTENTS, field) or "0")
    if now - sent < UNCLEAR_S * 1000:
        seconds = UNCLEAR_S - (now - sent) / 1000 + MARGIN_S
        return outcomes.Later(seconds=seconds, reason="Notion did not confirm the artist's page: looking for it in a minute")
    job.check()
    job.wiring.redis.hset(INTENTS, field, json.dumps(now))
    name = next(name for name, definition in home.schema.items() if definition["type"] == "title")
    try:
        made = job.wiring.notion.create(home.id, {name: values.write(artist, home.schema[name])})
    except OutcomeUnknown as error:
        return outcomes.Later(seconds=UNCLEAR_S, reason=f"{error}; looking for the artist's page in a minute")
    except CratelineError:
        job.wiring.redis.hdel(INTENTS, field)
        raise
    return _keep(job, home, artist, str(made["id"]))
