"""One of the two things that are compared, a track or a candidate, with everything that it says made ready."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crateline.domain import hints, spelling, titles, versions
from crateline.domain.folding import fold, script, spellings
from crateline.domain.titles import Reading, Title
from crateline.domain.track import Candidate, Platform, Track
from crateline.domain.versions import Versions
from crateline.domain.vocabulary import Kind

CATALOGUES = frozenset({Platform.SPOTIFY, Platform.BEATPORT, Platform.APPLE_MUSIC, Platform.LOCAL})
_OF_A_VERSION = re.compile(r"\(([^()]+)\)|\[([^\[\]]+)\]|\s[-\u2013\u2014]\s([^-\u2013\u2014()\[\]]+)$")
_SPACED_DASH = re.compile(r"\s[-\u2013\u2014]\s")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")  # "NightcoreReality"
_LIVE_AT = re.compile(r"\s@\s|\blive\s+[-\u2013\u2014|]\s", re.IGNORECASE)  # "Artist @ Place", "Artist live - Title"
_OF_A_LABEL = frozenset({"records", "recordings", "music", "label", "official", "tv", "channel"})
_JOINERS = frozenset({"and", "x", "vs", "with", "feat", "ft", "pres", "presents", "meets", "dj"})
SUBTITLE_WORDS = 3  # of so many words in brackets a catalogue makes a name, not a version that we do not know


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """A track or a candidate; `text` is everything it says, folded, `said` its title alone."""

    title: Title
    artist: str
    channel: str
    album: str
    trusted: bool
    said: str
    text: str
    duration: float | None
    isrc: str
    wanted: bool = False
    at: bool = False

    @classmethod
    def of(cls, thing: Track | Candidate, name: str = "") -> "Side":
        """Take a track or a candidate for comparison; `name` is the other side's title if it sounds like a version."""
        channel = thing.channel if isinstance(thing, Candidate) else ""
        return cls(
            title=titles.parse(thing.title, name),
            artist=thing.artist or channel,
            channel=channel,
            album=thing.album,
            trusted=is_catalogue(thing) and bool(thing.artist),
            said=fold(thing.title),
            text=fold(f"{thing.artist} {channel} {thing.title} {thing.album}"),
            duration=thing.duration,
            isrc=thing.isrc.replace("-", "").upper(),
            wanted=isinstance(thing, Track),
            at=_LIVE_AT.search(thing.title) is not None,
        )

    def version(self, other: "Side") -> Versions:
        """What the title says, and what the uploader's name and a catalogue's album give away."""
        given_away = hints.in_channel(_CAMEL.sub(" ", f"{self.artist} {self.channel}"), other.text)
        kinds = given_away | hints.anywhere(self.said, other.text) | (hints.in_album(self.album) if self.trusted else frozenset())
        if self.at and not other.at:
            kinds |= {Kind.LIVE}
        mine = self.title.version
        if mine.nobodys and self.wanted and not self.trusted and len(self.title.segments) > 1:
            # "Artist - Title (UKG Bootleg)" is its uploader's, and UKG
            mine = replace(mine, remixers=frozenset({" ".join([fold(self.artist), *sorted(mine.remixers)])}))
        return mine | Versions(kinds=kinds) if kinds else mine

    def credits(self, other: Versions) -> tuple[str, ...]:
        """By whom the other side's remix is if that is said here: a name alone in brackets, or, of a mix or an edit, the artist.

        An artist's own remix is another recording than his original, and his mix often is the original.
        """
        before = titles.names(self.title.segments[0]) if other.mild and len(self.title.segments) > 1 else ()
        named = titles.names(self.artist) if other.mild and self.trusted else ()
        return tuple(filter(None, map(fold, (*self.title.asides, *named, *before))))

    def names_all_of(self, other: "Side") -> bool:
        """Whether the other side is by several artists, and all of them are named here."""
        others = titles.names(other.artist)
        return len(others) > 1 and all(fold(name) in self.text for name in others)

    def readings(self, other: "Side") -> tuple[Reading, ...]:
        """The ways to read this side; an upload may hold the other side's artist in its title without a dash."""
        ways = titles.readings(self.artist, self.title, trusted=self.trusted)
        if self.trusted:
            # a wish may come from an uploader's list: "PREMIERE: Artist - Title" by a magazine
            return ways + titles.of_an_upload(self.title)[:1] if self.wanted and len(self.title.segments) > 1 else ways
        if len(self.title.segments) > 1:
            # two uploads "A - B" and "A - C" are half alike as whole titles: read past the dash on both sides
            return ways if other.trusted or len(other.title.segments) == 1 else ways[1:]
        names = titles.names(other.artist)
        if len(other.title.segments) > 1 and not (self.artist and other.trusted):
            names += titles.names(other.title.segments[0]) + titles.names(other.title.segments[-1])
        return ways + tuple(way for core in self._cores() for way in titles.found_in(core, names))

    def _cores(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*spellings(self.title.core), " - ".join(self.title.bare))))


