"""Where djay keeps its library, on a Mac and on Windows."""

from pathlib import Path

from crateline.errors import ConfigurationError

FILE = "MediaLibrary.db"
FOLDERS = ("djay Media Library.djayMediaLibrary", "djay Media Library")
"""The Mac's name, which Finder shows as one file, and that of Windows and of the backups."""
BACKUPS = "Backups"
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


def locate(home: Path | None = None) -> list[Path]:
    """Give the databases in djay's usual places: the one in use first, then djay's own backups, the newest first."""
    return _inside((home or Path.home()) / "Music" / "djay")


def resolve(path: Path | None) -> Path:
    """Give the database that is meant: by its file, by a folder of djay's or one of its backups, or (None) the usual one.

    Raises ConfigurationError if there is none.
    """
    if path is None:
        found = locate()
        if not found:
            raise ConfigurationError("djay's library is not where it usually is: name its folder, or set DJAY_PRO_DB_PATH")
        return found[0]
    if path.is_file():
        return path
    if not path.is_dir():
        raise ConfigurationError(f"{path} does not exist: name djay's MediaLibrary.db or a folder that holds it")
    for inside in _inside(path):
        return inside
    raise ConfigurationError(f"{path} holds no {FILE}: name djay's Media Library folder, or one of its backups")


def _inside(folder: Path) -> list[Path]:
    """The databases of a folder: its own, those of its libraries, those of its backups."""
    backups = [*folder.glob(_DAY), *(folder / BACKUPS).glob(_DAY)]
    days = sorted(backups, key=lambda day: day.name, reverse=True)
    places = [folder, *(folder / name for name in FOLDERS), *(day / name for day in days for name in (*FOLDERS, ""))]
    return [file for place in places if (file := place / FILE).is_file()]
