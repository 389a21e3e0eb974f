"""The 24 musical keys, by the names that djay shows, and the wheel on which DJs mix them."""

import re
import unicodedata
from enum import StrEnum

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"#": 1, "b": -1, "": 0}
_SIGNS = str.maketrans({"♯": "#", "♭": "b"})
_NAME = re.compile(r"([A-Ga-g])([#b]?)\s*(m|min|minor|maj|major|dur|moll)?", re.ASCII)
_CAMELOT = re.compile(r"0?([1-9]|1[0-2])([ABab])", re.ASCII)
_OPEN_KEY = re.compile(r"0?([1-9]|1[0-2])([dmDM])", re.ASCII)
_MINOR_WORDS = ("m", "min", "minor", "moll")
_C_ON_CAMELOT = 8
_WHEEL = 12
_FIFTH = 7  # semitones; one step on the wheel, and its own inverse modulo 12
_MINOR_THIRD_DOWN = 9  # semitones from a major's tonic to that of its relative minor


class Key(StrEnum):
    """A key. The value is its name in djay, in Notion and in our tags; members stand in djay's order (index 0…23)."""

    C = "C"
    A_MINOR = "Am"
    D_FLAT = "Db"
    B_FLAT_MINOR = "Bbm"
    D = "D"
    B_MINOR = "Bm"
    E_FLAT = "Eb"
    C_MINOR = "Cm"
    E = "E"
    C_SHARP_MINOR = "C#m"
    F = "F"
    D_MINOR = "Dm"
    F_SHARP = "F#"
    E_FLAT_MINOR = "Ebm"
    G = "G"
    E_MINOR = "Em"
    A_FLAT = "Ab"
    F_MINOR = "Fm"
    A = "A"
    F_SHARP_MINOR = "F#m"
    B_FLAT = "Bb"
    G_MINOR = "Gm"
    B = "B"
    A_FLAT_MINOR = "Abm"

    @property
    def djay_index(self) -> int:
        """Djay's number: even for a major key (twice its pitch class, C = 0), the next odd one for its relative minor."""
        return _ORDER.index(self)

    @property
    def is_minor(self) -> bool:
        """True for a minor key."""
        return self.djay_index % 2 == 1

    @property
    def pitch_class(self) -> int:
        """Semitones of the tonic above C, 0…11."""
        major = self.djay_index // 2
        return (major + _MINOR_THIRD_DOWN) % _WHEEL if self.is_minor else major

    @property
    def camelot(self) -> str:
        """The Camelot code: "8B" for C, "8A" for Am, one step clockwise per fifth."""
        number = (self.djay_index // 2 * _FIFTH + _C_ON_CAMELOT - 1) % _WHEEL + 1
        return f"{number}{'A' if self.is_minor else 'B'}"

    @property
    def open_key(self) -> str:
        """The Open Key code: "1d" for C, "1m" for Am, one step per fifth."""
        return f"{self.djay_index // 2 * _FIFTH % _WHEEL + 1}{'m' if self.is_minor else 'd'}"

    @property
    def relative(self) -> "Key":
        """The key with the same notes: Am for C, and C for Am."""
        return _ORDER[self.djay_index ^ 1]


_ORDER = tuple(Key)


def at(index: int) -> Key:
    """Give the key with djay's number `index`. Raises ValueError outside 0…23."""
    if not 0 <= index < len(_ORDER):
        raise ValueError(f"A key's index lies between 0 and {len(_ORDER) - 1}, not {index}")
    return _ORDER[index]


def on_wheel(step: int, *, minor: bool) -> Key:
    """Give the key `step` fifths clockwise of C (or of Am)."""
    return _ORDER[step * _FIFTH % _WHEEL * 2 + minor]


def of_pitch(pitch_class: int, *, minor: bool) -> Key:
    """Give the key on a tonic, in semitones above C (any integer)."""
    major = pitch_class - _MINOR_THIRD_DOWN if minor else pitch_class
    return _ORDER[major % _WHEEL * 2 + minor]


def parse(text: str) -> Key | None:
    """Read a key in any common notation; None if it is not one.

    Understood: our names and their enharmonics ("A#m" is Bbm), "A minor", "Ebmaj", "F♯", Camelot ("8A", "08A"), Open Key ("1m").
    A small "m" after a letter is minor, as every DJ program writes it.
    """
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()
    if wheel := _CAMELOT.fullmatch(text):
        return on_wheel(int(wheel[1]) - _C_ON_CAMELOT, minor=wheel[2] in "Aa")
    if wheel := _OPEN_KEY.fullmatch(text):
        return on_wheel(int(wheel[1]) - 1, minor=wheel[2] in "mM")
    name = _NAME.fullmatch(text) or _NAME.fullmatch(text[:2] + text[2:].lower())
    if name is None:
        return None
    letter, accidental, mode = name.groups()
    return of_pitch(_LETTERS[letter.upper()] + _ACCIDENTALS[accidental], minor=mode in _MINOR_WORDS)


def from_scale(tonic: str, scale: str) -> Key | None:
    """Read a tonic ("A", "Bb", "C#") and a scale ("major" or "minor"), the two words in which essentia answers."""
    if scale not in {"major", "minor"}:
        return None
    return parse(f"{tonic} {scale}")


def compatible(key: Key) -> frozenset[Key]:
    """Give the keys that mix with `key`: itself, one step either way on the wheel, and its relative."""
    step = int(key.camelot[:-1]) - _C_ON_CAMELOT
    neighbours = {on_wheel(step + by, minor=key.is_minor) for by in (-1, 0, 1)}
    return frozenset(neighbours | {key.relative})
