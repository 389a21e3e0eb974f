"""Everything that is learnt by listening to one file."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from crateline.audio import decode, drive, structure, tempo
from crateline.audio.tonality import Tonality

RECIPE = 2
"""Raised whenever the same file would be given other values."""

_BLOB = "fingerprint"


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """What a recording sounds like; None where it cannot be known (silence, a second or two of sound).

    bpm: beats per minute, 0.01, folded into the range that was asked for. bpm_confidence: how far its peak stands out (see
    `tempo.CERTAIN`). tempo_steady: whether the tempo stays the same (see `tempo.steady`). key: one of the 24 names, with its
    codes camelot and open_key. key_confidence: 0 to 1, about how often such a key is right. key_runner_up: the key it may be
    taken for, and its strength as a share of the winner's. lufs: integrated, LUFS. lra: LU. true_peak: dBTP. energy_raw: 0 to
    1 (see `drive`; `energy` makes levels of it). duration: decoded seconds, 0.1. heard: the seconds, from the start, that key,
    onsets and energy are taken from; the tempo is measured in their middle. intro, outro, body: seconds before, after and of
    the part at full level (see `structure`). fingerprint: raw Chromaprint (see `fingerprint`); chromaprint: the same as fpcalc
    writes it. audio_hash: names the sound, whatever the tags. analyser: what computed it.
    """

    bpm: float | None
    bpm_confidence: float
    key: str | None
    key_confidence: float
    camelot: str | None
    lufs: float | None
    lra: float | None
    true_peak: float | None
    duration: float
    fingerprint: bytes
    audio_hash: str
    analyser: str
    tempo_steady: bool | None = None
    open_key: str | None = None
    key_runner_up: str | None = None
    key_runner_up_strength: float = 0.0
    energy_raw: float | None = None
    heard: float = 0.0
    intro: float = 0.0
    outro: float = 0.0
    body: float = 0.0
    chromaprint: str = ""

    @property
    def silent(self) -> bool:
        """True if nothing ever rises above -70 LUFS (or there is less than 0.4 s)."""
        return self.lufs is None

    @property
    def bpm_certain(self) -> bool:
        """True if the tempo needs no second look."""
        return self.bpm is not None and self.bpm_confidence >= tempo.CERTAIN

    def to_json(self) -> dict[str, Any]:
        """Give plain values for JSON; the fingerprint as hexadecimal digits."""
        return {**dataclasses.asdict(self), _BLOB: self.fingerprint.hex()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Undo `to_json`. Raises ValueError if the values are of another recipe's shape."""
        try:
            return cls(**{**values, _BLOB: bytes.fromhex(values[_BLOB])})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"This is not an analysis by recipe {RECIPE}: {error}") from None

    @classmethod
    def kept(cls, note: dict[str, Any] | None) -> Self | None:
        """Read what was kept once; None if nothing was, or if it has another shape: then it is listened to again."""
        try:
            return None if note is None else cls.from_json(note)
        except ValueError:
            return None


def analyse(path: Path, *, bpm_lowest: float = 90.0) -> Analysis:
    """Listen to the first sound stream of `path`, in this process. Workers use `analyser.Analyser`, which survives a crash.

    Tempi are given in [bpm_lowest, 2 * bpm_lowest). Raises MediaError with a sentence if the file is not a whole recording.
    """
    return listen(decode.decode(path), bpm_lowest=bpm_lowest)


def listen(sound: decode.Decoded, *, bpm_lowest: float) -> Analysis:
    """Do the second half of `analyse`: everything after ffmpeg has ended."""
    from crateline.audio import ear  # noqa: PLC0415 - loads essentia: only the process that listens pays for it

    heard = ear.listen(sound.samples, silent=sound.loudness.lufs is None, bpm_lowest=bpm_lowest)
    body = structure.body(sound.powers)
    return Analysis(
        bpm=heard.tempo.bpm if heard.tempo else None,
        bpm_confidence=heard.tempo.confidence if heard.tempo else 0.0,
        tempo_steady=heard.steady,
        **_key(heard.tonality),
        lufs=sound.loudness.lufs,
        lra=sound.loudness.lra,
        true_peak=sound.loudness.true_peak,
        energy_raw=drive.of(heard.onsets, sound.powers, sound.loudness),
        duration=round(sound.duration, 1),
        heard=round(len(sound.samples) / decode.RATE, 1),
        intro=round(body.intro, 1),
        outro=round(body.outro, 1),
        body=round(max(0.0, sound.duration - body.intro - body.outro), 1),
        fingerprint=heard.fingerprint,
        chromaprint=heard.chromaprint,
        audio_hash=sound.digest,
        analyser=f"crateline {RECIPE}, {ear.VERSION}",
    )


def _key(heard: Tonality | None) -> dict[str, Any]:
    """The key as the fields of an analysis."""
    if heard is None:
        return {"key": None, "key_confidence": 0.0, "camelot": None}
    return {
        "key": heard.key.value,
        "key_confidence": heard.confidence,
        "camelot": heard.key.camelot,
        "open_key": heard.key.open_key,
        "key_runner_up": heard.runner_up.value,
        "key_runner_up_strength": heard.runner_up_strength,
    }
