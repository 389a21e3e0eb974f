"""Notion, in our words: data sources, pages, relations; no retries, no sleeping, one budgeted request at a time."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from crateline.clients import notion_query
from crateline.clients.notion_http import Ask, Hush, NotionHttp
from crateline.domain import causes, properties
from crateline.errors import ConfigurationError, NotFound, Rejected, ServiceError, ServiceStopped, Throttled, Unavailable

Bear = Callable[[ServiceError], None]
"""Told of a failed request that may be repeated: raises it, or returns when it is time to ask again."""

Page = dict[str, Any]


def _bear_nothing(error: ServiceError) -> None:
    raise error


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSource:
    """A database's table. `properties` is its schema as Notion gives it: {name: {"id", "type", <type>: {…}}}."""

    id: str
    database_id: str
    title: str
    properties: dict[str, dict[str, Any]]


class Notion:
    """One integration's access, shared by all threads of a process; create it after a fork.

    `token` is the integration's secret; `ask` is the budget, and `hush` is told at once when Notion wants silence;
    `base_url` comes without `/v1`; `timeout_s` bounds one request (Notion itself gives up after about 55 s). Proxies and
    certificates are the environment's, as httpx reads them. Every method raises the errors of `notion_errors`, in
    particular OutcomeUnknown from `create` alone.
    """

    def __init__(
        self,
        *,
        token: str,
        ask: Ask,
        hush: Hush = lambda _: None,
        base_url: str = "https://api.notion.com",
        timeout_s: float = 65.0,
    ) -> None:
        self._http = NotionHttp(token=token, ask=ask, hush=hush, base_url=base_url, timeout_s=timeout_s)

    def __repr__(self) -> str:
        return f"Notion({self._http.host})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. The client is of no use afterwards."""
        self._http.close()

    def me(self) -> dict[str, Any]:
        """Give the integration's own user: the cheapest proof that the token is accepted."""
        return self._http.request("GET", "users/me")

    def data_source(self, database_id: str) -> DataSource:
        """Give the table of a database with its schema, by the id of the database, of a data source, or a page's URL.

        A database with several data sources stands for its first. Raises ServiceStopped if it is not shared with us or
        lies in the bin, ConfigurationError if this is no id at all. Takes two or three requests.
        """
        wanted = _database_id(database_id)
        try:
            database = self._http.request("GET", f"databases/{wanted}")
            sources = [source["id"] for source in database.get("data_sources", [])]
        except (ServiceStopped, NotFound, Rejected):
            sources = [wanted]  # no database, but perhaps a data source
        if not sources:
            raise _stopped(wanted, "has no data source", "Restore its table in Notion.")
        found = self._http.of_database("GET", f"data_sources/{sources[0]}")
        if found.get("in_trash"):
            raise _stopped(wanted, "lies in the bin", "Restore it in Notion; the line goes on by itself.")
        return _data_source(found, wanted)

    def add_properties(self, data_source_id: str, schema: Mapping[str, Any]) -> DataSource:
        """Add, rename or extend properties in one request; gives the data source as it is then."""
        found = self._http.request(
            "PATCH", f"data_sources/{_id(data_source_id)}", body={"properties": dict(schema)}, effect="change"
        )
        return _data_source(found, "")

    def pages(
        self,
        data_source_id: str,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - the word of Notion's own API
        edited_since: datetime | None = None,
        only: Sequence[str] | None = None,
        bear: Bear = _bear_nothing,
    ) -> Iterator[Page]:
        """Give every page that is not in the bin, each once, oldest first.

        `edited_since` (aware) reaches back a minute further, because Notion cuts its times to the minute; `only` names
        the properties to be shown. Goes past the 10,000 rows at which Notion silently stops. Pages that are created
        while it runs may or may not be among them. `bear` is told of a request that failed and may be repeated: it raises,
        or returns when to ask again, so that a long reading is not lost for one of its requests.
        """
        wanted = notion_query.conditions(filter, edited_since)
        return notion_query.Sweep(lambda body: self._answers(data_source_id, body, only, bear), wanted).pages()

    def find(self, data_source_id: str, name: str, kind: str, values: Sequence[str]) -> list[Page]:
        """Give the pages whose property `name` of type `kind` equals one of ≤ 100 values, in one query.

        Notion's `equals` may ignore case: texts are compared again here. Raises ValueError for more than 100 values.
        """
        unique = list(dict.fromkeys(values))
        if not unique:
            return []
        body = {"filter": notion_query.any_of(name, kind, unique)}
        found = (page for answer in self._answers(data_source_id, body, None) for page in answer["results"])
        return [page for page in found if notion_query.equals(page, name, kind, unique)]

    def create(self, data_source_id: str, values: Mapping[str, Any], children: Sequence[Mapping[str, Any]] | None = None) -> Page:
        """Create a page and give it; {"object", "id"} alone where Notion made it and answered with an error.

        Raises OutcomeUnknown where the page may have been made: look for it before creating it again.
        """
        parent = {"type": "data_source_id", "data_source_id": _id(data_source_id)}
        body = {"parent": parent, "properties": _bare(values), **({"children": list(children)} if children else {})}
        return self._http.request("POST", "pages", body=body, effect="create")

    def update(self, page_id: str, values: Mapping[str, Any], *, in_trash: bool | None = None) -> Page:
        """Set properties to absolute values (relations are replaced) and give the page as it is then."""
        body = {"properties": _bare(values), **({} if in_trash is None else {"in_trash": in_trash})}
        return self._http.request("PATCH", f"pages/{_id(page_id)}", body=body, effect="change")

    def page(self, page_id: str) -> Page:
        """Give one page; `in_trash` says whether it lies in the bin. Relations show 25 pages at most."""
        return self._http.request("GET", f"pages/{_id(page_id)}")

    def relation(self, page_id: str, property_id: str) -> list[str]:
        """Give the ids of all related pages; `property_id` as the API writes it (percent-encoded)."""
        path = f"pages/{_id(page_id)}/properties/{property_id}"
        related: list[str] = []
        cursor = ""
        while True:
            query = {"page_size": notion_query.PAGE_SIZE, **({"start_cursor": cursor} if cursor else {})}
            answer = self._http.request("GET", path, query=query)
            related += notion_query.related(answer)
            cursor = answer.get("next_cursor") or ""
            if not answer.get("has_more") or not cursor:
                return list(dict.fromkeys(related))

    def blocks(self, page_id: str) -> list[dict[str, Any]]:
        """Give the first hundred blocks of a page's body."""
        query = {"page_size": notion_query.PAGE_SIZE}
        found: list[dict[str, Any]] = self._http.request("GET", f"blocks/{_id(page_id)}/children", query=query)["results"]
        return found

    def rewrite(self, block_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Give a block another content, as `{"code": {…}}`."""
        return self._http.request("PATCH", f"blocks/{_id(block_id)}", body=content, effect="change")

    def append(self, page_id: str, children: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Add blocks at the end of a page's body. Look at what is there first: an unclear answer may have added them."""
        return self._http.request("PATCH", f"blocks/{_id(page_id)}/children", body={"children": list(children)}, effect="change")

    def _answers(
        self, data_source_id: str, body: Mapping[str, Any], only: Sequence[str] | None, bear: Bear = _bear_nothing
    ) -> Iterator[dict[str, Any]]:
        """Ask a query page by page until Notion has no more."""
        path = f"data_sources/{_id(data_source_id)}/query"
        query = {"filter_properties": list(only)} if only else None
        cursor: dict[str, str] = {}
        while True:
            asked = {**body, "page_size": notion_query.PAGE_SIZE, **cursor}
            try:
                answer = self._http.of_database("POST", path, query=query, body=asked)
            except (Unavailable, Throttled) as error:
                bear(error)
                continue
            yield answer
            if not answer.get("has_more") or not answer.get("next_cursor"):
                return
            cursor = {"start_cursor": answer["next_cursor"]}


def _bare(values: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Give property values as Notion's own examples write them: each under its type, which is not said twice."""
    return {name: {kind: value for kind, value in payload.items() if kind != "type"} for name, payload in values.items()}


def _stopped(database: str, what: str, remedy: str) -> ServiceStopped:
    return ServiceStopped("notion", f"the database {database} {what}", remedy, causes.about(causes.DATABASE, database))


def _data_source(found: Mapping[str, Any], database_id: str) -> DataSource:
    title = "".join(piece.get("plain_text", "") for piece in found.get("title", []))
    parent = found.get("parent") or {}
    return DataSource(
        id=found["id"], database_id=parent.get("database_id") or database_id, title=title, properties=found["properties"]
    )


def _id(text: str) -> str:
    try:
        return properties.page_id(text)
    except ValueError:
        raise Rejected("notion", f"{text!r} is not an id of Notion's") from None


def _database_id(text: str) -> str:
    """Find the id in an id, with or without dashes, or in the address of a database."""
    address = text.partition("?")[0].replace("-", "")
    found = re.findall(r"[0-9a-fA-F]{32}(?![0-9a-fA-F])", address)
    if not found:
        raise ConfigurationError(f"{text!r} is not the id of a Notion database: 32 hexadecimal digits, as in its address.")
    return properties.page_id(found[-1])
