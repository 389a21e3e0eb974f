"""Pages that are known by one text of theirs (a set's id, a play's id): found before they are made, made exactly once."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from crateline.clients.notion import Page
from crateline.domain import causes, properties
from crateline.domain.properties import Payload, Plain
from crateline.durable import keyspace
from crateline.durable.item import Item
from crateline.durable.wishes import DID, LOOKED, SEEN
from crateline.errors import NotFound, Rejected, ServiceStopped
from crateline.messages import Station
from crateline.wiring import Wiring
from tasks import creation, outcomes, tables
from tasks.creation import INTENT
from tasks.station import Job
from tasks.tables import Table

AT_ONCE = 100
SERVICES = ("notion", "settings")
"""What a page of this kind needs."""
Ask = Callable[[Callable[[], Any]], Any]
"""Calls what asks Notion; for a person who waits it waits out what passes, for a station it raises at once."""
DELETED = outcomes.Ended(verdict="refused", reason="its page in Notion was deleted: it is left alone")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """Pages of one kind: `what` they are, in `setting`'s database, which `table` gives.

    `word` is the property that holds the text they are known by; an item's key is `prefix` and that text. `related` says
    which page is missing when Notion does not know one that such a page should be related to.
    """

    what: str
    setting: str
    table: Callable[[Wiring], Table | None]
    prefix: str
    word: str
    related: str

    def database(self, wiring: Wiring) -> str:
        """What the user has set: the id or the address of the database."""
        return str(getattr(wiring.settings, self.setting.lower()))


Create = Callable[[Job, Table], outcomes.Outcome]
Update = Callable[[Job, Table, Page], outcomes.Outcome]


def table_of(job: Job, kind: Kind) -> Table | outcomes.Ended:
    """Where the page belongs. The line does without such a database, and is not held up for it."""
    try:
        table = kind.table(job.wiring)
        table = table and tables.having(job.wiring, table, kind.word)
    except ServiceStopped as error:
        if not _of_database(error):
            raise  # all of Notion is stopped, and not this database alone
        return failed(f"{error}. {error.remedy}")
    return table or failed(f"{kind.setting} is not set here: no page can be made for {kind.what}")


def _of_database(error: ServiceStopped) -> bool:
    return error.cause.partition(":")[0] in {causes.DATABASE, causes.SCHEMA}


def bring(job: Job, kind: Kind, table: Table, create: Create, update: Update) -> outcomes.Outcome:
    """Find the page and `update` it; `create` it if it surely has none."""
    try:
        found = find(job, table, kind.word, job.hint.key.removeprefix(kind.prefix))
        if found is None:
            return create(job, table)
        return update(job, table, found) if isinstance(found, dict) else found
    except NotFound:
        return gone(job, job.item.page_id, kind.database(job.wiring)) if job.item.page_id else failed(kind.related)
    except Rejected as error:
        return rejected(job, error, table)


def failed(reason: str) -> outcomes.Ended:
    """The page cannot be what it should be."""
    return outcomes.Ended(verdict="failed", reason=reason)


def rejected(job: Job, error: Rejected, table: Table) -> outcomes.Outcome:
    """Notion has refused what was sent: for good, unless the database is not what it was."""
    if tables.changed(job.wiring, table):
        return outcomes.Later(seconds=0, reason=tables.CHANGED)
    return failed(f"Notion does not take what its page should say: {error}")


def policies(job: Job, table: Table) -> dict[str, properties.Policy]:
    """Whose word counts, by the properties' real names."""
    return properties.policies(table.seeds, table.schema, table.names, job.wiring.settings.property_policies)


def run_of(wiring: Wiring) -> str:
    """Which start of Redis this is: what was looked for before another one may have been made and forgotten."""
    return str(wiring.redis.get(keyspace.RUN) or "")


def at_once(ask: Callable[[], Any]) -> Any:
    """Ask, and let the station's outcome say what an error comes to."""
    return ask()


