"""Two descriptions of a recording compared: titles, artists, lengths, and what holds a score down."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from statistics import fmean

from crateline.domain import titles, versions
from crateline.domain.folding import comparable, fold, likeness
from crateline.domain.titles import Reading, Title
from crateline.domain.track import Candidate, Platform, Track
from crateline.domain.versions import Versions

WEIGHTS = {"title": 0.40, "artist": 0.28, "duration": 0.27, "source": 0.05}
BEST_ARTIST, ALL_ARTISTS = 0.7, 0.3
SAME_LENGTH_S = 2.0
LENGTH_DECAY_S = 8.0
UNKNOWN_LENGTH = 0.5
UNREADABLE = 0.45  # an artist in a script that cannot be compared, or no artist at all
CAP_LENGTH, LENGTH_LIMIT_S, LENGTH_LIMIT_SHARE = 0.55, 20.0, 0.08
CAP_WORDS, LEAST_ARTIST, LEAST_TITLE = 0.5, 0.6, 0.55
CAP_WEAK, WEAK = 0.6, 0.8  # neither the title nor the artist is nearly the same
CAP_DOUBT, SURE_TITLE = 0.8, 0.85  # "Crimson Horizon" is not "Crimson Harbour", however equal all else is
CAP_UNREADABLE = 0.8
CATALOGUES = frozenset({Platform.SPOTIFY, Platform.BEATPORT, Platform.APPLE_MUSIC, Platform.LOCAL})
NOBODY = frozenset({"", "various artists", "unknown artist", "unknown", "va"})
_NUMBER = re.compile(r"\d+|\b(?:ii|iii|iv|vi|vii|viii|ix)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two things that are compared; `text` is everything it says, folded."""

    title: Title
    artist: str
    channel: str
    trusted: bool
    text: str
    duration: float | None
    isrc: str

    @classmethod
    def of(cls, thing: Track | Candidate) -> "Side":
        """Take a track or a candidate for comparison."""
        channel = thing.channel if isinstance(thing, Candidate) else ""
        return cls(
            title=titles.parse(thing.title),
            artist=thing.artist or channel,
            channel=channel,
            trusted=is_catalogue(thing) and bool(thing.artist),
            text=fold(f"{thing.artist} {channel} {thing.title}"),
            duration=thing.duration,
            isrc=thing.isrc.replace("-", "").upper(),
        )

    def version(self, other: "Side") -> Versions:
        """What the title says and what the uploader's name gives away."""
        return self.title.version | Versions(kinds=versions.in_channel(f"{self.artist} {self.channel}", other.text))

    def readings(self, other: "Side") -> tuple[Reading, ...]:
        """The ways to read this side; an upload may hold the other side's artist in its title without a dash."""
        ways = titles.readings(self.artist, self.title, trusted=self.trusted)
        if self.trusted:
            return ways
        if len(self.title.segments) > 1:
            # two uploads "A - B" and "A - C" are half alike as whole titles: read past the dash on both sides
            return ways if other.trusted or len(other.title.segments) == 1 else ways[1:]
        hidden = (titles.found_in(self.title.core, name) for name in titles.names(other.artist))
        return ways + tuple(way for way in hidden if way)


def is_catalogue(thing: Track | Candidate) -> bool:
    """Whether the artist field is the artist: in a catalogue and on a topic upload it is, elsewhere perhaps an uploader."""
    return thing.platform in CATALOGUES or (isinstance(thing, Candidate) and thing.topic)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Likeness of two titles and of their artists (None: not comparable), with the numbers in either title."""

    title: float
    likeness_of_artists: float | None
    numbers: tuple[frozenset[str], frozenset[str]]

    @property
    def artist(self) -> float:
        """Likeness of the artists, a little under one half where it cannot be told."""
        return UNREADABLE if self.likeness_of_artists is None else self.likeness_of_artists

    @property
    def weight(self) -> float:
        """Their part in the total."""
        return WEIGHTS["title"] * self.title + WEIGHTS["artist"] * self.artist

    def caps(self) -> Iterator[tuple[float, str]]:
        """Each reason in the words for which a total cannot be high, with its limit."""
        if self.title < LEAST_TITLE:
            yield CAP_WORDS, "another title"
        elif self.title < SURE_TITLE:
            yield CAP_DOUBT, "the titles differ"
        if self.likeness_of_artists is None:
            yield CAP_UNREADABLE, "the artists cannot be compared"
        elif self.artist < LEAST_ARTIST:
            yield CAP_WORDS, "another artist"
        elif self.artist < WEAK and self.title < WEAK:
            yield CAP_WEAK, "neither title nor artist is the same"
        if self.numbers[0] != self.numbers[1]:
            yield (CAP_WORDS if all(self.numbers) else CAP_DOUBT), "another number in the title"


def words_of(ours: Side, theirs: Side) -> Words:
    """Compare the words of two sides in the pair of readings that fits best."""
    remixers = ours.title.version.remixers | theirs.title.version.remixers
    shared = tuple(remixers) if ours.title.version.remixers and theirs.title.version.remixers else ()
    pairs = product(ours.readings(theirs), theirs.readings(ours))
    found = (
        Words(
            title=_title_likeness(a.core, b.core, remixers),
            likeness_of_artists=_artist_likeness(a.artists + shared, b.artists + shared),
            numbers=(_numbers(a.core), _numbers(b.core)),
        )
        for a, b in pairs
    )
    return max(found, key=lambda words: words.weight)


def _numbers(core: str) -> frozenset[str]:
    """The numbers in a title, Roman ones as they are: "Part II" is not "Part III"."""
    return frozenset(_NUMBER.findall(fold(core)))


def _title_likeness(one: str, other: str, remixers: frozenset[str]) -> float:
    """Likeness of two cores; a remixer's name that stands without brackets at the end of one is no part of it."""
    plain = likeness(one, other)
    return max(
        [plain, *(likeness(fold(one).removesuffix(f" {name}"), fold(other).removesuffix(f" {name}")) for name in remixers)]
    )


def _artist_likeness(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float | None:
    """.7 of the best pair and .3 of the mean over our artists; None if there is nothing that can be compared."""
    ours, theirs = (tuple(name for name in side if fold(name) not in NOBODY) for side in (ours, theirs))
    if not ours or not theirs:
        return None
    best = [max(likeness(name, other) for other in theirs) for name in ours]
    blended = BEST_ARTIST * max(best) + ALL_ARTISTS * fmean(best)
    found = max(blended, likeness(" ".join(ours), " ".join(theirs)))
    if found < LEAST_ARTIST and not any(comparable(name, other) for name, other in product(ours, theirs)):
        return None
    return min(found, 1.0)


def gap_of(ours: float | None, theirs: float | None) -> float | None:
    """The difference of two lengths in seconds; None if one is not known."""
    return abs(ours - theirs) if ours and theirs else None


def length_of(gap: float | None) -> float:
    """1 within 2 s, then exp(-(gap - 2) / 8)."""
    if gap is None:
        return UNKNOWN_LENGTH
    return 1.0 if gap <= SAME_LENGTH_S else math.exp(-(gap - SAME_LENGTH_S) / LENGTH_DECAY_S)


def length_caps(gap: float | None, length: float) -> Iterator[tuple[float, str]]:
    """The limit for a candidate that is much longer or shorter than `length`, in seconds."""
    if gap is not None and gap > max(LENGTH_LIMIT_S, LENGTH_LIMIT_SHARE * length):
        yield CAP_LENGTH, f"{gap:.0f} s longer or shorter"
