"""What every request to the API passes: the journal, the token, the rate window, faults and latency."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from crateline.sandbox.faults import Faults, Rule
from crateline.sandbox.notion import problems
from crateline.sandbox.notion.problems import RefusalError
from crateline.sandbox.notion.state import State

BODY_LIMIT = 500 * 1024
REQUEST_ID = "x-notion-request-id"
DEFAULT_RETRY_AFTER_S = 17
GUIDANCE = "The write has been committed. Do not repeat the write."

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request as the handlers see it."""

    state: State
    path: dict[str, str]
    query: dict[str, list[str]]
    body: Json
    version: str

    def asked(self, name: str) -> str | None:
        """Give one value of the query string."""
        return self.query.get(name, [None])[0] if self.query.get(name) else None


Handler = Callable[[Call], Json]


class Gate:
    """Leads requests to handlers. `reads` in `answer` marks a POST that changes nothing."""

    def __init__(self, state: State, faults: Faults) -> None:
        self.state = state
        self.faults = faults

    async def answer(self, request: Request, handler: Handler, *, reads: bool = False) -> Response:
        """Answer one request, and write it down."""
        arrival = self.state.journal.arrive(request.method, request.url.path)
        request_id = self.state.request_ids.uuid()
        response = await self._admit(request, handler, request_id, reads=reads)
        response.headers[REQUEST_ID] = request_id
        status = 0 if _is_cut(request) else response.status_code
        self.state.journal.answer(arrival, status, response.headers.get("retry-after"))
        return response

    async def _admit(self, request: Request, handler: Handler, request_id: str, *, reads: bool) -> Response:
        body = await request.body()
        try:
            self._check(request)
        except RefusalError as refusal:
            return _refuse(refusal, request_id)

        async def commit() -> Response:
            await asyncio.sleep(self.state.latency / 2)
            response = self._carry_out(request, handler, body, request_id)
            await asyncio.sleep(self.state.latency / 2)
            return response

        def words(rule: Rule, truth: Response | None) -> Response | None:
            creates = request.method == "POST" and request.url.path == "/v1/pages"
            return _words(rule, truth, request_id, creates=creates)

        write = not (reads or request.method == "GET")
        return await self.faults.strike(request, commit, write=write, words=words)

    def _check(self, request: Request) -> None:
        if not self.state.token_valid or request.headers.get("authorization") != f"Bearer {self.state.token}":
            raise problems.plain(401)
        if (seconds := self.state.window.take()) is not None:
            raise throttled(seconds)
        if "notion-version" not in request.headers:
            raise problems.RefusalError(
                400,
                "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`.",
                "missing_version",
            )

    def _carry_out(self, request: Request, handler: Handler, body: bytes, request_id: str) -> Response:
        try:
            call = Call(
                state=self.state,
                path=dict(request.path_params),
                query={key: request.query_params.getlist(key) for key in request.query_params},
                body=_read_body(body),
                version=request.headers["notion-version"],
            )
            with self.state.lock:
                return JSONResponse({**handler(call), "request_id": request_id})
        except RefusalError as refusal:
            return _refuse(refusal, request_id)


def _is_cut(request: Request) -> bool:
    transport = request.scope.get("crateline.transport")
    return bool(transport and transport.is_closing())


def _read_body(body: bytes) -> Json:
    if len(body) > BODY_LIMIT:
        raise problems.wrong(f"Request body is too large: {len(body)} bytes, at most {BODY_LIMIT} are allowed.")
    try:
        read = json.loads(body) if body else {}
    except ValueError as error:
        raise RefusalError(400, "Error parsing JSON body.", "invalid_json") from error
    if not isinstance(read, dict):
        raise RefusalError(400, "Error parsing JSON body.", "invalid_json")
    return read


def throttled(seconds: float) -> RefusalError:
    """Refuse for `seconds`, as Notion words its rate limit."""
    refusal = problems.plain(429)
    refusal.additional = {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": f"{seconds:g}"}
    return refusal


def _refuse(refusal: RefusalError, request_id: str) -> Response:
    wait = (refusal.additional or {}).get("retry_after")
    return JSONResponse(refusal.body(request_id), refusal.status, {"Retry-After": wait} if wait else None)


def _words(rule: Rule, truth: Response | None, request_id: str, *, creates: bool) -> Response | None:
    """Phrase a fault as Notion would. A request that was refused anyway stays refused: nothing was committed."""
    if truth is not None and truth.status_code >= 400:
        return truth
    if rule.status == 502:
        return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
    if rule.status not in problems.MESSAGES:
        return None
    if rule.status == 429:
        return _refuse(throttled(rule.retry_after or DEFAULT_RETRY_AFTER_S), request_id)
    refusal = problems.plain(rule.status)
    if rule.status == 529:
        refusal.additional = {"retry_after": f"{rule.retry_after or DEFAULT_RETRY_AFTER_S:g}"}
    if truth is not None and rule.status == 503:
        committed = {"committed_resource_id": json.loads(bytes(truth.body))["id"]} if creates else {}
        refusal.additional = {"retry_guidance": GUIDANCE, **committed}
    return _refuse(refusal, request_id)
