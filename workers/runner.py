"""Running one worker in this process."""

import os
import socket
import warnings

from crateline.app import MODULES
from crateline.messages import QUEUE_NAMES
from crateline.wiring import Wiring, use
from workers.queues import chosen, concurrency


def run_worker(wiring: Wiring, queues: tuple[str, ...] = (), threads: int | None = None, name: str = "") -> int:
    """Serve queues until told to stop; gives the exit code. `threads` defaults to the sum of what each queue wants."""
    use(wiring)
    from celery.exceptions import SecurityWarning  # noqa: PLC0415  # as below

    from workers.app import app  # noqa: PLC0415  # importing it is the boot

    warnings.simplefilter("ignore", SecurityWarning)  # of pickle under root: nothing but JSON is read here

    served = chosen(queues)
    app.conf.include = [module for queue in served for module in MODULES[queue]]
    count = threads or sum(concurrency(queue, wiring.settings) for queue in served)
    label = name or f"{'all' if served == QUEUE_NAMES else '-'.join(served)}-{os.getpid()}"
    app.worker_main(
        [
            "--quiet",
            "worker",
            f"--queues={','.join(served)}",
            "--pool=threads",
            f"--concurrency={count}",
            f"--hostname={label}@{socket.gethostname()}",
            "--without-mingle",
            "--without-gossip",
            f"--loglevel={wiring.settings.log_level}",
        ]
    )
    return 0
