"""Probing paused services: one cheap request now and then, until the cause of the pause has ended."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import redis
import structlog

from crateline.durable import keyspace
from crateline.durable.pauses import Pause
from crateline.errors import CratelineError, CredentialsRefused
from crateline.wiring import Wiring

log = structlog.get_logger("crateline.probe")

EVERY_S = 10.0
SOURCE_REST_S = 300.0
"""How long a source that refuses us (a bot check) is left alone before one track tries again."""
REFUSED_REST_S = 3600.0
"""How long nobody asks with a consent that was refused: it does not come back by itself, and another one is seen at once."""
GIB = 1 << 30


class Prober(threading.Thread):
    """A thread that asks each paused service whether it is well again; one process does so for all."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(daemon=True, name="prober")
        self._wiring = wiring
        self._refused: tuple[frozenset[str], float] = frozenset(), 0.0
        self._checks: dict[str, Callable[[Pause], None]] = {
            "notion": self._notion,
            "eagle": self._eagle,
            "disk": self._disk,
            "settings": self._settings,
            "spotify": self._spotify,
            "soundcloud-api": self._soundcloud,
        }

    def run(self) -> None:
        """Probe until the worker stops."""
        while not self._wiring.stopping.wait(EVERY_S):
            try:
                for pause in self._wiring.pauses.all():
                    self.probe(pause)
            except redis.RedisError as error:
                log.warning("Redis is away", action="probe-waits", reason=str(error))
            except Exception:
                log.exception("unexpected error", action="probe-failed")  # and on: without probes a pause would never end

    def probe(self, pause: Pause) -> None:
        """Ask one service; end its pause if it answers as it should."""
        if pause.by_hand:
            return
        mine = self._wiring.redis.set(keyspace.lock(f"probe:{pause.service}"), "1", nx=True, px=int(EVERY_S * 900))
        if not mine:
            return  # another process has asked in these ten seconds
        try:
            self._checks.get(pause.service, self._rested)(pause)
        except (CratelineError, OSError) as error:
            log.info("still paused", action="probed", service=pause.service, reason=str(error))
            return
        freed = self._wiring.pauses.mended(pause.service)
        log.info("goes on", action="unpaused", service=pause.service, freed=freed)

    def _notion(self, _pause: Pause) -> None:
        for database in filter(None, (self._wiring.settings.tracks_db_id, self._wiring.settings.playlists_db_id)):
            self._wiring.notion.data_source(database)

    def _eagle(self, _pause: Pause) -> None:
        eagle = self._wiring.eagle
        if eagle is not None:
            library = eagle.library()
            self._wiring.eagle_library.insist(library.path)

    def _disk(self, _pause: Pause) -> None:
        least = self._wiring.settings.minimum_free_gib
        if self._wiring.store.free_bytes() < least * GIB:
            raise OSError(f"less than {least:g} GiB free")

    def _settings(self, _pause: Pause) -> None:
        _ = self._wiring.notion

    def _spotify(self, _pause: Pause) -> None:
        spotify = self._wiring.spotify
        if not spotify.consented():
            return
        given, (refused, at) = spotify.given(), self._refused
        if given == refused and time.monotonic() - at < REFUSED_REST_S:
            raise OSError("it is still the consent that was refused")
        try:
            spotify.who()
        except CredentialsRefused:
            self._refused = given, time.monotonic()
            raise

    def _soundcloud(self, _pause: Pause) -> None:
        self._wiring.soundcloud.search("a", limit=1)

    def _rested(self, pause: Pause) -> None:
        age = time.time() - datetime.fromisoformat(pause.since).timestamp()
        if age < SOURCE_REST_S:
            raise OSError(f"left alone for {SOURCE_REST_S - age:.0f} s more")
