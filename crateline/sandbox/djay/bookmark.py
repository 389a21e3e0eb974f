"""A bookmark as macOS makes it: the path by its parts, and the volume, in the items that a reader of paths needs."""

import struct
from pathlib import PurePosixPath

STRING, ARRAY = 0x0101, 0x0601
PATH, VOLUME = 0x1004, 0x2002
HEADER = 64


def of(path: str) -> bytes:
    """Write a bookmark to an absolute POSIX path."""
    body = bytearray(4)

    def item(kind: int, data: bytes) -> int:
        at = len(body)
        body.extend(struct.pack("<II", len(data), kind) + data + bytes(-len(data) % 4))
        return at

    parts = [item(STRING, part.encode()) for part in PurePosixPath(path).parts[1:]]
    entries = {PATH: item(ARRAY, struct.pack(f"<{len(parts)}I", *parts)), VOLUME: item(STRING, b"/")}
    struct.pack_into("<I", body, 0, len(body))
    body += struct.pack("<IIIII", 12 + 12 * len(entries), 0xFFFFFFFE, 1, 0, len(entries))
    for key, at in entries.items():
        body += struct.pack("<III", key, at, 0)
    return struct.pack("<4sIII", b"book", HEADER + len(body), 0x10040000, HEADER).ljust(HEADER, b"\x00") + bytes(body)
