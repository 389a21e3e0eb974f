"""Streams that were played in sets and that nobody knows yet: they wait here for their turn on the line."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import redis

from crateline.domain.track import Availability, Platform, Track
from crateline.durable import keyspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """A track of a streaming service. `wishes` are the keys of the sets and plays that have to be related to its page.

    `begun`: it has gone to the line. `place` is its place in the queue.
    """

    track: Track
    wishes: tuple[str, ...]
    begun: bool = False
    place: int = 0


class Streams:
    """The queue, by track key. A stream leaves it when its page is known to all who wait for it."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def all(self) -> list[Stream]:
        """Every stream, in the order of the queue."""
        rows = self._client.hgetall(keyspace.LIBRARY_STREAMS)
        return sorted((_read(str(row)) for row in rows.values()), key=lambda one: (one.place, one.track.key))

    def add(self, streams: Iterable[Stream]) -> int:
        """Put streams at the end of the queue; those that are in it already keep their place. Gives how many are new."""
        known = {one.track.key: one for one in self.all()}
        last = max((one.place for one in known.values()), default=0)
        new = 0
        for stream in streams:
            there = known.get(stream.track.key)
            new += there is None
            placed = replace(there, wishes=stream.wishes) if there else replace(stream, place=last + new)
            self._put(placed)
        return new

    def begin(self, stream: Stream) -> None:
        """Note that a stream has gone to the line."""
        self._put(replace(stream, begun=True))

    def drop(self, key: str) -> None:
        """Take a stream out of the queue."""
        self._client.hdel(keyspace.LIBRARY_STREAMS, key)

    def _put(self, stream: Stream) -> None:
        row = json.dumps(asdict(stream), ensure_ascii=False)
        self._client.hset(keyspace.LIBRARY_STREAMS, stream.track.key, row)


def _read(row: str) -> Stream:
    fields: dict[str, Any] = json.loads(row)
    card = fields.pop("track")
    card |= {"platform": Platform(card["platform"]), "availability": Availability(card["availability"])}
    fields["wishes"] = tuple(fields["wishes"])
    return Stream(track=Track(**card), **fields)
