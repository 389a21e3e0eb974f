"""Real music whose tempo is known exactly: the demo songs that come with LMMS, rendered without a screen.

The tempo stands in the head of the project. A song whose project automates its tempo has no single one and is left out.
"""

import os
import re
import shutil
import subprocess
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sound

PROJECTS = Path("/usr/share/lmms/projects")
FOLDERS = ("demos", "shorties")
HOW_TO_GET = "LMMS is not installed: the bench goes on with generated music only (Debian: apt-get install lmms lmms-common)"
LIMIT_S = 900
AT_A_TIME = 2

_HEAD = re.compile(r"<head\b[^>]*?(?:/>|>.*?</head>)", re.DOTALL)
_BPM = re.compile(r'<head\b[^>]*\bbpm="(\d+)"')
_AUTOMATED = re.compile(r"<bpm\b")


def installed():
    return shutil.which("lmms") is not None and PROJECTS.is_dir()


def projects():
    found = (path for folder in FOLDERS for path in (PROJECTS / folder).rglob("*.mmp*"))
    return sorted(found, key=lambda path: path.stem)


def tempo(project):
    """The project's beats per minute; None if they are automated."""
    data = project.read_bytes()
    xml = (zlib.decompress(data[4:]) if project.suffix == ".mmpz" else data).decode("utf-8", "replace")
    head = _HEAD.search(xml)
    if head is None or _AUTOMATED.search(head[0]):
        return None
    written = _BPM.search(head[0])
    return int(written[1]) if written else None


def songs(folder, say):
    """(name, FLAC file, tempo) of every song, rendered where it is not in `folder` yet."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {project: bpm for project in projects() if (bpm := tempo(project))}
    with ThreadPoolExecutor(AT_A_TIME) as hands:
        files = list(hands.map(lambda project: rendered(project, folder, say), known))
    return [(path.stem, path, bpm) for path, bpm in zip(files, known.values(), strict=True) if path]


def rendered(project, folder, say):
    target = folder / f"{project.stem}.flac"
    if target.exists():
        return target
    say(f"rendering {project.stem}")
    wav = folder / f".{project.stem}.wav"
    command = ["lmms", "--allowroot", "render", str(project), "-o", str(wav), "-f", "wav"]
    quiet = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    try:
        subprocess.run(command, env=quiet, timeout=LIMIT_S, check=True, capture_output=True)
        sound.encode(wav, target)
    except (subprocess.SubprocessError, OSError) as error:
        say(f"{project.stem} was not rendered: {error}")
        return None
    finally:
        wav.unlink(missing_ok=True)
    return target
