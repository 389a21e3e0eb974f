"""The seal of our own exports: a JSON file beside the CSVs, with their digests and with what no column can hold.

By the digests a file of ours is told from one of the old script, whose names and columns are the same and whose faults
have to be repaired. A file that was changed since is neither, and is not read on a guess.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crateline.domain import origins
from crateline.domain.library import HotCue, Library, LibraryPlaylist, LibraryTrack, Loop, Play
from crateline.errors import LibraryUnreadable

NAME = "djay_export.json"
FORMAT = "crateline djay export 1"

OF_A_TRACK = frozenset({"title_id", "title", "artist", "album", "genre", "duration", "bpm", "key", "path", "added", "play_count"})
OF_A_PLAY = frozenset({"play_id", "session_id", "title_id", "title", "artist", "deck", "started", "bpm"})
"""What the columns hold. A track's tempo is there too, unless the DJ has typed one, which then stands in its place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seal:
    """What is said beside the CSVs: of tracks and plays by id, and of all playlists in order."""

    tracks: Mapping[str, Mapping[str, Any]]
    plays: Mapping[str, Mapping[str, Any]]
    playlists: tuple[Mapping[str, str], ...]


def seal_of(files: Iterable[Path]) -> Seal | None:
    """The seal of these CSVs; None if they are not ours.

    Raises LibraryUnreadable if a file of ours was changed, or stands beside one that is not.
    """
    listed = list(files)
    place = listed[0].parent / NAME
    if not place.is_file():
        return None
    said = _read(place)
    ours = [path for path in listed if path.name in said["files"]]
    for path in ours:
        if digest(path.read_bytes()) != said["files"][path.name]:
            raise LibraryUnreadable(
                str(path), f"changed since crateline wrote it; export it anew (or delete {NAME} if the old script did)"
            )
    if ours and len(ours) < len(listed):
        other = next(path for path in listed if path not in ours)
        raise LibraryUnreadable(
            str(other), f"newer than crateline's own export, and not part of it; move one of the two away from {NAME}"
        )
    return _seal(place, said["more"]) if ours else None


def digest(data: bytes) -> str:
    """A file's SHA-256."""
    return hashlib.sha256(data).hexdigest()


def written(library: Library, files: Mapping[str, bytes]) -> bytes:
    """The seal for CSVs that hold `library`."""
    more = {
        "tracks": {one.title_id: rest for one in library.tracks.values() if (rest := _more(one))},
        "plays": {play.play_id: rest for session in library.sessions for play in session.plays if (rest := _more(play))},
        "playlists": [{"id": one.playlist_id, "name": one.name, "parent": one.parent_id} for one in library.playlists],
    }
    said = {"format": FORMAT, "files": {name: digest(data) for name, data in files.items()}, "more": more}
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def restored(library: Library, seal: Seal) -> Library:
    """A library from the columns, with what they cannot hold."""
    tracks = {one: _with(track, seal.tracks.get(one, {})) for one, track in library.tracks.items()}
    sessions = tuple(
        dataclasses.replace(session, plays=tuple(_with(play, seal.plays.get(play.play_id, {})) for play in session.plays))
        for session in library.sessions
    )
    filled = {one.playlist_id: one.tracks for one in library.playlists}
    playlists = tuple(
        LibraryPlaylist(playlist_id=one["id"], name=one["name"], parent_id=one["parent"], tracks=filled.get(one["id"], ()))
        for one in seal.playlists
    )
    return dataclasses.replace(library, tracks=tracks, sessions=sessions, playlists=playlists)


def _read(place: Path) -> dict[str, Any]:
    try:
        said = json.loads(place.read_bytes())
        if said["format"] == FORMAT and isinstance(said["files"], dict):
            return dict(said)
    except (ValueError, KeyError, TypeError) as error:
        raise LibraryUnreadable(str(place), "this is no seal of an export; export it anew") from error
    raise LibraryUnreadable(str(place), f"sealed as «{said['format']}», which this version does not know; export it anew")


def _seal(place: Path, more: Any) -> Seal:
    try:
        return Seal(
            tracks={one: _parsed(rest) for one, rest in more["tracks"].items()},
            plays=more["plays"],
            playlists=tuple(more["playlists"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise LibraryUnreadable(str(place), "this is no seal of an export; export it anew") from error


def _parsed(rest: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in rest.items()}
    for name, kind in (("hot_cues", HotCue), ("loops", Loop)):
        if name in values:
            values[name] = tuple(kind(**one) for one in values[name])
    return values


def _more(thing: LibraryTrack | Play) -> dict[str, Any]:
    """What no column holds, where it is not what is assumed."""
    known = dataclasses.asdict(thing)
    assumed: dict[str, Any] = {one.name: one.default for one in dataclasses.fields(thing)}
    inside = OF_A_PLAY
    if isinstance(thing, LibraryTrack):
        inside = OF_A_TRACK
        assumed["uris"] = (origins.key_of(thing),) if origins.streams(thing.uris) else ()
    more = {name: value for name, value in known.items() if name not in inside and value != assumed[name]}
    return {**more, "bpm": thing.bpm} if isinstance(thing, LibraryTrack) and thing.manual_bpm else more


def _with(thing: Any, rest: Mapping[str, Any]) -> Any:
    return dataclasses.replace(thing, **rest) if rest else thing
