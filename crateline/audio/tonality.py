"""The key of a recording: which of 24 profiles the notes that sound in it resemble most, and whether there are notes at all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crateline.domain import keys
from crateline.domain.keys import Key

RATE = 44_100

_DECIMATED = 4  # to 11,025 Hz: notes end at 5 kHz
_FRAME = 4096  # 0.37 s, 2.7 Hz: semitones are told apart from 60 Hz on
_HOP = 2048
_LINES = 1400  # up to 3.8 kHz
_BLOCK = 256  # frames transformed at once
_FIRST_LINE = 15  # 40 Hz
_AROUND_SHARE, _AROUND_LEAST = 0.12, 6  # the neighbourhood of a line, as a share of its frequency and in lines
_STANDS_OUT = 1.2  # times the mean of its neighbourhood
_NOTES = (26, 100)  # MIDI numbers: D1 to E7
_A4, _A4_HERTZ = 69, 440.0
_SEMITONES = 12
_TINY = 1e-12

# How often each degree of the scale sounds, from the tonic upwards in semitones.
_PROFILES = {
    # Faraldo, Jordà and Herrera 2017: electronic music, what is rare counting as absent ("bgate").
    "bgate": (
        (1, 0, 0.42, 0, 0.53, 0.37, 0, 0.77, 0, 0.38, 0.21, 0.30),
        (1, 0, 0.36, 0.39, 0, 0.38, 0, 0.74, 0.27, 0, 0.42, 0.23),
    ),
    # Sha'ath 2011: KeyFinder's, made for DJs' libraries.
    "keyfinder": (
        (6.6, 2.0, 3.5, 2.3, 4.6, 4.0, 2.5, 5.2, 2.4, 3.7, 2.3, 3.4),
        (6.5, 2.7, 3.5, 5.4, 2.6, 3.5, 2.5, 5.2, 4.0, 2.7, 4.3, 3.2),
    ),
}

_SAID = 0.04  # of likeness, which is 1 at the most: half of what two keys differ by that are confused
_TONAL, _TONAL_IF_SAID = 0.06, 0.03  # measured: noise up to 0.003, drums alone up to 0.03 as a rule, music from 0.036
_CLEARLY_TUNED = 0.1
_LEAD_FROM, _LEAD_SLOPE = 0.6, 2.0  # confidence by the lead over the runner-up, fitted to how often the answer was right

Samples = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tonality:
    """The likeliest key and the next one.

    `confidence`: 0 to 1, about the share of songs with such a value whose key was right. `runner_up_strength`: how much the
    second resembles the recording, as a share of how much the first does.
    """

    key: Key
    confidence: float
    runner_up: Key
    runner_up_strength: float


@dataclass(frozen=True, slots=True)
class _Peaks:
    """Spectral peaks: the pitch (MIDI, with its cents) of each, and how much it counts."""

    pitch: Numbers
    weight: Numbers


def of(samples: Samples, *, said: Iterable[Key] = ()) -> Tonality | None:
    """Find the key of mono sound at 44.1 kHz; None for noise, drums alone, and what is shorter than a second.

    `said`: what other estimators say of it; each counts a little, so that they decide where two keys are nearly alike.
    """
    peaks = _peaks(samples)
    if not len(peaks.pitch):
        return None
    tuning, tuned = _tuning(peaks)
    likeness = _likeness(_chroma(peaks, tuning))
    said = tuple(said)
    needed = _TONAL_IF_SAID if _key(int(np.argmax(likeness))) in said else _TONAL
    if likeness.max() <= 0 or likeness.max() ** 2 * tuned < needed:
        return None
    for other in said:
        likeness[other.pitch_class + _SEMITONES * other.is_minor] += _SAID
    second, first = (int(place) for place in np.argsort(likeness)[-2:])
    best = float(likeness[first])
    lead = min(1.0, _LEAD_FROM + _LEAD_SLOPE * (best - float(likeness[second])))
    return Tonality(
        key=_key(first),
        confidence=round(min(1.0, best * lead * min(1.0, tuned / _CLEARLY_TUNED)), 3),
        runner_up=_key(second),
        runner_up_strength=round(max(0.0, float(likeness[second])) / best, 3),
    )


def _peaks(samples: Samples) -> _Peaks:
    found = [_stand_out(spectra) for spectra in _spectra(samples)]
    if not found:
        return _Peaks(np.zeros(0), np.zeros(0))
    line, weight = (np.concatenate(parts) for parts in zip(*found, strict=True))
    pitch = _A4 + _SEMITONES * np.log2(line * (RATE / _DECIMATED / _FRAME) / _A4_HERTZ)
    kept = (pitch >= _NOTES[0]) & (pitch <= _NOTES[1])
    return _Peaks(pitch[kept], weight[kept])


def _spectra(samples: Samples) -> Iterator[npt.NDArray[np.float32]]:
    """Give the magnitudes of blocks of frames, of shape (frames, lines)."""
    thinned = samples[: len(samples) // _DECIMATED * _DECIMATED].reshape(-1, _DECIMATED).mean(axis=1)
    thinned = (thinned[:-1] + thinned[1:]) / 2  # what thinning would mirror from above is weakened once more
    if len(thinned) < _FRAME:
        return
    frames = np.lib.stride_tricks.sliding_window_view(thinned, _FRAME)[::_HOP]
    window = np.hanning(_FRAME).astype(np.float32)
    for first in range(0, len(frames), _BLOCK):
        yield np.abs(np.fft.rfft(frames[first : first + _BLOCK] * window))[:, :_LINES].astype(np.float32)


def _stand_out(spectra: npt.NDArray[np.float32]) -> tuple[Numbers, Numbers]:
    """Find the exact lines and the weights of the peaks that stand out from their neighbourhood.

    A peak counts by its magnitude over the square root of what lies around it: half-way to a whitened spectrum, so that
    a bass does not drown the chords.
    """
    around = _means_around(spectra)
    inner = spectra[:, 1:-1]
    high = (inner > spectra[:, :-2]) & (inner >= spectra[:, 2:]) & (inner > _STANDS_OUT * around[:, 1:-1])
    high[:, : _FIRST_LINE - 1] = False
    frame, line = np.nonzero(high)
    line += 1
    left, top, right = (np.log(spectra[frame, line + by] + _TINY) for by in (-1, 0, 1))
    exact = line + 0.5 * (left - right) / (left - 2 * top + right - _TINY)  # the top of the parabola through three lines
    weight = spectra[frame, line] / np.sqrt(around[frame, line] + _TINY)
    return exact.astype(np.float64), weight.astype(np.float64)


def _means_around(spectra: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    line = np.arange(spectra.shape[1])
    reach = np.maximum(_AROUND_LEAST, (line * _AROUND_SHARE).astype(int))
    low, high = np.maximum(0, line - reach), np.minimum(spectra.shape[1], line + reach + 1)
    sums = np.cumsum(np.pad(spectra, ((0, 0), (1, 0))), axis=1)
    means: npt.NDArray[np.float32] = (sums[:, high] - sums[:, low]) / (high - low)
    return means


def _tuning(peaks: _Peaks) -> tuple[float, float]:
    """Give by which part of a semitone the peaks lie beside A = 440 Hz, and how much they agree on that (noise: 0).

    Notes stand a semitone apart whatever is played; noise and drums stand anywhere.
    """
    turned = np.sum(peaks.weight * np.exp(2j * np.pi * peaks.pitch)) / np.sum(peaks.weight)
    return float(np.angle(turned) / (2 * np.pi)), float(np.abs(turned))


def _chroma(peaks: _Peaks, tuning: float) -> Numbers:
    """Give how much each of the 12 notes sounds, from C upwards."""
    pitch = peaks.pitch - tuning
    note = np.round(pitch)
    weight = peaks.weight * np.cos(np.pi * (pitch - note)) ** 2
    chroma: Numbers = np.bincount(note.astype(np.int64) % _SEMITONES, weight, _SEMITONES).astype(np.float64)
    return chroma


def _likeness(chroma: Numbers) -> Numbers:
    """Correlate with the 24 keys, the major ones first, each from C upwards: the mean over the profiles."""
    likeness: Numbers = _templates() @ _standard(chroma)
    return likeness


def _templates() -> Numbers:
    kinds = [
        [np.roll(_standard(np.array(profile[mode], float)), tonic) for mode in (0, 1) for tonic in range(_SEMITONES)]
        for profile in _PROFILES.values()
    ]
    templates: Numbers = np.mean(kinds, axis=0)
    return templates


def _standard(values: Numbers) -> Numbers:
    centred = values - values.mean()
    standard: Numbers = centred / (np.linalg.norm(centred) + _TINY)
    return standard


def _key(place: int) -> Key:
    return keys.of_pitch(place, minor=place >= _SEMITONES)
