"""A library written as the five CSV files of the old script, this time right: real times, decks, keys, names and places.

The folder appears as a whole or not at all. One that is there already is replaced if it is empty or an earlier export.
"""

import csv
import io
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from crateline.clients.djay import sealed
from crateline.clients.djay.columns import COLUMNS, PLAYLISTS, PLAYS, SESSIONS, STREAMING, TRACKS
from crateline.domain import activity, decks, keys, origins
from crateline.domain.library import Library, LibraryTrack, Session
from crateline.domain.sets import bpm_of
from crateline.domain.track import Platform
from crateline.errors import ConfigurationError

UNKNOWN = "unknown"
SOURCES: dict[Platform | None, str] = {
    Platform.LOCAL: "local",
    Platform.BEATPORT: "beatport",
    Platform.SOUNDCLOUD: "soundcloud",
    Platform.SPOTIFY: "spotify",
    Platform.APPLE_MUSIC: "apple-music",
    Platform.YOUTUBE: "youtube",
    None: UNKNOWN,
}
"""What stands in the columns source_type."""

OURS = frozenset({sealed.NAME, *(f"{stem}.csv" for stem in COLUMNS)})


def check(folder: Path) -> None:
    """Raise ConfigurationError if `folder` holds anything but an earlier export."""
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"{folder} is a file; name a folder to export to")
    found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if found and (found - OURS or sealed.NAME not in found):
        raise ConfigurationError(f"{folder} holds other files; name a new or empty folder, or one of an earlier export")


def would_write(library: Library, folder: Path) -> dict[str, int]:
    """The rows of each file that `write` would write. Raises as `check`."""
    check(folder)
    return {f"{stem}.csv": sum(1 for _ in rows) for stem, rows in _tables(library)}


def write(library: Library, folder: Path) -> dict[str, int]:
    """Write `library` into `folder`; gives the rows of each file. Raises as `check`, and OSError."""
    check(folder)
    tables = {stem: list(rows) for stem, rows in _tables(library)}
    files = {f"{stem}.csv": _csv(COLUMNS[stem], rows) for stem, rows in tables.items()}
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, data in {**files, sealed.NAME: sealed.written(library, files)}.items():
            _keep(new / name, data)
        new.chmod(0o755)
        _put(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return {f"{stem}.csv": len(rows) for stem, rows in tables.items()}


def _keep(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _put(new: Path, folder: Path) -> None:
    """Let the new folder take the place of the old one, which is whole under another name meanwhile."""
    if not folder.exists():
        new.rename(folder)
        return
    old = new.with_name(f"{new.name}.old")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)


def _csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _tables(library: Library) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    last = {one: told.last_played for one, told in activity.of(library.sessions, library.tracks).items()}
    yield TRACKS, (_track(one, last[one.title_id]) for one in library.tracks.values())
    yield STREAMING, (_stream(one) for one in library.tracks.values() if origins.streams(one.uris))
    yield SESSIONS, (_session(one, library.tracks) for one in library.sessions)
    yield PLAYS, (row for one in library.sessions for row in _plays(one))
    yield PLAYLISTS, _playlists(library)


def _track(track: LibraryTrack, last: datetime | None) -> dict[str, Any]:
    key = keys.parse(track.key)
    platform, source_id = _source(track)
    return {
        "track_id": track.title_id,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "genre": track.genre,
        "duration_sec": track.duration,
        "bpm": bpm_of(track),
        "key": key.value if key else "",
        "key_camelot": key.camelot if key else "",
        "source_type": platform,
        "source_id": source_id,
        "file_path": track.path,
        "added_date": _moment(track.added),
        "last_played": _moment(last),
        "play_count": track.play_count,
    }


def _stream(track: LibraryTrack) -> dict[str, Any]:
    uri = origins.streams(track.uris)[0]
    return {
        "track_id": track.title_id,
        "source_type": SOURCES[origins.platform_of_uri(uri)],
        "source_track_id": _id_of(uri),
        "source_url": origins.url_of(uri),
        "artist": track.artist,
        "title": track.title,
        "duration_sec": track.duration,
        "is_available": "",
    }


def _session(session: Session, tracks: Mapping[str, LibraryTrack]) -> dict[str, Any]:
    start, end = decks.started(session), decks.ended(session, tracks)
    return {
        "session_id": session.session_id,
        "device_name": session.device,
        "device_type": session.device_type,
        "start_time": _moment(session.start),
        "end_time": _moment(session.end),
        "duration_min": round((end - start).total_seconds() / 60, 1) if start and end else "",
        "track_count": len(session.plays),
    }


def _plays(session: Session) -> Iterator[dict[str, Any]]:
    for play in session.plays:
        yield {
            "play_id": play.play_id,
            "session_id": session.session_id,
            "track_id": play.title_id,
            "deck_number": play.deck,
            "play_start": _moment(play.started),
            "title": play.title,
            "artist": play.artist,
            "bpm": play.bpm,
        }


def _playlists(library: Library) -> Iterator[dict[str, Any]]:
    for playlist in library.playlists:
        for place, title_id in enumerate(playlist.tracks, start=1):
            track = library.tracks.get(title_id)
            yield {
                "playlist_id": playlist.playlist_id,
                "playlist_name": playlist.name,
                "track_id": title_id,
                "position": place,
                "added_date": _moment(track.added) if track else "",
            }


def _source(track: LibraryTrack) -> tuple[str, str]:
    """What stands in source_type and source_id: a stream's, where there is one; a file has no id."""
    uri = next(iter(origins.streams(track.uris)), "")
    return SOURCES[origins.platform_of_uri(uri) if uri else origins.platform_of(track)], _id_of(uri)


def _id_of(uri: str) -> str:
    start = next((start for start in origins.STREAMS if uri.startswith(start)), "")
    return uri.removeprefix(start)


def _moment(value: datetime | None) -> str:
    return value.astimezone(UTC).isoformat() if value else ""
