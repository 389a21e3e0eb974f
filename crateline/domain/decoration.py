"""What is written around a title: prefixes, numbering, quotes, tags, brackets. Taken off, or marked, before it is read."""

import re

from crateline.domain import versions
from crateline.domain.folding import fold
from crateline.domain.versions import Versions

OPEN, CLOSE = "\ue000", "\ue001"  # around what stood in brackets and says nothing that we know
INNER = re.compile(rf"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")

_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}|【([^【】]*)】|「([^「」]*)」|『([^『』]*)』|《([^《》]*)》")
_NAMING = frozenset("【「『《")  # in East Asian titles these hold the name itself
_UNCLOSED = re.compile(rf"{OPEN}[^{CLOSE}]*$|^[^{OPEN}]*{CLOSE}")
_MARKS = str.maketrans("", "", OPEN + CLOSE)
_FIRST = (
    r"(?:premieres?|premier|exclusive|free (?:download|dl)|out now|new|listen|stream|download|track of the day|first listen|hq)"
)
_PREFIX = re.compile(
    rf"^\W*(?:[\w&'.]+ ){{0,3}}{_FIRST}\W*[:|!\u2013\u2014-]+\s*|^\s*(?:\d{{1,2}}|[A-H]\d)[.)]\s*|"
    r"^\s*(?:[A-D][12]|0\d)\s+(?=.* - )",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\d{1,2}[.)]\s+(?=\S)")
_CATALOGUE_NUMBER = re.compile(r"^(?!PART|PT|VOL|NO\b)[A-Z][A-Z&. ]*-? ?\d{2,4}[A-Z]?$")  # "(TRESOR 073)"
_HASHTAG = re.compile(r"(?<!\S)#(?!\d)\w+")
_TEMPO = re.compile(r"(?<!\S)[(\[]?\d{2,3} ?bpm\b[)\]]?", re.IGNORECASE)
_SIGN = r"[\u25a0-\u25ff\u2600-\u2664\u2666-\u2763\u2765-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\u200d\ufe0f]+"
_EMOJI = re.compile(rf"(?<!\S)(?<![-\u2013\u2014]\s){_SIGN}(?!\S)|^{_SIGN}")  # but hearts, which are words: "I ♥ NY"
_YEAR_BEHIND = re.compile(r"(?<=[)\],])\s+(?:[(\[](?:19|20)\d\d[)\]]|(?:19|20|['\u2019])\d\d)[^\w)\]]*$")  # "Title (X Mix) 1992"
_BEHIND_VERSION = re.compile(
    r"^(?P<title>.*\s[-~\u2013\u2014]\s.*?\S\s*[(\[](?P<version>[^()\[\]]+)[)\]])\s+(?!(?:vs|x|and|feat|ft|with|part|pt|vol)\b|[&+/])"
    r"(?P<behind>\w[^-|()\[\]\u2013\u2014]*)$",
    re.IGNORECASE,
)
_STARS = re.compile(r"(?<![\w*])\*+|\*+(?![\w*])")  # around words, not within: "F**kin'"
_LENGTH = re.compile(r"(?<=[\w)\]])\s+[(\[]?\d{1,2}:[0-5]\d[)\]]?\s*$")
_NUMBER_LAST = re.compile(r"(?<=[\w)\]\"”])\s+[A-Z]{2,6}\d{3,5}[A-Z]?\s*$")  # "Title STR1288"
_PLUS = re.compile(r"(?<=\s)\+(?=\s)")
_FILE = re.compile(r"\.(?:mp3|mp4|m4a|wav|flac|aiff?|ogg|wmv|avi|mov|mpe?g)\s*$", re.IGNORECASE)
_QUOTED_END = re.compile(r"^(?P<before>[^\"“”‘]*\w[^\"“”‘]*?)\s+[\"“”‘'](?P<name>[^\"“”]+?)[\"“”’']$")  # noqa: RUF001 - quotes
_QUOTED_WITHIN = re.compile(
    r"^(?P<before>[^\"“”]*\w[^\"“”]*?)\s+(?:[\"“](?P<name>[^\"“”]+)[\"”]|['‘](?P<single>[^'‘’]+)['’])\s+(?P<after>[^\"“”]+)$"  # noqa: RUF001
)
_QUOTED_START = re.compile(r"^[\"“”‘](?P<name>[^\"“”‘’]+)[\"“”’]\s+(?=by\s)", re.IGNORECASE)  # noqa: RUF001 - quotes


