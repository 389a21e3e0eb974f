"""TSAF written, to have something to read. The product itself never writes any.

`encode` takes what `crateline.clients.djay.tsaf.decode` gives: str, int, float, bool, bytes, list, Url, Date, Entity; and
words of its own for what Python cannot tell apart: `Number` for a width, `Collection` for a kind, `Again` for a reference.
"""

import struct
from typing import Any, NamedTuple

from crateline.clients.djay.values import Date, Entity, Url

ARRAY = 0x0B
NUMBERS = {0x0F: "B", 0x10: "H", 0x11: "I", 0x12: "Q", 0x13: "f", 0x14: "d"}
WIDTHS = ((0x0F, 1 << 8), (0x10, 1 << 16), (0x11, 1 << 32), (0x12, 1 << 64))
REFERRED = 256
"""Strings and objects that a reference of one byte reaches."""


class Number(NamedTuple):
    """A number under a tag of one's choice: 0f to 14."""

    tag: int
    value: float


class Collection(NamedTuple):
    """A collection under a tag of one's choice: 0a, 0b, 0c, 19, 1a, 1b."""

    tag: int
    items: tuple[Any, ...]


class Again(NamedTuple):
    """A reference to the object that began as the `number`th, from 0."""

    number: int


def encode(value: Any, *, doubles: bool = False) -> bytes:
    """Write a blob around one value. With `doubles` every number is an f64, as djay for Windows has it."""
    writer = _Writer(doubles=doubles)
    writer.value(value)
    struct.pack_into("<4sHHQI", writer.out, 0, b"TSAF", 3, 3, writer.objects, len(writer.strings) + writer.repeated)
    return bytes(writer.out)


class _Writer:
    def __init__(self, *, doubles: bool) -> None:
        self.out = bytearray(20)
        self.doubles = doubles
        self.objects = 0
        self.repeated = 0  # strings beyond the reach of a reference that had to be written once more
        self.strings: dict[str, int] = {}

    def value(self, value: Any) -> None:
        """Write one value under the tag that fits it."""
        if isinstance(value, Url):
            self.tag(0x21)
            self.text(value)
            self.tag(0x00)
        elif isinstance(value, str):
            self.text(value)
        elif isinstance(value, bool):
            self.tag(0x0D if value else 0x0E)
        elif isinstance(value, int):
            self.integer(value)
        elif isinstance(value, float):
            exact = struct.unpack("<f", struct.pack("<f", value))[0] == value if abs(value) < 1e38 else False
            self.number(Number(0x13 if exact and not self.doubles else 0x14, value))
        elif isinstance(value, Number):
            self.number(value)
        elif isinstance(value, Again):
            self.tag(0x02)
            self.out.append(value.number)
        else:
            self.object(value)

    def object(self, value: Any) -> None:
        """Write what is counted and can be referred to."""
        self.objects += 1
        if isinstance(value, Collection):
            self.collection(value.tag, value.items)
        elif isinstance(value, list):
            self.collection(ARRAY, tuple(value))
        elif isinstance(value, bytes):
            self.tag(0x15)
            self.scalar("I", len(value))
            self.out += value
            self.align(4)
        elif isinstance(value, Date):
            self.tag(0x30)
            self.scalar("d", value.seconds)
        elif isinstance(value, Entity):
            self.entity(value)
        else:
            raise TypeError(f"TSAF has no {type(value).__name__}")

    def integer(self, value: int) -> None:
        if self.doubles:
            self.number(Number(0x14, value))
        elif value in {0, 1}:
            self.tag(0x2D if value else 0x2E)
        else:
            self.number(Number(next(tag for tag, end in WIDTHS if value < end), value))

    def entity(self, entity: Entity) -> None:
        if entity.kind:
            self.tag(0x2B)
            self.text(entity.kind)
        else:
            self.tag(0x18)
            self.scalar("I", len(entity.fields))
        for name, value in entity.fields:
            self.value(value)
            self.text(name)
        if entity.kind:
            self.tag(0x00)

    def collection(self, tag: int, items: tuple[Any, ...]) -> None:
        self.tag(tag)
        self.scalar("I", len(items))
        for item in items:
            self.value(item)

    def text(self, text: str) -> None:
        number = self.strings.get(text)
        if number is not None and number < REFERRED:
            self.out += bytes((0x05, number))
            return
        self.out += b"\x08" + text.encode() + b"\x00"
        if number is None:
            self.strings[text] = len(self.strings) + self.repeated
        else:
            self.repeated += 1

    def number(self, number: Number) -> None:
        self.tag(number.tag)
        self.scalar(NUMBERS[number.tag], number.value)

    def scalar(self, code: str, value: float) -> None:
        self.align(struct.calcsize(f"<{code}"))
        self.out += struct.pack(f"<{code}", value)

    def align(self, size: int) -> None:
        self.out += bytes(-len(self.out) % size)

    def tag(self, tag: int) -> None:
        self.out.append(tag)
