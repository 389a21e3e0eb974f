"""The scheduler: a process that works on no track, sees to it that every track is worked on, and does the chores.

Each worker sweeps the due set and probes pauses too; this one goes on when all of them are busy, starting or gone.
"""

import signal
import threading
from collections.abc import Sequence
from typing import Any

from crateline import app as application
from crateline.wiring import Wiring
from workers import lifecycle
from workers.chores import Chore, Chores
from workers.probe import Prober
from workers.rescue import Rescuer


def run_scheduler(wiring: Wiring, chores: Sequence[Chore] = ()) -> int:
    """Sweep, probe and do `chores` until SIGINT or SIGTERM; gives the exit code."""
    application.connect(wiring.redis_url)
    lifecycle.watch_supervisor()

    def asked_to_stop(_signal: int, _frame: Any) -> None:
        wiring.stopping.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, asked_to_stop)
    threads: list[threading.Thread] = [Rescuer(wiring), Prober(wiring), Chores(wiring, chores)]
    for thread in threads:
        thread.start()
    wiring.stopping.wait()
    for thread in threads:
        thread.join()
    return 0
