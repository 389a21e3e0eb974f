"""A DJ's workspace as it is before crateline comes: what exists, and with which properties.

`schema apply` has the rest to add: identity, platform, files, energy, and the two-way link from tracks to playlists.
"""

from dataclasses import dataclass
from typing import Any

from crateline.sandbox.notion import pages, tables, text
from crateline.sandbox.notion.state import DataSource, State

TEXT: dict[str, Any] = {"rich_text": {}}
NUMBER: dict[str, Any] = {"number": {"format": "number"}}
URL: dict[str, Any] = {"url": {}}
DATE: dict[str, Any] = {"date": {}}
CHECKBOX: dict[str, Any] = {"checkbox": {}}
TITLE: dict[str, Any] = {"title": {}}


def _choices(kind: str, **colors: str) -> dict[str, Any]:
    return {kind: {"options": [{"name": name.replace("_", " "), "color": color} for name, color in colors.items()]}}


TRACKS = {
    "Name": TITLE,
    "Artist": TEXT,
    "BPM": NUMBER,
    "Key": TEXT,
    "Duration": NUMBER,
    "Spotify ID": TEXT,
    "SoundCloud URL": URL,
    "URL": URL,
    "Playlist": TEXT,
    "Processed": CHECKBOX,
    "Downloaded": CHECKBOX,
    "Status": _choices("status", Ready="default", Processing="blue", Complete="green", Failed="red", Duplicate="orange"),
    "Play Count (DJ)": NUMBER,
    "Session Count": NUMBER,
    "Last Played (DJ)": DATE,
    "djay Pro ID": TEXT,
}
PLAYLISTS = {
    "Name": TITLE,
    "URL": URL,
    "Source Platform": _choices("select", SoundCloud="red", Spotify="green", YouTube="pink"),
    "Source Playlist ID": TEXT,
    "Track Count": NUMBER,
    "Last Synced": DATE,
    "Sync Status": _choices("select", synced="green", partial="yellow", failed="red"),
}
ARTISTS = {"Name": TITLE, "URL": URL}
CALENDAR = {
    "Name": TITLE,
    "Session ID": TEXT,
    "Date": DATE,
    "End Date": DATE,
    "Duration (min)": NUMBER,
    "Device": TEXT,
    "Device Type": _choices("select", MacBook="gray", iPad="blue", iPhone="green"),
    "Unique Artists": NUMBER,
    "BPM Range": TEXT,
    "Average BPM": NUMBER,
    "Keys Used": {"multi_select": {"options": []}},
    "Local Tracks": NUMBER,
    "Streaming Tracks": NUMBER,
    "Beatport": NUMBER,
    "SoundCloud": NUMBER,
    "Event Type": _choices("select", DJ_Session="purple", Practice="blue", Recording="red", Live_Event="orange"),
    "Tags": {"multi_select": {"options": []}},
}
PLAYS = {"Name": TITLE, "Deck": NUMBER}
ISSUES = {
    "Name": TITLE,
    "Status": _choices("status", Open="red", Done="green"),
    "Priority": _choices("select", Critical="red", High="orange", Medium="yellow"),
    "Description": TEXT,
}


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The ids of the user's databases, the page of the item type "DJ Session", and the integration's token.

    The database of plays is there, and not among the settings: most people keep the plays in the pages of their sets.
    """

    token: str
    tracks: str
    playlists: str
    artists: str
    calendar: str
    item_types: str
    issues: str
    plays: str
    session_type: str

    def settings(self) -> dict[str, str]:
        """Give the settings by which crateline finds this workspace."""
        return {
            "NOTION_TOKEN": self.token,
            "TRACKS_DB_ID": self.tracks,
            "PLAYLISTS_DB_ID": self.playlists,
            "ARTISTS_DB_ID": self.artists,
            "CALENDAR_DB_ID": self.calendar,
            "ISSUES_DB_ID": self.issues,
            "DJ_SESSION_TYPE_ID": self.session_type,
        }


def seed(state: State) -> Workspace:
    """Make the user's databases and give their ids."""
    with state.lock:
        made = {
            name: _database(state, title, columns)
            for name, title, columns in (
                ("tracks", "Music Tracks", TRACKS),
                ("playlists", "Music Playlists", PLAYLISTS),
                ("artists", "Music Artists", ARTISTS),
                ("calendar", "Calendar", CALENDAR),
                ("item_types", "Item-Types", {"Name": TITLE}),
                ("issues", "Issues+Questions", ISSUES),
                ("plays", "DJ Plays", PLAYS),
            )
        }
        _link(state, made)
        session_type = pages.add_rows(state, made["item_types"], [{"Name": "DJ Session"}])[0]
        found = {name: source.database for name, source in made.items()}
        return Workspace(token=state.token, session_type=session_type, **found)


def _database(state: State, title: str, columns: dict[str, Any]) -> DataSource:
    body = {"parent": {"page_id": state.root}, "title": text.of(title), "initial_data_source": {"properties": columns}}
    return state.data_sources[tables.create_database(state, body).data_sources[0]]


def _link(state: State, made: dict[str, DataSource]) -> None:
    """Relate sessions to the tracks played, both ways, and to their item type."""
    tracks, calendar = made["tracks"], made["calendar"]
    both_ways = {"data_source_id": calendar.id, "type": "dual_property", "dual_property": {}}
    tables.update_columns(state, tracks, {"DJ Sessions": {"relation": both_ways}})
    tables.update_columns(state, calendar, {"Related to Music Tracks (DJ Sessions)": {"name": "Tracks Played"}})
    one_way = {"data_source_id": made["item_types"].id, "type": "single_property", "single_property": {}}
    count = {"relation_property_name": "Tracks Played", "rollup_property_name": "Name", "function": "count"}
    tables.update_columns(state, calendar, {"Item-Type": {"relation": one_way}, "Track Count": {"rollup": count}})
