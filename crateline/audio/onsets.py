"""Where something new sounds: the spectral flux of a section, on which tempo, its steadiness and its drive are measured."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 44_100
HOP = 441  # 100 values per second
PER_SECOND = RATE // HOP

_FRAME = 1024
_BLOCK = 2048  # frames transformed at once: 8 MB
_LEVEL = 0.1  # every section is brought to this RMS, so that a quiet copy is heard like a loud one
_FAINT = 1e-4  # -80 dBFS: below, nothing is brought up but hiss
_LOUDNESS_CURVE = 100.0

Envelope = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Onsets:
    """`flux`: 100 values a second that rise where something new sounds. `centroid`: Hz, the mean height of the spectrum."""

    flux: Envelope
    centroid: float


def of(section: npt.NDArray[np.float32]) -> Onsets:
    """Measure mono sound at 44.1 kHz: the half-wave rectified flux of its log spectrum, whatever its level."""
    if len(section) < _FRAME + HOP:
        return Onsets(flux=np.zeros(0), centroid=0.0)
    frames = np.lib.stride_tricks.sliding_window_view(section, _FRAME)[::HOP]
    window = np.hanning(_FRAME).astype(np.float32) * np.float32(_LOUDNESS_CURVE * _LEVEL / max(_rms(section), _FAINT))
    flux, last = [], np.zeros((0, _FRAME // 2 + 1), np.float32)
    spectrum = np.zeros(_FRAME // 2 + 1)
    for first in range(0, len(frames), _BLOCK):
        magnitude = np.abs(np.fft.rfft(frames[first : first + _BLOCK] * window)).astype(np.float32)
        spectrum += magnitude.sum(axis=0, dtype=np.float64)
        level = np.log1p(magnitude)
        flux.append(np.maximum(np.diff(np.vstack([last, level]), axis=0), 0).sum(axis=1, dtype=np.float64))
        last = level[-1:]
    hertz = np.fft.rfftfreq(_FRAME, 1 / RATE)
    centroid = float(hertz @ spectrum / spectrum.sum()) if spectrum.any() else 0.0
    return Onsets(flux=np.concatenate(flux), centroid=centroid)


def _rms(section: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(np.dot(section, section) / len(section)))
