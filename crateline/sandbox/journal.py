"""What arrived at a simulated service, and the back door by which a test reads it and orders faults.

The back door (`/_sandbox/…`) opens only for requests sent to loopback itself: through the proxy, under the service's
real host name, it does not exist.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crateline.sandbox.faults import Faults, Words

LOOPBACK = frozenset({"127.0.0.1", "localhost"})

Handler = Callable[[Request], Awaitable[Response]]
Kind = Callable[[Request], str]


@dataclass(kw_only=True, slots=True)
class Arrival:
    """One request. `at` is seconds since the epoch; `status` 0 until it is answered."""

    at: float
    method: str
    path: str
    kind: str
    status: int = 0


class Journal:
    """Every arrival in order; `faults` stand between each request and its handler."""

    def __init__(self, faults: Faults | None = None, words: Words | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.faults = faults or Faults()
        self.words = words

    def route(self, path: str, kind: str | Kind, handler: Handler, methods: Iterable[str] = ("GET",)) -> Route:
        """Make a route whose requests are written down as `kind` and can be struck by faults."""

        async def endpoint(request: Request) -> Response:
            named = kind if isinstance(kind, str) else kind(request)
            arrival = Arrival(at=time.time(), method=request.method, path=request.url.path, kind=named)
            self.arrivals.append(arrival)

            async def commit() -> Response:
                return await handler(request)

            response = await self.faults.strike(request, commit, words=self.words)
            arrival.status = response.status_code
            return response

        return Route(path, endpoint, methods=list(methods))

    def app(self, routes: Iterable[Route], back_door: Iterable[Route] = ()) -> Starlette:
        """Put the service together: its routes, and behind the back door stats, faults and what it adds itself."""
        doors = (Route("/stats", self._stats), Route("/faults", self.faults.endpoint, methods=["POST"]), *back_door)
        hidden = [Route(f"/_sandbox{door.path}", _from_loopback(door.endpoint), methods=door.methods) for door in doors]
        return Starlette(routes=[*hidden, *routes])

    def stats(self) -> dict[str, Any]:
        """What has arrived: all requests, and how many of each kind and status."""
        arrivals = list(self.arrivals)
        return {
            "total": len(arrivals),
            "kinds": dict(Counter(arrival.kind for arrival in arrivals)),
            "statuses": dict(Counter(str(arrival.status) for arrival in arrivals)),
            "faults": dict(self.faults.struck),
            "arrivals": [
                {"at": one.at, "method": one.method, "path": one.path, "kind": one.kind, "status": one.status} for one in arrivals
            ],
        }

    async def _stats(self, request: Request) -> Response:
        del request
        return JSONResponse(self.stats())


def _from_loopback(handler: Handler) -> Handler:
    async def endpoint(request: Request) -> Response:
        if request.url.hostname not in LOOPBACK:
            return PlainTextResponse("Not Found", 404)
        return await handler(request)

    return endpoint
