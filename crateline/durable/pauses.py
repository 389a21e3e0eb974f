"""Pauses: which service is stopped, why, and what a person can do about it."""

import json
import re
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

import redis

from crateline.domain import causes
from crateline.durable import keyspace
from crateline.durable.scripts import Scripts

REMEMBERED_MS = 600_000
"""So long after its end a pause that begins anew is the same one."""
OPENED_WITHIN_MS = 60_000
"""How long a hint on trial may lie in its queue before another one is tried."""
_VARIES = re.compile(r"\(.*\)|\d")
"""What differs from one answer to the next though it is the same trouble: the service's own words, ids, numbers."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """One stopped service. `since` is ISO 8601 in UTC; `by_hand` pauses are never ended by a probe.

    `cause` is a word of `domain.causes`; `host` the machine that has met it, and `culprit` the hint; `relapses` is how often
    it has begun anew though it had seemed to be over; and `proven_by` which other hint had gone through meanwhile.
    """

    service: str
    reason: str
    remedy: str
    since: str = field(default_factory=_now)
    by_hand: bool = False
    cause: str = ""
    host: str = field(default_factory=socket.gethostname)
    culprit: str = ""
    relapses: int = 0
    proven_by: str = ""

    def public(self) -> dict[str, str]:
        """The pause as `status --json` shows it."""
        return {"service": self.service, "reason": self.reason, "remedy": self.remedy, "since": self.since}

    def like(self, other: "Pause") -> bool:
        """Whether it is the same trouble."""
        return self.trouble == other.trouble

    @property
    def trouble(self) -> str:
        """What is wrong, by what stays the same however often it is met."""
        if self.cause.partition(":")[0] == causes.FOLDER:  # each file has a folder and a sentence of its own
            return causes.FOLDER
        return f"{self.cause} {_VARIES.sub('', self.reason)}"

    @property
    def age_s(self) -> float:
        """Seconds since it began."""
        return (datetime.now(UTC) - datetime.fromisoformat(self.since)).total_seconds()


class Pauses:
    """The stopped services, shared by all workers."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._scripts = Scripts(client)

    def begin(self, service: str, *, reason: str, remedy: str, by_hand: bool = False, cause: str = "", culprit: str = "") -> bool:
        """Stop a service; gives whether it was not stopped before.

        An earlier pause keeps its beginning and its reason, unless a person now stops it by hand; so does one that had
        ended by itself a few minutes ago.
        """
        pause = Pause(service=service, reason=reason, remedy=remedy, by_hand=by_hand, cause=cause, culprit=culprit)
        if by_hand:
            self._write(pause)
            return True
        ended = self._ended(service)
        if ended is not None and ended.like(pause):
            pause = replace(pause, since=ended.since, relapses=ended.relapses + 1)
        return bool(self._client.hsetnx(keyspace.PAUSES, service, _packed(pause)))

    def turn(self, pause: Pause, *, reason: str, remedy: str, cause: str, culprit: str) -> bool:
        """Let a stopped service be stopped for what is found to be wrong now; gives whether that is something else."""
        now = Pause(service=pause.service, reason=reason, remedy=remedy, cause=cause, culprit=culprit)
        if now.like(pause) or self.of(pause.service) != pause:
            return False
        self._write(now)
        return True

    def end(self, service: str) -> int:
        """Let a service go on, as a person says; gives how many hints had waited for it."""
        return self._end(service, "person")

    def mended(self, service: str, *, proven_by: str = "") -> int:
        """Let a service go on because it is well again; what a person has stopped stays stopped. As `end` otherwise."""
        return self._end(service, "probe", proven_by)

    def free(self, service: str) -> int:
        """Free the hints that wait for a service which is not paused. As `end` otherwise."""
        return self._end(service, "nobody")

    def _end(self, service: str, who: str, proven_by: str = "") -> int:
        _was, freed = self._scripts.unpause(
            keys=[
                keyspace.PAUSES,
                keyspace.parked(service),
                keyspace.DUE,
                keyspace.trial(service),
                keyspace.ended_pause(service),
            ],
            args=[service, who, proven_by, REMEMBERED_MS],
        )
        return int(freed)

    def try_on(self, service: str, members: Iterable[str]) -> list[str]:
        """Let some of the hints that wait pass in spite of the pause, due now; gives them."""
        tried = []
        for member in dict.fromkeys(members):
            with self._client.pipeline() as pipe:
                pipe.sadd(keyspace.trial(service), member)
                pipe.pexpire(keyspace.trial(service), OPENED_WITHIN_MS)
                pipe.srem(keyspace.parked(service), member)
                pipe.zadd(keyspace.DUE, {member: 0.0})
                pipe.execute()
            tried.append(member)
        return tried

    def on_trial(self, service: str) -> bool:
        """Whether a hint is being tried just now."""
        return bool(self._client.exists(keyspace.trial(service)))

    def tried(self, service: str, member: str) -> None:
        """Note that a trial is over."""
        self._client.srem(keyspace.trial(service), member)

    def passed_without(self, service: str, member: str, reason: str, cause: str) -> bool:
        """Whether others went through after this hint had met this trouble: then it is not the service's."""
        ended = self._ended(service)
        met = Pause(service=service, reason=reason, remedy="", cause=cause)
        return ended is not None and ended.culprit == member and ended.proven_by not in ("", member) and ended.like(met)

    def of(self, service: str) -> Pause | None:
        """The pause of a service, if it is stopped."""
        return _unpacked(service, self._client.hget(keyspace.PAUSES, service))

    def all(self) -> tuple[Pause, ...]:
        """Every pause, by service."""
        rows: dict[str, str] = dict(self._client.hgetall(keyspace.PAUSES))  # type: ignore[arg-type]  # decoded
        return tuple(Pause(service=service, **json.loads(rows[service])) for service in sorted(rows))

    def waiting(self, service: str) -> int:
        """How many hints wait for a service."""
        return int(self._client.scard(keyspace.parked(service)))

    def parked(self, service: str) -> set[str]:
        """The hints that wait for a service."""
        return set(map(str, self._client.smembers(keyspace.parked(service))))

    def _write(self, pause: Pause) -> None:
        with self._client.pipeline() as pipe:
            pipe.hset(keyspace.PAUSES, pause.service, _packed(pause))
            pipe.delete(keyspace.trial(pause.service), keyspace.ended_pause(pause.service))
            pipe.execute()

    def _ended(self, service: str) -> Pause | None:
        return _unpacked(service, self._client.get(keyspace.ended_pause(service)))


def _packed(pause: Pause) -> str:
    return json.dumps({name: value for name, value in asdict(pause).items() if name != "service"})


def _unpacked(service: str, packed: str | bytes | None) -> Pause | None:
    return None if packed is None else Pause(service=service, **json.loads(packed))
