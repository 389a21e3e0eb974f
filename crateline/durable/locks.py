"""Mutual exclusion between processes: a short lease, renewed while it is held, so that a killed holder is soon succeeded."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis
from redis.exceptions import LockError
from redis.lock import Lock

from crateline.durable import keyspace

LEASE_S = 10.0
POLL_S = 0.05


@contextmanager
def attempt(client: redis.Redis, name: str, *, lease_s: float = LEASE_S) -> Iterator[bool]:
    """Try to be the only one in all processes; gives whether we are. A holder that dies is succeeded after `lease_s`."""
    lock = client.lock(keyspace.lock(name), timeout=lease_s, blocking=False, thread_local=False)
    if not lock.acquire():
        yield False
        return
    with _kept(lock, lease_s):
        yield True


@contextmanager
def alone(client: redis.Redis, name: str, *, wait_s: float, lease_s: float = LEASE_S) -> Iterator[None]:
    """Be the only one in all processes. Raises redis' LockError after waiting `wait_s` in vain."""
    lock = client.lock(keyspace.lock(name), timeout=lease_s, blocking_timeout=wait_s, sleep=POLL_S, thread_local=False)
    if not lock.acquire():
        raise LockError(f"«{name}» was not free within {wait_s:g} s")
    with _kept(lock, lease_s):
        yield


@contextmanager
def _kept(lock: Lock, lease_s: float) -> Iterator[None]:
    over = threading.Event()
    keeper = threading.Thread(target=_renew, args=(lock, over, lease_s / 3), daemon=True, name="lock")
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        with suppress(redis.RedisError):  # Redis is away, or was: the lease lapses by itself
            lock.release()


def _renew(lock: Lock, over: threading.Event, every_s: float) -> None:
    while not over.wait(every_s):
        try:
            lock.reacquire()
        except LockError:
            return  # it has lapsed, and may be somebody else's by now
        except redis.RedisError:
            continue
