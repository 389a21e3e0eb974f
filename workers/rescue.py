"""The rescuer: publish again what is due and what nobody is at. Run by every worker process; it never executes."""

import itertools
import threading
import time

import redis
import structlog
from kombu.exceptions import OperationalError

from crateline import app as application
from crateline.durable import keyspace
from crateline.durable.rescue import SWEEP_EVERY_S
from crateline.wiring import Wiring

log = structlog.get_logger("crateline.rescue")

EPOCH_EVERY = 10


class Rescuer(threading.Thread):
    """A thread that sweeps the due set, watches the epoch, and frees what waits for a pause that is over."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(daemon=True, name="rescuer")
        self._wiring = wiring

    def run(self) -> None:
        """Sweep until the worker stops; Redis being away is waited out."""
        for round_ in itertools.count():
            try:
                if round_ % EPOCH_EVERY == 0:
                    self._wiring.epoch.check()
                    self._free_forgotten()
                self.sweep()
            except (redis.RedisError, OperationalError, OSError) as error:
                log.warning("Redis or MEDIA_ROOT is away", action="rescue-waits", reason=str(error))
            except Exception:
                log.exception("unexpected error", action="rescue-failed")  # and on: without sweeps nothing would go on
            if self._wiring.stopping.wait(SWEEP_EVERY_S):
                return

    def sweep(self) -> int:
        """Publish what is due; gives how many hints."""
        rescued = self._wiring.due.sweep()
        for priority, group in itertools.groupby(sorted(rescued, key=lambda one: one.priority), key=lambda one: one.priority):
            application.publish((one.hint for one in group), priority=priority)
        lapsed = [one.hint.member for one in rescued if one.lapsed]
        if lapsed:
            log.info("taken up again", action="rescued", hints=lapsed[:20], count=len(lapsed))
        return len(rescued)

    def _free_forgotten(self) -> None:
        prefix = keyspace.parked("")
        for name in self._wiring.redis.scan_iter(match=f"{prefix}*", count=1000):
            self._wiring.pauses.free(str(name).removeprefix(prefix))


def beat(wiring: Wiring, name: str) -> None:
    """Note that a worker is alive."""
    wiring.redis.hset(keyspace.WORKERS, name, str(time.time()))