def look_up(wiring: Wiring, table: Table, word: str, values: Iterable[str], *, ask: Ask = at_once) -> dict[str, Page]:
    """The pages by that text, a hundred in one request; of several with one text the oldest."""
    name, kind = table.needed(word)
    wanted, found = list(values), dict[str, Page]()
    for start in range(0, len(wanted), AT_ONCE):
        pages = ask(partial(wiring.notion.find, table.id, name, kind, wanted[start : start + AT_ONCE]))
        for page in sorted(pages, key=lambda one: str(one["created_time"])):
            found.setdefault(str(table.decode(page)[word]), page)
    return found


def found_out(wiring: Wiring, page: Page | None) -> dict[str, str]:
    """What an item keeps of having been looked for."""
    if page is None:
        return {LOOKED: run_of(wiring)}
    return {SEEN: json.dumps({name: page[name] for name in ("id", "properties")}, ensure_ascii=False)}


def find(job: Job, table: Table, word: str, value: str) -> Page | outcomes.Outcome | None:
    """The item's page, None if it surely has none. Asks only if nobody has since Redis was started."""
    if (wait := creation.unconfirmed(job)) is not None:
        return wait
    fields = job.item.fields
    if INTENT not in fields and SEEN in fields:
        seen: Page = json.loads(fields[SEEN])
        return seen
    if job.item.page_id:
        return _known(job)
    if INTENT not in fields and fields.get(LOOKED) == run_of(job.wiring):
        return None
    page = look_up(job.wiring, table, word, [value]).get(value)
    if page is None and INTENT in fields:
        job.wiring.ledger.forget(job.claim, (INTENT,))
    return page


def _known(job: Job) -> Page | outcomes.Ended:
    """The page that was made, as it is now."""
    try:
        page = job.wiring.notion.page(job.item.page_id)
    except NotFound:
        return DELETED
    return DELETED if page.get("in_trash") else page


def create(
    job: Job, table: Table, values: Mapping[str, Payload], children: Sequence[Mapping[str, Any]] = ()
) -> Page | outcomes.Later:
    """Make the page."""
    job.wiring.slot("notion")
    return creation.create(job, table, values, children=children, wrote=digests(values))


def digests(values: Mapping[str, Payload]) -> dict[str, str]:
    """What is written, as it is remembered to tell it from what others write."""
    return {name: properties.digest(plain) for name, plain in properties.plain_values(values).items()}


def wrote(item: Item) -> dict[str, str]:
    """The digests of what we have written to the page, by an unconfirmed create too."""
    intent: dict[str, Any] = json.loads(item.fields.get(INTENT, "{}"))
    return {**intent.get("wrote", {}), **json.loads(item.fields.get("wrote", "{}"))}


def says(page: Page) -> dict[str, Plain]:
    """What a page says, by its properties' real names."""
    return properties.plain_values(page["properties"])


def sealed(item: Item, page_id: str, values: Mapping[str, Payload], did: str, **fields: str) -> outcomes.Sealed:
    """The page says what was wished."""
    kept = {
        f"s:{Station.PAGE}": json.dumps({"page_id": page_id}),
        "wrote": json.dumps({**wrote(item), **digests(values)}, separators=(",", ":")),
        DID: did,
        **fields,
    }
    return outcomes.Sealed(fields=kept, drop=(INTENT, SEEN, LOOKED), written=item.version)


def gone(job: Job, page_id: str, database: str) -> outcomes.Outcome:
    """Notion knows no such page: a person has deleted it, or one of the pages that it should be related to.

    The line does without a database of this kind: if it is not shared with us any more, that is said here alone.
    """
    try:
        job.wiring.notion.data_source(database)
    except ServiceStopped as error:
        if not _of_database(error):
            raise
        return failed(f"{error}. {error.remedy}")
    try:
        if job.wiring.notion.page(page_id).get("in_trash"):
            return DELETED
    except NotFound:
        return DELETED
    return failed("a page that it should be related to was deleted in Notion: sync again")
