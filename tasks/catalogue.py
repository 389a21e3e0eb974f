"""Keeping the index of Notion's pages: all of them once, then only what was edited since."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from crateline.domain import anchors, properties
from crateline.durable.index import IndexedPage, Reading
from crateline.errors import ServiceError, Throttled, Unavailable
from crateline.wiring import Wiring
from tasks import tables
from tasks.station import Job
from tasks.tables import Table

CHUNK = 100
MOST_FAULTS = 4
FIRST_REST_S = 0.5
CLOCKS_APART = timedelta(minutes=2)
LONGEST_WAIT_S = 600.0


def fresh(job: Job) -> None:
    """As `up_to_date`, for a station."""
    up_to_date(job.wiring, job.check)


def up_to_date(wiring: Wiring, check: Callable[[], None]) -> None:
    """Return when the index is as new as the last enqueuing; one thread of all workers reads, the others wait.

    `check` is called now and then: it raises if the caller should stop. Raises Unavailable after ten minutes of waiting.
    """
    pause = threading.Event()
    deadline = time.monotonic() + LONGEST_WAIT_S
    while wiring.index.stale():
        check()
        with wiring.lock("index") as alone:
            if alone and wiring.index.stale():
                read(wiring)
        if alone:
            continue
        if time.monotonic() > deadline:
            raise Unavailable("notion", "the index of pages is still being read")
        pause.wait(0.2)


def read(wiring: Wiring) -> int:
    """Bring the index up to date; gives how many pages were read. An interrupted reading goes on where it was."""
    table, index, patience = tables.tracks(wiring), wiring.index, Patience(wiring)
    reading, cursor, count = index.reading(), index.cursor(), 0
    since = datetime.fromisoformat(cursor) if cursor else None
    for chunk in _chunks(wiring.notion.pages(table.id, filter=_rest(reading), edited_since=since, bear=patience)):
        index.put([indexed(page, table) for page in chunk], read_since=reading.began)
        newest = max([reading.newest, *(page["last_edited_time"] for page in chunk)])
        reading = replace(reading, newest=newest, created=chunk[-1]["created_time"])
        index.so_far(reading)
        patience.faults = 0
        count += len(chunk)
    index.read(cursor=_overlapping(reading), began=reading.began)
    return count


def _rest(reading: Reading) -> dict[str, Any] | None:
    if not reading.created:
        return None
    return {"timestamp": "created_time", "created_time": {"on_or_after": reading.created}}


def _overlapping(reading: Reading) -> str:
    """From where to read next: what was edited while this reading went on may have been read before it was edited."""
    if not reading.newest:
        return ""
    began = datetime.fromtimestamp(reading.began, UTC) - CLOCKS_APART
    return min(datetime.fromisoformat(reading.newest), began).isoformat()


@dataclass(slots=True)
class Patience:
    """Bears so many faults in a row within one reading: begun anew, a long one would never come to its end."""

    wiring: Wiring
    faults: int = 0

    def __call__(self, error: ServiceError) -> None:
        """Wait a little, and raise the error when that is enough. Silence is waited out with the next slot."""
        self.faults += 1
        if self.faults > MOST_FAULTS or self.wiring.stopping.is_set():
            raise error
        if not isinstance(error, Throttled):
            self.wiring.stopping.wait(FIRST_REST_S * (1 << (self.faults - 1)))


def _chunks(pages: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(pages, CHUNK)):
        yield chunk


def indexed(page: dict[str, Any], table: Table) -> IndexedPage:
    """A page of Music Tracks as the index keeps it."""
    words = table.decode(page)
    values = properties.plain_values(page["properties"])
    return IndexedPage(
        page_id=page["id"],
        anchors=anchors.of_page(words),
        name=anchors.name_of(str(words.get("title", ""))),
        values={name: value for name, value in values.items() if value not in (None, "", (), False)},
        words={name: words.get(name) for name in ("title", "artist", "duration", "source_id", "isrc")},
        cut=properties.cut_relations(page["properties"]),
        created=str(page.get("created_time") or ""),
    )
