"""The due set: when each open hint has to be looked at again, whatever became of its message."""

import json
from dataclasses import dataclass

import redis

from crateline.durable import keyspace
from crateline.durable.claims import LANES, prefix_of
from crateline.durable.item import Item
from crateline.durable.scripts import Scripts
from crateline.messages import FIRST, NORMAL, QUEUES, Hint, Station

GRACE_S = 10.0
"""How long a published hint may lie in an idle queue before it counts as lost."""
GRACE_PER_MESSAGE_S = 0.5
"""How much longer per message that lies before it, so that a long queue does not multiply its hints."""
SWEEP_EVERY_S = 0.5
MOST = 400
PRIORITY_SEPARATOR = "\x06\x16"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rescued:
    """A hint to publish again; `lapsed` if a worker died over it."""

    hint: Hint
    lapsed: bool

    @property
    def priority(self) -> int:
        """What a dead worker left goes before what was never begun."""
        return FIRST if self.lapsed else NORMAL


class DueSet:
    """The sorted set of hints by due time, swept by every worker process, by one at a time."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._scripts = Scripts(client)

    def sweep(self) -> list[Rescued]:
        """Take what is due. Empty when another process has just swept."""
        if not self._client.set(keyspace.lock("sweep"), "1", nx=True, px=int(SWEEP_EVERY_S * 800)):
            return []
        flat = self._scripts.sweep(
            keys=[keyspace.DUE],
            args=[
                MOST,
                json.dumps({station: prefix_of(station) for station in Station}),
                int(GRACE_S * 1000),
                int(GRACE_PER_MESSAGE_S * 1000),
                json.dumps(self.depths()),
                json.dumps(QUEUES),
                json.dumps(LANES),
            ],
        )
        return [Rescued(hint=self._hint(flat[i], flat[i + 2]), lapsed=flat[i + 1] == "1") for i in range(0, len(flat), 3)]

    @staticmethod
    def _hint(member: str, card: str) -> Hint:
        bare = Hint.of(member)
        return Hint(station=bare.station, key=bare.key, title=Item(bare.key, {"card": card}).title)

    def depths(self) -> dict[str, int]:
        """Messages that lie in each queue."""
        queues = sorted(set(QUEUES.values()))
        lists = [(q, p) for q in queues for p in (q, f"{q}{PRIORITY_SEPARATOR}{NORMAL}")]
        with self._client.pipeline(transaction=False) as pipe:
            for _, name in lists:
                pipe.llen(name)
            lengths = pipe.execute()
        depths = dict.fromkeys(queues, 0)
        for (queue, _), length in zip(lists, lengths, strict=True):
            depths[queue] += int(length)
        return depths

    def backlog(self) -> tuple[int, float]:
        """How many hints are overdue, and for how many seconds the oldest."""
        seconds, micros = self._client.time()
        now = seconds * 1000 + micros // 1000
        overdue = int(self._client.zcount(keyspace.DUE, "-inf", now))
        oldest = self._client.zrange(keyspace.DUE, 0, 0, withscores=True)
        return overdue, max(0.0, (now - float(oldest[0][1])) / 1000) if overdue and oldest else 0.0
