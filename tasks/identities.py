"""Which page is which track of a DJ program's library: matched in one pass, and what that gives a page to say."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from crateline.domain import anchors, identity, origins, sets
from crateline.domain.identity import Doubt, Match, Matches, PageWords
from crateline.domain.library import Library, LibraryTrack, Play, Session
from crateline.domain.track import Platform
from crateline.durable.answers import Answers
from crateline.durable.index import IndexedPage
from crateline.durable.wishes import Wishes
from crateline.wiring import Wiring
from tasks import arrivals, catalogue, tables
from tasks.tables import Table

WORDS = ("title", "artist", "spotify_id", "soundcloud_url", "source_id", "isrc", "djay_id")
NUMBERS = ("duration", "bpm")
KEY = "djay:"
ACCEPTED = "accepted"
"""The way of what a person has decided, beside those of `identity.Way`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identified:
    """Pages and tracks brought together.

    `matches` is of the library; `pages` are all pages by id; `page_of` is the page of every track that was matched, and
    of those played tracks, too, that are not in the library or are there twice. `by_hand` are the tracks that a person
    has matched.
    """

    matches: Matches
    pages: Mapping[str, IndexedPage]
    page_of: Mapping[str, str]
    by_hand: frozenset[str] = frozenset()
    ever: bool = True

    def ways(self) -> dict[str, int]:
        """How many tracks were matched by each way."""
        ways = self.matches.ways()
        for title_id in self.by_hand:
            ways[self.matches.matched[title_id].way.value] -= 1
        return {**ways, ACCEPTED: len(self.by_hand)}

    def canonical(self, sessions: Iterable[Session]) -> tuple[Session, ...]:
        """The sets, with one title id for every track that has several, or that the library has lost and found again."""
        main = {match.page_id: match.title_id for match in self.matches.matched.values()}
        ids = {title_id: main.get(page_id, title_id) for title_id, page_id in self.page_of.items()}

        def renamed(play: Play) -> Play:
            return replace(play, title_id=ids.get(play.title_id, play.title_id))

        return tuple(replace(session, plays=tuple(map(renamed, session.plays))) for session in sessions)


def read(wiring: Wiring, check: Callable[[], None]) -> dict[str, IndexedPage]:
    """Every page of Music Tracks, as it is now; second uploads of a recording are left out."""
    wiring.index.want()
    catalogue.up_to_date(wiring, check)
    status = tables.tracks(wiring).real("status") or ""
    return {page.page_id: page for page in wiring.index.pages() if page.values.get(status) != "Duplicate"}


def identify(wiring: Wiring, library: Library, pages: Mapping[str, IndexedPage], answers: Answers) -> Identified:
    """Match the library's tracks, then whatever else was played, with the pages. Nothing is written."""
    table = tables.tracks(wiring)
    words = {page_id: _words(page, table) for page_id, page in pages.items()}
    guessed = identity.match(library.tracks.values(), words.values())
    accepted = _accepted(guessed, pages, answers)
    matches = _decided(guessed, accepted, answers)
    page_of = {**accepted, **{title_id: match.page_id for title_id, match in matches.matched.items()}}
    doubtful = {doubt.title_id for doubt in matches.doubts}
    others = [track for track in _played(library) if track.title_id not in page_of and track.title_id not in doubtful]
    also = {match.title_id: match.page_id for match in identity.match(others, words.values()).matched.values()}
    also |= _lined(wiring, [track for track in others if track.title_id not in also])
    return Identified(
        matches=matches,
        pages=pages,
        page_of=page_of | {title_id: page_id for title_id, page_id in also.items() if page_id in pages},
        by_hand=frozenset(accepted.keys() & matches.matched.keys()),
        ever=any(one.djay_id for one in words.values()),
    )


def _lined(wiring: Wiring, tracks: Iterable[LibraryTrack]) -> dict[str, str]:
    """The pages of those that have come through the line, be it as another upload of a recording."""
    keys = {track.title_id: origins.key_of(track) for track in tracks}
    items = {item.key: item for item in wiring.ledger.tracks(keys.values())}
    return {title_id: arrivals.page_of(wiring, items.get(key)) for title_id, key in keys.items()}


def _words(page: IndexedPage, table: Table) -> PageWords:
    said: dict[str, Any] = {}
    for word in (*WORDS, *NUMBERS):
        value = page.words.get(word) or page.values.get(table.real(word) or "")
        if isinstance(value, str if word in WORDS else int | float):
            said[word] = value
    if not said.get("soundcloud_url"):
        links = (str(page.values.get(table.real(word) or "") or "") for word in ("url", "source_url"))
        said["soundcloud_url"] = next((link for link in links if anchors.soundcloud_url(link)), "")
    return PageWords(page_id=page.page_id, **said)


