"""Two names of a piece compared word by word: numbers in any spelling, censored letters, and words that one side lacks."""

import re
from collections import Counter
from functools import lru_cache
from itertools import product

from crateline.domain import han
from crateline.domain.folding import fold, likeness, script, spellings

LONG_WORD = 5  # letters; of shorter words one letter makes another word: "mind" and "mine"
SLIP_WORD = 7  # letters; in shorter words one that differs makes another word
MISSPELT = 0.9  # of a name in which all words are the same, or spelled a little differently
SAME_BUT_ARTICLES = 0.97
ACROSS = 0.85  # likeness from which two spellings in different scripts are one name

_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_DIGITS = {word: str(number) for number, word in enumerate(_NUMBER_WORDS)} | _ROMAN
_AFTER_PART = {"i": "1", "v": "5", "x": "10"}
_PART = frozenset({"pt", "pts", "part", "parte", "partie", "teil", "chast", "deel", "czesc"})
_COUNTER = frozenset({"vol", "volume", "no", "nr", "num", "number"})
_WRITTEN = {
    "bros": "brothers",
    "dr": "doctor",
    "mr": "mister",
    "jr": "junior",
    "u": "you",
    "ur": "your",
    "luv": "love",
    "nite": "night",
    "tonite": "tonight",
    "thru": "through",
}
_LITTLE = frozenset({"the", "a", "an", "and", "n"})
_SOUNDS = (
    ("ph", "f"),
    ("dj", "d"),
    ("nj", "n"),
    ("lj", "l"),
    ("ck", "k"),
    ("oe", "o"),
    ("ae", "a"),
    ("ue", "u"),
    ("ou", "o"),
    ("c", "k"),
    ("y", "i"),
    ("z", "s"),
    ("w", "v"),
    ("h", ""),
)
_TWICE = re.compile(r"(.)\1")
_SHORT_YEAR = re.compile(r"['\u2019](\d\d)\b")
_RUN_ON = re.compile(r"\b(pt|pts|part|vol)(\d+)\b")  # "pt2"
_CENSORED = re.compile(r"\w+\*+\w*|\*+\w+")


@lru_cache(maxsize=16384)
def canonical(text: str) -> str:
    """Folded words with numbers as digits: "Pt. II" and "Part 2" are one, "Vol. 52" and "#52" too."""
    words = _RUN_ON.sub(r"\1 \2", fold(_SHORT_YEAR.sub(_long_year, text))).split()
    kept: list[str] = []
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        following = words[place + 1] if place + 1 < len(words) else ""
        if word in _COUNTER and _digits(following):
            continue
        kept.append("part" if word in _PART and (_digits(following) or following in _AFTER_PART) else _number(word, before))
    return " ".join(kept)


def _long_year(found: re.Match[str]) -> str:
    """`'88` in full; from '30 on it is of the last century."""
    return f"{19 if int(found[1]) >= 30 else 20}{found[1]}"  # noqa: PLR2004 - as the docstring says


def _number(word: str, before: str) -> str:
    if before in _PART and word in _AFTER_PART:
        return _AFTER_PART[word]
    return _digits(word) or _WRITTEN.get(word, word)


def _digits(word: str) -> str:
    """A number in digits, "" for another word. "01" is 1; "0181" is a name."""
    if word.isdecimal():
        return word.lstrip("0") or "0" if len(word) <= 3 else word  # noqa: PLR2004 - as the docstring says
    return _DIGITS.get(word, "")


@lru_cache(maxsize=16384)
def numbers(core: str) -> frozenset[str]:
    """The numbers in a title."""
    return frozenset(re.findall(r"\d+", canonical(core)))


@lru_cache(maxsize=65536)
def title_likeness(one: str, other: str) -> float:
    """Likeness of two titles, 0 to 1, with numbers in any spelling and censored letters filled in from the other side."""
    one, other = uncensored(one, other), uncensored(other, one)
    a, b = canonical(one), canonical(other)
    plain = SAME_BUT_ARTICLES if _plain(a) == _plain(b) != "" else 0.0
    same = MISSPELT if plain or _same(one, other, exactly=False) else 0.0
    return max(likeness(one, other), likeness(a, b), plain, same)


