"""Faults on demand, shared by every simulated service.

A service hands each request of its real routes to `Faults.strike` together with the work that answers it:

    async def commit() -> Response: ...          # carries the request out and gives the true answer
    response = await faults.strike(request, commit)

`strike` looks for the first rule that fits the request and whose draw falls below its rate. Without one it is
`await commit()`. With one, the fault hits *before* the work (nothing happened) or *after* it (the effect is there, the
true answer is lost): that is the difference which an exactly-once client has to survive.

A rule is a JSON object. `kind` is one of

    "<status>", "<status>-before"   that status, e.g. "429", "503"; nothing was carried out
    "<status>-after"                carried out, then that status
    "<status>-html"                 that status with an HTML page, as an edge server answers; nothing was carried out
    "reset-before", "reset-after"   the connection is cut without an answer ("reset" is "reset-before")
    "slow-before", "slow-after"     the answer comes `seconds` late; carried out after or before the wait ("slow": before)
    "timeout", "timeout-after"      no answer: held for `seconds` (default 120), then cut ("timeout": not carried out)
    "truncate"                      carried out; the answer breaks off after `fraction` (default 0.5) of its body

and the rest is optional: `rate` (0..1, default 1), `method` and `path` (regular expressions; the whole method, any part of
the path), `writes` (true: spare the reads), `skip` (so many fitting requests pass first), `times` (at most so many strikes),
`seconds`, `retry_after` (sent as Retry-After), `headers` (object), `body` (JSON, or text), `fraction`.

The draws come from one generator seeded by `seed`, so a run with the same arrivals meets the same faults.
`faults.endpoint` is the handler for `POST /_sandbox/faults`: a list of rules, or {"rules": [...], "seed": n}; it replaces
all rules. `faults.struck` counts the strikes by kind, for a service's stats. `words`, given to `strike`, lets a service
phrase a status in its own way (see `Words`).
"""

import asyncio
import random
import re
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

KIND = re.compile(r"(?P<effect>[1-5]\d\d|reset|slow|timeout|truncate)(?:-(?P<form>before|after|html))?")
READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HELD_S = 120.0
SLOW_S = 1.0

Commit = Callable[[], Awaitable[Response]]
Words = Callable[["Rule", Response | None], Response | None]
"""(rule, the true answer when the work was carried out) -> the answer in the service's own words; None: the plain form."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One kind of fault and the requests it may hit. Times are in seconds; see the module's page for the kinds."""

    kind: str
    rate: float = 1.0
    method: str = ""
    path: str = ""
    writes: bool = False
    skip: int = 0
    times: int | None = None
    seconds: float | None = None
    retry_after: float | None = None
    fraction: float = 0.5
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def __post_init__(self) -> None:
        match = KIND.fullmatch(self.kind)
        if match is None or (match["form"] == "html" and not match["effect"].isdigit()):
            raise ValueError(f"unknown kind of fault: {self.kind!r}")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"rate is a share between 0 and 1, not {self.rate!r}")
        for pattern in (self.method, self.path):
            re.compile(pattern)

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> "Rule":
        """Read a rule from JSON. Raises ValueError for a kind, a value or a name that does not exist."""
        unknown = set(entry) - {one.name for one in fields(cls)}
        if unknown:
            raise ValueError(f"unknown in a rule: {', '.join(sorted(unknown))}")
        try:
            return cls(**entry)
        except (TypeError, re.error) as error:
            raise ValueError(f"not a rule: {error}") from error

    @property
    def effect(self) -> str:
        """The kind without its form: a status as text, or reset, slow, timeout, truncate."""
        return self.kind.partition("-")[0]

    @property
    def status(self) -> int | None:
        """The status that is answered, or None for faults of the connection."""
        return int(self.effect) if self.effect.isdigit() else None

    @property
    def commits(self) -> bool:
        """Whether the request is carried out before the fault hits."""
        return self.kind.endswith("-after") or self.effect == "truncate"

    def fits(self, method: str, path: str, *, write: bool) -> bool:
        """Whether this request is one that the rule may hit."""
        return (
            (write or not self.writes)
            and (not self.method or re.fullmatch(self.method, method) is not None)
            and re.search(self.path, path) is not None
        )


