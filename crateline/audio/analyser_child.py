"""The child of `analyser`: reads one request per line, answers in lines, and never outlives its parent.

    python -m crateline.audio.analyser_child PARENT_PID MEMORY_MIB IDLE_S

The first line says that it is ready. Then, for {"path", "bpm_lowest"}: {"taken": path}, and {"analysis": {…}} or
{"error": [detail, path]}, or {"killed": detail} if its ffmpeg was ended by somebody else. It ends when it has had nothing to do
for IDLE_S seconds: what it has loaded is 150 MB of memory, and a second's work to load again.
"""

import contextlib
import ctypes
import json
import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from crateline.audio import analysis, ear, ffmpeg
from crateline.errors import MediaError, Unavailable

_PR_SET_PDEATHSIG = 1
_MIB = 1 << 20
_NO_ROOM = ("bad_alloc", "can't start new thread")


def main(parent: int, memory_mib: int, idle_s: float) -> None:
    """Serve until standard input ends, or nothing has come for `idle_s` seconds."""
    _die_with(parent)
    answers = _take_stdout()
    ffmpeg.executable()
    _say(answers, {"ready": ear.VERSION})
    for request in _requests(idle_s):
        _say(answers, {"taken": request["path"]})
        _say(answers, _answer(Path(request["path"]), request["bpm_lowest"], memory_mib))


def _answer(path: Path, bpm_lowest: float, memory_mib: int) -> dict[str, Any]:
    try:
        with _memory(memory_mib):
            return {"analysis": analysis.analyse(path, bpm_lowest=bpm_lowest).to_json()}
    except MediaError as error:
        return {"error": [error.detail, error.path]}
    except Unavailable as error:
        return {"killed": error.detail}
    except (MemoryError, RuntimeError) as error:  # the latter is essentia's only exception, and that of a thread without room
        if isinstance(error, MemoryError) or any(word in str(error) for word in _NO_ROOM):
            return {"error": ["The analysis needs more memory than ANALYSIS_MEMORY_MIB allows", str(path)]}
        return {"error": [f"The analysis failed ({error})", str(path)]}


def _die_with(parent: int) -> None:
    """Have Linux kill this process when its parent dies, be it by SIGKILL; elsewhere the end of standard input has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(0)


def _take_stdout() -> IO[str]:
    """Keep standard output for answers; whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    return answers


@contextlib.contextmanager
def _memory(mib: int) -> Iterator[None]:
    """Limit what may be allocated from here on, so that a monster of a file ends this process and not the machine.

    The limit is on the address space, so it is counted from what libraries have mapped already (half a gigabyte). An ffmpeg
    that is started meanwhile inherits it. macOS has no such limit.
    """
    if sys.platform != "linux":
        yield
        return
    mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = mapped + mib * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _requests(idle_s: float) -> Iterator[dict[str, Any]]:
    """Give the requests as they come. A thread reads ahead, so that the parent's end is noticed in the midst of work."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=idle_s)
        except queue.Empty:
            os._exit(0)  # not by returning: a thread still waits for what will never come
        yield json.loads(line)


def _read(lines: "queue.SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


def _say(answers: IO[str], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
