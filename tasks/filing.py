"""Filing: the tagged master of a track, its other forms, and its names under the folders of its playlists."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from crateline import shelves
from crateline.audio import convert, editions, tags
from crateline.audio.analysis import Analysis
from crateline.audio.replacement import replacing
from crateline.domain import naming
from crateline.durable import register
from crateline.durable.shelf import Edition, Where
from crateline.durable.store import Kept, copy
from crateline.errors import MediaError
from tasks import artwork, enrichment
from tasks.station import Job

UNASSIGNED = "Unassigned"
KIND = "masters"


def words(job: Job, heard: Analysis) -> tags.Tags:
    """The tags of a track's files."""
    track = enrichment.filled(job.item)
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
    """The track's ALAC master. It is converted once for its original; other words or another cover only change its tags."""
    store, key = job.wiring.store, job.hint.key
    sound = {"original": original.digest, "recipe": convert.RECIPE}
    said, cover = words(job, heard), artwork.have(job, original)
    said = replace(said, rendered=_rendered(job, original))
    wanted = {**sound, "words": asdict(said), "cover": cover.digest if cover else ""}
    kept = store.kept(KIND, key) or _written_into(job)
    if kept is not None and {name: kept.facts.get(name) for name in wanted} == wanted:
        return kept.path
    picture = cover.path.read_bytes() if cover else None
    if kept is not None and {name: kept.facts.get(name) for name in sound} == sound:
        job.check()
        _take_over(job, kept)
        tags.write(kept.path, said, picture)
        return store.seal(KIND, key, kept.path, {**wanted, "sound": kept.facts["sound"]}).path
    track = job.item.track
    target = store.folder(KIND, key) / f"{naming.file_stem(track.artist, track.title, key=key)}.m4a"
    with replacing(target) as part:
        convert.to_alac(original.path, part, time_limit=job.wiring.settings.analysis_time_limit)
        tags.write(part, said, picture)
        job.check()
    return store.seal(KIND, key, target, {**wanted, "sound": convert.sound(target)}).path


def folders(job: Job) -> list[str]:
    """The playlists' names as folders; "Unassigned" only for a track that no playlist holds."""
    return _named(job, job.item.playlists) or [UNASSIGNED]


def _named(job: Job, playlists: Iterable[str]) -> list[str]:
    lists = job.wiring.register.items(key for key in playlists if not key.startswith("single:"))
    return list(dict.fromkeys(naming.folder_name(str(one.card.get("name", ""))) for one in lists))


def _former(job: Job) -> list[str]:
    """The folders that its playlists had under other names."""
    lists = job.wiring.register.items([*job.item.playlists, *job.item.left])
    return [naming.folder_name(name) for one in lists for name in register.former(one)]


def place(job: Job, made: Path) -> list[str]:
    """Put the master and its other forms under every playlist's folder, and copies on the volumes; gives the paths, M4A first.

    The names that the track had before are taken away. What a volume that is not there should get stays owed to it.
    """
    job.check()
    track, key, wiring = job.item.track, job.hint.key, job.wiring
    where = Where(
        key=key,
        stem=naming.file_stem(track.artist, track.title, key=key),
        folders=tuple(folders(job)),
        left=(*_named(job, job.item.left), *_former(job), UNASSIGNED),
    )
    kept = wiring.store.kept(KIND, key) or _written_into(job)
    if kept is None:
        raise MediaError("The master has vanished while it was filed", str(made))
    forms = [kept, *(_other(job, form, kept) for form in wiring.settings.extra_formats)]
    shown = [Edition(path=one.path, of=one.digest, sound=str(one.facts["sound"])) for one in forms]
    placed = wiring.music.place(where, shown)
    wiring.copies.order(where)
    wiring.copies.deliver(key)
    return [str(path) for path in placed]


def _other(job: Job, form: str, made: Kept) -> Kept:
    """The track's AIFF or WAV, made once of its master as it is now."""
    store, key = job.wiring.store, job.hint.key
    of = {"master": made.digest, "recipe": editions.RECIPE}
    kept = store.kept(form, key)
    if kept is not None and {name: kept.facts.get(name) for name in of} == of:
        return kept
    target = store.folder(form, key) / f"master.{form}"
    editions.make(form, made.path, target, time_limit=job.wiring.settings.analysis_time_limit)
    job.check()
    return store.seal(form, key, target, {**of, "sound": convert.sound(target)})


def _written_into(job: Job) -> Kept | None:
    """The master into which a DJ program has written words of its own: its sound is as it was, so it counts."""
    store, key = job.wiring.store, job.hint.key
    changed = store.changed(KIND, key)
    if changed is None or _sound(changed.path) != changed.facts.get("sound"):
        return None
    return store.seal(KIND, key, changed.path, changed.facts)


def _take_over(job: Job, kept: Kept) -> None:
    """Bring into the master what a DJ program has written into a file of its own, which it put in the place of our link."""
    written = kept.path.stat().st_mtime_ns
    for path in job.wiring.music.standing(job.hint.key):
        own = path.suffix == kept.path.suffix and path.stat().st_mtime_ns > written and not path.samefile(kept.path)
        if own and _sound(path) == kept.facts["sound"]:
            copy(path, kept.path)
            return


def _sound(path: Path) -> str:
    try:
        return convert.sound(path)
    except MediaError:
        return ""  # damaged


def _rendered(job: Job, original: Kept) -> str:
    """How the original was rendered, if it is a rendered copy of ours that has come back: known by its tags or its sound."""
    try:
        if marker := tags.read(original.path).rendered:
            return marker
    except MediaError:
        pass  # a kind of file that we do not tag
    if job.wiring.settings.render_dir is None:
        return ""
    return str((job.wiring.store.memo(shelves.RENDERED, convert.sound(original.path)) or {}).get("how", ""))
