"""Hearing a file once: its analysis is kept by the file's digest and the analyser's version, for the line and the console."""

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from crateline.audio.analyser import Analyser
from crateline.audio.analysis import RECIPE, Analysis
from crateline.durable.store import Store

KIND = "analyses"
"""The kind of memo that keeps them."""

ESSENTIA = metadata.version("essentia")

ANALYSER = f"crateline {RECIPE}, essentia {ESSENTIA}"
"""What the analyses say made them (`Analysis.analyser`), if they are of today's."""


def kept(store: Store, digest: str) -> Analysis | None:
    """The analysis of the file with this SHA-256, if it was heard by today's analyser."""
    return Analysis.kept(store.memo(KIND, _name(digest)))


def hear(store: Store, analyser: Analyser, path: Path, digest: str, *, cancelled: Callable[[], bool]) -> Analysis:
    """The analysis of a file: the one that is kept, else a new one, which is kept. Raises what `Analyser.analyse` raises."""
    if (known := kept(store, digest)) is not None:
        return known
    heard = analyser.analyse(path, cancelled=cancelled)
    store.keep_memo(KIND, _name(digest), heard.to_json())
    return heard


def _name(digest: str) -> str:
    return f"{digest}-{RECIPE}-{ESSENTIA}"
