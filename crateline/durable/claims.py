"""Claims: who is at a station. A short lease with a token; once another has taken over, a result is refused."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis

from crateline.durable import keyspace
from crateline.durable.scripts import Scripts
from crateline.messages import LIBRARY, Hint, Station

LANES: dict[Station, str] = {
    Station.PLAYLIST: "notion",
    Station.PAGE: "notion",
    Station.DOWNLOAD: "download",
    Station.ANALYZE: "analyze",
    Station.EAGLE: "eagle",
    Station.FINALISE: "notion",
    **dict.fromkeys(LIBRARY, "notion"),
}
"""Stations that share a lane exclude each other: page and finalise write the same Notion page."""


def hash_of(hint: Hint) -> str:
    """The Redis hash of the item that a hint is about."""
    return f"{prefix_of(hint.station)}{hint.key}"


def prefix_of(station: Station) -> str:
    """What the hashes of a station's items begin with."""
    if station is Station.PLAYLIST:
        return keyspace.playlist("")
    return keyspace.library("") if station in LIBRARY else keyspace.track("")


def holder() -> str:
    """This process, as shown to people."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(slots=True)
class Claim:
    """A station that is ours until `lost` is set. `touched` is how often its item had been touched when it was claimed."""

    hint: Hint
    token: str
    touched: str = "0"
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def lane(self) -> str:
        """What the claim excludes others from."""
        return LANES[self.hint.station]


class Heartbeat:
    """One thread per process that renews every live claim, three times per lease."""

    def __init__(self, scripts: Scripts, lease_s: float) -> None:
        self._scripts = scripts
        self._lease_ms = int(lease_s * 1000)
        self._pause_s = lease_s / 3
        self._claims: dict[str, Claim] = {}
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def keep(self, claim: Claim) -> Iterator[Claim]:
        """Renew `claim` while the block runs."""
        with self._guard:
            self._claims[claim.token] = claim
            if self._thread is None:
                self._thread = threading.Thread(target=self._beat, daemon=True, name="claims")
                self._thread.start()
        try:
            yield claim
        finally:
            with self._guard:
                self._claims.pop(claim.token, None)

    def _beat(self) -> None:
        tick = threading.Event()
        while True:
            tick.wait(self._pause_s)
            with self._guard:
                claims = list(self._claims.values())
            for claim in claims:
                self._renew(claim)

    def _renew(self, claim: Claim) -> None:
        try:
            alive = self._scripts.renew(
                keys=[hash_of(claim.hint), keyspace.DUE],
                args=[claim.lane, claim.token, self._lease_ms, claim.hint.member, holder()],
            )
        except redis.RedisError:
            return  # Redis is away: the lease may lapse, and the seal will tell
        if not alive:
            claim.lost.set()
