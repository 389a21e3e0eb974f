"""The person's browser, started without a word of its own on the terminal."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence

PROGRAMS = ("open",) if sys.platform == "darwin" else ("wslview", "xdg-open")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER")
"""Without any of these there is no screen; xdg-open would then start a browser of letters in this terminal."""
PATIENCE_S = 3.0


def show(links: Sequence[str]) -> bool:
    """Open these pages; whether a browser could be started here. A program that is still at it after 3 s counts as started."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None or not (sys.platform == "darwin" or any(map(os.environ.get, SCREENS))):
        return False
    return all(_started(program, link) for link in links)


def _started(program: str, link: str) -> bool:
    silent = subprocess.DEVNULL
    process = subprocess.Popen([program, link], stdin=silent, stdout=silent, stderr=silent, start_new_session=True)
    try:
        return process.wait(PATIENCE_S) == 0
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()  # it ends with its browser; somebody has to hear of it
        return True
