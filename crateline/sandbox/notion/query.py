"""Queries: filter, order, cut into pages, and the silent stop at 10,000 rows."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from crateline.sandbox.notion import problems, text, values
from crateline.sandbox.notion.filters import TIMESTAMPS, compile_filter
from crateline.sandbox.notion.schema import LINES, TEXTS, Property
from crateline.sandbox.notion.state import DataSource, Page, State

PAGE_SIZE_LIMIT = 100

Json = dict[str, Any]


def page_size(raw: Any, *, part: str = "body") -> int:
    """Read a page_size. Raises RefusalError when it is not between 1 and 100."""
    try:
        size = PAGE_SIZE_LIMIT if raw is None else int(raw)
    except (TypeError, ValueError) as error:
        raise problems.invalid(f"{part}.page_size", f"should be a number, instead was `{raw}`", part=part) from error
    if size > PAGE_SIZE_LIMIT:
        raise problems.invalid(f"{part}.page_size", f"should be ≤ `{PAGE_SIZE_LIMIT}`, instead was `{size}`", part=part)
    if size < 1:
        raise problems.invalid(f"{part}.page_size", f"should be ≥ `1`, instead was `{size}`", part=part)
    return size


def write_cursor(served: int, next_id: str) -> str:
    """Write an opaque cursor: how many rows were given so far, and which comes next."""
    return base64.urlsafe_b64encode(f"{served}:{next_id}".encode()).decode().rstrip("=")


def read_cursor(raw: Any) -> tuple[int, str]:
    """Read a cursor back. Raises RefusalError for one that was never given out."""
    if raw is None:
        return 0, ""
    try:
        served, _, next_id = base64.urlsafe_b64decode(f"{raw}===").decode().partition(":")
        return int(served), next_id
    except (binascii.Error, ValueError) as error:
        raise problems.wrong(f"The start_cursor provided is invalid: {raw}") from error


def cut(items: Sequence[Any], size: int, cursor: Any) -> Json:
    """Cut a short list into pages by position, as the lists of a page's property and of blocks are."""
    start, _ = read_cursor(cursor)
    more = start + size < len(items)
    return {
        "object": "list",
        "results": list(items[start : start + size]),
        "next_cursor": write_cursor(start + size, "") if more else None,
        "has_more": more,
    }


def run(state: State, source: DataSource, body: Json, show: Callable[[Page], Json]) -> Json:
    """Answer `POST /v1/data_sources/{id}/query`; `show` makes the object of a page. Raises RefusalError."""
    size = page_size(body.get("page_size"))
    served, next_id = read_cursor(body.get("start_cursor"))
    found = _matches(state, source, body)
    start = _start(found, served, next_id) if next_id else 0
    stop = start + min(size, max(state.query_rows - served, 0))
    more = stop < len(found)
    incomplete = more and served + stop - start >= state.query_rows
    return {
        "object": "list",
        "results": [show(page) for page in found[start:stop]],
        "next_cursor": write_cursor(served + stop - start, found[stop].id) if more and not incomplete else None,
        "has_more": more and not incomplete,
        "type": "page_or_data_source",
        "page_or_data_source": {},
        **({"request_status": _incomplete()} if incomplete else {}),
    }


def _incomplete() -> Json:
    return {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}


def _start(found: Sequence[Page], served: int, next_id: str) -> int:
    """Find where a cursor points; when its page no longer matches, the place by number is the best guess."""
    for place, page in enumerate(found):
        if page.id == next_id:
            return place
    return min(served, len(found))


def _matches(state: State, source: DataSource, body: Json) -> list[Page]:
    plan = compile_filter(state, source, body.get("filter"))
    wants_bin = bool(body.get("in_trash"))
    rows: Iterable[Page] = reversed(source.pages)
    if plan.candidates is not None:
        rows = sorted((state.pages[one] for one in plan.candidates), key=lambda page: -page.place)
    found = [page for page in rows if page.in_trash == wants_bin and plan.test(page)]
    for key, descending in reversed(list(_sorts(state, source, body.get("sorts") or []))):
        _sort(found, key, descending=descending)
    return found


def _sorts(state: State, source: DataSource, raw: Any) -> Iterator[tuple[Callable[[Page], Any], bool]]:
    for place, one in enumerate(problems.require(raw, list, "body.sorts")):
        where = f"body.sorts[{place}]"
        if problems.require(one, dict, where).get("direction") not in {"ascending", "descending"}:
            raise problems.invalid(f"{where}.direction", 'should be `"ascending"` or `"descending"`')
        yield _sort_key(state, source, one, where), one["direction"] == "descending"


def _sort_key(state: State, source: DataSource, one: Json, where: str) -> Callable[[Page], Any]:
    if one.get("timestamp") in TIMESTAMPS:
        return (lambda page: page.created) if one["timestamp"] == "created_time" else (lambda page: page.edited)
    if not isinstance(one.get("property"), str):
        raise problems.invalid(f"{where}.property", "should be defined, instead was `undefined`")
    prop = source.schema.find(one["property"])
    if prop is None:
        raise problems.wrong(f"Could not find sort property with name or id: {one['property']}")
    return lambda page: _sortable(state, prop, page)


def _sortable(state: State, prop: Property, page: Page) -> Any:
    value = page.values.get(prop.id)
    if value is None:
        return False if prop.type == "checkbox" else None
    if prop.type in TEXTS | LINES:
        return (text.plain(value) if isinstance(value, list) else value).casefold()
    if prop.type in {"select", "status"}:
        return next(place for place, option in enumerate(prop.options) if option.id == value)
    if prop.type == "date":
        return value["start"]
    plain = values.plain(state, prop, page)
    return str(plain) if isinstance(plain, list | dict) else plain


def _sort(found: list[Page], key: Callable[[Page], Any], *, descending: bool) -> None:
    """Sort in place and stably; pages without a value come last in either direction."""
    keyed = [(key(page), page) for page in found]
    filled = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=descending)
    found[:] = [page for _, page in filled] + [page for value, page in keyed if value is None]


def chosen(source: DataSource, names: Sequence[str]) -> list[Property] | None:
    """Read `filter_properties`: names or raw ids, decoded once by the server, so an id encoded twice is unknown."""
    if not names:
        return None
    by_name = {one.name: one for one in source.schema.properties.values()}
    found = [by_name.get(name) or source.schema.properties.get(name) for name in names]
    for name, prop in zip(names, found, strict=True):
        if prop is None:
            raise problems.wrong(f"Could not find property with name or id: {name}")
    return [prop for prop in found if prop is not None]


def search(state: State, body: Json, show: Callable[[Page], Json], lag_s: float = 15.0) -> Json:
    """Answer `POST /v1/search` over page titles; as in the real one, the newest pages are not found yet."""
    wanted = str(body.get("query") or "").casefold()
    now = state.now()
    found = [
        page
        for page in reversed(list(state.pages.values()))
        if not page.in_trash
        and wanted in state.title_of(page).casefold()
        and (now - page.created).total_seconds() >= lag_s
        and state.visible(page)
    ]
    listed = cut([page.id for page in found], page_size(body.get("page_size")), body.get("start_cursor"))
    shown = [show(state.pages[one]) for one in listed["results"]]
    return {**listed, "results": shown, "type": "page_or_data_source", "page_or_data_source": {}}
