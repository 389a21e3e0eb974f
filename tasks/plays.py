"""One play of a DJ set as a page of its own, for those who keep a database of plays."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from crateline.app import app
from crateline.clients.notion import Page
from crateline.domain import properties
from crateline.domain.properties import PlayCard
from crateline.durable.wishes import Wishes, settled, wanted
from crateline.messages import TASKS, VERSION, Hint, Station
from tasks import outcomes, records, station, tables
from tasks.station import Job
from tasks.tables import Table

WAIT_S = 0.5
PLAY = records.Kind(
    what="a play",
    setting="PLAYS_DB_ID",
    table=tables.plays,
    prefix="play:",
    word="play_id",
    related="the page of its set or of its track was deleted in Notion; sync again",
)


@app.task(name=TASKS[Station.PLAY])
def play(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have the play's page say what the DJ program knows."""
    del version  # one so far
    return station.run(Hint(station=Station.PLAY, key=key, title=title), write, services=records.SERVICES)


def write(job: Job) -> outcomes.Outcome:
    """Bring the play's page up to date, once those that it is related to are there."""
    table = records.table_of(job, PLAY)
    if not isinstance(table, Table):
        return table
    card = _card(job, wanted(job.item))
    if not isinstance(card, PlayCard):
        return card
    return records.bring(job, PLAY, table, partial(_create, card=card), partial(_update, card=card))


def _card(job: Job, want: Mapping[str, Any]) -> PlayCard | outcomes.Outcome:
    """What the page should say. Its set, and the plays that sounded with it and stand before it, have their pages first."""
    known = Wishes(job.wiring.redis).items([want["session"], *want["with"]])
    if not all(settled(one) for one in known.values()):
        return outcomes.Later(seconds=WAIT_S, reason="the page of its set is being made")
    home = known.get(want["session"])
    if home is None or not home.page_id:
        return records.failed("its set has no page in Notion")
    if home.verdict == "refused":
        return outcomes.Ended(verdict="refused", reason="the page of its set was deleted in Notion: it is left alone")
    together = tuple(known[key].page_id for key in want["with"] if key in known and known[key].page_id)
    track = (want["track"],) if want["track"] else ()
    return PlayCard(**want["card"], session=(home.page_id,), track=track, simultaneous=together)


def _create(job: Job, table: Table, card: PlayCard) -> outcomes.Outcome:
    values = properties.encode(card, table.schema, table.names)
    answer = records.create(job, table, values)
    return answer if isinstance(answer, outcomes.Later) else records.sealed(job.item, str(answer["id"]), values, "created")


def _update(job: Job, table: Table, page: Page, card: PlayCard) -> outcomes.Outcome:
    desired = properties.encode(card, table.schema, table.names)
    said = properties.keep_hands_off(desired, records.says(page), records.wrote(job.item), records.policies(job, table))
    if said.properties:
        job.wiring.slot("notion")
        job.wiring.notion.update(str(page["id"]), said.properties)
    return records.sealed(job.item, str(page["id"]), said.properties, "updated" if said.properties else "unchanged")
