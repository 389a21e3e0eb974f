"""TSAF, the form in which djay stores everything: a value is read whole, or not at all.

The grammar, all numbers little-endian:

    blob     "TSAF", u16 3, u16 3, u64 number of objects, u32 number of strings, one value, the end
    00       the end of an object or of a URL
    02 u8    an earlier object again; objects are counted from 0 as they begin: 0a-0c, 15, 18, 19-1b, 2b, 30
    05 u8    an earlier string again; strings are counted from 0 as they appear: values, names and names of classes
    08       a new string: utf-8, 00
    0a 0b 0c 19 1a 1b    a collection: u32 n, n values
    0d 0e    true, false
    0f 10 11 12          an integer: u8, u16, u32, u64
    13 14    a float: f32, f64
    15       data: u32 length, the bytes, zeros up to a multiple of 4
    18       a structure without a class: u32 n, n times (value, name)
    21       a URL: a string, 00
    2b       an object: the string of its class, any number of (value, name), 00
    2d 2e    the integers 1 and 0
    30       a date: f64, seconds since 2001-01-01T00:00:00Z

A number of several bytes stands at a multiple of its own size, counted from the start of the blob, after zeros.
Any other byte where a tag is due ends the reading: what follows could be anything.
"""

import struct
from collections.abc import Callable
from typing import Any

from crateline.clients.djay.values import Date, Decoded, Entity, TsafError, Url

__all__ = ["DEPTH", "Decoded", "TsafError", "decode"]

MAGIC = b"TSAF"
VERSION = (3, 3)
DEPTH = 100
"""Values inside values, at most; real blobs have four."""

STRING, OLD_STRING = 0x08, 0x05
_HEADER = struct.Struct("<4sHHQI")
_LENGTH = struct.Struct("<I")
_DATE = struct.Struct("<d")
_ZEROS = tuple(bytes(n) for n in range(8))


def decode(blob: bytes) -> Decoded:
    """Read a blob to its last byte. Raises TsafError naming the offset, whatever the bytes are.

    What is referred to twice is the same Python object twice: whoever unfolds the references has to mind the size.
    """
    blob = bytes(blob)
    objects, strings = _header(blob)
    reader = _Reader(blob)
    try:
        value = reader.value()
    except (IndexError, struct.error) as error:
        raise TsafError("the blob ends in the middle of a value", len(blob)) from error
    if reader.at != len(blob):
        raise TsafError(f"{len(blob) - reader.at} bytes stand after the value", reader.at)
    if objects != len(reader.objects):
        raise TsafError(f"the header counts {objects} objects, and there are {len(reader.objects)}", 8)
    if strings != len(reader.strings):
        raise TsafError(f"the header counts {strings} strings, and there are {len(reader.strings)}", 16)
    return Decoded(value, objects, strings)


def _header(blob: bytes) -> tuple[int, int]:
    if blob[: len(MAGIC)] != MAGIC:
        raise TsafError("this is no TSAF: the first four bytes are others", 0)
    if len(blob) < _HEADER.size:
        raise TsafError("the blob ends in the header", len(blob))
    _, major, minor, objects, strings = _HEADER.unpack_from(blob)
    if (major, minor) != VERSION:
        raise TsafError(f"the version is {major}.{minor}, and only {VERSION[0]}.{VERSION[1]} is known", 4)
    return objects, strings


