"""Words of any script made comparable: accents folded, scripts spelled in Latin letters, likeness from 0 to 1."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

from crateline.domain import han

ACROSS_SCRIPTS = 0.95  # equal consonants in two scripts are good evidence, not proof
SHORT_ACROSS_SCRIPTS = 0.9  # of few consonants they are weaker evidence
SHORT_SKELETON = 4
BESIDE_ANOTHER = 0.97  # a name that stands beside its spelling in another script
READ_ALOUD = 0.85  # likeness from which Latin letters are taken for the reading of Chinese characters


def _alphabet(letters: str, spellings: str) -> dict[str, str]:
    return dict(zip(letters, spellings.split(), strict=True))


# Each letter with its usual Latin spelling, "-" for none. Kana, Hangul and Indian scripts are spelled by their Unicode names.
_CYRILLIC = _alphabet(
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїґўјљњћђџ",
    "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya e e i i g u j lj nj c d dz",
)
_GREEK = _alphabet("αβγδεζηθικλμνξοπρσςτυφχψω", "a b g d e z i th i k l m n x o p r s s t y f ch ps o")
_HEBREW = _alphabet("אבגדהוזחטיכךלמםנןסעפףצץקרשת", "a b g d h w z h t y k k l m m n n s a p p ts ts k r sh t")
_ARABIC = _alphabet(
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءپچژگ",
    "a b t th j h kh d dh r z s sh s d t z a gh f k k l m n h w y y h - p ch zh g",
)
_LATIN = {
    "ł": "l",
    "ø": "o",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "đ": "d",
    "\u0131": "i",
    "þ": "th",
    "ð": "d",
    "$": "s",
    "&": " and ",
}
_SPELLED = {letter: spelling.strip("-") for letter, spelling in (_CYRILLIC | _GREEK | _HEBREW | _ARABIC | _LATIN).items()}
_PLAINLY = {code: "" if code in map(ord, "'\"`") else " " for code in range(128) if not chr(code).isalnum()} | {
    ord("$"): "s",
    ord("&"): " and ",
}
_SILENT = dict.fromkeys(map(ord, "'\"`´‘’“”„‟′″׳״ʼ＇ー\u200e\u200f"))  # noqa: RUF001 - these are the letters that look alike
_SHOUT = re.compile(r"(?<=[^\W\d_])!(?=[^\W\d_])")  # "P!nk"
# Sounds that a script writes as one.
_ALIKE = {
    "CJK": str.maketrans("lv", "rb"),
    "HANGUL": str.maketrans("gdbr", "ktpl"),
    "HEBREW": str.maketrans("vf", "bp"),
    "GREEK": str.maketrans("v", "b"),
    "ARABIC": str.maketrans("pv", "bf"),
}
_TWICE = re.compile(r"(.)\1+")
_BY_NAME = ("KATAKANA", "HIRAGANA", "HANGUL", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "TAMIL", "TELUGU")
_WEAK = set("aeiouywhj")  # vowels, and the letters that Hebrew and Arabic write for vowels


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """`text` in lower-case Latin letters and digits with single spaces; signs alone ("÷") stay as they are."""
    if "!" in text:
        text = _SHOUT.sub("i", text)
    if text.isascii() and (plainly := " ".join(text.lower().translate(_PLAINLY).split())):
        return plainly  # the common case, ten times as fast
    plain = unicodedata.normalize("NFKC", han.simplified(text).translate(_SILENT)).casefold()
    spelled = "".join(_spelling(letter) for letter in unicodedata.normalize("NFC", plain))
    words = " ".join("".join(letter if letter.isalnum() else " " for letter in spelled).split())
    return words or " ".join(plain.split())


def _spelling(letter: str) -> str:
    if letter in _SPELLED:
        return _SPELLED[letter]
    if letter.isascii():
        return letter
    written, _, kind = unicodedata.name(letter, "").partition(" ")
    if written in _BY_NAME and kind.startswith(("LETTER", "SYLLABLE")):
        return _named(letter)
    parts = unicodedata.normalize("NFD", letter)
    kept = (part for part in parts if unicodedata.category(part) not in {"Mn", "Cf"})
    return "".join(_SPELLED.get(part, part) for part in kept)


def _named(letter: str) -> str:
    """A syllable by the last word of its Unicode name: KATAKANA LETTER KA is `ka`."""
    name = unicodedata.name(letter)
    return "" if name.endswith(" SMALL TU") else name.rsplit(" ", 1)[1].lower()


@lru_cache(maxsize=16384)
def script(text: str) -> str:
    """The script of most letters: LATIN, HEBREW, CJK …; "" if there is no letter."""
    counts = {name: sum(map(str.isalpha, words)) for name, words in _by_script(text).items()}
    return max(counts, key=lambda name: counts[name]) if counts else ""


@lru_cache(maxsize=16384)
def spellings(text: str) -> tuple[str, ...]:
    """The text, and if it is written in two scripts or more ("IU 아이유"), what is written in each."""
    found = _by_script(text)
    runs = (" ".join(words.split()) for words in found.values()) if len(found) > 1 else ()
    return (text, *(run for run in runs if sum(map(str.isalpha, run)) > 1))


def _by_script(text: str) -> dict[str, str]:
    """The words of each script; signs and digits go with the letters before them."""
    if text.isascii():
        return {"LATIN": text} if any(map(str.isalpha, text)) else {}
    found: dict[str, str] = {}
    current = ""
    for letter in unicodedata.normalize("NFKC", text):
        if letter.isalpha():
            current = _script_of(letter)
        if current:
            found[current] = found.get(current, "") + (letter if letter.isalnum() else " ")
    return found


@lru_cache(maxsize=4096)
def _script_of(letter: str) -> str:
    if letter.isascii():
        return "LATIN"
    name = unicodedata.name(letter, "?").split(" ", 1)[0]
    return "CJK" if name in {"HIRAGANA", "KATAKANA"} else name


@lru_cache(maxsize=16384)
def skeleton(text: str) -> str:
    """The consonants and digits of a folded text: what is left when two scripts write the same word."""
    return "".join(
        letter
        for letter in fold(text).replace("ch", "h").replace("ck", "k").replace("ts", "k").replace("c", "k")
        if letter not in _WEAK | {" "}
    )


def comparable(one: str, other: str) -> bool:
    """Whether likeness says anything: between Latin letters and Chinese characters only if those are read so.

    Another name in Latin letters need not be another name: titles are translated as often as they are spelled.
    """
    spelled = fold(one).isascii() and fold(other).isascii()
    return script(one) == script(other) or spelled or _read_aloud(one, other) >= READ_ALOUD


@lru_cache(maxsize=65536)
def likeness(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1.

    The best of plain, word-sorted and spaceless ratio, of consonants across scripts, and of the spellings in a text that
    holds several scripts.
    """
    best = _likeness(one, other)
    mine, yours = spellings(one), spellings(other)
    if len(mine) == len(yours) == 1:
        return best
    if len(mine) > 1 and len(yours) > 1:
        return max(best, BESIDE_ANOTHER * _script_by_script(one, other))
    return max(best, *(BESIDE_ANOTHER * _likeness(a, b) for a in mine for b in yours))


