"""Which of two files of one recording is the better source: lossless before lossy, then bits, then the width of the band."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crateline.audio import ffmpeg, length
from crateline.errors import MediaError

LOSSLESS = ("flac", "alac", "pcm_", "wavpack", "ape", "tta", "dsd_")
WORTH = {"opus": 1.6, "aac": 1.3, "vorbis": 1.3, "mp3": 1.0}
"""What a codec's bit is worth in bits of MP3, by published listening tests at 96 to 128 kbit/s. Others count as MP3."""
MORE = 1.15
"""So many times the bits make a source better; less is within what one encoder's setting does."""
WIDER_HZ = 1500.0
"""So much wider a band was cut off less (an MP3 of 128 kbit/s ends at 16 kHz, of 320 at 20 kHz)."""

_RATE = 44_100
_LISTEN_S = 30.0
_TIME_LIMIT = 60.0
_FRAME = 4096
_AUDIBLE_DB = -70.0  # below the strongest bin, in the mean of half a minute; quantisation noise of 16 bits lies lower
_STREAM = re.compile(r"Audio: (\w+)[^\n]*?(?:, (\d+) kb/s)?(?: \(default\))?(?:\n|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file as it was encoded. kbps: kbit per second of sound; band_hz: where its spectrum ends."""

    codec: str
    kbps: float
    band_hz: float

    @property
    def lossless(self) -> bool:
        """Whether the codec gives back what was put in (which may have been lossy before)."""
        return self.codec.startswith(LOSSLESS)

    @property
    def worth(self) -> float:
        """Its bit rate as that of an MP3."""
        return self.kbps * WORTH.get(self.codec, 1.0)


def better(new: Source, old: Source) -> bool:
    """Whether `new` should take the place of `old`. A lossless file with a clearly narrower band was made of a lossy one."""
    wider = new.band_hz - old.band_hz
    true_new, true_old = new.lossless and wider > -WIDER_HZ, old.lossless and wider < WIDER_HZ
    if true_new != true_old:
        return true_new
    if not true_new and not new.lossless and not old.lossless and not 1 / MORE < new.worth / max(old.worth, 1.0) < MORE:
        return new.worth > old.worth
    return wider >= WIDER_HZ


def probe(path: Path) -> Source:
    """Look at a file's codec and bit rate, and at the spectrum of its middle. Raises MediaError if it is no recording."""
    seconds = length.decoded_seconds(path)
    start = max(0.0, (seconds - _LISTEN_S) / 2)
    samples = bytearray()
    heard = ["-map", "0:a:0", "-vn", "-ac", "1", "-ar", str(_RATE), "-f", "f32le", "pipe:1"]
    messages = ffmpeg.run(
        ["-ss", f"{start:.2f}", "-t", f"{_LISTEN_S:g}", *ffmpeg.recording(path), *heard],
        subject=path,
        time_limit=_TIME_LIMIT,
        sink=samples.extend,
    )
    found = _STREAM.search(messages)
    if found is None:
        raise MediaError("There is no sound in this file", str(path))
    kbps = float(found[2] or 0) or path.stat().st_size * 8 / 1000 / max(seconds, 0.1)
    return Source(codec=found[1], kbps=kbps, band_hz=band(np.frombuffer(bytes(samples), "<f4")))


def band(samples: "np.typing.NDArray[np.float32]") -> float:
    """Where the mean spectrum of mono samples at 44.1 kHz ends, in Hz; 0 for silence."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    if not len(frames):
        return 0.0
    power = (np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1)) ** 2).mean(axis=0)
    if power.max() <= 0:
        return 0.0
    audible = np.flatnonzero(10 * np.log10(power / power.max() + 1e-30) > _AUDIBLE_DB)
    return float(audible[-1] * _RATE / _FRAME)
