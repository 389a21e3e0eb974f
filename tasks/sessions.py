"""A DJ set's page in the Calendar: made once, related to the tracks played, and brought up to date in place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crateline.app import app
from crateline.clients.notion import Page
from crateline.domain import properties
from crateline.domain.properties import Payload, SessionCard
from crateline.durable.wishes import wanted
from crateline.messages import TASKS, VERSION, Hint, Station
from tasks import bodies, outcomes, records, station, tables
from tasks.station import Job
from tasks.tables import Table

SESSION = records.Kind(
    what="a set",
    setting="CALENDAR_DB_ID",
    table=tables.calendar,
    prefix="session:",
    word="session_id",
    related="Notion knows no such page: a track's page, or DJ_SESSION_TYPE_ID, was deleted; sync again",
)
ROOM = 100
"""How many relations one request can set; the next one would replace them."""
LINKED = "linked"
BODY = "body"
ONCE = ("name", "event_type", "tags", "item_type")
"""What is said when the page is made, or where it is empty, and never again: a person may have made something of it."""


@app.task(name=TASKS[Station.SESSION])
def session(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have the set's page say what the DJ program knows."""
    del version  # one so far
    return station.run(Hint(station=Station.SESSION, key=key, title=title), write, services=records.SERVICES)


def write(job: Job) -> outcomes.Outcome:
    """Bring the set's page up to date."""
    table = records.table_of(job, SESSION)
    return records.bring(job, SESSION, table, _create, _update) if isinstance(table, Table) else table


def card(want: Mapping[str, Any]) -> SessionCard:
    """What the page should say, without its tracks."""
    said: dict[str, Any] = {word: tuple(value) if isinstance(value, list) else value for word, value in want["card"].items()}
    return SessionCard(**said)


def _create(job: Job, table: Table) -> outcomes.Outcome:
    want = wanted(job.item)
    tracks = want["tracks"][:ROOM]
    rules = records.policies(job, table)
    values = properties.encode(card(want), table.schema, table.names) | _relation(table, tracks)
    values = {name: value for name, value in values.items() if rules.get(name) != "never"}
    answer = records.create(job, table, values, bodies.blocks(want[BODY]))
    if isinstance(answer, outcomes.Later):
        return answer
    kept = {LINKED: json.dumps(tracks), BODY: bodies.digest(want[BODY])}
    return records.sealed(job.item, str(answer["id"]), values, "created", **kept)


def _update(job: Job, table: Table, page: Page) -> outcomes.Outcome:
    """Write what is news: at most one request for the properties, and one more where the plays have changed."""
    want, page_id = wanted(job.item), str(page["id"])
    says = records.says(page)
    once = {name for word in ONCE if (name := table.real(word)) and says.get(name)}
    desired = properties.encode(card(want), table.schema, table.names)
    desired = {name: value for name, value in desired.items() if name not in once}
    rules = records.policies(job, table)
    said = properties.keep_hands_off(desired, says, records.wrote(job.item), rules)
    linked = Linked.of(job, table, page, want["tracks"])
    relation = {} if rules.get(str(table.real("tracks"))) == "never" else linked.news(table)
    values = {**said.properties, **relation}
    if values:
        job.wiring.slot("notion")
        job.wiring.notion.update(page_id, values)
    rewritten = bodies.bring_up_to_date(job.wiring.notion, page_id, want[BODY], job.item.fields.get(BODY))
    kept = {LINKED: json.dumps(linked.known), BODY: bodies.digest(want[BODY])}
    return records.sealed(job.item, page_id, values, "updated" if values or rewritten else "unchanged", **kept)


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked:
    """The tracks of a set: those that it should have, those that we have related to it, and those that it has."""

    tracks: list[str]
    ours: frozenset[str]
    there: list[str]

    @classmethod
    def of(cls, job: Job, table: Table, page: Page, tracks: list[str]) -> "Linked":
        """Read the relation whole, unless it is known to need nothing."""
        ours = frozenset(json.loads(job.item.fields.get(LINKED, "[]")))
        name = table.real("tracks")
        if name is None or ours == set(tracks):
            return cls(tracks=tracks, ours=ours, there=tracks)
        there = list(related) if isinstance(related := records.says(page).get(name), tuple) else []
        if name in properties.cut_relations(page["properties"]):
            there = job.wiring.notion.relation(str(page["id"]), table.schema[name]["id"])
        return cls(tracks=tracks, ours=ours, there=there)

    def news(self, table: Table) -> dict[str, Payload]:
        """The relation to write, if any: with what is missing, without what we have related by mistake.

        What a person has taken away stays away, and what a person has added stays. With more than a hundred the rest is
        related from the tracks' side, and this side is never written again.
        """
        kept = [one for one in self.there if one in self.tracks or one not in self.ours]
        together = [*kept, *(one for one in self.tracks if one not in self.there and one not in self.ours)]
        if set(together) == set(self.there) or len(together) > ROOM or len(self.there) > ROOM:
            return {}
        return _relation(table, together)

    @property
    def known(self) -> list[str]:
        """What need not be related from the tracks' side."""
        room = len(self.tracks) <= ROOM
        return [one for one in self.tracks if room or one in self.ours or one in self.there]


def _relation(table: Table, tracks: list[str]) -> dict[str, Payload]:
    return properties.encode(SessionCard(tracks=tuple(tracks)), table.schema, table.names)
