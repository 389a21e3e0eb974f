"""A playlist's page in Notion: found by its id or its url, or made once."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crateline.domain import properties
from crateline.domain.properties import PlaylistCard
from crateline.durable.follows import SYNCED, Follow
from crateline.errors import NotFound, Rejected
from tasks import creation, outcomes, tables
from tasks.creation import INTENT
from tasks.station import Job
from tasks.tables import Table

SINGLE = "single:"


def wanted(key: str) -> bool:
    """Whether a playlist has a page: a track that was enqueued on its own has no playlist."""
    return not key.startswith(SINGLE)


def write(job: Job) -> outcomes.Outcome:
    """Have the playlist's page say what the playlist is now."""
    try:
        return _write(job)
    except Rejected:
        tables.forget(job.wiring)  # it may be the schema that is not what it was
        raise


def _write(job: Job) -> outcomes.Outcome:
    table = tables.playlists(job.wiring) if wanted(job.hint.key) else None
    if table is None:
        return outcomes.Sealed(written=job.item.version)
    if (wait := creation.unconfirmed(job)) is not None:
        return wait
    values = properties.encode(card(job), table.schema, table.names)
    if job.item.page_id:
        return _update(job, table, job.item.page_id, values, {})
    page = _find(job, table)
    if page is not None:
        return _update(job, table, str(page["id"]), values, properties.plain_values(page["properties"]))
    return _create(job, table, values)


def _update(job: Job, table: Table, page_id: str, values: dict[str, Any], says: Mapping[str, Any]) -> outcomes.Outcome:
    """Write what is ours alone, and of the rest only what is known to be empty."""
    rules = properties.policies(table.seeds, table.schema, table.names, job.wiring.settings.property_policies)
    empty = {name for name, value in says.items() if not value}
    sent = {
        name: value
        for name, value in values.items()
        if rules.get(name) == "ours" or (rules.get(name) == "fill-if-empty" and name in empty)
    }
    try:
        job.wiring.notion.update(page_id, sent)
    except NotFound:
        job.wiring.notion.data_source(job.wiring.settings.playlists_db_id)  # not shared any more? then all waits
        job.wiring.register.forget_page(job.hint.key)
        return outcomes.Later(seconds=0, reason="its page was deleted in Notion: it is made again")
    return _sealed(job, page_id)


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
        last_synced=at.isoformat(timespec="seconds"),
        sync_status=follow.status or SYNCED,
    )


def _find(job: Job, table: Table) -> dict[str, Any] | None:
    """The page with this source id or url, or None."""
    known = job.item.card
    conditions: list[dict[str, Any]] = []
    for word, value in (("source_id", known["source_id"]), ("url", known["url"])):
        name = table.real(word)
        if name is not None and value:
            kind = table.schema[name]["type"]
            conditions.append({"property": name, kind: {"equals": value}})
    if not conditions:
        return None
    return next(iter(job.wiring.notion.pages(table.id, filter={"or": conditions})), None)


def _create(job: Job, table: Table, values: dict[str, Any]) -> outcomes.Outcome:
    job.wiring.slot("notion")
    answer = creation.create(job, table, values)
    return answer if isinstance(answer, outcomes.Later) else _sealed(job, str(answer["id"]))


def _sealed(job: Job, page_id: str) -> outcomes.Sealed:
    fields = {"s:page": json.dumps({"page_id": page_id})}
    return outcomes.Sealed(fields=fields, drop=(INTENT, "verdict", "reason", "at"), written=job.item.version)
