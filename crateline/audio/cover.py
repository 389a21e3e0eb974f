# mypy: allow-untyped-calls
# mutagen is typed in its outline only.
"""Cover pictures: what an original carries, and any picture as players show it."""

import base64
import binascii
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutagen
import mutagen.flac
import mutagen.id3
import mutagen.mp4

from crateline.audio import convert
from crateline.errors import MediaError

FRONT = 3  # front cover, in ID3's list of pictures, which FLAC shares
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
LARGEST_PIXELS = 50_000_000
PLAYER_PIXELS = 1200  # a side
PLAYER_BYTES = 1 << 20
_PNG_HEAD = 24  # bytes up to and with the size
_MARK = 0xFF
_BASELINE = {0xC0, 0xC1}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length


def embedded(path: Path) -> bytes | None:
    """The picture inside a recording: the front cover, else the first one that is a JPEG or PNG; None if there is none."""
    try:
        file = mutagen.File(path)
    except mutagen.MutagenError:
        return None
    found = [(kind, bytes(data)) for kind, data in _pictures(file) if kind_of(bytes(data))]
    return min(found, key=lambda one: one[0] != FRONT)[1] if found else None


def kind_of(picture: bytes) -> str:
    """`jpeg` or `png` by the first bytes, whatever a name or a header says; nothing for anything else."""
    if picture.startswith(JPEG):
        return "jpeg"
    return "png" if picture.startswith(PNG) else ""


def for_players(picture: bytes) -> bytes:
    """The picture as a baseline JPEG of at most 1200 pixels a side. One that is so already stays byte for byte.

    CDJs show no progressive JPEG, and no PNG. Raises MediaError if it is neither JPEG nor PNG, damaged, or absurdly large.
    """
    size = _png_size(picture) if kind_of(picture) == "png" else None
    frame = _jpeg_frame(picture) if kind_of(picture) == "jpeg" else None
    if size is None and frame is None:
        raise MediaError("This is no JPEG or PNG picture")
    width, height = size or frame[1:]  # type: ignore[index]  # one of the two is there
    if not 0 < width * height <= LARGEST_PIXELS:
        raise MediaError(f"The picture has {width} by {height} pixels")
    if frame and frame[0] in _BASELINE and max(width, height) <= PLAYER_PIXELS and len(picture) <= PLAYER_BYTES:
        return picture
    with tempfile.NamedTemporaryFile(suffix=".picture") as file:
        file.write(picture)
        file.flush()
        return convert.jpeg(Path(file.name))


def _pictures(file: Any) -> Iterator[tuple[int, bytes]]:
    """Every picture of an opened file, with its place in ID3's list."""
    tags = getattr(file, "tags", None)
    for picture in getattr(file, "pictures", ()):  # FLAC
        yield picture.type, picture.data
    if isinstance(tags, mutagen.id3.ID3):
        for frame in tags.getall("APIC"):
            yield frame.type, frame.data
    elif isinstance(tags, mutagen.mp4.MP4Tags):
        for data in tags.get("covr") or ():
            yield FRONT, data
    elif tags is not None and hasattr(tags, "get"):  # Vorbis comments, in Ogg and Opus
        for block in tags.get("metadata_block_picture") or ():
            try:
                picture = mutagen.flac.Picture(base64.b64decode(block))
            except (binascii.Error, mutagen.flac.error, struct.error):
                continue  # not a picture after all
            yield picture.type, picture.data


def _png_size(picture: bytes) -> tuple[int, int] | None:
    if picture[12:16] != b"IHDR" or len(picture) < _PNG_HEAD:
        return None
    width, height = struct.unpack(">II", picture[16:_PNG_HEAD])
    return width, height


def _jpeg_frame(picture: bytes) -> tuple[int, int, int] | None:
    """The kind of the JPEG's frame, its width and its height; None if it has none."""
    place = 2
    while place + 9 <= len(picture) and picture[place] == _MARK:
        marker = picture[place + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", picture[place + 5 : place + 9])
            return marker, width, height
        if marker == _MARK:  # any number of them may stand before a marker
            place += 1
            continue
        place += 2
        if marker not in _ALONE:
            place += struct.unpack(">H", picture[place : place + 2])[0]
    return None
