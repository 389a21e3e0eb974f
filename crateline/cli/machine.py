"""The doctor's checks of this machine: programs, folders, disks."""

import os
import platform
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from crateline import shelves
from crateline.audio import ffmpeg
from crateline.cli.checkup import Check, Row
from crateline.durable.store import Store
from crateline.settings import Settings

GIB = 1 << 30
PYTHON = (3, 11)
PROBE_S = 60.0
JS_RUNTIMES = ("deno", "node")


def checks(settings: Settings) -> Sequence[tuple[str, Check]]:
    """Every check of this machine, by name."""
    return (
        ("Python", python),
        ("ffmpeg", sound),
        ("essentia", listening),
        ("JavaScript", javascript),
        ("Folders", lambda: folders(settings)),
        ("Hard links", lambda: hard_links(settings)),
        ("Disk", lambda: disk(settings)),
        ("Backups", lambda: backups(settings)),
    )


def python() -> Iterator[Row]:
    """Whether this Python is new enough."""
    version = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    well = sys.version_info >= PYTHON
    yield Row(name="Python", state="ok" if well else "fail", detail=version, remedy="Python 3.11 or newer is needed")


def sound() -> Iterator[Row]:
    """Whether ffmpeg is there and runs."""
    program = ffmpeg.executable()
    ran = subprocess.run([program, "-hide_banner", "-version"], capture_output=True, text=True, timeout=PROBE_S, check=False)
    state, words = ("ok", ran.stdout.partition("\n")[0]) if ran.returncode == 0 else ("fail", ran.stderr.strip()[-200:])
    yield Row(
        name="ffmpeg", state="ok" if state == "ok" else "fail", detail=f"{words} ({program})", remedy="Reinstall imageio-ffmpeg"
    )


def listening() -> Iterator[Row]:
    """Whether essentia can be loaded: in a process of its own, since it can crash."""
    ran = subprocess.run(
        [sys.executable, "-c", "import essentia, essentia.standard; print(essentia.__version__)"],
        capture_output=True,
        text=True,
        timeout=PROBE_S,
        check=False,
    )
    if ran.returncode == 0:
        yield Row(name="essentia", state="ok", detail=ran.stdout.strip())
    else:
        last = (ran.stderr.strip() or f"exit code {ran.returncode}").splitlines()[-1]
        yield Row(name="essentia", state="fail", detail=last, remedy="Nothing can be analysed: reinstall crateline")


def javascript() -> Iterator[Row]:
    """Whether YouTube's scripts can be run: without that, many of its formats cannot be had."""
    import yt_dlp  # noqa: PLC0415  # slow to load, and no other check of this machine wants it

    known = yt_dlp.globals.supported_js_runtimes.value
    found = [info for name in JS_RUNTIMES if (info := known[name]().info) is not None]
    for info in found:
        if info.supported:
            yield Row(name="JavaScript", state="ok", detail=f"{info.name} {info.version}, for YouTube")
            return
    seen = ", ".join(f"{info.name} {info.version} is too old" for info in found)
    node = known["node"].MIN_SUPPORTED_VERSION[0]
    yield Row(
        name="JavaScript",
        state="warn",
        detail=seen or "neither deno nor node is on PATH",
        remedy=f"YouTube may offer little or nothing: install deno (deno.com), or node {node} or newer",
    )


def folders(settings: Settings) -> Iterator[Row]:
    """Whether our folders can be written."""
    for name, folder in (("OUT_DIR", settings.out_dir), ("MEDIA_ROOT", settings.media_root), ("STATE_DIR", settings.state_dir)):
        place = folder.absolute()
        try:
            _write(place).unlink()
        except OSError as error:
            yield Row(name=name, state="fail", detail=f"{place}: {error.strerror}", remedy=f"Make it writable, or set {name}")
        else:
            yield Row(name=name, state="ok", detail=str(place))


def hard_links(settings: Settings) -> Iterator[Row]:
    """Whether a file in MEDIA_ROOT can be linked into OUT_DIR, so that it is stored once."""
    source = _write(settings.media_root.absolute())
    target = settings.out_dir.absolute() / source.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)
    except OSError as error:
        yield Row(
            name="Hard links",
            state="warn",
            detail=f"from MEDIA_ROOT to OUT_DIR: {error.strerror}; files are copied",
            remedy="Put both on one disk to store every file once",
        )
    else:
        target.unlink()
        yield Row(name="Hard links", state="ok", detail="from MEDIA_ROOT to OUT_DIR")
    finally:
        source.unlink()


def _write(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / f".crateline-doctor-{uuid.uuid4().hex}"
    probe.write_bytes(b"")
    return probe


def disk(settings: Settings) -> Iterator[Row]:
    """Whether there is room where the files go."""
    root = settings.media_root.absolute()
    place = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(place).free / GIB
    least = settings.minimum_free_gib
    yield Row(
        name="Disk",
        state="ok" if free >= least else "fail",
        detail=f"{free:.1f} GiB free where MEDIA_ROOT is; {least:g} GiB must stay free",
        remedy="Free some space, or set MEDIA_ROOT to another disk",
    )


def backups(settings: Settings) -> Iterator[Row]:
    """Whether the volumes that get copies are there, and what is owed to them. It is made when they are back."""
    owing = shelves.copies(settings, Store(settings.media_root), lambda _: nullcontext(enter_result=False)).owing()
    for volume in owing:
        owed = f"copies of {volume.tracks} tracks are owed" if volume.tracks else ""
        well = not volume.why and not volume.tracks
        yield Row(
            name=volume.name,
            state="ok" if well else "warn",
            detail="; ".join(filter(None, (volume.why or volume.folder, owed))),
            remedy="Mount the volume, or make the folder" if volume.why else "They are made while `crateline up` runs",
        )
    if (settings.render_dir is None) != (settings.loudness_target is None):
        detail = "RENDER_DIR and LOUDNESS_TARGET are of use only together: nothing is rendered"
        yield Row(name="Rendering", state="warn", detail=detail, remedy="Set both, or neither")
    if not owing:
        yield Row(name="Backups", state="ok", detail="none are set (BACKUP_DIR, WAV_BACKUP_DIR)")
