"""The station that listens: values, duplicates, the master with its tags, and its place under each playlist."""

import base64
from collections.abc import Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from crateline.app import app
from crateline.audio import fingerprint
from crateline.audio.analysis import RECIPE, Analysis
from crateline.durable.fingerprints import Fingerprints, Print
from crateline.durable.ledger import as_fields
from crateline.messages import TASKS, VERSION, Hint, Station
from tasks import filing, outcomes, station
from tasks.station import Job

VANISHED_S = 20.0
ESSENTIA = metadata.version("essentia")


@app.task(name=TASKS[Station.ANALYZE])
def track(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have the track analysed, converted, tagged and filed."""
    del version  # one so far
    hint = Hint(station=Station.ANALYZE, key=key, title=title)
    return station.run(hint, analyse, services=("disk", "settings"))


def analyse(job: Job) -> outcomes.Outcome:
    """Analyse the original, unless its analysis is kept; a second upload of a known recording becomes an alias."""
    original = job.wiring.store.kept("originals", job.hint.key)
    if original is None:
        job.redo(Station.DOWNLOAD)
        return outcomes.Later(seconds=VANISHED_S, reason="its original has vanished from MEDIA_ROOT: it is fetched again")
    heard = hear(job, original.path, original.digest)
    first = first_upload(job, heard)
    if first != job.hint.key:
        return become_alias(job, first)
    job.check()
    master = filing.master(job, original, heard)
    files = filing.place(job, master)
    return outcomes.Sealed(fields=as_fields(Station.ANALYZE, {**values(heard), "master": str(master), "files": files}), bump=True)


def hear(job: Job, path: Path, digest: str) -> Analysis:
    """The analysis of a file: kept by the file's digest and the analyser's version, so that it is made once."""
    name = f"{digest}-{RECIPE}-{ESSENTIA}-{job.wiring.settings.bpm_lowest:g}"
    if (kept := job.wiring.store.memo("analyses", name)) is not None:
        return Analysis.from_json(kept)
    heard = job.wiring.analyser.analyse(path, cancelled=job.cancelled)
    job.wiring.store.keep_memo("analyses", name, heard.to_json())
    return heard


def first_upload(job: Job, heard: Analysis) -> str:
    """The key of the first known track with this recording: its own, as a rule."""
    key, store = job.hint.key, job.wiring.store
    if (kept := store.memo("aliases", key)) is not None and job.wiring.ledger.track(kept["of"]) is not None:
        return str(kept["of"])
    mine = Print(key=key, raw=heard.fingerprint, seconds=heard.duration)
    first = Fingerprints(job.wiring.redis, lambda: _kept_prints(job)).register(mine, lambda a, b: _same(job, a, b))
    if first != key:
        store.keep_memo("aliases", key, {"of": first, "key": key})
    else:
        store.keep_memo("prints", key, {"key": key, "raw": base64.b64encode(mine.raw).decode(), "seconds": mine.seconds})
    return first


def _same(job: Job, known: Print, new: Print) -> bool:
    """Whether two tracks are one recording, and the first is on the line, so that it can stand for both."""
    alike = fingerprint.same_recording(known.raw, known.seconds, new.raw, new.seconds)
    return alike and job.wiring.ledger.track(known.key) is not None


def _kept_prints(job: Job) -> Iterator[Print]:
    """The prints that MEDIA_ROOT remembers."""
    for note in job.wiring.store.memos("prints"):
        yield Print(key=note["key"], raw=base64.b64decode(note["raw"]), seconds=note["seconds"])


def become_alias(job: Job, first: str) -> outcomes.Outcome:
    """Give the first upload this track's playlists; this one gets no file, no Eagle item, and no page of its own."""
    for playlist in job.item.playlists:
        job.wiring.ledger.join(first, playlist)
    return outcomes.Sealed(fields={"alias": first}, bump=True)


def values(heard: Analysis) -> dict[str, Any]:
    """What the other stations need of an analysis."""
    return {name: value for name, value in asdict(heard).items() if name != "fingerprint" and value is not None}
