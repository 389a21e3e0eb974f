"""A title taken apart: its core, its version, its guests; and the ways in which an upload's words can be read."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from crateline.domain import decoration, tails, versions
from crateline.domain.decoration import INNER
from crateline.domain.folding import fold, likeness
from crateline.domain.versions import Versions
from crateline.domain.vocabulary import Kind

LEADING = frozenset({Kind.SPEED, Kind.SLOW, Kind.EFFECT, Kind.COVER})  # "Nightcore - Title": no artist is called so
THE_ARTIST = 0.85  # from here on a name before the dash is the artist that the field names

_DASH = re.compile(r"\s[-\u2010-\u2015\u2212\u2500\u2501~]+\s|(?<=\S)[-\u2013\u2014]\s|\s[-\u2013\u2014](?=[^\W\d])")
_BAR = re.compile(r"\s*(?:\|\||[|\uff5c\u2022])\s*|\s+//\s+")
_COLON = re.compile(r"\s*[:\uff1a]\s+")
_COMMA = re.compile(r"\s*[,\u3001]\s+")
_SLASH = re.compile(r"\s+[/\uff0f]\s+")
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_NAMES = re.compile(
    r"\s*[,;/&+\u3001]\s*|\s+(?:x|vs\.?|versus|and|und|y|e|et|og|och|\u0438|with|w/|con|meets|feat\.?|ft\.?|featuring|pres\.?|presents|"
    r"introducing|aka|a\.k\.a\.?|alias)\s+",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d\b")  # "Binary Finary - 1998 HD"
_OF_A_LABEL = re.compile(r"\w\s+(?:records|recordings)\W*$", re.IGNORECASE)
_JOINER_FIRST = re.compile(r"^ (?:and|x|vs|with|feat|ft|y|e)(?= )")
_JOINER_LAST = re.compile(r" (?:and|x|vs|with|feat|ft|y|e|by) $")
_CHANNEL = re.compile(r"\s*-\s*topic$|\s*vevo$|\bofficial\b|\s+(?:music|tv|channel)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Title:
    """A title in parts. `segments` are the core's words between dashes, as written; never empty unless the title is.

    `bare` are the same without what stands in brackets and speaks of nothing we know; `asides` is what stands there.
    `dashed` are remixers after a dash: in "A - B C Remix" the title may be B and the remixer C.
    """

    segments: tuple[str, ...]
    version: Versions
    dashed: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()

    @property
    def core(self) -> str:
        """The words that name the piece: no brackets with words of version or noise, no guests."""
        return " - ".join(self.segments)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One way to read who made what: names of artists, the piece's core title, with and without asides.

    `beside` is what this way takes for neither: what an uploader may have added after a second dash.
    """

    artists: tuple[str, ...]
    core: str
    bare: str = ""
    beside: tuple[str, ...] = ()


