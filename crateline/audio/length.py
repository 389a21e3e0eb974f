"""How much sound a file really holds, whatever its container says."""

from collections.abc import Callable
from pathlib import Path

from crateline.audio import ffmpeg

RATE = 8_000
MIDDLE = 128  # of unsigned bytes: no sound
LEAST_SWING = 2  # of 128: -36 dBFS; under that is nothing that anybody has uploaded for its music
TIME_LIMIT_S = 300.0


def decoded_seconds(path: Path) -> float:
    """Decode the first sound stream of `path` and measure it, in seconds.

    Raises MediaError if it is not sound or cannot be decoded to its end.
    """
    count = 0

    def measure(chunk: bytes) -> None:
        nonlocal count
        count += len(chunk)

    _decode(path, measure)
    return count / RATE


def is_silent(path: Path) -> bool:
    """Decode the first sound stream of `path` and tell whether it stays under -36 dBFS from beginning to end.

    Raises MediaError as `decoded_seconds` does.
    """
    lowest, highest = MIDDLE, MIDDLE

    def measure(chunk: bytes) -> None:
        nonlocal lowest, highest
        if chunk:
            lowest, highest = min(lowest, *set(chunk)), max(highest, *set(chunk))

    _decode(path, measure)
    return max(highest - MIDDLE, MIDDLE - lowest) < LEAST_SWING


def _decode(path: Path, sink: Callable[[bytes], None]) -> None:
    mono = ["-map", "0:a:0", "-vn", "-ac", "1", "-ar", str(RATE), "-c:a", "pcm_u8", "-f", "u8", "pipe:1"]
    ffmpeg.run([*ffmpeg.recording(path), *mono], subject=path, time_limit=TIME_LIMIT_S, sink=sink)
