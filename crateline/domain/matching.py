"""Is this candidate the same recording as that track? A score that explains itself, and a decision with a margin.

    total = (.40 title + .28 artist + .27 duration + .05 source) x version, at most the lowest cap

The weights and thresholds were found on songs with the candidates that YouTube Music really returned for them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import product
from statistics import fmean
from typing import Any

from crateline.domain import titles, versions
from crateline.domain.folding import comparable, fold, likeness
from crateline.domain.titles import Reading, Title
from crateline.domain.track import Availability, Candidate, Platform, Track
from crateline.domain.versions import Kind, Versions

ACCEPT = 0.85
REVIEW = 0.65
MARGIN = 0.05
ENOUGH = 0.92  # a search stops at the first candidate from here on

WEIGHTS = {"title": 0.40, "artist": 0.28, "duration": 0.27, "source": 0.05}
BEST_ARTIST, ALL_ARTISTS = 0.7, 0.3
SAME_LENGTH_S = 2.0
LENGTH_DECAY_S = 8.0
UNKNOWN_LENGTH = 0.5
UNREADABLE = 0.45  # an artist in a script that cannot be compared, or no artist at all
OWN_CHANNEL = 0.4  # the artist's own channel, against 1 for a catalogue
ISRC_FLOOR = 0.95

CAP_LENGTH, LENGTH_LIMIT_S, LENGTH_LIMIT_SHARE = 0.55, 20.0, 0.08
CAP_WORDS, LEAST_ARTIST, LEAST_TITLE = 0.5, 0.6, 0.55
CAP_UNREADABLE = 0.8
CAP_UNPLAYABLE = 0.5

SPOKEN = frozenset({Kind.LIVE, Kind.EXTENDED, Kind.RADIO, Kind.INSTRUMENTAL, Kind.ACAPELLA, Kind.ACOUSTIC, Kind.VIP, Kind.DUB})
CATALOGUES = frozenset({Platform.SPOTIFY, Platform.BEATPORT, Platform.APPLE_MUSIC, Platform.LOCAL})
NOBODY = frozenset({"", "various artists", "unknown artist", "unknown", "va"})
QUERY_LIMIT = 200  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """How sure it is that `candidate` is the track. All parts are 0 to 1; `version` is a factor; `caps` hold `total` down."""

    candidate: Candidate
    total: float
    title: float
    artist: float
    duration: float
    source: float
    version: float
    caps: tuple[float, ...] = ()
    reasons: tuple[str, ...] = ()

    def features(self) -> dict[str, Any]:
        """The parts without the candidate, ready for JSON: what a person's choice is remembered with."""
        return {name: value for name, value in asdict(self).items() if name != "candidate"}


class Verdict(StrEnum):
    """What is to be done with the best candidate."""

    ACCEPT = "accept"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A verdict on ranked candidates; `best` is there unless the verdict is NONE, `ranked` is best first."""

    kind: Verdict
    best: Score | None
    ranked: tuple[Score, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """One of the two things that are compared; `text` is everything it says, folded."""

    title: Title
    artist: str
    channel: str
    trusted: bool
    text: str
    duration: float | None
    isrc: str

    @classmethod
    def of(cls, thing: Track | Candidate) -> "_Side":
        channel = thing.channel if isinstance(thing, Candidate) else ""
        return cls(
            title=titles.parse(thing.title),
            artist=thing.artist or channel,
            channel=channel,
            trusted=_trusted(thing) and bool(thing.artist),
            text=fold(f"{thing.artist} {channel} {thing.title}"),
            duration=thing.duration,
            isrc=thing.isrc.replace("-", "").upper(),
        )

    def version(self, other: "_Side") -> Versions:
        """What the title says and what the uploader's name gives away."""
        return self.title.version | Versions(kinds=versions.in_channel(f"{self.artist} {self.channel}", other.text))

    def readings(self, other: "_Side") -> tuple[Reading, ...]:
        """The ways to read this side; an upload may hold the other side's artist in its title without a dash."""
        ways = titles.readings(self.artist, self.title, trusted=self.trusted)
        if self.trusted or len(self.title.segments) != 1:
            return ways
        return ways + tuple(titles.found_in(self.title.core, name) for name in titles.names(other.artist))


def score(track: Track, candidate: Candidate) -> Score:
    """Compare a track with one candidate. Only the artist field of a catalogue, or of a topic upload, is trusted."""
    channel = titles.names(candidate.channel)
    own = any(likeness(name, other) >= titles.THE_ARTIST for name in channel for other in titles.names(track.artist))
    source = 1.0 if _trusted(candidate) else OWN_CHANNEL if own else 0.0
    return _score(track, candidate, source)


def page_match(track: Track, title: str, artist: str, duration: float | None, *, isrc: str = "") -> Score:
    """Compare a track with a library entry of which these words are known (a Notion page, an Eagle item), by the same rules."""
    upload = Platform.SOUNDCLOUD  # the artist that a page names may be an uploader: read it both ways
    entry = Candidate(id="", title=title, artist=artist, url="", platform=upload, duration=duration, isrc=isrc)
    return _score(track, entry, 1.0)


def rank(track: Track, candidates: Sequence[Candidate]) -> tuple[Score, ...]:
    """Scores of all candidates, best first; equal scores keep the order of the search."""
    return tuple(sorted((score(track, candidate) for candidate in candidates), key=lambda one: -one.total))


