"""A read-only page for people: the tracks of the simulated workspace as a table, its playlists and DJ sets beside it."""

import secrets
from collections import Counter
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from crateline.sandbox.notion import text, values
from crateline.sandbox.notion.schema import Property
from crateline.sandbox.notion.state import DataSource, Page, State

TRACKS = "Music Tracks"
PLAYLISTS = "Music Playlists"
CALENDAR = "Calendar"
ROWS_SHOWN = 500
REFRESH_S = 5

TEMPLATES = Environment(
    loader=PackageLoader("crateline.sandbox.notion"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A link in the sidebar."""

    id: str
    name: str
    count: int
    chosen: bool


def render(state: State, playlist: str = "", nonce: str = "") -> str:
    """Render the page; `playlist` is the id of the one to show, "" for all tracks."""
    with state.lock:
        source = _source(state, TRACKS)
        link = _link(state, source)
        pages = [one for one in reversed(source.pages) if not one.in_trash] if source else []
        found = [one for one in pages if not playlist or (link and playlist in one.values.get(link.id, ()))]
        listed = _playlists(state, link, pages, playlist)
        statuses = _statuses(source, found)
        rows = [_row(state, source, link, one) for one in found[:ROWS_SHOWN]] if source else []
        sets = len(_sets(state))
    return TEMPLATES.get_template("tracks.html").render(
        rows=rows,
        found=len(found),
        total=len(pages),
        playlists=listed,
        statuses=statuses,
        here=next((one.name for one in listed if one.chosen), TRACKS),
        chosen=playlist,
        sets=sets,
        refresh=REFRESH_S,
        nonce=nonce,
    )


def render_sets(state: State, nonce: str = "") -> str:
    """Render the DJ sets in the calendar."""
    with state.lock:
        tracks = _source(state, TRACKS)
        link = _link(state, tracks)
        pages = [one for one in tracks.pages if not one.in_trash] if tracks else []
        listed = _playlists(state, link, pages, "")
        rows = _sets(state)
    return TEMPLATES.get_template("sets.html").render(
        rows=rows,
        total=len(pages),
        playlists=listed,
        here=CALENDAR,
        chosen="sets",
        sets=len(rows),
        refresh=REFRESH_S,
        nonce=nonce,
    )


def _sets(state: State) -> list[dict[str, Any]]:
    source = _source(state, CALENDAR)
    session = source.schema.find("Session ID") if source else None
    if source is None or session is None:
        return []
    return [_set(state, source, one) for one in source.pages if not one.in_trash and one.values.get(session.id)]


def _set(state: State, source: DataSource, page: Page) -> dict[str, Any]:
    def plain(name: str) -> Any:
        prop = source.schema.find(name)
        return values.plain(state, prop, page) if prop else None

    return {
        "title": state.title_of(page) or "Untitled",
        "date": str((plain("Date") or {}).get("start") or "")[:16].replace("T", " "),
        "minutes": plain("Duration (min)"),
        "tracks": len(plain("Tracks Played") or ()),
        "bpm": plain("Average BPM"),
        "tones": plain("Keys Used") or (),
        "device": plain("Device") or "",
    }


def _source(state: State, title: str) -> DataSource | None:
    return next((one for one in state.data_sources.values() if text.plain(one.title) == title), None)


def _statuses(source: DataSource | None, found: list[Page]) -> dict[str, int]:
    status = source.schema.find("Status") if source else None
    if status is None:
        return {}
    counts = Counter(one.values.get(status.id) for one in found)
    return {option.name: counts[option.id] for option in status.options if counts[option.id]}


def _playlists(state: State, link: Property | None, pages: list[Page], chosen: str) -> list[Choice]:
    source = _source(state, PLAYLISTS)
    if source is None:
        return []
    counts = Counter(one for page in pages for one in (page.values.get(link.id, ()) if link else ()))
    return [
        Choice(id=one.id, name=state.title_of(one) or "Untitled", count=counts[one.id], chosen=one.id == chosen)
        for one in source.pages
        if not one.in_trash
    ]


def _link(state: State, tracks: DataSource | None) -> Property | None:
    """Find the relation from tracks to playlists, whatever it is called."""
    target = _source(state, PLAYLISTS)
    found = (one for one in tracks.schema.properties.values() if target and one.target == target.id) if tracks else iter(())
    return next(found, None)


def _row(state: State, source: DataSource, link: Property | None, page: Page) -> dict[str, Any]:
    def plain(name: str) -> Any:
        prop = source.schema.find(name)
        return values.plain(state, prop, page) if prop else None

    status = source.schema.find("Status")
    related = state.related(page, link) if link else ()
    return {
        "title": state.title_of(page) or "Untitled",
        "artist": plain("Artist") or "",
        "bpm": plain("BPM"),
        "key": plain("Key") or "",
        "duration": _clock(plain("Duration")),
        "status": values.show(state, status, page) if status else None,
        "source_id": plain("Source ID") or "",
        "in_eagle": bool(plain("In Eagle")),
        "playlists": [state.title_of(state.pages[one]) for one in related],
    }


def _clock(seconds: float | None) -> str:
    return "" if seconds is None else f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def routes(state: State) -> list[Route]:
    """Give the route of the page. The policy lets nothing in but the page's own style, and no script at all."""

    async def show(request: Request) -> Response:
        nonce = secrets.token_urlsafe(12)
        policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        asked = request.query_params
        shown = render_sets(state, nonce) if "sets" in asked else render(state, asked.get("playlist", ""), nonce)
        return HTMLResponse(shown, headers=headers)

    return [Route("/", show)]
