"""One of the two things that are compared, a track or a candidate, with everything that it says made ready."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crateline.domain import hints, spelling, titles, versions
from crateline.domain.folding import fold, script, spellings
from crateline.domain.titles import Reading, Title
from crateline.domain.track import Candidate, Platform, Track
from crateline.domain.versions import Versions
from crateline.domain.vocabulary import Kind

CATALOGUES = frozenset({Platform.SPOTIFY, Platform.BEATPORT, Platform.APPLE_MUSIC, Platform.LOCAL})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")  # "NightcoreReality"
_LIVE_AT = re.compile(r"\s@\s|\blive\s+[-\u2013\u2014|]\s", re.IGNORECASE)  # "Artist @ Place", "Artist live - Title"
_OF_A_LABEL = frozenset({"records", "recordings", "music", "label", "official", "tv", "channel"})
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
        return self.title.version | Versions(kinds=kinds) if kinds else self.title.version

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
        if not self.artist and len(other.title.segments) > 1:
            names += titles.names(other.title.segments[0]) + titles.names(other.title.segments[-1])
        return ways + tuple(way for core in self._cores() for way in titles.found_in(core, names))

    def _cores(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*spellings(self.title.core), " - ".join(self.title.bare))))


def pair(one: Track | Candidate, other: Track | Candidate) -> tuple[Side, Side]:
    """Both sides. A title that would be read as a version ("Karaoke", "Remix") is a name where the other side is so called."""
    first, second = Side.of(one), Side.of(other)
    name = _like_a_version(first) or _like_a_version(second)
    return (Side.of(one, name), Side.of(other, name)) if name else (first, second)


def _like_a_version(side: Side) -> str:
    name = fold(side.title.segments[-1]) if side.title.segments else ""
    return name if name and versions.read(name, after_dash=True) is not None else ""


def is_catalogue(thing: Track | Candidate) -> bool:
    """Whether the artist field is the artist: in a catalogue and on a topic upload it is, elsewhere perhaps an uploader."""
    return thing.platform in CATALOGUES or (isinstance(thing, Candidate) and thing.topic)


def left_over(side: Side, other: Side, way: Reading, *, cut: bool) -> Iterator[str]:
    """What a side says of its piece and the other does not: brackets that were left out (`cut`), parts after a dash.

    Names that are known (an artist, an uploader, the album) tell nothing apart; nor does a long subtitle of a catalogue, as
    fans leave it out, nor a name once more in Latin letters beside one that cannot be spelled in them.
    """
    asides = side.title.asides if cut else tuple(aside for aside in side.title.asides if _alone(aside, other))
    for words in (*asides, *way.beside):
        folded = fold(words)
        subtitle = side.trusted and not other.trusted and words in asides and len(folded.split()) >= SUBTITLE_WORDS
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
    left = [word for word in folded.split() if word not in known and not word.isdecimal()]
    if not left or folded.replace(" ", "") in side.channel.casefold():
        return True
    return _OF_A_LABEL.issuperset(left) and len(left) < len(folded.split())
