"""From a rough tempo to a DJ's: folded into one octave, and measured to a hundredth on the onsets' spectrum."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crateline.audio import onsets
from crateline.audio.octave import fold, settle
from crateline.audio.onsets import Envelope

__all__ = [
    "CERTAIN",
    "RATE",
    "SECTION_SECONDS",
    "Strength",
    "Tempo",
    "beats",
    "fold",
    "middle",
    "middle_of",
    "refine",
    "settle",
    "steady",
]

RATE = onsets.RATE
SECTION_SECONDS = 120
"""The middle of a recording, where its beat is; intros and outros are left out."""

CERTAIN = 4.0
"""From this confidence on the tempo can be relied on; below it a person should look."""

_REFINED_FROM = 3.0  # a lower peak is no better than the estimate: noise reaches 2.8, the plainest beat of 5 s has 3.5
_HARMONICS = (1, 2, 4, 8)  # the beat, its eighths, sixteenths and so on, each twice as precise
_PADDED = 1 << 19  # spectrum lines 0.0002 Hz apart: 0.01 BPM
_STEP = 0.01  # BPM
_INDISTINCT = 0.015  # BPM: what two minutes hardly tell apart (median error 0.003)
_NEAR = 0.02  # the estimate is quantised to 0.5 %, and can be a little off
_AROUND = 0.12  # the neighbourhood that a real peak stands out from
_AROUND_POINTS = 97
_RIVALS = (3 / 2, 4 / 3)  # what estimators mistake a beat for, apart from octaves: dotted notes and triplets
_RIVAL_EXCEEDS = 4.0  # measured: 17 to 84 where the estimate is wrong, up to 2.3 where it is right

_ONSET = 30.0  # of flux: held tones and pads reach 20, the onsets of music at 8 kHz 300, all others 600 and more
_ONSET_EVERY_S = 4.0

_WINDOW_S = 24  # long enough for a peak 1 BPM wide, short enough for a drummer's minute
_WINDOWS_NEEDED = 3
_WANDER = 0.06
_LOCAL_POINTS = 241  # 0.05 % apart
_LOCAL_CERTAIN = 2.5
_STEADY = 0.003  # 0.4 BPM, which a DJ hears within sixteen bars; machines stay within 0.0015
_LAPSES = 0.25  # of the windows: a fill or a break is no change of tempo


@dataclass(frozen=True, kw_only=True, slots=True)
class Tempo:
    """Beats per minute, in steps of 0.01, and how many times its peak exceeds what lies around it (noise: 1 to 2)."""

    bpm: float
    confidence: float


def middle(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Cut out the middle 120 s of mono sound at 44.1 kHz (all of it if it is shorter)."""
    start = max(0, len(samples) - SECTION_SECONDS * RATE) // 2
    return samples[start : start + SECTION_SECONDS * RATE]


def middle_of(flux: Envelope) -> Envelope:
    """Cut the same 120 s out of the onsets of a whole recording."""
    start = max(0, len(flux) - SECTION_SECONDS * onsets.PER_SECOND) // 2
    return flux[start : start + SECTION_SECONDS * onsets.PER_SECOND]


def beats(flux: Envelope) -> bool:
    """Tell whether there is anything to take a tempo by: an onset every four seconds, on average.

    The ripple of a held tone's spectrum is faint, but as regular as no drummer.
    """
    return bool((flux > _ONSET).sum() * onsets.PER_SECOND * _ONSET_EVERY_S >= len(flux))


def refine(flux: Envelope, estimate: float, *, lowest: float) -> Tempo:
    """Measure the tempo near `estimate`, folded into [lowest, 2 * lowest).

    The sum of the magnitudes of the onset envelope's spectrum at a tempo and its multiples peaks at the true one.
    An estimate of two thirds or three quarters of the tempo is put right if that peak is four times as clear. If no peak
    stands out the estimate is kept, with its low confidence.
    """
    strength = Strength(flux)
    near = fold(estimate, lowest=lowest)
    bpm, confidence = strength.near(near)
    rival = max((strength.near(fold(estimate * ratio, lowest=lowest)) for ratio in _RIVALS), key=lambda one: one[1])
    if rival[1] >= max(_RIVAL_EXCEEDS * confidence, CERTAIN):
        bpm, confidence = rival
    if confidence < _REFINED_FROM:
        bpm = near
    return Tempo(bpm=round(fold(_whole(round(bpm, 2)), lowest=lowest), 2), confidence=round(confidence, 2))


def _whole(bpm: float) -> float:
    """Give a whole number for a tempo that cannot be told from it: most music is made at one, and 127.99 is 128."""
    return round(bpm) if abs(bpm - round(bpm)) < _INDISTINCT else bpm


def steady(flux: Envelope, bpm: float) -> bool | None:
    """Tell whether the tempo is one throughout: in windows of 24 s it is looked for within 6 % of `bpm`.

    True if at least three quarters of the windows that have a clear tempo agree within 0.3 % with their median, False if
    fewer do, None if fewer than three windows have one.
    """
    local = [best for best, confidence in _local(flux, bpm) if confidence >= _LOCAL_CERTAIN]
    if len(local) < _WINDOWS_NEEDED:
        return None
    away = np.abs(np.array(local) / np.median(local) - 1) > _STEADY
    return bool(away.mean() <= _LAPSES)


def _local(flux: Envelope, bpm: float) -> list[tuple[float, float]]:
    """The tempo and its confidence in each window, half of which overlaps with the next."""
    width = _WINDOW_S * onsets.PER_SECOND
    grid = np.linspace(bpm * (1 - _WANDER), bpm * (1 + _WANDER), _LOCAL_POINTS)
    starts = range(0, len(flux) - width + 1, width // 2)
    return [Strength(flux[start : start + width], padded=_PADDED >> 3).peak(grid) for start in starts]


class Strength:
    """How strongly an onset envelope beats at given tempi."""

    def __init__(self, flux: Envelope, *, padded: int = _PADDED) -> None:
        centred = (flux - flux.mean()) * _sine(len(flux)) if len(flux) else np.zeros(1)
        self._magnitudes = np.abs(np.fft.rfft(centred, padded))
        self._lines = np.fft.rfftfreq(padded, 1 / onsets.PER_SECOND) * 60  # in beats per minute

    def at(self, tempi: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Sum up the magnitudes at tempi (BPM) and their multiples."""
        total = np.zeros_like(tempi)
        for harmonic in _HARMONICS:
            total += np.interp(tempi * harmonic, self._lines, self._magnitudes)
        return total

    def near(self, bpm: float) -> tuple[float, float]:
        """Give the strongest tempo within 2 % of one, to a hundredth, and its confidence (see `peak`)."""
        return self.peak(np.arange(bpm * (1 - _NEAR), bpm * (1 + _NEAR), _STEP))

    def peak(self, grid: npt.NDArray[np.float64]) -> tuple[float, float]:
        """Give the strongest tempo of a grid, and how many times it exceeds the median within 12 % of the grid's middle."""
        measured = self.at(grid)
        best, centre = int(np.argmax(measured)), float(grid[len(grid) // 2])
        around = np.median(self.at(np.linspace(centre * (1 - _AROUND), centre * (1 + _AROUND), _AROUND_POINTS)))
        return float(grid[best]), float(measured[best] / around) if around > 0 else 0.0


def _sine(length: int) -> Envelope:
    """A window between Hann's, which throws away half of a short file, and none, whose peaks leak."""
    return np.sin(np.pi * (np.arange(length) + 0.5) / length)
