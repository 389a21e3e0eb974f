"""Pages of another database that tracks are related to by name: all known by one reading, and the missing ones made once."""

import json
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from crateline.clients.notion import Page
from crateline.domain import properties
from crateline.domain.properties import values
from crateline.durable import locks
from crateline.durable.keyspace import PREFIX
from crateline.errors import CratelineError, OutcomeUnknown
from tasks import catalogue, outcomes
from tasks.creation import MARGIN_S, UNCLEAR_S
from tasks.station import Job
from tasks.tables import Table

KNOWN = PREFIX + "notion:related"
INTENTS = PREFIX + "notion:related:intents"
READ = PREFIX + "notion:related:read"
WAIT_S = 600.0
"""How long a reading of the whole database by somebody else is waited for, and a page that is being made."""
BY_TITLE = "title"
"""The id of every title property, by which it may be named whatever a person calls it."""


def find(job: Job, home: Table, name: str) -> str:
    """The page of this name, ignoring case; the oldest of several; nothing if there is none.

    The database is as well known as it was at the last enqueuing: it is read if something was enqueued since.
    """
    if known := _known(job, home, name):
        return known
    if not _stale(job, home):
        return ""
    with locks.alone(job.wiring.redis, f"related:{home.id}", wait_s=WAIT_S):
        if _stale(job, home):
            _read(job, home)
    return _known(job, home, name)


def have(job: Job, home: Table, name: str) -> str | outcomes.Later:
    """The page of this name; made if there is none, by one worker of all."""
    if found := find(job, home, name):
        return found
    with locks.alone(job.wiring.redis, f"related:{_field(home, name)}", wait_s=WAIT_S):
        return _known(job, home, name) or _make(job, home, name)


def forget(job: Job, gone: Collection[str]) -> None:
    """Have these pages' databases read again: one of the pages may have been deleted."""
    known: dict[Any, Any] = job.wiring.redis.hgetall(KNOWN) if gone else {}
    fields = [field for field, page_id in known.items() if page_id in gone]
    if fields:
        job.wiring.redis.hdel(READ, *{field.partition("|")[0] for field in fields})
        job.wiring.redis.hdel(KNOWN, *fields)


def _field(home: Table, name: str) -> str:
    return f"{home.id}|{spelt(name)}"


def spelt(name: str) -> str:
    """A name as it looks: capitals, blanks, marks that nobody sees and an accent's way of being written make no other."""
    seen = "".join(letter for letter in unicodedata.normalize("NFC", name.casefold()) if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def _known(job: Job, home: Table, name: str) -> str:
    return str(job.wiring.redis.hget(KNOWN, _field(home, name)) or "")


def _keep(job: Job, home: Table, name: str, page_id: str) -> str:
    job.wiring.redis.hset(KNOWN, _field(home, name), page_id)
    job.wiring.redis.hdel(INTENTS, _field(home, name))
    return page_id


def _stale(job: Job, home: Table) -> bool:
    read = job.wiring.redis.hget(READ, home.id)
    return read is None or job.wiring.index.wanted_since(json.loads(read)["began"])


def _read(job: Job, home: Table) -> None:
    """Read the database, or what was edited in it since it was read last: one request per hundred pages."""
    before = json.loads(job.wiring.redis.hget(READ, home.id) or "null")
    began = job.wiring.index.now()
    since = datetime.fromtimestamp(before["began"], UTC) - catalogue.CLOCKS_APART if before else None
    patience = catalogue.Patience(job.wiring)
    for page in job.wiring.notion.pages(home.id, edited_since=since, only=[BY_TITLE], bear=patience):
        patience.faults = 0
        job.check()
        if name := _title(page):
            job.wiring.redis.hsetnx(KNOWN, _field(home, name), str(page["id"]))
    job.wiring.redis.hset(READ, home.id, json.dumps({"began": began}))


def _title(page: Page) -> str:
    payload = next(one for one in page["properties"].values() if one["type"] == "title")
    return str(properties.plain_values({"title": payload})["title"]).strip()


def _make(job: Job, home: Table, name: str) -> str | outcomes.Later:
    """Make the page. The intent is written down first: an answer that leaves it open is waited out."""
    field, now = _field(home, name), job.wiring.ledger.now_ms()
    intent = job.wiring.redis.hget(INTENTS, field)
    if intent is not None:
        if found := _asked(job, home, name):
            return found
        left = UNCLEAR_S - (now - json.loads(intent)) / 1000
        if left > 0:
            return outcomes.Later(seconds=left + MARGIN_S, reason=f"Notion did not confirm the page of «{name}»: looking for it")
    job.check()
    job.wiring.redis.hset(INTENTS, field, json.dumps(now))
    titled = {BY_TITLE: values.write(name, {"type": "title"}) or {}}
    try:
        made = job.wiring.notion.create(home.id, titled)
    except OutcomeUnknown as error:
        return outcomes.Later(seconds=UNCLEAR_S, reason=f"{error}; looking for the page of «{name}» in a minute")
    except CratelineError:
        job.wiring.redis.hdel(INTENTS, field)
        raise
    return _keep(job, home, name, str(made["id"]))


def _asked(job: Job, home: Table, name: str) -> str:
    """The page as Notion knows it now; the oldest of several."""
    named: dict[str, Any] = {"property": BY_TITLE, "title": {"equals": name}}
    for page in job.wiring.notion.pages(home.id, filter=named):
        if spelt(_title(page)) == spelt(name):
            return _keep(job, home, name, str(page["id"]))
    return ""
