"""Which tracks are played with which: pairs of tracks in the same sets, scored by how near to each other they were.

Every unordered pair of plays of different tracks in one set scores 1; 2 more if the plays stand next to each other, 4
more if they are on different decks and started less than 30 s apart. The scores of all sets are added.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, pairwise

from crateline.domain import decks
from crateline.domain.library import Session

Pair = tuple[str, str]
"""Two title ids, the smaller first."""

NEXT = 2
SIMULTANEOUS = 4
TOP = 10


def pairs(sessions: Iterable[Session]) -> Mapping[Pair, int]:
    """The scores of all pairs over all sets. Plays of which no title id is known pair with nothing."""
    scores: Counter[Pair] = Counter()
    for session in sessions:
        ids = [play.title_id for play in session.plays]
        scores.update(combinations(sorted(filter(None, ids)), 2))  # sorted: every pair has its smaller id first
        for one, other in pairwise(ids):
            _add(scores, one, other, NEXT)
        for place, at in decks.simultaneous(session.plays):
            _add(scores, ids[place], ids[at], SIMULTANEOUS)
    return {pair: score for pair, score in scores.items() if pair[0] != pair[1]}


def partners(scores: Mapping[Pair, int], top: int = TOP) -> dict[str, tuple[tuple[str, int], ...]]:
    """For each track its `top` strongest partners with their scores, the strongest first; equal scores by title id."""
    found: dict[str, list[tuple[str, int]]] = {}
    for one, other, score in _both_ways(scores):
        found.setdefault(one, []).append((other, score))
    return {one: tuple(sorted(others, key=lambda pair: (-pair[1], pair[0]))[:top]) for one, others in sorted(found.items())}


def _add(scores: Counter[Pair], one: str, other: str, points: int) -> None:
    if one and other and one != other:
        scores[(one, other) if one < other else (other, one)] += points


def _both_ways(scores: Mapping[Pair, int]) -> Iterator[tuple[str, str, int]]:
    for (one, other), score in scores.items():
        yield one, other, score
        yield other, one, score
