"""A process that dies after so many commands to Redis, in the middle of a pipeline too; and what Redis then knows."""

import json
from contextlib import contextmanager

import redis

from crateline.durable import holdings, keyspace

PASSING = {"sync:at", "sync:next", "enqueued", "started", "updated", "v", "touched"}
"""What may differ: times, and how often something was begun."""


class Life:
    """The commands to Redis that this process still has; none is sent after the last."""

    def __init__(self, commands):
        self.left = commands

    def spend(self, most=1):
        """Take up to `most` commands; gives how many may be sent."""
        if self.left <= 0:
            raise KeyboardInterrupt
        taken = min(most, self.left)
        self.left -= taken
        return taken


@contextmanager
def dying(monkeypatch, commands):
    """Die after so many commands: as by SIGKILL, nothing that would clean up reaches Redis."""
    life, pipe = Life(commands), redis.client.Pipeline
    single, piped, transaction = redis.Redis._execute_command, pipe._execute_pipeline, pipe._execute_transaction

    def one(self, *words, **options):
        life.spend()
        return single(self, *words, **options)

    def whole(self, connection, stack, raise_on_error):
        life.spend()
        return transaction(self, connection, stack, raise_on_error)

    def many(self, connection, stack, raise_on_error):
        sent = life.spend(len(stack))
        answers = piped(self, connection, stack[:sent], raise_on_error)
        if sent < len(stack):
            raise KeyboardInterrupt
        return answers

    with monkeypatch.context() as mortal:
        mortal.setattr(redis.Redis, "_execute_command", one)
        mortal.setattr(pipe, "_execute_pipeline", many)
        mortal.setattr(pipe, "_execute_transaction", whole)
        yield


class Memory:
    """What Redis knows of playlists and tracks, and a way to have it as it was."""

    def __init__(self, client, url):
        self.client = client
        self.bytes = redis.Redis.from_url(url)
        self.kept = {}

    def keep(self):
        self.kept = {key: self.bytes.dump(key) for key in self.bytes.scan_iter()}

    def restore(self):
        self.bytes.flushall()
        for key, blob in self.kept.items():
            self.bytes.restore(key, 0, blob)

    def forget_locks(self):
        """Let the time pass after which the dead hold nothing."""
        for name in self._names(keyspace.lock("")):
            self.client.delete(name)

    def known(self):
        """Playlists, tracks, who is in what, what is due, and what the user's playlists at Spotify hold."""
        hashes = [*self._names(keyspace.playlist("")), *self._names(keyspace.track(""))]
        return {
            **{name: self._said(name) for name in hashes},
            **{name: self.client.zrange(name, 0, -1) for name in self._names(keyspace.members(""))},
            **{name: sorted(self.client.smembers(name)) for name in self._names(keyspace.unfinished(""))},
            "due": sorted(self.client.zrange(keyspace.DUE, 0, -1)),
            "holdings": self.client.hgetall(holdings.HOLDINGS),
        }

    def _names(self, prefix):
        return list(self.client.scan_iter(match=f"{prefix}*", count=1000))

    def _said(self, name):
        fields = self.client.hgetall(name)
        said = {field: value for field, value in fields.items() if field not in PASSING}
        to_write = int(fields.get("v", "1")) > int(fields.get("w", "0"))
        return {**said, "in": sorted(json.loads(said.get("in", "[]"))), "to write": to_write}


def differing(one, other):
    """The names of what is not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
