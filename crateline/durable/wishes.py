"""Wishes: what a DJ program knows, item by item as it should stand in Notion. The line's tracks are elsewhere."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import redis

from crateline.durable import keyspace
from crateline.durable.item import Item
from crateline.durable.scripts import Scripts
from crateline.messages import Hint

T = TypeVar("T")
CHUNK = 500
WANT = "want"
DID = "did"
"""What the last write of an item was: created, updated or unchanged."""
SEEN, LOOKED = "seen", "looked"
"""The page as it was when it was looked for, or which run of Redis has looked in vain: with neither nobody knows."""
FOUND_OUT = json.dumps([SEEN, LOOKED])


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What an item should come to. `want` is plain JSON; `seen` is what was found out on the way, and is no wish."""

    hint: Hint
    want: Mapping[str, Any]
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The same for the same wish."""
        return hashlib.blake2s(json.dumps(self.want, sort_keys=True).encode(), digest_size=12).hexdigest()

    def fulfilled(self, item: Item | None) -> bool:
        """Whether that is how things stand, or Notion has the last word on it (a person has deleted the page)."""
        if item is None or item.fields.get("digest") != self.digest:
            return False
        return item.verdict == "refused" or (not item.verdict and settled(item))


class Wishes:
    """The items of the library: a track's page by its id, `session:…`, `play:…`, and `djay:…` to be reviewed."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._scripts = Scripts(client)

    def put(self, wishes: Iterable[Wish]) -> list[Hint]:
        """Store wishes; gives those that Notion does not have yet. They are due now."""
        open_: list[Hint] = []
        for chunk in _chunks(list(wishes)):
            with self._client.pipeline(transaction=False) as pipe:
                for wish in chunk:
                    self._scripts.wish(
                        keys=[keyspace.library(wish.hint.key), keyspace.DUE],
                        args=[wish.hint.member, wish.digest, json.dumps(_fields(wish)), FOUND_OUT],
                        client=pipe,
                    )
                answers = pipe.execute()
            open_ += [wish.hint for wish, answer in zip(chunk, answers, strict=True) if answer]
        return open_

    def items(self, keys: Iterable[str]) -> dict[str, Item]:
        """Items by key; unknown ones are left out."""
        found: dict[str, Item] = {}
        for chunk in _chunks(list(keys)):
            with self._client.pipeline(transaction=False) as pipe:
                for key in chunk:
                    pipe.hgetall(keyspace.library(key))
                rows = pipe.execute()
            found |= {key: Item(key, row) for key, row in zip(chunk, rows, strict=True) if row}
        return found

    def item(self, key: str) -> Item | None:
        """One item."""
        return self.items([key]).get(key)

    def review(self, rows: Mapping[str, Mapping[str, str]]) -> None:
        """Keep exactly these items for a person to decide on; those that were in doubt before and are no more are dropped."""
        gone = self.in_review() - rows.keys()
        with self._client.pipeline(transaction=True) as pipe:
            for key, fields in rows.items():
                pipe.hset(keyspace.library(key), mapping=dict[Any, Any](fields) | {"verdict": "review"})
            if gone:
                pipe.delete(*map(keyspace.library, gone))
                pipe.srem(keyspace.LIBRARY_REVIEW, *gone)
            if rows:
                pipe.sadd(keyspace.LIBRARY_REVIEW, *rows)
            pipe.execute()

    def put_off(self, key: str, at: float) -> None:
        """Note that a person has looked at a question and left it open, at this time (Unix seconds)."""
        self._client.hset(keyspace.library(key), "skipped", f"{at:.3f}")

    def answered(self, key: str) -> None:
        """Take a question away: its answer is found where candidates are looked for."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.delete(keyspace.library(key))
            pipe.srem(keyspace.LIBRARY_REVIEW, key)
            pipe.execute()

    def in_review(self) -> set[str]:
        """The keys of what a person has to decide on."""
        return {str(key) for key in self._client.smembers(keyspace.LIBRARY_REVIEW)}


def settled(item: Item | None) -> bool:
    """Whether nothing more will be done about an item."""
    return item is None or bool(item.verdict) or item.written >= item.version


def wanted(item: Item | None) -> dict[str, Any]:
    """What an item should come to, as plain JSON."""
    want: dict[str, Any] = json.loads(item.fields.get(WANT, "{}")) if item else {}
    return want


def _fields(wish: Wish) -> dict[str, str]:
    card = {"title": wish.hint.title}
    return {WANT: json.dumps(wish.want, ensure_ascii=False), "card": json.dumps(card, ensure_ascii=False), **wish.seen}


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
