"""A user's Notion in this process, seen from its own side: what a person does in it, and what has arrived."""

import re
from dataclasses import dataclass
from typing import Any

from crateline.sandbox.faults import Faults
from crateline.sandbox.notion import admin, pages, tables
from crateline.sandbox.notion.state import State


class Door:
    """The one server of a session; behind it stands the app of the test that runs."""

    def __init__(self) -> None:
        self.app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@dataclass(kw_only=True)
class Workspace:
    """The simulated Notion. `databases` are the ids of its databases by their words."""

    state: State
    faults: Faults
    databases: dict[str, str]
    seen: int = 0

    def rows(self, name: str = "tracks") -> list[dict[str, Any]]:
        """The pages of a database that are not in the bin: their values by name, and `id`."""
        source = self._source(name)
        with self.state.lock:
            found = [admin.row(self.state, source, page) for page in source.pages]
        return [{**row["properties"], "id": row["id"]} for row in found if not row["in_trash"]]

    def row(self, name: str = "tracks") -> dict[str, Any]:
        """The one page of a database."""
        rows = self.rows(name)
        assert len(rows) == 1, rows
        return rows[0]

    def person_makes(self, name: str = "tracks", **values: Any) -> str:
        """A page by a person; gives its id. `Source_ID` is the property "Source ID"."""
        row = {key.replace("_", " "): value for key, value in values.items()}
        with self.state.lock:
            return pages.add_rows(self.state, self._source(name), [row])[0]

    def person_edits(self, page_id: str, *, in_trash: bool | None = None, **values: Any) -> None:
        row = {key.replace("_", " "): value for key, value in values.items()}
        asked = {"page": page_id, "properties": row} | ({} if in_trash is None else {"in_trash": in_trash})
        with self.state.lock:
            admin.SWITCHES["edit"](self.state, asked)

    def drop_property(self, prop: str, name: str = "tracks") -> None:
        """A person takes a property away."""
        with self.state.lock:
            tables.update_columns(self.state, self._source(name), {prop: None})

    def add_property(self, prop: str, kind: str, name: str = "tracks") -> None:
        """A person adds a property."""
        with self.state.lock:
            tables.update_columns(self.state, self._source(name), {prop: {kind: {}}})

    def order(self, *rules: dict[str, Any]) -> None:
        """Misbehave from now on."""
        self.faults.replace(rules)

    def fresh(self) -> None:
        """Count requests from now on."""
        self.seen = len(self.state.journal.arrivals)

    def requests(self, *patterns: str) -> list[str]:
        """What arrived since `fresh`, as "POST /v1/pages"; those that match one of the patterns, if any are given."""
        said = [f"{one.method} {one.path}" for one in self.state.journal.arrivals[self.seen :]]
        return [one for one in said if not patterns or any(re.search(pattern, one) for pattern in patterns)]

    @property
    def creates(self) -> list[str]:
        return self.requests("^POST /v1/pages$")

    @property
    def writes(self) -> list[str]:
        """What arrived that could change a page."""
        return self.requests("^POST /v1/pages$", "^PATCH ")

    @property
    def queries(self) -> list[str]:
        return self.requests("/query$")

    def _source(self, name: str) -> Any:
        database = self.state.databases[self.databases[name]]
        return self.state.data_sources[database.data_sources[0]]
