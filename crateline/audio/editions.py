"""Other editions of a master: the same recording with the same words and cover, in another form."""

from collections.abc import Callable, Mapping
from pathlib import Path

from crateline.audio import convert, cover, tags
from crateline.audio.replacement import replacing

RECIPE = 1
"""Raised whenever the same master would give another AIFF or WAV."""

FORMS: Mapping[str, Callable[..., None]] = {"aiff": convert.to_aiff, "wav": convert.to_wav}


def make(form: str, master: Path, target: Path, *, time_limit: float) -> None:
    """Make an "aiff" or a "wav" of a tagged master; it is there whole and tagged, or not at all. Raises as `convert.to_alac`."""
    with replacing(target) as part:
        FORMS[form](master, part, time_limit=time_limit)
        tags.write(part, tags.read(master), cover.embedded(master))
