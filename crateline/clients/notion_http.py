"""One request to Notion: its slot of the budget, its token, and what its answer means."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import httpx
import notion_client

from crateline.clients import notion_errors
from crateline.clients.notion_errors import Effect
from crateline.domain import causes
from crateline.errors import ConfigurationError, NotFound, ServiceError, ServiceStopped, Throttled

Ask = Callable[[], None]
"""Called before every request: returns when a slot of the budget is ours, or raises."""

Hush = Callable[[float], None]
"""Told for how many seconds nobody may ask."""

Method = Literal["GET", "POST", "PATCH"]

API_VERSION: Final = "2025-09-03"
CONNECT_TIMEOUT_S: Final = 10.0
CONNECTIONS: Final = 32
LOOPBACK: Final = {"all://localhost": None, "all://127.0.0.1": None, "all://[::1]": None}
"""Where no proxy is ever asked, whatever the environment says."""

# notion-client warns of every failed request in words of its own; we raise, and log with context where it is handled.
# A logger outside the hierarchy: no logging configuration can turn it on again.
_SILENT: Final = logging.Logger("notion-client", logging.CRITICAL + 1)  # noqa: LOG001


class NotionHttp:
    """The connections of one integration; what its arguments mean is said at `Notion`."""

    def __init__(self, *, token: str, ask: Ask, hush: Hush, base_url: str, timeout_s: float) -> None:
        self._ask = ask
        self._hush = hush
        self._http = httpx.Client(
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS), mounts=LOOPBACK
        )
        self._client = notion_client.Client(
            auth=_usable(token),
            base_url=base_url.rstrip("/").removesuffix("/v1"),
            retry=False,
            notion_version=API_VERSION,
            logger=_SILENT,
            log_level=_SILENT.level,
            client=self._http,
        )
        self._http.timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))

    @property
    def host(self) -> str:
        """Where it is asked."""
        return self._http.base_url.host

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def of_database(self, method: Method, path: str, **asked: Any) -> dict[str, Any]:
        """As `request`, for a path that leads to a database: whatever is missing there, the database is."""
        try:
            return self.request(method, path, **asked)
        except (NotFound, ServiceStopped) as error:
            if isinstance(error, ServiceStopped) and error.cause != causes.DATABASE:
                raise
            means, database = notion_errors.Meaning.UNSHARED, path.split("/")[1]
            remedy = notion_errors.REMEDIES[means]
            detail = f"{means.value}: {error.detail}" if isinstance(error, NotFound) else error.detail
            raise ServiceStopped(error.service, detail, remedy, causes.about(causes.DATABASE, database)) from None

    def request(
        self,
        method: Method,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        effect: Effect = "read",
    ) -> dict[str, Any]:
        """Ask once, when the budget allows it, and give the answer's object. Raises the errors of `notion_errors`."""
        self._ask()
        outcome = self._exchange(method, path, query, body, effect)
        if isinstance(outcome, Throttled):
            self._hush(outcome.retry_after)
        # Raised out here, an error has no foreign exception in its context: those carry the request and its token.
        if isinstance(outcome, ServiceError):
            raise outcome
        if isinstance(outcome, notion_errors.CommittedAnyway):
            return {"object": "page", "id": outcome.page_id}
        return outcome

    def _exchange(
        self, method: Method, path: str, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None, effect: Effect
    ) -> dict[str, Any] | ServiceError | notion_errors.CommittedAnyway:
        try:
            answer = self._client.request(path=path, method=method, query=_dict(query), body=_dict(body))
        except (*notion_errors.FOREIGN, *notion_errors.UNREADABLE) as error:
            return notion_errors.translate(error, effect)
        if not isinstance(answer, dict) or "object" not in answer:
            return notion_errors.meant(notion_errors.Answer(status=200, message="the answer is not Notion's"), effect)
        return answer


def _dict(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else dict(values)


def _usable(token: str) -> str:
    """Give the token without the blanks of a careless paste. Raises ConfigurationError; never shows it."""
    bare = token.strip()
    if not bare or not bare.isascii() or not bare.isprintable() or " " in bare:
        state = "contains characters that no token has" if bare else "is empty"
        raise ConfigurationError(f"NOTION_TOKEN {state}: copy the integration's secret from notion.so/my-integrations.")
    return bare