class Faults:
    """The rules in force and the dice. Safe to change from another thread while requests come in."""

    def __init__(self, rules: Iterable[Mapping[str, Any]] = (), *, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self.struck: Counter[str] = Counter()
        self.replace(rules, seed=seed)

    def replace(self, rules: Iterable[Mapping[str, Any]], *, seed: int | None = None) -> None:
        """Put these rules in place of all others; `seed` starts the dice anew. Raises ValueError for a bad rule."""
        parsed = [Rule.parse(entry) for entry in rules]
        with self._lock:
            self._rules = parsed
            self._seen = [0] * len(parsed)
            self._hits = [0] * len(parsed)
            if seed is not None:
                self._dice = random.Random(seed)

    def draw(self, method: str, path: str, *, write: bool) -> Rule | None:
        """Throw the dice for one request: the rule that hits it, or None."""
        with self._lock:
            for place, rule in enumerate(self._rules):
                if rule.fits(method, path, write=write) and self._hit(place, rule):
                    self.struck[rule.kind] += 1
                    return rule
        return None

    def _hit(self, place: int, rule: Rule) -> bool:
        self._seen[place] += 1
        if self._seen[place] <= rule.skip or (rule.times is not None and self._hits[place] >= rule.times):
            return False
        if self._dice.random() >= rule.rate:
            return False
        self._hits[place] += 1
        return True

    async def strike(
        self, request: Request, commit: Commit, *, write: bool | None = None, words: Words | None = None
    ) -> Response:
        """Answer a request, with a fault if a rule says so.

        Args:
            request: what arrived.
            commit: carries the request out; called once or not at all.
            write: whether the request changes something; by default every method but GET, HEAD and OPTIONS does.
            words: how this service phrases a status.
        """
        is_write = request.method not in READ_METHODS if write is None else write
        rule = self.draw(request.method, request.url.path, write=is_write)
        if rule is None:
            return await commit()
        truth = await commit() if rule.commits else None
        return await _carry_out(rule, request, commit, truth, words)

    async def endpoint(self, request: Request) -> Response:
        """Handle `POST /_sandbox/faults`: replace the rules; 400 with a sentence when one cannot be read."""
        try:
            asked = await request.json()
            rules, seed = (asked["rules"], asked.get("seed")) if isinstance(asked, dict) else (asked, None)
            self.replace(rules, seed=seed)
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"rules": len(rules)})


async def _carry_out(rule: Rule, request: Request, commit: Commit, truth: Response | None, words: Words | None) -> Response:
    if rule.status is not None:
        spoken = words(rule, truth) if words and rule.body is None and not rule.kind.endswith("-html") else None
        return _finish(spoken or _plain(rule, rule.status), rule)
    if rule.effect == "slow":
        await asyncio.sleep(SLOW_S if rule.seconds is None else rule.seconds)
        return truth or await commit()
    if rule.effect == "truncate" and truth is not None:
        return Truncated(truth, rule.fraction)
    if rule.effect == "timeout":
        await _hold(request, HELD_S if rule.seconds is None else rule.seconds)
    return await cut(request)


def _plain(rule: Rule, status: int) -> Response:
    if rule.kind.endswith("-html"):
        return HTMLResponse(f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>", status)
    if isinstance(rule.body, str):
        return PlainTextResponse(rule.body, status)
    return JSONResponse({"error": f"simulated {status}"} if rule.body is None else rule.body, status)


def _finish(response: Response, rule: Rule) -> Response:
    if rule.retry_after is not None:
        response.headers["Retry-After"] = f"{rule.retry_after:g}"
    response.headers.update(rule.headers)
    return response


async def _hold(request: Request, seconds: float) -> None:
    """Wait until the client has gone, at most `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


async def cut(request: Request) -> Response:
    """End the request's connection without an answer; what is returned reaches nobody."""
    request.scope["crateline.transport"].abort()
    await asyncio.sleep(0.01)  # the server learns of the lost connection on a later turn of its loop
    return Response(status_code=500)


class Truncated(Response):
    """An answer whose headers promise the whole and whose connection breaks off after a share of the body."""

    def __init__(self, whole: Response, fraction: float) -> None:
        super().__init__(status_code=whole.status_code)
        self.whole = whole
        self.fraction = fraction

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the part, then cut."""
        left = int(int(self.whole.headers.get("content-length", 0)) * self.fraction)

        async def send_part(message: Message) -> None:
            nonlocal left
            if message["type"] == "http.response.body":
                part = message.get("body", b"")[: max(left, 0)]
                left -= len(message.get("body", b""))
                message = {"type": "http.response.body", "body": part, "more_body": True}
            await send(message)
            if message["type"] == "http.response.body" and left <= 0:
                await asyncio.sleep(0.01)  # lets the kernel take the part before the connection goes
                scope["crateline.transport"].abort()

        await self.whole(scope, receive, send_part)
