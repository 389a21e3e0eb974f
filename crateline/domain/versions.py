"""Which version of a piece a title names (live, remixed by somebody, sped up, extended …) and where two conflict.

Words of version are looked for only in the parts of a title that can hold them: brackets, what follows a dash, the
end. Never in the core, because "Live Forever" and "Dub Be Good To Me" are titles.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from crateline.domain.folding import fold


class Kind(StrEnum):
    """What makes a version another recording."""

    LIVE = "live"
    COVER = "cover or karaoke"
    INSTRUMENTAL = "instrumental"
    ACAPELLA = "acapella"
    ACOUSTIC = "acoustic"
    SPEED = "changed speed or pitch"
    REMIX = "remix"
    MASHUP = "mashup"
    VIP = "VIP"
    DUB = "dub"
    SET = "DJ set or loop"
    EXCERPT = "teaser or preview"
    DEMO = "demo"
    EXTENDED = "extended"
    RADIO = "radio edit"
    CLEAN = "clean"
    ALTERNATE = "alternate take"


SAME_IF_AS_LONG = frozenset({Kind.EXTENDED, Kind.RADIO})
SOFT = SAME_IF_AS_LONG | {Kind.CLEAN, Kind.ALTERNATE}
HARD = frozenset(Kind) - SOFT
ALONE_AFTER_DASH = HARD - {Kind.DUB, Kind.SET, Kind.EXCERPT} | {Kind.EXTENDED}  # one word is enough
HARD_FACTOR = 0.35
SOFT_FACTOR = 0.75
AS_LONG_S = 4.0
SAME_REMIXER = 85  # of 100
LONGEST_NAME = 6  # words of a remixer's name; more are a sentence that ends in "mix"

PHRASES: dict[Kind, str] = {
    Kind.COVER: "cover|covers|covered|karaoke|tribute|originally performed|made popular|made famous|in the style of|"
    "as performed by|emulation|8 bit|16 bit|tutorial|sing along|קריוקי|קאבר|カラオケ|歌ってみた|караоке|кавер|노래방|커버",
    Kind.INSTRUMENTAL: "instrumental|instrumentals|inst|instr|no vocals|without vocals|off vocal|minus one|backing track",
    Kind.ACAPELLA: "acapella|acappella|acapela|a cappella|a capella|vocals only|vocal only|isolated vocals",
    Kind.ACOUSTIC: "acoustic|unplugged|stripped|orchestral|symphonic|akustik|piano version|guitar version|акустика",
    Kind.SPEED: "sped|sped up|speed up|spedup|slowed|slowed down|reverb|nightcore|daycore|8d|16d|chopped|screwed|lower key|"
    "higher key|432hz|432 hz",
    Kind.MASHUP: "mashup|mashups|mash up|megamix|medley",
    Kind.VIP: "vip",
    Kind.DUB: "dub|dubmix",
    Kind.SET: "mixtape|podcast|b2b|liveset|dj set|dj mix|live set|mixed by|continuous mix|full album|full set|boiler room|"
    "essential mix|guest mix|1 hour|one hour|10 hours|radio show",
    Kind.EXCERPT: "teaser|preview|snippet|excerpt|trailer|sneak peek",
    Kind.DEMO: "demo|wip|outtake|rehearsal|work in progress|rough mix",
    Kind.EXTENDED: "extended|xtended|ext|12 inch|full length|long version|long mix|dj edit|dj version|intro edit|intro version|"
    "intro clean|intro dirty",
    Kind.CLEAN: "clean|censored",
    Kind.ALTERNATE: "alternate|alternative|mixed|rerecorded|re recorded|reprise|alt version|new version|early version|"
    "english version|spanish version|french version|german version|italian version|japanese version|korean version",
}
STRONG_HEADS = (
    "remix|remixed|rmx|bootleg|rework|reworked|refix|reedit|re edit|flip|remake|rebuild|remodel|rerub|edit by|ремикс|רמיקס|"
    "リミックス|리믹스"
)
WEAK_HEADS = "mix|edit|version|versione|wersja"
NOISE = (
    "official|officiel|oficial|ufficiale|offizielles|music|lyric|lyrics|with lyrics|visualizer|visualiser|audio|video|hd|hq|4k|"
    "1080p|720p|free|download|free dl|dl|out now|premiere|exclusive|explicit|dirty|original|album|lp|main|studio|full|remaster|"
    "remastered|digital|mono|stereo|bonus|track|deluxe|edition|anniversary|expanded|soundtrack|ost|m v|mv|pv|uncut|tiktok|song|"
    "letra|testo|songtext|paroles|tekst|text|מילים|clip|visual|version|mix|edit|single"
)
CHANNELS = {
    Kind.COVER: "karaoke|sing2piano|tribute|covers|cover|lullaby|קריוקי|караоке|カラオケ",
    Kind.SPEED: "nightcore|slowed|sped up|8d|daycore",
    Kind.INSTRUMENTAL: "instrumentals|type beat",
}
_LIVE_PLACE = r"at|in|from|on|with|version|sessions?|performance|recording|take|video|mix|lounge|room|fm|bbc|auf|im|aus|en|\d+"


def _any_of(words: str, around: str = r"(?<!\w)(?:{})(?!\w)") -> re.Pattern[str]:
    return re.compile(around.format("|".join(sorted(map(re.escape, map(fold, words.split("|"))), key=len, reverse=True))))


_PHRASES = {kind: _any_of(words) for kind, words in PHRASES.items()} | {
    Kind.LIVE: re.compile(
        rf"^(?:recorded )?live(?=$| (?:{_LIVE_PLACE})\b)|\blive$|\bin concert\b|\btiny desk\b|\bao vivo\b|\ben vivo\b|"
        rf"\ben directo\b|\bdal vivo\b|\ben concert\b|^{fold('לייב')}\b|^{fold('ライブ')}|^{fold('라이브')}$",
    ),
}
_ADJECTIVES = {
    Kind.EXTENDED: re.compile(r"\b(?:club|12|maxi)(?= (?:\w+ )?(?:mix|edit|version)$)"),
    Kind.RADIO: re.compile(r"\bradio(?= (?:edit|mix|version)\b)|\b(?:short|single|video|7|7 inch)(?= (?:edit|mix|version)$)"),
}
_PATTERNS = (*_PHRASES.items(), *_ADJECTIVES.items())
_STRONG = _any_of(STRONG_HEADS, r"^(?P<name>.*?)(?<!\w)(?:{})(?!\w)(?P<rest>.*)$")
_WEAK = _any_of(WEAK_HEADS, r"^(?P<name>.*?)(?<!\w)(?P<head>{})$")
_NOISE = _any_of(NOISE)
_CHANNELS = {kind: _any_of(words) for kind, words in CHANNELS.items()}
_LIVE_THEN = re.compile(r"^\W*live\s*[-\u2013\u2014:,]", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CREDITS = re.compile(
    r"^(?:feat|ft|featuring|with|w/|mit|con|avec|med|prod(?:uced)?(?: by)?)\b\.?\s*(?P<names>\S.*)$", re.IGNORECASE
)
_LABEL = re.compile(r"\b(?:releases?|records|recordings)$|^from (?:the |a )?\w")
_NOISE_ALONE = frozenset({"remaster", "remastered", "lyrics", "mono", "stereo", "hd", "hq", "4k", "visualizer", "visualiser"})
_LITTLE = frozenset({"the", "a", "and", "new"})
_STOPS = frozenset({"the", "a", "an", "in", "to", "my", "your", "of", "and", "for"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """What a title says of its version: kinds, folded names of remixers, names of guests as written."""

    kinds: frozenset[Kind] = frozenset()
    remixers: frozenset[str] = frozenset()
    guests: tuple[str, ...] = ()

    def __or__(self, other: "Versions") -> "Versions":
        return Versions(
            kinds=self.kinds | other.kinds, remixers=self.remixers | other.remixers, guests=self.guests + other.guests
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """How far two versions are from being one: `factor` is 1, .75 or .35; `reasons` says why in words."""

    factor: float
    reasons: tuple[str, ...]


def read(part: str, *, after_dash: bool = False) -> Versions | None:
    """What a bracket or a part after a dash says of the version; None if it is words of the title itself.

    After a dash stands more often a title than a version: there every word must be accounted for.
    """
    text = fold(_LIVE_THEN.sub(" live at ", part.replace("@", " at ")))
    kinds, rest = _kinds(text)
    found = _mix(rest, kinds)
    if found is None and kinds:
        found = Versions(kinds=kinds)
    if found is not None:
        return found if not after_dash or _is_version_alone(text, rest, found) else None
    if not _unexplained(text) and (not after_dash or " " in text or text in _NOISE_ALONE):
        return Versions()
    if not after_dash and _LABEL.search(text):
        return Versions()
    credit = _CREDITS.match(part.strip())
    return Versions(guests=(credit["names"],)) if credit else None


def in_channel(name: str, elsewhere: str) -> frozenset[Kind]:
    """What an uploader's name gives away ("Zoom Karaoke"), unless the other side uses the same word (`elsewhere`)."""
    folded, other = fold(name), fold(elsewhere)
    found = {kind: pattern.search(folded) for kind, pattern in _CHANNELS.items()}
    return frozenset(kind for kind, match in found.items() if match and match[0] not in other)


