"""From what the rows of a list say to tracks and playlists: an id or a link if there is one, else title and artist."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from crateline.domain import folding, links
from crateline.domain.links import Kind, Link
from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.errors import ConfigurationError, CratelineError
from producers import lengths
from producers.following import LASTING, Following
from producers.patience import Say

PLAYABLE = frozenset({Platform.SOUNDCLOUD, Platform.YOUTUBE})
"""Platforms whose audio can be fetched by the link alone."""
FOLLOWED = (Kind.TRACK, Kind.SHORT)
"""What a link may be that does not tell its track's key before it is followed."""
NO_TRACK = {"artist": "an artist", "album": "an album", "playlist": "a playlist"}
"""What TuneMyMusic exports beside tracks, by the word in its column «Type»."""

_ID = re.compile(r"(?:spotify:track:)?([0-9A-Za-z]{22})")
_LOCAL = re.compile(r"spotify:local:|https?://open\.spotify\.com/local/", re.IGNORECASE)
_PODCAST = re.compile(r"(?:spotify:|open\.spotify\.com/(?:[\w-]+/)?)(?:episode|show)[:/]", re.IGNORECASE)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What a row says, by the words of `csv_columns`. `place` is how people find it: «row 7».

    `torn` says that cells are missing at its end: empty ones, as Excel writes it, or more, if it was cut or torn in two.
    """

    place: str
    said: Mapping[str, str]
    torn: str = ""

    def __getitem__(self, word: str) -> str:
        """What it says of this, or ""."""
        return self.said.get(word, "")

    @property
    def named(self) -> bool:
        """Whether it can be looked for by its words."""
        return bool(self["title"] and self["artist"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A row that can be used. `follow` is its link, where only its platform can say which track it leads to."""

    place: str
    track: Track
    follow: Link | None = None


@dataclass(kw_only=True, slots=True)
class Rows:
    """The playlists of one list, as its rows come in. `name` is that of all rows that name no playlist."""

    label: str
    name: str
    say: Say
    lists: dict[str, list[Entry]] = field(default_factory=dict)

    def add(self, words: Words) -> None:
        """Take a row in, or say why it cannot be used."""
        why = _no_track(words)
        if why:
            self.leave(words.place, why)
            return
        link, problem = _link(words)
        if link is None and (not words.named or (words.torn and problem)):
            self.leave(words.place, words.torn or f"neither a link nor title and artist{problem and f' ({problem})'}")
            return
        if link is None and problem:
            self.say(f"{self.label}, {words.place}: {problem}; taken by its title and artist")
        entry = Entry(
            place=words.place, track=_track(words, link), follow=link if link is not None and _unknown(words, link) else None
        )
        self.lists.setdefault(words["playlist"] or self.name, []).append(entry)

    def leave(self, place: str, why: str) -> None:
        """Say that a row is left out, and why."""
        self.say(f"{self.label}, {place}: {why}; left out")

    def playlists(self, following: Following, limit: int | None = None) -> Iterator[Playlist]:
        """The playlists, each up to its `limit`-th distinct track.

        Raises ConfigurationError if no row could be used; and in the end what stood in the way, if a service was away.
        """
        used = False
        for name, entries in self.lists.items():
            found = playlist(name, self._followed(following, _first(entries, limit)))
            if found.tracks:
                used = True
                yield found
        following.end()
        if not used:
            raise ConfigurationError(f"{self.label} names no track")

    def _followed(self, following: Following, entries: Iterable[Entry]) -> Iterator[Track]:
        """The entries' tracks; a link that stands in several rows is followed once."""
        behind: dict[Link, tuple[Track, ...]] = {}
        for entry in entries:
            if entry.follow is None:
                yield entry.track
                continue
            if entry.follow not in behind:
                behind[entry.follow] = tuple(self._behind(following, entry.follow, entry))
            yield from behind[entry.follow]

    def _behind(self, following: Following, link: Link, entry: Entry) -> Iterator[Track]:
        """The track that a link leads to; if it leads to none, the row's words count."""
        try:
            found = following.read(link).tracks
            problem = f"it leads to {len(found)} tracks"
        except LASTING as error:
            found, problem = (gone(link),) if link.key else (), str(error)
        except ConfigurationError as error:
            found, problem = (), str(error)
        except CratelineError as error:  # it passes: to take another track for this one would last
            self.leave(entry.place, f"{link.url}: {error}")
            return
        if len(found) == 1:
            yield from found
        elif entry.track.title and entry.track.artist:
            self.say(f"{self.label}, {entry.place}: {link.url}: {problem}; taken by its title and artist")
            yield entry.track
        else:
            self.leave(entry.place, f"{link.url}: {problem}")


