"""A worker process' life: what starts with it, how it drains, and that it dies with its supervisor."""

import os
import signal
import threading
from typing import Any

import redis
import structlog
from celery import signals

from crateline.wiring import Wiring
from workers.probe import Prober
from workers.rescue import Rescuer, beat

log = structlog.get_logger("crateline.worker")

SUPERVISOR = "CRATELINE_SUPERVISOR"
ORPHAN_CHECK_S = 1.0
BEAT_S = 5.0


def install(wiring: Wiring) -> None:
    """Connect to Celery's signals; nothing starts before the worker is ready."""

    def ready(sender: Any = None, **_: Any) -> None:
        name = str(getattr(sender, "hostname", "worker"))
        log.info("ready", action="ready", worker=name)
        if os.environ.get(SUPERVISOR):
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the whole group; the supervisor passes it on
        Rescuer(wiring).start()
        Prober(wiring).start()
        threading.Thread(target=_beat, args=(wiring, name), daemon=True, name="beat").start()

    def stopping(**_: Any) -> None:
        wiring.stopping.set()

    signals.worker_ready.connect(ready, weak=False)
    signals.worker_shutting_down.connect(stopping, weak=False)
    watch_supervisor()


def watch_supervisor() -> None:
    """If a supervisor started this process, end with it."""
    if parent := os.environ.get(SUPERVISOR):
        threading.Thread(target=_die_with, args=(int(parent),), daemon=True, name="orphan").start()


def _beat(wiring: Wiring, name: str) -> None:
    while True:
        try:
            beat(wiring, name)
        except redis.RedisError as error:
            log.warning("Redis is away", action="beat-waits", reason=str(error))
        if wiring.stopping.wait(BEAT_S):
            return


def _die_with(parent: int) -> None:
    """End at once when the supervisor is gone: its successor starts workers of its own."""
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(ORPHAN_CHECK_S)
    os._exit(1)
