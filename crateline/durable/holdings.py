"""Holdings: which of the user's Spotify playlists hold which tracks, as they were when last read."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import redis

from crateline.durable.keyspace import PREFIX

HOLDINGS = PREFIX + "spotify:holdings"
FRESH = PREFIX + "spotify:holdings:fresh"
RESTS = PREFIX + "spotify:holdings:rests"
JOINED = PREFIX + "spotify:holdings:joined"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """One playlist: `snapshot` names the state that was read, `keys` are its tracks' in order."""

    key: str
    name: str
    snapshot: str
    keys: tuple[str, ...]


class Holdings:
    """All of the user's playlists. Lost with Redis, and read again."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def all(self) -> list[Holding]:
        """Every playlist, by key."""
        rows: dict[str, str] = dict(self._client.hgetall(HOLDINGS))  # type: ignore[arg-type]  # decoded
        read = ({"key": key, **json.loads(row)} for key, row in sorted(rows.items()))
        return [Holding(**{**fields, "keys": tuple(fields["keys"])}) for fields in read]

    def put(self, holding: Holding) -> None:
        """Keep one playlist's contents."""
        row = {name: value for name, value in asdict(holding).items() if name != "key"}
        self._client.hset(HOLDINGS, holding.key, json.dumps(row, ensure_ascii=False, separators=(",", ":")))

    def drop(self, keys: Iterable[str]) -> None:
        """Forget playlists that are no more."""
        if gone := list(keys):
            self._client.hdel(HOLDINGS, *gone)

    def fresh(self) -> bool:
        """Whether all of them were looked at a moment ago."""
        return bool(self._client.exists(FRESH))

    def refreshed(self, seconds: float) -> None:
        """Note that all were looked at; it holds for so long."""
        self._client.set(FRESH, "1", px=int(seconds * 1000))

    def resting(self) -> bool:
        """Whether they could not be read a moment ago."""
        return bool(self._client.exists(RESTS))

    def rest(self, seconds: float) -> None:
        """Note that they could not be read; nobody asks again for so long."""
        self._client.set(RESTS, "1", px=int(seconds * 1000))
        self.owe()

    def owe(self) -> None:
        """Note that there are tracks which were not put into the playlists that hold them."""
        self._client.delete(JOINED)

    def joined(self) -> bool:
        """Whether every known track was put into the playlists that hold it, and nothing is owed since."""
        return bool(self._client.exists(JOINED))

    def join(self, seconds: float) -> None:
        """Note that every known track was put into the playlists that hold it; it holds for so long."""
        self._client.set(JOINED, "1", px=int(seconds * 1000))
