"""A title taken apart: its core, its version, its guests; and the ways in which an upload's words can be read."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from crateline.domain import versions
from crateline.domain.folding import fold, likeness
from crateline.domain.versions import Kind, Versions

THE_ARTIST = 0.85  # from here on a name before the dash is the artist that the field names

_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}|【([^【】]*)】|「([^「」]*)」|『([^『』]*)』")
_DASH = re.compile(r"\s[-\u2010-\u2015~]+\s|(?<=\S)[-\u2013\u2014]\s")
_BAR = re.compile(r"\s*[|\uff5c\u2022]\s*|\s+//\s+")
_GUESTS = re.compile(r"\s(?:feat|ft|featuring)\b\.?\s+(?P<names>.+)$", re.IGNORECASE)
_PREFIX = re.compile(r"^\s*(?:premiere|exclusive|free (?:download|dl)|out now)\s*[:|!-]+\s*|^\s*\d{1,2}\.\s+", re.IGNORECASE)
_TAIL = re.compile(
    r"(?<=\w)\s+(?:official (?:music |lyrics? )?(?:video|audio)|lyrics? video|with lyrics|lyrics|hd|hq|4k|original mix)\W*$",
    re.IGNORECASE,
)
_TAIL_KINDS = {
    Kind.SPEED: r"sped up|slowed(?: \W ?reverb| and reverb)?|nightcore",
    Kind.COVER: r"karaoke(?: version)?|cover version|piano cover|guitar cover|drum cover",
    Kind.ACAPELLA: r"acapella|a cappella|acappella",
    Kind.INSTRUMENTAL: r"instrumental(?: version)?",
    Kind.MASHUP: r"mash ?up",
    Kind.VIP: r"vip(?: mix)?",
    Kind.EXTENDED: r"extended(?: mix| version)?|club mix",
    Kind.RADIO: r"radio (?:edit|mix|version)",
    Kind.REMIX: r"remix|rmx|bootleg|rework|refix",
    Kind.LIVE: r"live (?:@|at|in concert|version|session)\b.*",
}
_TAILS = {kind: re.compile(rf"(?<=\w)\s+(?:{words})\W*$", re.IGNORECASE) for kind, words in _TAIL_KINDS.items()}
_NAMES = re.compile(
    r"\s*[,;/&+]\s*|\s+(?:x|vs\.?|and|und|y|et|og|och|with|feat\.?|ft\.?|featuring|pres\.?|presents)\s+",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"\s*-\s*topic$|\s*vevo$|\bofficial\b|\s+(?:music|tv|channel)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Title:
    """A title in parts. `segments` are the core's words between dashes, as written; never empty unless the title is.

    `dashed` are remixers after a dash: in "A - B C Remix" the title may be B and the remixer C.
    """

    segments: tuple[str, ...]
    version: Versions
    dashed: tuple[str, ...] = ()

    @property
    def core(self) -> str:
        """The words that name the piece: no brackets with words of version or noise, no guests."""
        return " - ".join(self.segments)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One way to read who made what: names of artists and the piece's core title."""

    artists: tuple[str, ...]
    core: str


