"""Access tokens without a person: from a kept consent, else for the app itself. Nothing here ever asks for input."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from crateline import errors
from crateline.clients.spotify import answers

EARLY_S = 60.0  # a token is taken for expired so much before its time

Token = dict[str, Any]
Guard = Callable[[], AbstractContextManager[Any]]


class TokenCache(Protocol):
    """Where the consent's token is kept; spotipy's CacheHandlers fit. The dict holds access_token, refresh_token, expires_at."""

    def get_cached_token(self) -> Token | None:
        """Give the kept token, or None."""

    def save_token_to_cache(self, token_info: Token) -> None:
        """Keep a token."""


class MemoryCache:
    """A cache for one process."""

    def __init__(self) -> None:
        self.token: Token | None = None

    def get_cached_token(self) -> Token | None:
        """Give the kept token, or None."""
        return self.token

    def save_token_to_cache(self, token_info: Token) -> None:
        """Keep a token."""
        self.token = token_info


class Source:
    """One way to a token, in the form in which spotipy asks for it."""

    def __init__(self, fetch: Callable[[], Token], cache: TokenCache, guard: Guard) -> None:
        self.fetch = fetch
        self.cache = cache
        self.guard = guard
        self._lock = threading.Lock()
        self._mine = threading.local()

    def get_access_token(self, *, as_dict: bool = False) -> str:
        """Give a valid access token. Only one caller at a time renews it: a rotated refresh token works once."""
        del as_dict
        kept = self.cache.get_cached_token()
        if not _fresh(kept):
            with self._lock, self.guard():
                kept = self.cache.get_cached_token()
                if not _fresh(kept):
                    kept = self.fetch()
                    self.cache.save_token_to_cache(kept)
        given = self._mine.given = str((kept or {})["access_token"])
        return given

    def forget(self) -> None:
        """Take the token last given to this thread for expired, since it was refused; what others have renewed stays."""
        with self._lock, self.guard():
            kept = self.cache.get_cached_token()
            if kept is not None and kept.get("access_token") == getattr(self._mine, "given", ""):
                self.cache.save_token_to_cache({**kept, "expires_at": 0})


class Accounts:
    """The token endpoint. Without a secret, refreshing goes as an app with PKCE does it: the id in the body."""

    def __init__(self, session: answers.Session, url: str, client_id: str, client_secret: str) -> None:
        self.session = session
        self.url = url
        self.client_id = client_id
        self.client_secret = client_secret

    def for_the_app(self) -> Token:
        """Fetch a token that reads what is public. Raises ConfigurationError without a secret."""
        if not self.client_secret:
            raise errors.ConfigurationError(
                "SPOTIPY_CLIENT_SECRET is not set. Copy it from the app's page at developer.spotify.com."
            )
        return self._post({"grant_type": "client_credentials"})

    def from_consent(self, *refresh_tokens: str) -> Token:
        """Fetch a token for the user: from the first refresh token that still works.

        The kept one comes first, since it may be the successor of the one in the settings; after a new consent it is
        the settings' turn. `renews` says in the answer which one it was.
        """
        last = len(refresh_tokens) - 1
        for place, refresh_token in enumerate(refresh_tokens):
            try:
                token = self._post({"grant_type": "refresh_token", "refresh_token": refresh_token})
            except errors.CredentialsRefused:
                if place == last:
                    raise
            else:
                return {"refresh_token": refresh_token, **token, "renews": refresh_token}
        raise errors.ConfigurationError("No consent is known. Run `crateline login spotify`.")

    def from_code(self, code: str, verifier: str, redirect_uri: str) -> Token:
        """Exchange a consent's code for the user's first token."""
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
        return self._post(form)

    def _post(self, form: Mapping[str, str]) -> Token:
        auth = (self.client_id, self.client_secret) if self.client_secret else None
        data = dict(form) if auth else {**form, "client_id": self.client_id}
        token: Token = self.session.post(self.url, data=data, auth=auth).json()
        if not isinstance(token.get("access_token"), str):
            raise errors.Unavailable(answers.SERVICE, "the token endpoint answered without a token")
        return {**token, "expires_at": int(time.time() + float(token.get("expires_in", 0)))}


def _fresh(token: Token | None) -> bool:
    return bool(token and token.get("access_token") and float(token.get("expires_at", 0)) - time.time() > EARLY_S)
