"""The station that has a track's master in the Eagle library: exactly one item, with its tags and folder."""

import json
import math
from pathlib import PurePath
from typing import Any

import structlog

from crateline.app import app
from crateline.clients.eagle import Eagle, Item
from crateline.domain import causes, naming
from crateline.durable import locks
from crateline.durable.ledger import as_fields
from crateline.durable.store import Kept
from crateline.errors import NotFound, OutcomeUnknown, Rejected, ServiceStopped, Unavailable
from crateline.messages import TASKS, VERSION, Hint, Station
from tasks import filing, outcomes, station
from tasks.station import Job

INTENT = "intent:eagle"
INTENTS = "eagle"
"""The kind of memo that remembers them in the store."""
UNCLEAR_S = 30.0
"""How long an item whose adding was not confirmed may take to appear: Eagle copies after it has answered."""
COPYING_S = 90.0
"""How long the file of an item may grow. Not every Eagle tells its size; the master stays in the store in any case."""
LOOK_AGAIN_S = 1.0
FOLDER_S = 60.0
VANISHED_S = 20.0
OUTDATED = "A better source of this recording was found since; Eagle cannot be given it:"
UNREADABLE = "Let Eagle's machine see MEDIA_ROOT by the same path as the workers; the line goes on by itself"

log = structlog.get_logger("crateline.eagle")


