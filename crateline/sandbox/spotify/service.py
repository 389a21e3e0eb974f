"""api.spotify.com, accounts.spotify.com, i.scdn.co and spotify.link as they are in 2026, in development mode.

Contents of playlists only for their owner (403 for others, and for every app token), `/playlists/{id}/tracks` gone,
no batch endpoints, search of at most ten. What a test may change while it runs, behind the back door:
`POST /_sandbox/consent` {"access": bool, "consent": bool} ends tokens; `POST /_sandbox/playing` {"track": id or null};
`POST /_sandbox/playlist` {"id", "rows", "name", "owned", "gone"} edits a playlist, or makes the user another one; other
rows change its snapshot.
"""

import asyncio
import dataclasses
import hashlib
import itertools
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from crateline.sandbox import artwork
from crateline.sandbox.catalogue import SpotifyPlaylist, World
from crateline.sandbox.faults import Faults, Rule
from crateline.sandbox.journal import Journal
from crateline.sandbox.spotify import shapes
from crateline.sandbox.spotify.accounts import LIFETIME_S, Accounts

HOSTS = ("spotify.com", "scdn.co", "spotify.link")
WINDOW_S = 30.0  # Spotify counts requests in a rolling window of this length
USER = "crate-digger"
MESSAGES = {401: "The access token expired", 403: "Forbidden", 404: "Resource not found", 429: "API rate limit exceeded"}

Answer = Callable[["Service", Request], Awaitable[Response]]


def app(
    world: World, *, faults: Faults | None = None, requests_per_window: int | None = None, token_lifetime: float = LIFETIME_S
) -> Starlette:
    """Build the service. `requests_per_window`: more of them in 30 s are answered with 429; `token_lifetime` in seconds."""
    return Service(world, faults, requests_per_window, token_lifetime).app


