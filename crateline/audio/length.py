"""How much sound a file really holds, whatever its container says."""

from pathlib import Path

from crateline.audio import ffmpeg

RATE = 8_000
TIME_LIMIT_S = 300.0


def decoded_seconds(path: Path) -> float:
    """Decode the first sound stream of `path` and measure it, in seconds.

    Raises MediaError if it is not sound or cannot be decoded to its end.
    """
    count = 0

    def measure(chunk: bytes) -> None:
        nonlocal count
        count += len(chunk)

    mono = ["-map", "0:a:0", "-vn", "-ac", "1", "-ar", str(RATE), "-c:a", "pcm_u8", "-f", "u8", "pipe:1"]
    ffmpeg.run([*ffmpeg.recording(path), *mono], subject=path, time_limit=TIME_LIMIT_S, sink=measure)
    return count / RATE
