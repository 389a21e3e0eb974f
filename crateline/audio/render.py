"""Rendered copies: a master at another loudness, by one constant gain. The master itself is never changed.

There is no limiter: the gain is min(target - I, -1 dBTP - TP), so that the dynamics stay and no peak is cut. What was
rendered says so in its tags, and is never rendered again.
"""

import dataclasses
import shutil
from pathlib import Path

from crateline.audio import convert, loudness, tags
from crateline.audio.replacement import replacing

RECIPE = 1
"""Raised whenever the same master would be rendered otherwise."""

_INAUDIBLE = 0.05  # dB: half of the last digit that is measured


def gain_of(said: tags.Tags, target: float) -> float:
    """The gain in dB for a recording whose tags say this, to `target` LUFS; 0 if it was rendered before, or is silence."""
    if said.rendered:
        return 0.0
    measured = loudness.Loudness(lufs=said.lufs, lra=None, true_peak=said.true_peak)
    gain = round(loudness.constant_gain(measured, target=target), 2)
    return gain if abs(gain) >= _INAUDIBLE else 0.0


def render(master: Path, copy: Path, *, target: float, time_limit: float) -> None:
    """Make the rendered copy of a tagged ALAC master: same bits, words and cover, ReplayGain of its own, and the marker.

    A master that needs no gain is copied with the marker; one that has the marker is copied as it is. Raises as
    `convert.to_alac`.
    """
    said = tags.read(master)
    gain = gain_of(said, target)
    with replacing(copy) as part:
        if gain:
            convert.amplify(master, part, gain, time_limit=time_limit)
        else:
            shutil.copyfile(master, part)
        if not said.rendered:
            tags.write(part, _louder(said, gain, target), None)


def _louder(said: tags.Tags, gain: float, target: float) -> tags.Tags:
    lufs = None if said.lufs is None else said.lufs + gain
    peak = None if said.true_peak is None else said.true_peak + gain
    return dataclasses.replace(said, lufs=lufs, true_peak=peak, rendered=f"{gain:+.2f} dB, for {target:g} LUFS")
