"""`crateline analyze --index`: have local files recognised from now on, and say which of them are one recording."""

from collections.abc import Iterator
from pathlib import Path

from crateline.audio import fingerprint
from crateline.audio.analysis import Analysis
from crateline.audio.fingerprint import Likeness
from crateline.durable.fingerprints import FILE, Print
from crateline.wiring import Wiring
from tasks import duplicates, local

FIELDS = {Likeness.SAME: "duplicate_of", Likeness.AKIN: "similar_to"}
"""What a row says of a file that sounds like another."""


def index(wiring: Wiring, path: Path, heard: Analysis) -> dict[str, str | None]:
    """Register a file; give the likeliest track or file with its recording, and the one that a person should compare it with.

    Both are None for files that crateline has made itself, and for those with too little sound. Raises OSError.
    """
    found: dict[str, str | None] = dict.fromkeys(FIELDS.values())
    if local.index_file(wiring, path, heard):
        for _, likeness, key in sorted(_alike(wiring, path, heard), reverse=True):
            found[FIELDS[likeness]] = key.removeprefix(FILE)
    return found


def _alike(wiring: Wiring, path: Path, heard: Analysis) -> Iterator[tuple[float, Likeness, str]]:
    """How far, in what way, and from whom."""
    one = Print(key=local.key_of(path), raw=heard.fingerprint, seconds=heard.duration)
    for known in duplicates.register_of(wiring).near(one):
        likeness, comparison = fingerprint.judge(known.raw, known.seconds, one.raw, one.seconds)
        if known.key != one.key and likeness in FIELDS:
            yield comparison.distance, likeness, known.key
