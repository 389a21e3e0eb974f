"""Put the hosts of the simulated SoundCloud together, count what arrives and let faults strike."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Host, Route, Router

from crateline.sandbox import artwork
from crateline.sandbox import faults as faulting
from crateline.sandbox.catalogue import World
from crateline.sandbox.music import Music
from crateline.sandbox.soundcloud.api import Api, missing
from crateline.sandbox.soundcloud.cdn import Cdn
from crateline.sandbox.soundcloud.state import State

HOSTS = ("soundcloud.com", "sndcdn.com", "soundcloud.cloud")
SCRIPTS = ("0-fb1b6a4e.js", "49-9e2cd5a1.js", "52-31a8be77.js")  # the client_id stands in the last, as it does today
LINK_LIFETIME_S = 600.0

Handler = Callable[[Request], Awaitable[Response]]


def app(
    world: World,
    music: Music,
    *,
    lifetime: float = LINK_LIFETIME_S,
    pace: float | None = None,
    faults: faulting.Faults | None = None,
) -> Starlette:
    """Give the simulated SoundCloud as an ASGI app.

    Args:
        world: what it lists.
        music: where its audio comes from.
        lifetime: seconds for which signed links to audio live.
        pace: bytes per second of each connection that carries audio; None is as fast as it goes.
        faults: the rules at the start; `POST /_sandbox/faults` changes them.
    """
    return Service(State(world, music, lifetime=lifetime, pace=pace), faults or faulting.Faults()).app()


class Service:
    """The hosts, each a router."""

    def __init__(self, state: State, faults: faulting.Faults) -> None:
        self.state = state
        self.faults = faults

    def app(self) -> Starlette:
        """All hosts in one app; one that nobody plays is 404."""
        cdn = self._cdn()
        hosts = [
            Host("api-v2.soundcloud.com", self._api()),
            Host("a-v2.sndcdn.com", Router([self._route("/assets/{name}", "script", self._script)])),
            Host("i1.sndcdn.com", Router([self._route("/{name}", "artwork", self._artwork)])),
            *(Host(name, cdn) for name in ("{sub}.sndcdn.com", "{sub}.media-streaming.soundcloud.cloud")),
            *(Host(name, Router([self._route("/", "page", self._page)])) for name in ("soundcloud.com", "www.soundcloud.com")),
            *(Host(name, self._sandbox()) for name in ("127.0.0.1", "localhost")),
        ]
        return Starlette(routes=hosts)

    def _api(self) -> Router:
        api = Api(self.state)
        paths: dict[str, tuple[str, Handler]] = {
            "/resolve": ("resolve", api.resolve),
            "/tracks": ("tracks", api.tracks),
            "/tracks/{id}": ("track", api.track),
            "/tracks/{id}/download": ("download", api.download),
            "/playlists/{id}": ("playlist", api.playlist),
            "/users/{id}": ("user", api.user),
            "/users/{id}/likes": ("likes", api.likes),
            "/users/{id}/tracks": ("uploads", api.uploads),
            "/users/{id}/playlists": ("sets", api.sets),
            "/search/tracks": ("search", api.search),
            "/media/{id}/{uuid}/stream/{protocol}": ("stream", api.media),
            "/media/{id}/{uuid}/preview/{protocol}": ("stream", api.media),
        }
        return Router([self._route(path, kind, self._known(handler)) for path, (kind, handler) in paths.items()])

    def _cdn(self) -> Router:
        cdn = Cdn(self.state)
        return Router(
            [
                self._route("/playlist/0/30/{name}/playlist.m3u8", "manifest", cdn.playlist),
                self._route("/playlist/{name}/playlist.m3u8", "manifest", cdn.playlist),
                self._route("/media/{start:int}/{end:int}/{name}", "segment", cdn.segment),
                self._route("/preview/0/30/{name}", "progressive", cdn.whole),
                self._route("/{name}", "progressive", cdn.whole),
            ]
        )

    def _sandbox(self) -> Router:
        return Router(
            [
                Route("/_sandbox/stats", self._stats),
                Route("/_sandbox/faults", self.faults.endpoint, methods=["POST"]),
                Route("/_sandbox/rotate", self._rotate, methods=["POST"]),
                Route("/_sandbox/expire", self._expire, methods=["POST"]),
                Route("/_sandbox/set", self._edit, methods=["POST"]),
                Route("/_sandbox/track", self._retitle, methods=["POST"]),
            ]
        )

    def _route(self, path: str, kind: str, handler: Handler) -> Route:
        """A route whose requests are counted under `kind` and may meet a fault."""

        async def endpoint(request: Request) -> Response:
            self.state.stats.arrived(kind)
            response = await self.faults.strike(request, lambda: handler(request))
            self.state.stats.answered(kind, response.status_code)
            return response

        return Route(path, endpoint)

    def _known(self, handler: Handler) -> Handler:
        """Only with today's client_id."""

        async def endpoint(request: Request) -> Response:
            if request.query_params.get("client_id") != self.state.client_id:
                return JSONResponse({}, 401)
            return await handler(request)

        return endpoint

    async def _page(self, request: Request) -> Response:
        del request
        scripts = "".join(f'<script crossorigin src="https://a-v2.sndcdn.com/assets/{name}"></script>\n' for name in SCRIPTS)
        return HTMLResponse(f"<!DOCTYPE html><html><body>\n{scripts}</body></html>")

    async def _script(self, request: Request) -> Response:
        if request.path_params["name"] not in SCRIPTS:
            return missing()
        known = f'client_id:"{self.state.client_id}",' if request.path_params["name"] == SCRIPTS[-1] else ""
        return PlainTextResponse(f"webpackJsonp({{{known}env:'production'}})", media_type="application/javascript")

    async def _artwork(self, request: Request) -> Response:
        return await asyncio.to_thread(artwork.response, request.path_params["name"].rpartition("-")[0])

    async def _stats(self, request: Request) -> Response:
        del request
        return JSONResponse({**self.state.stats.as_json(), "struck": dict(self.faults.struck)})

    async def _rotate(self, request: Request) -> Response:
        del request
        self.state.rotate()
        return JSONResponse({})

    async def _edit(self, request: Request) -> Response:
        asked = await request.json()
        self.state.edit(asked["id"], asked["track_ids"])
        return JSONResponse({})

    async def _retitle(self, request: Request) -> Response:
        asked = await request.json()
        self.state.retitle(asked["id"], asked["title"])
        return JSONResponse({})

    async def _expire(self, request: Request) -> Response:
        del request
        self.state.expire()
        return JSONResponse({})
