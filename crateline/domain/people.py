"""Artists' names compared: aliases, projects, initials, and names that are nearly another's."""

import re
from functools import lru_cache

from crateline.domain import spelling
from crateline.domain.folding import fold, likeness, script, spellings

DJ = 0.9  # "DJ Hell" and "Hell"
NEARLY = 0.8  # another number, one more "s", or letters that differ: "Todd Terje" and "Todd Terry"
LONGER_NAME = 0.88  # "Jorge Ben" and "Jorge Ben Jor"
INITIALS = 0.88  # "MAW" and "Masters At Work"
SHORTEST_INITIALS = 3
_DIGITS = re.compile(r"\d+")
_POSSESSIVE = re.compile(r"['\u2019]s\b")
_NICKNAME = re.compile(r"(?<=\w)\s+[\"“'‘(][^\"“”'‘’()]+[\"”'’)]\s+(?=\w)")  # noqa: RUF001 - quotes
_TITLES_OF_PEOPLE = ("the ", "dj ", "mc ", "gruppa ")


@lru_cache(maxsize=65536)
def name_likeness(one: str, other: str) -> float:
    """Likeness of two artists' names. "DJ Hell" is nearly "Hell"; "Model 500" is not "Model 600", nor "Field" "Fields"."""
    found = likeness(one, other)
    if found == 1:
        return found
    a, b = _plain(one), _plain(other)
    longer_name = _begins_with(one, b) or _begins_with(other, a)
    if longer_name and not _DIGITS.search(min(a, b, key=len)):
        return max(found, LONGER_NAME)
    if _DIGITS.findall(a) != _DIGITS.findall(b) or (a != b and a.removesuffix("s") == b.removesuffix("s")):
        return min(found, NEARLY)
    if a and a == b:
        return max(found, DJ)
    if _are_initials(a, b) or _are_initials(b, a):
        return max(found, INITIALS)
    if longer_name:
        return max(found, LONGER_NAME)
    latin = all(script(name) == "LATIN" and len(spellings(name)) == 1 for name in (one, other))
    if not latin:
        return found
    return max(found, spelling.MISSPELT) if spelling.misspelt(a, b) else min(found, NEARLY)


def _plain(name: str) -> str:
    """A name folded, in full words, without "DJ" and without a nickname in its middle: `Missy "Misdemeanor" Elliott`."""
    return _untitled(spelling.canonical(_NICKNAME.sub(" ", name)))


def among(name: str, artists: tuple[str, ...]) -> bool:
    """Whether all words of one of the artists' names stand in `name`: "Roger Troutman" is Roger."""
    words = set(fold(name).split())
    return any(set(fold(artist).split()) <= words for artist in artists if fold(artist))


def _untitled(name: str) -> str:
    for word in _TITLES_OF_PEOPLE:
        name = name.removeprefix(word)
    return name


def _begins_with(name: str, shorter: str) -> bool:
    """Whether a name begins with another of two words or more: "Jorge Ben Jor", "Pete Heller's Big Love"."""
    if " " not in shorter:
        return False
    written = (name, _POSSESSIVE.sub("", name))
    return any(_plain(one).startswith(f"{shorter} ") for one in written)


def _are_initials(short: str, name: str) -> bool:
    return len(short) >= SHORTEST_INITIALS and short == "".join(word[0] for word in name.split())
