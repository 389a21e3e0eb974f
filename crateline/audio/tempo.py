"""From a rough tempo to a DJ's: folded into one octave, and measured to a hundredth on the onsets' spectrum."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crateline.audio.octave import fold, settle

__all__ = ["CERTAIN", "RATE", "Tempo", "fold", "middle", "onsets", "refine", "settle"]

RATE = 44_100
SECTION_SECONDS = 120
"""The middle of a recording, where its beat is; intros and outros are left out."""

CERTAIN = 4.0
"""From this confidence on the tempo can be relied on; below it a person should look."""

_REFINED_FROM = 3.0  # a lower peak is no better than the estimate: noise reaches 2.8, the plainest beat of 5 s has 3.5
_FRAME = 1024
_HOP = 441  # 100 onset values per second
_BLOCK = 2048  # frames transformed at once: 8 MB
_LOUDNESS_CURVE = 100.0
_HARMONICS = (1, 2, 4)  # the beat, its eighths and its sixteenths, which are four times as precise
_PADDED = 1 << 19  # spectrum lines 0.0002 Hz apart: 0.01 BPM
_STEP = 0.01  # BPM
_NEAR = 0.02  # the estimate is quantised to 0.5 %, and can be a little off
_AROUND = 0.12  # the neighbourhood that a real peak stands out from
_AROUND_POINTS = 97

Envelope = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tempo:
    """Beats per minute, in steps of 0.01, and how many times its peak exceeds what lies around it (noise: 1 to 2)."""

    bpm: float
    confidence: float


def middle(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Cut out the middle 120 s of mono sound at 44.1 kHz (all of it if it is shorter)."""
    start = max(0, len(samples) - SECTION_SECONDS * RATE) // 2
    return samples[start : start + SECTION_SECONDS * RATE]


def refine(section: npt.NDArray[np.float32], estimate: float, *, lowest: float) -> Tempo:
    """Measure the tempo near `estimate`, folded into [lowest, 2 * lowest).

    The sum of the magnitudes of the onset envelope's spectrum at a tempo and its multiples peaks at the true one.
    If no peak stands out the estimate is kept, with its low confidence.
    """
    near = fold(estimate, lowest=lowest)
    strength = _Strength(onsets(section))
    grid = np.arange(near * (1 - _NEAR), near * (1 + _NEAR), _STEP)
    measured = strength.at(grid)
    best = int(np.argmax(measured))
    around = np.median(strength.at(np.linspace(near * (1 - _AROUND), near * (1 + _AROUND), _AROUND_POINTS)))
    confidence = float(measured[best] / around) if around > 0 else 0.0
    bpm = float(grid[best]) if confidence >= _REFINED_FROM else near
    return Tempo(bpm=round(fold(round(bpm, 2), lowest=lowest), 2), confidence=round(confidence, 2))


def onsets(section: npt.NDArray[np.float32]) -> Envelope:
    """Give 100 values a second that rise where something new sounds: the half-wave rectified flux of the log spectrum."""
    if len(section) < _FRAME + _HOP:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(section, _FRAME)[::_HOP]
    window = np.hanning(_FRAME).astype(np.float32)
    flux, last = [], np.zeros((0, _FRAME // 2 + 1), np.float32)
    for first in range(0, len(frames), _BLOCK):
        level = np.log1p(_LOUDNESS_CURVE * np.abs(np.fft.rfft(frames[first : first + _BLOCK] * window)))
        flux.append(np.maximum(np.diff(np.vstack([last, level]), axis=0), 0).sum(axis=1, dtype=np.float64))
        last = level[-1:]
    return np.concatenate(flux)


class _Strength:
    """How strongly an onset envelope beats at given tempi."""

    def __init__(self, envelope: Envelope) -> None:
        centred = (envelope - envelope.mean()) * np.hanning(len(envelope)) if len(envelope) else np.zeros(1)
        self._magnitudes = np.abs(np.fft.rfft(centred, _PADDED))
        self._lines = np.fft.rfftfreq(_PADDED, _HOP / RATE) * 60  # in beats per minute

    def at(self, tempi: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        total = np.zeros_like(tempi)
        for harmonic in _HARMONICS:
            total += np.interp(tempi * harmonic, self._lines, self._magnitudes)
        return total
