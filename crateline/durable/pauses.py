"""Pauses: which service is stopped, why, and what a person can do about it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import redis

from crateline.durable import keyspace
from crateline.durable.scripts import Scripts


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """One stopped service. `since` is ISO 8601 in UTC; `by_hand` pauses are never ended by a probe."""

    service: str
    reason: str
    remedy: str
    since: str
    by_hand: bool = False

    def public(self) -> dict[str, str]:
        """The pause as `status --json` shows it."""
        return {"service": self.service, "reason": self.reason, "remedy": self.remedy, "since": self.since}


class Pauses:
    """The stopped services, shared by all workers."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._scripts = Scripts(client)

    def begin(self, service: str, *, reason: str, remedy: str, by_hand: bool = False) -> None:
        """Stop a service. An earlier pause keeps its beginning and its reason, unless a person now stops it by hand."""
        pause = {"reason": reason, "remedy": remedy, "since": datetime.now(UTC).isoformat(timespec="seconds"), "by_hand": by_hand}
        if by_hand:
            self._client.hset(keyspace.PAUSES, service, json.dumps(pause))
        else:
            self._client.hsetnx(keyspace.PAUSES, service, json.dumps(pause))

    def end(self, service: str) -> int:
        """Let a service go on, as a person says; gives how many hints had waited for it."""
        return self._end(service, "person")

    def mended(self, service: str) -> int:
        """Let a service go on because it is well again; what a person has stopped stays stopped. As `end` otherwise."""
        return self._end(service, "probe")

    def free(self, service: str) -> int:
        """Free the hints that wait for a service which is not paused. As `end` otherwise."""
        return self._end(service, "nobody")

    def _end(self, service: str, who: str) -> int:
        _was, freed = self._scripts.unpause(
            keys=[keyspace.PAUSES, keyspace.parked(service), keyspace.DUE],
            args=[service, who],
        )
        return int(freed)

    def all(self) -> tuple[Pause, ...]:
        """Every pause, by service."""
        rows: dict[str, str] = dict(self._client.hgetall(keyspace.PAUSES))  # type: ignore[arg-type]  # decoded
        return tuple(Pause(service=service, **json.loads(rows[service])) for service in sorted(rows))

    def waiting(self, service: str) -> int:
        """How many hints wait for a service."""
        return int(self._client.scard(keyspace.parked(service)))
