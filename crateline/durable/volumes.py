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


def absent(store: Store, place: Place) -> str:
    """Why nothing can be written there now; empty if it can.

    A folder below /Volumes, /media or /run/media is there if its volume is mounted, and is then made: an empty folder that
    an unplugged disk has left behind is none. Any other folder has to be there, and is never made by us; if it was on a
    volume of its own when it was first seen, that has to be mounted still. Raises nothing.
    """
    real = Path(os.path.realpath(place.root))
    removable = next((parent for parent in REMOVABLE if real.is_relative_to(parent)), None)
    if removable is not None:
        if not any(
            folder.is_mount() for folder in (real, *real.parents) if folder != removable and folder.is_relative_to(removable)
        ):
            return f"{place.name} is not mounted ({place.root})"
        return _made(place)
    if not place.root.is_dir():
        return f"{place.name} is not mounted, or not made yet ({place.root})"
    mount = next(folder for folder in (real, *real.parents) if folder.is_mount() or folder == folder.parent)
    known = store.memo(MEMO, place.name)
    if known is None or known["root"] != str(real):
        store.keep_memo(MEMO, place.name, {"root": str(real), "mount": str(mount)})
    elif not Path(known["mount"]).is_mount():
        return f"{place.name} is not mounted: {known['mount']} is an empty folder now"
    return ""


def _made(place: Place) -> str:
    try:
        place.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"{place.name}: {place.root} cannot be made ({error.strerror})"
    return ""
