"""One pass of ffmpeg over a file: its mono samples, its length, its loudness, and the hash of its sound."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import mutagen
import mutagen.mp3
import mutagen.wave
import numpy as np
import numpy.typing as npt

from crateline.audio import ffmpeg, loudness, structure
from crateline.errors import MediaError

RATE = 44_100
HEARD_SECONDS = 20 * 60
"""Longer recordings (mixes) are measured whole, but only this much of them is kept for tempo and key: 212 MB."""

_TIME_LIMIT = 600.0
_SAMPLE_BYTES = 4
_SLACK_SECONDS = 1.5  # encoder delay and padding
_SLACK_SHARE = 0.005
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_GUESSED = "Estimating duration from bitrate"
_ABSURD = 1000.0  # +60 dBFS: squares of what is far beyond overflow, and essentia never comes back from that
_OPEN_END = 0x7FFFE000  # bytes: programs that write a WAV into a pipe say 2 or 4 GiB, less a few, for a length not known yet

# Mono as (L + R) / 2 in floating point, which is what Chromaprint's own tools hear; ffmpeg's -ac 1 is √2 louder and clips.
# More channels are first mixed to stereo, as they are in the files that are made.
# A mono source has one channel of the two, hence the factor 3 - channels.
_MONO = "volume=3-nb_channels:precision=float,pan=mono|c0=0.5*c0+0.5*c1"
_STEREO = "aresample=rematrix_maxval=1,aformat=channel_layouts=stereo|mono"  # no louder than the fullest channel, in floats too
_GRAPH = f"[0:a:0]{_STEREO},asplit=2[whole][mix];[whole]{loudness.FILTER}[measured];[mix]{_MONO}[mono]"

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """What one pass learnt. `samples`: mono float32 at 44.1 kHz, the first 20 minutes at most; `count`: of the whole.

    `powers`: of the whole, for each 0.1 s (see `structure`).
    `digest` names the sound and not the file: blake2b of all mono samples, so that new tags do not change it.
    """

    samples: Samples
    count: int
    powers: structure.Powers
    digest: str
    loudness: loudness.Loudness

    @property
    def duration(self) -> float:
        """Seconds of sound that came out of the decoder."""
        return self.count / RATE


def decode(path: Path, *, time_limit: float = _TIME_LIMIT) -> Decoded:
    """Decode the first sound stream of `path`.

    Raises MediaError if there is none, if it ends early (less than its container declares), or if a sample is
    no number, or of an absurd size.
    """
    if not path.is_file():
        raise MediaError("There is no such file", str(path))
    tape = _Tape(path)
    arguments = ["-filter_complex", _GRAPH, "-map", "[measured]", "-f", "null", "-"]
    arguments += ["-map", "[mono]", "-ar", str(RATE), "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"]
    messages = ffmpeg.run([*ffmpeg.recording(path), *arguments], subject=path, time_limit=time_limit, sink=tape.write)
    if not tape.count:
        raise MediaError("No sound could be decoded", str(path))
    check_length(path, tape.count / RATE, messages)
    return Decoded(
        samples=tape.samples(),
        count=tape.count,
        powers=tape.meter.powers(),
        digest=tape.digest(),
        loudness=loudness.parse(messages),
    )


class _Tape:
    """Takes the raw samples as they come: keeps the first part; counts, hashes and meters all; refuses what no sound is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = bytearray()
        self._rest = b""
        self._hash = hashlib.blake2b(digest_size=16)
        self.meter = structure.Meter()
        self.count = 0

    def write(self, chunk: bytes) -> None:
        chunk = self._rest + chunk
        whole = len(chunk) - len(chunk) % _SAMPLE_BYTES
        chunk, self._rest = chunk[:whole], chunk[whole:]
        # One such sample makes essentia loop for ever while it holds the interpreter's lock.
        samples = np.frombuffer(chunk, "<f4")
        if not np.isfinite(samples).all():
            raise MediaError("The sound holds samples that are not numbers", str(self._path))
        if len(samples) and max(samples.max(), -samples.min()) > _ABSURD:
            raise MediaError(
                "The sound is a thousand times beyond full scale: it is damaged, or of another scale", str(self._path)
            )
        self._hash.update(chunk)
        self.meter.write(samples)
        self._kept += chunk[: max(0, HEARD_SECONDS * RATE * _SAMPLE_BYTES - len(self._kept))]
        self.count += whole // _SAMPLE_BYTES

    def samples(self) -> Samples:
        return np.frombuffer(self._kept, "<f4")

    def digest(self) -> str:
        return self._hash.hexdigest()


def check_length(path: Path, decoded: float, messages: str) -> None:
    """Compare the seconds that came out of a file with what its container, or else ffmpeg's `messages`, declares.

    ffmpeg decodes a truncated file without complaint. Raises MediaError if more than 1.5 s + 0.5 % is missing.
    """
    declared = declared_duration(path)
    if declared is None:
        declared = _duration_by_ffmpeg(messages)
    if declared is not None and decoded < declared * (1 - _SLACK_SHARE) - _SLACK_SECONDS:
        raise MediaError(f"The file ends early: {decoded:.1f} s of {declared:.1f} s could be decoded", str(path))


def declared_duration(path: Path) -> float | None:
    """Read the seconds that the container promises; None if it makes no promise (or only an estimate)."""
    try:
        file = mutagen.File(path)
    except mutagen.MutagenError:
        return None
    info = getattr(file, "info", None)
    if isinstance(info, mutagen.mp3.MPEGInfo) and info.bitrate_mode == mutagen.mp3.BitrateMode.UNKNOWN:
        return None  # no Xing header: the length is the file's size over the first frame's bit rate
    if isinstance(info, mutagen.wave.WaveStreamInfo) and round(info.length * info.bitrate / 8) % (1 << 31) >= _OPEN_END:
        return None
    length = float(getattr(info, "length", 0.0))
    return length or None


def _duration_by_ffmpeg(messages: str) -> float | None:
    found = _DURATION.search(messages)
    if found is None or _GUESSED in messages:
        return None
    hours, minutes, seconds = map(float, found.groups())
    return hours * 3600 + minutes * 60 + seconds
