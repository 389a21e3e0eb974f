"""Real audio files of imaginary recordings, rendered and encoded when first asked for, and kept."""

import asyncio
import itertools
import os
import shutil
import subprocess
import threading
import uuid
from collections import defaultdict
from pathlib import Path

import imageio_ffmpeg

from crateline.sandbox import synthesis
from crateline.sandbox.catalogue import Recording

# How each form is encoded, and its extension. "fast" and level 9 halve the cost; nobody listens to these.
ENCODINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "mp3": ("mp3", ("-c:a", "libmp3lame", "-compression_level", "9", "-b:a", "128k")),
    "m4a": ("m4a", ("-c:a", "aac", "-aac_coder", "fast", "-b:a", "160k", "-movflags", "+faststart")),
    "opus": ("opus", ("-c:a", "libopus", "-compression_level", "0", "-b:a", "64k")),
    "webm": ("webm", ("-c:a", "libopus", "-compression_level", "0", "-b:a", "128k", "-f", "webm")),
    "hls-aac": (
        "mp4",
        (
            *("-c:a", "aac", "-aac_coder", "fast", "-b:a", "160k"),
            *("-movflags", "+empty_moov+default_base_moof+frag_keyframe", "-frag_duration", "5000000", "-f", "mp4"),
        ),
    ),
}
SAME_FILE = {"hls-mp3": "mp3"}  # an HLS stream of MP3 is the MP3 file, cut
BEFORE_A_FRAGMENT = (b"moof",)


class Music:
    """The files in `folder`. Safe for many threads and processes; at most two renderings run at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._hands = threading.BoundedSemaphore(2)

    def media(self, recording: Recording, form: str) -> Path:
        """The file of a recording in a form: a key of ENCODINGS, "hls-mp3", or "preview" (an MP3 of the excerpt).

        Blocks while it is rendered. Raises KeyError for an unknown form, CalledProcessError when ffmpeg fails.
        """
        seconds = recording.excerpt if form == "preview" else recording.duration
        kind = "mp3" if form == "preview" else SAME_FILE.get(form, form)
        extension, encoding = ENCODINGS[kind]
        sound = f"{recording.seed:08x}-{recording.bpm:g}-{recording.key.replace('#', 's')}-{seconds:g}"
        path = self.folder / f"{sound}-{kind}.{extension}"
        with self._locks[path.name]:
            if not path.exists():
                with self._hands:
                    self._render(recording, seconds, encoding, path)
        return path

    async def ready(self, recording: Recording, form: str) -> Path:
        """As `media`, without stopping an event loop."""
        return await asyncio.to_thread(self.media, recording, form)

    def _render(self, recording: Recording, seconds: float, encoding: tuple[str, ...], path: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{uuid.uuid4().hex}{path.suffix}")
        source = ("-f", "s16le", "-ar", str(synthesis.RATE), "-ac", "2", "-i", "pipe:0")
        always = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "1", "-y")
        command = [ffmpeg(), "-v", "error", *source, *encoding, *always, str(part)]
        try:
            subprocess.run(command, input=synthesis.render(recording, seconds).tobytes(), check=True, capture_output=True)
            os.replace(part, path)  # noqa: PTH105 - atomic, also when another process was as quick
        finally:
            part.unlink(missing_ok=True)


def ffmpeg() -> str:
    """The ffmpeg on PATH, else the one that imageio-ffmpeg carries."""
    return shutil.which("ffmpeg") or str(imageio_ffmpeg.get_ffmpeg_exe())


def segments(path: Path, seconds: float, *, target: float = 10.0) -> tuple[tuple[int, int], ...]:
    """Cut a file into the byte ranges [start, end) of an HLS stream; joined they are the file.

    A fragmented MP4 is cut before each fragment, so that the first range is its initialisation; anything else into
    equal parts of about `target` seconds.
    """
    size = path.stat().st_size
    if path.suffix == ".mp4":
        cuts = [0, *_fragments(path.read_bytes()), size]
    else:
        count = max(1, round(seconds / target))
        cuts = [size * part // count for part in range(count + 1)]
    return tuple((start, end) for start, end in itertools.pairwise(cuts) if end > start)


def _fragments(data: bytes) -> list[int]:
    """Where the top-level `moof` boxes of a fragmented MP4 begin."""
    starts, place = [], 0
    while place + 8 <= len(data):
        length, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if kind in BEFORE_A_FRAGMENT:
            starts.append(place)
        place += max(length, 8)
    return starts
