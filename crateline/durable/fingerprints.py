"""The fingerprints of all analysed tracks, so that a second upload of a recording is recognised."""

import base64
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from crateline.durable import locks
from crateline.durable.keyspace import PREFIX

PRINTS = PREFIX + "fingerprints"
BY_LENGTH = PREFIX + "fingerprints:by-length"
SPREAD_S = 3.0
"""Uploads of one recording differ by less than this (padding, silence cut)."""
LOCK_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Print:
    """A track's raw Chromaprint (bytes of uint32) and its length in seconds."""

    key: str
    raw: bytes
    seconds: float


class Fingerprints:
    """Register a print unless an earlier track is the same recording; one at a time over all workers.

    `kept` gives what is remembered elsewhere: it is read when Redis has forgotten, so that the first stays the first.
    """

    def __init__(self, client: redis.Redis, kept: Callable[[], Iterable[Print]] = tuple) -> None:
        self._client = client
        self._kept = kept

    def register(self, new: Print, same: Callable[[Print, Print], bool]) -> str:
        """Give the key of the first registered track for which `same` holds, else register `new` and give its own key."""
        with self._alone():
            if not self._client.exists(PRINTS):
                self._put(self._kept())
            for known in self._near(new):
                if known.key != new.key and same(known, new):
                    return known.key
            self._put([new])
        return new.key

    def _put(self, prints: Iterable[Print]) -> None:
        with self._client.pipeline(transaction=True) as pipe:
            for one in prints:
                pipe.hset(PRINTS, one.key, base64.b64encode(one.raw).decode())
                pipe.zadd(BY_LENGTH, {one.key: one.seconds})
            pipe.execute()

    def forget(self, key: str) -> None:
        """Take a track out again."""
        self._client.hdel(PRINTS, key)
        self._client.zrem(BY_LENGTH, key)

    def _near(self, new: Print) -> Iterator[Print]:
        keys = [str(key) for key in self._client.zrangebyscore(BY_LENGTH, new.seconds - SPREAD_S, new.seconds + SPREAD_S)]
        if not keys:
            return
        lengths = self._client.zmscore(BY_LENGTH, keys)
        for key, seconds, blob in zip(keys, lengths, self._client.hmget(PRINTS, keys), strict=True):
            if blob is not None and seconds is not None:
                yield Print(key=key, raw=base64.b64decode(blob), seconds=float(seconds))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with locks.alone(self._client, "fingerprints", wait_s=LOCK_S):
            yield