@lru_cache(maxsize=16384)
def parse(text: str) -> Title:
    """Take a title apart. Any text is a title; what cannot be read stays in the core."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    rest, version = _unbracket(_PREFIX.sub("", plain))
    parts = [part for part in (section.strip() for section in _BAR.split(rest)) if part]
    parts, around = _drop_read(parts, keep_first=False)
    parts, after = _drop_read([segment for part in parts for segment in _segments(part)], keep_first=True)
    version = version | around | after
    cut = []
    for part in parts:
        core, more = _tail(part)
        cut.append(core)
        version |= more
    segments = tuple(filter(None, cut)) or ((plain,) if plain else ())
    return Title(segments=segments, version=version, dashed=tuple(sorted(after.remixers)))


def names(text: str) -> tuple[str, ...]:
    """The artists in one field: "A, B & C" and "A x B" are several; the field as a whole stands first."""
    whole = " ".join(_CHANNEL.sub("", unicodedata.normalize("NFKC", text)).split())
    parts = tuple(part.strip() for part in _NAMES.split(whole))
    return tuple(part for part in parts if fold(part)) or ((whole,) if whole else ())


def readings(artist: str, title: Title, *, trusted: bool) -> tuple[Reading, ...]:
    """The ways to read an artist field and a title, the most literal first.

    A trusted field (a catalogue's) is the artist. Else the field may be an uploader, and the title "Artist - Title" or
    "Title - Artist".
    """
    guests = tuple(name for guest in title.version.guests for name in names(guest))
    listed, parts = names(artist), title.segments
    ways = [(listed, title.core)]
    if len(parts) > 1 and any(likeness(name, parts[0]) >= THE_ARTIST for name in (*listed, artist)):
        ways = [(listed, " - ".join(parts[1:]))]
    if not trusted and len(parts) > 1:
        ways.append((names(parts[0]), " - ".join(parts[1:])))
        ways.append((names(parts[-1]), " - ".join(parts[:-1])))
    if not trusted and len(parts) == 1:
        ways += [(names(parts[0]), name) for name in title.dashed]
    if not trusted and len(parts) > 2:  # noqa: PLR2004 - "Artist - Title - whatever the uploader adds"
        ways.append((names(parts[0]), parts[1]))
    return tuple(Reading(artists=(*artists, *guests), core=core) for artists, core in ways)


def found_in(core: str, artist: str) -> Reading | None:
    """The reading in which `artist` stands at an end of `core` without a dash ("Tuna Yud Alef", "Twinbow by Slushii")."""
    words, name = fold(core), fold(artist)
    rest = words.removeprefix(f"{name} ")
    if rest == words:
        rest = words.removesuffix(f" {name}").removesuffix(" by")
    return None if rest == words or not name else Reading(artists=(artist,), core=rest)


def _unbracket(text: str) -> tuple[str, Versions]:
    """Take out the brackets that speak of version, guests or noise; the others stay in the text without their brackets."""
    version = Versions()

    def replaced(found: re.Match[str]) -> str:
        nonlocal version
        inner = next((group for group in found.groups() if group is not None), "")
        read = versions.read(inner) if inner.strip() else Versions()
        if read is None:
            return " " if found[0][0] == "[" else f" {inner} "
        version |= read
        return " "

    rest, times = _BRACKETS.subn(replaced, text)
    while times:
        rest, times = _BRACKETS.subn(replaced, rest)
    rest = " ".join(rest.split())
    return (rest or text), version


def _segments(part: str) -> list[str]:
    """The pieces between dashes; pieces without a letter or digit (an emoji) count only if there is nothing else."""
    pieces = [piece.strip() for piece in _DASH.split(part) if piece.strip()]
    return [piece for piece in pieces if any(map(str.isalnum, piece))] or pieces


def _drop_read(parts: list[str], *, keep_first: bool) -> tuple[list[str], Versions]:
    """Take the parts that speak of the version alone out of a title's parts; at least one part stays."""
    kept: list[str] = []
    version = Versions()
    for place, part in enumerate(parts):
        read = versions.read(part, after_dash=True)
        last_chance = place == len(parts) - 1 and not kept
        leading = keep_first and place == 0 and read is not None and not read.kinds & {Kind.SPEED, Kind.COVER}
        if read is None or last_chance or leading or len(parts) == 1:
            kept.append(part)
        else:
            version |= read
    return kept, version


def _tail(part: str) -> tuple[str, Versions]:
    """Words of version and guests at a part's end that stand there without brackets."""
    version = Versions()
    guests = _GUESTS.search(part)
    if guests:
        part, version = part[: guests.start()], Versions(guests=(guests["names"],))
    changed = True
    while changed:
        changed = False
        shorter = _TAIL.sub("", part)
        for kind, pattern in _TAILS.items():
            if pattern.search(shorter):
                shorter, version = pattern.sub("", shorter), version | Versions(kinds=frozenset({kind}))
        changed, part = shorter != part, shorter
    return part.strip(), version
