"""An imaginary library as djay's MediaLibrary.db: its tables, its indices, its views, and on request its open WAL."""

import contextlib
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from crateline.clients.djay.values import Entity
from crateline.domain.library import LibraryPlaylist
from crateline.sandbox.djay.blobs import Blob, of_session, of_track
from crateline.sandbox.djay.encoding import encode
from crateline.sandbox.djay.imagination import PLAYLISTS, PLAYS, SESSIONS, TRACKS, imagine
from crateline.sandbox.djay.truth import Listed, Truth

FILE = "MediaLibrary.db"
ROOT = "mediaItemPlaylist-root"
PAGE = 50
"""Rows on a page of a view."""

SCHEMA = """
    CREATE TABLE database2 (rowid INTEGER PRIMARY KEY, collection CHAR NOT NULL, key CHAR NOT NULL, data BLOB, metadata BLOB);
    CREATE UNIQUE INDEX true_primary_key ON database2 (collection, key);
    CREATE TABLE yap2 (extension CHAR NOT NULL, key CHAR NOT NULL, data BLOB, PRIMARY KEY (extension, key));
    CREATE TABLE secondaryIndex_mediaItemAnalyzedDataIndex
        (rowid INTEGER PRIMARY KEY, bpm REAL, manualBPM REAL, keySignatureIndex INTEGER);
    CREATE TABLE secondaryIndex_mediaItemUserDataIndex (rowid INTEGER PRIMARY KEY, tags TEXT, manualBPM REAL);
    CREATE TABLE secondaryIndex_mediaItemPlaylistIndex (rowid INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE view_mediaItemPlaylistView_map (rowid INTEGER PRIMARY KEY, pageKey CHAR NOT NULL);
    CREATE TABLE view_mediaItemPlaylistView_page
        (pageKey CHAR NOT NULL PRIMARY KEY, "group" CHAR NOT NULL, prevPageKey CHAR, count INTEGER, data BLOB);
"""


def generate(
    folder: Path,
    *,
    tracks: int = TRACKS,
    sessions: int = SESSIONS,
    plays: int = PLAYS,
    playlists: int = PLAYLISTS,
    seed: int = 11,
    listed: Sequence[Listed] = (),
    windows: bool = False,
    media_items: bool = True,
    live: bool = False,
) -> Truth:
    """Make a library up and write it to `folder/MediaLibrary.db`; the truth's `source` is that file.

    Without `media_items` nobody knows of albums, genres and dates of adding. With `live` the newest set stands in the WAL
    alone, as while djay is running.
    """
    truth = imagine(tracks=tracks, sessions=sessions, plays=plays, playlists=playlists, seed=seed, listed=listed, windows=windows)
    return write(truth, folder, media_items=media_items, live=live)


def write(truth: Truth, folder: Path, *, media_items: bool = True, live: bool = False) -> Truth:
    """Write a library to `folder/MediaLibrary.db`, and give what can be known from that file. Arguments as for `generate`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    with tempfile.TemporaryDirectory() as place:
        _build(Path(place) / FILE, truth, media_items=media_items, live=live, to=file)
    known = truth.library.tracks
    if not media_items:
        known = {one: replace(track, album="", genre="", added=None) for one, track in known.items()}
    return replace(truth, library=replace(truth.library, source=str(file), tracks=known))


def _build(at: Path, truth: Truth, *, media_items: bool, live: bool, to: Path) -> None:
    library = truth.library
    with contextlib.closing(sqlite3.connect(at)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(SCHEMA)
        pen = _Pen(connection, windows=truth.windows)
        pen.own()
        for track in library.tracks.values():
            for blob in of_track(track, truth, media_items=media_items):
                pen.row(blob)
        for session in library.sessions[:-1]:
            pen.rows(*of_session(session))
        for playlist in library.playlists:
            pen.playlist(playlist)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for session in library.sessions[-1:]:
            pen.rows(*of_session(session))
        connection.commit()
        if not live:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for suffix in ("", "-wal", "-shm"):
            Path(f"{to}{suffix}").unlink(missing_ok=True)  # the WAL of another database would ruin this one
        for suffix in ("", "-wal") if live else ("",):
            shutil.copyfile(f"{at}{suffix}", f"{to}{suffix}")


class _Pen:
    """Writes rows with everything that djay derives from them."""

    def __init__(self, connection: sqlite3.Connection, *, windows: bool) -> None:
        self.connection = connection
        self.windows = windows

    def own(self) -> None:
        """Write what is in every library and is no music: YapDatabase's own notes, and the playlist that holds all others."""
        insert = "INSERT INTO database2 (collection, key, data) VALUES (?, ?, ?)"
        self.connection.execute(insert, ("databaseInfo", "platform", b"bplist00\xd4\x01\x02\x03\x04"))
        self.connection.execute("INSERT INTO yap2 VALUES ('', 'snapshot', 1)")
        self._object("mediaItemPlaylists", ROOT, "ADCMediaItemPlaylist", uuid=ROOT, name="Playlists", type=1)

    def rows(self, *blobs: Blob) -> None:
        """Write several rows."""
        for blob in blobs:
            self.row(blob)

    def row(self, blob: Blob) -> int:
        """Write one row and its place in the secondary indices; gives its rowid."""
        data = encode(blob.value, doubles=self.windows)
        insert = "INSERT INTO database2 (collection, key, data) VALUES (?, ?, ?)"
        rowid = int(self.connection.execute(insert, (blob.collection, blob.key, data)).lastrowid or 0)
        if blob.collection == "mediaItemAnalyzedData":
            cells = (rowid, blob.bpm, blob.key_index)
            self.connection.execute("INSERT INTO secondaryIndex_mediaItemAnalyzedDataIndex VALUES (?, ?, NULL, ?)", cells)
        if blob.collection == "mediaItemUserData":
            self.connection.execute(
                "INSERT INTO secondaryIndex_mediaItemUserDataIndex VALUES (?, '', ?)", (rowid, blob.manual_bpm)
            )
        return rowid

    def playlist(self, playlist: LibraryPlaylist) -> None:
        """Write a playlist, its items in any order, and the pages that say in which they belong."""
        key, parent = playlist.playlist_id, playlist.parent_id or ROOT
        self._object("mediaItemPlaylists", key, "ADCMediaItemPlaylist", uuid=key, name=playlist.name, parentUUID=parent, type=0)
        items = {}
        for number, track in sorted(enumerate(playlist.tracks), key=lambda one: one[1]):
            item = f"{key[:24]}{number:012X}"
            fields = {"uuid": item, "playlistUUID": key, "mediaItemUUID": track}
            items[number] = self._object("mediaItemPlaylistItems", item, "ADCMediaItemPlaylistItem", **fields)
        self._pages(key, [items[number] for number in range(len(items))])

    def _pages(self, group: str, rowids: list[int]) -> None:
        parts = [rowids[at : at + PAGE] for at in range(0, len(rowids), PAGE)]
        names = [f"{group}-page-{number}" for number in range(len(parts))]
        cells = [
            (name, group, names[number - 1] if number else None, len(part), struct.pack(f"<{len(part)}q", *part))
            for number, (name, part) in enumerate(zip(names, parts, strict=True))
        ]
        self.connection.executemany("INSERT INTO view_mediaItemPlaylistView_page VALUES (?, ?, ?, ?, ?)", reversed(cells))

    def _object(self, collection: str, key: str, kind: str, **fields: Any) -> int:
        return self.row(Blob(collection, key, Entity(kind, tuple(fields.items()))))
