"""The only module that loads essentia: 0.9 s and 100 MB, it never lets go of the interpreter's lock, and it can crash.

Only the analyser's child process imports this. Samples are mono float32 at 44.1 kHz, and all finite (see `decode`): one NaN
and essentia never returns.
"""

from dataclasses import dataclass
from importlib import metadata

import essentia
import numpy as np
import numpy.typing as npt

from crateline.audio import fingerprint, onsets, tempo, tonality
from crateline.audio.onsets import Onsets
from crateline.audio.tonality import Tonality
from crateline.domain import keys
from crateline.domain.keys import Key

essentia.log.infoActive = False
essentia.log.warningActive = False

from essentia import standard  # noqa: E402 - it already talks while it is being imported

VERSION = f"essentia {metadata.version('essentia')}"
FINGERPRINT_SECONDS = 120
KEY_SECONDS = 300
"""What essentia hears of a recording for its key, from the middle: it copies what it is given."""

_SHORTEST = 3.0  # seconds: below, a tempo is a guess from a handful of beats and a key from a chord
_LOUDEST = 32767 / 32768  # full scale in 16 bits
_FAINT = 1e-4  # -80 dBFS: the middle of the file is a pause

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """Tempo, its steadiness and the key, None where there is nothing to tell them by; the onsets; the compressed fingerprint."""

    tempo: tempo.Tempo | None
    steady: bool | None
    tonality: Tonality | None
    onsets: Onsets
    chromaprint: str

    @property
    def fingerprint(self) -> bytes:
        """The fingerprint's raw numbers."""
        return fingerprint.decompress(self.chromaprint)


def listen(samples: Samples, *, silent: bool, bpm_lowest: float) -> Heard:
    """Estimate what can be estimated. Silence has neither tempo nor key, whatever essentia says (738 BPM, A minor)."""
    printed = chromaprint(samples)
    if silent or len(samples) < _SHORTEST * tempo.RATE:
        return Heard(tempo=None, steady=None, tonality=None, onsets=onsets.of(samples), chromaprint=printed)
    beats = onsets.of(samples)
    found = _tempo(tempo.middle(samples), beats, bpm_lowest)
    return Heard(
        tempo=found,
        steady=tempo.steady(beats.flux, found.bpm) if found else None,
        tonality=tonality.of(samples, said=said_keys(samples)),
        onsets=beats,
        chromaprint=printed,
    )


def _tempo(section: Samples, beats: Onsets, lowest: float) -> tempo.Tempo | None:
    if np.abs(section).max() < _FAINT or not tempo.beats(tempo.middle_of(beats.flux)):
        return None
    estimate = rough_tempo(section)
    return tempo.refine(tempo.middle_of(beats.flux), estimate, lowest=lowest) if estimate > 0 else None


def rough_tempo(section: Samples) -> float:
    """Estimate beats per minute to about 0.5 %, octave undecided (Percival and Tzanetakis 2014); 0 if there is no beat.

    A new estimator each time: a used one answers with the tempo of the track before.
    """
    return float(standard.PercivalBpmEstimator()(section))


def said_keys(samples: Samples) -> list[Key]:
    """Ask essentia for the key, by two of its profiles for electronic music; what it calls a key of silence does not count."""
    start = max(0, len(samples) - KEY_SECONDS * tempo.RATE) // 2
    section = samples[start : start + KEY_SECONDS * tempo.RATE]
    said = (standard.KeyExtractor(profileType=profile)(section) for profile in ("bgate", "braw"))
    found = (keys.from_scale(str(tonic), str(scale)) for tonic, scale, strength in said if strength > 0)
    return [key for key in found if key is not None]


def chromaprint(samples: Samples) -> str:
    """Compute Chromaprint of the first 120 s in its compressed form, as fpcalc writes it; empty if there is too little sound.

    What exceeds full scale (lossy files of loud music do) is cut off as players do it: in 16 bits it would change its sign.
    """
    heard = np.clip(samples[: FINGERPRINT_SECONDS * tempo.RATE], -_LOUDEST, _LOUDEST)
    return str(standard.Chromaprinter(maxLength=FINGERPRINT_SECONDS)(heard))
