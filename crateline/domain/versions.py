"""Which version of a piece a title names: live, remixed by somebody, sped up, extended, a dub.

Words of version are looked for only in the parts of a title that can hold them: brackets, what follows a dash, the
end. Never in the core, because "Live Forever" and "Dub Be Good To Me" are titles. The words stand in `vocabulary`.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import or_

from crateline.domain import spelling, vocabulary
from crateline.domain.folding import fold
from crateline.domain.vocabulary import HARD, SOFT, Kind, any_of

ALONE_AFTER_DASH = HARD - {Kind.DUB, Kind.SET, Kind.EXCERPT, Kind.ABOUT, Kind.STEM} | SOFT - {Kind.RADIO}  # one word is enough
OF_SOMEBODY = frozenset({Kind.VIP, Kind.DUB, Kind.MASHUP})  # "Emperor VIP", "Patrick Cowley Megamix"
LONGEST_NAME = 8  # words of a remixer's name; more are a sentence that ends in "mix"
MILD_HEADS = frozenset({"mix", "edit", "cut"})
LONGEST_LABEL = 3  # words of a label's name beside a year
LONGEST_REMASTER = 7

_LIVE = re.compile(
    rf"^(?:recorded )?live(?=$| (?:{vocabulary.LIVE_PLACE})\b)|\blive(?: (?:19|20)\d\d)?$|"
    r"\blive (?:at|@)\b|\b(?:in|im) (?:the )?live lounge\b|" + any_of(vocabulary.PHRASES[Kind.LIVE]).pattern
)
_PHRASES = {kind: any_of(words) for kind, words in vocabulary.PHRASES.items()} | {Kind.LIVE: _LIVE}
_ADJECTIVES = {
    Kind.EXTENDED: re.compile(r"\b(?:club|12|maxi|\d{1,2} min(?:ute)?s?)(?= (?:\w+ )?(?:mix|edit|version|original)$)"),
    Kind.RADIO: re.compile(
        r"\b(?:7 (?:inch )?)?(?:radio|single)(?= (?:edit|mix|version)\b)|"
        r"\b(?:short|single|video|7|7 inch)(?= (?:edit|mix|version|original)$)"
    ),
}
_PATTERNS = (*_PHRASES.items(), *_ADJECTIVES.items())
_STRONG = any_of(vocabulary.STRONG_HEADS, r"^(?P<name>.*?)(?<!\w)(?:{})(?!\w)(?P<rest>.*)$")
_WEAK = any_of(vocabulary.WEAK_HEADS, r"^(?P<name>.*?)(?<!\w)(?P<head>{})$")
_FRONT = any_of(vocabulary.FRONT_HEADS, r"^(?:{}) (?P<name>.+)$")
_NOISE = any_of(vocabulary.NOISE)
_NOISE_ALONE = any_of(vocabulary.NOISE_ALONE, "^(?:{})$")
_REMASTER = any_of("remaster*|remasteris*|remasteriz*")
_MUSICAL = re.compile(rf"^(?:{vocabulary.MUSICAL})$")
_HASHTAG = re.compile(r"#([^\W\d]\w*)")
_LABEL = re.compile(vocabulary.LABEL)
HARMLESS = re.compile(r"\bfull (?=(?:album|ep|lp) (?:version|mix|edit|cut|track)\b)|\bcover (?=audio|art\b)")
_SHORT_YEAR = re.compile(r"['\u2019](?=[3-9]\d\b)")
_FROM_A_FILM = re.compile(
    r"^(?:music )?from (?:the )?(?:.*[\"“”]|.*\b(?:soundtrack|motion picture|film|movie|series|ost)$)", re.IGNORECASE
)
_LIVE_THEN = re.compile(r"^\W*live\s*[-\u2013\u2014:,]", re.IGNORECASE)
_SPACED = re.compile(r"\b(?:\w ){3,}\w\b")  # "s l o w e d"
_NOT_COUNTED = re.compile(r"\b(?:(?:19|20)\d\d|(?:7|12)(?: inch)?)\b")  # a year, a size of vinyl
_COUNTED = re.compile(r"\b\d+(?:st|nd|rd|th)\b")  # "25th Anniversary"
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NEW = r"(?:(?:the|new|brand|neue|nouvelle|nueva|nova|nuova) )*"
_FIRST = re.compile(r"^original \w+ version$")  # "Original Romanian Version", of which others are translations
_DATED = re.compile(rf"^{_NEW}(?:19|20)\d\d (?:mix|edit|version)$|^{_NEW}(?:mix|edit|version) (?:19|20)\d\d$")
_CREDITS = re.compile(
    r"^(?:feat|ft|featuring|with|w/|mit|con|avec|med|prod(?:uced)?\.?(?: by)?)\b\.?\s*(?P<names>\S.*)$", re.IGNORECASE
)
_LISTED = re.compile(r"\s*;\s*|\s+/\s+")  # "Acoustic; Live at MTV Unplugged; 2013 Remaster"
_LITTLE = frozenset({"the", "a", "and", "new", "w"})
_OF_THE_ALBUM = frozenset({"album", "lp", "full"})
_STOPS = frozenset({"the", "a", "an", "in", "to", "my", "your", "of", "and", "for"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """What a title says of its version: kinds, folded names of remixers, names of guests as written.

    `mild` is a remix that is called a mix or an edit by somebody, and nothing stronger: often it is the one that everybody
    knows, and others do not say so. `place` is what is said of a concert, folded.
    """

    kinds: frozenset[Kind] = frozenset()
    remixers: frozenset[str] = frozenset()
    guests: tuple[str, ...] = ()
    mild: bool = False
    place: str = ""

    @property
    def nobodys(self) -> bool:
        """Whether it is a remix by nobody: without a name, or with that of a kind of music."""
        return Kind.REMIX in self.kinds and all(map(is_musical, self.remixers))

    def __or__(self, other: "Versions") -> "Versions":
        remixes = [side for side in (self, other) if Kind.REMIX in side.kinds]
        return Versions(
            kinds=self.kinds | other.kinds,
            remixers=self.remixers | other.remixers,
            guests=self.guests + other.guests,
            mild=bool(remixes) and all(side.mild for side in remixes),
            place=f"{self.place} {other.place}".strip(),
        )


@lru_cache(maxsize=16384)
def read(part: str, *, after_dash: bool = False) -> Versions | None:
    """What a bracket or a part after a dash says of the version; None if it is words of the title itself.

    After a dash stands more often a title than a version: there every word must be accounted for. Of several that are listed
    ("Live; 2013 Remaster") each must be one.
    """
    listed = [_read(one, after_dash=after_dash) for one in _LISTED.split(part) if one]
    if len(listed) < 2 or None in listed:  # noqa: PLR2004 - a list has two
        return _read(part, after_dash=after_dash)
    return reduce(or_, filter(None, listed), Versions())


def _read(part: str, *, after_dash: bool) -> Versions | None:
    text = HARMLESS.sub("", _SPACED.sub(lambda letters: letters[0].replace(" ", ""), _text_of(part)))
    if _FROM_A_FILM.match(part.strip()):
        return Versions()
    if text in vocabulary.EXACT:
        return None if after_dash else Versions(kinds=frozenset({vocabulary.EXACT[text]}))
    if _FIRST.match(text):
        return Versions()
    if dated := _DATED.match(text):
        return Versions(kinds=frozenset({Kind.REMIX}), remixers=frozenset(_YEAR.findall(dated[0])), mild=True)
    kinds, rest = _kinds(text)
    if not kinds and _is_noise(text, after_dash=after_dash):
        return Versions()
    found = _mix(rest, kinds)
    if found is None and kinds and kinds <= SOFT and spelling.numbers(_NOT_COUNTED.sub(" ", rest)):
        return None  # "Extended Part 2"
    if found is None and kinds:
        found = Versions(kinds=kinds, remixers=_owner(rest) if kinds & OF_SOMEBODY else frozenset())
    if found is not None and Kind.LIVE in kinds:
        found = replace(found, place=text)
    if found is not None:
        return found if not after_dash or _is_version_alone(text, rest, found) else None
    credit = _CREDITS.match(part.strip())
    return Versions(guests=(credit["names"],)) if credit else None


def _is_noise(text: str, *, after_dash: bool) -> bool:
    """Whether a text without a word of version says nothing of the recording: noise, a remaster, a label with its year."""
    if _REMASTER.search(text) and not _STRONG.match(text) and len(text.split()) <= LONGEST_REMASTER:
        return True
    if not unexplained(text) and not _STRONG.match(text) and (weak := _WEAK.match(text)) is not None:
        return weak["head"] != "edit" and (not after_dash or " " in text)  # an edit is shorter, by whomever
    if not unexplained(text):
        return not after_dash or " " in text or bool(_NOISE_ALONE.match(text))
    if after_dash or _STRONG.match(text) or _WEAK.match(text):
        return False
    dated = (
        _YEAR.search(text) is not None
        and vocabulary.AT_PLACES.isdisjoint(text.split())
        and len(_YEAR.sub(" ", text).split()) <= LONGEST_LABEL
    )
    return dated or bool(_LABEL.search(text))


def _text_of(part: str) -> str:
    """A part folded; "Original '93" with its year in full, "Awake '96" as it is: that is a name."""
    said = _LIVE_THEN.sub(" live at ", part.replace("@", " at "))
    dated = fold(_SHORT_YEAR.sub("19", said))
    return fold(said) if unexplained(dated) else dated


def is_musical(part: str) -> bool:
    """Whether a part is a kind of music or a way to play alone ("Jersey Club", "Vocal", "Part 2"): perhaps another version."""
    return _MUSICAL.match(fold(part)) is not None


def tagged(text: str) -> frozenset[Kind]:
    """What hashtags say of the version: "#slowed"."""
    return frozenset().union(*(_kinds(fold(tag))[0] for tag in _HASHTAG.findall(text))) & HARD if "#" in text else frozenset()


def hinted(part: str) -> Versions:
    """The kinds that make another recording in what stands beside "Artist - Title": "| a cover by somebody"."""
    return Versions(kinds=_kinds(fold(part))[0] & HARD - {Kind.SET})


def _kinds(text: str) -> tuple[frozenset[Kind], str]:
    """The kinds that a folded text names, and the text without their words."""
    kinds, rest = set(), text
    for kind, pattern in _PATTERNS:
        if pattern.search(rest):
            kinds.add(kind)
            rest = " ".join(pattern.sub(" ", rest).split())
    return frozenset(kinds), rest


def _mix(rest: str, kinds: frozenset[Kind]) -> Versions | None:
    """Read "… remix", "… edit", "… version", "versión …": by whom, or of which kind; None without such a word."""
    strong = _STRONG.match(rest)
    if strong:
        return Versions(kinds=kinds | {Kind.REMIX}, remixers=_names(strong["name"].strip(), strong["rest"].strip()))
    undated = " ".join(_YEAR.sub("", rest).split())
    weak = _WEAK.match(undated) or _FRONT.match(undated)
    if weak is None:
        return None
    name = weak["name"].strip()
    words = name.split()
    if words and words[-1] in _STOPS | _OF_THE_ALBUM:
        return None
    if not unexplained(name):
        head = weak.groupdict().get("head")
        return Versions(kinds=kinds or frozenset({Kind.RADIO} if head == "edit" else ()))
    if kinds & HARD or len(words) > LONGEST_NAME:
        return None
    mild = weak.groupdict().get("head") in MILD_HEADS
    return Versions(kinds=kinds | {Kind.REMIX}, remixers=frozenset({name}), mild=mild)


def _names(before: str, after: str) -> frozenset[str]:
    name = after.removeprefix("by ") if after.startswith("by ") or not before else before
    which = f" {after}" if before and spelling.numbers(after) and len(after.split()) == 1 else ""
    name = " ".join(_YEAR.sub(" ", name + which).split())
    return frozenset({name} if unexplained(name) else ())


def _owner(rest: str) -> frozenset[str]:
    """By whom a dub or a VIP is, of which only `rest` is not read yet: "Mood II Swing", "Emperor mix"."""
    weak = _WEAK.match(rest)
    name = " ".join(_YEAR.sub(" ", weak["name"] if weak else rest).split())
    return frozenset({name} if unexplained(name) else ())


def _is_version_alone(text: str, rest: str, found: Versions) -> bool:
    if found.remixers:
        return len(text.split()) <= LONGEST_NAME
    if text.startswith(("live", "recorded live", "cover by", "covered by", "cover version", "karaoke")):
        return True
    return not unexplained(_STRONG.sub(r"\g<name>\g<rest>", rest)) and (" " in text or bool(found.kinds & ALONE_AFTER_DASH))


@lru_cache(maxsize=16384)
def unexplained(text: str) -> str:
    """What is left of a folded text without noise, years and little words."""
    words = _COUNTED.sub(" ", _YEAR.sub(" ", _NOISE.sub(" ", text))).split()
    return " ".join(word for word in words if word not in _LITTLE)
