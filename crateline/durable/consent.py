"""Spotify's tokens, shared by all workers: a refresh token may work only once, so one of them refreshes for all."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis

from crateline.durable.keyspace import PREFIX

TOKEN = PREFIX + "spotify:token"
LOCK_S = 30.0


class Consent:
    """The token that all workers use. It may hold secrets: it is never logged."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def get_cached_token(self) -> dict[str, Any] | None:
        """The token as Spotify gave it, or None."""
        kept = self._client.get(TOKEN)
        return None if kept is None else dict(json.loads(kept))

    def save_token_to_cache(self, token_info: dict[str, Any]) -> None:
        """Keep a token for all workers."""
        self._client.set(TOKEN, json.dumps(token_info))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one that refreshes."""
        with self._client.lock(f"{TOKEN}:lock", timeout=LOCK_S, blocking_timeout=LOCK_S, sleep=0.05):
            yield
