"""The tracks of djay's database, put together from the rows that each of them has in up to six collections.

What joins them is the title id, 32 hexadecimal digits: the `uuid` of the title ids inside an object, and, if it has none,
the row's own key. Several collections know a track's title; the first one to tell counts, in the order of `read`.
"""

import re
from typing import Any

from crateline.clients.djay import bookmarks, fields, paths
from crateline.clients.djay.records import Record, Records
from crateline.clients.djay.values import Entity
from crateline.domain import keys
from crateline.domain.library import HotCue, LibraryTrack, Loop

PADS = ("red", "orange", "blue", "amber", "green", "magenta", "teal", "purple")
"""The colours of the eight pads: a hot cue has that of its position."""
ANALYSED, USER = "secondaryIndex_mediaItemAnalyzedDataIndex", "secondaryIndex_mediaItemUserDataIndex"
DIGITS = 3
"""Of a tempo: the Mac keeps it as a 32-bit float, in which 127.97 is 127.9700012."""

_TITLE_ID = re.compile(r"[0-9A-Fa-f]{32}", re.ASCII)

Draft = dict[str, Any]


def read(records: Records) -> tuple[dict[str, LibraryTrack], dict[str, str]]:
    """Give every track that any of the collections knows, by its title id, in the order of writing.

    And the title ids of media items by the key of their row, which playlists name: nearly always the same.
    """
    shelf = _Shelf(records)
    shelf.titles()
    shelf.media_items()
    shelf.locations("localMediaItemLocations")
    shelf.locations("globalMediaItemLocations")
    shelf.analysis()
    shelf.user_data()
    return {title_id: LibraryTrack(title_id=title_id, **draft) for title_id, draft in shelf.drafts.items()}, shelf.items


class _Shelf:
    """Tracks in the making, by title id. A draft holds what is known so far, under the names of `LibraryTrack`."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.drafts: dict[str, Draft] = {}
        self.items: dict[str, str] = {}

    def draft(self, title_id: str, title: Entity) -> Draft:
        """The draft of a title, with the names that `title` gives it if it has none yet."""
        draft = self.drafts.setdefault(title_id, {})
        for name in ("title", "artist", "isrc"):
            if name not in draft and (value := fields.text(title, name)):
                draft[name] = value
        if "duration" not in draft and (duration := fields.number(title, "duration")):
            draft["duration"] = float(duration)
        return draft

    def of(self, record: Record) -> list[Draft]:
        """The drafts that a record is about: those of its title ids, or that of its key."""
        titles = [(fields.text(title, "uuid"), title) for title in fields.entities(record.entity, "titleIDs")]
        named = [(title_id, title) for title_id, title in titles if title_id]
        if not named and _TITLE_ID.fullmatch(record.key):
            named = [(record.key, record.entity)]
        return [self.draft(title_id, title) for title_id, title in named]

    def titles(self) -> None:
        for record in self.records.of("mediaItemTitleIDs"):
            self.draft(fields.text(record.entity, "uuid") or record.key, record.entity)

    def media_items(self) -> None:
        for record in self.records.of("mediaItems"):
            entity = record.entity
            title = entity.get("titleID")
            title_id = fields.text(title, "uuid") if isinstance(title, Entity) else fields.text(entity, "titleID")
            draft = self.draft(title_id or record.key, entity)
            self.items[record.key] = title_id or record.key
            _add(draft, album=fields.text(entity, "album"), genre=fields.text(entity, "genre"))
            _add(draft, added=fields.instant(entity, "addedDate"))
            _add(draft, key=self.key(record, fields.number(entity, "musicalKeySignatureIndex")))

    def locations(self, collection: str) -> None:
        for record in self.records.of(collection):
            uris = fields.texts(record.entity, "sourceURIs")
            path = next(filter(None, map(paths.of_uri, uris)), "") or self.bookmarked(collection, record)
            for draft in self.of(record):
                draft["uris"] = tuple(dict.fromkeys((*draft.get("uris", ()), *uris)))
                _add(draft, path=path)

    def bookmarked(self, collection: str, record: Record) -> str:
        """The path from a bookmark, which is where the Mac keeps that of the Music app's files."""
        data = record.entity.get("urlBookmarkData")
        if not isinstance(data, bytes):
            return ""
        try:
            return bookmarks.path(data)
        except ValueError as error:
            self.records.find("unreadable", f"{collection} {record.key}", f"urlBookmarkData: {error}")
            return ""

    def analysis(self) -> None:
        """What djay has heard. Its index is derived from the blobs, and stands in for what they do not say."""
        tempi, indices = self.records.index(ANALYSED, "bpm"), self.records.index(ANALYSED, "keySignatureIndex")
        for record in self.records.of("mediaItemAnalyzedData"):
            bpm = fields.number(record.entity, "bpm") or tempi.get(record.rowid)
            index = fields.number(record.entity, "keySignatureIndex")
            key = self.key(record, indices.get(record.rowid) if index is None else index)
            manual = fields.number(record.entity, "manualBPM")
            for draft in self.of(record):
                _add(draft, bpm=_tempo(bpm), manual_bpm=_tempo(manual))
                draft["key"] = key or draft.get("key", "")  # what was heard, before what a file's tag says

    def user_data(self) -> None:
        """What the DJ has set. The manual tempo in the index is the one that djay uses."""
        tempi = self.records.index(USER, "manualBPM")
        for record in self.records.of("mediaItemUserData"):
            entity = record.entity
            manual = _tempo(tempi.get(record.rowid) or fields.number(entity, "manualBPM"))
            for draft in self.of(record):
                draft["manual_bpm"] = manual or draft.get("manual_bpm")
                _add(draft, play_count=fields.whole(entity, "playCount"), rating=fields.whole(entity, "rating"))
                _add(draft, hot_cues=_hot_cues(entity), loops=_loops(entity))

    def key(self, record: Record, index: float | None) -> str:
        """The name of a key by djay's index; empty without one."""
        if index is None:
            return ""
        if index not in range(len(keys.Key)):
            self.records.find("skipped", f"{record.entity.kind} {record.key}", f"{index:g} is the index of no key")
            return ""
        return keys.at(int(index)).value


def _add(draft: Draft, **known: Any) -> None:
    """Add what is not known yet."""
    for name, value in known.items():
        if value not in (None, "", ()):
            draft.setdefault(name, value)


def _tempo(bpm: float | None) -> float | None:
    return round(float(bpm), DIGITS) if bpm and bpm > 0 else None


def _hot_cues(entity: Entity) -> tuple[HotCue, ...]:
    """The pads that hold a cue: its place in the collection is its pad, and an empty pad has a time below 0."""
    cues = []
    for pad, cue in enumerate(fields.entities(entity, "cuePoints")[: len(PADS)]):
        time = fields.number(cue, "time")
        if time is not None and time >= 0:
            name = fields.text(cue, "name") or fields.text(cue, "comment")
            cues.append(HotCue(position=pad + 1, time=float(time), name=name, color=PADS[pad]))
    return tuple(cues)


def _loops(entity: Entity) -> tuple[Loop, ...]:
    """The saved loops: each carries its own number."""
    loops = []
    for place, loop in enumerate(fields.entities(entity, "loopRegions"), 1):
        start, end = fields.number(loop, "startTime"), fields.number(loop, "endTime")
        if start is None or end is None or not 0 <= start < end:
            continue
        number = fields.whole(loop, "number")
        name = fields.text(loop, "name") or fields.text(loop, "comment")
        loops.append(Loop(number=place if number is None else number, start=float(start), end=float(end), name=name))
    return tuple(loops)
