"""djay's library as it is on this machine: found, read, and seen to have changed."""

import os
import time
from pathlib import Path

from crateline.clients.djay import places, reading
from crateline.domain.library import Library
from crateline.errors import ConfigurationError
from crateline.settings import Settings

BESIDE = ("", "-wal")

Mark = tuple[tuple[int, int], ...]
"""Size and time of the database and of its WAL: what changes whenever djay writes."""


def find(settings: Settings, path: Path | None = None) -> Path:
    """Where the library is: as named, as set, else where djay keeps it. Raises ConfigurationError if nothing is there."""
    return path or places.resolve(settings.djay_pro_db_path)


def read(settings: Settings, path: Path | None = None) -> Library:
    """Read the library. Raises ConfigurationError if there is none, LibraryUnreadable if it is none."""
    return reading.read(find(settings, path), wait=time.sleep)


def database(settings: Settings) -> Path | None:
    """The database that djay itself uses on this machine, or None if there is none."""
    try:
        return places.resolve(settings.djay_pro_db_path)
    except ConfigurationError:
        return None


def mark(file: Path) -> Mark:
    """What changes when djay writes; empty where a file is not there now."""
    marks = []
    for suffix in BESIDE:
        try:
            status = os.stat(f"{file}{suffix}")  # noqa: PTH116  # two names that differ behind the last dot
        except FileNotFoundError:
            marks.append((0, 0))
        else:
            marks.append((status.st_size, status.st_mtime_ns))
    return tuple(marks)
