"""The connection to Redis: one pool per process, patient while Redis comes back."""

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

PATIENCE = 14
"""Tries of one command: about ten seconds in all, the time a supervised Redis needs to come back with its AOF."""


def connect(url: str) -> redis.Redis:
    """A client that repeats a command while Redis is away, for about ten seconds, then raises redis' ConnectionError.

    Every script is written so that the same call may be repeated without harm.
    """
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=20,
        socket_connect_timeout=5,
        socket_keepalive=True,
        health_check_interval=30,
        retry=Retry(ExponentialWithJitterBackoff(cap=1.0, base=0.05), PATIENCE),
        retry_on_error=[redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError],
    )
