"""A playlist's page in Notion: found by its id or its url, or made once."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crateline.clients.notion import Page
from crateline.domain import links, properties
from crateline.domain.properties import PlaylistCard
from crateline.durable.follows import FAILED, SYNCED, Follow
from crateline.errors import NotFound, Rejected
from tasks import creation, outcomes, records, tables
from tasks.creation import INTENT
from tasks.station import Job
from tasks.tables import Table

SINGLE = "single:"


def wanted(key: str) -> bool:
    """Whether a playlist has a page: a track that was enqueued on its own has no playlist."""
    return not key.startswith(SINGLE)


def write(job: Job) -> outcomes.Outcome:
    """Have the playlist's page say what the playlist is now."""
    table = tables.playlists(job.wiring) if wanted(job.hint.key) else None
    if table is None:
        return outcomes.Sealed(written=job.item.version)
    try:
        return _write(job, table)
    except Rejected:
        if tables.changed(job.wiring, table):
            return outcomes.Later(seconds=0, reason=tables.CHANGED)
        raise


def _write(job: Job, table: Table) -> outcomes.Outcome:
    if (wait := creation.unconfirmed(job)) is not None:
        return wait
    values = properties.encode(card(job), table.schema, table.names)
    if job.item.page_id:
        return _update(job, table, job.item.page_id, values, None)
    page = _find(job, table)
    if page is not None:
        return _update(job, table, str(page["id"]), values, records.says(page))
    return _create(job, table, values)


def _update(job: Job, table: Table, page_id: str, values: dict[str, Any], says: Mapping[str, Any] | None) -> outcomes.Outcome:
    """Write what is ours alone, and of the rest what nobody else has written. `says` is what stands there, if it is known."""
    rules = records.policies(job, table)
    ours = {name: value for name, value in values.items() if rules.get(name) == "ours"}
    shared = {name: value for name, value in values.items() if rules.get(name) == "fill-if-empty"}
    try:
        if says is None and _news(job, shared):
            says = records.says(job.wiring.notion.page(page_id))
        write = properties.keep_hands_off({} if says is None else shared, says or {}, records.wrote(job.item), rules)
        if sent := {**ours, **write.properties}:
            job.wiring.notion.update(page_id, sent)
    except NotFound:
        job.wiring.notion.data_source(job.wiring.settings.playlists_db_id)  # not shared any more? then all waits
        job.wiring.register.forget_page(job.hint.key)
        return outcomes.Later(seconds=0, reason="its page was deleted in Notion: it is made again")
    return _sealed(job, page_id, write.digests)


def _news(job: Job, shared: Mapping[str, Any]) -> bool:
    """Whether something that we have written is called otherwise now."""
    wrote, now = records.wrote(job.item), records.digests(shared)
    return any(name in wrote and wrote[name] != now[name] for name in shared)


def card(job: Job) -> PlaylistCard:
    """What the page should say."""
    known, follow = job.item.card, Follow.of(job.item.fields)
    at = datetime.now(UTC) if follow.at is None else datetime.fromtimestamp(follow.at, UTC)
    return PlaylistCard(
        name=known["name"],
        url=known["url"] or None,
        platform=known["platform"],
        source_id=known["source_id"],
        count=float(len(job.wiring.register.members(job.hint.key))),
        last_synced=None if follow.status == FAILED else at.isoformat(timespec="seconds"),
        sync_status=follow.status or SYNCED,
    )


def _find(job: Job, table: Table) -> Page | None:
    """The page with this url, or else with this source id, or None."""
    known = job.item.card
    conditions: list[dict[str, Any]] = []
    for word, value in (("source_id", known["source_id"]), ("url", known["url"])):
        name = table.real(word)
        if name is not None and value:
            kind = table.schema[name]["type"]
            conditions.append({"property": name, kind: {"equals": value}})
    if not conditions:
        return None
    found = [
        (page, str(table.decode(page).get("url") or "")) for page in job.wiring.notion.pages(table.id, filter={"or": conditions})
    ]
    fitting = [(page, url) for page, url in found if _alike(url, known["url"])]
    return next((page for page, url in sorted(fitting, key=lambda pair: pair[1] != known["url"])), None)


def _alike(url: str, ours: str) -> bool:
    """Whether two addresses may be one list's: a profile, its likes and a set may have one number."""
    if not url or not ours or url == ours:
        return True
    try:
        one, other = links.classify(url), links.classify(ours)
    except ValueError:
        return True  # what a person has written there, or a list from a file
    return (one.platform, one.kind) == (other.platform, other.kind)


def _create(job: Job, table: Table, values: dict[str, Any]) -> outcomes.Outcome:
    job.wiring.slot("notion")
    digests = records.digests(values)
    answer = creation.create(job, table, values, wrote=digests)
    return answer if isinstance(answer, outcomes.Later) else _sealed(job, str(answer["id"]), digests)


def _sealed(job: Job, page_id: str, digests: Mapping[str, str]) -> outcomes.Sealed:
    wrote = json.dumps({**records.wrote(job.item), **digests}, separators=(",", ":"))
    fields = {"s:page": json.dumps({"page_id": page_id}), "wrote": wrote}
    return outcomes.Sealed(fields=fields, drop=(INTENT, "verdict", "reason", "at"), written=job.item.version)