def strip(text: str) -> str:
    """A title without hashtags, stars, numbering and "PREMIERE:"; a name in quotes after an artist stands after a dash."""
    spaced = _EMOJI.sub(" | ", re.sub(r"\s_\s", " - ", text).replace("_", " "))
    spaced = _YEAR_BEHIND.sub("", _FILE.sub("", spaced))
    spaced = _LENGTH.sub("", _NUMBER_LAST.sub("", _PLUS.sub("&", spaced)))
    plain = _TEMPO.sub(" ", _STARS.sub(" ", _PREFIX.sub("", spaced)))
    plain = " ".join((_HASHTAG.sub(" ", plain).strip() or plain).split()) or text
    plain = _BEHIND_VERSION.sub(_without_label, _QUOTED_START.sub(r"\g<name> ", plain))
    if " - " in plain:
        return plain
    return _QUOTED_END.sub(r"\g<before> - \g<name>", _QUOTED_WITHIN.sub(_dashed, plain))


def _without_label(found: re.Match[str]) -> str:
    """`Artist - Title (Club Mix) 1992 Some Label` up to the brackets, if we can read them, and no version in what follows."""
    version, behind = versions.read(found["version"]), versions.hinted(found["behind"])
    label = version is None and found["title"].endswith("]") and not versions.is_musical(found["version"])
    named = (label or (version is not None and not version.guests)) and not behind.kinds
    return found["title"] if named and versions.read(found["behind"]) in {None, Versions()} else found[0]


def _dashed(found: re.Match[str]) -> str:
    """`Artist "Title" official video` with a dash and brackets, if what follows is known."""
    if found["before"].count("(") != found["before"].count(")"):
        return found[0]  # `Title (Somebody "Strip to the Bone" Mix)`
    after = _BRACKETS.sub(lambda inner: inner[0][1:-1], found["after"])
    known = versions.read(after) is not None
    return f"{found['before']} - {found['name'] or found['single']} ({after})" if known else found[0]


def unbracket(text: str, name: str = "") -> tuple[str, Versions]:
    """Take out the brackets that speak of version, guests or noise; the others stay, between marks instead of brackets."""
    version = Versions()

    def replaced(found: re.Match[str]) -> str:
        nonlocal version
        inner = next((group for group in found.groups() if group is not None), "").translate(_MARKS)
        read = None if fold(inner) == name and name else versions.read(inner) if inner.strip() else Versions()
        if read is None:
            if found[0][0] == "【" and inner.isascii() and " - " in re.sub(r"[\u2013\u2014]", "-", text):
                return " "  # "【Deep House】Artist - Title"
            if found[0][0] in _NAMING:
                return f" - {inner} - "
            musical = versions.is_musical(inner)
            label = musical if not found.start() else found[0][0] == "[" and not musical
            label = label or (not found.start() and found[0][0] == "[")
            return " " if label or _CATALOGUE_NUMBER.match(inner) else f" {aside(inner)} "
        version |= read
        return " "

    rest, times = _BRACKETS.subn(replaced, text.translate(_MARKS))
    while times:
        rest, times = _BRACKETS.subn(replaced, rest)
    rest = " ".join(rest.split())
    return (rest if any(map(str.isalnum, rest)) else text.translate(_MARKS)), version


def unnumbered(part: str) -> str:
    """A part without its place on a record: "02. Artist - Title"."""
    return _NUMBERED.sub("", part)


def is_catalogue_number(part: str) -> bool:
    """Whether a part is a label's number alone: "TRESOR 073", "LTD019"."""
    return _CATALOGUE_NUMBER.match(part) is not None


def aside(words: str) -> str:
    """Words marked as what stood in brackets."""
    return f"{OPEN}{words}{CLOSE}"


def whole(part: str) -> str:
    """A part with what stood in its brackets."""
    return " ".join(part.translate(_MARKS).split())


def bare(part: str) -> str:
    """A part without what stood in its brackets; empty if there was nothing else."""
    rest = " ".join(_UNCLOSED.sub(" ", INNER.sub(" ", part)).translate(_MARKS).split())
    return rest if any(map(str.isalnum, rest)) else ""
