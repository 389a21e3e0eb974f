"""A library from wherever it is: djay's database, its backup, the old script's exports, djay's own exports."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from pathlib import Path

from crateline.clients.djay import database, exports, legacy, places, snapshot
from crateline.domain.library import Library
from crateline.errors import ConfigurationError, LibraryUnreadable

WANTED = (
    f"Name a folder with {places.FILE} (djay's library or one of its backups), the file itself, a folder with the CSVs "
    "djay_library_tracks … djay_playlists, or a CSV or NowPlaying.txt that djay has exported"
)


Wait = Callable[[float], object] | None


def read(path: Path, *, wait: Wait = None) -> Library:
    """Read whatever is at `path`; `wait` is for a database that djay is just writing to, see `database.read`.

    Raises LibraryUnreadable, which says what was wanted or which file and row is wrong.
    """
    try:
        if path.is_dir():
            return _folder(path, wait)
        if path.is_file():
            return _file(path, wait)
    except OSError as error:
        raise LibraryUnreadable(str(path), error.strerror or str(error)) from error
    raise LibraryUnreadable(str(path), f"there is no such file or folder. {WANTED}")


def database_in(folder: Path) -> Path | None:
    """The database that belongs to a folder: the library's own, else the newest backup's; None if there is none."""
    try:
        return places.resolve(folder)
    except ConfigurationError:
        return None


def _folder(folder: Path, wait: Wait) -> Library:
    if found := database_in(folder):
        return database.read(found, wait=wait)
    if legacy.files_in(folder):
        return legacy.read(folder)
    listed = [path for path in sorted(folder.glob("*.[cC][sS][vV]")) if exports.is_export(path)]
    if not listed:
        raise LibraryUnreadable(str(folder), f"nothing of djay's is in it. {WANTED}")
    return replace(_together(exports.read(path) for path in listed), source=str(folder))


def _file(path: Path, wait: Wait) -> Library:
    if not path.stat().st_size:
        raise LibraryUnreadable(str(path), f"the file is empty. {WANTED}")
    if snapshot.is_database(path):
        return database.read(path, wait=wait)
    if path.suffix.lower() == ".txt":
        track = exports.now_playing(path)
        return Library(source=str(path), tracks={track.title_id: track} if track else {})
    if legacy.stem_of(path):
        return legacy.read(path)
    if exports.is_export(path):
        return exports.read(path)
    raise LibraryUnreadable(str(path), f"neither a database nor an export of djay's. {WANTED}")


def _together(libraries: Iterable[Library]) -> Library:
    def both(one: Library, other: Library) -> Library:
        return Library(
            source="",
            tracks={**one.tracks, **other.tracks},
            sessions=one.sessions + other.sessions,
            playlists=one.playlists + other.playlists,
            findings=one.findings + other.findings,
        )

    return reduce(both, libraries, Library(source=""))