def _plain(words: str) -> str:
    return " ".join(word for word in words.split() if word not in _LITTLE)


@lru_cache(maxsize=65536)
def same_words(one: str, other: str, *, exactly: bool = False) -> bool:
    """Whether two titles hold the same words, but for articles and, unless `exactly`, small differences in long ones."""
    one, other = uncensored(one, other), uncensored(other, one)
    return any(_same(a, b, exactly=exactly) for a, b in product(spellings(one), spellings(other)))


def _same(one: str, other: str, *, exactly: bool) -> bool:
    a, b = canonical(one), canonical(other)
    if a.replace(" ", "") == b.replace(" ", ""):
        return True
    if han.written(one) != han.written(other) or (script(one) != script(other) and script(one) and script(other)):
        return likeness(one, other) >= ACROSS
    mine, yours = Counter(a.split()), Counter(b.split())
    left, right = _content(mine - yours), _content(yours - mine)
    if exactly:
        return len(left) == len(right) and all(any(_sounds_alike(word, candidate) for candidate in right) for word in left)
    return _pairwise(left, right)


def holds(one: str, other: str) -> bool:
    """Whether one title of two words or more stands whole within the other."""
    shorter, longer = sorted((canonical(one), canonical(other)), key=len)
    return " " in shorter and f" {shorter} " in f" {longer} "


@lru_cache(maxsize=65536)
def misspelt(one: str, other: str) -> bool:
    """Whether two folded names hold the same words, each perhaps misspelt, or the same letters with other spaces."""
    mine, yours = Counter(one.split()), Counter(other.split())
    return one.replace(" ", "") == other.replace(" ", "") or _pairwise(_content(mine - yours), _content(yours - mine))


def _pairwise(left: list[str], right: list[str]) -> bool:
    return len(left) == len(right) and all(any(_alike(word, candidate) for candidate in right) for word in left)


def _content(words: Counter[str]) -> list[str]:
    return [word for word in words.elements() if word not in _LITTLE]


def _alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) < LONG_WORD or not (one.isalpha() and other.isalpha()):
        return False
    shorter, longer = sorted((one, other), key=len)
    if longer == f"{shorter}g" and shorter.endswith("in"):
        return True
    if longer.startswith(shorter) or longer.endswith(shorter):  # "drive" and "driver" are two titles, not one misspelt
        return False
    return _sound(one) == _sound(other) or _slip(shorter, longer)


def _sounds_alike(one: str, other: str) -> bool:
    """Whether two long words are spelled differently and said the same: "Kalashnikov" and "Kalasnjikov"."""
    return min(len(one), len(other)) >= SLIP_WORD and one.isalpha() and other.isalpha() and _sound(one) == _sound(other)


@lru_cache(maxsize=16384)
def _sound(word: str) -> str:
    """A word by its sound: "Kathrin" and "Catrin", "Haddaway" and "Hadaway", "Apachi" and "Apache" are one."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return _TWICE.sub(r"\1", word[:-1] + ("i" if word[-1:] == "e" else word[-1:]))


def _slip(shorter: str, longer: str) -> bool:
    """Whether one letter within a word is missing, another one, or has changed places; first and last are seldom missed."""
    if shorter[0] != longer[0] or shorter[-1] != longer[-1]:
        return False
    if len(shorter) < len(longer):
        return any(longer[:place] + longer[place + 1 :] == shorter for place in range(1, len(longer) - 1))
    differing = [place for place, letter in enumerate(shorter) if letter != longer[place]]
    if len(differing) == 1:
        return len(shorter) >= SLIP_WORD
    return len(differing) == 2 and differing[1] - differing[0] == 1 and sorted(shorter) == sorted(longer)  # noqa: PLR2004


def uncensored(one: str, other: str) -> str:
    """`one` with its starred-out words as `other` writes them ("b*tch"), where they fit."""
    if "*" not in one:
        return one

    def filled(found: re.Match[str]) -> str:
        pattern = re.compile(r"\b" + re.sub(r"(?:\\\*)+", r"\\w+", re.escape(found[0])) + r"\b", re.IGNORECASE)
        written = pattern.search(other)
        return written[0] if written else found[0]

    return _CENSORED.sub(filled, one)
