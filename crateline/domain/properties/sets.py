"""What we may say of a recorded set and of each play in it: the properties of Calendar and of a database of plays."""

from dataclasses import dataclass
from typing import ClassVar

from crateline.domain.properties.card import Card
from crateline.domain.properties.tables import DATE, NUMBER, OPTION, PAGES, TEXT, Policy, Property

DEVICE_TYPES = (("MacBook", "gray"), ("iPad", "blue"), ("iPhone", "green"))
EVENT_TYPES = (("DJ Session", "purple"), ("Practice", "blue"), ("Recording", "red"), ("Live Event", "orange"))
OPTIONS = ("multi_select",)


def _set(
    word: str, name: str, types: tuple[str, ...] = TEXT, policy: Policy = "fill-if-empty", *, digits: int | None = None
) -> Property:
    return Property(database="calendar", word=word, name=name, types=types, policy=policy, digits=digits)


def _play(word: str, name: str, types: tuple[str, ...], policy: Policy = "ours", *, target: str = "") -> Property:
    return Property(database="plays", word=word, name=name, types=types, policy=policy, target=target)


def _choice(word: str, name: str, options: tuple[tuple[str, str], ...]) -> Property:
    return Property(database="calendar", word=word, name=name, types=OPTION, options=options)


CALENDAR_PROPERTIES: tuple[Property, ...] = (
    _set("name", "Name", ("title",)),
    _set("session_id", "Session ID"),
    _set("date", "Date", DATE),
    _set("end_date", "End Date", DATE),
    _set("duration_min", "Duration (min)", NUMBER, "ours", digits=1),
    _set("device", "Device"),
    _choice("device_type", "Device Type", DEVICE_TYPES),
    Property(database="calendar", word="tracks", name="Tracks Played", types=PAGES, target="tracks", mirror_of="DJ Sessions"),
    _set("unique_artists", "Unique Artists", NUMBER, "ours"),
    _set("bpm_range", "BPM Range", TEXT, "ours"),
    _set("average_bpm", "Average BPM", NUMBER, "ours", digits=1),
    _set("keys_used", "Keys Used", OPTIONS, "ours"),
    _set("local_tracks", "Local Tracks", NUMBER, "ours"),
    _set("streaming_tracks", "Streaming Tracks", NUMBER, "ours"),
    _set("beatport", "Beatport", NUMBER, "ours"),
    _set("soundcloud", "SoundCloud", NUMBER, "ours"),
    _choice("event_type", "Event Type", EVENT_TYPES),
    _set("tags", "Tags", OPTIONS),
    Property(database="calendar", word="item_type", name="Item-Type", types=PAGES, optional=True),
)

PLAY_PROPERTIES: tuple[Property, ...] = (
    _play("name", "Name", ("title",), "fill-if-empty"),
    _play("play_id", "Play ID", TEXT),
    _play("session", "Session", PAGES, target="calendar"),
    _play("track", "Track", PAGES, target="tracks"),
    _play("deck", "Deck", NUMBER),
    _play("start", "Play Start", DATE),
    _play("position", "Position in Set", NUMBER),
    _play("simultaneous", "Simultaneous With", PAGES, target="plays"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionCard(Card):
    """Everything we may say about a set's page: dates in ISO 8601 (an interval as `start/end`), pages as their ids."""

    table: ClassVar[tuple[Property, ...]] = CALENDAR_PROPERTIES

    name: str | None = None
    session_id: str | None = None
    date: str | None = None
    end_date: str | None = None
    duration_min: float | None = None
    device: str | None = None
    device_type: str | None = None
    tracks: tuple[str, ...] | None = None
    unique_artists: float | None = None
    bpm_range: str | None = None
    average_bpm: float | None = None
    keys_used: tuple[str, ...] | None = None
    local_tracks: float | None = None
    streaming_tracks: float | None = None
    beatport: float | None = None
    soundcloud: float | None = None
    event_type: str | None = None
    tags: tuple[str, ...] | None = None
    item_type: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayCard(Card):
    """Everything we may say about the page of one play."""

    table: ClassVar[tuple[Property, ...]] = PLAY_PROPERTIES

    name: str | None = None
    play_id: str | None = None
    session: tuple[str, ...] | None = None
    track: tuple[str, ...] | None = None
    deck: float | None = None
    start: str | None = None
    position: float | None = None
    simultaneous: tuple[str, ...] | None = None
