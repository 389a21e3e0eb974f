"""What a DJ program knows of one track, on the track's page: one request for all of it, and none if the page says it already."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crateline.app import app
from crateline.domain import properties
from crateline.domain.properties import TrackCard, Write
from crateline.durable.index import IndexedPage
from crateline.durable.item import Item
from crateline.durable.wishes import DID, Wish, Wishes, settled, wanted
from crateline.errors import NotFound, Rejected
from crateline.messages import TASKS, VERSION, Hint, Station
from crateline.wiring import Wiring
from tasks import catalogue, outcomes, records, station, tables
from tasks.station import Job
from tasks.tables import Table

IDS, ACTIVITY, SESSIONS = "ids", "activity", "sessions"
"""The parts of what a page should say; each is worked out by a command of its own, and all are written together."""
LINKED = "linked"
SETS_WAIT_S = 1.0


@app.task(name=TASKS[Station.LIBRARY])
def page(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have the track's page say what the DJ program knows."""
    del version  # one so far
    return station.run(Hint(station=Station.LIBRARY, key=key, title=title), write, services=records.SERVICES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelved:
    """What came of comparing wishes with the pages: what has to be written, and how many pages say it all already."""

    hints: tuple[Hint, ...]
    unchanged: int


def shelve(
    wiring: Wiring, pages: Mapping[str, IndexedPage], parts: Mapping[str, Mapping[str, Any]], *, dry_run: bool = False
) -> Shelved:
    """Wish for these parts of what the pages should say, by page id; what a page says already is not wished for."""
    known, table = Wishes(wiring.redis), tables.tracks(wiring)
    items, wishes = known.items(parts), []
    for page_id, part in parts.items():
        item = items.get(page_id)
        want = {**wanted(item), **part}
        there = pages[page_id]
        if not settled(item) or _unlinked(item, want) or plan(wiring, table, item, there, want).properties:
            title = " - ".join(filter(None, (str(there.words.get(word) or "") for word in ("artist", "title"))))
            hint = Hint(station=Station.LIBRARY, key=page_id, title=title)
            wishes.append(Wish(hint=hint, want={**want, tables.MARK: table.mark}))
    hints = [wish.hint for wish in wishes] if dry_run else known.put(wishes)
    return Shelved(hints=tuple(hints), unchanged=len(parts) - len(hints))


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """A page's sets, where some have to be related to it from its own side.

    `sets` are the keys of those that were or will be, `whole` is the relation as Notion has it, `more` what it lacks.
    """

    sets: frozenset[str] = frozenset()
    whole: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


NO_LINKS = Links()


def plan(  # noqa: PLR0917  # a page as it is, and as it should be
    wiring: Wiring, table: Table, item: Item | None, there: IndexedPage, want: Mapping[str, Any], links: Links = NO_LINKS
) -> Write:
    """What may be sent to the page."""
    words = {**want.get(IDS, {}), **want.get(ACTIVITY, {}), **({"dj_sessions": links.more} if links.more else {})}
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in words.items()}
    desired = properties.encode(TrackCard(**said), table.schema, table.names)
    rules = properties.policies(table.seeds, table.schema, table.names, wiring.settings.property_policies)
    if (path := table.real("file_path")) and rules[path] == "ours":
        rules[path] = "fill-if-empty"  # the file that the line has made goes before the one that the DJ program plays
    current = {**dict.fromkeys(table.schema, None), **there.values}
    cut = set(there.cut)
    if links.more and (sets := table.real("dj_sessions")):
        current[sets] = links.whole
        cut.discard(sets)
    return properties.keep_hands_off(desired, current, records.wrote(item) if item else {}, rules, cut=cut)


def write(job: Job) -> outcomes.Outcome:
    """Bring the page up to date: at most one write."""
    table = tables.tracks(job.wiring)
    catalogue.fresh(job)
    there = job.wiring.index.page(job.hint.key)
    if there is None:
        return records.DELETED
    links = _links(job, table, there)
    if isinstance(links, outcomes.Later):
        return links
    said = plan(job.wiring, table, job.item, there, wanted(job.item), links)
    if not said.properties:
        return _sealed(job.item, said, links, "unchanged")
    try:
        job.wiring.slot("notion")
        answer = job.wiring.notion.update(there.page_id, said.properties)
    except NotFound:
        return _gone(job, there.page_id)
    except Rejected as error:
        return records.rejected(job, error, table)
    job.wiring.index.put([catalogue.indexed(answer, table)])
    return _sealed(job.item, said, links, "updated")


def _gone(job: Job, page_id: str) -> outcomes.Outcome:
    outcome = records.gone(job, page_id, job.wiring.settings.tracks_db_id)
    if outcome is records.DELETED:
        job.wiring.index.drop(page_id)
    return outcome


def _sealed(item: Item, said: Write, links: Links, did: str) -> outcomes.Sealed:
    fields = {
        "wrote": json.dumps({**records.wrote(item), **said.digests}, separators=(",", ":")),
        LINKED: json.dumps(sorted(links.sets)),
        DID: did,
    }
    return outcomes.Sealed(fields=fields, written=item.version)


def _unlinked(item: Item | None, want: Mapping[str, Any]) -> bool:
    return not set(want.get(SESSIONS, ())) <= _linked(item)


def _linked(item: Item | None) -> set[str]:
    return set(json.loads(item.fields.get(LINKED, "[]"))) if item else set()


def _links(job: Job, table: Table, there: IndexedPage) -> Links | outcomes.Later:
    """The sets to add from the track's side, where a set's own side has no room: the whole relation, since it is replaced.

    Every set with this track has to be written before: what Notion adds by itself meanwhile would be overwritten.
    """
    want = wanted(job.item)
    before = _linked(job.item)
    if not _unlinked(job.item, want) or (name := table.real("dj_sessions")) is None:
        return Links(sets=frozenset(before))
    sets = Wishes(job.wiring.redis).items(want[SESSIONS])
    if not all(settled(one) for one in sets.values()):
        return outcomes.Later(seconds=SETS_WAIT_S, reason="its sets are being written first")
    known = {key: one.page_id for key, one in sets.items() if one.page_id and not one.verdict}
    whole = job.wiring.notion.relation(there.page_id, table.schema[name]["id"])
    more = [page_id for page_id in known.values() if page_id not in whole]
    return Links(sets=frozenset(before | known.keys()), whole=tuple(whole), more=tuple(more))
