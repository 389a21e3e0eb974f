"""Tracks that mix: compatible keys on the Camelot wheel, and tempi within 6 %, half and double time included.

    score = .6 key + .4 tempo,  less .1 if one has to be thought of at half or double time

key: 1 for the same, .8 for the relative, .7 for one step on the wheel. tempo: 1 where equal, falling with the logarithm
of the ratio to 0 at 6 % less. So within one key and one octave of tempo a nearer tempo always scores higher, and the best ten
overall are among the nearest ten of each: nobody has to look at all pairs.

Among equal tempi stand those of the same genre next to each other, and of those each track gets its own neighbours, not
all the same ten: a library has hundreds of tracks at 128.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from crateline.domain import keys
from crateline.domain.folding import fold
from crateline.domain.library import LibraryTrack
from crateline.domain.sets import bpm_of

KEY_WEIGHT, TEMPO_WEIGHT, OCTAVE_COST = 0.6, 0.4, 0.1
SAME, RELATIVE, STEP = 1.0, 0.8, 0.7
SLOWEST, FASTEST = math.log2(0.94), math.log2(1.06)
EXACT = 6  # decimals: equal tempi are equal, whatever octave they come from
TOP = 10

Place = tuple[float, str, str]
"""Where a track stands among those of its key: log2 of its BPM, its genre, its title id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """A track that mixes with another one. `score` is 0 to 1."""

    title_id: str
    score: float


def similar(tracks: Iterable[LibraryTrack], top: int = TOP) -> dict[str, tuple[Likeness, ...]]:
    """For each track with a key and a tempo its `top` best partners, best first; a track without any is left out."""
    shelves, places = _shelves(tracks)
    around = {key: _neighbours(key) for key in shelves}
    found = {title_id: _best(place, around[key], shelves, top) for title_id, (key, place) in places.items()}
    return {title_id: partners for title_id, partners in found.items() if partners}


def _shelves(tracks: Iterable[LibraryTrack]) -> tuple[dict[keys.Key, list[Place]], dict[str, tuple[keys.Key, Place]]]:
    """Per key the places in order, and for each track its key and place."""
    shelves: dict[keys.Key, list[Place]] = {}
    places: dict[str, tuple[keys.Key, Place]] = {}
    for track in tracks:
        key, bpm = keys.parse(track.key), bpm_of(track)
        if key and bpm:
            place = (round(math.log2(bpm), EXACT), fold(track.genre), track.title_id)
            shelves.setdefault(key, []).append(place)
            places[track.title_id] = (key, place)
    for shelf in shelves.values():
        shelf.sort()
    return shelves, places


def _neighbours(key: keys.Key) -> dict[keys.Key, float]:
    """The compatible keys with what each is worth."""
    worth = {key: SAME, key.relative: RELATIVE}
    return {other: worth.get(other, STEP) for other in sorted(keys.compatible(key))}


def _best(
    place: Place, around: Mapping[keys.Key, float], shelves: Mapping[keys.Key, list[Place]], top: int
) -> tuple[Likeness, ...]:
    tempo, genre, own = place
    found: list[tuple[float, int, str]] = []
    for key, worth in around.items():
        for octave in (0.0, 1.0, -1.0):
            aim = (tempo + octave, genre, own)
            for rank, (gap, other) in enumerate(islice(_nearest(shelves.get(key, []), aim), top)):
                score = KEY_WEIGHT * worth + TEMPO_WEIGHT * (1 + gap / SLOWEST) - OCTAVE_COST * abs(octave)
                found.append((-round(score, 4), rank, other))
    return tuple(Likeness(title_id=other, score=-negative) for negative, _, other in sorted(found)[:top])


def _nearest(shelf: list[Place], aim: Place) -> Iterator[tuple[float, str]]:
    """The tracks of a shelf from `aim` outwards by their gap in tempo, within 6 %; among equals the nearer place first."""
    start = bisect_left(shelf, aim)
    below, above = start - 1, start
    while True:
        down = (_gap(shelf, below, aim), start - below)
        up = (_gap(shelf, above, aim), above - start + 1)
        gap, _ = min(down, up)
        if gap == math.inf:
            return
        if up <= down:
            here, above = above, above + 1
        else:
            here, below = below, below - 1
        if shelf[here][2] != aim[2]:
            yield gap, shelf[here][2]


def _gap(shelf: list[Place], at: int, aim: Place) -> float:
    """How far the tempo at a place is from the one aimed at; infinite beyond 6 % and beyond the shelf's ends."""
    if not 0 <= at < len(shelf):
        return math.inf
    gap = round(shelf[at][0] - aim[0], EXACT)
    return abs(gap) if round(SLOWEST, EXACT) <= gap <= round(FASTEST, EXACT) else math.inf
