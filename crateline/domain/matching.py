"""Is this candidate the same recording as that track? A score that explains itself, and a decision with a margin.

    total = (.40 title + .28 artist + .27 duration + .05 source) x version, at most the lowest cap

The weights and thresholds were found on songs with the candidates that YouTube Music really returned for them.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from crateline.domain import bylines, comparison, conflicts, people, sides, titles
from crateline.domain.comparison import Penalty
from crateline.domain.track import Availability, Candidate, Platform, Track
from crateline.domain.vocabulary import FILM, Kind

ACCEPT = 0.85
REVIEW = 0.65
MARGIN = 0.05
ENOUGH = 0.92  # a search stops at the first candidate from here on

OWN_CHANNEL = 0.4  # the artist's own channel, against 1 for a catalogue
ISRC_FLOOR = 0.95
ISRC_DOUBT = 0.8
CAP_UNPLAYABLE = 0.5

SPOKEN = frozenset({Kind.LIVE, Kind.EXTENDED, Kind.RADIO, Kind.INSTRUMENTAL, Kind.ACAPELLA, Kind.ACOUSTIC, Kind.VIP, Kind.DUB})
_FILM = re.compile(rf"\b(?:{FILM})\b", re.IGNORECASE)
QUERY_LIMIT = 200  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """How sure it is that `candidate` is the track.

    The parts and `base`, their weighted sum, are 0 to 1; `version` is a factor; `gap` is the difference of the lengths in
    seconds; `penalties` are all that was found against it, whether or not it made a difference; `vouched` is why the total
    is higher than its parts.
    """

    candidate: Candidate
    total: float
    title: float
    artist: float
    duration: float
    source: float
    version: float
    base: float = 0.0
    gap: float | None = None
    penalties: tuple[Penalty, ...] = ()
    vouched: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the total is what it is, in words."""
        return (*((self.vouched,) if self.vouched else ()), *(penalty.reason for penalty in self.penalties))

    def features(self) -> dict[str, Any]:
        """The parts without the candidate, ready for JSON: what a person's choice is remembered with."""
        parts = ("total", "base", "title", "artist", "duration", "source", "version", "gap")
        said = [{name: value for name, value in asdict(one).items() if value is not None} for one in self.penalties]
        return {**{name: getattr(self, name) for name in parts}, "penalties": said, "reasons": list(self.reasons)}


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


def score(track: Track, candidate: Candidate) -> Score:
    """Compare a track with one candidate. Only the artist field of a catalogue, or of a topic upload, is trusted."""
    if sides.is_catalogue(candidate):
        return _score(track, candidate, 1.0)
    channel = titles.names(candidate.channel)
    own = any(people.name_likeness(name, other) >= titles.THE_ARTIST for name in channel for other in titles.names(track.artist))
    longer = bool(track.duration and candidate.duration and candidate.duration > track.duration)
    film = own or _FILM.search(candidate.title) is not None
    decay = comparison.FILM_DECAY_S if film else comparison.PADDED_DECAY_S
    return _score(track, candidate, OWN_CHANNEL if own else 0.0, decay if longer else comparison.LENGTH_DECAY_S)


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
    clear = all(_both_fit(best, one, accept) or _same_recording(best.candidate, one.candidate, accept) for one in rivals)
    kind = Verdict.ACCEPT if best.total >= accept and clear else Verdict.REVIEW
    return Decision(kind=kind, best=best, ranked=ranked)


def queries(track: Track) -> tuple[str, ...]:
    """What to type into a search, in this order: as it is; reversed, without guests and noise; the ISRC."""
    title = titles.parse(track.title)
    plain = titles.readings(track.artist, title, trusted=True)[0]
    spoken = [f"{name} remix" for name in sorted(title.version.remixers)]
    spoken += sorted(title.version.kinds & SPOKEN)
    names_itself = len(title.segments) > 1 and track.platform not in sides.CATALOGUES
    given = track.title if names_itself or not track.artist else f"{track.artist} - {track.title}"
    turned = " ".join([plain.core, *spoken, "" if names_itself else " ".join(titles.names(track.artist))])
    return tuple(dict.fromkeys(query for query in map(_query, (given, turned, track.isrc)) if query))


def _query(text: str) -> str:
    """Printable characters and single spaces, at most 200 of them; no dash in front, which a search reads as "not"."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(kept.split())[:QUERY_LIMIT].strip(" -")


def _score(track: Track, candidate: Candidate, source: float, decay: float = comparison.LENGTH_DECAY_S) -> Score:
    ours, theirs = sides.pair(track, candidate)
    gap = comparison.gap_of(ours.duration, theirs.duration)
    mine, yours = ours.version(theirs), theirs.version(ours)
    credited = ours.credits(yours), theirs.credits(mine)
    joined = theirs.names_all_of(ours)
    conflict = conflicts.between(mine, yours, gap, texts=(ours.text, theirs.text), credited=credited, joined=joined)
    words = comparison.words_of(ours, theirs)
    length = comparison.length_of(gap, decay)
    base = min(1.0, words.weight + comparison.WEIGHTS["duration"] * length + comparison.WEIGHTS["source"] * source)
    against = [*words.penalties(), *comparison.length_penalties(gap, track.duration or 0.0)]
    least = _isrc_floor(words) if ours.isrc and ours.isrc == theirs.isrc and length == 1 else 0.0
    if candidate.availability is not Availability.PLAYABLE:
        reason = f"not to be had: {candidate.availability}"
        against.append(Penalty(name="unplayable", reason=reason, limit=CAP_UNPLAYABLE))
        least = min(least, CAP_UNPLAYABLE)
    limited = min([base, *(penalty.limit for penalty in against if penalty.limit is not None)])
    return Score(
        candidate=candidate,
        total=round(max(limited, least) * conflict.factor if least else min(limited, base * conflict.factor), 4),
        title=round(words.title, 4),
        artist=round(words.artist, 4),
        duration=round(length, 4),
        source=source,
        version=conflict.factor,
        base=round(base, 4),
        gap=None if gap is None else round(gap, 2),
        penalties=(*comparison.version_penalties(conflict), *against),
        vouched="the same ISRC and length" if least else "",
    )


def _isrc_floor(words: comparison.Words) -> float:
    """What the same ISRC at the same length is worth at least: little where the words speak against it, as ISRCs lie too."""
    title = words.title >= comparison.LEAST_TITLE or not words.title_comparable
    artist = words.likeness_of_artists is None or words.artist >= bylines.LEAST_ARTIST
    if title and artist:
        certain = (words.same or not words.title_comparable) and not words.alone and words.numbers[0] == words.numbers[1]
        return ISRC_FLOOR if certain else ISRC_DOUBT
    return ISRC_DOUBT if title or artist else 0.0


def _both_fit(best: Score, rival: Score, accept: float) -> bool:
    """Whether each of two would be accepted alone and they are as long: what two scripts write need not be comparable."""
    gap = comparison.gap_of(best.candidate.duration, rival.candidate.duration)
    return min(best.total, rival.total) >= accept and gap is not None and gap <= comparison.SAME_LENGTH_S


def _same_recording(one: Candidate, other: Candidate, accept: float) -> bool:
    """Whether two candidates are one recording: the first, taken as a track, accepts the second."""
    platform = Platform.LOCAL if sides.is_catalogue(one) else one.platform
    track = Track(
        key="", title=one.title, artist=one.artist or one.channel, url="", platform=platform, duration=one.duration, isrc=one.isrc
    )
    return score(track, other).total >= accept