@app.task(name=TASKS[Station.EAGLE])
def track(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have the track in Eagle."""
    del version  # one so far
    return station.run(Hint(station=Station.EAGLE, key=key, title=title), import_master, services=("eagle", "settings"))


def import_master(job: Job) -> outcomes.Outcome:
    """Find the item by its tag, else add it; sealed when the copy in the library is whole."""
    eagle = job.wiring.eagle
    if eagle is None:
        return outcomes.Sealed(fields=as_fields(Station.EAGLE, {"used": False}), bump=True)
    if not job.item.sealed(Station.ANALYZE):
        return outcomes.Later(seconds=VANISHED_S, reason="it is filed anew")
    library = eagle.library()
    job.wiring.eagle_library.insist(library.path)
    wanted = tags(job)
    found = eagle.find(own_tag(job))
    job.well("eagle")
    if found:
        return _see(job, eagle, found[0], library.path, wanted)
    waited = _since_added(job)
    if waited < UNCLEAR_S:
        return outcomes.Later(seconds=min(LOOK_AGAIN_S + waited / 4, UNCLEAR_S - waited), reason="Eagle is copying the file")
    if (item := _indexed(job, eagle, library.path)) is not None:
        return _see(job, eagle, item, library.path, wanted)
    return _add(job, eagle, wanted)


def _indexed(job: Job, eagle: Eagle, library: str) -> Item | None:
    """An item that the user has in this library of the same recording, as `crateline analyze --index` found out."""
    for one in job.item.result(Station.ANALYZE).get("eagle_items", ()):
        if PurePath(one["library"]).name == PurePath(library).name and (item := eagle.item(one["item"])) is not None:
            log.info("the library has this recording already", action="item-adopted", key=job.hint.key, item=item.id)
            return item
    return None


def _since_added(job: Job) -> float:
    """Seconds since the file was handed to Eagle; infinite if it never was."""
    sent = _sent(job)
    return abs(job.wiring.ledger.now_ms() - float(sent["at"])) / 1000 if sent else math.inf


def _sent(job: Job) -> dict[str, Any]:
    """When which file was handed to Eagle; empty if none was. MEDIA_ROOT remembers it too: Redis may forget meanwhile."""
    return json.loads(job.item.fields.get(INTENT, "null")) or job.wiring.store.memo(INTENTS, job.hint.key) or {}


def own_tag(job: Job) -> str:
    """The tag by which the track's item is known."""
    return f"crateline:{job.hint.key}"


def tags(job: Job) -> tuple[str, ...]:
    """Every tag of the item: BPM, key, playlists, source, and its own."""
    heard = job.item.result(Station.ANALYZE)
    bpm = f"{heard['bpm']:.0f} BPM" if heard.get("bpm") else ""
    source = f"source:{job.item.track.platform}"
    plain = [bpm, heard.get("key") or "", heard.get("camelot") or "", *filing.folders(job), source, own_tag(job)]
    return tuple(dict.fromkeys(tag.replace(",", " ") for tag in plain if tag))


def _add(job: Job, eagle: Eagle, wanted: tuple[str, ...]) -> outcomes.Outcome:
    master = job.wiring.store.kept("masters", job.hint.key)
    if master is None:
        job.redo(Station.ANALYZE)
        return outcomes.Later(seconds=VANISHED_S, reason="its master has vanished from MEDIA_ROOT: it is made again")
    folder = _folder(job, eagle)
    track = job.item.track
    intent = {"at": job.wiring.ledger.now_ms(), "original": master.facts.get("original", ""), "size": master.size}
    name = naming.file_stem(track.artist, track.title, key=track.key)  # as short as a file's: Eagle makes one of it
    job.check()
    job.wiring.ledger.note(job.claim, {INTENT: json.dumps(intent)})
    job.wiring.store.keep_memo(INTENTS, job.hint.key, intent)
    try:
        eagle.add(master.path, name=name, tags=wanted, folder_id=folder, website=track.url, annotation=track.key)
    except (OutcomeUnknown, Unavailable):
        return outcomes.Later(seconds=LOOK_AGAIN_S, reason="Eagle did not confirm the file: looking for it")
    except NotFound as error:
        raise ServiceStopped("eagle", f"Eagle cannot read the file ({error.detail})", UNREADABLE, causes.WORK) from None
    return outcomes.Later(seconds=LOOK_AGAIN_S / 2, reason="Eagle is copying the file")


def _folder(job: Job, eagle: Eagle) -> str:
    """The folder of the track's first playlist; none, if this Eagle has no folders for us."""
    with locks.alone(job.wiring.redis, "eagle-folders", wait_s=FOLDER_S):  # Eagle makes two of one name without a word
        try:
            return eagle.folder(filing.folders(job)[0])
        except Rejected as error:
            log.warning("Eagle gives no folder", action="folder-skipped", key=job.hint.key, reason=str(error))
            return ""


def _see(job: Job, eagle: Eagle, item: Item, library: str, wanted: tuple[str, ...]) -> outcomes.Outcome:
    master = job.wiring.store.kept("masters", job.hint.key)
    # Eagle copies what it was handed, or what lies there by then: a better source, or the same with other words.
    whole = {master.size, _sent(job).get("size", master.size)} if master else set()
    if whole and _since_added(job) < COPYING_S and eagle.file_size(item) not in whole:
        return outcomes.Later(seconds=LOOK_AGAIN_S, reason="Eagle is copying the file")
    said, before = _outdated(job, master, item), item.tags
    folders: tuple[str, ...] = ()
    if filing.UNASSIGNED in item.tags and filing.UNASSIGNED not in wanted:  # a playlist holds its track by now
        before, folders = tuple(tag for tag in item.tags if tag != filing.UNASSIGNED), _assigned(job, eagle, item)
    if said or before != item.tags or not set(wanted) <= set(item.tags):
        eagle.update(item.id, tags=tuple(dict.fromkeys((*before, *wanted))), folder_ids=folders, annotation=said)
    result = {"used": True, "item": item.id, "library": library}
    return outcomes.Sealed(fields=as_fields(Station.EAGLE, result), drop=(INTENT,), bump=True)


def _assigned(job: Job, eagle: Eagle, item: Item) -> tuple[str, ...]:
    """The folders of an item that was unassigned, as they should be now: where a person has put it, it stays."""
    by_us = not item.folders or item.folders == (eagle.folder(filing.UNASSIGNED),)
    return tuple(filter(None, [_folder(job, eagle)])) if by_us else item.folders


def _outdated(job: Job, master: Kept | None, item: Item) -> str:
    """What to write on an item whose file was made of a worse source, since Eagle gives an item no other file; else nothing."""
    sent = _sent(job).get("original")
    if master is None or not sent or sent == master.facts.get("original") or OUTDATED in item.annotation:
        return ""
    log.warning("Eagle keeps the file it has; a better one was found", action="item-outdated", key=job.hint.key, item=item.id)
    return f"{item.annotation}\n{OUTDATED} {master.path}".strip()
