"""Which files a person means who names files and folders."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset(
    (
        *(".aac", ".aif", ".aifc", ".aiff", ".alac", ".ape", ".au", ".caf", ".dsf", ".flac", ".m4a", ".m4b", ".mka", ".mp2"),
        *(".mp3", ".mpc", ".oga", ".ogg", ".opus", ".tta", ".w64", ".wav", ".wave", ".webm", ".wma", ".wv"),
    )
)
"""What counts as sound in a folder. A file that is named itself is listened to, whatever it is called."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unusable:
    """A name behind which no file is to be had. `missing`: there is nothing of that name."""

    path: Path
    reason: str
    missing: bool = False


def find(names: Iterable[Path]) -> Iterator[Path | Unusable]:
    """Give every file once: those named, and the sound files in the folders named, in their order, without hidden ones.

    A hidden name begins with a dot, as do the ._ files that a Mac leaves on foreign disks.
    """
    seen: set[str] = set()
    for name in names:
        for found in _find(name):
            path = found if isinstance(found, Path) else found.path
            if (place := os.path.realpath(path)) not in seen:
                seen.add(place)
                yield found


def _find(name: Path) -> Iterator[Path | Unusable]:
    try:
        kind = "folder" if name.is_dir() else "file" if name.is_file() else "thing" if name.exists() else ""
    except OSError as error:
        yield Unusable(path=name, reason=error.strerror or str(error))
        return
    if kind == "folder":
        yield from _walk(name)
    elif kind == "file":
        yield name
    else:
        reason = "This is neither a file nor a folder" if kind else "There is no such file or folder"
        yield Unusable(path=name, reason=reason, missing=not kind)


def _walk(folder: Path) -> Iterator[Path | Unusable]:
    closed: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES:  # noqa: PTH122  # a million of names
                yield Path(place, name)
    for error in closed:
        yield Unusable(path=Path(str(error.filename)), reason=error.strerror or str(error))
