"""Words at a title's end that stand there without brackets: guests, a version, "Official Video HD"."""

import re

from crateline.domain import decoration, vocabulary
from crateline.domain.decoration import INNER
from crateline.domain.folding import fold
from crateline.domain.versions import Versions
from crateline.domain.vocabulary import Kind

_GUESTS = re.compile(r"\s(?:feat|ft|featuring)\b\.?\s+(?P<names>.+)$", re.IGNORECASE)
_TAIL = re.compile(
    r"(?<=\w)\W*\s+\W*(?:official (?:music |lyrics? )?(?:video|audio|mv)|lyrics? video|with lyrics|lyrics|hd|hq|4k|original mix|"
    r"(?:full |original )?(?:album|lp) version|full version|full song|(?:original )?full track|vinyl rip|paroles|"
    r"title track|title song|"
    r"free (?:dl|download)|out now)\W*$",
    re.IGNORECASE,
)
_FILM = re.compile(rf"^\W*(?:{vocabulary.AROUND_FILM}|{vocabulary.FILM}|(?:19|20)\d\d)?\W*$", re.IGNORECASE)
_SURELY_FILM = re.compile(rf"^\W*(?:{vocabulary.FILM})\W*$", re.IGNORECASE)
_TAILS = {kind: re.compile(rf"(?<=\w)\s+(?:{words})\W*$", re.IGNORECASE) for kind, words in vocabulary.TAILS.items()}


def before_asides(part: str) -> tuple[str, Versions]:
    """Words at a part's end, and such as have only brackets behind them that say nothing we know."""
    asides = INNER.findall(part)
    plain = decoration.bare(part) if asides else part
    core, version = taken_off(plain or part)
    if not asides or core == plain:
        return (part if asides else core), version
    return " ".join([core, *map(decoration.aside, asides)]), version


def taken_off(part: str) -> tuple[str, Versions]:
    """Words of version and guests at a part's end that stand there without brackets."""
    version = Versions()
    guests = _GUESTS.search(part)
    if guests:
        part, version = part[: guests.start()], Versions(guests=(guests["names"],))
    changed = True
    while changed:
        changed = False
        shorter = _without_film(_TAIL.sub("", part))
        for kind, pattern in _TAILS.items():
            if found := pattern.search(shorter):
                place = fold(found[0]) if kind is Kind.LIVE else ""
                shorter, version = pattern.sub("", shorter), version | Versions(kinds=frozenset({kind}), place=place)
        changed, part = shorter != part, shorter
    return part.strip(), version


def _without_film(part: str) -> str:
    """A part without "Full Video Song" at its end: words of which one can only speak of a film."""
    words = part.split()
    first = len(words)
    while first > 1 and _FILM.match(words[first - 1]):
        first -= 1
    tail = words[first:]
    return " ".join(words[:first]) if any(map(_SURELY_FILM.match, tail)) else part