def _accepted(found: Matches, pages: Mapping[str, IndexedPage], answers: Answers) -> dict[str, str]:
    """The pages that a person has named for tracks that are in doubt."""
    named = {doubt.title_id: answers.accepted(KEY + doubt.title_id) for doubt in found.doubts}
    return {title_id: page_id for title_id, page_id in named.items() if page_id in pages}


def _decided(found: Matches, accepted: Mapping[str, str], answers: Answers) -> Matches:
    """Add what a person has accepted, and leave out what a person has rejected. A page keeps the track that it has."""
    doubts, absent = [], list(found.absent)
    for doubt in found.doubts:
        rejected = answers.rejected(KEY + doubt.title_id)
        left = tuple(one for one in doubt.candidates if one.page_id not in rejected)
        if left and doubt.title_id not in accepted:
            doubts.append(replace(doubt, candidates=left))
        elif doubt.title_id not in accepted:
            absent.append(doubt.title_id)
    taken = {match.page_id for match in found.matched.values()}
    by_hand = {
        title_id: Match(title_id=title_id, page_id=page_id, way=identity.Way.DJAY_ID)
        for page_id, title_id in {page: one for one, page in accepted.items()}.items()
        if page_id not in taken
    }
    return Matches(matched={**found.matched, **by_hand}, doubts=tuple(doubts), absent=tuple(absent))


def _played(library: Library) -> list[LibraryTrack]:
    """Every track that was played, as far as it is known."""
    plays = {play.title_id: play for session in library.sessions for play in session.plays if play.title_id}
    return [library.tracks.get(title_id) or _of_play(play) for title_id, play in plays.items()]


def _of_play(play: Play) -> LibraryTrack:
    return LibraryTrack(title_id=play.title_id, title=play.title, artist=play.artist, duration=play.duration, isrc=play.isrc)


def wants(wiring: Wiring, library: Library, found: Identified) -> dict[str, dict[str, Any]]:
    """What the library says of each matched track, by page id and by our words."""
    links = _links(wiring, [library.tracks[title_id] for title_id in found.matches.matched])
    return {
        match.page_id: _want(library.tracks[title_id], links.get(origins.key_of(library.tracks[title_id]), ""))
        for title_id, match in found.matches.matched.items()
    }


def _want(track: LibraryTrack, link: str) -> dict[str, Any]:
    spotify = next((uri.rpartition(":")[2] for uri in track.uris if uri.startswith("spotify:track:")), None)
    adjusted = round(track.manual_bpm - track.bpm, 3) if track.manual_bpm and track.bpm else None
    said = {
        "djay_id": track.title_id if origins.is_title_id(track.title_id) else "",
        "spotify_id": spotify,
        "soundcloud_url": link,
        "source_id": _anchor(track),
        "source_platform": str(origins.platform_of(track) or ""),
        "file_path": track.path if _leads_somewhere(track.path) else "",
        "isrc": track.isrc,
        "bpm": sets.bpm_of(track),
        "key": track.key,
        "manual_bpm": track.manual_bpm,
        "bpm_adjustment": adjusted,
    }
    return {word: value for word, value in said.items() if value}


def _anchor(track: LibraryTrack) -> str:
    """The key by which a page is found again: none from an id that was made up for a row of an export."""
    key = origins.key_of(track)
    return key if not key.startswith(KEY) or origins.is_title_id(key.removeprefix(KEY)) else ""


def _leads_somewhere(path: str) -> bool:
    """Whether a path is whole: the old exports know the name of a file alone."""
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()


def _links(wiring: Wiring, tracks: Iterable[LibraryTrack]) -> dict[str, str]:
    """The pages of SoundCloud's tracks that the line knows, by key: djay knows their numbers alone."""
    keys = [key for track in tracks if (key := origins.key_of(track)).startswith("soundcloud:tracks:")]
    lined = [item.track for item in wiring.ledger.tracks(keys) if "card" in item.fields]
    return {track.key: track.url for track in lined if track.platform is Platform.SOUNDCLOUD and "//soundcloud.com" in track.url}


def review(wiring: Wiring, library: Library, doubts: Iterable[Doubt], answers: Answers) -> None:
    """Keep what is in doubt for a person to decide on."""
    rows = {}
    for doubt in doubts:
        track, key = library.tracks[doubt.title_id], KEY + doubt.title_id
        rows[key] = {
            "kind": "djay",
            "reason": doubt.reason,
            "card": json.dumps({"title": track.title, "artist": track.artist}, ensure_ascii=False),
            "candidates": json.dumps([one.public() for one in doubt.candidates], ensure_ascii=False, default=str),
            "rejected": json.dumps(list(answers.rejected(key))),
        }
    Wishes(wiring.redis).review(rows)
