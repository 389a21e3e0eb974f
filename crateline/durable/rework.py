"""Work that is to be done again: because a person says so, or a newer analyser, or another upload."""

from collections.abc import Iterable, Sequence
from typing import Any

import redis

from crateline.durable import keyspace
from crateline.durable.item import Item
from crateline.durable.ledger import Ledger
from crateline.messages import Hint, Station

SKIPPED = "skipped"
"""The field that says when a person has put a question off."""


class Rework:
    """What takes a station's seal, or a track's verdict, away again."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def reopen(self, item: Item, *, also: Iterable[str] = ()) -> None:
        """Forget a verdict and the attempts, so that the track goes through the line again; `also` are more fields to forget."""
        gone = [
            name
            for name in item.fields
            if name in {"verdict", "reason", "at", SKIPPED} or name.startswith(("tries:", "note:", "n:", "rejected"))
        ]
        if item.fields.get("page-gone"):
            gone += ["s:page", "page-gone", "intent"]
        if item.verdict == "review" and item.fields.get("kind") == "fingerprint":
            gone += ["s:analyze", "kind", "candidates"]  # it has its file, and is asked about again, or answered
        gone += also
        hashed = keyspace.track(item.key)
        now = self._ledger.now_ms()
        with self._ledger.client.pipeline(transaction=True) as pipe:
            if gone:
                pipe.hdel(hashed, *gone)
            pipe.hincrby(hashed, "v", 1)
            pipe.hincrby(hashed, "touched", 1)
            for playlist in item.playlists:
                pipe.sadd(keyspace.unfinished(playlist), item.key)
            pipe.zadd(keyspace.DUE, {Hint(station=s, key=item.key).member: now for s in (Station.DOWNLOAD, Station.PAGE)})
            pipe.execute()

    def put_off(self, item: Item) -> None:
        """Note that a person has looked at a question and left it open."""
        self._ledger.client.hset(keyspace.track(item.key), SKIPPED, f"{self._ledger.now_ms() / 1000:.3f}")

    def repeat(self, items: Iterable[Item], stations: Sequence[Station]) -> None:
        """Have sealed stations done again, the first of them now; what they stored holds until they store something else."""
        now = self._ledger.now_ms()
        for item in items:
            hashed = keyspace.track(item.key)
            stored: dict[Any, Any] = {f"was:{s}": item.fields[f"s:{s}"] for s in stations if item.sealed(s)}
            with self._ledger.client.pipeline(transaction=True) as pipe:
                pipe.hdel(hashed, *(f"s:{s}" for s in stations))
                if stored:
                    pipe.hset(hashed, mapping=stored)
                pipe.hincrby(hashed, "touched", 1)  # whoever works on it now has not seen this, and may not seal
                self._open(pipe, item, Hint(station=stations[0], key=item.key), now)
                pipe.execute()

    def rewrite(self, items: Iterable[Item]) -> None:
        """Have pages written again, because what they should say has changed. One that says it already costs no request."""
        now = self._ledger.now_ms()
        for item in items:
            with self._ledger.client.pipeline(transaction=True) as pipe:
                pipe.hincrby(keyspace.track(item.key), "v", 1)
                self._open(pipe, item, Hint(station=Station.FINALISE, key=item.key), now)
                pipe.execute()

    @staticmethod
    def _open(pipe: redis.client.Pipeline, item: Item, hint: Hint, at: float) -> None:
        for playlist in item.playlists:
            pipe.sadd(keyspace.unfinished(playlist), item.key)
        pipe.zadd(keyspace.DUE, {hint.member: at}, lt=True)
