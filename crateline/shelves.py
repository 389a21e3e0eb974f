"""Where files go by the settings: the music folder, and the volumes that get copies."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from crateline.audio import convert, editions, render, tags
from crateline.durable import store as room
from crateline.durable.copies import Copies, Volume
from crateline.durable.shelf import Shelf
from crateline.durable.store import Store
from crateline.durable.volumes import Place
from crateline.settings import Settings

RENDERED = "rendered"
"""The kind of memo that knows rendered copies by their sound, should one come back without its tags."""


def music(settings: Settings, store: Store) -> Shelf:
    """OUT_DIR: links to the store, where the disk has them."""
    return Shelf(store, "OUT_DIR", settings.out_dir, put=room.link, sound=convert.sound)


def copies(settings: Settings, store: Store, alone: Callable[[str], AbstractContextManager[bool]]) -> Copies:
    """The volumes that get copies: BACKUP_DIR, WAV_BACKUP_DIR and, for another loudness, RENDER_DIR."""
    return Copies(store, volumes(settings, store), sound=convert.sound, alone=alone)


def volumes(settings: Settings, store: Store) -> list[Volume]:
    """Every volume that is set. RENDER_DIR gets nothing without a LOUDNESS_TARGET."""
    limit, found = settings.analysis_time_limit, []
    if settings.backup_dir is not None:
        found.append(Volume(place=_place("BACKUP_DIR", settings.backup_dir)))
    if settings.wav_backup_dir is not None:
        make: Callable[[Path, Path], None] = partial(editions.make, "wav", time_limit=limit)
        place = _place("WAV_BACKUP_DIR", settings.wav_backup_dir)
        found.append(Volume(place=place, suffix=".wav", make=make, recipe=f"wav {editions.RECIPE}"))
    if settings.render_dir is not None and (target := settings.loudness_target) is not None:
        make = partial(_render, store=store, target=target, time_limit=limit)
        recipe = f"{target:g} LUFS {render.RECIPE}"
        found.append(Volume(place=_place("RENDER_DIR", settings.render_dir), make=make, recipe=recipe))
    return found


def _place(name: str, folder: Path) -> Place:
    return Place(name=name, root=folder.absolute())


def _render(master: Path, copy: Path, *, store: Store, target: float, time_limit: float) -> None:
    render.render(master, copy, target=target, time_limit=time_limit)
    store.keep_memo(RENDERED, convert.sound(copy), {"how": tags.read(copy).rendered})
