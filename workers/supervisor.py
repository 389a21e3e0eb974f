"""`crateline up`: a worker per queue, Flower and Redis, each started again whenever it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import structlog

from crateline.errors import ConfigurationError
from crateline.wiring import Wiring
from workers import flower, lifecycle
from workers.queues import chosen

log = structlog.get_logger("crateline.up")

LOOK_EVERY_S = 0.5
DRAIN_S = 20.0
QUICK_DEATH_S = 3.0
YOUNG_DEATHS = 3
LONGEST_REST_S = 15.0


@dataclass(slots=True)
class Child:
    """One process that is kept running."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0
    pids: list[int] = field(default_factory=list)

    def start(self) -> None:
        """Start it, in our process group, so that it hears what we hear."""
        self.process = subprocess.Popen(self.command, env=self.environment, stdin=subprocess.DEVNULL)
        self.started = time.monotonic()
        self.pids.append(self.process.pid)

    def move(self, url: str) -> None:
        """Begin anew with a Redis at another address."""
        self.environment = {**self.environment, "REDIS_URL": url}
        if self.process is not None:
            self.process.terminate()

    def ended(self) -> int | None:
        """Its exit code, or None while it runs or rests."""
        return None if self.process is None else self.process.poll()

    def rest(self) -> float:
        """Seconds until it is started again: none after a long life, growing when it dies young."""
        young = time.monotonic() - self.started < QUICK_DEATH_S
        self.deaths = self.deaths + 1 if young else 0
        return min(LONGEST_REST_S, 0.0 if self.deaths < YOUNG_DEATHS else 2.0 ** (self.deaths - YOUNG_DEATHS))


class Supervisor:
    """Keeps the children of one machine running until SIGINT or SIGTERM."""

    def __init__(self, wiring: Wiring, queues: tuple[str, ...] = (), *, with_flower: bool = True) -> None:
        self._wiring = wiring
        self._embedded = not wiring.settings.redis_url.get_secret_value()
        self._stop = threading.Event()
        environment = {**os.environ, "REDIS_URL": wiring.redis_url, lifecycle.SUPERVISOR: str(os.getpid())}
        self.children = [
            Child(
                name=queue,
                command=[sys.executable, "-m", "crateline", "worker", queue, "--name", queue],
                environment=environment,
            )
            for queue in chosen(queues)
        ]
        scheduler = [sys.executable, "-m", "crateline", "scheduler"]
        self.children.append(Child(name="scheduler", command=scheduler, environment=environment))
        if with_flower:
            told = {**flower.environment(wiring), lifecycle.SUPERVISOR: str(os.getpid())}
            self.children.append(Child(name="flower", command=flower.command(), environment=told))

    def run(self) -> int:
        """Run until a signal; then let the workers hand back what they hold, and end Redis if it is ours."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._asked_to_stop)
        for child in self.children:
            child.start()
        while not self._stop.wait(LOOK_EVERY_S):
            self.look()
        self._drain()
        return 0

    def stop(self) -> None:
        """End the run, from another thread."""
        self._stop.set()

    def look(self) -> None:
        """Start again whatever has ended."""
        now = time.monotonic()
        if self._embedded and not self._wiring.embedded.running():
            log.warning("Redis does not answer: started again if it has ended", action="restarted", process="redis")
            self._revive()
        for child in self.children:
            code = child.ended()
            if code is not None:
                child.process = None
                child.not_before = now + child.rest()
                log.warning("ended: starting it again", action="restarted", process=child.name, code=code)
            if child.process is None and now >= child.not_before:
                child.start()

    def _revive(self) -> None:
        try:
            url = self._wiring.embedded.ensure()
        except ConfigurationError as error:
            log.error("Redis does not come back: trying again", action="redis-away", reason=str(error))  # noqa: TRY400  # no bug
            return
        for child in self.children:
            if child.environment["REDIS_URL"] != url:  # its port was taken meanwhile
                child.move(url)

    def _asked_to_stop(self, _signal: int, _frame: Any) -> None:
        self._stop.set()

    def _drain(self) -> None:
        log.info("stopping: what is being done is ended or handed back", action="stopping")
        running = [child.process for child in self.children if child.process is not None and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + DRAIN_S
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._embedded:
            self._wiring.embedded.leave(whoever_started=True)  # not before a second `up` in this folder has ended too
