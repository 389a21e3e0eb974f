"""Two descriptions of a recording compared: titles, artists, lengths, and what holds a score down."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from crateline.domain import bylines, conflicts, people, sides, spelling
from crateline.domain.folding import comparable, fold
from crateline.domain.sides import Side
from crateline.domain.titles import Reading

WEIGHTS = {"title": 0.40, "artist": 0.28, "duration": 0.27, "source": 0.05}
SAME_LENGTH_S = 2.0
LENGTH_DECAY_S = 8.0
PADDED_DECAY_S = 12.0  # of an upload that is longer: silence, a last picture
FILM_DECAY_S = 18.0  # of a film that is longer: a logo, a fade, bylines
UNKNOWN_LENGTH = 0.6
UNREADABLE = 0.45  # a name in a script that cannot be compared, or no artist at all
CAP_LENGTH, LENGTH_LIMIT_S, LENGTH_LIMIT_SHARE = 0.55, 20.0, 0.08
CAP_WORDS, LEAST_TITLE = 0.5, 0.55
CAP_TWIN, TWIN_WORDS = 0.7, 3  # of so many words and the same length, by whomever: an alias?
CAP_WEAK, WEAK = 0.6, 0.8  # neither the title nor the artist is nearly the same
CAP_DOUBT = 0.8  # "Crimson Horizon" is not "Crimson Harbour", however equal all else is
CAP_GUEST = 0.93  # of two uploads take the one without him
HELD = 0.6  # a title that the other continues, as long: "Da Da Da, ich lieb dich nicht"
CUT_SHORT = 0.96  # a title whose words in brackets the other side leaves out
_YEAR_LAST = re.compile(r"^(?P<title>.*\w\W*)\W(?:19|20)(?P<year>\d\d)\W*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Penalty:
    """What holds a score down: by a `factor`, or by a `limit` above which it cannot be. `name` is stable, `reason` for people."""

    name: str
    reason: str
    factor: float | None = None
    limit: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Likeness of two titles and of their artists (None: not comparable), and what tells the titles apart.

    `closest` is the likeness of the artists that fit best, `alone` what one side says and the other does not, `stranger`
    whom the other side brings in, `crowd` that it is more than a guest whom others leave out; `twin` says that a name of
    several words and the length are the same.
    """

    title: float
    likeness_of_artists: float | None
    closest: float
    numbers: tuple[frozenset[str], frozenset[str]]
    same: bool
    title_comparable: bool = True
    stranger: str = ""
    crowd: bool = False
    alone: tuple[str, ...] = ()
    twin: bool = False

    @property
    def artist(self) -> float:
        """Likeness of the artists, a little under one half where it cannot be told."""
        return UNREADABLE if self.likeness_of_artists is None else self.likeness_of_artists

    @property
    def weight(self) -> float:
        """Their part in the total."""
        return WEIGHTS["title"] * self.title + WEIGHTS["artist"] * self.artist

    @property
    def fit(self) -> tuple[float, bool, int]:
        """How well this way of reading both sides fits: by weight, and of equals the one that explains more."""
        return (round(self.weight - 0.02 * len(self.alone), 6), self.same, -len(self.alone))

    def penalties(self) -> Iterator[Penalty]:
        """Each reason in the words for which a total cannot be high, with its limit."""
        if not self.title_comparable and self.title < bylines.SURE:
            yield Penalty(name="title_unknown", reason="the titles cannot be compared", limit=CAP_DOUBT)
        elif self.title < LEAST_TITLE:
            yield Penalty(name="title", reason="another title", limit=CAP_WORDS)
        elif self.title < bylines.SURE or not self.same:
            yield Penalty(name="title_doubt", reason="the titles differ", limit=CAP_DOUBT)
        if self.alone:
            reason = f"on one side only: {', '.join(f'“{words}”' for words in self.alone)}"
            yield Penalty(name="unexplained", reason=reason, limit=CAP_DOUBT)
        yield from self._about_artists()
        if self.numbers[0] != self.numbers[1]:
            limit = CAP_WORDS if all(self.numbers) else CAP_DOUBT
            yield Penalty(name="number", reason="another number in the title", limit=limit)

    def _about_artists(self) -> Iterator[Penalty]:
        if self.likeness_of_artists is None:
            yield Penalty(name="artist_unknown", reason="the artists cannot be compared", limit=CAP_DOUBT)
        elif self.artist < bylines.LEAST_ARTIST:
            yield Penalty(name="artist", reason="another artist", limit=CAP_TWIN if self.twin else CAP_WORDS)
        elif self.artist < WEAK and self.closest < bylines.SURE and self.title < WEAK:
            yield Penalty(name="words", reason="neither title nor artist is the same", limit=CAP_WEAK)
        elif self.crowd:
            yield Penalty(name="artist_doubt", reason=f"{self.stranger} is not among the artists", limit=CAP_DOUBT)
        elif self.closest < bylines.SURE:
            yield Penalty(name="artist_doubt", reason="the artists differ", limit=CAP_DOUBT)
        elif self.stranger:
            yield Penalty(name="guest", reason=f"{self.stranger} is not among the artists", limit=CAP_GUEST)