class Service:
    """The state behind the routes: accounts, playlists as they are now, what plays, and the window of arrivals."""

    def __init__(self, world: World, faults: Faults | None, per_window: int | None, token_lifetime: float) -> None:
        self.world = world
        self.per_window = per_window
        self.accounts = Accounts(token_lifetime)
        self.playlists = {playlist.id: playlist for playlist in world.spotify_playlists}
        self.tracks = {track.id: track for track in world.spotify}
        self.albums = {track.album_id: track for track in world.spotify}
        self.playing: str | None = None
        self.window: deque[float] = deque()
        self.journal = Journal(faults, words)
        self.app = self.journal.app(self._routes(), self._back_door())

    def _routes(self) -> list[Route]:
        route = self.journal.route
        answers: dict[str, Answer] = {
            "/playlists/{id}": playlist,
            "/playlists/{id}/items": playlist_items,
            "/playlists/{id}/tracks": forbidden,
            "/albums/{id}": album,
            "/albums/{id}/tracks": album_tracks,
            "/tracks/{id}": track,
            "/search": search,
        }
        own: dict[str, Answer] = {
            "/me": me,
            "/me/": me,
            "/me/playlists": my_playlists,
            "/me/tracks": my_tracks,
            "/me/player/currently-playing": currently_playing,
        }
        return [
            route("/api/token", "token", self.accounts.token, ("POST",)),
            route("/authorize", "authorize", self.accounts.authorize),
            *(route(f"/v1{path}", path, self._open(answer, user=path in own)) for path, answer in (answers | own).items()),
            route("/image/{id}", "artwork", cover),
            route("/{code}", "short", self._short, ("HEAD",)),
            route("/v1/{rest:path}", "unknown", self._open(gone), ("GET", "POST", "PUT", "DELETE")),
        ]

    def _open(self, answer: Answer, *, user: bool = False) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            whose = self.accounts.for_user(request.headers.get("authorization", ""))
            if whose is None or (user and not whose):
                return _error(401, "This request requires user authentication." if whose is False else "")
            wait = self._wait()
            if wait:
                return JSONResponse(shapes.error(429, MESSAGES[429]), 429, headers={"Retry-After": str(math.ceil(wait))})
            request.state.user = whose
            return await answer(self, request)

        return checked

    async def _short(self, request: Request) -> Response:
        """Answer a short link, whose code is the id of a track or a playlist; one that begins with `hop` leads to its rest."""
        code = request.path_params["code"]
        if code.startswith("hop"):
            return RedirectResponse(f"https://spotify.link/{code.removeprefix('hop')}")
        kind = "track" if code in self.tracks else "playlist" if code in self.playlists else ""
        target = f"https://open.spotify.com/{kind}/{code}?si=x&_branch_match_id=1" if kind else "https://spotify.example/gone"
        return RedirectResponse(target)

    def _wait(self) -> float:
        now = time.monotonic()
        while self.window and self.window[0] <= now - WINDOW_S:
            self.window.popleft()
        if self.per_window is not None and len(self.window) >= self.per_window:
            return self.window[0] + WINDOW_S - now
        self.window.append(now)
        return 0.0

    def _back_door(self) -> list[Route]:
        doors = {"/consent": self._end_consent, "/playing": self._play, "/playlist": self._edit}
        return [Route(path, handler, methods=["POST"]) for path, handler in doors.items()]

    async def _end_consent(self, request: Request) -> Response:
        self.accounts.revoke(**await request.json())
        return JSONResponse({})

    async def _play(self, request: Request) -> Response:
        self.playing = (await request.json())["track"]
        return JSONResponse({})

    async def _edit(self, request: Request) -> Response:
        asked = await request.json()
        known = (one for one in (*self.playlists.values(), *self.world.spotify_playlists) if one.id == asked["id"])
        before = next(known, SpotifyPlaylist(id=asked["id"], name=asked["id"], owner=USER, owned=True, rows=()))
        said = {name: asked[name] for name in ("name", "owned") if name in asked}
        self.playlists[before.id] = dataclasses.replace(before, rows=tuple(asked.get("rows", before.rows)), **said)
        if asked.get("gone"):
            del self.playlists[before.id]
        places = dict(zip((one.id for one in self.world.spotify_playlists), itertools.count(), strict=False))
        last = len(places)  # one that is back has its old place in the library
        self.playlists = dict(sorted(self.playlists.items(), key=lambda pair: places.get(pair[0], last)))
        return JSONResponse({})


def words(rule: Rule, truth: Response | None) -> Response | None:
    """Phrase a fault's status as Spotify does."""
    del truth
    return _error(rule.status or 500)


async def cover(request: Request) -> Response:
    """Give an album's picture."""
    return await asyncio.to_thread(artwork.response, request.path_params["id"])


async def playlist(service: Service, request: Request) -> Response:
    """Answer GET /playlists/{id}: its head, and for its owner the first page of contents."""
    found = service.playlists.get(request.path_params["id"])
    if found is None:
        return _error(404)
    head = _head(found)
    if found.owned and request.state.user:
        head["items"] = _playlist_page(service, found, 100, 0)
    wanted = [name for name in request.query_params.get("fields", "").split(",") if name]
    return JSONResponse({name: head[name] for name in wanted if name in head} if wanted else head)


async def playlist_items(service: Service, request: Request) -> Response:
    """Answer GET /playlists/{id}/items: rows with `item`."""
    found = service.playlists.get(request.path_params["id"])
    if found is None:
        return _error(404)
    if not (found.owned and request.state.user):
        return _error(403)
    return _paged(request, 50, lambda limit, offset: _playlist_page(service, found, limit, offset))


async def forbidden(service: Service, request: Request) -> Response:
    """Answer the endpoint that was there before February 2026."""
    del service, request
    return _error(403)


async def gone(service: Service, request: Request) -> Response:
    """Answer what does not exist, the batch endpoints among it."""
    del service, request
    return _error(404)