def compare(one: Versions, other: Versions, gap: float | None, *, texts: tuple[str, str] = ("", "")) -> Conflict:
    """Compare two versions, the same both ways round.

    `gap` is the difference of the durations in seconds, `texts` the folded words of each side: a remix without a name
    is the named one if the name stands elsewhere on its side.
    """
    hard = [f"{kind} on one side only" for kind in sorted((one.kinds ^ other.kinds) & HARD)]
    soft = sorted((one.kinds ^ other.kinds) & SOFT)
    if gap is not None and gap <= AS_LONG_S:
        soft = [kind for kind in soft if kind not in SAME_IF_AS_LONG]
    doubts = [f"{kind} on one side only" for kind in soft]
    if Kind.REMIX in one.kinds & other.kinds:
        other_remixer, unnamed = _remixers_differ(one, other, texts)
        hard += ["another remixer"] * other_remixer
        doubts += ["a remix without a name"] * unnamed
    factor = HARD_FACTOR if hard else SOFT_FACTOR if doubts else 1.0
    return Conflict(factor=factor, reasons=(*hard, *doubts))


def _kinds(text: str) -> tuple[frozenset[Kind], str]:
    """The kinds that a folded text names, and the text without their words."""
    kinds, rest = set(), text
    for kind, pattern in _PATTERNS:
        if pattern.search(rest):
            kinds.add(kind)
            rest = " ".join(pattern.sub(" ", rest).split())
    return frozenset(kinds), rest


