"""Hearing a file once: its analysis is kept by the file's digest and the analyser's version, for the line and the console."""

from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from crateline.audio.analyser import Analyser
from crateline.audio.analysis import RECIPE, Analysis
from crateline.durable.store import Store

KIND = "analyses"
"""The kind of memo that keeps them."""

ESSENTIA = metadata.version("essentia")

ANALYSER = f"crateline {RECIPE}, essentia {ESSENTIA}"
"""What today's analyses say made them (`Analysis.analyser`)."""


def hear(store: Store, analyser: Analyser, path: Path, digest: str, *, cancelled: Callable[[], bool]) -> Analysis:
    """The analysis of a file: the one that is kept, else a new one, which is kept. Raises what `Analyser.analyse` raises."""
    if (known := kept(store, digest)) is not None:
        return known
    heard = analyser.analyse(path, cancelled=cancelled)
    keep(store, digest, heard)
    return heard


def kept(store: Store, digest: str) -> Analysis | None:
    """The analysis of the file with this SHA-256, if today's analyser has heard it."""
    return Analysis.kept(store.memo(KIND, _name(digest)))


def keep(store: Store, digest: str, heard: Analysis) -> None:
    """Keep what was heard of the file with this SHA-256."""
    store.keep_memo(KIND, _name(digest), heard.to_json())


def all_kept(store: Store) -> Iterator[Analysis]:
    """Every analysis by today's analyser, each recording once, however many files hold it."""
    seen: set[str] = set()
    for note in store.memos(KIND):
        heard = Analysis.kept(note) if note.get("analyser") == ANALYSER else None
        if heard is not None and heard.audio_hash not in seen:
            seen.add(heard.audio_hash)
            yield heard


def _name(digest: str) -> str:
    return f"{digest}-{RECIPE}-{ESSENTIA}"
