"""A file is either the old one or the whole new one, even if the power goes."""

import contextlib
import errno
import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from crateline.domain import causes
from crateline.errors import ServiceStopped

REMEDY = "Free some space on that disk; the line goes on by itself."
_FULL = {errno.ENOSPC, errno.EDQUOT}
_ABANDONED_SECONDS = 6 * 3600  # no conversion takes so long: whoever was writing it is dead


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; on success it is flushed to the disk and takes the target's place.

    The name is new each time, so that a worker whose claim has lapsed cannot write into its successor's file. It has the
    target's suffix, and is short whatever the target's length. Raises ServiceStopped if the disk is full.
    """
    kin = f".crateline-{hashlib.blake2b(os.fsencode(target.name), digest_size=6).hexdigest()}-"
    _sweep(target.parent, kin)
    part = target.with_name(f"{kin}{uuid.uuid4().hex}{target.suffix}")
    try:
        yield part
        _flush(part)
        part.replace(target)
        _flush(target.parent)
    except OSError as error:
        if error.errno in _FULL:
            raise ServiceStopped(
                "disk", f"no space left for {target}", REMEDY, causes.about(causes.FOLDER, target.parent)
            ) from None
        raise
    finally:
        part.unlink(missing_ok=True)


def _sweep(folder: Path, kin: str) -> None:
    """Remove what a killed process left of the same target."""
    for left in folder.glob(f"{kin}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                left.unlink()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