def _mix(rest: str, kinds: frozenset[Kind]) -> Versions | None:
    """Read "… remix", "… edit", "… version": by whom, or of which kind; None without such a word."""
    strong = _STRONG.match(rest)
    if strong:
        return Versions(kinds=kinds | {Kind.REMIX}, remixers=_names(strong["name"].strip(), strong["rest"].strip()))
    weak = _WEAK.match(_YEAR.sub("", rest).strip())
    if weak is None:
        return None
    name = weak["name"].strip()
    words = name.split()
    if words and words[-1] in _STOPS:
        return None
    if not _unexplained(name):
        return Versions(kinds=kinds or frozenset({Kind.RADIO} if weak["head"] == "edit" else ()))
    if kinds & HARD or len(words) > LONGEST_NAME:
        return None
    return Versions(kinds=kinds | {Kind.REMIX}, remixers=frozenset({name}))


def _names(before: str, after: str) -> frozenset[str]:
    name = after.removeprefix("by ") if after.startswith("by ") or not before else before
    name = " ".join(_YEAR.sub(" ", name).split())
    return frozenset({name} if _unexplained(name) else ())


def _is_version_alone(text: str, rest: str, found: Versions) -> bool:
    if found.remixers:
        return len(text.split()) <= LONGEST_NAME
    if text.startswith(("live", "recorded live")):
        return True
    return not _unexplained(_STRONG.sub(r"\g<name>\g<rest>", rest)) and (" " in text or bool(found.kinds & ALONE_AFTER_DASH))


def _unexplained(text: str) -> str:
    """What is left of a folded text without noise, years and little words."""
    words = _YEAR.sub(" ", _NOISE.sub(" ", text)).split()
    return " ".join(word for word in words if word not in _LITTLE)


def _remixers_differ(one: Versions, other: Versions, texts: tuple[str, str]) -> tuple[bool, bool]:
    """Whether two remixes are by different people, and whether that cannot be told because one has no name."""
    if one.remixers and other.remixers:
        return not any(_same_name(a, b) for a in one.remixers for b in other.remixers), False
    if not one.remixers and not other.remixers:
        return False, False
    names, text = (one.remixers, texts[1]) if one.remixers else (other.remixers, texts[0])
    return False, not any(name in text for name in names)


def _same_name(a: str, b: str) -> bool:
    return max(fuzz.token_set_ratio(a, b), fuzz.ratio(a.replace(" ", ""), b.replace(" ", ""))) >= SAME_REMIXER
