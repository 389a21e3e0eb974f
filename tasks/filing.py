"""Filing: the tagged master of a track, and its links under the folders of its playlists."""

import shutil
from pathlib import Path

import structlog

from crateline.audio import convert, tags
from crateline.audio.analysis import Analysis
from crateline.domain import naming
from crateline.durable.store import Kept, link
from tasks.station import Job

log = structlog.get_logger("crateline.filing")

UNASSIGNED = "Unassigned"


def words(job: Job, heard: Analysis) -> tags.Tags:
    """The tags of a track's files."""
    track = job.item.track
    return tags.Tags(
        title=track.title,
        artist=track.artist,
        album=track.album,
        genre=track.genre,
        bpm=heard.bpm,
        key=heard.key,
        camelot=heard.camelot,
        comment=heard.camelot or "",
        isrc=track.isrc,
        source_url=track.url,
        lufs=heard.lufs,
        true_peak=heard.true_peak,
        key_notation=job.wiring.settings.key_notation,
    )


def master(job: Job, original: Kept, heard: Analysis) -> Path:
    """The track's ALAC master, made and tagged once for its original and its analysis."""
    store, key = job.wiring.store, job.hint.key
    made_of = {"original": original.digest, "analyser": heard.analyser, "tags": repr(words(job, heard))}
    kept = store.kept("masters", key)
    if kept is not None and kept.facts == made_of:
        return kept.path
    track = job.item.track
    target = store.folder("masters", key) / f"{naming.file_stem(track.artist, track.title, key=key)}.m4a"
    convert.to_alac(original.path, target, time_limit=job.wiring.settings.analysis_time_limit)
    tags.write(target, words(job, heard), None)
    job.check()
    return store.seal("masters", key, target, made_of).path


def folders(job: Job) -> list[str]:
    """The playlists' names as folders; "Unassigned" only for a track that no playlist holds."""
    names = [
        str(item.card.get("name", ""))
        for item in job.wiring.register.items(job.item.playlists)
        if not item.key.startswith("single:")
    ]
    return list(dict.fromkeys(map(naming.folder_name, names))) or [UNASSIGNED]


def place(job: Job, made: Path) -> list[str]:
    """Link the master under every playlist's folder, and copy it to the backup folder; gives the paths."""
    placed = []
    for folder in folders(job):
        target = _free_name(job, job.wiring.settings.out_dir.absolute() / folder)
        link(made, target)
        placed.append(str(target))
        _back_up(job, made, Path(folder) / target.name)
    return placed


def _free_name(job: Job, folder: Path) -> Path:
    track, key = job.item.track, job.hint.key
    stem = naming.file_stem(track.artist, track.title, key=key)
    plain = folder / f"{stem}.m4a"
    unique = folder / f"{naming.unique(stem, key)}.m4a"
    if plain.exists() and not job.wiring.store.named(plain):
        return unique  # a file that is not of our making: it stays
    return plain if job.wiring.store.own_name(plain, key) else unique


def _back_up(job: Job, made: Path, name: Path) -> None:
    """Copy to BACKUP_DIR. A volume that is not there is skipped with a warning: the track does not wait for it."""
    backup = job.wiring.settings.backup_dir
    if backup is None:
        return
    if not backup.is_dir():
        log.warning("BACKUP_DIR is not mounted: copy skipped", action="backup-skipped", key=job.hint.key, folder=str(backup))
        return
    target = backup / name
    if target.exists() and _as_new(target, made):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(made, part)
    part.replace(target)


def _as_new(copy: Path, made: Path) -> bool:
    """Whether a copy was made of this very file: one with other tags may have the same size, and is newer."""
    mine, its = copy.stat(), made.stat()
    return mine.st_size == its.st_size and mine.st_mtime >= its.st_mtime
