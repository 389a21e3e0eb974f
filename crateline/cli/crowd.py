"""Listening to many files at once: as many analysers as the machine has cores, and answers in the order in which they come."""

import os
import queue
import stat
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from crateline.audio.analyser import Analyser
from crateline.audio.analysis import Analysis
from crateline.durable.store import Store, digest_of
from crateline.errors import Interrupted, MediaError, ServiceError
from crateline.settings import Settings
from tasks import hearing

Answer = tuple[Path, Analysis | str]
"""A file, and what was heard of it or, in a sentence, why nothing was."""


class Crowd:
    """Hears files with one analyser per thread. `unkept` says why the last analysis that could not be kept was not."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.unkept = ""
        self._settings = settings
        self._store = store
        self._stopping = threading.Event()
        self._waiting: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()

    def hear(self, paths: Sequence[Path]) -> Iterator[Answer]:
        """Give an answer for each file. What costs one file its answer costs no other.

        Raises ConfigurationError if the analyser cannot work at all. However it ends, no analyser is left running.
        """
        for path in paths:
            self._waiting.put(path)
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(min(os.cpu_count() or 1, len(paths)))]
        for thread in threads:
            thread.start()
        try:
            for _ in paths:
                answer = self._answers.get()
                if isinstance(answer, Exception):
                    raise answer
                yield answer
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join()

    def _work(self) -> None:
        settings = self._settings
        with Analyser(
            time_limit=settings.analysis_time_limit,
            memory_mib=settings.analysis_memory_mib,
            bpm_lowest=settings.bpm_lowest,
        ) as analyser:
            while not self._stopping.is_set():
                try:
                    path = self._waiting.get_nowait()
                    self._answers.put((path, self._heard(analyser, path)))
                except (queue.Empty, Interrupted):
                    return
                except Exception as error:  # noqa: BLE001  # it ends the command, from the thread that people see
                    self._answers.put(error)
                    return

    def _heard(self, analyser: Analyser, path: Path) -> Analysis | str:
        try:
            about = path.stat()
            if not stat.S_ISREG(about.st_mode):
                return "This is neither a file nor a folder"  # a pipe would be waited for
            if not about.st_size:
                return "The file is empty"
            digest = digest_of(path)
            if (known := hearing.kept(self._store, digest)) is not None:
                return known
            heard = analyser.analyse(path, cancelled=self._stopping.is_set)
        except MediaError as error:
            return error.detail
        except OSError as error:
            return error.strerror or str(error)  # the file is named beside it
        except ServiceError as error:
            return str(error)
        self._keep(digest, heard)
        return heard

    def _keep(self, digest: str, heard: Analysis) -> None:
        try:
            hearing.keep(self._store, digest, heard)
        except OSError as error:  # the answer is there all the same
            self.unkept = str(error)
