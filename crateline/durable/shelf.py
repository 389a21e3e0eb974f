"""A shelf: one folder tree in which files of tracks stand by name, a folder per playlist.

It remembers in the store what it has put where, so that a track that is called otherwise now leaves no old name behind,
and so that nothing is taken away, or written over, that somebody else has put there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import structlog

from crateline.domain import naming
from crateline.durable.store import Store
from crateline.errors import MediaError

log = structlog.get_logger("crateline.shelf")

Sound = Callable[[Path], str]
"""Names the sound in a file, whatever its tags. Raises MediaError if it is no recording."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """A file to be put on a shelf. `of` changes with its content; `sound` with what is heard."""

    path: Path
    of: str
    sound: str

    @property
    def suffix(self) -> str:
        """The ending of its name, with the dot."""
        return self.path.suffix


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """Where a track's files should stand: named `stem`, in these folders; those that it has `left` hold none any more."""

    key: str
    stem: str
    folders: tuple[str, ...]
    left: tuple[str, ...] = ()


class Shelf:
    """The files under `root`. `put(source, target)` links or copies, whole or not at all; `name` is that of the setting."""

    def __init__(self, store: Store, name: str, root: Path, *, put: Callable[[Path, Path], None], sound: Sound) -> None:
        self.store = store
        self.name = name
        self.root = root.absolute()
        self._put = put
        self._sound = sound

    def fresh(self, where: Where, suffix: str, of: str) -> bool:
        """Whether a track's file stands where it should already, as it is now and under its present name alone."""
        known = self._known(where.key)
        wanted = {self._free(folder, where, suffix, known=known) for folder in where.folders}
        return not self._stale(known, wanted, where) and all(self._stands(known.get(name), name, of) for name in wanted)

    def place(self, where: Where, editions: Iterable[Edition]) -> list[Path]:
        """Put a track's editions where they should stand, and take its old names away; gives the paths, edition by edition.

        What is to be written down is written down first: a kill at any moment is made good by the next call.
        """
        key, known = where.key, self._known(where.key)
        wanted = {
            self._free(folder, where, edition.suffix, known=known, edition=edition): edition
            for edition in editions
            for folder in where.folders
        }
        if not wanted.keys() <= known.keys():
            self._keep(key, known | {name: {} for name in wanted.keys() - known.keys()})
        for name, edition in wanted.items():
            if not self._stands(known.get(name), name, edition.of):
                self._put(edition.path, self.root / name)
        stale = self._stale(known, wanted, where)
        for name in stale:
            self._take_away(key, name, known[name], wanted)
        left = {name: entry for name, entry in known.items() if name not in stale}
        now = left | {name: self._entry(name, edition) for name, edition in wanted.items()}
        if now != known:
            self._keep(key, now)
        return [self.root / name for name in wanted]

    def standing(self, key: str) -> list[Path]:
        """The files that were put here for a track, as far as they are there still."""
        return [path for name in self._known(key) if (path := self.root / name).is_file()]

    def clear(self, key: str) -> None:
        """Take away all that stands here of a track. What somebody else has put under its names stays."""
        known = self._known(key)
        for name, entry in known.items():
            self._take_away(key, name, entry, ())
        if known:
            self._keep(key, {})

    def _known(self, key: str) -> dict[str, dict[str, Any]]:
        note = self.store.memo(f"shelf-{self.name}", key) or {}
        return dict(note["files"]) if note.get("root") == str(self.root) else {}

    def _keep(self, key: str, files: Mapping[str, Mapping[str, Any]]) -> None:
        self.store.keep_memo(f"shelf-{self.name}", key, {"key": key, "root": str(self.root), "files": dict(files)})

    def _entry(self, name: str, edition: Edition) -> dict[str, Any]:
        return {"of": edition.of, "sound": edition.sound, "size": (self.root / name).stat().st_size}

    def _stands(self, entry: Mapping[str, Any] | None, name: str, of: str) -> bool:
        """Whether what is wanted was put there, and is not emptied since. What DJ programs write into it stays."""
        path = self.root / name
        if not entry or entry["of"] != of or not path.is_file():
            return False
        return 2 * path.stat().st_size >= int(entry["size"])

    def _free(self, folder: str, where: Where, suffix: str, *, known: Mapping[str, Any], edition: Edition | None = None) -> str:
        """The name for a file in a folder: with the track's mark, if another track, or a file not of our making, has it."""
        plain = f"{folder}/{where.stem}{suffix}"
        unique = f"{folder}/{naming.unique(where.stem, where.key)}{suffix}"
        path = self.root / plain
        if plain not in known and not self.store.named(path) and path.exists() and not self._same(path, edition):
            return unique
        return plain if self.store.own_name(path, where.key) else unique

    def _same(self, path: Path, edition: Edition | None) -> bool:
        """Whether a file of which nothing is known is this very recording: then MEDIA_ROOT has forgotten that it is ours."""
        return edition is not None and self._heard(path) == edition.sound

    def _stale(self, known: Mapping[str, Any], wanted: Iterable[str], where: Where) -> list[str]:
        """Names that a track had in a folder, in a form that has another name there now; and those in folders it has left."""
        wanted = set(wanted)
        spots, left = {_spot(name) for name in wanted}, set(where.left) - set(where.folders)
        return [name for name in known if name not in wanted and (_spot(name) in spots or _spot(name)[0] in left)]

    def _take_away(self, key: str, name: str, entry: Mapping[str, Any], wanted: Iterable[str]) -> None:
        path = self.root / name
        alike = next((other for other in wanted if naming.collision_key(other) == naming.collision_key(name)), None)
        if alike is not None:
            _respell(path, self.root / alike)
            return
        if path.is_file() and entry and self._heard(path) != entry.get("sound"):
            log.info("an old name holds a file of somebody else: it stays", action="name-kept", key=key, path=str(path))
        else:
            path.unlink(missing_ok=True)
        self.store.disown(path, key)

    def _heard(self, path: Path) -> str:
        try:
            return self._sound(path)
        except MediaError:
            return ""


def _spot(name: str) -> tuple[str, str]:
    path = PurePosixPath(name)
    return str(path.parent), path.suffix


def _respell(old: Path, new: Path) -> None:
    """Names that differ in case alone: two files to some file systems, one to others, where its spelling is changed."""
    listed = {entry.name for entry in old.parent.iterdir()}
    if {old.name, new.name} <= listed:
        old.unlink()
    elif old.name in listed:
        old.rename(new)
