"""Whether a volume is there: a folder that is not could be a disk that nobody has plugged in."""

import os
from dataclasses import dataclass
from pathlib import Path

from crateline.durable.store import Store

REMOVABLE = (Path("/Volumes"), Path("/media"), Path("/run/media"))
"""Where macOS and Linux mount what is plugged in. A folder below them belongs to a volume, also before it was ever seen."""
MEMO = "volumes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A folder for copies, by the name of its setting."""

    name: str
    root: Path

    @property
    def real(self) -> Path:
        """Where its links lead to."""
        return Path(os.path.realpath(self.root))

    @property
    def parents(self) -> tuple[Path, ...]:
        """The folder itself and those that it is in, up to the root; of a removable volume those below its parent alone."""
        whole = (self.real, *self.real.parents)
        removable = next((parent for parent in REMOVABLE if self.real.is_relative_to(parent)), None)
        return whole if removable is None else tuple(one for one in whole if removable in one.parents)

    @property
    def removable(self) -> bool:
        """Whether it can only be on a volume of its own."""
        return any(self.real.is_relative_to(parent) for parent in REMOVABLE)


def absent(store: Store, place: Place) -> str:
    """What a volume is if nothing can be written there now ("not mounted …"); empty if it can. Changes nothing.

    A folder below /Volumes, /media or /run/media is there if its volume is mounted, made already or not: an empty folder
    that an unplugged disk has left behind is none. Any other folder has to be there, and is never made by us; if it was on
    a volume of its own when it was first written to, that has to be mounted still.
    """
    if place.removable:
        return "" if any(folder.is_mount() for folder in place.parents) else f"not mounted ({place.root})"
    if not place.root.is_dir():
        return f"not mounted, or not made yet ({place.root})"
    known = store.memo(MEMO, place.name)
    if known is not None and known["root"] == str(place.real) and not Path(known["mount"]).is_mount():
        return f"not mounted ({known['mount']} is an empty folder now)"
    return ""


def prepare(store: Store, place: Place) -> None:
    """Make the folder on a removable volume that is there, and remember on what any other one is mounted. Raises OSError."""
    if place.removable:
        place.root.mkdir(parents=True, exist_ok=True)
        return
    mount = next(folder for folder in place.parents if folder.is_mount() or folder == folder.parent)
    note = {"root": str(place.real), "mount": str(mount)}
    if store.memo(MEMO, place.name) != note:
        store.keep_memo(MEMO, place.name, note)