def gone(link: Link) -> Track:
    """A track that is known by its key alone: it is refused at once, and seen to be."""
    return Track(key=link.key, title="", artist="", url=link.url, platform=link.platform, availability=Availability.GONE)


def _first(entries: list[Entry], limit: int | None) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in entries:
        seen.add(entry.follow.url if entry.follow else entry.track.key)
        if limit is not None and len(seen) > limit:
            return
        yield entry


def playlist(name: str, tracks: Iterable[Track], prefix: str = "csv") -> Playlist:
    """A playlist that is known by its name, so that a newer list of that name adds to it.

    Case, spaces and underlines are not looked at, signs are: «House» and «House 🔥» are two playlists.
    """
    known_by = " ".join(unicodedata.normalize("NFC", name).casefold().replace("_", " ").split())
    digest = hashlib.sha1(known_by.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()
    rows = tuple(tracks)
    platforms = {track.platform for track in rows}
    platform = platforms.pop() if len(platforms) == 1 else Platform.LOCAL
    return Playlist(key=f"{prefix}:{digest}", name=name, url="", platform=platform, source_id=digest, tracks=rows)


def _no_track(words: Words) -> str:
    """What a row is, if it is no track at all."""
    kind = NO_TRACK.get(words["type"].lower(), "")
    if kind and not words["title"]:
        return f"{kind}, no track"
    for cell in (words["id"], words["link"]):
        if _LOCAL.match(cell):
            return "a file on somebody's disk"
        if _PODCAST.search(cell) or (cell.startswith("spotify:") and not cell.startswith(("spotify:track:", "spotify:/"))):
            return f"no track ({cell[:40]})"
    return ""


def _link(words: Words) -> tuple[Link | None, str]:
    """The track's link, and what is wrong with what was given for one."""
    if found := _ID.fullmatch(words["id"]) or _ID.fullmatch(words["link"]):
        return links.classify(f"spotify:track:{found[1]}"), ""
    problem = ""
    video = words["video"] and f"youtube:video:{words['video']}"
    for text in filter(None, (words["id"], video, words["link"])):
        try:
            link = links.classify(text)
        except ValueError:
            problem = problem or f"«{text[:40]}» is no id that can be used"
            continue
        if link.kind in FOLLOWED:
            return link, ""
        problem = "its link leads to more than a track"
    return None, problem if words["id"] or words["video"] or not words.named else ""


def _unknown(words: Words, link: Link) -> bool:
    """Whether only its platform can say which track it is, or what it is called. Spotify is asked for words on the way."""
    return not link.key or not (words["title"] or link.platform is Platform.SPOTIFY)


def _track(words: Words, link: Link | None) -> Track:
    isrc, title = isrc_of(words["isrc"]), words["title"]
    artist = artist_of(words["artist"])
    known = link is not None and bool(link.key)
    return Track(
        key=link.key if link is not None and known else words_key(artist, title, isrc),
        title=title,
        artist=artist,
        url=link.url if link is not None and known else "",
        platform=link.platform if link is not None and known else Platform.LOCAL,
        duration=_seconds(words),
        availability=Availability.PLAYABLE if link and known and link.platform in PLAYABLE else Availability.ELSEWHERE,
        isrc=isrc,
        album=words["album"],
        artwork_url=words["artwork_url"],
    )


def _seconds(words: Words) -> float | None:
    read = (lengths.seconds(words[word], unit=unit) for word, unit in (("milliseconds", "ms"), ("seconds", "s"), ("time", "")))
    return next((found for found in read if found is not None), None)


def artist_of(text: str) -> str:
    r"""The artists as they are written everywhere else; Exportify writes a comma within a name as `\,`."""
    return ", ".join(part.strip() for part in text.replace("\\,", ",").split(";") if part.strip())


def isrc_of(text: str) -> str:
    """The first whole ISRC of a cell, in capitals and without dashes; "" if it holds none."""
    found = _ISRC.search(re.sub(r"[-.\s]", "", text.upper()))
    return found[0] if found else ""


def words_key(artist: str, title: str, isrc: str) -> str:
    """The key of a track that is known by its words alone: its ISRC, else what artist and title come to when folded."""
    if isrc:
        return f"isrc:{isrc}"
    said = f"{folding.fold(artist)}\n{folding.fold(title)}"
    return f"words:{hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()}"