def words_of(ours: Side, theirs: Side) -> Words:
    """Compare the words of two sides in the pair of readings that fits best."""
    remixers = ours.title.version.remixers | theirs.title.version.remixers
    both = tuple(remixers) if ours.title.version.remixers and theirs.title.version.remixers else ()
    pairs = product(ours.readings(theirs), theirs.readings(ours))
    found = (_words(ours, theirs, pair, remixers, both) for pair in pairs)
    return max(found, key=lambda words: words.fit)


def _words(ours: Side, theirs: Side, pair: tuple[Reading, Reading], remixers: frozenset[str], shared: tuple[str, ...]) -> Words:
    a, b = pair
    a, b = _undated(a, b, theirs), _undated(b, a, ours)
    one, other, cut = _best_cores(a, b, remixers)
    gap = gap_of(ours.duration, theirs.duration)
    as_long = gap is not None and gap <= SAME_LENGTH_S
    called = sides.also_called(a, theirs) if as_long else ""
    turned = bool(called) and sides.both_named(ours, theirs)
    if turned:
        one, other, cut = called, called, CUT_SHORT
    readable = comparable(one, other)
    if called or (as_long and spelling.holds(one, other)):
        cut = max(cut, HELD)
    credited = any(people.name_likeness(name, remixer) >= bylines.SURE for remixer in shared for name in a.artists + b.artists)
    named = shared if credited else ()
    blended, closest = bylines.likeness_of(a.artists + named, b.artists + named)
    if shared and any(people.among(name, b.artists) for name in a.artists):
        closest = max(closest, bylines.SURE)  # "RÜFÜS" and "RÜFÜS DU SOL", remixed by the same
    stranger, crowd = bylines.stranger(b.artists, ours, theirs, as_long=gap is None or as_long)
    added = tuple(sides.left_over(theirs, ours, b, cut=other != b.core, named=turned))
    bare = as_long and not added
    alone = [*sides.left_over(ours, theirs, a, cut=one != a.core, named=turned or bare), *added]
    same = spelling.same_words(_plain(one, remixers), _plain(other, remixers), exactly=ours.trusted and theirs.trusted)
    return Words(
        title=cut if readable else max(cut, UNREADABLE),
        likeness_of_artists=blended,
        closest=closest,
        numbers=(spelling.numbers(one), spelling.numbers(other)),
        same=same,
        title_comparable=readable,
        stranger=stranger,
        crowd=crowd,
        alone=tuple(alone),
        twin=same and not alone and as_long and (bool(shared) or len(fold(one).split()) >= TWIN_WORDS),
    )


def _undated(way: Reading, against: Reading, elsewhere: Side) -> Reading:
    """A title without the year at its end if the other side says that year, and not in its title: it is the version's."""
    dated = _YEAR_LAST.match(way.core)
    if dated is None or any(number.endswith(dated["year"]) for number in spelling.numbers(against.core)):
        return way
    said = elsewhere.said.split()
    known = dated["year"] in said or any(f"{century}{dated['year']}" in said for century in (19, 20))
    return replace(way, core=dated["title"].strip(), bare=dated["title"].strip()) if known else way


def _best_cores(a: Reading, b: Reading, remixers: frozenset[str]) -> tuple[str, str, float]:
    """The two cores that are most alike, each with or without what stands in brackets, and their likeness."""
    best = (a.core, b.core, _title_likeness(a.core, b.core, remixers))
    for one, other in product({a.core, a.bare or a.core}, {b.core, b.bare or b.core}):
        factor = 1.0 if (one, other) == (a.core, b.core) else CUT_SHORT
        found = factor * _title_likeness(one, other, remixers)
        if found > best[2]:
            best = (one, other, found)
    return best


def _plain(core: str, remixers: frozenset[str]) -> str:
    """A core without a remixer's name that stands at its end without brackets."""
    folded = fold(core)
    return next((folded.removesuffix(f" {name}") for name in remixers if folded.endswith(f" {name}")), core)


def _title_likeness(one: str, other: str, remixers: frozenset[str]) -> float:
    found = spelling.title_likeness(one, other)
    return found if not remixers else max(found, spelling.title_likeness(_plain(one, remixers), _plain(other, remixers)))


def version_penalties(conflict: conflicts.Conflict) -> Iterator[Penalty]:
    """Every difference of version. The heaviest counts, once."""
    for name, reason in conflict.hard:
        yield Penalty(name=name, reason=reason, factor=conflicts.HARD_FACTOR)
    for name, reason in conflict.soft:
        yield Penalty(name=name, reason=reason, factor=conflicts.SOFT_FACTOR)


def gap_of(ours: float | None, theirs: float | None) -> float | None:
    """The difference of two lengths in seconds; None if one is not known."""
    return abs(ours - theirs) if ours and theirs else None


def length_of(gap: float | None, decay: float = LENGTH_DECAY_S) -> float:
    """1 within 2 s, then exp(-(gap - 2) / `decay`)."""
    if gap is None:
        return UNKNOWN_LENGTH
    return 1.0 if gap <= SAME_LENGTH_S else math.exp(-(gap - SAME_LENGTH_S) / decay)


def length_penalties(gap: float | None, length: float) -> Iterator[Penalty]:
    """The limit for a candidate that is much longer or shorter than `length`, in seconds."""
    if gap is not None and gap > max(LENGTH_LIMIT_S, LENGTH_LIMIT_SHARE * length):
        yield Penalty(name="length", reason=f"{gap:.0f} s longer or shorter", limit=CAP_LENGTH)
