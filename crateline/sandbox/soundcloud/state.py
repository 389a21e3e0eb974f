"""What a running simulated SoundCloud remembers: arrivals, finished downloads, its client_id and the links it signed."""

import dataclasses
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import URL, QueryParams

from crateline.sandbox.catalogue import SoundCloudSet, SoundCloudTrack, User, World
from crateline.sandbox.music import Music


class Stats:
    """Counts of what arrived and what was carried out. Times are seconds since the epoch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.arrivals: list[tuple[float, str]] = []
        self.statuses: Counter[str] = Counter()
        self.downloads: Counter[int] = Counter()
        self.bytes: Counter[int] = Counter()

    def arrived(self, kind: str) -> None:
        """A request of this kind came in."""
        with self._lock:
            self.arrivals.append((time.time(), kind))

    def answered(self, kind: str, status: int) -> None:
        """It was answered."""
        with self._lock:
            self.statuses[f"{kind} {status}"] += 1

    def sent(self, track: int, size: int, *, last: bool) -> None:
        """So many bytes of a track's audio left; `last` when they were the end of the recording."""
        with self._lock:
            self.bytes[track] += size
            self.downloads[track] += last

    def as_json(self) -> dict[str, Any]:
        """Everything, for `/_sandbox/stats`."""
        with self._lock:
            return {
                "requests": len(self.arrivals),
                "kinds": dict(Counter(kind for _, kind in self.arrivals)),
                "arrivals": list(self.arrivals),
                "statuses": dict(self.statuses),
                "downloads": {str(track): count for track, count in self.downloads.items() if count},
                "bytes": {str(track): count for track, count in self.bytes.items()},
            }


class State:
    """One simulated SoundCloud. `lifetime` is how long signed links live, `pace` bytes per second per connection."""

    def __init__(self, world: World, music: Music, *, lifetime: float, pace: float | None) -> None:
        self.world = world
        self.music = music
        self.lifetime = lifetime
        self.pace = pace
        self.stats = Stats()
        self.tracks: dict[int, SoundCloudTrack] = {track.id: track for track in world.soundcloud}
        self.sets: dict[int, SoundCloudSet] = {one.id: one for one in world.soundcloud_sets}
        self.users: dict[int, User] = {user.id: user for user in world.users}
        things: list[SoundCloudTrack | SoundCloudSet | User] = [*world.soundcloud, *world.soundcloud_sets, *world.users]
        self.pages = {URL(thing.url).path: thing for thing in things}
        self._rotations = 0
        self._expirations = 0

    @property
    def client_id(self) -> str:
        """The 32 characters that the API accepts now."""
        return hashlib.sha256(f"client {self._rotations}".encode()).hexdigest()[:32]

    def rotate(self) -> None:
        """Give the site a new client_id: the old one is answered with 401."""
        self._rotations += 1

    def edit(self, identity: int, track_ids: Sequence[int]) -> None:
        """Let a set have these rows from now on."""
        edited = dataclasses.replace(self.sets[identity], track_ids=tuple(track_ids))
        self.sets[identity] = edited
        self.pages[URL(edited.url).path] = edited

    def retitle(self, identity: int, title: str) -> None:
        """Let an uploader give a track another title."""
        renamed = dataclasses.replace(self.tracks[identity], title=title)
        self.tracks[identity] = renamed
        self.pages[URL(renamed.url).path] = renamed

    def expire(self) -> None:
        """Let every signed link die: they are answered with 403."""
        self._expirations += 1

    def sign(self, host: str, path: str) -> str:
        """A link to audio that lives for `lifetime` seconds."""
        expires = int(time.time() + self.lifetime) + 1
        return f"https://{host}{path}?expires={expires}&Policy=sandbox&Signature={self._signature(path, expires)}"

    def admits(self, path: str, query: QueryParams) -> bool:
        """Whether a link was signed here, for this path, and still lives."""
        expires = query.get("expires", "0")
        if not expires.isdigit() or int(expires) < time.time():
            return False
        return query.get("Signature") == self._signature(path, int(expires))

    def _signature(self, path: str, expires: int) -> str:
        return hashlib.sha256(f"{self._expirations} {path} {expires}".encode()).hexdigest()[:24]
