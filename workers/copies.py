"""The copies that are owed to a volume are made as soon as it is back, by one machine at a time."""

import structlog

from crateline.wiring import Wiring

log = structlog.get_logger("crateline.copier")

EVERY_S = 10.0
LOCK = "copies"


def deliver(wiring: Wiring) -> int:
    """Make what is owed to the volumes that are there; gives how many tracks got their copies."""
    if not wiring.copies.volumes:
        return 0
    with wiring.lock(LOCK) as mine:
        made = wiring.copies.deliver_owed(wiring.stopping.is_set) if mine else 0
    if made:
        log.info("copies made", action="copies-made", tracks=made)
    return made
