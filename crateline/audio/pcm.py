"""The plain WAV header: what every player has read since 1991, and the only one that older CDJs accept."""

import shutil
import struct
from pathlib import Path
from typing import BinaryIO

from crateline.errors import MediaError

PCM = 1
EXTENSIBLE = 0xFFFE
_HEAD = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FMT = struct.Struct("<HHIIHH")
_CHUNK = struct.Struct("<4sI")
_COPY_BYTES = 1 << 20


def plain(source: Path, target: Path) -> None:
    """Write the sound of a WAV behind a header of 44 bytes with format tag 1, whatever header it had; the samples stay.

    ffmpeg gives 24 bits the extensible header, which CDJs refuse (E-8305). Raises MediaError if `source` is no PCM WAV.
    """
    with source.open("rb") as file, target.open("wb") as made:
        form, size = _to_data(file, source)
        tag, channels, rate, _, block, bits = _FMT.unpack(form[: _FMT.size])
        if tag not in (PCM, EXTENSIBLE):
            raise MediaError(f"The WAV holds no plain samples (format {tag:#x})", str(source))
        whole = _HEAD.size - 8 + size + size % 2
        head = (b"RIFF", whole, b"WAVE", b"fmt ", _FMT.size, PCM, channels, rate, rate * block, block, bits, b"data", size)
        made.write(_HEAD.pack(*head))
        shutil.copyfileobj(file, made, _COPY_BYTES)
        made.truncate(_HEAD.size + size)
        if size % 2:
            made.seek(0, 2)
            made.write(b"\0")


def _to_data(file: BinaryIO, source: Path) -> tuple[bytes, int]:
    """Read up to the samples; gives the format chunk and how many bytes of samples follow."""
    form = b""
    if file.read(12)[:4] == b"RIFF":
        while len(head := file.read(_CHUNK.size)) == _CHUNK.size:
            name, size = _CHUNK.unpack(head)
            if name == b"data" and len(form) >= _FMT.size:
                return form, size
            body = file.read(size + size % 2)
            form = body if name == b"fmt " else form
    raise MediaError("The file is no WAV", str(source))
