"""One request to Eagle: what each way of failing means, and a token that no log and no error ever shows."""

import json
import re
from typing import Any, Final, NoReturn

import httpx

from crateline.domain import causes
from crateline.errors import CredentialsRefused, NotFound, OutcomeUnknown, Rejected, ServiceStopped, Unavailable

SERVICE: Final = "eagle"
START: Final = "Start Eagle (on macOS: open -a Eagle) and open its library; the line goes on by itself."
CONNECT_TIMEOUT_S: Final = 3.0
_ABSENT = re.compile(r"not? (?:exists?|found)|does(?: not|n't) exist|invalid id", re.IGNORECASE)
_NO_SUCH_PATH: Final = {httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED, httpx.codes.NOT_IMPLEMENTED}
_WORDS_LIMIT: Final = 200

Json = dict[str, Any]


def secure(url: str) -> bool:
    """Whether the URL asks for TLS; Eagle itself speaks plain HTTP on loopback."""
    return url.startswith("https:")


class EndpointMissing(Exception):
    """This Eagle does not know the path: an older build, or another name for it."""


class _WithToken(httpx.BaseTransport):
    """Adds the token below the client, which logs and raises the URL that it was given."""

    def __init__(self, token: str, *, tls: bool) -> None:
        self._token = token
        self._inner = httpx.HTTPTransport(verify=tls)  # without TLS no certificates need be loaded

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, its URL completed by the token."""
        url = request.url.copy_merge_params({"token": self._token}) if self._token else request.url
        carried = httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return self._inner.handle_request(carried)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class EagleHttp:
    """Requests to Eagle at `url`, straight and never through a proxy. Shared by threads; create it after a fork."""

    def __init__(self, url: str, token: str, timeout_s: float) -> None:
        self._token = token
        timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
        self._client = httpx.Client(
            base_url=url.rstrip("/"), transport=_WithToken(token, tls=secure(url)), timeout=timeout, trust_env=False
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, **params: str | int) -> Any:
        """Read: gives the envelope's `data`. Raises ServiceStopped, Unavailable, NotFound, Rejected, CredentialsRefused."""
        return self._request("GET", path, params=params, creates=False)

    def post(self, path: str, body: Json, *, creates: bool = False) -> Any:
        """Change, or ask by a body: gives the envelope's `data`.

        With `creates` a lost or damaged answer is OutcomeUnknown, because a repetition would make a second item;
        otherwise it is Unavailable. Raises what `get` raises besides.
        """
        return self._request("POST", path, body=body, creates=creates)

    def _request(
        self, method: str, path: str, *, params: dict[str, str | int] | None = None, body: Json | None = None, creates: bool
    ) -> Any:
        try:
            response = self._client.request(method, path, params=params, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
            raise ServiceStopped(SERVICE, "Eagle is not running", START, causes.LIBRARY) from failed
        except httpx.TransportError as failed:
            self._unclear(f"no answer to {path} ({type(failed).__name__})", creates=creates)
        if response.status_code in _NO_SUCH_PATH:
            raise EndpointMissing(path)
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            self._unclear(f"HTTP {response.status_code} to {path}", creates=creates)
        return self._data(response, path, creates=creates)

    def _data(self, response: httpx.Response, path: str, *, creates: bool) -> Any:
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise CredentialsRefused(SERVICE, "Eagle does not accept EAGLE_TOKEN")
        if response.text.lstrip().startswith("<"):
            raise Unavailable(SERVICE, f"Eagle is still starting: {path} answered with a page")
        try:
            envelope = response.json()
        except json.JSONDecodeError:
            self._unclear(f"the answer to {path} cannot be read", creates=creates)
        if isinstance(envelope, dict) and envelope.get("status") == "success":
            return envelope.get("data")
        words = self._words(envelope)
        if _ABSENT.search(words):
            raise NotFound(SERVICE, f"{path}: {words}")
        raise Rejected(SERVICE, f"{path}: {words}")

    def _words(self, envelope: object) -> str:
        """Eagle's own words for an error, without the token."""
        said = envelope.get("message") or envelope.get("data") if isinstance(envelope, dict) else None
        words = said if isinstance(said, str) else "refused without a reason"
        return (words.replace(self._token, "***") if self._token else words)[:_WORDS_LIMIT]

    @staticmethod
    def _unclear(detail: str, *, creates: bool) -> NoReturn:
        if creates:
            raise OutcomeUnknown(SERVICE, detail)
        raise Unavailable(SERVICE, detail)
