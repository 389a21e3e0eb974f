"""Tracks and pages that say the same words: a wide net first, then the rules of matching on what it caught."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from crateline.domain import matching, wording
from crateline.domain.library import LibraryTrack
from crateline.domain.matching import Score, Verdict
from crateline.domain.pairing import Doubt, Match, Matches, PageWords, Way
from crateline.domain.wording import NAMELESS, Wording

if TYPE_CHECKING:
    import numpy as np

UNSURE = "not sure enough"
TAKEN = "its page already belongs to another track"
CAUGHT = 6  # pages per track that are compared by all rules, of those that are spelled otherwise
SAME_WORDS = 50  # and of those with the same words: all versions of a piece, but not every "Untitled"
LEAST_CATCH = 110  # of 200: likeness of all words and likeness of the piece's words
ROWS = 256  # tracks at a time: two matrices of 256 x 15,540 bytes
SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """A page with its score for one track."""

    page: Wording
    score: Score


Ranking = tuple[Ranked, ...]


def match(tracks: Sequence[LibraryTrack], pages: Sequence[PageWords], taken: AbstractSet[str] = frozenset()) -> Matches:
    """Pair by title, artist and length. Pages in `taken` are given to nobody, but still make a track doubtful."""
    everyone = [Wording.of_track(one) for one in tracks]
    ours = [one for one in everyone if one.title != NAMELESS]
    theirs = [page for one in pages if (page := Wording.of_page(one)).title != NAMELESS]
    rankings = dict(zip((one.id for one in ours), _rankings(ours, theirs), strict=True))
    matched = _assigned({one.id: one for one in ours}, rankings, taken)
    doubts, absent = [], [one.id for one in everyone if one.title == NAMELESS]
    gone = taken | {one.page_id for one in matched.values()}
    for title_id, ranking in rankings.items():
        if title_id in matched:
            continue
        if ranking and ranking[0].score.total >= matching.REVIEW:
            doubts.append(_doubt(title_id, ranking, gone))
        else:
            absent.append(title_id)
    return Matches(matched=matched, doubts=tuple(doubts), absent=tuple(absent))


def _rankings(ours: Sequence[Wording], theirs: Sequence[Wording]) -> list[Ranking]:
    """For each track the pages that may be it, best first. Those who say all the same words need no wider net."""
    same: dict[str, list[Wording]] = {}
    for page in theirs:
        same.setdefault(page.line, []).append(page)
    found = [_ranked(track, same.get(track.line, ())[:SAME_WORDS] if track.line else ()) for track in ours]
    open_places = [place for place, ranking in enumerate(found) if not _sure(ranking)]
    for place, caught in zip(open_places, _net([ours[place] for place in open_places], theirs), strict=True):
        known = {one.page.id for one in found[place]}
        more = _ranked(ours[place], [page for page in caught if page.id not in known])
        found[place] = _in_order([*found[place], *more])
    return found


def _sure(ranking: Ranking) -> bool:
    return bool(ranking) and matching.decide(tuple(one.score for one in ranking)).kind is Verdict.ACCEPT


def _ranked(track: Wording, pages: Iterable[Wording]) -> Ranking:
    return _in_order(Ranked(page=page, score=wording.compare(track, page)) for page in pages)


def _in_order(ranking: Iterable[Ranked]) -> Ranking:
    return tuple(sorted(ranking, key=lambda one: (-one.score.total, one.page.id)))


def _net(ours: Sequence[Wording], theirs: Sequence[Wording]) -> Iterable[list[Wording]]:
    """For each track the few pages whose words are most alike, by all words and by the piece's words together."""
    if not ours or not theirs:
        return [[] for _ in ours]
    lines, cores = [page.line for page in theirs], [page.core for page in theirs]
    found = []
    for start in range(0, len(ours), ROWS):
        some = ours[start : start + ROWS]
        alike = _likeness([one.line for one in some], lines) + _likeness([one.core for one in some], cores)
        found += [[theirs[place] for place in places] for places in _best_places(alike)]
    return found


def _likeness(ours: Sequence[str], theirs: Sequence[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.uint16]]":
    import numpy as np  # noqa: PLC0415 - only who matches a whole library pays for it

    return process.cdist(ours, theirs, scorer=fuzz.ratio, dtype=np.uint8, workers=1).astype(np.uint16)


def _best_places(alike: "np.ndarray[tuple[int, int], np.dtype[np.uint16]]") -> Iterable[list[int]]:
    """Per row the columns of the highest values, the highest first, equal ones by column; none below the least catch."""
    import numpy as np  # noqa: PLC0415

    last = max(0, alike.shape[1] - CAUGHT)
    for row in alike:
        least = max(LEAST_CATCH, int(np.partition(row, last)[last]))
        places = np.flatnonzero(row >= least)
        order = np.argsort(-row[places].astype(np.int32), kind="stable")
        yield [int(place) for place in places[order][:CAUGHT]]


def _assigned(tracks: Mapping[str, Wording], rankings: Mapping[str, Ranking], taken: AbstractSet[str]) -> dict[str, Match]:
    """Give pages away, the best score of all first; of equal tracks the one whose name needed no cleaning."""
    given, matched = set(taken), dict[str, Match]()
    waiting = [(-ranking[0].score.total, not tracks[one].as_given, one) for one, ranking in rankings.items() if ranking]
    heapq.heapify(waiting)
    while waiting:
        negative, cleaned, title_id = heapq.heappop(waiting)
        free = tuple(one for one in rankings[title_id] if one.page.id not in given)
        best = _acceptable(free, rankings[title_id])
        if best is None:
            continue
        if best.score.total < -negative:  # its first choice has gone: somebody may fit the second better
            heapq.heappush(waiting, (-best.score.total, cleaned, title_id))
            continue
        given.add(best.page.id)
        matched[title_id] = Match(title_id=title_id, page_id=best.page.id, way=Way.TITLE_ARTIST, score=best.score.total)
    return matched


def _acceptable(free: Ranking, ranking: Ranking) -> Ranked | None:
    """The best free page, if it is sure, and no worse than the best of all, which another track has taken."""
    if not _sure(free) or ranking[0].score.total - free[0].score.total >= matching.MARGIN:
        return None
    return free[0]


def _doubt(title_id: str, ranking: Ranking, gone: AbstractSet[str]) -> Doubt:
    lost = _sure(ranking) and ranking[0].page.id in gone
    shown = [wording.candidate(one.page, one.score) for one in ranking[:SHOWN] if one.score.total >= matching.REVIEW]
    return Doubt(title_id=title_id, reason=TAKEN if lost else UNSURE, candidates=tuple(shown))
