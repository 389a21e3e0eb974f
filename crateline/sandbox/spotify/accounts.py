"""accounts.spotify.com: consent, tokens, and their end.

Grants: client_credentials, authorization_code (with PKCE or the secret) and refresh_token. A refresh token used without
the secret, as an app with PKCE does it, is replaced and dies; with the secret it stays.
"""

import base64
import binascii
import hashlib
import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
CONSENT = "sandbox-consent"  # a refresh token that is valid from the beginning
LIFETIME_S = 3600
SCOPES = "playlist-read-collaborative playlist-read-private user-library-read user-read-currently-playing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """An authorization code that waits to be exchanged."""

    challenge: str
    redirect_uri: str


class Accounts:
    """The tokens that are valid. `for_user` tells whose an access token is: the user's, the app's, or nobody's."""

    def __init__(self, lifetime: float = LIFETIME_S) -> None:
        self.lifetime = lifetime
        self.refresh_tokens = {CONSENT}
        self.codes: dict[str, Code] = {}
        self._access: dict[str, tuple[bool, float]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def for_user(self, header: str) -> bool | None:
        """Whether an Authorization header carries the user's token (True), the app's (False), or none that is valid."""
        user, until = self._access.get(header.removeprefix("Bearer "), (None, 0.0))
        return user if until > time.time() else None

    def revoke(self, *, access: bool = True, consent: bool = True) -> None:
        """End all access tokens, or the consent itself, as the user or six months do it."""
        with self._lock:
            if access:
                self._access.clear()
            if consent:
                self.refresh_tokens.clear()

    async def authorize(self, request: Request) -> Response:
        """Answer the consent page: the user has agreed already."""
        asked = request.query_params
        target = asked.get("redirect_uri", "")
        parts = urlsplit(target)
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
            return Response("INVALID_CLIENT: Invalid client", 400)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1"}:
            return Response("INVALID_CLIENT: Insecure redirect URI", 400)
        code = self._new("code")
        self.codes[code] = Code(challenge=asked.get("code_challenge", ""), redirect_uri=target)
        answer = {"code": code} | ({"state": asked["state"]} if "state" in asked else {})
        return RedirectResponse(f"{target}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        """Answer POST /api/token."""
        form = dict(parse_qsl((await request.body()).decode()))
        client, secret = _client(request.headers.get("authorization", ""), form)
        if client != CLIENT_ID or secret not in {CLIENT_SECRET, None}:
            return _error("invalid_client", "Invalid client secret" if client == CLIENT_ID else "Invalid client")
        grant = form.get("grant_type")
        with self._lock:
            if grant == "client_credentials":
                return self._grant(user=False) if secret else _error("invalid_client", "Invalid client secret")
            if grant == "authorization_code":
                return self._exchange(form, with_secret=secret is not None)
            if grant == "refresh_token":
                return self._refresh(form.get("refresh_token", ""), rotate=secret is None)
        return _error("unsupported_grant_type", "grant_type parameter is missing")

    def _exchange(self, form: Mapping[str, str], *, with_secret: bool) -> Response:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None:
            return _error("invalid_grant", "Invalid authorization code")
        if code.redirect_uri != form.get("redirect_uri"):
            return _error("invalid_grant", "Invalid redirect URI")
        if code.challenge != _challenge(form.get("code_verifier")) and not (with_secret and not code.challenge):
            return _error("invalid_grant", "code_verifier was incorrect")
        return self._grant(user=True, refresh_token=self._consent())

    def _refresh(self, refresh_token: str, *, rotate: bool) -> Response:
        if refresh_token not in self.refresh_tokens:
            return _error("invalid_grant", "Refresh token revoked")
        if not rotate:
            return self._grant(user=True)
        self.refresh_tokens.discard(refresh_token)
        return self._grant(user=True, refresh_token=self._consent())

    def _consent(self) -> str:
        token = self._new("consent")
        self.refresh_tokens.add(token)
        return token

    def _grant(self, *, user: bool, refresh_token: str = "") -> Response:
        token = self._new("user" if user else "app")
        self._access[token] = (user, time.time() + self.lifetime)
        answer: dict[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime)}
        if user:
            answer["scope"] = SCOPES
        if refresh_token:
            answer["refresh_token"] = refresh_token
        return JSONResponse(answer)

    def _new(self, kind: str) -> str:
        return f"sandbox-{kind}-{next(self._numbers)}"


def _client(header: str, form: Mapping[str, str]) -> tuple[str, str | None]:
    """Who asks: from the Basic header, else from the body; the secret is None when none was sent."""
    if header.startswith("Basic "):
        try:
            client, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", None
        return client, secret
    return form.get("client_id", ""), form.get("client_secret")


def _challenge(verifier: str | None) -> str:
    if not verifier:
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _error(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, 400)