async def album(service: Service, request: Request) -> Response:
    """Answer GET /albums/{id}."""
    found = service.albums.get(request.path_params["id"])
    return _error(404) if found is None else JSONResponse(shapes.album(found))


async def album_tracks(service: Service, request: Request) -> Response:
    """Answer GET /albums/{id}/tracks."""
    found = service.albums.get(request.path_params["id"])
    if found is None:
        return _error(404)
    path = f"/albums/{found.album_id}/tracks"
    return _paged(request, 50, lambda limit, offset: shapes.page(path, [found], limit, offset, shapes.album_row))


async def track(service: Service, request: Request) -> Response:
    """Answer GET /tracks/{id}."""
    found = service.tracks.get(request.path_params["id"])
    return _error(404) if found is None else JSONResponse(shapes.full(found))


async def search(service: Service, request: Request) -> Response:
    """Answer GET /search for tracks: every word must be in title, artist or ISRC."""
    asked = request.query_params.get("q", "").lower().replace("isrc:", "").split()
    if not asked or request.query_params.get("type", "track") != "track":
        return _error(400, "No search query" if not asked else "Bad search type")
    found = [
        one
        for one in service.world.spotify
        if all(word in f"{one.title} {' '.join(one.artists)} {one.recording.isrc}".lower() for word in asked)
    ]
    return _paged(request, 10, lambda limit, offset: {"tracks": shapes.page("/search", found, limit, offset, shapes.full)})


async def me(service: Service, request: Request) -> Response:
    """Answer GET /me."""
    del service, request
    return JSONResponse({"id": USER, "display_name": "Crate Digger", "type": "user", "uri": f"spotify:user:{USER}"})


async def my_playlists(service: Service, request: Request) -> Response:
    """Answer GET /me/playlists: also those the user only follows."""
    rows = list(service.playlists.values())
    return _paged(request, 50, lambda limit, offset: shapes.page("/me/playlists", rows, limit, offset, _head))


async def my_tracks(service: Service, request: Request) -> Response:
    """Answer GET /me/tracks: rows with `track`, newest first."""
    rows = [service.tracks[identity] for identity in service.world.spotify_liked]
    return _paged(request, 50, lambda limit, offset: shapes.page("/me/tracks", rows, limit, offset, shapes.liked_row))


async def currently_playing(service: Service, request: Request) -> Response:
    """Answer GET /me/player/currently-playing: 204 when nothing plays."""
    del request
    if service.playing is None:
        return Response(status_code=204)
    item = shapes.full(service.tracks[service.playing])
    return JSONResponse({"is_playing": True, "progress_ms": 1000, "currently_playing_type": "track", "item": item})


def _playlist_page(service: Service, found: SpotifyPlaylist, limit: int, offset: int) -> shapes.Json:
    def row(name: str) -> shapes.Json:
        item = shapes.playlist_item(service.world, name)
        return {"added_at": shapes.ADDED_AT, "is_local": name == "local", "item": item}

    return shapes.page(f"/playlists/{found.id}/items", found.rows, limit, offset, row)


def _paged(request: Request, most: int, pages: Callable[[int, int], shapes.Json]) -> Response:
    try:
        limit, offset = (
            int(request.query_params.get(name, default)) for name, default in (("limit", min(20, most)), ("offset", 0))
        )
    except ValueError:
        return _error(400, "Invalid limit")
    if not 1 <= limit <= most or offset < 0:
        return _error(400, "Invalid limit")
    return JSONResponse(pages(limit, offset))


def _head(found: SpotifyPlaylist) -> shapes.Json:
    snapshot = hashlib.sha1("\n".join(found.rows).encode(), usedforsecurity=False).hexdigest()
    return shapes.playlist_head(found, snapshot)


def _error(status: int, message: str = "") -> Response:
    return JSONResponse(shapes.error(status, message or MESSAGES.get(status, "Service unavailable")), status)
