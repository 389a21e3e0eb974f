"""How much drive a recording has, as one number: how dense, bright, pumping and compact its sound is, at any level."""

import math

import numpy as np

from crateline.audio.loudness import Loudness
from crateline.audio.onsets import Onsets
from crateline.audio.structure import Powers

# Each part goes from 0 to 1 between what calm and what driving recordings were measured at.
_FLUX = (40.0, 180.0)  # mean of the onsets' flux: pads 55 to 75, a piano 50, songs 70 to 170, busy percussion 180
_CENTROID = (500.0, 8000.0)  # Hz, by octaves
_PUMPING = (
    0.0,
    8.0,
)  # dB by which the low end changes from one 0.1 s to the next: pads 1, a kick on each beat 5 to 10
_COMPACT = (18.0, 6.0)  # LU between true peak and loudness: a live recording 18, a club master 6 to 9
_WEIGHTS = (0.35, 0.2, 0.25, 0.2)
_FLOOR_DB = 30.0  # what is so far below the low end's peaks is silence
_TINY = 1e-12


def of(onsets: Onsets, powers: Powers, loudness: Loudness) -> float | None:
    """Give 0 (a held tone) to 1 as the weighted mean of four parts; None for silence or less than a second.

    Density of onsets (0.35), height of the spectrum (0.2), movement of the low end (0.25), and how near the loudness comes
    to the peak (0.2). None of them changes when a recording is made louder or quieter.
    """
    if loudness.lufs is None or loudness.true_peak is None or not len(onsets.flux) or len(powers) < 2:  # noqa: PLR2004
        return None
    parts = (
        _within(float(onsets.flux.mean()), _FLUX),
        _within(math.log2(max(onsets.centroid, 1.0)), (math.log2(_CENTROID[0]), math.log2(_CENTROID[1]))),
        _within(_pumping(powers), _PUMPING),
        _within(loudness.true_peak - loudness.lufs, _COMPACT),
    )
    return round(sum(weight * part for weight, part in zip(_WEIGHTS, parts, strict=True)), 4)


def _pumping(powers: Powers) -> float:
    """Give the mean change of the low end's level in dB per tenth of a second."""
    low = 10 * np.log10(powers[:, 1] + _TINY)
    return float(np.abs(np.diff(np.maximum(low, np.quantile(low, 0.95) - _FLOOR_DB))).mean())


def _within(value: float, ends: tuple[float, float]) -> float:
    return min(1.0, max(0.0, (value - ends[0]) / (ends[1] - ends[0])))
