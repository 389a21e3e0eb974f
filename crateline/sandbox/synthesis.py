"""Music by arithmetic: a recording's tempo and key are exactly the catalogue's, everything else follows from its seed.

Drums stand on the grid of the tempo, bass and chords in the key. Wave shapes, rhythms, progression, melody, noise and
arrangement are drawn anew for every seed, so that two recordings are as different to a fingerprint as real ones are.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from crateline.sandbox.catalogue import Recording

RATE = 44100
TABLE = 2048
STEPS = 16  # a bar in sixteenths

Sound = npt.NDArray[np.float32]
Dice = np.random.Generator

NOTES = {name: place for place, name in enumerate(("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"))}
SCALES = {"minor": (0, 2, 3, 5, 7, 8, 10), "major": (0, 2, 4, 5, 7, 9, 11)}
# Degrees of the scale, one a bar: each begins on the tonic and comes back to it, which is what makes a key audible.
PROGRESSIONS = {
    "minor": ((0, 5, 0, 4), (0, 3, 0, 4), (0, 0, 5, 4), (0, 4, 0, 3), (0, 5, 3, 4), (0, 3, 4, 0)),
    "major": ((0, 3, 0, 4), (0, 4, 5, 4), (0, 0, 3, 4), (0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 0, 3)),
}
KICKS = {
    "house": (0, 4, 8, 12),
    "break": (0, 10),
    "hiphop": (0, 3, 8, 10),
}  # in sixteenths; the snare stands on 4 and 12 in all of them
HATS = ((2, 6, 10, 14), (0, 2, 4, 6, 8, 10, 12, 14), (2, 3, 6, 10, 11, 14))


def render(recording: Recording, seconds: float | None = None) -> npt.NDArray[np.int16]:
    """Render a recording as interleaved stereo of shape (samples, 2) at 44.1 kHz; `seconds` shortens it."""
    piece = Piece(recording)
    wide = piece.mix()
    length = round((seconds or recording.duration) * RATE)
    return wide[:length]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the sixteenths of a piece lie, in samples."""

    bpm: float
    samples: int

    @property
    def step(self) -> float:
        """Samples in a sixteenth."""
        return 15 / self.bpm * RATE

    @property
    def bars(self) -> int:
        """Bars needed to fill the piece."""
        return int(self.samples / (self.step * STEPS)) + 1

    def at(self, bar: int, place: float) -> int:
        """The sample of a sixteenth of a bar."""
        return round((bar * STEPS + place) * self.step)


