"""What Spotify's refusals mean, as data; and the HTTP session that applies it to every request.

spotipy would phrase errors itself, but it drops the body's details, fails on an `error` that is text, and answers None
for a 200 that is no JSON. So the session settles each answer before spotipy sees it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from crateline import errors

SERVICE = "spotify"
TIMEOUT_S = 20.0
SILENCE_S = 30.0  # a 429 without Retry-After
QUOTA_SILENCE_S = 3600.0  # the quota is counted by the day; asking sooner is in vain

Ask = Callable[[], None]
Make = Callable[[str, requests.Response], errors.ServiceError]


class Forbidden(errors.CredentialsRefused):
    """403: the app, or its user, may not do this; for a playlist's contents it means that they are somebody else's."""


class TokenRefused(errors.CredentialsRefused):
    """401: the access token has ended before its time; the next question comes with a new one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One line of the table: the statuses and the word in the body (any, if empty) it stands for, and what it means."""

    statuses: range
    word: str = ""
    meaning: str
    make: Make


def _plain(kind: type[errors.ServiceError]) -> Make:
    return lambda detail, _: kind(SERVICE, detail)


def _throttled(default: float) -> Make:
    def make(detail: str, response: requests.Response) -> errors.ServiceError:
        asked = response.headers.get("Retry-After", "").strip()
        return errors.Throttled(SERVICE, detail, float(asked) if asked.isdigit() else default)

    return make


CONSENT = "Run `crateline login spotify` to give consent again"
REFUSALS = (
    Refusal(
        statuses=range(400, 402),
        word="invalid_grant",
        meaning=f"the consent has ended or was withdrawn. {CONSENT}",
        make=_plain(errors.CredentialsRefused),
    ),
    Refusal(
        statuses=range(400, 402),
        word="invalid_client",
        meaning="SPOTIPY_CLIENT_ID or SPOTIPY_CLIENT_SECRET is wrong. Copy both from the app's page at developer.spotify.com",
        make=_plain(errors.CredentialsRefused),
    ),
    Refusal(
        statuses=range(401, 402),
        meaning="the access token was not accepted",
        make=_plain(TokenRefused),
    ),
    Refusal(
        statuses=range(403, 404),
        meaning="Spotify forbids this to the app or to its user (is the user listed in the app's dashboard, with Premium?)",
        make=_plain(Forbidden),
    ),
    Refusal(statuses=range(404, 405), meaning="Spotify does not know it", make=_plain(errors.NotFound)),
    Refusal(
        statuses=range(429, 430),
        word="QUOTA_EXCEEDED",
        meaning="the app's quota is used up",
        make=_throttled(QUOTA_SILENCE_S),
    ),
    Refusal(statuses=range(429, 430), meaning="too many requests", make=_throttled(SILENCE_S)),
    Refusal(statuses=range(408, 410), meaning="Spotify could not answer in time", make=_plain(errors.Unavailable)),
    Refusal(statuses=range(500, 600), meaning="Spotify is not well", make=_plain(errors.Unavailable)),
    Refusal(statuses=range(400, 500), meaning="Spotify does not accept the request", make=_plain(errors.Rejected)),
)


def settle(response: requests.Response) -> None:
    """Raise what an answer means, by the first fitting line of REFUSALS; do nothing for a 2xx that is a JSON object."""
    if response.ok:
        if not response.content and response.status_code == requests.codes.no_content:
            return
        if not isinstance(_json(response), dict):
            raise errors.Unavailable(SERVICE, f"{response.status_code} without readable JSON from {_place(response)}")
        return
    words = response.text
    for refusal in REFUSALS:
        if response.status_code in refusal.statuses and refusal.word in words:
            raise refusal.make(f"{refusal.meaning} ({response.status_code} {_message(response)})".replace(" )", ")"), response)
    raise errors.Unavailable(SERVICE, f"unexpected status {response.status_code} from {_place(response)}")


class Session(requests.Session):
    """A session whose answers are settled, whose requests are counted, and which trusts what SSL_CERT_FILE says."""

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self.ask = ask

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request inside the budget.

        Raises the error tree's ServiceErrors. `verify` is always passed: what stands on the session itself would lose
        against an environment's REQUESTS_CA_BUNDLE, and spotipy's own `verify=True` against everything.
        """
        kwargs["verify"] = os.environ.get("SSL_CERT_FILE") or True
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT_S
        self.ask()
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.RequestException as error:
            raise errors.Unavailable(SERVICE, f"no answer: {type(error).__name__}: {error}") from error
        settle(response)
        return response


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _message(response: requests.Response) -> str:
    body = _json(response)
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return str(error.get("message") or error.get("reason") or "")
    if isinstance(error, str):
        return str(body.get("error_description") or error)
    return ""


def _place(response: requests.Response) -> str:
    return str(response.url).partition("?")[0]
