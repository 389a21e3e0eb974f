"""Probing paused services: what the pause was for is looked at now and then, until it has ended.

Where a question shows it, the pause ends with the right answer. Where only the work itself does, or where the answer was
right once and the same trouble came back, a task or two of those that wait are tried while all others wait on.
"""

import random
import socket
import threading
import time
from collections.abc import Collection

import redis
import structlog

from crateline.durable import keyspace
from crateline.durable.pauses import Pause
from crateline.errors import CratelineError
from crateline.wiring import Wiring
from workers.checks import Check, Checks

log = structlog.get_logger("crateline.probe")

EVERY_S = 10.0
LONGEST_REST_S = 600.0
SILENT_S = 20.0
"""A worker that was not heard of for this long is gone: it beats every five seconds."""


class Prober(threading.Thread):
    """A thread that asks each paused service whether it is well again; one process of the machine that met it does so.

    `among`: the only hints that may be tried, because nobody else may be there to work.
    """

    def __init__(self, wiring: Wiring, *, among: Collection[str] | None = None) -> None:
        super().__init__(daemon=True, name="prober")
        self._wiring = wiring
        self._among = among
        self._checks = Checks()

    def run(self) -> None:
        """Probe until the worker stops."""
        while not self._wiring.stopping.wait(EVERY_S):
            try:
                for pause in self._wiring.pauses.all():
                    self.probe(pause)
            except redis.RedisError as error:
                log.warning("Redis is away", action="probe-waits", reason=str(error))
            except Exception:
                log.exception("unexpected error", action="probe-failed")  # and on: without probes a pause would never end

    def probe(self, pause: Pause) -> None:
        """Look at one service; end its pause if what it was for is over."""
        if pause.by_hand or not self._ours(pause):
            return
        mine = self._wiring.redis.set(keyspace.lock(f"probe:{pause.service}"), "1", nx=True, px=int(EVERY_S * 900))
        if not mine or self._wiring.pauses.on_trial(pause.service):
            return  # another process has asked in these ten seconds, or a task is at it
        check = self._checks.of(pause)
        try:
            check.ask(self._wiring, pause)
        except (CratelineError, OSError) as error:
            log.debug("still paused", action="probed", service=pause.service, reason=str(error))
            return
        if check.proves and not pause.relapses:
            self._end(pause)
        else:
            self._try(pause, check)

    def _ours(self, pause: Pause) -> bool:
        """Whether this machine is to ask: the one that met it, since another may have other settings; any, if that is gone."""
        if pause.host == socket.gethostname():
            return True
        beats: dict[str, str] = dict(self._wiring.redis.hgetall(keyspace.WORKERS))  # type: ignore[arg-type]  # decoded
        alive = {name.partition("@")[2] for name, beat in beats.items() if time.time() - float(beat) < SILENT_S}
        return pause.host not in alive

    def _end(self, pause: Pause) -> None:
        freed = self._wiring.pauses.mended(pause.service)
        log.info("a service goes on", action="unpaused", service=pause.service, freed=freed)

    def _try(self, pause: Pause, check: Check) -> None:
        """Let one that waits pass, first of all the one that met it. The oftener it was in vain, the longer the rest."""
        rest = min(LONGEST_REST_S, check.rest_s * (1 << min(pause.relapses, 8)))
        waiting = self._wiring.pauses.parked(pause.service)
        if not waiting:
            self._end(pause)
            return
        able = waiting if self._among is None else waiting & set(self._among)
        turn = keyspace.lock(f"trial:{pause.service}")
        if pause.age_s < check.rest_s or not able or not self._wiring.redis.set(turn, "1", nx=True, px=int(rest * 1000)):
            return
        culprit = [pause.culprit] if pause.culprit in able else []
        others = [] if check.own and culprit else random.sample(sorted(able - set(culprit)), k=min(1, len(able) - len(culprit)))
        tried = self._wiring.pauses.try_on(pause.service, [*culprit, *others])
        log.debug("tried", action="trial", service=pause.service, hints=tried)
