"""The properties crateline may speak of, as data: our word, the seed name in Notion, types, who may write it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Policy = Literal["ours", "fill-if-empty", "never"]
"""Who may write a property.

ours            news of ours is always written (a relation is replaced by our list)
fill-if-empty   written where it is empty, and again while nobody has edited what we wrote (a relation is added to)
never           never written
"""

NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """One property: `word` is the card's field, `name` the seed name, `types` what it may be, the one we create first.

    `options` are (name, colour) pairs; `digits` rounds a number; `target` is the related database, and `mirror` the
    other side's name of a two-way relation; `mirror_of` marks that other side; `pages` is the card's field of page ids
    for a text that somebody keeps as a relation; an `optional` property is used where it exists and never added.
    """

    database: Literal["tracks", "playlists", "calendar", "plays"]
    word: str
    name: str
    types: tuple[str, ...] = ("rich_text",)
    policy: Policy = "fill-if-empty"
    options: tuple[tuple[str, str], ...] = ()
    digits: int | None = None
    target: str = ""
    mirror: str = ""
    mirror_of: str = ""
    pages: str = ""
    optional: bool = False


PLATFORMS = (
    ("Local", "green"),
    ("Beatport", "orange"),
    ("SoundCloud", "red"),
    ("Spotify", "green"),
    ("Apple Music", "pink"),
    ("YouTube", "purple"),
)
STATUSES = (("Ready", "default"), ("Processing", "blue"), ("Complete", "green"), ("Failed", "red"), ("Duplicate", "gray"))
ENERGY_LEVELS = (("Low", "blue"), ("Medium", "green"), ("High", "orange"), ("Peak", "red"))
SYNC_STATUSES = (("synced", "green"), ("partial", "yellow"), ("failed", "red"))

TEXT = ("rich_text",)
TEXT_OR_OPTION = ("rich_text", "select")
OPTION = ("select", "status")
NUMBER = ("number",)
URL = ("url",)
FLAG = ("checkbox",)
DATE = ("date",)
PAGES = ("relation",)


def _track(
    word: str, name: str, types: tuple[str, ...] = TEXT, policy: Policy = "fill-if-empty", *, digits: int | None = None
) -> Property:
    return Property(database="tracks", word=word, name=name, types=types, policy=policy, digits=digits)


def _track_if_there(word: str, name: str, types: tuple[str, ...] = TEXT, policy: Policy = "fill-if-empty") -> Property:
    return Property(database="tracks", word=word, name=name, types=types, policy=policy, optional=True)


TRACK_PROPERTIES: tuple[Property, ...] = (
    _track("title", "Name", ("title",)),
    Property(database="tracks", word="artist", name="Artist", types=("rich_text", "relation"), pages="artist_pages"),
    Property(database="tracks", word="album", name="Album", types=("rich_text", "relation"), pages="album_pages", optional=True),
    _track("bpm", "BPM", NUMBER, digits=2),
    _track("key", "Key", TEXT_OR_OPTION),
    _track_if_there("camelot", "Camelot", TEXT_OR_OPTION),
    _track("duration", "Duration", NUMBER, digits=1),
    # The first anchor stays: a page found under another key of the same recording keeps the key it has.
    _track("source_id", "Source ID"),
    Property(database="tracks", word="source_platform", name="Source Platform", types=OPTION, options=PLATFORMS),
    _track("source_url", "Source URL", URL),
    _track("spotify_id", "Spotify ID"),
    _track("soundcloud_url", "SoundCloud URL", URL),
    _track("url", "URL", URL),
    _track_if_there("isrc", "ISRC"),
    # Pages from before us say "Ready": the line has to move them on.
    Property(database="tracks", word="status", name="Status", types=OPTION, policy="ours", options=STATUSES),
    _track("processed", "Processed", FLAG, "ours"),
    _track("downloaded", "Downloaded", FLAG, "ours"),
    _track_if_there("reason", "Reason", TEXT, "ours"),
    Property(database="tracks", word="playlists", name="Playlists", types=PAGES, target="playlists", mirror="Tracks"),
    _track("playlist_text", "Playlist"),
    _track("in_eagle", "In Eagle", FLAG, "ours"),
    _track("eagle_id", "Eagle ID", TEXT, "ours"),
    _track("local_file", "Local File", FLAG, "ours"),
    _track("file_path", "File Path", TEXT, "ours"),
    Property(database="tracks", word="energy_level", name="Energy Level", types=OPTION, options=ENERGY_LEVELS),
    _track("djay_id", "djay Pro ID", TEXT, "ours"),
    _track("play_count", "Play Count (DJ)", NUMBER, "ours"),
    _track("session_count", "Session Count", NUMBER, "ours"),
    _track("first_played", "First Played (DJ)", DATE, "ours"),
    _track("last_played", "Last Played (DJ)", DATE, "ours"),
    _track("hot_cues", "Hot Cues", TEXT, "ours"),
    _track("loops", "Loops", TEXT, "ours"),
    _track("manual_bpm", "Manual BPM", NUMBER, digits=2),
    _track("bpm_adjustment", "BPM Adjustment", NUMBER, digits=3),
    Property(database="tracks", word="played_with", name="Played With", types=PAGES, policy="ours", target="tracks"),
    Property(database="tracks", word="dj_sessions", name="DJ Sessions", types=PAGES, target="calendar", mirror="Tracks Played"),
    Property(database="tracks", word="similar_tracks", name="Similar Tracks", types=PAGES, policy="ours", target="tracks"),
)

PLAYLIST_PROPERTIES: tuple[Property, ...] = (
    Property(database="playlists", word="name", name="Name", types=("title",)),
    Property(database="playlists", word="url", name="URL", types=URL),
    Property(database="playlists", word="platform", name="Source Platform", types=OPTION, options=PLATFORMS),
    Property(database="playlists", word="source_id", name="Source Playlist ID"),
    Property(database="playlists", word="count", name="Track Count", types=NUMBER, policy="ours"),
    Property(database="playlists", word="last_synced", name="Last Synced", types=DATE, policy="ours"),
    Property(database="playlists", word="sync_status", name="Sync Status", types=OPTION, policy="ours", options=SYNC_STATUSES),
    Property(database="playlists", word="tracks", name="Tracks", types=PAGES, target="tracks", mirror_of="Playlists"),
)
