"""The words of tracks and pages prepared for comparison by the thousand."""

from dataclasses import dataclass
from functools import cached_property

from crateline.domain import matching, stems, titles
from crateline.domain.folding import fold
from crateline.domain.library import LibraryTrack
from crateline.domain.matching import Score
from crateline.domain.pairing import PageCandidate, PageWords
from crateline.domain.track import Platform, Track

NAMELESS = "?"
"""The title of what has none."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What one side says. `id` is a title id or a page id; `as_given` is false if something was cleaned off its title."""

    id: str
    title: str
    artist: str
    duration: float | None
    isrc: str
    as_given: bool

    @classmethod
    def of_track(cls, track: LibraryTrack) -> "Wording":
        """Take a library's track; its title may be the name of a file."""
        return cls._cleaned(track.title_id, track.title, track.artist, track.duration, track.isrc)

    @classmethod
    def of_page(cls, page: PageWords) -> "Wording":
        """Take a page; its name may have come from a file's name, too."""
        return cls._cleaned(page.page_id, page.title, page.artist, page.duration, page.isrc)

    @classmethod
    def _cleaned(cls, one: str, title: str, artist: str, duration: float | None, isrc: str) -> "Wording":
        words = stems.clean(title)
        return cls(id=one, title=words or NAMELESS, artist=artist.strip(), duration=duration, isrc=isrc, as_given=words == title)

    @cached_property
    def core(self) -> str:
        """The folded words that name the piece, without an artist that stands before a dash."""
        parts = titles.parse(self.title).segments
        return fold(parts[-1]) if parts else ""

    @cached_property
    def line(self) -> str:
        """All words of artists, guests and piece, each once, in order of the alphabet: it does not matter where each stands."""
        parsed = titles.parse(self.title)
        people = [name for text in (self.artist, *parsed.version.guests) for name in titles.names(text)]
        pieces = [name for part in parsed.segments for name in titles.names(part)]
        return " ".join(sorted({word for text in (*people, *pieces) for word in fold(text).split()}))


def compare(track: Wording, page: Wording) -> Score:
    """How sure it is that the page is the track's, by the rules of matching."""
    ours, theirs = _parted(track, page.artist), _parted(page, track.artist)
    # An artist that a file's tags name is one; a title without an artist may hold it anywhere.
    platform = Platform.LOCAL if track.artist else Platform.SOUNDCLOUD
    asked = Track(key="", title=ours[1], artist=ours[0], url="", platform=platform, duration=track.duration, isrc=track.isrc)
    return matching.page_match(asked, theirs[1], theirs[0], page.duration, isrc=page.isrc)


def _parted(one: Wording, artist: str) -> tuple[str, str]:
    """Artist and title of an entry; where it has no artist and the other's stands at an end of its title, that one."""
    wanted = fold(artist)
    if one.artist or not wanted or wanted not in fold(one.title):
        return one.artist, one.title
    words = one.title.split(" ")
    for at in range(1, len(words)):
        before, after = " ".join(words[:at]), " ".join(words[at:])
        if fold(before) == wanted:
            return before, after.lstrip("-\u2013\u2014 ") or after
        if fold(after) == wanted:
            return after, before.rstrip("-\u2013\u2014 ") or before
    return one.artist, one.title


def candidate(page: Wording, score: Score) -> PageCandidate:
    """A page with its score, for a person to look at."""
    title = f"{page.artist} - {page.title}" if page.artist else page.title
    return PageCandidate(page_id=page.id, title=title, score=score.total, features=score.features())
