"""The ledger: what is done. Per item the sealed stations and their results; the checkpoint of everything."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import redis

from crateline.durable import keyspace
from crateline.durable.claims import LANES, Claim, hash_of, holder
from crateline.durable.item import Item
from crateline.durable.scripts import Scripts, pairs
from crateline.errors import StaleClaim
from crateline.messages import WRITES, Hint, Station

SCAN = 1000
TRIAL_MS = 900_000
"""How long one that is opened in spite of a pause may take."""
HAND_OVER = -1
PARK = -2
FILED = (Station.ANALYZE, Station.EAGLE)
"""Stations whose work depends on the playlists that the track is in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """The answer to a claim: `status` is claimed, sealed, closed, held, early, paused or missing.

    `trials` are the paused services that were opened all the same, to see how they are.
    """

    status: str
    item: Item
    claim: Claim | None = None
    detail: str = ""
    trials: tuple[str, ...] = ()


class Ledger:
    """Every change of an item's state, each one atomic."""

    def __init__(self, client: redis.Redis, *, lease_s: float = 12.0) -> None:
        self.client = client
        self.scripts = Scripts(client)
        self._lease_ms = int(lease_s * 1000)

    def now_ms(self) -> float:
        """Redis' clock, which all workers share, in milliseconds."""
        seconds, micros = self.client.time()
        return seconds * 1000 + micros / 1000

    def open(self, hint: Hint, *, services: Iterable[str] = ()) -> Opening:
        """Claim a station, unless it is sealed, held by another, rests after an error, or waits for one of `services`."""
        token = uuid.uuid4().hex
        status, detail, flat = self.scripts.claim(
            keys=[hash_of(hint), keyspace.DUE, keyspace.PAUSES],
            args=[
                hint.station,
                LANES[hint.station],
                token,
                self._lease_ms,
                hint.member,
                keyspace.parked(""),
                " ".join(services),
                holder(),
                "1" if hint.station in WRITES else "0",
                keyspace.trial(""),
                TRIAL_MS,
            ],
        )
        item = Item(hint.key, pairs(flat))
        if status != "claimed":
            return Opening(status=status, item=item, detail=str(detail))
        claim = Claim(hint=hint, token=token, touched=item.touched)
        return Opening(status=status, item=item, claim=claim, trials=tuple(str(detail).split()))

    def seal(
        self,
        claim: Claim,
        *,
        fields: Mapping[str, str] | None = None,
        drop: Iterable[str] = (),
        bump: bool = False,
        written: int | None = None,
        mended: Iterable[str] = (),
    ) -> Item:
        """Store a station's result. The hint stays due for five seconds, until `hand_on` replaces it.

        `mended` are the services that have thereby shown to be well: their faults in a row are forgotten.
        Raises StaleClaim if the claim has lapsed and somebody else has taken over, or if the track has joined another
        playlist meanwhile and what was done does not hold for that one: then it is due at once.
        """
        station = claim.hint.station
        done = {f"note:{station}", f"tries:{station}", f"was:{station}", *drop}
        return self._settle(claim, HAND_OVER, fields=fields, drop=done, bump=bump, written=written, mended=mended)

    def later(self, claim: Claim, seconds: float, reason: str, *, fields: Mapping[str, str] | None = None) -> Item:
        """Give a station back: it is due again in `seconds`. Costs no attempt."""
        noted = {f"note:{claim.hint.station}": reason, **(fields or {})}
        return self._settle(claim, max(0, int(seconds * 1000)), fields=noted)

    def retry(self, claim: Claim, seconds: float, reason: str, attempts: int) -> Item:
        """As `later`, with an attempt spent: no other message about it shortens the wait."""
        station = claim.hint.station
        noted = {f"note:{station}": reason, f"tries:{station}": str(attempts)}
        return self._settle(claim, max(0, int(seconds * 1000)), fields=noted, rest=True)

    def park(self, claim: Claim, service: str) -> Item:
        """Give a station back until the pause of `service` ends."""
        return self._settle(claim, PARK, parked=service)

    def close(self, claim: Claim, verdict: str, reason: str, *, fields: Mapping[str, str] | None = None) -> Item:
        """End a track with a verdict: refused, failed or review."""
        closed = {"verdict": verdict, "reason": reason, "at": str(claim.hint.station), **(fields or {})}
        return self._settle(claim, HAND_OVER, fields=closed, drop=(f"note:{claim.hint.station}",), bump=True)

    def _settle(
        self,
        claim: Claim,
        delay: int,
        *,
        fields: Mapping[str, str] | None = None,
        drop: Iterable[str] = (),
        bump: bool = False,
        written: int | None = None,
        parked: str = "",
        rest: bool = False,
        mended: Iterable[str] = (),
    ) -> Item:
        held, flat = self.scripts.settle(
            keys=[
                hash_of(claim.hint),
                keyspace.DUE,
                keyspace.unfinished(""),
                keyspace.parked(""),
                keyspace.PAUSES,
                keyspace.playlist(""),
                *map(keyspace.faults, mended),
            ],
            args=[
                claim.lane,
                claim.token,
                claim.hint.member,
                claim.hint.key,
                delay,
                "1" if bump else "0",
                "" if written is None else str(written),
                parked,
                json.dumps(dict(fields or {})) if fields else "{}",
                json.dumps(sorted(drop)) if drop else "[]",
                claim.touched if claim.hint.station in FILED and delay == HAND_OVER else "",
                str(claim.hint.station) if rest else "",
            ],
        )
        if not held:
            raise StaleClaim(f"{claim.hint.member} was taken over by another worker, or has to be done anew")
        return Item(claim.hint.key, pairs(flat))

    def note(self, claim: Claim, fields: Mapping[str, str]) -> None:
        """Write something down while the claim is held (an intent before a request).

        Raises StaleClaim if somebody else has taken over: then the request must not be sent.
        """
        if not self._note(claim, fields, ()):
            raise StaleClaim(f"{claim.hint.member} was taken over by another worker")

    def forget(self, claim: Claim, names: Iterable[str]) -> None:
        """Take back what was written down, if the claim is still held."""
        self._note(claim, {}, names)

    def _note(self, claim: Claim, fields: Mapping[str, str], gone: Iterable[str]) -> bool:
        said = [json.dumps(dict(fields)) if fields else "{}", json.dumps(sorted(gone)) if gone else "[]"]
        return bool(self.scripts.note(keys=[hash_of(claim.hint)], args=[claim.lane, claim.token, *said]))

    def hand_on(self, item: Item, done: Hint, following: Iterable[Hint], *, grace_s: float) -> None:
        """Replace a settled hint in the due set by what comes next, due in `grace_s` unless it was due before that.

        If `item` has changed since it was read (it was enqueued again, more was learnt), the hint is due at once instead.
        """
        members = [hint.member for hint in following]
        self.scripts.hand_on(keys=[hash_of(done), keyspace.DUE], args=[done.member, item.version, int(grace_s * 1000), *members])

    def due(self, hints: Mapping[Hint, float]) -> None:
        """Make hints due at a time (ms) that is not later than what they had."""
        if hints:
            self.client.zadd(keyspace.DUE, {hint.member: at for hint, at in hints.items()}, lt=True)

    def track(self, key: str) -> Item | None:
        """One track, or None if it was never enqueued."""
        fields: dict[str, str] = dict(self.client.hgetall(keyspace.track(key)))  # type: ignore[arg-type]  # decoded
        return Item(key, fields) if fields else None

    def tracks(self, keys: Iterable[str]) -> list[Item]:
        """Several tracks in one round trip; unknown keys are left out."""
        keys = list(keys)
        with self.client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hgetall(keyspace.track(key))
            rows = pipe.execute()
        return [Item(key, fields) for key, fields in zip(keys, rows, strict=True) if fields]

    def known(self, keys: Iterable[str]) -> int:
        """How many of these tracks are on the line."""
        names = [keyspace.track(key) for key in keys]
        return sum(self.client.exists(*names[start : start + SCAN]) for start in range(0, len(names), SCAN))

    def join(self, key: str, playlist: str) -> None:
        """Let a track, or the one that stands for it, belong to one more playlist: it is filed there, its page written again."""
        keys = [keyspace.track(key), keyspace.DUE, keyspace.unfinished(""), keyspace.track("")]
        self.scripts.join(keys=keys, args=[key, playlist])

    def stands_for(self, key: str) -> Item | None:
        """The track that stands for this one: itself, or what its aliases lead to; None if it is not on the line."""
        item = self.track(key)
        while item is not None and item.alias:
            item = self.track(item.alias)
        return item

    def become_alias(self, item: Item, main: str) -> bool:
        """Let a track be another upload of `main`, which has its playlists by now. False if it was touched since it was read."""
        keys = [keyspace.track(item.key), keyspace.DUE, keyspace.unfinished("")]
        return bool(self.scripts.alias(keys=keys, args=[item.key, main, item.touched]))

    def keys(self) -> Iterator[str]:
        """Every track's key, in no order: those that no playlist holds any more, too."""
        start = keyspace.track("")
        for name in self.client.scan_iter(match=f"{start}*", count=SCAN):
            yield str(name).removeprefix(start)


def as_fields(station: Station, result: Mapping[str, Any]) -> dict[str, str]:
    """A station's result as the field that seals it."""
    return {f"s:{station}": json.dumps(dict(result), ensure_ascii=False, separators=(",", ":"))}
