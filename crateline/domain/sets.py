"""A recorded set in figures: what its Calendar page says, and its plays in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from crateline.domain import decks, keys, origins
from crateline.domain.folding import fold
from crateline.domain.library import LibraryTrack, Play, Session
from crateline.domain.occasions import EventType, Occasion, device_name, device_type, event_type
from crateline.domain.track import Platform

NAMED = "DJ Session - {:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayRow:
    """One play as it is shown: `position` counts from 1, `simultaneous_with` holds positions on other decks.

    `seconds` is how long it sounded, `bpm` the tempo as the DJ or djay has set it; None is not known.
    """

    position: int
    play_id: str
    title_id: str
    title: str
    artist: str
    deck: int | None
    start: datetime | None
    seconds: float | None
    bpm: float | None
    key: str
    platform: Platform | None
    simultaneous_with: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SetMetrics:
    """A set in figures. Instants carry a zone; None is not known.

    `only_end_known`: the source tells the end alone, so that a page's date is the end, and has to say so.
    `streaming` counts every platform but files, so `beatport` and `soundcloud` are part of it; plays of unknown source
    are in none of the counts.
    """

    session_id: str
    name: str
    start: datetime | None
    end: datetime | None
    only_end_known: bool
    duration_min: float | None
    device: str
    device_type: str
    unique_artists: int
    bpm_range: str
    average_bpm: float | None
    keys_used: tuple[str, ...]
    local: int
    streaming: int
    beatport: int
    soundcloud: int
    event_type: EventType
    plays: tuple[PlayRow, ...]


def metrics(session: Session, tracks: Mapping[str, LibraryTrack], *, zone: tzinfo = UTC, event_name: str = "") -> SetMetrics:
    """Work out a set's figures.

    `zone` is where the DJ lives: it is used for the set's name alone. `event_name` is what a person calls the occasion
    (a page's name, an event in the calendar), if that is known; it helps to guess its type.
    """
    start, end = decks.started(session), decks.ended(session, tracks)
    minutes = round((end - start).total_seconds() / 60, 1) if start and end and end >= start else None
    rows = _rows(session, tracks)
    device, kind = device_name(session.device), device_type(session.device_type, session.device)
    platforms = [row.platform for row in rows]
    tempi = [row.bpm for row in rows if row.bpm]
    return SetMetrics(
        session_id=session.session_id,
        name=_name(start or end, zone),
        start=start,
        end=end,
        only_end_known=start is None and end is not None,
        duration_min=minutes,
        device=device,
        device_type=kind,
        unique_artists=len({fold(row.artist) for row in rows if fold(row.artist)}),
        bpm_range=_range(tempi),
        average_bpm=_average(rows),
        keys_used=tuple(dict.fromkeys(row.key for row in rows if row.key)),
        local=platforms.count(Platform.LOCAL),
        streaming=sum(platform not in {None, Platform.LOCAL} for platform in platforms),
        beatport=platforms.count(Platform.BEATPORT),
        soundcloud=platforms.count(Platform.SOUNDCLOUD),
        event_type=event_type(Occasion(name=event_name, device_type=kind, minutes=minutes, plays=len(rows))),
        plays=rows,
    )


def bpm_of(track: LibraryTrack | None, play: Play | None = None) -> float | None:
    """The tempo to show: what the DJ has typed wins over djay's analysis, and the library over the set. None is not known."""
    known = (track.manual_bpm, track.bpm) if track else ()
    return next((bpm for bpm in (*known, play.bpm if play else None) if bpm and bpm > 0), None)


def _name(moment: datetime | None, zone: tzinfo) -> str:
    return NAMED.format(moment.astimezone(zone)) if moment else "DJ Session"


def _rows(session: Session, tracks: Mapping[str, LibraryTrack]) -> tuple[PlayRow, ...]:
    together: dict[int, list[int]] = {}
    for one, other in decks.simultaneous(session.plays):
        together.setdefault(one, []).append(other + 1)
        together.setdefault(other, []).append(one + 1)
    times = decks.play_times(session, tracks)
    return tuple(
        _row(place, play, tracks.get(play.title_id), times[place], tuple(sorted(together.get(place, ()))))
        for place, play in enumerate(session.plays)
    )


def _row(place: int, play: Play, track: LibraryTrack | None, seconds: float | None, together: tuple[int, ...]) -> PlayRow:
    key = keys.parse(track.key) if track else None
    return PlayRow(
        position=place + 1,
        play_id=play.play_id,
        title_id=play.title_id,
        title=play.title or (track.title if track else ""),
        artist=play.artist or (track.artist if track else ""),
        deck=play.deck,
        start=play.started,
        seconds=seconds,
        bpm=bpm_of(track, play),
        key=key.value if key else "",
        platform=origins.platform_of_play(play, track),
        simultaneous_with=together,
    )


def _range(tempi: Sequence[float]) -> str:
    """In whole beats: "120-145", or "128" where all are the same."""
    if not tempi:
        return ""
    low, high = round(min(tempi)), round(max(tempi))
    return f"{low}-{high}" if low != high else str(low)


def _average(rows: Sequence[PlayRow]) -> float | None:
    """The mean tempo weighted by play time; plain where no play time is known. One decimal."""
    pairs = [(row.bpm, row.seconds) for row in rows if row.bpm]
    if not pairs:
        return None
    timed = [(bpm, seconds) for bpm, seconds in pairs if seconds] or [(bpm, 1.0) for bpm, _ in pairs]
    return round(sum(bpm * weight for bpm, weight in timed) / sum(weight for _, weight in timed), 1)