def decide(ranked: tuple[Score, ...], *, accept: float = ACCEPT, review: float = REVIEW) -> Decision:
    """Accept the best, ask a person, or none. The best must be ahead by .05 of every candidate that is another recording."""
    best = ranked[0] if ranked else None
    if best is None or best.total < review:
        return Decision(kind=Verdict.NONE, best=None, ranked=ranked)
    rivals = [one for one in ranked[1:] if best.total - one.total < MARGIN]
    clear = all(_same_recording(best.candidate, one.candidate, accept) for one in rivals)
    kind = Verdict.ACCEPT if best.total >= accept and clear else Verdict.REVIEW
    return Decision(kind=kind, best=best, ranked=ranked)


def queries(track: Track) -> tuple[str, ...]:
    """What to type into a search, in this order: as it is; reversed, without guests and noise; the ISRC."""
    title = titles.parse(track.title)
    plain = titles.readings(track.artist, title, trusted=True)[0]
    spoken = [f"{name} remix" for name in sorted(title.version.remixers)]
    spoken += sorted(title.version.kinds & SPOKEN)
    names_itself = len(title.segments) > 1 and track.platform not in CATALOGUES
    given = track.title if names_itself or not track.artist else f"{track.artist} - {track.title}"
    turned = " ".join([plain.core, *spoken, "" if names_itself else " ".join(titles.names(track.artist))])
    return tuple(dict.fromkeys(query for query in map(_query, (given, turned, track.isrc)) if query))


def _query(text: str) -> str:
    """Printable characters and single spaces, at most 200 of them; no dash in front, which a search reads as "not"."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(kept.split())[:QUERY_LIMIT].strip(" -")


def _trusted(thing: Track | Candidate) -> bool:
    return thing.platform in CATALOGUES or (isinstance(thing, Candidate) and thing.topic)


def _score(track: Track, candidate: Candidate, source: float) -> Score:
    ours, theirs = _Side.of(track), _Side.of(candidate)
    gap = _gap(ours.duration, theirs.duration)
    conflict = versions.compare(ours.version(theirs), theirs.version(ours), gap, texts=(ours.text, theirs.text))
    title, artist = _words(ours, theirs)
    length = _length(gap)
    caps = [*_caps(title, artist, gap, track.duration or 0.0)]
    known_artist = UNREADABLE if artist is None else artist
    total = _weighed(title, known_artist) + WEIGHTS["duration"] * length + WEIGHTS["source"] * source
    reasons = conflict.reasons
    if ours.isrc and ours.isrc == theirs.isrc and length == 1:
        total, caps, reasons = max(total, ISRC_FLOOR), [], (*reasons, "the same ISRC and length")
    if candidate.availability is not Availability.PLAYABLE:
        caps.append((CAP_UNPLAYABLE, f"not to be had: {candidate.availability}"))
    return Score(
        candidate=candidate,
        total=round(min([total * conflict.factor, 1.0, *(cap for cap, _ in caps)]), 4),
        title=round(title, 4),
        artist=round(known_artist, 4),
        duration=round(length, 4),
        source=source,
        version=conflict.factor,
        caps=tuple(cap for cap, _ in caps),
        reasons=(*reasons, *(reason for _, reason in caps)),
    )


def _weighed(title: float, artist: float) -> float:
    return WEIGHTS["title"] * title + WEIGHTS["artist"] * artist


def _words(ours: _Side, theirs: _Side) -> tuple[float, float | None]:
    """Likeness of titles and of artists (None: not comparable) in the pair of readings that fits best."""
    remixers = ours.title.version.remixers | theirs.title.version.remixers
    shared = tuple(remixers) if ours.title.version.remixers and theirs.title.version.remixers else ()
    pairs = product(ours.readings(theirs), theirs.readings(ours))
    likenesses = [
        (_title_likeness(a.core, b.core, remixers), _artist_likeness(a.artists + shared, b.artists + shared)) for a, b in pairs
    ]
    return max(likenesses, key=lambda pair: _weighed(pair[0], UNREADABLE if pair[1] is None else pair[1]))


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


def _gap(ours: float | None, theirs: float | None) -> float | None:
    return abs(ours - theirs) if ours and theirs else None


def _length(gap: float | None) -> float:
    """1 within 2 s, then exp(-(gap - 2) / 8)."""
    if gap is None:
        return UNKNOWN_LENGTH
    return 1.0 if gap <= SAME_LENGTH_S else math.exp(-(gap - SAME_LENGTH_S) / LENGTH_DECAY_S)


def _caps(title: float, artist: float | None, gap: float | None, length: float) -> Iterator[tuple[float, str]]:
    """Each reason for which a total cannot be high, with its limit."""
    if gap is not None and gap > max(LENGTH_LIMIT_S, LENGTH_LIMIT_SHARE * length):
        yield CAP_LENGTH, f"{gap:.0f} s longer or shorter"
    if title < LEAST_TITLE:
        yield CAP_WORDS, "another title"
    if artist is None:
        yield CAP_UNREADABLE, "the artists cannot be compared"
    elif artist < LEAST_ARTIST:
        yield CAP_WORDS, "another artist"


def _same_recording(one: Candidate, other: Candidate, accept: float) -> bool:
    """Whether two candidates are one recording: the first, taken as a track, accepts the second."""
    platform = Platform.LOCAL if _trusted(one) else one.platform
    track = Track(
        key="", title=one.title, artist=one.artist or one.channel, url="", platform=platform, duration=one.duration, isrc=one.isrc
    )
    return score(track, other).total >= accept
