"""What programs write about an imaginary library: the old script's five CSVs, with all its faults, and djay's own exports.

The faults are those that the script was caught at; `crateline.clients.djay.repairs` names and repairs them.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PureWindowsPath
from typing import Any

from crateline.domain import keys
from crateline.domain.library import LibraryPlaylist, LibraryTrack, Session
from crateline.sandbox.djay.truth import Truth

NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
WRONG_KEYS = (*NOTES, *(f"{note}m" for note in NOTES))
"""What the script called djay's keys 0 to 23."""

GARBAGE = ("v,s@", "beatport:track:", "\x08titleID", "d@", "+K$")
TRACK_FIELDS = (
    "track_id,title,artist,album,genre,duration_sec,bpm,key,key_camelot,source_type,source_id,file_path,added_date,"
    "last_played,play_count"
)
STREAM_FIELDS = "track_id,source_type,source_track_id,source_url,artist,title,duration_sec,is_available"
SESSION_FIELDS = "session_id,device_name,device_type,start_time,end_time,duration_min,track_count"
PLAY_FIELDS = "play_id,session_id,track_id,deck_number,play_start,title,artist,bpm"
PLAYLIST_FIELDS = "playlist_id,playlist_name,track_id,position,added_date"

Row = Mapping[str, Any]


def write_legacy(truth: Truth, folder: Path, *, stamp: str = "", mark: bool = False) -> Path:
    """Write the five files as the script did; `stamp` ("20260116_203000") goes into their names, `mark` is a BOM."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, fields, rows in _tables(truth):
        name = f"{stem}_{stamp}.csv" if stamp else f"{stem}.csv"
        (folder / name).write_bytes(_csv(fields.split(","), rows, mark=mark))
    return folder


def write_playlist(truth: Truth, playlist: LibraryPlaylist, folder: Path, *, camelot: bool = True) -> Path:
    """Write a playlist as djay exports it; it writes keys by the user's setting."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = (truth.library.tracks[one] for one in playlist.tracks if one in truth.library.tracks)
    path = folder / f"{playlist.name.replace('/', '-')}.csv"
    fields = ("Title", "Artist", "Album", "Time", "BPM", "Key", "URL")
    path.write_bytes(_csv(fields, (_exported(one, camelot=camelot) for one in listed), quoting=csv.QUOTE_ALL))
    return path


def write_history(session: Session, folder: Path, *, zone: tzinfo = UTC) -> Path:
    """Write a set as a history. Its columns are documented nowhere: these are a guess that a reader has to bear."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"History {session.session_id[:8]}.csv"
    rows = (
        {
            "Title": play.title,
            "Artist": play.artist,
            "Duration": _clock(play.duration),
            "Start Time": play.started.astimezone(zone).isoformat(timespec="seconds") if play.started else "",
            "Deck": play.deck,
            "Mood": "",
        }
        for play in session.plays
    )
    path.write_bytes(_csv(("Title", "Artist", "Duration", "Start Time", "Deck", "Mood"), rows, quoting=csv.QUOTE_ALL))
    return path


def write_now_playing(track: LibraryTrack, folder: Path) -> Path:
    """Write NowPlaying.txt as djay keeps it in the library's folder."""
    path = folder / "NowPlaying.txt"
    lines = (f"Title: {track.title}", f"Artist: {track.artist}", f"Album: {track.album}", f"Time: {_clock(track.duration)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def stem_of(track: LibraryTrack) -> str:
    """The name of a track's file without its extension, which the script took for the title."""
    return PureWindowsPath(track.path).stem if track.path else ""  # it takes both kinds of slashes


def _tables(truth: Truth) -> Iterator[tuple[str, str, Iterable[Row]]]:
    library = truth.library
    yield "djay_library_tracks", TRACK_FIELDS, (_track(one) for one in library.tracks.values())
    yield "djay_library_streaming", STREAM_FIELDS, (_stream(one) for one in library.tracks.values() if _uri(one))
    yield "djay_session_history", SESSION_FIELDS, (_session(one) for one in library.sessions)
    yield "djay_session_tracks", PLAY_FIELDS, (row for one in library.sessions for row in _plays(one))
    yield "djay_playlists", PLAYLIST_FIELDS, (row for one in library.playlists for row in _playlist(one))


def _track(track: LibraryTrack) -> Row:
    service, number = _service(track)
    key = keys.parse(track.key)
    wrong = WRONG_KEYS[key.djay_index] if key else ""
    taken = keys.parse(wrong)
    return {
        "track_id": track.title_id,
        "title": _garbage(track) if _uri(track) else stem_of(track),
        "bpm": track.bpm,
        "key": wrong,
        "key_camelot": taken.camelot if taken else "",
        "source_type": service,
        "source_id": number,
        "file_path": PureWindowsPath(track.path).name,
    }


def _stream(track: LibraryTrack) -> Row:
    service, number = _service(track)
    garbage = _garbage(track)
    return {
        "track_id": track.title_id,
        "source_type": service,
        "source_track_id": number,
        "source_url": _uri(track),
        "artist": garbage[::-1],
        "title": garbage,
        "is_available": "True",
    }


def _session(session: Session) -> Row:
    return {
        "session_id": session.session_id,
        "device_name": session.device,
        "device_type": session.device_type,
        "start_time": _naive(session.end),
        "end_time": None,
        "duration_min": 0,
        "track_count": len(session.plays),
    }


def _plays(session: Session) -> Iterator[Row]:
    for play in session.plays:
        yield {
            "play_id": play.play_id,
            "session_id": session.session_id,
            "track_id": play.title_id,
            "deck_number": 0,
            "title": play.title,
            "artist": play.artist,
            "bpm": play.bpm,
        }


def _playlist(playlist: LibraryPlaylist) -> Iterator[Row]:
    for title_id in playlist.tracks:
        yield {"playlist_id": playlist.playlist_id, "playlist_name": "TSAF", "track_id": title_id, "position": 0}


def _exported(track: LibraryTrack, *, camelot: bool) -> Row:
    key = keys.parse(track.key)
    return {
        "Title": track.title,
        "Artist": track.artist,
        "Album": track.album,
        "Time": _clock(track.duration),
        "BPM": f"{track.bpm:.1f}" if track.bpm else "",
        "Key": (key.camelot if camelot else key.value) if key else "",
        "URL": next(iter(track.uris), ""),
    }


def _uri(track: LibraryTrack) -> str:
    """The stream's URI that the script saw: Beatport's, where there are several."""
    starts = ("beatport:track:", "soundcloud:tracks:", "spotify:track:")
    return next((uri for start in starts for uri in track.uris if uri.startswith(start)), "")


def _service(track: LibraryTrack) -> tuple[str, str]:
    uri = _uri(track)
    if uri:
        return uri.partition(":")[0], uri.rsplit(":", 1)[1]
    return ("local" if track.path else "unknown"), ""


def _garbage(track: LibraryTrack) -> str:
    garbage = GARBAGE[int(track.title_id[:6], 16) % len(GARBAGE)]
    return f"{garbage}{track.title_id[:5]}" if garbage.endswith(":") else garbage


def _naive(moment: datetime | None) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat(sep=" ") if moment else ""


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def _csv(fields: Iterable[str], rows: Iterable[Row], *, mark: bool = False, quoting: Any = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(fields), lineterminator="\r\n", quoting=quoting)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8")
