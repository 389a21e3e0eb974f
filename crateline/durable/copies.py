"""Copies of finished files on other volumes: ordered first, made when the volume is there, and owed until then.

An order is a note in MEDIA_ROOT, so that it survives Redis, and the machine. Whoever has the volume makes the copies: the
worker that files the track, or the scheduler once the volume is back.
"""

import errno
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog

from crateline.durable.shelf import Edition, Shelf, Sound, Where
from crateline.durable.store import Kept, Store, copy
from crateline.durable.volumes import Place, absent, prepare
from crateline.errors import MediaError

log = structlog.get_logger("crateline.copies")

FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume:
    """A folder that gets a copy of every track.

    make: makes its file of a master (given both paths), or None where the master itself is copied. recipe: changes when
    `make` would make another file. suffix: of what is made, with the dot.
    """

    place: Place
    suffix: str = ".m4a"
    make: Callable[[Path, Path], None] | None = None
    recipe: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owing:
    """How many tracks wait for copies on a volume, and why; `why` is empty if it is there."""

    name: str
    folder: str
    tracks: int
    why: str


class Copies:
    """The volumes, and what is owed to them. `alone(name)` gives whether nobody else is at it; `sound` as in `shelf`."""

    def __init__(
        self,
        store: Store,
        volumes: Iterable[Volume],
        *,
        sound: Sound,
        alone: Callable[[str], AbstractContextManager[bool]],
    ) -> None:
        self.store = store
        self.volumes = tuple(volumes)
        self._sound = sound
        self._alone = alone

    def order(self, where: Where) -> None:
        """Note that a track's copies are owed to every volume."""
        order = {**asdict(where), "id": uuid.uuid4().hex}
        for volume in self.volumes:
            self.store.keep_memo(_kind(volume), where.key, order)

    def deliver(self, key: str) -> None:
        """Make a track's copies where the volume is there; elsewhere they stay owed, with a warning."""
        for volume in self.volumes:
            if why := absent(self.store, volume.place):
                reason = f"{volume.place.name} is {why}"
                log.warning("copy skipped: it is made when the volume is back", action="copy-owed", key=key, reason=reason)
            else:
                self._deliver(volume, key)

    def deliver_owed(self, stopped: Callable[[], bool]) -> int:
        """Make what is owed to the volumes that are there; gives how many tracks got theirs."""
        made = 0
        for volume in self.volumes:
            for key in self._owed(volume):
                if stopped() or absent(self.store, volume.place):
                    break
                made += self._deliver(volume, key)
        return made

    def owing(self) -> list[Owing]:
        """What is owed to each volume."""
        return [
            Owing(
                name=volume.place.name,
                folder=str(volume.place.root),
                tracks=self.store.count_memos(_kind(volume)),
                why=absent(self.store, volume.place),
            )
            for volume in self.volumes
        ]

    def _owed(self, volume: Volume) -> Iterator[str]:
        return (str(order["key"]) for order in self.store.memos(_kind(volume)))

    def _deliver(self, volume: Volume, key: str) -> bool:
        """Carry a track's order out; False if it stays owed. A full or broken volume is a warning, never the track's fault."""
        with self._alone(f"copies:{volume.place.name}:{key}") as mine:
            order, master = self.store.memo(_kind(volume), key), self.store.kept("masters", key)
            if not mine or order is None or master is None:
                return False  # somebody else is at it, has done it, or the master is being made
            try:
                prepare(self.store, volume.place)
                self._carry_out(volume, order, master)
            except (OSError, MediaError) as error:
                full = isinstance(error, OSError) and error.errno in FULL
                words = "the volume is full" if full else "the copy could not be made"
                log.warning(words, action="copy-owed", key=key, volume=volume.place.name, reason=str(error))
                return False
            if self.store.memo(_kind(volume), key) == order:  # and no newer one, of a master that has changed meanwhile
                self.store.drop_memo(_kind(volume), key)
        return True

    def _carry_out(self, volume: Volume, order: dict[str, Any], master: Kept) -> None:
        shelf = Shelf(self.store, volume.place.name, volume.place.root, put=copy, sound=self._sound)
        where = Where(key=order["key"], stem=order["stem"], folders=tuple(order["folders"]), left=tuple(order["left"]))
        of = f"{master.digest} {volume.recipe}".strip()
        if shelf.fresh(where, volume.suffix, of):
            return
        with self._edition(volume, where.key, master, of) as edition:
            shelf.place(where, [edition])

    @contextmanager
    def _edition(self, volume: Volume, key: str, master: Kept, of: str) -> Iterator[Edition]:
        """What goes to the volume: the master, or a file made of it that lies in the store meanwhile."""
        if volume.make is None:
            yield Edition(path=master.path, of=of, sound=str(master.facts.get("sound") or self._sound(master.path)))
            return
        made = self.store.folder("outgoing", key) / f"{volume.place.name}{volume.suffix}"
        try:
            volume.make(master.path, made)
            yield Edition(path=made, of=of, sound=self._sound(made))
        finally:
            made.unlink(missing_ok=True)


def _kind(volume: Volume) -> str:
    return f"owed-{volume.place.name}"
