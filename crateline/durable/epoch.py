"""The epoch of the ledger: how a Redis that has lost its memory is noticed.

MEDIA_ROOT remembers the epoch that Redis had. A Redis without one, or with another, knows nothing of the requests and
creates of the last minute: Notion's budget counts as spent, and no page is created, until a minute has passed.

A Redis that was only started anew may lack its last second (its file is written once a second): what has changed in
Notion is read again before the next page is created, so that a page whose making was forgotten is found. Our own Redis,
ended in order, lacks nothing: it takes the note of its run along.
"""

import uuid
from pathlib import Path

import redis
import structlog

from crateline.durable import keyspace
from crateline.durable.index import Index
from crateline.durable.scripts import Scripts

BARRIER_S = 61.0
"""A create that was on its way is carried out within Notion's deadline of 55 s; its rate window is 60 s."""

log = structlog.get_logger(__name__)


class Epoch:
    """The epoch of one Redis and one MEDIA_ROOT."""

    def __init__(self, client: redis.Redis, media_root: Path) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._file = media_root / "epoch"

    def check(self) -> bool:
        """Compare Redis' epoch with the one remembered; raise the barrier if memory was lost. True if it was."""
        self._see_the_run()
        remembered = self._remembered()
        known = self._client.get(keyspace.EPOCH)
        if known is not None and known == remembered:
            return False
        lost = bool(remembered)
        if lost:  # the barrier first: a slot must not slip through between the two
            self._scripts.block(keys=[keyspace.blocked("notion")], args=[int(BARRIER_S * 1000)])
        if known is None:
            self._client.set(keyspace.EPOCH, uuid.uuid4().hex, nx=True)
            known = self._client.get(keyspace.EPOCH)
        self._remember(str(known))
        if lost:
            log.warning(
                "Redis has lost its memory: Notion waits for a minute, all else goes on", action="epoch", wait_s=BARRIER_S
            )
        return lost

    def _see_the_run(self) -> None:
        run = str(self._client.info("server")["run_id"])
        before = self._client.get(keyspace.RUN)
        if before == run:
            return
        if before is not None:
            Index(self._client).want()
            log.warning("Redis was started anew: Notion is read again before a page is made", action="run")
        self._client.set(keyspace.RUN, run)

    def _remembered(self) -> str:
        try:
            return self._file.read_text().strip()
        except FileNotFoundError:
            return ""

    def _remember(self, epoch: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(f".{uuid.uuid4().hex}")
        fresh.write_text(epoch)
        fresh.replace(self._file)
