"""The store: where files are. MEDIA_ROOT remembers what Redis may forget: originals, masters, analyses, names."""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crateline.domain import naming

NOTE = "sealed.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A sealed file. `facts` are what its station wrote beside it; `digest` is its SHA-256."""

    path: Path
    digest: str
    size: int
    facts: dict[str, Any]


class Store:
    """The files of all tracks under one folder. A file counts only when its note beside it is written."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def folder(self, kind: str, key: str) -> Path:
        """The folder of one track's originals or masters; made if it is not there."""
        name = naming.store_name(key)
        folder = self.root / kind / hashlib.sha256(key.encode()).hexdigest()[:2] / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def seal(self, kind: str, key: str, path: Path, facts: Mapping[str, Any]) -> Kept:
        """Note that `path` (in this track's folder) is whole."""
        folder = self.folder(kind, key)
        kept = Kept(path=path, digest=digest_of(path), size=path.stat().st_size, facts=dict(facts))
        note = {"file": path.name, "digest": kept.digest, "size": kept.size, "key": key, "facts": kept.facts}
        write_note(folder / NOTE, note)
        return kept

    def kept(self, kind: str, key: str) -> Kept | None:
        """The sealed file of a track, or None if there is none or its size is not what was sealed."""
        folder = self.folder(kind, key)
        note = read_note(folder / NOTE)
        if note is None:
            return None
        path = folder / Path(str(note["file"])).name
        if not path.is_file() or path.stat().st_size != note["size"]:
            return None
        return Kept(path=path, digest=str(note["digest"]), size=int(note["size"]), facts=dict(note["facts"]))

    def changed(self, kind: str, key: str) -> Kept | None:
        """The file of a track as it was sealed, though its size is another one now: a DJ program may have written into it."""
        folder = self.folder(kind, key)
        note = read_note(folder / NOTE)
        path = folder / Path(str((note or {}).get("file", ""))).name
        if note is None or not path.is_file() or path.stat().st_size == note["size"]:
            return None
        return Kept(path=path, digest=str(note["digest"]), size=int(note["size"]), facts=dict(note["facts"]))

    def unseal(self, kind: str, key: str) -> None:
        """Throw a track's file away, because it turned out not to be the recording."""
        shutil.rmtree(self.folder(kind, key))

    def memo(self, kind: str, name: str) -> dict[str, Any] | None:
        """A small JSON note kept by name (an analysis by its file's digest), or None."""
        return read_note(self._memo(kind, name))

    def memos(self, kind: str) -> Iterator[dict[str, Any]]:
        """Every note of a kind."""
        for path in sorted((self.root / kind).glob("*/[!.]*.json")):
            note = read_note(path)
            if note is not None:
                yield note

    def count_memos(self, kind: str) -> int:
        """How many notes of a kind there are."""
        return sum(1 for _ in (self.root / kind).glob("*/[!.]*.json"))

    def keep_memo(self, kind: str, name: str, value: Mapping[str, Any]) -> None:
        """Keep a small JSON note."""
        write_note(self._memo(kind, name), value)

    def drop_memo(self, kind: str, name: str) -> None:
        """Forget a small JSON note."""
        self._memo(kind, name).unlink(missing_ok=True)

    def _memo(self, kind: str, name: str) -> Path:
        return self.root / kind / name[:2] / f"{naming.store_name(name)}.json"

    def own_name(self, path: Path, key: str) -> bool:
        """Take a file name in the music folder for a track; False if another track has it.

        Names that differ in case alone count as one, since some file systems hold them to be the same.
        """
        note = self._name_note(path)
        note.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_once(note, json.dumps({"key": key, "path": str(path)}))
        except FileExistsError:
            return (read_note(note) or {}).get("key") == key
        return True

    def disown(self, path: Path, key: str) -> None:
        """Give a file name up, if it is this track's."""
        note = self._name_note(path)
        if (read_note(note) or {}).get("key") == key:
            note.unlink(missing_ok=True)

    def named(self, path: Path) -> bool:
        """Whether a file name in the music folder is one of ours."""
        return self._name_note(path).exists()

    def _name_note(self, path: Path) -> Path:
        folded = hashlib.sha256(str(path.absolute()).casefold().encode()).hexdigest()
        return self.root / "names" / folded[:2] / f"{folded}.json"

    def free_bytes(self) -> int:
        """Space left where the store is."""
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_note(path: Path) -> dict[str, Any] | None:
    """A JSON object from a file; None if it is absent or was cut short by a crash."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return note if isinstance(note, dict) else None


def write_note(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object so that a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{uuid.uuid4().hex}")
    fresh.write_text(json.dumps(dict(value), ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def _write_once(path: Path, text: str) -> None:
    """Make a file with its text, whole from its first moment where the file system knows hard links.

    Raises FileExistsError if it is there.
    """
    fresh = path.with_name(f".{uuid.uuid4().hex}")
    fresh.write_text(text, encoding="utf-8")
    try:
        os.link(fresh, path)
    except FileExistsError:
        raise
    except OSError:  # exFAT and some network shares have no hard links
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    finally:
        fresh.unlink()


def link(source: Path, target: Path) -> None:
    """Put `source` at `target` as a hard link, or as a copy where links fail; replaces what is there, at once.

    A kill at any moment leaves nothing beside `target` but, of a copy, a part that the next call removes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and target.samefile(source):
        return
    fresh = source.with_name(f".{uuid.uuid4().hex}.link")
    try:
        os.link(source, fresh)
        fresh.replace(target)
    except OSError:  # no hard links here, or not to this disk
        copy(source, target)
    finally:
        fresh.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Put a copy of `source` at `target`, whole and flushed to its disk, or leave what is there; replaces at once.

    A kill leaves a part that the next call removes. Raises OSError if the disk is full, or gone.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    kin = f".crateline-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"
    for left in target.parent.glob(f"{kin}*.part"):
        left.unlink(missing_ok=True)
    part = target.with_name(f"{kin}{uuid.uuid4().hex}.part")
    try:
        shutil.copyfile(source, part)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
