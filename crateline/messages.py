"""The contract of the wire: what a queue message says, and which task and queue each station has.

A message is a *hint* that a station of one item may be worked on; the ledger is the truth. So a message may be lost,
repeated or late without harm. Task names are stable strings: a module can move and no queued message is orphaned.
"""

from dataclasses import dataclass
from enum import StrEnum

VERSION = 1

FIRST = 0
NORMAL = 3
"""Redis priorities of kombu: 0 is taken before 3. What a dead worker left behind goes first."""


class Station(StrEnum):
    """The stations of the line; the page of a playlist; and what a DJ program knows: of a track, of a set, of one play."""

    PLAYLIST = "playlist"
    PAGE = "page"
    DOWNLOAD = "download"
    ANALYZE = "analyze"
    EAGLE = "eagle"
    FINALISE = "finalise"
    LIBRARY = "library"
    SESSION = "session"
    PLAY = "play"


LINE = (Station.PAGE, Station.DOWNLOAD, Station.ANALYZE, Station.EAGLE, Station.FINALISE)

LIBRARY = (Station.LIBRARY, Station.SESSION, Station.PLAY)
"""Writes of what a DJ program knows. Their items are no tracks of the line: they have hashes of their own."""

WRITES = (Station.PLAYLIST, Station.FINALISE, *LIBRARY)
"""Stations that are sealed while Notion has the latest version of what they write."""

QUEUES: dict[Station, str] = {
    Station.PLAYLIST: "notion-write",
    Station.PAGE: "notion-write",
    Station.DOWNLOAD: "download",
    Station.ANALYZE: "analyze",
    Station.EAGLE: "eagle-import",
    Station.FINALISE: "notion-write",
    Station.LIBRARY: "notion-write",
    Station.SESSION: "notion-write",
    Station.PLAY: "notion-write",
}
QUEUE_NAMES = ("notion-write", "download", "analyze", "eagle-import")

TASKS: dict[Station, str] = {
    Station.PLAYLIST: "notion.playlist",
    Station.PAGE: "notion.page",
    Station.DOWNLOAD: "download.track",
    Station.ANALYZE: "analyze.track",
    Station.EAGLE: "eagle.import",
    Station.FINALISE: "notion.finalise",
    Station.LIBRARY: "notion.library",
    Station.SESSION: "notion.session",
    Station.PLAY: "notion.play",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Hint:
    """One message: look at `station` of the item `key`. `title` is for the eyes of whoever watches the queue."""

    station: Station
    key: str
    title: str = ""

    @property
    def member(self) -> str:
        """The hint as a member of the due set."""
        return f"{self.station}|{self.key}"

    @classmethod
    def of(cls, member: str) -> "Hint":
        """Read a member of the due set back. Raises ValueError if it is none."""
        station, _, key = member.partition("|")
        return cls(station=Station(station), key=key)

    def kwargs(self) -> dict[str, str | int]:
        """The task's keyword arguments; never a secret, so that they can be shown."""
        return {"key": self.key, "title": self.title, "version": VERSION}
