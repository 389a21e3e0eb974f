"""The inverted index of fingerprints, shared in Redis: in which prints does an item's top 24 bits occur?

Two encodings of a recording have many items in common to the bit; strangers share a few by chance. The top 16 bits of an
item name a bucket (a field of two bytes); a bucket holds 4 bytes for each print: the next 8 bits, and the print's number.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import redis
from redis.client import NEVER_DECODE
from redis.exceptions import NoScriptError

from crateline.durable.keyspace import PREFIX
from crateline.durable.scripts import Scripts

INDEX = PREFIX + "fingerprints:index"
MOST_NUMBERS = 1 << 24

Words = npt.NDArray[np.uint32]


def words(raw: bytes) -> Words:
    """The distinct 24-bit words of a print, ascending."""
    return np.unique(np.frombuffer(raw, "<u4") >> 8).astype(np.uint32)


def buckets(prints: Sequence[tuple[int, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """What many prints, by number, add to the index: each bucket's name, and the bytes to append."""
    if not prints:
        return
    each = [words(raw) for _, raw in prints]
    numbers = np.repeat(np.array([number for number, _ in prints], np.uint32), [len(one) for one in each])
    every = np.concatenate(each)
    order = np.argsort(every >> 8, kind="stable")
    every, numbers = every[order], numbers[order]
    postings = ((every & 0xFF) << 24 | numbers).astype("<u4")
    found, starts = np.unique(every >> 8, return_index=True)
    for name, start, end in zip(found.astype("<u2"), starts, [*starts[1:], len(every)], strict=True):
        yield name.tobytes(), postings[start:end].tobytes()


def search(client: redis.Redis, raw: bytes) -> list[tuple[int, int]]:
    """The numbers of the prints that have words in common with `raw`, and how many, most first."""
    mine = words(raw)
    if not len(mine):
        return []
    wanted = np.unique(mine >> 8)
    postings, lengths = _held(client, wanted)
    seen = np.repeat(wanted, lengths // 4) << 8 | postings >> 24
    at = np.minimum(np.searchsorted(mine, seen), len(mine) - 1)
    numbers = postings[mine[at] == seen] & (MOST_NUMBERS - 1)
    found, counts = np.unique(numbers, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return list(zip(found[order].tolist(), counts[order].tolist(), strict=True))


def _held(client: redis.Redis, wanted: Words) -> tuple[Words, Words]:
    """What is in these buckets, one after the other, and how many bytes are in each."""
    script, given = Scripts(client).postings, (1, INDEX, wanted.astype("<u2").tobytes())
    ask = partial(client.execute_command, **{NEVER_DECODE: True})
    try:
        answer = ask("EVALSHA", script.sha, *given)
    except NoScriptError:
        answer = ask("EVAL", script.script, *given)
    head = 4 * len(wanted)
    return np.frombuffer(answer[head:], "<u4"), np.frombuffer(answer[:head], "<u4")
