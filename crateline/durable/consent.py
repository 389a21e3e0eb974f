"""Spotify's tokens, shared by all workers: a refresh token may work only once, so one of them refreshes for all."""

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import LockError

from crateline.durable import locks
from crateline.durable.keyspace import PREFIX
from crateline.errors import Unavailable

TOKEN = PREFIX + "spotify:token"
LOCK = "spotify-token"
LEASE_S = 5.0
"""So soon somebody else renews the token if whoever did so was killed."""
WAIT_S = 60.0
"""A renewal takes our budget's patience and an answer of Spotify's for each refresh token that is known."""
LASTS_S = 182 * 86400.0
"""A refresh token dies six months after the consent (developer.spotify.com, November 2026)."""
SOON_S = 30 * 86400.0
"""So long before its end a consent should be given anew."""
RENEWED = "renewed"
"""How often the refresh token was replaced: of Redis and the file, the one that has seen more of that is right."""
RENEWS = "renews"
"""Which refresh token a new token was given for: said when it is kept, and not kept itself."""
SERVICE = "spotify"
KEPT = ("refresh_token", "consented_at", RENEWED)


class Consent:
    """The token that all workers use. It may hold secrets: it is never logged.

    `file` keeps what cannot be had again without the user (mode 0600), for when Redis has forgotten.
    """

    def __init__(self, client: redis.Redis, file: Path | None = None) -> None:
        self._client = client
        self._file = file

    def get_cached_token(self) -> dict[str, Any] | None:
        """The token as Spotify gave it, or what the file knows of it, or None. Its end is told by this machine's clock."""
        kept, filed = self._client.get(TOKEN), self._from_file()
        if kept is None:
            return filed
        token = self._dated(json.loads(kept), -self._ahead())
        if filed is not None and _renewals(filed) > _renewals(token):  # Redis has lost, or never got, the last renewal
            return {**token, **filed, "expires_at": 0}
        return token

    def save_token_to_cache(self, token_info: Mapping[str, Any]) -> None:
        """Keep a token for all workers. One that `renews` the kept one keeps the day of its consent.

        The file comes first: a refresh token that was replaced works no more, and Redis may be away.
        """
        before = self.get_cached_token() or {}
        token = dict(token_info)
        successor = token.pop(RENEWS, before.get("refresh_token")) == before.get("refresh_token")
        if successor and "consented_at" in before:
            token = {"consented_at": before["consented_at"], **token}
        another = token.get("refresh_token") != before.get("refresh_token")
        token[RENEWED] = max(_renewals(before), _renewals(token)) + another
        given = "consented_at" in token  # by `crateline login`: one in the settings is kept there, and ends there
        try:
            if self._file is not None and given and any(token.get(name) != before.get(name) for name in KEPT):
                self._write(self._file, {name: token[name] for name in KEPT if name in token})
        finally:
            self._client.set(TOKEN, json.dumps(self._dated(token, self._ahead())))

    def ends_in(self) -> float | None:
        """Seconds until the consent ends; None if its day is not known (it came from the settings)."""
        given = (self.get_cached_token() or {}).get("consented_at")
        return None if given is None else float(given) + LASTS_S - time.time()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one that refreshes. Raises Unavailable after waiting a minute for another one."""
        try:
            with locks.alone(self._client, LOCK, wait_s=WAIT_S, lease_s=LEASE_S):
                yield
        except LockError as error:
            raise Unavailable(SERVICE, "another process has been renewing the token for a minute") from error

    def _ahead(self) -> float:
        """By how many seconds Redis' clock, on which tokens are kept, is ahead of this machine's."""
        seconds, micros = self._client.time()
        return float(seconds) + float(micros) / 1e6 - time.time()

    @staticmethod
    def _dated(token: dict[str, Any], shift: float) -> dict[str, Any]:
        """A token whose end is told by another clock; one that is taken for expired (0) stays so."""
        return {**token, "expires_at": float(token["expires_at"]) + shift} if token.get("expires_at") else token

    def _from_file(self) -> dict[str, Any] | None:
        if self._file is None:
            return None
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return kept if isinstance(kept, dict) else None

    @staticmethod
    def _write(file: Path, words: Mapping[str, Any]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f".{uuid.uuid4().hex}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:  # noqa: PTH123
            json.dump(dict(words), out)  # Path.open cannot make it unreadable for others from its first moment
        fresh.replace(file)


def _renewals(token: Mapping[str, Any]) -> int:
    return int(token.get(RENEWED, 0))
