"""Two decks and a clock: which plays of a set sounded together, and for how long each of them did."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from crateline.domain.library import LibraryTrack, Play, Session

TOGETHER = timedelta(seconds=30)
"""Two plays on different decks are simultaneous if they started less than this apart."""


def simultaneous(plays: Sequence[Play]) -> Iterator[tuple[int, int]]:
    """Pairs of places in `plays`, the smaller first, that started on two known decks less than 30 s apart."""
    timed = sorted((play.started, place) for place, play in enumerate(plays) if play.started and play.deck)
    for at, (started, place) in enumerate(timed):
        for later, other in timed[at + 1 :]:
            if later - started >= TOGETHER:
                break
            if plays[place].deck != plays[other].deck:
                yield (place, other) if place < other else (other, place)


def length_of(play: Play, tracks: Mapping[str, LibraryTrack]) -> float | None:
    """A played track's length in seconds: what the play says, else what the library says."""
    track = tracks.get(play.title_id)
    return play.duration or (track.duration if track else None)


def started(session: Session) -> datetime | None:
    """When a set began: what djay has noted, else its first play. None if neither is known."""
    return session.start or min((play.started for play in session.plays if play.started), default=None)


def ended(session: Session, tracks: Mapping[str, LibraryTrack]) -> datetime | None:
    """When a set ended: what djay has noted, else the latest start with its track's length. None if neither is known."""
    if session.end is not None:
        return session.end
    last = max((play for play in session.plays if play.started), key=_start_of, default=None)
    if last is None:
        return None
    return _start_of(last) + timedelta(seconds=length_of(last, tracks) or 0.0)


def play_times(session: Session, tracks: Mapping[str, LibraryTrack]) -> tuple[float | None, ...]:
    """Seconds that each play sounded: until the next start on its deck (or the set's end), at most its track's length.

    None where nothing tells it: without a start, or with neither a length nor anything that follows.
    """
    end = ended(session, tracks)
    by_deck: dict[int | None, list[datetime]] = {}
    for play in sorted((play for play in session.plays if play.started), key=_start_of):
        by_deck.setdefault(play.deck, []).append(_start_of(play))
    return tuple(
        _play_time(play, by_deck[play.deck], end, length_of(play, tracks)) if play.started else None for play in session.plays
    )


def _play_time(play: Play, starts: Sequence[datetime], end: datetime | None, length: float | None) -> float | None:
    start = _start_of(play)
    follows = next((later for later in starts if later > start), end)
    limits = [(follows - start).total_seconds()] if follows and follows > start else []
    return min([*limits, *([length] if length else [])], default=None)


def _start_of(play: Play) -> datetime:
    if play.started is None:
        raise ValueError(f"The start of play {play.play_id} is not known")
    return play.started