@lru_cache(maxsize=16384)
def parse(text: str, name: str = "") -> Title:
    """Take a title apart. Any text is a title; what cannot be read stays in the core.

    `name` is folded words that are known to be a name, and no version, wherever they stand alone: "Remix", if there is a
    piece of that name.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    rest, version = decoration.unbracket(decoration.strip(plain), name)
    parts, around = _sections(rest, name)
    parts, after = _drop_read([segment for part in parts for segment in _segments(part)], name, keep_first=True)
    version = version | around | after | Versions(kinds=versions.tagged(plain))
    cut = []
    for part in parts:
        core, more = (part, Versions()) if name and _is(part, name) else tails.before_asides(part)
        cut.append(core)
        version |= more
    kept = [part for part in cut if fold(decoration.whole(part)) or part.strip()]
    segments = tuple(filter(None, map(decoration.whole, kept))) or ((plain,) if plain else ())
    bare = tuple(decoration.bare(part) or decoration.whole(part) for part in kept if decoration.whole(part)) or segments
    asides = tuple(found.strip() for part in kept for found in INNER.findall(part) if decoration.bare(part))
    return Title(segments=segments, version=version, dashed=tuple(sorted(after.remixers)), bare=bare, asides=asides)


@lru_cache(maxsize=16384)
def names(text: str) -> tuple[str, ...]:
    """The artists in one field: "A, B & C" and "A x B" are several; the field as a whole stands first."""
    whole = " ".join(_CHANNEL.sub("", unicodedata.normalize("NFKC", text)).split())
    parts = tuple(part.strip() for part in _NAMES.split(whole))
    return tuple(part for part in parts if fold(part)) or ((whole,) if whole else ())


@lru_cache(maxsize=16384)
def readings(artist: str, title: Title, *, trusted: bool) -> tuple[Reading, ...]:
    """The ways to read an artist field and a title, the most literal first.

    A trusted field (a catalogue's) is the artist. Else the field may be an uploader, and the title "Artist - Title" or
    "Title - Artist".
    """
    guests = tuple(name for guest in title.version.guests for name in names(guest))
    listed, parts, bare = names(artist), title.segments, title.bare
    ways = [_way(listed, parts, bare)]
    if len(parts) > 1 and any(likeness(name, parts[0]) >= THE_ARTIST for name in (*listed, artist)):
        ways = [_way(listed, parts[1:], bare[1:])]
    elif len(parts) > 1 and trusted:
        ways.append(_way(listed, parts[:1], bare[:1], parts[1:]))
    if not trusted:
        ways += of_an_upload(title)
    return tuple(Reading(artists=(*way.artists, *guests), core=way.core, bare=way.bare, beside=way.beside) for way in ways)


@lru_cache(maxsize=16384)
def of_an_upload(title: Title) -> tuple[Reading, ...]:
    """The ways to read a title whose uploader may be anybody."""
    return tuple(_ways_of_an_upload(title))


def _ways_of_an_upload(title: Title) -> list[Reading]:
    parts, bare = title.segments, title.bare
    if len(parts) == 1:
        ways = [_way(names(parts[0]), (name,), (name,)) for name in title.dashed]
        for separator in (_COLON, _COMMA, _SLASH, _HYPHEN):
            two = separator.split(parts[0], maxsplit=1)
            if len(two) > 1 and all(map(fold, two)):
                ways += [_way(names(two[0]), two[1:], two[1:]), _way(names(two[1]), two[:1], two[:1])]
        return ways
    ways = [_way(names(parts[0]), parts[1:], bare[1:]), _way(names(parts[-1]), parts[:-1], bare[:-1])]
    if people := _in_brackets(title, 0):
        ways += [_way(people, parts[1:], bare[1:], people), _way(people[:1], parts[1:], bare[1:])]
    if people := _in_brackets(title, -1):
        ways.append(_way(people, parts[:-1], bare[:-1], people))
    label, *artist = _COLON.split(parts[0], maxsplit=1)  # "Label: Artist - Title"
    if artist and fold(artist[0]) and fold(label):
        ways.append(_way(names(artist[0]), parts[1:], bare[1:]))
    if len(parts) == 4:  # noqa: PLR2004 - "Artist - Title | the same in another script"
        ways += [_way(names(parts[0]), parts[1:2], bare[1:2], parts[2:]), _way(names(parts[2]), parts[3:], bare[3:], parts[:2])]
        ways += [
            _way(names(part), parts[:1], bare[:1], (*parts[1:place], *parts[place + 1 :]))
            for place, part in enumerate(parts)
            if place
        ]
    if len(parts) > 2:  # noqa: PLR2004 - "Artist - Title - whatever the uploader adds"
        ways.append(_way(names(parts[0]), parts[1:2], bare[1:2], parts[2:]))
        ways.append(_way(names(parts[1]), parts[2:], bare[2:], parts[:1]))
    return ways


def _in_brackets(title: Title, place: int) -> tuple[str, ...]:
    """An artist's name and what stands in brackets beside it: "Youngstar (Musical Mob)"."""
    whole, alone = title.segments[place], title.bare[place]
    return () if whole == alone else (alone, *(aside for aside in title.asides if aside in whole))


def _way(
    artists: tuple[str, ...],
    parts: tuple[str, ...] | list[str],
    bare: tuple[str, ...] | list[str],
    beside: tuple[str, ...] = (),
) -> Reading:
    return Reading(artists=artists, core=" - ".join(parts), bare=" - ".join(bare), beside=beside)


@lru_cache(maxsize=16384)
def found_in(core: str, artists: tuple[str, ...]) -> tuple[Reading, ...]:
    """The readings in which artists stand at an end of `core` without a dash ("Tuna Yud Alef", "Twinbow by Slushii").

    Those that are joined ("Slushii & Marshmello Twinbow") are taken off together.
    """
    words = fold(core)
    first, last = _peeled(words, artists, first=True), _peeled(words, artists, first=False)
    return tuple(Reading(artists=names, core=rest, bare=rest) for names, rest in (first, last) if names and rest)


def _peeled(words: str, artists: tuple[str, ...], *, first: bool) -> tuple[tuple[str, ...], str]:
    """The artists at one end of folded words, and the rest."""
    found: list[str] = []
    while name := next((one for one in artists if fold(one) and _at_end(words, fold(one), first=first)), ""):
        found.append(name)
        words = words.removeprefix(fold(name)) if first else words.removesuffix(fold(name))
        words = (_JOINER_FIRST if first else _JOINER_LAST).sub("", words).strip()
    return tuple(found), words


def _at_end(words: str, name: str, *, first: bool) -> bool:
    return words.startswith(f"{name} ") if first else words.endswith(f" {name}")


def _sections(text: str, name: str) -> tuple[list[str], Versions]:
    """What stands between bars. Beside "Artist - Title" other sections are a label's, a genre's or a series' name."""
    parts = [part for part in (section.strip() for section in _BAR.split(text)) if part]
    parts, version = _drop_read(parts, name, keep_first=False)
    dashed = [decoration.unnumbered(part) for part in parts if len(_segments(part)) > 1]
    if len(dashed) != 1:
        return parts, version
    for part in map(decoration.unnumbered, parts):
        version |= Versions() if part in dashed else versions.hinted(decoration.whole(part))
    return dashed, version


def _segments(part: str) -> list[str]:
    """The pieces between dashes; pieces without a letter or digit (an emoji) count only if there is nothing else."""
    pieces = [piece.strip() for piece in _DASH.split(part) if piece.strip()]
    return [piece for piece in pieces if any(map(str.isalnum, piece))] or pieces


def _drop_read(parts: list[str], name: str, *, keep_first: bool) -> tuple[list[str], Versions]:
    """Take the parts that speak of the version alone out of a title's parts; at least one part stays."""
    kept: list[str] = []
    version = Versions()
    for place, part in enumerate(parts):
        read = None if name and _is(part, name) else versions.read(decoration.whole(part), after_dash=True)
        last_chance = place == len(parts) - 1 and not kept
        leading = keep_first and place == 0 and read is not None and not read.kinds & LEADING
        year = keep_first and place == 1 and _YEAR.fullmatch(tails.taken_off(part)[0]) is not None
        if keep_first and place > 1 and (_OF_A_LABEL.search(part) or decoration.is_catalogue_number(part)):
            continue
        if read is None or last_chance or leading or year or len(parts) == 1:
            kept.append(part)
        else:
            version |= read
    return kept, version


def _is(part: str, name: str) -> bool:
    """Whether a part is a piece that is called like a version, with or without brackets behind it."""
    return name in {fold(decoration.whole(part)), fold(decoration.bare(part))}
