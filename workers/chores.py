"""Chores: what is done by schedule, each by one scheduler at a time however many machines run one."""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import redis
import structlog

from crateline.durable import keyspace
from crateline.errors import CratelineError
from crateline.wiring import Wiring

log = structlog.get_logger("crateline.chores")

TICK_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Chore:
    """Something to do every `every_s` seconds.

    `local`: it concerns this machine's files, so that each machine does its own; every other one is done by one of all.
    `at_once` False: its first turn of all is after a period, so that starting a line for the first time begins nothing
    unasked. A line that is started again does what has fallen due meanwhile.
    """

    name: str
    every_s: float
    do: Callable[[Wiring], object]
    local: bool = False
    at_once: bool = True

    @property
    def owner(self) -> str:
        """The name under which its turns and its lock are kept."""
        return f"chore:{self.name}:{socket.gethostname()}" if self.local else f"chore:{self.name}"


class Chores(threading.Thread):
    """A thread per chore would wait for most of its life: one does all, each in a thread of its own while it runs."""

    def __init__(self, wiring: Wiring, chores: Sequence[Chore]) -> None:
        super().__init__(daemon=True, name="chores")
        self._wiring = wiring
        self._chores = chores
        self._busy: dict[str, threading.Thread] = {}

    def run(self) -> None:
        """Do what is due until the process stops."""
        patient = [chore for chore in self._chores if not chore.at_once]
        while patient and not self._wiring.stopping.is_set():
            patient = [chore for chore in patient if not self._put_off(chore)]
            if patient:
                self._wiring.stopping.wait(TICK_S)
        while not self._wiring.stopping.wait(TICK_S):
            for chore in self._chores:
                self._begin(chore)
        for thread in self._busy.values():
            thread.join()

    def _begin(self, chore: Chore) -> None:
        running = self._busy.get(chore.name)
        if running is not None and running.is_alive():
            return
        thread = threading.Thread(target=self.turn, args=(chore,), daemon=True, name=chore.owner)
        self._busy[chore.name] = thread
        thread.start()

    def _put_off(self, chore: Chore) -> bool:
        """Let the very first turn of a chore be in a period's time; gives whether Redis could be told."""
        try:
            if not self._wiring.redis.hexists(keyspace.CHORES, chore.owner):
                self._due(chore)
                self._wiring.redis.hset(keyspace.CHORES, chore.owner, f"{self._wiring.index.now():.0f}")
        except redis.RedisError as error:
            log.warning("Redis is away", action="chore-waits", chore=chore.name, reason=str(error))
            return False
        return True

    def turn(self, chore: Chore) -> bool:
        """Do a chore if its time has come and nobody else is at it; gives whether it was done."""
        try:
            if self._rests(chore):
                return False
            with self._wiring.lock(chore.owner) as mine:
                return mine and self._due(chore) and self._do(chore)
        except redis.RedisError as error:
            log.warning("Redis is away", action="chore-waits", chore=chore.name, reason=str(error))
            return False

    def _rests(self, chore: Chore) -> bool:
        """Whether its last turn was less than a period ago. A mark that holds for longer was made by a clock that was ahead."""
        left: Any = self._wiring.redis.pttl(keyspace.turn(chore.owner))
        return bool(0 <= left <= chore.every_s * 1000)

    def _due(self, chore: Chore) -> bool:
        """Take this turn. The mark lapses by itself, so that a machine that is switched off holds nothing up."""
        if self._rests(chore):
            return False
        self._wiring.redis.set(keyspace.turn(chore.owner), "1", px=int(chore.every_s * 1000))
        return True

    def _do(self, chore: Chore) -> bool:
        try:
            chore.do(self._wiring)
        except (CratelineError, OSError) as error:
            log.warning("will be tried again", action="chore-failed", chore=chore.name, reason=str(error))
        except redis.RedisError:
            raise
        except Exception:
            log.exception("unexpected error", action="chore-failed", chore=chore.name)  # and on: the others have their turn
        return True
