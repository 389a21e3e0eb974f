"""The API of the simulated Notion as a Starlette app; with it the sandbox's own door and a page for people."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crateline.sandbox.faults import Faults
from crateline.sandbox.notion import admin, blocks, ids, objects, page, pages, problems, query, tables
from crateline.sandbox.notion.gate import Call, Gate, Handler, Json
from crateline.sandbox.notion.state import DataSource, Page, State

Endpoint = Callable[[Request], Awaitable[Response]]


def _data_source(call: Call) -> DataSource:
    wanted = ids.read(call.path["data_source_id"], "path.data_source_id", part="path")
    return call.state.data_source(wanted)


def _page(call: Call) -> Page:
    return call.state.page(ids.read(call.path["page_id"], "path.page_id", part="path"))


def _show(call: Call, one: Page) -> Json:
    names = call.query.get("filter_properties", []) + call.query.get("filter_properties[]", [])
    source = call.state.data_sources.get(one.data_source)
    only = query.chosen(source, names) if source else None
    return objects.page(call.state, one, call.version, only)


def users_me(call: Call) -> Json:
    """`GET /v1/users/me`."""
    return objects.me(call.state)


def databases_create(call: Call) -> Json:
    """`POST /v1/databases`."""
    return objects.database(call.state, tables.create_database(call.state, call.body), call.version)


def databases_retrieve(call: Call) -> Json:
    """`GET /v1/databases/{id}`: the data sources by name, no columns."""
    wanted = ids.read(call.path["database_id"], "path.database_id", part="path")
    return objects.database(call.state, call.state.database(wanted), call.version)


def data_sources_create(call: Call) -> Json:
    """`POST /v1/data_sources`."""
    return objects.data_source(call.state, tables.create_data_source(call.state, call.body), call.version)


def data_sources_retrieve(call: Call) -> Json:
    """`GET /v1/data_sources/{id}`: the columns."""
    return objects.data_source(call.state, _data_source(call), call.version)


def data_sources_update(call: Call) -> Json:
    """`PATCH /v1/data_sources/{id}`."""
    source = _data_source(call)
    tables.update_data_source(call.state, source, call.body)
    return objects.data_source(call.state, source, call.version)


def data_sources_query(call: Call) -> Json:
    """`POST /v1/data_sources/{id}/query`."""
    source = _data_source(call)
    names = call.query.get("filter_properties", []) + call.query.get("filter_properties[]", [])
    only = query.chosen(source, names)
    return query.run(call.state, source, call.body, lambda one: objects.page(call.state, one, call.version, only))


def pages_create(call: Call) -> Json:
    """`POST /v1/pages`."""
    return objects.page(call.state, pages.create(call.state, call.body), call.version)


def pages_retrieve(call: Call) -> Json:
    """`GET /v1/pages/{id}`."""
    return _show(call, _page(call))


def pages_update(call: Call) -> Json:
    """`PATCH /v1/pages/{id}`."""
    one = _page(call)
    pages.update(call.state, one, call.body)
    return objects.page(call.state, one, call.version)


def pages_property(call: Call) -> Json:
    """`GET /v1/pages/{id}/properties/{property}`."""
    one = _page(call)
    source = call.state.data_sources.get(one.data_source)
    prop = source.schema.find(call.path["property_id"]) if source else pages.TITLE_ALONE.get(call.path["property_id"])
    if prop is None:
        raise problems.RefusalError(404, f"Could not find property with ID: {call.path['property_id']}.")
    size = query.page_size(call.asked("page_size"), part="query")
    cursor = call.asked("start_cursor")
    return objects.property_item(call.state, prop, one, lambda items: query.cut(items, size, cursor))


def blocks_retrieve(call: Call) -> Json:
    """`GET /v1/blocks/{id}`."""
    return _shown_block(call, _block_id(call))


def blocks_update(call: Call) -> Json:
    """`PATCH /v1/blocks/{id}`: its content is replaced, its kind stays."""
    blocks.rewrite(call.state, _block_id(call), call.body)
    return _shown_block(call, _block_id(call))


def blocks_delete(call: Call) -> Json:
    """`DELETE /v1/blocks/{id}`: a page or a database goes into the bin."""
    shown = blocks.show(call.state, _block_id(call))
    blocks.remove(call.state, shown["id"])
    return {**shown, "in_trash": True, **objects.archived(call.version, in_trash=True)}


def children_list(call: Call) -> Json:
    """`GET /v1/blocks/{id}/children`."""
    size = query.page_size(call.asked("page_size"), part="query")
    listed = query.cut(blocks.children(call.state, _block_id(call)), size, call.asked("start_cursor"))
    shown = [_shown_block(call, one) for one in listed["results"]]
    return {**listed, "results": shown, "type": "block", "block": {}}


def children_append(call: Call) -> Json:
    """`PATCH /v1/blocks/{id}/children`."""
    parent = _block_id(call)
    blocks.children(call.state, parent)
    if parent in call.state.pages and call.state.pages[parent].in_trash:
        raise pages.locked()
    made = blocks.append(call.state, parent, blocks.read(call.body.get("children"), "body.children"))
    shown = [_shown_block(call, one) for one in made]
    return {"object": "list", "results": shown, "next_cursor": None, "has_more": False, "type": "block", "block": {}}


def _block_id(call: Call) -> str:
    return ids.read(call.path["block_id"], "path.block_id", part="path")


def _shown_block(call: Call, block_id: str) -> Json:
    shown = blocks.show(call.state, block_id)
    return {**shown, **objects.archived(call.version, in_trash=shown["in_trash"])}


def search(call: Call) -> Json:
    """`POST /v1/search`."""
    return query.search(call.state, call.body, lambda one: objects.page(call.state, one, call.version))


def unknown(_call: Call) -> Json:
    """Answer every other path."""
    raise problems.RefusalError(400, "Invalid request URL.", "invalid_request_url")


READS = frozenset({data_sources_query, search})
API: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/v1/users/me", users_me),
    ("POST", "/v1/databases", databases_create),
    ("GET", "/v1/databases/{database_id}", databases_retrieve),
    ("POST", "/v1/data_sources", data_sources_create),
    ("GET", "/v1/data_sources/{data_source_id}", data_sources_retrieve),
    ("PATCH", "/v1/data_sources/{data_source_id}", data_sources_update),
    ("POST", "/v1/data_sources/{data_source_id}/query", data_sources_query),
    ("POST", "/v1/pages", pages_create),
    ("GET", "/v1/pages/{page_id}", pages_retrieve),
    ("PATCH", "/v1/pages/{page_id}", pages_update),
    ("GET", "/v1/pages/{page_id}/properties/{property_id:path}", pages_property),
    ("GET", "/v1/blocks/{block_id}", blocks_retrieve),
    ("PATCH", "/v1/blocks/{block_id}", blocks_update),
    ("DELETE", "/v1/blocks/{block_id}", blocks_delete),
    ("GET", "/v1/blocks/{block_id}/children", children_list),
    ("PATCH", "/v1/blocks/{block_id}/children", children_append),
    ("POST", "/v1/search", search),
)


def app(state: State, faults: Faults | None = None) -> Starlette:
    """Serve a workspace: the API under /v1, the sandbox's door under /_sandbox, a page for people at /."""
    rules = faults or Faults()
    gate = Gate(state, rules)

    def through(handler: Handler) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await gate.answer(request, handler, reads=handler in READS)

        return endpoint

    api = [Route(path, through(handler), methods=[method]) for method, path, handler in API]
    rest = Route("/{rest:path}", through(unknown), methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
    return Starlette(routes=[*api, *admin.routes(state, rules), *page.routes(state), rest])
