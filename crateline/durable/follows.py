"""What is followed: which playlists are kept in step with their source, how often, and how the last look went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis

from crateline.durable import keyspace
from crateline.messages import Hint, Station

PREFIX = "sync:"
SYNCED, PARTIAL, FAILED = "synced", "partial", "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Follow:
    """One playlist's terms and its last look. Times are Unix seconds on Redis' clock.

    `limit` and `audio` are as it was enqueued. `snapshot` names the state of the source that is on the line whole.
    `every_s` is its own interval, None for the setting's, 0 for never. `status` is synced, partial or failed. `begun`: it
    is being put on the line, or whoever did so was killed at it.
    """

    followed: bool = False
    limit: int | None = None
    audio: bool = True
    snapshot: str = ""
    every_s: float | None = None
    at: float | None = None
    next_at: float = 0.0
    status: str = ""
    reason: str = ""
    begun: bool = False

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "Follow":
        """Read the fields of a playlist's hash."""
        said = {name.removeprefix(PREFIX): value for name, value in fields.items() if name.startswith(PREFIX)}
        every, at = said.get("every", ""), said.get("at", "")
        return cls(
            followed=said.get("followed") == "1",
            limit=int(said.get("limit") or 0) or None,
            audio=said.get("audio", "1") == "1",
            snapshot=said.get("snapshot", ""),
            every_s=float(every) if every else None,
            at=float(at) if at else None,
            next_at=float(said.get("next") or 0),
            status=said.get("status", ""),
            reason=said.get("reason", ""),
            begun=said.get("begun") == "1",
        )

    def public(self, every_s: float) -> dict[str, Any]:
        """What may interest a person, as JSON; `every_s` is the setting's interval."""
        every = every_s if self.every_s is None else self.every_s
        return {
            "status": self.status,
            "reason": self.reason,
            "every_minutes": round(every / 60),
            "looked_at": None if self.at is None else _moment(self.at),
            "next_at": _moment(self.next_at) if every and self.next_at else None,
        }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


class Follows:
    """The follows of all playlists, kept in the playlists' own hashes."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def of(self, key: str) -> Follow:
        """One playlist's follow; one that was never enqueued is not followed."""
        fields: dict[str, str] = dict(self._client.hgetall(keyspace.playlist(key)))  # type: ignore[arg-type]  # decoded
        return Follow.of(fields)

    def begin(self, key: str, *, limit: int | None, audio: bool) -> None:
        """Follow a playlist from now on, on these terms."""
        self._set(key, followed="1", limit=str(limit or ""), audio="1" if audio else "0")

    def interval(self, key: str, every_s: float | None) -> None:
        """Give a playlist an interval of its own; None takes it back."""
        self._set(key, every="" if every_s is None else f"{every_s:g}", next="0")

    def looked(self, key: str, *, snapshot: str | None, status: str, reason: str = "", rest_s: float) -> None:
        """Note how a look went, and when the next is due. `snapshot` None: what was known of it holds.

        If the playlist's page says something else of its state, it is written again.
        """
        now = self._now()
        changed = self.of(key).status not in ("", status)
        words = {"at": f"{now:.0f}", "next": f"{now + rest_s:.0f}", "status": status, "reason": reason}
        self._set(key, **words, **({} if snapshot is None else {"snapshot": snapshot}))
        if changed:
            self._write_page(key, now)

    def put_off(self, key: str, seconds: float) -> None:
        """Look again in so many seconds; what is known of the playlist holds."""
        self._set(key, next=f"{self._now() + seconds:.0f}")

    def taking(self, key: str) -> None:
        """Note that a playlist is being put on the line: until `taken`, nothing that is known of its state counts."""
        self._set(key, begun="1", snapshot="")

    def taken(self, key: str, snapshot: str) -> None:
        """Note that this state of the source is on the line whole. The last thing that is done with it."""
        self._set(key, begun="", snapshot=snapshot)

    def in_part(self, key: str, reason: str) -> None:
        """Note that a playlist which nobody has enqueued is here in part."""
        if not self.of(key).followed:
            self._set(key, status=PARTIAL, reason=reason)

    def _write_page(self, key: str, now: float) -> None:
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hincrby(keyspace.playlist(key), "v", 1)
            pipe.zadd(keyspace.DUE, {Hint(station=Station.PLAYLIST, key=key).member: int(now * 1000)}, lt=True)
            pipe.execute()

    def _set(self, key: str, **words: str) -> None:
        self._client.hset(keyspace.playlist(key), mapping={PREFIX + name: value for name, value in words.items()})

    def _now(self) -> float:
        seconds, micros = self._client.time()
        return float(seconds) + float(micros) / 1e6
