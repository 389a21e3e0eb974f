"""The copier: makes the copies that are owed to a volume as soon as it is back. One process does so for all."""

import threading

import redis
import structlog

from crateline.wiring import Wiring

log = structlog.get_logger("crateline.copier")

EVERY_S = 10.0
LOCK = "copies"


class Copier(threading.Thread):
    """A thread that looks every ten seconds whether a volume is there to which something is owed."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(daemon=True, name="copier")
        self._wiring = wiring

    def run(self) -> None:
        """Look until the process stops. Whatever goes wrong with a volume, the next look is another chance."""
        while not self._wiring.stopping.wait(EVERY_S):
            try:
                self.look()
            except (redis.RedisError, OSError) as error:
                log.warning("Redis or MEDIA_ROOT is away", action="copier-waits", reason=str(error))
            except Exception:
                log.exception("unexpected error", action="copier-failed")  # and on: else nothing owed would ever be made

    def look(self) -> int:
        """Make what is owed to the volumes that are there; gives how many tracks got their copies."""
        if not self._wiring.copies.volumes:
            return 0
        with self._wiring.lock(LOCK) as mine:
            made = self._wiring.copies.deliver_owed(self._wiring.stopping.is_set) if mine else 0
        if made:
            log.info("copies made", action="copies-made", tracks=made)
        return made
