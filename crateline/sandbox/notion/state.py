"""The workspace: databases, their data sources, pages, and who may see them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crateline.sandbox.notion import ids, problems, text
from crateline.sandbox.notion.ids import Mint
from crateline.sandbox.notion.journal import Journal
from crateline.sandbox.notion.schema import Property, Schema
from crateline.sandbox.notion.window import Window

if TYPE_CHECKING:
    from crateline.sandbox.notion.workspace import Workspace

TOKEN = "ntn_sandbox_of_crateline"
INTEGRATION = "crateline"
QUERY_ROWS = 10_000


@dataclass(kw_only=True, slots=True)
class Page:
    """A page. `parent` is a data source's id, or another page's when `data_source` is empty; `values` leaves out the empty."""

    id: str
    data_source: str
    parent: str
    place: int
    created: datetime
    edited: datetime
    edited_by: str
    values: dict[str, Any] = field(default_factory=dict)
    in_trash: bool = False
    icon: Any = None
    cover: Any = None
    blocks: list[str] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class DataSource:
    """A table: its columns, its pages in the order of their making, and indexes (casefolded text -> page ids) made on demand."""

    id: str
    database: str
    title: text.RichText
    schema: Schema
    created: datetime
    edited: datetime
    icon: Any = None
    in_trash: bool = False
    pages: list[Page] = field(default_factory=list)
    indexes: dict[str, dict[str, dict[str, None]]] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class Database:
    """The frame around one or more data sources. A database that is not shared does not exist for the integration."""

    id: str
    parent: str
    title: text.RichText
    created: datetime
    edited: datetime
    icon: Any = None
    cover: Any = None
    is_inline: bool = False
    in_trash: bool = False
    shared: bool = True
    data_sources: list[str] = field(default_factory=list)


class State:
    """One workspace in memory. `lock` is held for every request, so that tests may look in from their own thread.

    Args:
        per_minute: requests let in per window of 60 s.
        latency: seconds that every answer takes.
        query_rows: where a query stops silently.
        equals_ignores_case: whether a text filter's `equals` does. Notion does not say; True is the harder world, in which a
            client has to compare again.
        clock: the time of day.
        seed: of the ids.
    """

    def __init__(
        self,
        *,
        per_minute: int = 180,
        latency: float = 0.0,
        query_rows: int = QUERY_ROWS,
        equals_ignores_case: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
    ) -> None:
        self.lock = threading.RLock()
        self.mint = Mint(seed)
        self.request_ids = Mint(~seed)
        self.window = Window(per_minute, phase=seed % 60)
        self.journal = Journal()
        self.latency = latency
        self.query_rows = query_rows
        self.equals_ignores_case = equals_ignores_case
        self.now = clock
        self.token = TOKEN
        self.token_valid = True
        self.bot, self.person, self.workspace_id = self.mint.uuid(), self.mint.uuid(), self.mint.uuid()
        self.databases: dict[str, Database] = {}
        self.data_sources: dict[str, DataSource] = {}
        self.pages: dict[str, Page] = {}
        self.blocks: dict[str, dict[str, Any]] = {}
        self.root = self.add_page(data_source=None, parent="", by=self.person).id
        self.pages[self.root].values["title"] = text.of("Home")

    def revoke(self) -> None:
        """Make the token invalid: every request is answered with 401."""
        self.token_valid = False

    def restore(self) -> None:
        """Make the token valid again."""
        self.token_valid = True

    def share(self, database_id: str, *, shared: bool = True) -> None:
        """Share a database with the integration, or take it away: then it and all in it are 404."""
        with self.lock:
            self.databases[ids.canonical(database_id) or database_id].shared = shared

    def user(self, user_id: str) -> dict[str, Any]:
        """Show a user as the value of a property: whole, unlike in `created_by` of a page."""
        known = {"object": "user", "id": user_id, "name": "A DJ", "avatar_url": None, "type": "person"}
        if user_id == self.bot:
            return {**known, "name": INTEGRATION, "type": "bot", "bot": {}}
        return {**known, "person": {"email": "dj@example.com"}}

    def missing(self, kind: str, object_id: str) -> problems.RefusalError:
        """Word the 404 for an object that does not exist, or is not shared, which is the same to Notion."""
        message = (
            f"Could not find {kind} with ID: {object_id}. Make sure the relevant pages and databases are shared with "
            f'your integration "{INTEGRATION}".'
        )
        return problems.RefusalError(404, message, additional={"integration_id": self.bot})

    def database(self, database_id: str) -> Database:
        """Give a database. Raises RefusalError (404)."""
        found = self.databases.get(database_id)
        if found is None or not found.shared:
            raise self.missing("database", database_id)
        return found

    def data_source(self, data_source_id: str) -> DataSource:
        """Give a data source. Raises RefusalError (404), which speaks of a database, as Notion's does."""
        found = self.data_sources.get(data_source_id)
        if found is None or not self.databases[found.database].shared:
            raise self.missing("database", data_source_id)
        return found

    def page(self, page_id: str) -> Page:
        """Give a page, also one in the bin. Raises RefusalError (404)."""
        found = self.pages.get(page_id)
        if found is None or not self.visible(found):
            raise self.missing("page", page_id)
        return found

    def visible(self, page: Page) -> bool:
        """Whether the integration may see this page: those outside of databases are always shared."""
        return not page.data_source or self.databases[self.data_sources[page.data_source].database].shared

    def title_of(self, page: Page) -> str:
        """Give a page's title in plain words."""
        return text.plain(page.values.get("title", []))

    def add_database(self, title: text.RichText, parent: str) -> Database:
        """Make a database without a data source."""
        now = self.now()
        made = Database(id=self.mint.uuid(), parent=parent, title=title, created=now, edited=now)
        self.databases[made.id] = made
        return made

    def add_data_source(self, database: Database, title: text.RichText) -> DataSource:
        """Make a data source that has no properties yet."""
        now = self.now()
        made = DataSource(id=self.mint.uuid(), database=database.id, title=title, schema=Schema(), created=now, edited=now)
        self.data_sources[made.id] = made
        database.data_sources.append(made.id)
        return made

    def add_page(self, *, data_source: DataSource | None, parent: str, by: str = "", created: datetime | None = None) -> Page:
        """Make an empty page."""
        moment = created or self.now()
        siblings = data_source.pages if data_source else []
        page = Page(
            id=self.mint.uuid(),
            data_source=data_source.id if data_source else "",
            parent=parent,
            place=len(siblings),
            created=moment,
            edited=moment,
            edited_by=by or self.bot,
        )
        siblings.append(page)
        self.pages[page.id] = page
        return page

    def write(self, page: Page, prop: Property, value: Any) -> None:
        """Put a value in place of the old one; None or an empty one clears. Keeps indexes and the other side of a relation."""
        if prop.type == "relation":
            self._relate(page, prop, value or {})
            return
        index = self.data_sources[page.data_source].indexes.get(prop.id) if page.data_source else None
        if index is not None:
            index.get(index_key(page.values.get(prop.id)), {}).pop(page.id, None)
        if value is None or value is False or value in ("", []):  # the number 0 is a value
            page.values.pop(prop.id, None)
        else:
            page.values[prop.id] = value
        if index is not None:
            index.setdefault(index_key(page.values.get(prop.id)), {})[page.id] = None

    def _relate(self, page: Page, prop: Property, wanted: dict[str, None]) -> None:
        old = page.values.get(prop.id, {})
        page.values[prop.id] = dict(wanted)
        if not prop.mirror:
            return
        for other_id in [*(one for one in old if one not in wanted), *(one for one in wanted if one not in old)]:
            other = self.pages[other_id]
            members = other.values.setdefault(prop.mirror, {})
            if other_id in wanted:
                members[page.id] = None
            else:
                members.pop(page.id, None)
            other.edited = self.now()

    def index(self, data_source: DataSource, prop: Property) -> dict[str, dict[str, None]]:
        """Give the index of a text property, made at its first use and kept from then on."""
        known = data_source.indexes.get(prop.id)
        if known is None:
            known = data_source.indexes[prop.id] = {}
            for page in data_source.pages:
                known.setdefault(index_key(page.values.get(prop.id)), {})[page.id] = None
        return known

    def related(self, page: Page, prop: Property) -> Iterator[str]:
        """Give the pages that a relation shows: those in the bin are not among them."""
        return (one for one in page.values.get(prop.id, {}) if not self.pages[one].in_trash)

    def seed_user_workspace(self) -> "Workspace":
        """Lay out the user's databases as they are before crateline comes; see `workspace.seed`."""
        from crateline.sandbox.notion import workspace  # noqa: PLC0415 - it is written in terms of this module

        return workspace.seed(self)


def index_key(value: Any) -> str:
    """Give the text under which a value is found: its words, without case."""
    words = text.plain(value) if isinstance(value, list) else value or ""
    return str(words).casefold()
