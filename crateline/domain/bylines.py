"""Who made it: the artists of two sides compared, and whom only one of them names."""

import re
from functools import lru_cache
from itertools import product
from statistics import fmean

from crateline.domain import people, titles
from crateline.domain.folding import comparable, fold
from crateline.domain.sides import Side

_ALIAS = re.compile(r"\b(?:aka|a k a|alias)\b")
BEST, ALL = 0.7, 0.3
LEAST_ARTIST = 0.6
SURE = 0.85
NOBODY = frozenset({"", "various artists", "unknown artist", "unknown", "va", "friends", "guests", "others", "more", "mcs"})


@lru_cache(maxsize=65536)
def likeness_of(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[float | None, float]:
    """.7 of the best pair and .3 of the mean over our artists, None if nothing can be compared; and the best pair alone.

    One of the two that are named first must be among the others: a guest in common is not enough.
    """
    ours, theirs = (tuple(name for name in side if fold(name) not in NOBODY) for side in (ours, theirs))
    if not ours or not theirs:
        return None, 0.0
    best = [max(people.name_likeness(name, other) for other in theirs) for name in ours]
    whole = people.name_likeness(" ".join(ours), " ".join(theirs))
    found = max(BEST * max(best) + ALL * fmean(best), whole)
    if found < LEAST_ARTIST and not any(comparable(name, other) for name, other in product(ours, theirs)):
        return None, 0.0
    lead = max(best[0], *(people.name_likeness(name, theirs[0]) for name in ours))
    return min(found, 1.0), min(max(*best, whole) if lead >= SURE else max(lead, whole), 1.0)


def stranger(artists: tuple[str, ...], ours: Side, theirs: Side, *, as_long: bool) -> tuple[str, bool]:
    """Whom the other side brings in and ours does not know, and whether it is likely a mash-up or a version with other guests.

    Set beside our artists by "vs" or "x" in an upload one is enough, and in a catalogue two if one of them comes first; of
    guests it takes two, or one and another length, or one whom one catalogue names and the other does not. A guest of ours
    whom a catalogue does not name is no doubt where the length is the same; another upload that names him is better.
    """
    listed = _unknown(artists, ours)
    if listed and (
        (not theirs.trusted and _is_against(theirs) and not _is_against(ours))
        or (theirs.trusted and len(listed) > 1 and artists[0] in listed)
    ):
        return listed[0], True
    if listed and artists[0] not in listed and _joined_by_another(ours, theirs):
        return listed[0], True
    missing = _unknown(_guests(ours), theirs) if theirs.trusted else []
    if missing and not as_long:
        return missing[0], True
    guests = _unknown(_guests(theirs), ours)
    if guests:
        return guests[0], len(guests) > 1 or not as_long or _are_catalogues(ours, theirs)
    return (missing[0], False) if missing else ("", False)


def _joined_by_another(ours: Side, theirs: Side) -> bool:
    """Whether an upload leaves out one of our artists: "Queen + Adam Lambert" are not Queen and David Bowie."""
    alias = _ALIAS.search(theirs.said) is not None
    return not theirs.trusted and not alias and bool(_unknown(titles.names(ours.artist)[1:], theirs))


def _are_catalogues(ours: Side, theirs: Side) -> bool:
    """Whether both name whom they mean, and not by the same remixer: then a guest more is another version as often as not."""
    remixed = ours.title.version.remixers & theirs.title.version.remixers
    return ours.trusted and theirs.trusted and not remixed


def _is_against(side: Side) -> bool:
    return any(f" {word} " in f" {side.said} " for word in ("vs", "x"))


def _guests(side: Side) -> tuple[str, ...]:
    return tuple(name for guest in side.title.version.guests for name in titles.names(guest))


def _unknown(artists: tuple[str, ...], side: Side) -> list[str]:
    """Those of whom a side says nothing, under this name or one nearly the same."""
    known = titles.names(side.artist) + _guests(side)
    return [
        name
        for name in artists
        if fold(name) not in side.text
        and fold(name) not in NOBODY
        and not people.among(name, known)
        and not any(people.name_likeness(name, other) >= SURE for other in known)
    ]
