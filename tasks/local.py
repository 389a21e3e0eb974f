"""Local files that were indexed: known by their sound, taken as the original where they are the better source.

A file that lies in an Eagle library is remembered with its item, so that the item gets our tags instead of a twin.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from crateline.audio import fingerprint, quality, tags
from crateline.audio.analysis import Analysis
from crateline.durable import prints
from crateline.durable.fingerprints import FILE, Fingerprints, Print
from crateline.durable.store import Kept, copy, digest_of
from crateline.errors import MediaError
from crateline.wiring import Wiring
from tasks.station import Job

EAGLES = re.compile(r"(?P<library>.*\.library)/images/(?P<item>[^/]+)\.info/[^/]+")
"""Where a file of an Eagle library lies."""

log = structlog.get_logger("crateline.local")


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexed:
    """A local file as it was indexed. `library` and `item` say which item of Eagle's it is, or nothing."""

    key: str
    path: Path
    seconds: float
    library: str = ""
    item: str = ""


def key_of(path: Path) -> str:
    """The key of a local file."""
    return f"{FILE}{path.absolute()}"


def indexed(wiring: Wiring, path: Path) -> bool:
    """Whether a file was indexed as it is now: size and time say so, and it is not read."""
    note = wiring.store.memo(prints.FILES, key_of(path))
    return note is not None and _unchanged(note)


def index_file(wiring: Wiring, path: Path, heard: Analysis) -> bool:
    """Have a local file recognised from now on; safe to repeat. False if it has too little sound to be recognised.

    What crateline itself has put somewhere is passed over, too: it is no other source. Raises OSError if the file is gone.
    """
    path = path.absolute()
    state = path.stat()
    usable = fingerprint.informative(heard.fingerprint) and not _ours(wiring, path)
    one = Print(key=key_of(path), raw=heard.fingerprint if usable else b"", seconds=heard.duration)
    place = EAGLES.fullmatch(path.as_posix())
    note = {**prints.as_note(one), "path": str(path), "size": state.st_size, "mtime_ns": state.st_mtime_ns}
    wiring.store.keep_memo(prints.FILES, one.key, {**note, **(place.groupdict() if place else {})})
    if usable:
        _register(wiring).put(one)
    else:
        _register(wiring).forget(one.key)
    return usable


def forget_vanished(wiring: Wiring, folders: Iterable[Path]) -> int:
    """Forget the indexed files in these folders that are gone, or are other files now; gives how many.

    What lies elsewhere is not looked at: it may be on a volume that is unplugged.
    """
    roots = [folder.absolute() for folder in folders if folder.is_dir()]
    here = (note for note in wiring.store.memos(prints.FILES) if any(Path(note["path"]).is_relative_to(root) for root in roots))
    gone = [str(note["key"]) for note in here if not _unchanged(note)]
    for key in gone:
        _forget(wiring, key)
    return len(gone)


def known(wiring: Wiring, keys: Iterable[str]) -> Iterator[Indexed]:
    """The indexed files of these keys that are still what they were; the others are forgotten."""
    for key in keys:
        note = wiring.store.memo(prints.FILES, key)
        if note is None or not _unchanged(note):
            log.info("an indexed file has vanished or changed", action="file-forgotten", file=key)
            _forget(wiring, key)
            continue
        place = {name: str(note.get(name, "")) for name in ("library", "item")}
        yield Indexed(key=key, path=Path(note["path"]), seconds=float(note["seconds"]), **place)


def take(job: Job, original: Kept, files: Iterable[Indexed]) -> Kept:
    """The best source of the recording: the original, or a copy of a local file, which takes its place."""
    for file in files:
        if not _made_by_us(job, file.path) and _better(file.path, original.path):
            job.check()
            original = _replace(job, original, file)
    return original


def eagle_items(files: Iterable[Indexed]) -> list[dict[str, str]]:
    """The items of Eagle's among these files."""
    return [{"library": file.library, "item": file.item} for file in files if file.item]


def _replace(job: Job, original: Kept, file: Indexed) -> Kept:
    store, key = job.wiring.store, job.hint.key
    digest = digest_of(file.path)
    target = store.folder("originals", key) / f"original.{digest[:8]}{file.path.suffix}"
    copy(file.path, target)
    kept = store.seal("originals", key, target, {**_lasting(original.facts), "provider": "local file", "file": str(file.path)})
    if original.path != target:
        original.path.unlink(missing_ok=True)
    log.info("a local file is the better source", action="better", key=key, file=str(file.path))
    return kept


def _lasting(facts: dict[str, Any]) -> dict[str, Any]:
    """What is still true of a track's original when its audio is another file's."""
    return {name: value for name, value in facts.items() if name not in ("codec", "bitrate", "upload")}


def _better(new: Path, old: Path) -> bool:
    try:
        return quality.better(quality.probe(new), quality.probe(old))
    except MediaError as error:
        log.warning("a local file could not be compared: it is left alone", action="not-compared", reason=str(error))
        return False


def _made_by_us(job: Job, path: Path) -> bool:
    """Whether a file is a copy of this track's own master that lies elsewhere (in Eagle, on a stick), by its tags."""
    try:
        source = tags.read(path).source_url
    except MediaError:
        return False  # a kind of file that we do not tag
    return bool(source) and source == job.item.track.url


def _ours(wiring: Wiring, path: Path) -> bool:
    settings = wiring.settings
    rooms = (settings.media_root, settings.out_dir, settings.backup_dir, settings.wav_backup_dir, settings.render_dir)
    return any(path.is_relative_to(room.absolute()) for room in rooms if room is not None)


def _unchanged(note: dict[str, Any]) -> bool:
    try:
        state = Path(note["path"]).stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (note["size"], note["mtime_ns"])


def _forget(wiring: Wiring, key: str) -> None:
    _register(wiring).forget(key)
    wiring.store.drop_memo(prints.FILES, key)


def _register(wiring: Wiring) -> Fingerprints:
    return Fingerprints(wiring.redis, lambda: prints.kept(wiring.store))
