"""Where two versions conflict: each difference, whether it makes another recording, and what it costs."""

import re
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from crateline.domain import spelling
from crateline.domain.versions import Versions, unexplained
from crateline.domain.vocabulary import HARD, LIVE_PLACE, SAME_IF_AS_LONG, SOFT, Kind

HARD_FACTOR = 0.35
SOFT_FACTOR = 0.75
AS_LONG_S = 4.0
THE_SAME_LENGTH_S = 2.0
SAME_NAME = 85  # of 100
_MIXED = frozenset({Kind.MONO})  # a catalogue names its mix, others never
BY_SOMEBODY = frozenset({Kind.REMIX, Kind.VIP, Kind.DUB})

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_OF_A_CONCERT = re.compile(rf"\b(?:live|recorded|acoustic|unplugged|the|{LIVE_PLACE})\b")
_JOINED = re.compile(r" (?:and|x|vs|with|feat|ft) ")
_SHORT_YEAR = re.compile(r"\b0\d\b")  # "'09"
_LANGUAGES = {
    "espanol": "spanish",
    "castellano": "spanish",
    "francaise": "french",
    "francais": "french",
    "deutsche": "german",
    "deutsch": "german",
    "italiana": "italian",
    "italiano": "italian",
    "ingles": "english",
    "englische": "english",
}
_IN_LANGUAGE = re.compile(
    r"\b(?P<before>english|spanish|french|german|italian|japanese|korean|chinese|mandarin|russian|portuguese|deutsche|englische)"
    r" (?:version|ver|edit)\b|\bversion (?:en |in )?(?P<after>espanol|castellano|francaise|francais|italiana|ingles)\b"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """How far two versions are from being one. `hard` and `soft` name each difference and say it in words."""

    hard: tuple[tuple[str, str], ...] = ()
    soft: tuple[tuple[str, str], ...] = ()

    @property
    def factor(self) -> float:
        """1, .75 or .35: the heaviest difference counts, once."""
        return HARD_FACTOR if self.hard else SOFT_FACTOR if self.soft else 1.0

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every difference in words, the heaviest first."""
        return tuple(reason for _, reason in (*self.hard, *self.soft))


def between(
    one: Versions,
    other: Versions,
    gap: float | None,
    *,
    texts: tuple[str, str] = ("", ""),
    credited: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    joined: bool = False,
) -> Conflict:
    """Compare two versions, the same both ways round.

    `gap` is the difference of the durations in seconds, `texts` the folded words of each side: a remix without a name
    is the named one if the name stands elsewhere on its side. `credited` is whom each side names for the other's remix;
    `joined` says that both name the same several artists: a remix without a name may be the one in which they join.
    """
    differing = one.kinds ^ other.kinds
    forgiven = _perhaps_meant(one, other, gap, texts, joined=joined) & differing
    hard = [_one_sided(kind) for kind in sorted(differing & HARD - forgiven)]
    soft = [_one_sided(kind) for kind in sorted(differing & SOFT - _as_long_as_the_same(gap))]
    if forgiven and not _credited(one, other, credited):
        soft.append(("named_mix", "a mix by name on one side only"))
    if BY_SOMEBODY & one.kinds & other.kinds:
        other_remixer, unnamed = _remixers_differ(one, other, texts)
        joined = bool(one.remixers and other.remixers) and not other_remixer and _people(one) != _people(other)
        hard += [("remixer", "another remixer")] * other_remixer
        soft += [("unnamed_remix", "a remix without a name")] * unnamed
        soft += [("joint_remix", "a remix by one more")] * joined
    if Kind.MASHUP in one.kinds & other.kinds and one.remixers and other.remixers and not _share_a_word(one, other):
        soft.append(("other_mashup", "a mashup by another name"))
    if Kind.ALTERNATE in one.kinds & other.kinds and _translated(*texts):
        hard.append(("language", "in another language"))
    if Kind.LIVE in one.kinds & other.kinds and _elsewhere(one, other):
        hard.append(("performance", "another concert"))
    return Conflict(hard=tuple(hard), soft=tuple(soft))


def _as_long_as_the_same(gap: float | None) -> frozenset[Kind]:
    """The kinds that are only another name for the same recording where the lengths agree."""
    if gap is None or gap > AS_LONG_S:
        return frozenset()
    return SAME_IF_AS_LONG | (_MIXED if gap <= THE_SAME_LENGTH_S else frozenset())


def _one_sided(kind: Kind) -> tuple[str, str]:
    return kind.name.lower(), f"{kind} on one side only"


def _perhaps_meant(one: Versions, other: Versions, gap: float | None, texts: tuple[str, str], *, joined: bool) -> frozenset[Kind]:
    """A mix by name that one side alone speaks of may be the one that both mean: as long, or named on the other side too."""
    if gap is None or gap > THE_SAME_LENGTH_S:
        return frozenset()
    remix, text = (one, texts[1]) if Kind.REMIX in one.kinds else (other, texts[0])
    meant = remix.mild or any(name in text for name in remix.remixers) or (joined and not remix.remixers)
    return frozenset({Kind.REMIX}) if meant else frozenset()


def _credited(one: Versions, other: Versions, credited: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    """Whether everybody whose mix the one side speaks of is credited by the other: "(Grubb Mix)" is "(DJ Grubb)"."""
    remix, names = (one, credited[1]) if Kind.REMIX in one.kinds else (other, credited[0])
    people = [name for joined in remix.remixers for name in _JOINED.split(joined)]
    return bool(people) and all(any(_same_name(name, known) for known in names) for name in people)


def _share_a_word(one: Versions, other: Versions) -> bool:
    """Whether the names of two mashups have a word in common, as "Grubb" and "DJ Grubb Wedding" have."""
    mine, yours = ({word for name in side.remixers for word in name.split()} - {"dj", "vs", "x"} for side in (one, other))
    return bool(mine & yours)


def _translated(one: str, other: str) -> bool:
    """Whether both sides name a language, and not the same."""
    said, heard = _languages(one), _languages(other)
    return bool(said and heard) and not said & heard


def _languages(text: str) -> frozenset[str]:
    found = (match["before"] or match["after"] for match in _IN_LANGUAGE.finditer(text))
    return frozenset(_LANGUAGES.get(name, name) for name in found)


def _remixers_differ(one: Versions, other: Versions, texts: tuple[str, str]) -> tuple[bool, bool]:
    """Whether two remixes are by different people, and whether that cannot be told because one has no name.

    "Afro House Remix" is nobody's: it may be anybody's, but not a "Techno Remix".
    """
    if one.nobodys != other.nobodys:
        one, other = (replace(side, remixers=frozenset() if side.nobodys else side.remixers) for side in (one, other))
    if one.remixers and other.remixers:
        return not (_all_among(one, other) and _all_among(other, one)), False
    if not one.remixers and not other.remixers:
        return False, False
    names, text = (one.remixers, texts[1]) if one.remixers else (other.remixers, texts[0])
    return False, not any(name in text for name in names)


def _all_among(one: Versions, other: Versions) -> bool:
    return all(any(_same_name(a, b) for b in other.remixers) for a in one.remixers)


def _people(version: Versions) -> int:
    """How many people a remix is by, at most: "Kink & Neville Watson" are two."""
    return max(len(_JOINED.split(name)) for name in version.remixers)


def _same_name(a: str, b: str) -> bool:
    if _ordinals(a) != _ordinals(b):
        return False
    owned = fuzz.token_set_ratio(*(" ".join(word.removesuffix("s") for word in name.split()) for name in (a, b)))
    return max(fuzz.token_set_ratio(a, b), owned, fuzz.ratio(a.replace(" ", ""), b.replace(" ", ""))) >= SAME_NAME


def _ordinals(name: str) -> frozenset[str]:
    """Which of several remixes by one person it is: "Remix Two"; the first is often not counted."""
    return frozenset(number for number in spelling.numbers(_SHORT_YEAR.sub(" ", name)) if len(number) == 1) - {"1"}


def _elsewhere(one: Versions, other: Versions) -> bool:
    """Whether two live takes are of different years, or of places that have no word in common."""
    years = [set(_YEAR.findall(side.place)) for side in (one, other)]
    if all(years) and not years[0] & years[1]:
        return True
    places = [unexplained(" ".join(_OF_A_CONCERT.sub(" ", side.place).split())) for side in (one, other)]
    return all(places) and fuzz.token_set_ratio(*places) < SAME_NAME and not _initials(*places)


def _initials(one: str, other: str) -> bool:
    return any(a == "".join(word[0] for word in b.split()) for a, b in ((one, other), (other, one)))