def _script_by_script(one: str, other: str) -> float:
    """How alike two texts of several scripts are, in whichever order those stand: as much as the least alike script."""
    mine, yours = _by_script(one), _by_script(other)
    return min(_likeness(words, yours[name]) for name, words in mine.items()) if mine.keys() == yours.keys() else 0.0


def _likeness(one: str, other: str) -> float:
    a, b = fold(one), fold(other)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    best = max(fuzz.ratio(a, b), fuzz.token_sort_ratio(a, b), fuzz.ratio(a.replace(" ", ""), b.replace(" ", ""))) / 100
    best = max(best, _read_aloud(one, other))
    if script(one) == script(other) or not script(one) or not script(other):
        return best
    bones, others = skeleton(one), skeleton(other)
    for name in {script(one), script(other)} & _ALIKE.keys():
        bones, others = bones.translate(_ALIKE[name]), others.translate(_ALIKE[name])
    return max(best, _across(_TWICE.sub(r"\1", bones), _TWICE.sub(r"\1", others)))


def _across(a: str, b: str) -> float:
    if len(a) < 2 or len(b) < 2:  # noqa: PLR2004 - one consonant says nothing
        return 0.0
    factor = SHORT_ACROSS_SCRIPTS if min(len(a), len(b)) < SHORT_SKELETON else ACROSS_SCRIPTS
    return fuzz.ratio(a, b) / 100 * factor


def _read_aloud(one: str, other: str) -> float:
    """How alike Chinese characters and a text without them sound, 0 to 1; names of people may be turned round."""
    if han.written(one) == han.written(other):
        return 0.0
    chinese, latin = (one, fold(other)) if han.written(one) else (other, fold(one))
    words = latin.split()
    heard = {han.sound("".join(words[turn:] + words[:turn])) for turn in range(len(words))}
    read = {han.sound(way) for way in han.readings(chinese)}
    if not latin.isascii() or min(map(len, heard | read), default=0) < SHORT_SKELETON:
        return 0.0
    return max(fuzz.ratio(a, b) for a in heard for b in read) / 100 * ACROSS_SCRIPTS
