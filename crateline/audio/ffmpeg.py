"""ffmpeg as a child process: found once, fed local files of sound alone, killed when it takes too long."""

import functools
import re
import shutil
import signal
import struct
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from crateline.domain import causes
from crateline.errors import ConfigurationError, MediaError, ServiceStopped, Unavailable

MACHINE = "machine"
"""The service to name when a process of ours was ended by somebody else: a person, or a machine short of memory."""

# Containers that hold one recording. Playlist-like formats (hls, concat, dash) are left out: they can name other files.
_RECORDINGS = "aac,ac3,aiff,ape,asf,au,avi,caf,dsf,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,mpegts,ogg,tta,w64,wav,wv"
_PICTURES = ((b"\xff\xd8\xff", "jpeg_pipe"), (b"\x89PNG", "png_pipe"), (b"RIFF", "webp_pipe"), (b"GIF8", "gif"))
_FORM = struct.Struct("<HHIIHHHHIH")  # WAVEFORMATEXTENSIBLE, up to the first word of its subformat
_24_IN_32 = (0xFFFE, 32, 24, 1)  # tag, bits of a word, those that count, whole numbers
_HEADER_BYTES = 4096
_LOCAL = ("-protocol_whitelist", "file")
_MESSAGES_KEPT = 400  # lines; a damaged file can complain millions of times
_READ_BYTES = 1 << 18
_ENDED_BY_OTHERS = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
_RECEIVED = "received signal"
_FAULT = re.compile(r"\[(?:error|fatal)\] (.+)")
_IN_PLAIN_WORDS = {
    "not on whitelist": "This is none of the formats that are read",
    "matches no streams": "There is no sound in this file",
    "does not contain any stream": "There is no sound in this file",
    "Rematrix is needed": "It has more channels than can be mixed to stereo",
    "Cannot select channel layout": "It has more channels than can be mixed to stereo",
    "Failed to set option": "It has more channels than can be mixed to stereo",
    "Cannot allocate memory": "ffmpeg needs more memory for this file than it can have (see ANALYSIS_MEMORY_MIB)",
    "moov atom not found": "The file is incomplete: its index is missing",
    "Invalid data found": "This is none of the formats that are read, or it is damaged",
}


@functools.cache
def executable() -> str:
    """Give the path of ffmpeg: the one on PATH, else the one that imageio-ffmpeg brings.

    Raises ConfigurationError if there is none.
    """
    if found := shutil.which("ffmpeg"):
        return found
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise ConfigurationError("ffmpeg was not found: install it, or reinstall imageio-ffmpeg") from None


def recording(path: Path) -> list[str]:
    """Arguments that open a sound file, whatever its name looks like, and nothing it may refer to."""
    return [*_LOCAL, *_decoder(path), "-format_whitelist", _RECORDINGS, "-i", f"file:{path}"]


def _decoder(path: Path) -> Sequence[str]:
    """Name the decoder for a WAV with 24 bits in words of 32: ffmpeg takes its whole numbers for Adobe's floating ones."""
    try:
        with path.open("rb") as file:
            start = file.read(_HEADER_BYTES)
    except OSError:
        return ()  # ffmpeg says why
    form = start.find(b"fmt ") + len(b"fmt ") + 4
    if start[:4] != b"RIFF" or len(start) < form + _FORM.size:
        return ()
    tag, *_, bits, _, valid, _, kind = _FORM.unpack_from(start, form)
    return ("-c:a", "pcm_s32le") if (tag, bits, valid, kind) == _24_IN_32 else ()


def picture(path: Path) -> list[str]:
    """Arguments that open one picture, known by its bytes: a name can be a pattern to ffmpeg. Raises MediaError."""
    with path.open("rb") as file:
        start = file.read(4)
    for signature, demuxer in _PICTURES:
        if start.startswith(signature):
            return [*_LOCAL, "-f", demuxer, "-i", f"file:{path}"]
    raise MediaError("This is no JPEG, PNG, WebP or GIF picture", str(path))


def output(path: Path) -> str:
    """Spell a target so that no file name can be an option or a protocol."""
    return f"file:{path}"


def run(arguments: Sequence[str], *, subject: Path, time_limit: float, sink: Callable[[bytes], None] | None = None) -> str:
    """Run ffmpeg to its end and give back its messages. `sink` takes what it writes to standard output, as it comes.

    `subject` is the file that an error is about; `time_limit` is in seconds.
    Raises MediaError if ffmpeg fails or is too slow, Unavailable("machine") if somebody ended it, ServiceStopped("disk")
    if the disk is full, and whatever `sink` raises; ffmpeg never outlives the call.
    """
    command = [executable(), "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info", *arguments]
    lines: deque[str] = deque(maxlen=_MESSAGES_KEPT)
    late = threading.Event()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(time_limit, stop)
        listener = threading.Thread(target=_listen, args=(process.stderr, lines), daemon=True)
        timer.start()
        listener.start()
        try:
            _pour(process.stdout, sink)
            process.wait()
        finally:
            timer.cancel()
            process.kill()
            listener.join()
    if late.is_set():
        raise MediaError(f"ffmpeg was stopped: it took longer than {time_limit:g} s", str(subject))
    messages = "\n".join(lines)
    if process.returncode in _ENDED_BY_OTHERS or (process.returncode and _RECEIVED in messages):
        raise Unavailable(MACHINE, f"ffmpeg was killed while it worked on {subject}")
    if process.returncode:
        _complain(messages, subject, process.returncode)
    return messages


def _listen(stream: IO[bytes] | None, lines: deque[str]) -> None:
    if stream is not None:
        lines.extend(line.decode("utf-8", "replace").rstrip() for line in stream)


def _pour(stream: IO[bytes] | None, sink: Callable[[bytes], None] | None) -> None:
    while stream is not None and (chunk := stream.read(_READ_BYTES)):
        if sink is not None:
            sink(chunk)


def _complain(messages: str, subject: Path, code: int) -> None:
    if "No space left on device" in messages:
        raise ServiceStopped(
            "disk",
            f"no space left for what is made from {subject}",
            "Free some space on that disk; the line goes on by itself.",
            causes.FOLDER,
        )
    for phrase, plain in _IN_PLAIN_WORDS.items():
        if phrase in messages:
            raise MediaError(plain, str(subject))
    fault = _FAULT.search(messages)
    reason = fault[1].rstrip(". ") if fault else f"exit code {code}"
    raise MediaError(f"ffmpeg cannot use this file ({reason})", str(subject))
