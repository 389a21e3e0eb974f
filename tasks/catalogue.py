"""Keeping the index of Notion's pages: all of them once, then only what was edited since."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from crateline.domain import anchors, properties
from crateline.durable.index import IndexedPage
from crateline.errors import Unavailable
from crateline.wiring import Wiring
from tasks import tables
from tasks.station import Job
from tasks.tables import Table

CHUNK = 100
LONGEST_WAIT_S = 600.0


def fresh(job: Job) -> None:
    """Return when the index is as new as the last enqueuing; one thread of all workers reads, the others wait.

    Raises Unavailable after ten minutes of waiting.
    """
    wiring, pause = job.wiring, threading.Event()
    deadline = time.monotonic() + LONGEST_WAIT_S
    while wiring.index.stale():
        job.check()
        with wiring.lock("index") as alone:
            if alone and wiring.index.stale():
                read(wiring)
        if alone:
            continue
        if time.monotonic() > deadline:
            raise Unavailable("notion", "the index of pages is still being read")
        pause.wait(0.2)


def read(wiring: Wiring) -> int:
    """Bring the index up to date; gives how many pages were read."""
    table = tables.tracks(wiring)
    began, cursor = wiring.index.now(), wiring.index.cursor()
    since = datetime.fromisoformat(cursor) if cursor else None
    count, newest = 0, cursor
    for chunk in _chunks(wiring.notion.pages(table.id, edited_since=since)):
        wiring.index.put([indexed(page, table) for page in chunk])
        newest = max([newest, *(page["last_edited_time"] for page in chunk)])
        count += len(chunk)
    wiring.index.read(cursor=newest, began=began)
    return count


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
    )
