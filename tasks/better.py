"""The better source: of two files of one recording the better one becomes the track's original, without a second download."""

import structlog

from crateline.audio import quality
from crateline.durable import locks
from crateline.durable.item import Item
from crateline.durable.store import Kept, link
from crateline.errors import MediaError
from crateline.messages import Station
from crateline.wiring import Wiring
from tasks.filing import KIND as MASTERS

WAIT_S = 120.0
"""Comparing two files takes seconds; whoever else does so for the same track is waited for."""

log = structlog.get_logger("crateline.better")


def offer(wiring: Wiring, main: Item, original: Kept, *, source: str) -> bool:
    """Put another upload's original in the place of the main track's, if it is better; whether it is done anew for it.

    The track keeps its key, its page and its playlists; its master is made again and takes the old one's names.
    """
    store, key = wiring.store, main.key
    with locks.alone(wiring.redis, f"original:{key}", wait_s=WAIT_S):
        present = store.kept("originals", key)
        if present is None or (present.digest != original.digest and _better(original, present)):
            facts = {**original.facts, "upload": source}
            target = store.folder("originals", key) / f"original.{original.digest[:8]}{original.path.suffix}"
            link(original.path, target)
            kept = store.seal("originals", key, target, facts)
            if present is not None and present.path != kept.path:
                present.path.unlink(missing_ok=True)
            present = kept
            log.info("a better source of the same recording", action="better", key=key, source=source)
        made = store.kept(MASTERS, key)
        outdated = made is None or made.facts.get("original") != present.digest
    if outdated and not main.verdict:  # else it is filed anew when it goes on
        wiring.rework.repeat([main], (Station.ANALYZE, Station.EAGLE))
    return outdated


def _better(new: Kept, old: Kept) -> bool:
    try:
        return quality.better(quality.probe(new.path), quality.probe(old.path))
    except MediaError as error:
        log.warning("two sources could not be compared: the first one stays", action="not-compared", reason=str(error))
        return False
