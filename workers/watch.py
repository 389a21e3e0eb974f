"""Watching djay's library: when it has changed and is quiet again, it is synced, now and then at most."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from crateline.durable import keyspace
from crateline.wiring import Wiring

log = structlog.get_logger("crateline.watch")

QUIET_S = 60.0
"""How long djay must have written nothing: a set is over, or a pause has come."""
LOOK_EVERY_S = 5.0
COOLDOWN = keyspace.turn("djay-sync")
SOON_S = 300
"""How long after a sync that failed the next one may begin."""

Mark = Callable[[Path], object]
Sync = Callable[[Path], bool]


@dataclass(kw_only=True, slots=True)
class Watch:
    """One library: how it looked at the last look, and since when it has looked like that.

    `mark` gives what changes when djay writes, `sync` brings the library to Notion and says whether that went well.
    """

    wiring: Wiring
    file: Path
    mark: Mark
    sync: Sync
    now: Callable[[], float]
    quiet_s: float = QUIET_S
    seen: str = ""
    since: float = 0.0

    def look(self) -> bool:
        """Sync if it is time to; whether it was."""
        mark = str(self.mark(self.file))
        if mark != self.seen:
            self.seen, self.since = mark, self.now()
        if mark == self._synced() or self.now() - self.since < self.quiet_s:
            return False
        if not self._may():
            return False
        log.info("djay's library has changed", action="djay-sync", library=str(self.file))
        if self.sync(self.file):
            self.wiring.redis.hset(keyspace.LIBRARY_SYNCED, str(self.file), mark)
        else:
            self.wiring.redis.expire(COOLDOWN, min(SOON_S, max(1, self.wiring.settings.djay_sync_cooldown)))
        return True

    def _synced(self) -> str:
        return str(self.wiring.redis.hget(keyspace.LIBRARY_SYNCED, str(self.file)) or "")

    def _may(self) -> bool:
        """Whether the last sync is long enough ago; if so, this is the next one."""
        rest = self.wiring.settings.djay_sync_cooldown
        return rest <= 0 or bool(self.wiring.redis.set(COOLDOWN, "1", nx=True, ex=rest))


def in_a_process(wiring: Wiring, stop_after_s: float = 4 * 3600) -> Sync:
    """Sync as a person would, by the command itself, in a process of its own: it ends with what it needs of memory."""

    def sync(file: Path) -> bool:
        command = [sys.executable, "-m", "crateline", "djay", "--from", str(file), "--json"]
        environment = {**os.environ, "REDIS_URL": wiring.redis_url}
        with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            waited = 0.0
            while process.poll() is None and waited < stop_after_s:
                if wiring.stopping.wait(1.0):
                    process.terminate()
                    break
                waited += 1.0
            code = process.wait()
        log.info("djay's library was synced", action="djay-synced", code=code)
        return code in (0, 3)

    return sync