class _Reader:
    """One pass over a blob. An object that has begun and not ended is None in `objects`."""

    __slots__ = ("at", "blob", "depth", "objects", "strings")

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.at = _HEADER.size
        self.depth = 0
        self.objects: list[Any] = []
        self.strings: list[str] = []

    def value(self) -> Any:
        at = self.at
        tag = self.blob[at]
        self.at = at + 1
        read = _READ.get(tag)
        if read is None:
            raise TsafError(f"no value begins with {tag:02x}", at)
        return read(self)

    def text(self, of: str) -> str:
        """A string where nothing else may stand: the name `of` something."""
        tag = self.blob[self.at]
        self.at += 1
        if tag == STRING:
            return self.new_string()
        if tag == OLD_STRING:
            return self.old_string()
        raise TsafError(f"{of} is a string, and no string begins with {tag:02x}", self.at - 1)

    def new_string(self) -> str:
        start = self.at
        end = self.blob.find(0, start)
        if end < 0:
            raise TsafError("a string has no end", start)
        try:
            text = self.blob[start:end].decode()
        except UnicodeDecodeError as error:
            raise TsafError("a string is not utf-8", start + error.start) from error
        self.at = end + 1
        self.strings.append(text)
        return text

    def old_string(self) -> str:
        number = self.blob[self.at]
        if number >= len(self.strings):
            raise TsafError(f"string {number} is referred to, and there are {len(self.strings)} so far", self.at)
        self.at += 1
        return self.strings[number]

    def old_object(self) -> Any:
        number = self.blob[self.at]
        if number >= len(self.objects):
            raise TsafError(f"object {number} is referred to, and there are {len(self.objects)} so far", self.at)
        if self.objects[number] is None:
            raise TsafError(f"object {number} contains itself", self.at)
        self.at += 1
        return self.objects[number]

    def align(self, size: int) -> None:
        """Step over the zeros before a multiple of `size`."""
        gap = -self.at % size
        if gap and self.blob[self.at : self.at + gap] != _ZEROS[gap]:
            if self.at + gap > len(self.blob):
                raise TsafError("the blob ends in the middle of a value", len(self.blob))
            raise TsafError(f"{gap} zeros belong here", self.at)
        self.at += gap

    def length(self, least: int) -> int:
        """How many follow, of at least `least` bytes each. Raises TsafError if there is no room for them."""
        self.align(4)
        (count,) = _LENGTH.unpack_from(self.blob, self.at)
        if count * least > len(self.blob) - self.at - 4:
            raise TsafError(f"there is no room for {count} values or bytes", self.at)
        self.at += 4
        return int(count)

    def begin(self) -> int:
        """Count an object, and give its number."""
        self.depth += 1
        if self.depth > DEPTH:
            raise TsafError(f"more than {DEPTH} values stand inside each other", self.at - 1)
        self.objects.append(None)
        return len(self.objects) - 1

    def end(self, number: int, value: Any) -> Any:
        self.depth -= 1
        self.objects[number] = value
        return value

    def pair(self) -> tuple[str, Any]:
        value = self.value()
        return self.text("a name"), value

    def collection(self) -> Any:
        number = self.begin()
        count = self.length(1)
        return self.end(number, [self.value() for _ in range(count)])

    def data(self) -> Any:
        number = self.begin()
        size = self.length(1)
        data = self.blob[self.at : self.at + size]
        self.at += size
        self.align(4)
        return self.end(number, data)

    def structure(self) -> Any:
        number = self.begin()
        count = self.length(3)
        return self.end(number, Entity("", tuple([self.pair() for _ in range(count)])))

    def entity(self) -> Any:
        number = self.begin()
        kind = self.text("a class")
        fields = []
        while self.blob[self.at]:
            fields.append(self.pair())
        self.at += 1
        return self.end(number, Entity(kind, tuple(fields)))

    def url(self) -> Url:
        url = Url(self.text("a URL"))
        if self.blob[self.at]:
            raise TsafError("a URL has no end", self.at)
        self.at += 1
        return url

    def date(self) -> Any:
        number = self.begin()
        self.align(8)
        (seconds,) = _DATE.unpack_from(self.blob, self.at)
        self.at += 8
        return self.end(number, Date(seconds))


def _number(code: str) -> Callable[[_Reader], int | float]:
    form = struct.Struct(f"<{code}")
    size, unpack = form.size, form.unpack_from

    def read(reader: _Reader) -> int | float:
        if reader.at % size:
            reader.align(size)
        (number,) = unpack(reader.blob, reader.at)
        reader.at += size
        return number  # type: ignore[no-any-return]  # what the code of `form` says

    return read


_READ: dict[int, Callable[[_Reader], Any]] = {
    0x02: _Reader.old_object,
    OLD_STRING: _Reader.old_string,
    STRING: _Reader.new_string,
    **dict.fromkeys((0x0A, 0x0B, 0x0C, 0x19, 0x1A, 0x1B), _Reader.collection),
    0x0D: lambda _: True,
    0x0E: lambda _: False,
    0x0F: _number("B"),
    0x10: _number("H"),
    0x11: _number("I"),
    0x12: _number("Q"),
    0x13: _number("f"),
    0x14: _number("d"),
    0x15: _Reader.data,
    0x18: _Reader.structure,
    0x21: _Reader.url,
    0x2B: _Reader.entity,
    0x2D: lambda _: 1,
    0x2E: lambda _: 0,
    0x30: _Reader.date,
}
