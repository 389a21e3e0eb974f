"""What a DJ did with each track: plays, sets, first and last time; hot cues and loops as JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crateline.domain.library import HotCue, LibraryTrack, Loop, Play, Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """A track's history. `plays` and `sessions` are counts over the sets that were read; times are instants.

    `hot_cues` is a JSON list of {name, position, color, time}: position is the pad, 1 to 8, time in seconds. `loops` is
    a JSON list of {start, end, name} in seconds. Both are "" where there are none.
    """

    title_id: str
    plays: int = 0
    sessions: int = 0
    first_played: datetime | None = None
    last_played: datetime | None = None
    hot_cues: str = ""
    loops: str = ""
    manual_bpm: float | None = None


def of(sessions: Iterable[Session], tracks: Mapping[str, LibraryTrack]) -> dict[str, Activity]:
    """The activity of every track of the library and of every other track that was played, by title id."""
    plays: dict[str, list[tuple[Session, Play]]] = {}
    for session in sessions:
        for play in session.plays:
            if play.title_id:
                plays.setdefault(play.title_id, []).append((session, play))
    return {one: _activity(one, plays.get(one, []), tracks.get(one)) for one in dict.fromkeys([*tracks, *plays])}


def hot_cues(cues: Iterable[HotCue]) -> str:
    """Hot cues as JSON in the order of their pads; "" if there are none."""
    return _json(
        {"name": cue.name, "position": cue.position, "color": cue.color, "time": round(cue.time, 3)}
        for cue in sorted(cues, key=lambda cue: cue.position)
    )


def loops(regions: Iterable[Loop]) -> str:
    """Loops as JSON in the order of their numbers; "" if there are none."""
    return _json(
        {"start": round(loop.start, 3), "end": round(loop.end, 3), "name": loop.name}
        for loop in sorted(regions, key=lambda loop: loop.number)
    )


def _activity(title_id: str, played: list[tuple[Session, Play]], track: LibraryTrack | None) -> Activity:
    moments = [moment for moment in (play.started or session.start or session.end for session, play in played) if moment]
    return Activity(
        title_id=title_id,
        plays=len(played),
        sessions=len({session.session_id for session, _ in played}),
        first_played=min(moments, default=None),
        last_played=max(moments, default=None),
        hot_cues=hot_cues(track.hot_cues) if track else "",
        loops=loops(track.loops) if track else "",
        manual_bpm=track.manual_bpm if track else None,
    )


def _json(rows: Iterable[dict[str, Any]]) -> str:
    listed = list(rows)
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")) if listed else ""
