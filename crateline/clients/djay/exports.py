"""What djay itself exports: a playlist as CSV, the history as CSV, and NowPlaying.txt. None of them holds djay's ids."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from crateline.clients.djay import cells, paths
from crateline.clients.djay.cells import Notes, Row, Sheet
from crateline.domain import keys
from crateline.domain.library import Library, LibraryPlaylist, LibraryTrack, Play, Session
from crateline.errors import LibraryUnreadable

NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "name", "track", "track title", "song"),
    "artist": ("artist", "artists", "track artist"),
    "album": ("album",),
    "genre": ("genre",),
    "length": ("time", "duration", "length", "total time"),
    "bpm": ("bpm", "tempo"),
    "key": ("key", "musical key"),
    "url": ("url", "uri", "location", "source", "path"),
    "isrc": ("isrc",),
    "started": ("start time", "started", "start", "played at", "date played", "time played", "played", "date", "timestamp"),
    "deck": ("deck", "deck number", "player"),
}
"""Our word for a column, and what it may be called. What a history is exported with is documented nowhere; others do no harm."""

OF_A_HISTORY = frozenset({"started", "deck"})
MADE = "row:"
"""How ids begin that stand for djay's own, which its exports do not hold. They are made of a row's words."""

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)")
_LINE = re.compile(r"^(Title|Artist|Album|Time):[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)
_URI = re.compile(r"[A-Za-z][\w.+-]+:")  # two letters at least: "D:" is a drive


def is_export(path: Path) -> bool:
    """Whether a CSV has a column for titles and another one that djay's exports have. Raises OSError."""
    return len(_columns(cells.header(path))) > 1 and "title" in _columns(cells.header(path))


def read(path: Path) -> Library:
    """Read one CSV. A history becomes a set, anything else a playlist by the file's name.

    Raises LibraryUnreadable, naming the file and the row.
    """
    notes = Notes()
    sheet = cells.read(path, notes)
    columns = _columns(sheet.columns)
    if "title" not in columns:
        raise LibraryUnreadable(str(path), "row 1 has no column Title")
    listed = [_track(where, _named(row, columns), notes) for where, row in sheet]
    tracks = {track.title_id: track for track in listed}
    if not OF_A_HISTORY & columns.keys():
        playlist = LibraryPlaylist(playlist_id=_made(path.stem), name=path.stem, tracks=tuple(one.title_id for one in listed))
        return Library(source=str(path), tracks=tracks, playlists=(playlist,), findings=tuple(notes.findings))
    session = _session(path, sheet, columns, listed, notes)
    return Library(source=str(path), tracks=tracks, sessions=(session,), findings=tuple(notes.findings))


def now_playing(path: Path) -> LibraryTrack | None:
    """The track that NowPlaying.txt names; None if nothing plays. Raises LibraryUnreadable."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryUnreadable(str(path), str(error)) from error
    said = {name.lower(): value.strip() for name, value in _LINE.findall(text)}
    if not said:
        raise LibraryUnreadable(str(path), "no line begins with Title:, Artist:, Album: or Time:")
    if not said.get("title"):
        return None
    title, artist = said["title"], said.get("artist", "")
    return LibraryTrack(
        title_id=_made(title, artist),
        title=title,
        artist=artist,
        album=said.get("album", ""),
        duration=seconds(said["time"]) if _CLOCK.fullmatch(said.get("time", "")) else None,
    )


def seconds(text: str) -> float | None:
    """A length written M:SS or H:MM:SS, None for an empty cell. Raises ValueError."""
    if not text.strip():
        return None
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text} is no length; MM:SS or H:MM:SS")
    hours, minutes, rest = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(rest)


def _columns(names: Iterable[str]) -> dict[str, str]:
    """The file's name for each of our words; of several the one that stands first in `NAMES`."""
    there = {name.casefold(): name for name in reversed(list(names))}
    found = {word: next((there[name] for name in called if name in there), "") for word, called in NAMES.items()}
    return {word: name for word, name in found.items() if name}


def _named(row: Row, columns: Mapping[str, str]) -> dict[str, str]:
    return {word: row[columns[word]].strip() if word in columns else "" for word in NAMES}


def _track(where: str, row: Row, notes: Notes) -> LibraryTrack:
    uri, path = _place(row["url"])
    values: dict[str, float | None] = {}
    for word, read in (("length", seconds), ("bpm", cells.positive)):
        try:
            values[word] = read(row[word])
        except ValueError as error:
            notes.say("unreadable", where, f"{word}: {error}")
    key = keys.parse(row["key"])
    if row["key"] and key is None:
        notes.say("unreadable", where, f"{row['key']} is no key")
    return LibraryTrack(
        title_id=_made(row["title"], row["artist"], row["url"]),
        title=row["title"],
        artist=row["artist"],
        album=row["album"],
        genre=row["genre"],
        duration=values.get("length"),
        bpm=values.get("bpm"),
        key=key.value if key else "",
        uris=(uri,) if uri else (),
        path=path,
        isrc=row["isrc"],
    )


def _place(url: str) -> tuple[str, str]:
    """A URI and a file's path from the column URL; what is no URI is a path."""
    if _URI.match(url):
        return url, paths.of_uri(url)
    return "", url


def _session(path: Path, sheet: Sheet, columns: Mapping[str, str], tracks: list[LibraryTrack], notes: Notes) -> Session:
    """A history as one set. Where starts are known they give the order, else the file does."""
    session_id = _made(path.name, *(str(sorted(row.items())) for _, row in sheet))
    plays = []
    for place, (track, (where, row)) in enumerate(zip(tracks, sheet, strict=True), start=1):
        started, deck = _when_and_where(where, _named(row, columns), notes)
        plays.append(_play(track, started, deck, play_id=f"{session_id}:{place}", session_id=session_id))
    if all(play.started for play in plays):
        plays.sort(key=lambda play: play.started.timestamp() if play.started else 0.0)
    return Session(session_id=session_id, plays=tuple(plays))


def _when_and_where(where: str, row: Row, notes: Notes) -> tuple[datetime | None, int | None]:
    try:
        return _instant(row["started"], where, notes), int(cells.positive(row["deck"]) or 0) or None
    except ValueError as error:
        notes.say("unreadable", where, str(error))
        return None, None


def _play(track: LibraryTrack, started: datetime | None, deck: int | None, *, play_id: str, session_id: str) -> Play:
    return Play(
        play_id=play_id,
        session_id=session_id,
        title_id=track.title_id,
        title=track.title,
        artist=track.artist,
        duration=track.duration,
        deck=deck,
        started=started,
        bpm=track.bpm,
        isrc=track.isrc,
    )


def _instant(text: str, where: str, notes: Notes) -> datetime | None:
    """A start; one without a zone is taken as this machine's time, and that is said."""
    found = cells.moment(text.replace("/", "-"))
    if found is None or found.tzinfo:
        return found
    notes.say("repaired", where, f"{text} has no zone; taken as this machine's time")
    return found.astimezone()


def _made(*words: str) -> str:
    return MADE + hashlib.sha256("\x1f".join(words).encode(errors="surrogatepass")).hexdigest()[:24]
