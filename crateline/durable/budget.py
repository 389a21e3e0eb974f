"""Budgets: how fast an outside service may be asked, by all workers on all machines together."""

import threading
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple

import redis

from crateline.durable import keyspace
from crateline.durable.scripts import Scripts
from crateline.errors import BudgetSpent, Interrupted

UNNOTICED_S = 3.0
LATE_S = 0.5
"""A slot used later than this is reserved anew: the server counts arrivals, not intentions."""

account: ContextVar[str] = ContextVar("account", default="")
"""The playlist on whose behalf this thread is asking, for the count of requests per playlist."""
DJAY = "djay"
"""The account of what is written of a DJ program's library: no playlist has this key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """`requests` per window of `seconds`; whoever would wait longer than `patience` seconds is sent back."""

    requests: int
    seconds: float
    patience: float


class _Due(NamedTuple):
    """Between these two readings of our clock Redis' clock shows the slot: the round trip lies between them."""

    earliest: float
    latest: float


class Budget:
    """The slots of one service. Calling it blocks until a slot is ours.

    Raises BudgetSpent when the wait would be longer than the limit's patience, and Interrupted when `stopping()` turns
    true while waiting. `on_lost_epoch` is called when Redis has lost its memory (then nothing is known of what was
    asked in the last minute). `on_wait` is told of the service and of the seconds before a wait that a person would notice.
    """

    def __init__(
        self,
        service: str,
        limit: Limit,
        client: redis.Redis,
        *,
        stopping: Callable[[], bool] = lambda: False,
        on_lost_epoch: Callable[[], object] = lambda: None,
        on_wait: Callable[[str, float], object] = lambda _service, _seconds: None,
    ) -> None:
        self.service = service
        self.limit = limit
        self._client = client
        self._scripts = Scripts(client)
        self._stopping = stopping
        self._on_lost_epoch = on_lost_epoch
        self._on_wait = on_wait

    def __call__(self) -> None:
        """Take one slot, waiting for it."""
        stale = ""
        while True:
            slot = uuid.uuid4().hex
            due = self._reserve(slot, stale)
            if (wait := due.latest - time.monotonic()) > UNNOTICED_S:
                self._on_wait(self.service, wait)
            self._sleep(due.latest, slot)
            stale = slot
            silence = self._count(1)
            if silence == 0 and time.monotonic() - due.earliest <= LATE_S:
                return
            self._count(-1)

    def _reserve(self, request: str, stale: str) -> "_Due":
        while True:
            asked = time.monotonic()
            status, wait, _slot = self._scripts.reserve(
                keys=[keyspace.budget_log(self.service), keyspace.blocked(self.service), keyspace.EPOCH, keyspace.RUN],
                args=[
                    self.limit.requests,
                    int(self.limit.seconds * 1000),
                    int(self.limit.patience * 1000),
                    request,
                    self.service,
                    stale,
                ],
            )
            if status == -1:
                self._on_lost_epoch()
                continue
            if status == 0:
                raise BudgetSpent(self.service, float(wait) / 1000)
            return _Due(asked + float(wait) / 1000, time.monotonic() + float(wait) / 1000)

    def _sleep(self, due: float, slot: str) -> None:
        pause = threading.Event()
        while (left := due - time.monotonic()) > 0:
            if self._stopping():
                self._client.zrem(keyspace.budget_log(self.service), slot)
                raise Interrupted(f"stopped while waiting for a slot of {self.service}")
            pause.wait(min(left, 0.25))

    def _count(self, requests: int) -> float:
        """Count a request, and see in the same round trip for how many seconds the service wants silence."""
        with self._client.pipeline(transaction=False) as pipe:
            pipe.get(keyspace.blocked(self.service))
            pipe.time()
            pipe.hincrby(keyspace.REQUESTS, self.service, requests)
            if playlist := account.get():
                pipe.hincrby(keyspace.playlist(playlist), f"requests:{self.service}", requests)
            till, now, *_ = pipe.execute()
        return _left(till, now)

    def block(self, seconds: float) -> None:
        """Keep everybody from asking the service for `seconds` (a 429's Retry-After)."""
        self._scripts.block(keys=[keyspace.blocked(self.service)], args=[int(seconds * 1000)])

    def silence(self) -> float:
        """Seconds for which the service still wants silence; 0 if it may be asked."""
        return _left(self._client.get(keyspace.blocked(self.service)), self._client.time())

    def used(self) -> int:
        """Slots granted in the window that ends now."""
        seconds, micros = self._client.time()
        now = seconds * 1000 + micros // 1000
        return int(self._client.zcount(keyspace.budget_log(self.service), now - int(self.limit.seconds * 1000), now))


def _left(till: Any, now: tuple[int, int]) -> float:
    seconds, micros = now
    return max(0.0, float(till or 0) / 1000 - seconds - micros / 1e6)
