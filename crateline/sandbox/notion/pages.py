"""Making and changing pages."""

from typing import Any

from crateline.sandbox.notion import blocks, ids, problems, text, values
from crateline.sandbox.notion.schema import Property
from crateline.sandbox.notion.state import DataSource, Page, State

TITLE_ALONE = {"title": Property(id="title", name="title", type="title")}

Json = dict[str, Any]


def create(state: State, body: Json) -> Page:
    """Make a page, as `POST /v1/pages` does. Raises RefusalError, and then there is none."""
    source, parent = _home(state, body.get("parent"))
    written = _read(state, source, body.get("properties") or {})
    children = blocks.read(body.get("children") or [], "body.children")
    page = state.add_page(data_source=source, parent=parent)
    page.icon, page.cover = body.get("icon"), body.get("cover")
    _write(state, page, written)
    blocks.append(state, page.id, children)
    return page


def _home(state: State, parent: Any) -> tuple[DataSource | None, str]:
    if not isinstance(parent, dict):
        raise problems.invalid("body.parent", "should be defined, instead was `undefined`")
    if "data_source_id" in parent:
        source = state.data_source(ids.read(parent["data_source_id"], "body.parent.data_source_id"))
    elif "database_id" in parent:
        database = state.database(ids.read(parent["database_id"], "body.parent.database_id"))
        source = state.data_sources[_only(database.data_sources)]
    else:
        return None, state.page(ids.read(parent.get("page_id"), "body.parent.page_id")).id
    if source.in_trash or state.databases[source.database].in_trash:
        raise locked()
    return source, source.id


def _only(sources: list[str]) -> str:
    if len(sources) > 1:
        raise problems.wrong(
            "Databases with multiple data sources are not supported in this way: name the parent by its data_source_id."
        )
    return sources[0]


def locked() -> problems.RefusalError:
    """Refuse to change what lies in the bin."""
    return problems.wrong("Can't edit block that is archived. You must unarchive the block before editing.")


def update(state: State, page: Page, body: Json, *, by: str = "") -> None:
    """Change a page, as `PATCH /v1/pages/{id}` does: what is not named stays, arrays are replaced. Raises RefusalError.

    `by` is the user who does it, the bot by default. Refused requests change nothing.
    """
    bin_wanted = body.get("in_trash", body.get("archived"))
    properties = body.get("properties") or {}
    if page.in_trash and bin_wanted is not False:
        raise locked()
    source = state.data_sources[page.data_source] if page.data_source else None
    written = _read(state, source, properties)
    if bin_wanted is not None:
        page.in_trash = bool(bin_wanted)
    page.icon, page.cover = body.get("icon", page.icon), body.get("cover", page.cover)
    _write(state, page, written)
    page.edited, page.edited_by = state.now(), by or state.bot


def _read(state: State, source: DataSource | None, properties: Json) -> list[tuple[Property | None, Any]]:
    problems.require(properties, dict, "body.properties")
    if source is None:
        return [(None, _read_title(name, raw)) for name, raw in properties.items()]
    return [(prop, values.read(state, prop, raw)) for prop, raw in _named(source, properties)]


def _named(source: DataSource, properties: Json) -> list[tuple[Property, Any]]:
    named = [(name, source.schema.find(name), raw) for name, raw in properties.items()]
    for name, prop, _ in named:
        if prop is None:
            raise problems.wrong(f"{name} is not a property that exists.")
    return [(prop, raw) for _, prop, raw in named if prop is not None]


def _read_title(name: str, raw: Any) -> text.RichText:
    if name != "title":
        raise problems.wrong(f"{name} is not a property that exists.")
    return text.read(raw.get("title") if isinstance(raw, dict) else raw, "body.properties.title.title")


def _write(state: State, page: Page, written: list[tuple[Property | None, Any]]) -> None:
    for prop, value in written:
        if prop is None:
            page.values["title"] = value
        else:
            state.write(page, prop, value)


def add_rows(state: State, source: DataSource, rows: list[Json], *, by: str = "") -> list[str]:
    """Make pages from plain values (`{"Name": "A", "BPM": 120}`), past all limits of requests; gives their ids.

    For setting a scene: the rows are taken as a person's unless `by` says otherwise.
    """
    made = []
    for row in rows:
        page = state.add_page(data_source=source, parent=source.id, by=by or state.person)
        for prop, value in _named(source, row):
            state.write(page, prop, values.read(state, prop, values.from_plain(prop, value)))
        made.append(page.id)
    return made
