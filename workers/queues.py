"""How many tasks of a queue one worker process does at a time."""

import os

from crateline.messages import QUEUE_NAMES
from crateline.settings import Settings

DOWNLOADS = 4
IMPORTS = 2


def concurrency(queue: str, settings: Settings) -> int:
    """Threads for a queue: writers as set; downloads and imports wait most of the time; one analysis per core."""
    return {
        "notion-write": settings.notion_writers,
        "download": DOWNLOADS,
        "analyze": os.cpu_count() or 1,
        "eagle-import": IMPORTS,
    }[queue]


def chosen(queues: tuple[str, ...]) -> tuple[str, ...]:
    """The queues to serve: those named, else all. Raises ValueError naming one that does not exist."""
    for queue in queues:
        if queue not in QUEUE_NAMES:
            raise ValueError(f"there is no queue «{queue}»; the queues are {', '.join(QUEUE_NAMES)}")
    return queues or QUEUE_NAMES
