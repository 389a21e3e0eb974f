"""A warm child process that listens, so that a crash or an endless loop in foreign code costs one track and not a worker."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from crateline.audio import ffmpeg
from crateline.audio.analysis import Analysis
from crateline.errors import ConfigurationError, Interrupted, MediaError, Unavailable

_CHILD = "crateline.audio.analyser_child"
_LOOK_EVERY = 0.1  # seconds between two looks at `cancelled`
_START_LIMIT = 60.0  # seconds for Python, numpy and essentia on a cold and busy disk
_READ_BYTES = 1 << 16
_HAND_OVERS = 2
_DYING_LIMIT = 10.0  # seconds between closing its pipe and being dead (a core dump may be written)
IDLE_S = 300.0
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # else numpy reserves memory for every core

Cancelled = Callable[[], bool]


class Analyser:
    """Analyses one file at a time in its own child process, started when first needed and again whenever it has died.

    time_limit: seconds for one file. memory_mib: what listening may take of memory (Linux only). bpm_lowest: see `analyse`.
    idle_s: seconds without a file after which the child ends.
    Belongs to one thread; on Linux the child is killed when the thread that started it ends.
    """

    def __init__(self, *, time_limit: int, memory_mib: int, bpm_lowest: float, idle_s: float = IDLE_S) -> None:
        self._time_limit = time_limit
        self._memory_mib = memory_mib
        self._bpm_lowest = bpm_lowest
        self._idle_s = idle_s
        self._child: subprocess.Popen[bytes] | None = None
        self._unread = b""

    def analyse(self, path: Path, *, cancelled: Cancelled = lambda: False) -> Analysis:
        """Analyse `path`, asking `cancelled` ten times a second.

        Raises MediaError if the file is not a whole recording, takes too long, or brings the child down; Interrupted when
        cancelled; Unavailable if somebody killed the child; ConfigurationError if it cannot be started at all.
        """
        try:
            child = self._hand_over(path, cancelled)
            answer = self._answer(child, self._time_limit, cancelled)
        except TimeoutError:
            raise MediaError(f"The analysis was stopped: it took longer than {self._time_limit} s", str(path)) from None
        except _Died as death:
            _blame_the_killer(death)
            raise MediaError(f"The analysis brought its process down ({death})", str(path)) from None
        if "killed" in answer:
            raise Unavailable(ffmpeg.MACHINE, answer["killed"])
        if "error" in answer:
            raise MediaError(*answer["error"])
        return Analysis.from_json(answer["analysis"])

    def close(self) -> None:
        """End the child; the next `analyse` starts another."""
        child, self._child, self._unread = self._child, None, b""
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # its ffmpeg too
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hand_over(self, path: Path, cancelled: Cancelled) -> subprocess.Popen[bytes]:
        """Have a child take the file on. One that died while it had nothing to do is replaced: no file is blamed for that."""
        request = json.dumps({"path": os.fspath(path.absolute()), "bpm_lowest": self._bpm_lowest}).encode() + b"\n"
        for _ in range(_HAND_OVERS):
            child = self._ready(cancelled)
            try:
                _send(child, request)
                self._answer(child, self._time_limit, cancelled)
            except _Died as death:
                last = death
            else:
                return child
        _blame_the_killer(last)
        raise ConfigurationError("The analyser starts and dies before it takes on a file: see its own message")

    def _ready(self, cancelled: Cancelled) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close()
        child = self._child = subprocess.Popen(
            [sys.executable, "-m", _CHILD, str(os.getpid()), str(self._memory_mib), str(self._idle_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, **_ONE_THREAD},
            start_new_session=True,  # a group of its own to kill, and no Ctrl-C meant for the worker
        )
        try:
            self._answer(child, _START_LIMIT, cancelled)
        except (TimeoutError, _Died) as error:
            _blame_the_killer(error)
            raise ConfigurationError(f"The analyser does not start ({error or 'too slow'}): see its own message") from None
        return child

    def _answer(self, child: subprocess.Popen[bytes], limit: float, cancelled: Cancelled) -> dict[str, Any]:
        """Wait for one line. On any other way out the child is gone."""
        try:
            line = self._line(child, time.monotonic() + limit, cancelled)
        except EOFError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_DYING_LIMIT)  # so that its own signal is seen, and not ours
            self.close()
            raise _Died(_cause(child.returncode)) from None
        except BaseException:
            self.close()
            raise
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _line(self, child: subprocess.Popen[bytes], deadline: float, cancelled: Cancelled) -> bytes:
        if child.stdout is None:
            raise EOFError
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if cancelled():
                    raise Interrupted("The worker is stopping; the analysis will be done again")
                if time.monotonic() > deadline:
                    raise TimeoutError
                if selector.select(_LOOK_EVERY):
                    self._read(child.stdout.fileno())
        line, self._unread = self._unread.split(b"\n", 1)
        return line

    def _read(self, descriptor: int) -> None:
        chunk = os.read(descriptor, _READ_BYTES)
        if not chunk:
            raise EOFError
        self._unread += chunk


class _Died(Exception):
    """The child's end of the pipe is closed. The argument says how it died."""


def _blame_the_killer(death: Exception) -> None:
    """Raise Unavailable if the child was ended from outside: that says nothing of the file, nor of the settings."""
    if str(death) == signal.SIGKILL.name:
        raise Unavailable(ffmpeg.MACHINE, "the analysing process was killed") from None


def _send(child: subprocess.Popen[bytes], request: bytes) -> None:
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):  # it has just died, as waiting for its answer will show
            child.stdin.write(request)


def _cause(code: int | None) -> str:
    return f"exit code {code}" if code is None or code >= 0 else signal.Signals(-code).name
