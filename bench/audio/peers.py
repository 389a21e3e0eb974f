"""The programs side by side, each in a warm process of its own, and which Python runs which."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from crateline.audio import ffmpeg

SCRIPT = Path(__file__).with_name("listeners.py")
NAMES = ("crateline", "naive", "shared", "librosa", "aubio")
NEEDS = {"naive": "essentia", "shared": "essentia", "librosa": "librosa", "aubio": "aubio"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
ROOT = Path(__file__).parents[2]


class Peer:
    """One program, started when it is made."""

    def __init__(self, name, python):
        self.name = name
        environment = {**os.environ, **ONE_THREAD, "FFMPEG": ffmpeg.executable()}
        self._process = subprocess.Popen(
            [python, str(SCRIPT), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=ROOT,
            text=True,
        )
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{name} does not start with {python}")

    def hear(self, path):
        """The program's answer about a file."""
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"error": "its process has died"}

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def start(pythons, names=NAMES):
    return [Peer(name, pythons[name]) for name in names if name in pythons]


def pythons(environment, say):
    """Which Python has which program: ours for us, the bench's own for the others, Debian's for an aubio that was not built."""
    found = {"crateline": sys.executable}
    candidates = [str(environment / "bin" / "python"), shutil.which("python3", path="/usr/bin")]
    for name, module in NEEDS.items():
        able = next((python for python in candidates if python and _has(python, module)), None)
        if able is None:
            say(f"{name} is left out: no Python here can load {module}" + _advice(module))
        else:
            found[name] = able
    return found


def _has(python, module):
    wanted = f"import {module}"
    return subprocess.run([python, "-c", wanted], capture_output=True, check=False).returncode == 0


def _advice(module):
    return " (Debian: apt-get install python3-aubio)" if module == "aubio" else " (`make bench-audio` installs it)"