def pair(one: Track | Candidate, other: Track | Candidate) -> tuple[Side, Side]:
    """Both sides. A title that would be read as a version ("Karaoke", "Remix") is a name where the other side is so called."""
    first, second = Side.of(one), Side.of(other)
    if (marked := _marked(one.title, other.title)) != one.title:
        return pair(replace(one, title=marked), other)
    if (marked := _marked(other.title, one.title)) != other.title:
        return pair(one, replace(other, title=marked))
    name = _like_a_version(first) or _like_a_version(second)
    return (Side.of(one, name), Side.of(other, name)) if name else (first, second)


def _marked(title: str, elsewhere: str) -> str:
    """`title` with the words in brackets that the other title says in brackets, or after a dash, of its version."""
    for words in _OF_A_VERSION.findall(elsewhere):
        said = " ".join(next(filter(None, words)).split())
        if " " in said and _is_version(said):
            spaced = r"\W+".join(map(re.escape, said.split()))
            bare = re.compile(rf"(?<=\w )(?<![-\u2013\u2014] )(?:{spaced})(?![^(\[]*[)\]])(?!\w)", re.IGNORECASE)
            found = bare.search(title)
            # "Title - Somebody's Club Mix" is not by whom "Title (Club Mix)" is
            before = _SPACED_DASH.split(title[: found.start()]) if found else []
            if found and not (len(before) > 1 and _is_version(before[-1] + title[found.start() :])):
                title = f"{title[: found.start()]}({found[0]}){title[found.end() :]}"
    return title


def _is_version(words: str) -> bool:
    read = versions.read(words, after_dash=True)
    return read is not None and bool(read.kinds or read.remixers)


def _like_a_version(side: Side) -> str:
    name = fold(side.title.segments[-1]) if side.title.segments else ""
    return name if name and versions.read(name, after_dash=True) is not None else ""


def is_catalogue(thing: Track | Candidate) -> bool:
    """Whether the artist field is the artist: in a catalogue and on a topic upload it is, elsewhere perhaps an uploader."""
    return thing.platform in CATALOGUES or (isinstance(thing, Candidate) and thing.topic)


def also_called(way: Reading, other: Side) -> str:
    """The name that is wished for, where the other side gives it in brackets: "The Girl from Ipanema (Garota de Ipanema)"."""
    beside = map(spelling.canonical, other.title.asides)
    return way.bare if spelling.canonical(way.bare) in beside and versions.read(way.bare) is None else ""


def both_named(side: Side, other: Side) -> bool:
    """Whether the other side's own name stands in ours, too: "Coffee Pot (It's Time for the Percolator)" for "Percolator".

    A name in brackets alone may be what a song is called in another language, in which it was sung, too.
    """
    said = f" {spelling.canonical(side.title.core)} "
    return any(f" {spelling.canonical(name)} " in said for name in other.title.bare)


def left_over(side: Side, other: Side, way: Reading, *, cut: bool, named: bool) -> Iterator[str]:
    """What a side says of its piece and the other does not: brackets that were left out (`cut`), parts after a dash.

    Names that are known (an artist, an uploader, the album) tell nothing apart; nor does a long subtitle of a catalogue, as
    fans leave it out, nor a name once more in Latin letters beside one that cannot be spelled in them. Where all else fits
    (`named`) any brackets of a catalogue that do not sound like a version are a subtitle.
    """
    asides = side.title.asides if cut else tuple(aside for aside in side.title.asides if _alone(aside, other))
    least = 1 if named else SUBTITLE_WORDS
    for words in (*asides, *way.beside):
        folded = fold(words)
        subtitle = side.trusted and not other.trusted and words in asides and len(folded.split()) >= least
        subtitle = subtitle and not (named and versions.is_musical(words))
        again = _once_more(words, way, aside=words in asides)
        if versions.unexplained(folded) and not subtitle and not again and not _known(folded, side, other):
            yield words


def _alone(aside: str, other: Side) -> bool:
    """Whether brackets that may make a version ("Vocal", "Part 2") are on this side only, in whatever spelling."""
    return versions.is_musical(aside) and spelling.canonical(aside) not in spelling.canonical(other.said)


def _once_more(words: str, way: Reading, *, aside: bool) -> bool:
    """Whether words say the same in another script than the title: in Latin letters, or as a second "Artist - Title"."""
    scripts = {script(part) for part in spellings(way.core)} - {""}
    if script(words) == "LATIN" and not versions.is_musical(words):
        return bool(scripts - {"LATIN"})
    return not aside and len(way.beside) > 1 and bool(scripts) and script(words) not in scripts


def _known(folded: str, side: Side, other: Side) -> bool:
    known = set(f"{other.text} {fold(side.artist if side.trusted else side.channel)}".split())
    left = [word for word in folded.split() if word not in known | _JOINERS and not word.isdecimal()]
    if not left or folded.replace(" ", "") in side.channel.casefold():
        return True
    return _OF_A_LABEL.issuperset(left) and len(left) < len(folded.split())
