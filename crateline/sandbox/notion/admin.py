"""The sandbox's own door: what arrived, what is kept, and the switches of the world. No token, outside of /v1.

GET  /_sandbox/stats[?grace=s]   arrivals, counts, struck faults, the fullest rate window
GET  /_sandbox/state             every row of every database as plain values by name
POST /_sandbox/faults            replace the fault rules (see `crateline.sandbox.faults`)
POST /_sandbox/token             {"valid": bool}
POST /_sandbox/limits            {"per_minute": n, "latency": s, "query_rows": n}, each optional
POST /_sandbox/share             {"database": id, "shared": bool}
POST /_sandbox/rows              {"database": id, "rows": [{name: plain value}]}: made by a person
POST /_sandbox/edit              {"page": id, "properties": {name: plain value}, "in_trash": bool}: done by a person
"""

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crateline.sandbox.faults import Faults
from crateline.sandbox.notion import ids, instants, pages, problems, text, values
from crateline.sandbox.notion.journal import GRACE_S
from crateline.sandbox.notion.state import DataSource, Page, State

Json = dict[str, Any]
Switch = Callable[[State, Json], Json]


def stats(state: State, faults: Faults, grace: float = GRACE_S) -> Json:
    """Report the journal and the rate window; see `Journal.report` for `grace`."""
    window = state.window
    limits = {"per_minute": window.per_minute, "fullest_window": window.fullest, "refused_by_window": window.refused}
    return {**state.journal.report(grace), **limits, "faults": dict(faults.struck), "pages": len(state.pages)}


def snapshot(state: State) -> Json:
    """Give every database by its title, with its rows as plain values."""
    with state.lock:
        sources = list(state.data_sources.values())
        return {"databases": {text.plain(one.title): _table(state, one) for one in sources}}


def _table(state: State, source: DataSource) -> Json:
    return {
        "id": source.database,
        "data_source_id": source.id,
        "properties": {prop.name: prop.type for prop in source.schema.properties.values()},
        "rows": [row(state, source, page) for page in source.pages],
    }


def row(state: State, source: DataSource, page: Page) -> Json:
    """Give one page as plain values by name, with what surrounds them."""
    return {
        "id": page.id,
        "in_trash": page.in_trash,
        "created_time": instants.stamp(page.created),
        "last_edited_time": instants.stamp(page.edited),
        "edited_by": "person" if page.edited_by == state.person else "bot",
        "blocks": len(page.blocks),
        "properties": {prop.name: values.plain(state, prop, page) for prop in source.schema.properties.values()},
    }


def _token(state: State, asked: Json) -> Json:
    state.token_valid = bool(asked["valid"])
    return {"valid": state.token_valid}


def _limits(state: State, asked: Json) -> Json:
    state.window.per_minute = int(asked.get("per_minute", state.window.per_minute))
    state.latency = float(asked.get("latency", state.latency))
    state.query_rows = int(asked.get("query_rows", state.query_rows))
    return {"per_minute": state.window.per_minute, "latency": state.latency, "query_rows": state.query_rows}


def _share(state: State, asked: Json) -> Json:
    state.share(asked["database"], shared=bool(asked["shared"]))
    return {"shared": bool(asked["shared"])}


def _rows(state: State, asked: Json) -> Json:
    database = state.databases[ids.read(asked["database"], "database")]
    source = state.data_sources[database.data_sources[0]]
    return {"ids": pages.add_rows(state, source, asked["rows"])}


def _edit(state: State, asked: Json) -> Json:
    page = state.pages[ids.read(asked["page"], "page")]
    source = state.data_sources[page.data_source]
    body: Json = {"in_trash": asked["in_trash"]} if "in_trash" in asked else {}
    named = {name: source.schema.find(name) for name in asked.get("properties", {})}
    body["properties"] = {
        name: values.from_plain(prop, asked["properties"][name]) if prop else None for name, prop in named.items()
    }
    pages.update(state, page, body, by=state.person)
    return row(state, source, page)


SWITCHES: dict[str, Switch] = {"token": _token, "limits": _limits, "share": _share, "rows": _rows, "edit": _edit}


def routes(state: State, faults: Faults) -> list[Route]:
    """Give the routes of the door."""

    async def show_stats(request: Request) -> Response:
        return JSONResponse(stats(state, faults, float(request.query_params.get("grace", GRACE_S))))

    async def show_state(_request: Request) -> Response:
        return JSONResponse(snapshot(state))

    async def switch(request: Request) -> Response:
        try:
            with state.lock:
                return JSONResponse(SWITCHES[request.path_params["name"]](state, json.loads(await request.body())))
        except (KeyError, TypeError, ValueError, problems.RefusalError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

    return [
        Route("/_sandbox/stats", show_stats),
        Route("/_sandbox/state", show_state),
        Route("/_sandbox/faults", faults.endpoint, methods=["POST"]),
        Route("/_sandbox/{name}", switch, methods=["POST"]),
    ]
