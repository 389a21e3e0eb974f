"""The rows of the five CSV files become a library; what is wrong with a row is noted, and the others go on."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from crateline.clients.djay import cells, repairs
from crateline.clients.djay.cells import Row, Sheet
from crateline.clients.djay.columns import IDS, PLAYLISTS, PLAYS, SESSIONS, STREAMING, TRACKS
from crateline.clients.djay.repairs import AsWritten
from crateline.domain import origins
from crateline.domain.library import Library, LibraryPlaylist, LibraryTrack, Play, Session

Value = TypeVar("Value")


class Gathering:
    """The sheets that are there, read by one hand: `library` is everything together."""

    def __init__(self, sheets: Mapping[str, Sheet], hand: AsWritten) -> None:
        self.sheets = sheets
        self.hand = hand
        self.notes = hand.notes

    def library(self, source: str) -> Library:
        """Everything together."""
        tracks = self._tracks()
        sessions = self._sessions(self._plays())
        for title_id, (title, artist) in _said_in_sets(sessions).items():
            known = tracks.get(title_id)
            self.hand.where = self.sheets[PLAYS].path.name
            if known and not known.title and title and self.hand.set_words():
                tracks[title_id] = dataclasses.replace(known, title=title, artist=known.artist or artist)
        playlists = self._playlists()
        found = (*self.notes.findings, *repairs.findings(self.notes))
        return Library(source=source, tracks=tracks, sessions=sessions, playlists=playlists, findings=found)

    def _rows(self, stem: str) -> Iterable[tuple[str, Row]]:
        """The rows of one file that have an id; where ids must differ, the first of those that do not."""
        seen: set[str] = set()
        if stem not in self.sheets:
            return
        self.hand.where = self.sheets[stem].path.name
        for where, row in self.sheets[stem]:
            own = row[IDS[stem]].strip()
            if not own:
                self.notes.say("skipped", where, f"{IDS[stem]} is empty")
            elif own in seen and stem != PLAYLISTS:
                self.notes.say("skipped", where, f"{IDS[stem]} {own} stands in an earlier row")
            else:
                seen.add(own)
                yield where, row

    def _value(self, where: str, row: Row, column: str, read: Callable[[str], Value | None]) -> Value | None:
        try:
            return read(row[column])
        except (ValueError, OverflowError) as error:
            self.notes.say("unreadable", where, f"{column}: {error}")
            return None

    def _tracks(self) -> dict[str, LibraryTrack]:
        tracks = {row["track_id"].strip(): self._track(where, row) for where, row in self._rows(TRACKS)}
        for where, row in self._rows(STREAMING):
            title_id = row["track_id"].strip()
            known = tracks.get(title_id)
            tracks[title_id] = self._streamed(known, row) if known else self._stream(where, row)
        return tracks

    def _track(self, where: str, row: Row) -> LibraryTrack:
        uri = uri_of(row["source_type"], row["source_id"])
        path = self.hand.path(row["file_path"])
        words = self.hand.stream_words if uri else lambda title, artist: self.hand.file_words(title, artist, path)
        title, artist = words(row["title"], row["artist"])
        played = self._value(where, row, "play_count", cells.number)
        return LibraryTrack(
            title_id=row["track_id"].strip(),
            title=title,
            artist=artist,
            album=row["album"],
            genre=row["genre"],
            duration=self._value(where, row, "duration_sec", cells.positive),
            bpm=self._value(where, row, "bpm", cells.positive),
            key=self._value(where, row, "key", self.hand.key) or "",
            uris=(uri,) if uri else (),
            path=path,
            added=self._value(where, row, "added_date", self.hand.moment),
            play_count=None if played is None else int(played),
        )

    def _stream(self, where: str, row: Row) -> LibraryTrack:
        title, artist = self.hand.stream_words(row["title"], row["artist"])
        uri = uri_of(row["source_type"], row["source_track_id"], row["source_url"])
        if not uri:
            self.notes.say("unreadable", where, f"{row['source_type']} {row['source_track_id']} is the id of no stream")
        length = self._value(where, row, "duration_sec", cells.positive)
        return LibraryTrack(
            title_id=row["track_id"].strip(), title=title, artist=artist, duration=length, uris=(uri,) if uri else ()
        )

    def _streamed(self, known: LibraryTrack, row: Row) -> LibraryTrack:
        """A track of the library with the URI that the other file knows."""
        uri = uri_of(row["source_type"], row["source_track_id"], row["source_url"])
        return known if not uri or uri in known.uris else dataclasses.replace(known, uris=(*known.uris, uri))

    def _plays(self) -> dict[str, list[Play]]:
        plays: dict[str, list[Play]] = {}
        for where, row in self._rows(PLAYS):
            session_id = row["session_id"].strip()
            play = Play(
                play_id=row["play_id"].strip(),
                session_id=session_id,
                title_id=row["track_id"].strip(),
                title=row["title"],
                artist=row["artist"],
                deck=self._value(where, row, "deck_number", self.hand.deck),
                started=self._value(where, row, "play_start", self.hand.moment),
                bpm=self._value(where, row, "bpm", cells.positive),
            )
            plays.setdefault(session_id, []).append(play)
        return plays

    def _sessions(self, plays: dict[str, list[Play]]) -> tuple[Session, ...]:
        found = [self._session(where, row, plays.pop(row["session_id"].strip(), [])) for where, row in self._rows(SESSIONS)]
        for session_id, orphans in plays.items():
            self.notes.say("absent", SESSIONS, f"set {session_id} has no row; its {len(orphans)} plays are kept without times")
            found.append(Session(session_id=session_id, plays=tuple(orphans)))
        return tuple(found)

    def _session(self, where: str, row: Row, plays: list[Play]) -> Session:
        times: tuple[datetime | None, datetime | None] = (None, None)
        try:
            times = self.hand.times(row["start_time"], row["end_time"])
        except ValueError as error:
            self.notes.say("unreadable", where, f"start_time or end_time: {error}")
        return Session(
            session_id=row["session_id"].strip(),
            device=row["device_name"],
            device_type=row["device_type"],
            start=times[0],
            end=times[1],
            plays=tuple(plays),
        )

    def _playlists(self) -> tuple[LibraryPlaylist, ...]:
        listed: dict[str, list[tuple[float, str]]] = {}
        names: dict[str, str] = {}
        for where, row in self._rows(PLAYLISTS):
            playlist_id = row["playlist_id"].strip()
            if not row["track_id"].strip():
                self.notes.say("skipped", where, "track_id is empty")
                continue
            place = self._value(where, row, "position", self.hand.position) or 0.0
            listed.setdefault(playlist_id, []).append((place, row["track_id"].strip()))
            if playlist_id not in names:
                names[playlist_id] = self.hand.playlist_name(row["playlist_name"])
        return tuple(
            LibraryPlaylist(
                playlist_id=one,
                name=names[one],
                tracks=tuple(track for _, track in sorted(listed[one], key=lambda row: row[0])),
            )
            for one in listed
        )


def uri_of(source: str, *ids: str) -> str:
    """The URI of a stream from the columns that name it, "" for a file: numbers and URIs are both understood."""
    start = next((start for start in origins.STREAMS if start.startswith(source.strip().lower() + ":")), "")
    given = [text.strip() for text in ids if text.strip()]
    ready = next((text for text in given if text.startswith(tuple(origins.STREAMS))), "")
    return ready or (start + given[0] if start and source.strip() and given else "")


def _said_in_sets(sessions: Iterable[Session]) -> dict[str, tuple[str, str]]:
    said: dict[str, tuple[str, str]] = {}
    for session in sessions:
        for play in session.plays:
            if play.title:
                said.setdefault(play.title_id, (play.title, play.artist))
    return said
