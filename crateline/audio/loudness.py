"""Loudness by EBU R 128, as ffmpeg's ebur128 filter reports it, and the gains that follow from it."""

import math
import re
from dataclasses import dataclass

from crateline.errors import MediaError

FILTER = "ebur128=peak=true:dualmono=true:framelog=verbose"
# dualmono: a mono file is played by two speakers, and must not count as 3 LU quieter than its stereo twin.
# framelog=verbose hides the line per frame; framelog=quiet does not exist in ffmpeg 5.1.

REPLAYGAIN_REFERENCE = -18.0  # LUFS, ReplayGain 2.0
CEILING = -1.0  # dBTP, EBU R 128 s1: room for what a lossy encoder adds
_GATE = -70.0  # LUFS: the absolute gate of ITU-R BS.1770; what never rises above it has no loudness
_NUMBER = r"(-?(?:\d+(?:\.\d+)?|inf|nan))"
_SUMMARY = re.compile(rf"Summary:.*?\bI:\s+{_NUMBER} LUFS.*?\bLRA:\s+{_NUMBER} LU\b.*?\bPeak:\s+{_NUMBER} dBFS", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS, loudness range in LU, true peak in dBTP; None where silence has none. Steps of 0.1."""

    lufs: float | None
    lra: float | None
    true_peak: float | None


def parse(messages: str) -> Loudness:
    """Read the summary that the filter writes at the end. Raises MediaError if there is none.

    The last one counts: ffmpeg up to 5 builds its filters twice for some files, and the first ones have heard nothing.
    """
    found = _SUMMARY.findall(messages)
    if not found:
        raise MediaError("ffmpeg did not report a loudness")
    lufs, lra, peak = map(float, found[-1])
    silent = not lufs > _GATE
    return Loudness(
        lufs=None if silent else lufs,
        lra=None if silent else lra,
        true_peak=peak if math.isfinite(peak) else None,
    )


def replaygain(lufs: float) -> float:
    """Give the ReplayGain 2.0 track gain in dB."""
    return REPLAYGAIN_REFERENCE - lufs


def to_amplitude(true_peak: float) -> float:
    """Turn dBTP into the linear peak that ReplayGain tags hold (1.0 is full scale)."""
    return float(10 ** (true_peak / 20))


def to_decibel(amplitude: float) -> float:
    """Turn a linear peak above 0 into dBTP."""
    return 20 * math.log10(amplitude)


def constant_gain(loudness: Loudness, *, target: float) -> float:
    """Give the gain in dB that brings a recording to `target` LUFS, or as near as its true peak allows without a limiter.

    gain = min(target - I, ceiling - TP), the ceiling being -1 dBTP; 0 for silence.
    """
    if loudness.lufs is None or loudness.true_peak is None:
        return 0.0
    return min(target - loudness.lufs, CEILING - loudness.true_peak)
