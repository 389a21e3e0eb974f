"""Chromaprint: reading it, and telling whether two of them are the same recording.

A fingerprint is kept as bytes: 32-bit numbers, little-endian, one for each 0.124 s of the first 120 s of sound.
"""

import base64
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from crateline.errors import MediaError

SAME = 0.10
"""Largest bit error rate of one recording in two encodings (measured: up to 0.028; loudness changed: 0.096)."""
AKIN = 0.20
"""Up to here a person should listen (measured: different compositions from 0.27; siblings by one author 0.13)."""

_DURATION_SLACK = 3.0  # seconds; beyond this the same opening may be a radio edit
_ITEM_SECONDS = 4096 / 3 / 11025  # Chromaprint's frame advance: a third of 4096 samples at 11,025 Hz
_SHIFT = round(10 / _ITEM_SECONDS)  # items: silence put before or cut away
_ITEMS_NEEDED = 16  # about 4.5 s of sound: 512 bits, of which strangers differ in a quarter at the least
_DISTINCT_NEEDED = 12  # a held tone or a hum repeats a few values
_BITS = 32
_HEADER = 4  # bytes: algorithm, then the number of items
_NORMAL_BITS, _EXTRA_BITS = 3, 5
_NORMAL_MAX = (1 << _NORMAL_BITS) - 1

Items = npt.NDArray[np.uint32]


class Likeness(StrEnum):
    """What two fingerprints say of two files."""

    SAME = "same"
    AKIN = "akin"  # another length, or alike beyond chance: a person decides
    DIFFERENT = "different"


def items(fingerprint: bytes) -> Items:
    """View a fingerprint as its numbers."""
    return np.frombuffer(fingerprint, "<u4")


def decompress(text: str) -> bytes:
    """Turn Chromaprint's compressed base64 into raw numbers; empty text gives an empty fingerprint.

    Each number is XORed with the one before; the gaps between its set bits follow in 3 bits each, 0 ending a number, and what
    exceeds 7 in 5 bits each after all the others. Raises MediaError if the text is not of that form.
    """
    if not text:
        return b""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:  # binascii.Error is one, and text beyond ASCII another
        raise MediaError("The fingerprint is not readable") from None
    count = int.from_bytes(data[1:_HEADER], "big")
    if not count:
        return b""
    bits = np.unpackbits(np.frombuffer(data[_HEADER:], np.uint8), bitorder="little")
    return _accumulate(_gaps(bits, count)).astype("<u4").tobytes()


def _gaps(bits: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.int64]:
    """Give the gaps of all `count` numbers in a row, each number ended by a 0."""
    small = _numbers(bits, _NORMAL_BITS)
    ends = np.flatnonzero(small == 0)
    if len(ends) < count:
        raise MediaError("The fingerprint is incomplete")
    small = small[: ends[count - 1] + 1]
    large = np.flatnonzero(small == _NORMAL_MAX)
    start = -(-len(small) * _NORMAL_BITS // 8) * 8  # the second part begins at a whole byte
    extra = _numbers(bits[start:], _EXTRA_BITS)
    if len(extra) < len(large):
        raise MediaError("The fingerprint is incomplete")
    small[large] += extra[: len(large)]
    return small


def _numbers(bits: npt.NDArray[np.uint8], width: int) -> npt.NDArray[np.int64]:
    rows = bits[: len(bits) // width * width].reshape(-1, width).astype(np.int64)
    return rows @ (1 << np.arange(width, dtype=np.int64))


def _accumulate(gaps: npt.NDArray[np.int64]) -> Items:
    """Turn gaps into set bits, and undo the XOR with the number before."""
    ends = np.flatnonzero(gaps == 0)
    owner = np.searchsorted(ends, np.arange(len(gaps)))
    before = np.concatenate([[0], np.cumsum(gaps)[ends][:-1]])  # what the earlier numbers' gaps add up to
    position = np.cumsum(gaps) - before[owner] - 1
    bit = gaps > 0
    if (position[bit] >= _BITS).any():
        raise MediaError("The fingerprint is damaged")
    differences = np.zeros(len(ends), np.uint32)
    np.bitwise_or.at(differences, owner[bit], np.uint32(1) << position[bit].astype(np.uint32))
    return np.bitwise_xor.accumulate(differences)


def informative(fingerprint: bytes) -> bool:
    """Tell whether there is enough in a fingerprint to compare it: not for a few seconds, a held tone, or silence."""
    numbers = items(fingerprint)
    return len(numbers) >= _ITEMS_NEEDED and len(np.unique(numbers)) >= _DISTINCT_NEEDED


def compare(a: bytes, b: bytes) -> float:
    """Give the smallest share of differing bits over all alignments up to 10 s apart; 1.0 if too little overlaps.

    At least half of the shorter one, and 16 items, have to lie over the other.
    """
    first, second = items(a), items(b)
    needed = max(_ITEMS_NEEDED, min(len(first), len(second)) // 2)
    rates = [_error_rate(first, second, shift, needed) for shift in range(-_SHIFT, _SHIFT + 1)]
    return min(rates)


def _error_rate(first: Items, second: Items, shift: int, needed: int) -> float:
    first, second = first[max(0, shift) :], second[max(0, -shift) :]
    overlap = min(len(first), len(second))
    if overlap < needed:
        return 1.0
    return float(np.bitwise_count(first[:overlap] ^ second[:overlap]).sum()) / (overlap * _BITS)


def likeness(a: bytes, duration_a: float, b: bytes, duration_b: float) -> Likeness:
    """Judge two recordings by their fingerprints and their lengths in seconds."""
    if not (informative(a) and informative(b)):
        return Likeness.DIFFERENT
    rate = compare(a, b)
    if rate <= SAME and abs(duration_a - duration_b) <= _DURATION_SLACK:
        return Likeness.SAME
    return Likeness.AKIN if rate <= AKIN else Likeness.DIFFERENT


def same_recording(a: bytes, duration_a: float, b: bytes, duration_b: float) -> bool:
    """Tell whether two files hold one recording: at most 0.10 of the bits differ, and the lengths agree within 3 s."""
    return likeness(a, duration_a, b, duration_b) is Likeness.SAME