class Piece:
    """One recording being played."""

    def __init__(self, recording: Recording) -> None:
        self.dice = np.random.default_rng(recording.seed)
        self.grid = Grid(recording.bpm, round(recording.duration * RATE))
        self.mode = "minor" if recording.key.endswith("m") else "major"
        self.tonic = NOTES[recording.key.removesuffix("m")]
        self.progression = self.dice.choice(PROGRESSIONS[self.mode])
        self.style = "break" if recording.bpm >= 160 else "hiphop" if recording.bpm < 110 else "house"

    def mix(self) -> npt.NDArray[np.int16]:
        """All voices together, 16 bit."""
        drums, bass, chords, lead = self._drums(), self._bass(), self._chords(), self._lead()
        centre = drums + bass
        centre += self._hiss()
        width = self.dice.uniform(0.15, 0.6)
        left = centre + chords * (1 - width) + lead
        right = centre + chords + lead * (1 - width)
        stereo = np.stack((left, right), axis=1)
        stereo *= 29000 / max(1e-6, float(np.abs(stereo).max()))
        return stereo.astype(np.int16)

    # Voices

    def _drums(self) -> Sound:
        kick, snare, hat = _kick(self.dice), _snare(self.dice), _hat(self.dice)
        hats = HATS[self.dice.integers(len(HATS))]
        track = self._silence()
        for bar in range(self.grid.bars):
            for place in KICKS[self.style]:
                self._add(track, kick, bar, place, 1.0)
            for place in (4, 12):
                self._add(track, snare, bar, place, 0.6)
            for place in hats:
                self._add(track, hat, bar, place, self.dice.uniform(0.15, 0.3))
        return track

    def _bass(self) -> Sound:
        table = wave(self.dice, 8, 1.6)
        pattern = self._rhythm(3, 8)
        fifth = self.dice.random(len(pattern)) < 0.2
        track = self._silence()
        for bar in range(self.grid.bars):
            for place, leap in zip(pattern, fifth, strict=True):
                degree = self._degree(bar)
                note = self._note(degree + (4 if leap else 0), 36 if degree < 4 else 24)
                self._add(track, tone(table, note, self.grid.step * 1.8, 9.0), bar, place, 0.55)
        return track

    def _chords(self) -> Sound:
        table = wave(self.dice, 12, self.dice.uniform(0.8, 1.8))
        pad = self.dice.random() < 0.4
        pattern = (0,) if pad else self._rhythm(2, 6)
        length, decay = (self.grid.step * STEPS, 0.8) if pad else (self.grid.step * 3, 7.0)
        shapes = [self.dice.permutation((0, 2, 4))[: self.dice.integers(2, 4)] for _ in range(4)]
        rests = self._rests()
        track = self._silence()
        for bar in range(self.grid.bars):
            if bar in rests:
                continue
            raised = self.dice.random(3) < 0.5
            notes = [
                self._note(self._degree(bar) + int(step), 60 if up else 48)
                for step, up in zip(shapes[bar % 4], raised, strict=False)
            ]
            stab = sum((tone(table, note, length, decay) for note in notes), np.zeros(1, np.float32))
            for place in pattern:
                self._add(track, stab, bar, place, 0.22)
        return track

    def _lead(self) -> Sound:
        table = wave(self.dice, 10, self.dice.uniform(0.6, 2.0))
        floor = int(self.dice.choice((60, 72)))
        length = float(self.dice.uniform(1.5, 4.5))
        rests = self._rests()
        track = self._silence()
        degree = int(self.dice.choice((0, 2, 4)))
        for bar in range(self.grid.bars):
            if bar in rests:
                continue
            for place in self._rhythm(3, 9):
                degree = self._next_degree(degree)
                self._add(track, tone(table, self._note(degree, floor), self.grid.step * length, 5.0), bar, place, 0.3)
        return track

    def _hiss(self) -> Sound:
        """A bed of noise: a second of it, repeated."""
        second = self.dice.standard_normal(RATE, dtype=np.float32) * np.float32(self.dice.uniform(0.001, 0.006))
        return np.resize(second, self.grid.samples)

    # Composition

    def _degree(self, bar: int) -> int:
        return int(self.progression[bar % len(self.progression)])

    def _next_degree(self, degree: int) -> int:
        if self.dice.random() < 0.35:  # back to the tonic's chord: wandering would blur the key
            return int(self.dice.choice((0, 0, 2, 4, 7)))
        return int(np.clip(degree + self.dice.integers(-3, 4), -3, 9))

    def _rhythm(self, fewest: int, most: int) -> tuple[int, ...]:
        count = int(self.dice.integers(fewest, most))
        return tuple(sorted(int(place) for place in self.dice.choice(STEPS, count, replace=False)))

    def _rests(self) -> frozenset[int]:
        """Bars in which a voice is silent: never more than a third."""
        bars = self.grid.bars
        return frozenset(int(bar) for bar in self.dice.choice(bars, int(self.dice.integers(0, bars // 3 + 1)), replace=False))

    def _note(self, degree: int, floor: int) -> int:
        octave, step = divmod(degree, 7)
        return floor + self.tonic + 12 * octave + SCALES[self.mode][step]

    # Samples

    def _silence(self) -> Sound:
        return np.zeros(self.grid.samples, np.float32)

    def _add(self, track: Sound, sound: Sound, bar: int, place: int, gain: float) -> None:
        start = self.grid.at(bar, place)
        room = track[start : start + len(sound)]
        room += sound[: len(room)] * np.float32(gain)


def wave(dice: Dice, harmonics: int, slope: float) -> Sound:
    """One period of a tone colour: `harmonics` partials of random strength, falling with `slope`."""
    spectrum = np.zeros(TABLE // 2 + 1, np.complex64)
    order = np.arange(1, harmonics + 1)
    spectrum[1 : harmonics + 1] = dice.uniform(0.2, 1.0, harmonics) / order**slope * np.exp(2j * np.pi * dice.random(harmonics))
    spectrum[1] = 1.0
    period = np.fft.irfft(spectrum).astype(np.float32)
    loudest: np.float32 = np.abs(period).max()
    return np.divide(period, loudest, dtype=np.float32)


def tone(table: Sound, note: int, length: float, decay: float) -> Sound:
    """A note (MIDI number) of `length` samples, fading by e every 1/`decay` seconds."""
    samples = int(length)
    frequency = 440.0 * 2 ** ((note - 69) / 12)
    phase = (np.arange(samples, dtype=np.float32) * np.float32(frequency * TABLE / RATE)).astype(np.int32)
    return _faded(table[phase & (TABLE - 1)], decay)


def _faded(sound: npt.NDArray[np.floating], decay: float) -> Sound:
    faded: Sound = np.multiply(sound, _envelope(len(sound), decay), dtype=np.float32)
    return faded


@lru_cache(maxsize=64)
def _envelope(samples: int, decay: float) -> Sound:
    fall: Sound = np.exp(np.arange(samples, dtype=np.float32) * np.float32(-decay / RATE))
    edge = min(samples // 4, 220)
    fall[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    fall[samples - edge :] *= np.linspace(1, 0, edge, dtype=np.float32)
    return fall


def _kick(dice: Dice) -> Sound:
    samples = int(0.22 * RATE)
    time = np.arange(samples, dtype=np.float32) / RATE
    drop = dice.uniform(25, 45)
    swing = 2 * np.pi * (dice.uniform(42, 55) * time + dice.uniform(80, 220) / drop * (1 - np.exp(-drop * time)))
    return _faded(np.sin(swing), float(dice.uniform(10, 18)))


def _snare(dice: Dice) -> Sound:
    samples = int(0.16 * RATE)
    body = np.sin(np.arange(samples, dtype=np.float32) * np.float32(2 * np.pi * dice.uniform(160, 240) / RATE)) * 0.4
    rattle = dice.standard_normal(samples, dtype=np.float32) * 0.4
    return _faded(body + rattle, float(dice.uniform(18, 35)))


def _hat(dice: Dice) -> Sound:
    samples = int(0.06 * RATE)
    return _faded(np.diff(dice.standard_normal(samples + 1, dtype=np.float32)), float(dice.uniform(50, 120)))
