"""The path inside a macOS bookmark, which is all that djay keeps of a file of the Music app.

A bookmark is a header (its size at 4, its own length at 12), then items, each a u32 length, a u32 kind and the data, padded
to four bytes, and tables of contents that give items by number: u32 length, u32 fffffffe, u32 id, u32 offset of the next
table, u32 count, count times (u32 number, u32 offset, u32 0). Offsets count from the header's end. Number 1004 is an array
of offsets of strings: the parts of the path from the root. Everything else is of no use for finding a file.
"""

import struct
from collections.abc import Iterator

MAGIC = (b"book", b"alis")
PATH = 0x1004
STRING, ARRAY = 0x0101, 0x0601
LONGEST = 32_768
"""Characters of a path; macOS allows 1,024 bytes."""

_TABLE = 0xFFFFFFFE
_TABLES = 16
_HEAD = struct.Struct("<4sI4xI")
_CONTENTS = struct.Struct("<IIIII")
_ENTRY = struct.Struct("<III")
_ITEM = struct.Struct("<II")


def path(bookmark: bytes) -> str:
    """Give the absolute POSIX path that a bookmark leads to. Raises ValueError, whatever the bytes are, if it has none."""
    try:
        magic, size, start = _HEAD.unpack_from(bookmark)
        if magic not in MAGIC or size != len(bookmark):
            raise ValueError("this is no bookmark")
        (at,) = next((item for number, *item in _contents(bookmark, start) if number == PATH), (0,))
        parts = list(_parts(bookmark, start, at)) if at else []
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError("this bookmark is damaged") from error
    if not parts:
        raise ValueError("this bookmark holds no path")
    return "/" + "/".join(parts)


def _contents(bookmark: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Give the numbers and offsets of all tables of contents."""
    (table,) = struct.unpack_from("<I", bookmark, start)
    for _ in range(_TABLES):
        if not table:
            return
        at = start + table
        _, magic, _, table, count = _CONTENTS.unpack_from(bookmark, at)
        if magic != _TABLE or _CONTENTS.size + count * _ENTRY.size > len(bookmark) - at:
            raise ValueError("a table of contents of this bookmark is damaged")
        for entry in range(count):
            number, offset, _ = _ENTRY.unpack_from(bookmark, at + _CONTENTS.size + entry * _ENTRY.size)
            yield number, offset


def _parts(bookmark: bytes, start: int, at: int) -> Iterator[str]:
    """Give the strings of an array."""
    room = LONGEST
    for (offset,) in struct.iter_unpack("<I", _item(bookmark, start + at, ARRAY)):
        part = _item(bookmark, start + offset, STRING).decode()
        room -= len(part) + 1
        if room < 0:
            raise ValueError("the path in this bookmark is longer than any path")
        yield part


def _item(bookmark: bytes, at: int, kind: int) -> bytes:
    length, found = _ITEM.unpack_from(bookmark, at)
    end = at + _ITEM.size + length
    if found != kind or end > len(bookmark):
        raise ValueError("an item of this bookmark is damaged")
    return bookmark[at + _ITEM.size : end]
