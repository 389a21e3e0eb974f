"""Where the recordings of the imaginary world are made."""

import random
from dataclasses import replace

from crateline.sandbox import words
from crateline.sandbox.catalogue import Recording

KEYS = tuple(note + mode for mode in ("", "m") for note in ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"))
TEMPI = ((118, 132), (118, 132), (120, 128), (138, 146), (168, 176), (92, 104))


class Studio:
    """All recordings, one after the other, by chance. `seconds` are the shortest and the longest."""

    def __init__(self, chance: random.Random, *, seconds: tuple[float, float]) -> None:
        self.random = chance
        self.seconds = seconds
        self.titles = self._shuffled([f"{a} {n}" for a in words.ADJECTIVES for n in words.NOUNS])
        self.names = self._shuffled([f"{a} {n}" for a in words.FIRST for n in words.LAST])
        self.recordings: list[Recording] = []

    def record(self, *, version: str = "", newcomer: bool = False) -> Recording:
        """A new recording with a title nobody else has; a `newcomer` is by an artist who has not many others."""
        artist = self.names[-len(self.recordings) % len(self.names)] if newcomer else self._artist()
        number = len(self.recordings) + 1
        low, high = self.random.choice(TEMPI)
        made = Recording(
            id=number,
            title=self.titles[(number - 1) % len(self.titles)] + ("" if number <= len(self.titles) else f" {number}"),
            artist=artist,
            version=version,
            duration=round(self.random.uniform(*self.seconds), 1),
            bpm=self.random.randrange(low * 2, high * 2) / 2,
            key=self.random.choice(KEYS),
            seed=self.random.getrandbits(32),
            isrc=f"QZCRL26{number:05d}",
        )
        self.recordings.append(made)
        return made

    def other_version(self, recording: Recording, version: str, longer: float) -> Recording:
        """The same song played differently: another sound, `longer` by some seconds."""
        number = len(self.recordings) + 1
        changed = replace(
            recording,
            id=number,
            version=version,
            duration=round(recording.duration + longer, 1),
            seed=self.random.getrandbits(32),
            isrc=f"QZCRL26{number:05d}",
        )
        self.recordings.append(changed)
        return changed

    def _artist(self) -> str:
        if len(self.recordings) % 5 == 4:  # some artists have more than one track
            return self.recordings[-1].artist
        return self.names[len(self.recordings) % len(self.names)]

    def _shuffled(self, items: list[str]) -> list[str]:
        self.random.shuffle(items)
        return items
