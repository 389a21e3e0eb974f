"""The register of playlists: enrolling their rows, and counting how far they are."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import redis

from crateline.domain.track import Availability, Playlist
from crateline.durable import keyspace
from crateline.durable.item import Item, card_of, words_of
from crateline.durable.scripts import Scripts, pairs
from crateline.messages import Hint, Station

CHUNK = 500
COUNTED = 2000
RENAMED = "renamed"
"""The field of a playlist whose tracks are still to be filed under its new name."""
FORMER = "former"
"""The field with the names that a playlist had before."""
GONE = "deleted, private or not offered by its source"


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """What enqueuing a playlist changed. `total` counts distinct tracks."""

    key: str
    total: int
    new: int
    known: int
    refused: int
    aliases: tuple[tuple[str, str], ...] = ()

    def public(self, *, dry_run: bool = False) -> dict[str, Any]:
        """The answer of `enqueue --json`."""
        return {
            "key": self.key,
            "total": self.total,
            "new": self.new,
            "known": self.known,
            "refused": self.refused,
            "dry_run": dry_run,
        }


Show = Callable[[int, int], None]
"""Told how many of how many tracks are done."""


def unseen(_done: int, _total: int) -> None:
    """Nobody watches."""


class Register:
    """All playlists that were ever enqueued, newest last."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self._scripts = Scripts(client)

    def enrol(self, playlist: Playlist, *, audio: bool = True, page_every_s: float = 0.333, show: Show = unseen) -> Enrolment:
        """Put a playlist's rows on the line; rows that are known already change nothing but the order.

        A known track of which this playlist says other words than before (title, artist, album, artwork …) is filed and
        written again, and not fetched again. Two playlists that call one track differently do not quarrel about it: what
        counts is what has changed.

        Early pages fall due one by one, `page_every_s` apart and after those of all other playlists: a track whose
        analysis is sealed by then needs one request instead of two, and the budget is used all the same.
        """
        self._write_card(playlist)
        self._file_anew(playlist.key)
        unique = {track.key: (row, track) for row, track in reversed(list(enumerate(playlist.tracks)))}
        rows = sorted(unique.values(), key=lambda pair: pair[0])
        answers: list[Any] = []
        for start in range(0, len(rows), CHUNK):
            with self.client.pipeline(transaction=False) as pipe:
                for row, track in rows[start : start + CHUNK]:
                    lost = track.availability is Availability.GONE and not track.title
                    self._scripts.enrol(
                        keys=[
                            keyspace.track(track.key),
                            keyspace.DUE,
                            keyspace.members(playlist.key),
                            keyspace.unfinished(""),
                            keyspace.PAGE_TAIL,
                        ],
                        args=[
                            track.key,
                            card_of(track),
                            playlist.key,
                            row,
                            "all" if audio else "page",
                            "refused" if lost else "",
                            GONE if lost else "",
                            "1" if lost else "0",
                            int(page_every_s * 1000),
                            words_of(track),
                        ],
                        client=pipe,
                    )
                answers += pipe.execute()
            show(len(answers), len(rows))
        new = sum(answer[0] for answer in answers)
        return Enrolment(
            key=playlist.key,
            total=len(rows),
            new=new,
            known=len(rows) - new,
            refused=sum(1 for _, t in rows if t.availability is Availability.GONE and not t.title),
            aliases=tuple((track.key, answer[2]) for (_, track), answer in zip(rows, answers, strict=True) if answer[2]),
        )

    def leave(self, playlist: str, keys: Iterable[str]) -> int:
        """Take tracks out of a playlist: their pages lose the relation, its folder their files. Gives how many were in it."""
        with self.client.pipeline(transaction=False) as pipe:
            for key in keys:
                self._scripts.leave(
                    keys=[keyspace.track(key), keyspace.DUE, keyspace.members(playlist), keyspace.unfinished(playlist)],
                    args=[key, playlist],
                    client=pipe,
                )
            return sum(pipe.execute())

    def put_last(self, playlist: str, keys: Iterable[str], *, after: int) -> None:
        """Keep members that their source lists no more behind its rows, in their order."""
        places = {key: after + place for place, key in enumerate(keys)}
        if places:
            self.client.zadd(keyspace.members(playlist), places, xx=True)

    def _write_card(self, playlist: Playlist) -> None:
        card = {
            "name": playlist.name,
            "url": playlist.url,
            "platform": playlist.platform,
            "source_id": playlist.source_id,
            "rows": len(playlist.tracks),
        }
        seconds, micros = self.client.time()  # Redis' clock: the due set is read by it
        hashed = keyspace.playlist(playlist.key)
        before = self.item(playlist.key)
        with self.client.pipeline(transaction=True) as pipe:
            if before.fields and before.card.get("name", playlist.name) != playlist.name:
                names = [*former(before), before.card["name"]]
                kept = list(dict.fromkeys(name for name in names if name != playlist.name))
                pipe.hset(hashed, mapping={FORMER: json.dumps(kept, ensure_ascii=False), RENAMED: "1"})
            pipe.hset(hashed, mapping={"card": json.dumps(card, ensure_ascii=False), "enqueued": seconds})
            pipe.hsetnx(hashed, "started", seconds)
            pipe.hincrby(hashed, "v", 1)
            pipe.zadd(keyspace.PLAYLISTS, {playlist.key: seconds})
            pipe.zadd(keyspace.DUE, {Hint(station=Station.PLAYLIST, key=playlist.key).member: seconds * 1000 + micros // 1000})
            pipe.execute()

    def _file_anew(self, playlist: str) -> None:
        """Have a playlist's tracks filed under its new name, if it has one; safe to be killed and repeated."""
        if not self.client.hexists(keyspace.playlist(playlist), RENAMED):
            return
        with self.client.pipeline(transaction=False) as pipe:
            for key in dict.fromkeys(map(self._main, self.members(playlist))):
                keys = [keyspace.track(key), keyspace.DUE, keyspace.unfinished("")]
                self._scripts.file_anew(keys=keys, args=[key], client=pipe)
            pipe.hdel(keyspace.playlist(playlist), RENAMED)
            pipe.execute()

    def _main(self, key: str) -> str:
        """The key of the track that stands for this one."""
        while alias := self.client.hget(keyspace.track(key), "alias"):
            key = str(alias)
        return key

    def keys(self) -> list[str]:
        """Every playlist's key, oldest first."""
        return [str(key) for key in self.client.zrange(keyspace.PLAYLISTS, 0, -1)]

    def fields(self, key: str) -> dict[str, str]:
        """A playlist's hash; empty if it is not known."""
        return dict(self.client.hgetall(keyspace.playlist(key)))  # type: ignore[arg-type]  # decode_responses: always str

    def item(self, key: str) -> Item:
        """A playlist as an item of the line."""
        return Item(key, self.fields(key))

    def items(self, keys: Iterable[str]) -> list[Item]:
        """Several playlists, unknown ones left out."""
        return [item for item in map(self.item, keys) if item.fields]

    def members(self, key: str) -> list[str]:
        """The track keys of a playlist in its order."""
        return [str(member) for member in self.client.zrange(keyspace.members(key), 0, -1)]

    def unfinished(self, key: str) -> set[str]:
        """The keys of the tracks that are not settled."""
        return {str(member) for member in self.client.smembers(keyspace.unfinished(key))}

    def finished(self, key: str) -> bool:
        """Whether nothing of a playlist runs or is due."""
        return self.left(key) == 0

    def census(self, key: str) -> dict[str, int]:
        """Counts of states, sealed stations, and open, busy and parked tracks.

        Counted bit by bit, so that a long playlist holds nobody up.
        """
        keys, counts = [keyspace.members(key), keyspace.unfinished(key)], Counter[str]()
        for start in range(0, self.size(key), COUNTED):
            flat = self._scripts.census(keys=keys, args=[keyspace.track(""), start, start + COUNTED - 1])
            counts.update({name: int(count) for name, count in pairs(flat).items()})
        return dict(counts)

    def size(self, key: str) -> int:
        """How many tracks a playlist has."""
        return int(self.client.zcard(keyspace.members(key)))

    def left(self, key: str) -> int:
        """How many of them are not settled."""
        return int(self.client.scard(keyspace.unfinished(key)))

    def forget_page(self, key: str) -> None:
        """Have a playlist's page looked for, and if need be made, again."""
        hashed = keyspace.playlist(key)
        seconds, _ = self.client.time()
        with self.client.pipeline(transaction=True) as pipe:
            pipe.hdel(hashed, "s:page")
            pipe.hincrby(hashed, "v", 1)
            pipe.zadd(keyspace.DUE, {Hint(station=Station.PLAYLIST, key=key).member: seconds * 1000})
            pipe.execute()

    def find(self, words: str) -> str | None:
        """A playlist's key from its key, its url or its name (ignoring case)."""
        for item in self.items(reversed(self.keys())):
            known = {item.key, str(item.card.get("url", "")), str(item.card.get("name", "")).casefold()}
            if words in known or words.casefold() in known:
                return item.key
        return None


def former(item: Item) -> list[str]:
    """The names that a playlist had before."""
    return [str(name) for name in json.loads(item.fields.get(FORMER, "[]"))]
