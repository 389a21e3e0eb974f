"""What was done with each track, for its page: plays, sets, cues, loops; what it is played with, and what is like it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crateline.domain import activity, cooccurrence, similar
from crateline.domain.activity import Activity
from crateline.domain.library import Library, LibraryTrack, Session
from crateline.durable.index import IndexedPage
from crateline.settings import Settings
from tasks.identities import Identified
from tasks.tables import Table

EVERY = 1 << 30
"""More partners than any track has: those without a page are left out before the best are taken."""


def wants(settings: Settings, table: Table, library: Library, found: Identified) -> dict[str, dict[str, Any]]:
    """What the pages should say, by page id and by our words. What never was and is not said needs no words."""
    sessions = found.canonical(library.sessions)
    main = {match.page_id: match.title_id for match in found.matches.matched.values()}
    page_of = {title_id: page_id for title_id, page_id in found.page_of.items() if main.get(page_id, title_id) == title_id}
    done = activity.of(sessions, library.tracks)
    partners = _partners(sessions, page_of, settings.djay_played_with)
    alike = _alike(library.tracks, page_of, settings.djay_similar)
    said = {}
    for title_id, page_id in page_of.items():
        words = _want(done.get(title_id, Activity(title_id=title_id)), partners.get(title_id, ()), alike.get(title_id, ()))
        said[page_id] = _worth_saying(words, found.pages[page_id], table)
    return {page_id: words for page_id, words in said.items() if words}


def _want(done: Activity, partners: Sequence[str], alike: Sequence[str]) -> dict[str, Any]:
    return {
        "play_count": float(done.plays),
        "session_count": float(done.sessions),
        "first_played": _said(done.first_played),
        "last_played": _said(done.last_played),
        "hot_cues": done.hot_cues,
        "loops": done.loops,
        "manual_bpm": done.manual_bpm,
        "played_with": list(partners),
        "similar_tracks": list(alike),
    }


def _said(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _worth_saying(words: dict[str, Any], page: IndexedPage, table: Table) -> dict[str, Any]:
    """Without what is nothing and stands nowhere: most tracks of a library were never played."""
    said = {word for word in words if page.values.get(table.real(word) or "")}
    return {word: value for word, value in words.items() if value or (word in said and value is not None)}


def _partners(sessions: Iterable[Session], page_of: Mapping[str, str], top: int) -> dict[str, list[str]]:
    """The pages of the tracks that each track is played with most."""
    if not top:
        return {}
    ranked = cooccurrence.partners(cooccurrence.pairs(sessions), EVERY)
    return {
        title_id: [page_of[other] for other, _ in others if other in page_of][:top]
        for title_id, others in ranked.items()
        if title_id in page_of
    }


def _alike(tracks: Mapping[str, LibraryTrack], page_of: Mapping[str, str], top: int) -> dict[str, list[str]]:
    """The pages of the tracks that are most like each track."""
    if not top:
        return {}
    found = similar.similar((tracks[title_id] for title_id in page_of if title_id in tracks), top)
    return {title_id: [page_of[one.title_id] for one in likely] for title_id, likely in found.items()}
