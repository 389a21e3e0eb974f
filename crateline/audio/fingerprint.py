"""Chromaprint: reading it, and telling whether two of them are the same recording.

A fingerprint is kept as bytes: 32-bit numbers, little-endian, one for each 0.124 s of the first 120 s of sound.
"""

import base64
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

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
_OWN = 0.6  # a copy differs by less than this part of what parts of the recording differ among themselves
_REPEATS = 4  # an item that comes more often than this says little about where
_VOTED = 3  # alignments that are looked at beyond 10 s
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


def variety(fingerprint: bytes) -> float:
    """Give the share of bits in which parts of a fingerprint differ from other parts, 0 to 1, in the middle of 16 distances.

    Music has 0.23 to 0.48, white noise 0.18, a tone 0: any noise sounds like any other, so likeness says nothing of it.
    """
    numbers = items(fingerprint)
    shifts = np.unique(np.linspace(_ITEMS_NEEDED // 2, max(len(numbers) // 2, _ITEMS_NEEDED // 2), 16).astype(int))
    rates = [_error_rate(numbers, numbers, shift, 1) for shift in map(int, shifts)]
    return float(np.median(rates))


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """How two fingerprints compare where they fit best.

    distance: the share of differing bits, 0 to 1. offset_s: seconds after the beginning of the first at which the second
    begins; negative if it begins before.
    """

    distance: float
    offset_s: float = 0.0


def compare(a: bytes, b: bytes) -> float:
    """Give the smallest share of differing bits over all alignments up to 10 s apart; 1.0 if too little overlaps.

    At least half of the shorter one, and 16 items, have to lie over the other.
    """
    return _nearby(items(a), items(b))[0]


def align(a: bytes, b: bytes) -> Comparison:
    """Compare two fingerprints where they fit best: up to 10 s apart, else, if that says nothing, wherever parts are equal.

    So an extended mix is known by its edit, if half of what is heard of the shorter one is in both.
    """
    first, second = items(a), items(b)
    rate, shift = _nearby(first, second)
    if rate > AKIN:
        rate, shift = min([(rate, shift), *_far(first, second)])
    return Comparison(distance=rate, offset_s=shift * _ITEM_SECONDS)


def _nearby(first: Items, second: Items) -> tuple[float, int]:
    """The best rate, and its shift, of all shifts up to `_SHIFT`; every one at once, by windows over the padded second."""
    if not len(first) or not len(second):
        return 1.0, 0
    tail = max(0, len(first) + _SHIFT - len(second))
    over = np.pad(np.ones(len(second), np.uint8), (_SHIFT, tail))
    padded = np.pad(second, (_SHIFT, tail))
    count = 2 * _SHIFT + 1
    differing = np.bitwise_count(sliding_window_view(padded, len(first))[:count] ^ first)
    sums = np.einsum("ij,ij->i", differing, sliding_window_view(over, len(first))[:count], dtype=np.uint32)
    shifts = _SHIFT - np.arange(count)
    overlap = np.minimum(len(first), len(second) + shifts) - np.maximum(0, shifts)
    rates = np.where(overlap >= _needed(first, second), sums / (np.maximum(overlap, 1) * _BITS), 1.0)
    best = int(np.lexsort((np.abs(shifts), rates))[0])
    return float(rates[best]), int(shifts[best])


def _far(first: Items, second: Items) -> list[tuple[float, int]]:
    """The rates at the shifts beyond `_SHIFT` that most of the equal items speak for."""
    order = np.argsort(second, kind="stable")
    ranked = second[order]
    low, high = np.searchsorted(ranked, first), np.searchsorted(ranked, first, side="right")
    rare = np.flatnonzero((high > low) & (high - low <= _REPEATS))
    votes = np.concatenate([place - order[low[place] : high[place]] for place in rare]) if len(rare) else np.zeros(0, np.int64)
    votes = votes[np.abs(votes) > _SHIFT]
    shifts, counts = np.unique(votes, return_counts=True)
    likeliest = shifts[np.argsort(-counts, kind="stable")[:_VOTED]]
    needed = _needed(first, second)
    return [(_error_rate(first, second, shift, needed), shift) for shift in map(int, likeliest)]


def _needed(first: Items, second: Items) -> int:
    return max(_ITEMS_NEEDED, min(len(first), len(second)) // 2)


def _error_rate(first: Items, second: Items, shift: int, needed: int) -> float:
    first, second = first[max(0, shift) :], second[max(0, -shift) :]
    overlap = min(len(first), len(second))
    if overlap < needed:
        return 1.0
    return float(np.bitwise_count(first[:overlap] ^ second[:overlap]).sum()) / (overlap * _BITS)


def judge(a: bytes, duration_a: float, b: bytes, duration_b: float) -> tuple[Likeness, Comparison]:
    """Judge two recordings by their fingerprints and their lengths in seconds; give what it rests on, too."""
    if not (informative(a) and informative(b)):
        return Likeness.DIFFERENT, Comparison(distance=1.0)
    found = align(a, b)
    if found.distance > min(AKIN, _OWN * variety(a), _OWN * variety(b)):
        return Likeness.DIFFERENT, found
    near = as_long(duration_a, duration_b) and abs(found.offset_s) <= _SHIFT * _ITEM_SECONDS
    if found.distance <= SAME and near:
        return Likeness.SAME, found
    return Likeness.AKIN, found


def as_long(duration_a: float, duration_b: float) -> bool:
    """Tell whether two lengths in seconds agree, but for padding and cut silence."""
    return abs(duration_a - duration_b) <= _DURATION_SLACK


def likeness(a: bytes, duration_a: float, b: bytes, duration_b: float) -> Likeness:
    """Judge two recordings by their fingerprints and their lengths in seconds."""
    return judge(a, duration_a, b, duration_b)[0]


def excerpt_of(part: bytes, whole: bytes) -> tuple[Likeness, Comparison] | None:
    """Judge whether `part` is an excerpt of `whole`, wherever it lies in what is kept of it; lengths say nothing here.

    None if either says too little to be compared. Measured: excerpts of 30 s as MP3 differ from other encodings of their
    recording in at most 0.028 of the bits, from uploads that begin 7 or 25 s later in 0.077, from other recordings in 0.33.
    """
    if not (informative(part) and informative(whole)):
        return None
    found = align(part, whole)
    most = min(_OWN * variety(part), _OWN * variety(whole))
    if found.distance > min(AKIN, most):
        return Likeness.DIFFERENT, found
    return (Likeness.SAME if found.distance <= SAME else Likeness.AKIN), found
