"""The fingerprints that MEDIA_ROOT remembers: of tracks, with the instant that says who came first, and of local files."""

import base64
from collections.abc import Iterator
from typing import Any

from crateline.durable.fingerprints import Print, Standing
from crateline.durable.store import Store

KIND = "prints"
FILES = "files"
"""The kinds of memo that remember tracks, and local files."""


def kept(store: Store) -> Iterator[Print]:
    """Every print that is remembered."""
    for kind in (KIND, FILES):
        for note in store.memos(kind):
            if note.get("raw"):
                yield _read(note)


def remember(store: Store, mine: Print, first: Standing) -> None:
    """Note what registering `mine` has changed."""
    if first.key == mine.key:
        note = {**as_note(mine), "at": first.at}
        if store.memo(KIND, mine.key) != note:
            store.keep_memo(KIND, mine.key, note)
    elif first.made:
        store.drop_memo(KIND, mine.key)
    for other in first.gone:
        store.drop_memo(KIND, other)


def as_note(one: Print) -> dict[str, Any]:
    """A print as plain values."""
    return {"key": one.key, "raw": base64.b64encode(one.raw).decode(), "seconds": one.seconds}


def _read(note: dict[str, Any]) -> Print:
    raw = base64.b64decode(note["raw"])
    return Print(key=str(note["key"]), raw=raw, seconds=float(note["seconds"]), at=float(note.get("at", 0.0)))
