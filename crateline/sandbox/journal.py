"""What arrived at a simulated service, and the back door by which a test reads it and orders faults.

The back door (`/_sandbox/…`) opens only for requests sent to loopback itself: through the proxy, under the service's
real host name, it does not exist.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crateline.sandbox.faults import Faults, Words

LOOPBACK = frozenset({"127.0.0.1", "localhost"})

Handler = Callable[[Request], Awaitable[Response]]


class Journal:
    """Every arrival in order, and how each kind was answered; `faults` stand between each request and its handler.

    `extra` adds a service's own figures to the stats. Times are seconds since the epoch.
    """

    def __init__(
        self, faults: Faults | None = None, words: Words | None = None, extra: Callable[[], dict[str, Any]] | None = None
    ) -> None:
        self.arrivals: list[tuple[float, str]] = []
        self.statuses: Counter[str] = Counter()
        self.faults = faults or Faults()
        self.words = words
        self.extra = extra or dict

    def route(self, path: str, kind: str, handler: Handler, methods: Iterable[str] = ("GET",)) -> Route:
        """Make a route whose requests are written down as `kind` and can be struck by faults."""

        async def endpoint(request: Request) -> Response:
            self.arrivals.append((time.time(), kind))

            async def commit() -> Response:
                return await handler(request)

            response = await self.faults.strike(request, commit, words=self.words)
            self.statuses[f"{kind} {response.status_code}"] += 1
            return response

        return Route(path, endpoint, methods=list(methods))

    def app(self, routes: Iterable[Route], back_door: Iterable[Route] = ()) -> Starlette:
        """Put the service together: its routes, and behind the back door stats, faults and what it adds itself."""
        doors = (Route("/stats", self._stats), Route("/faults", self.faults.endpoint, methods=["POST"]), *back_door)
        hidden = [Route(f"/_sandbox{door.path}", _from_loopback(door.endpoint), methods=door.methods) for door in doors]
        return Starlette(routes=[*hidden, *routes])

    def stats(self) -> dict[str, Any]:
        """What has arrived, as the back door tells it."""
        arrivals = list(self.arrivals)
        return {
            "requests": len(arrivals),
            "kinds": dict(Counter(kind for _, kind in arrivals)),
            "arrivals": arrivals,
            "statuses": dict(self.statuses),
            "struck": dict(self.faults.struck),
            **self.extra(),
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
