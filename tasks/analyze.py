"""The station that listens: values, duplicates, the master with its tags, and its place under each playlist."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from crateline.app import app
from crateline.audio.analysis import Analysis
from crateline.durable.ledger import as_fields
from crateline.messages import TASKS, VERSION, Hint, Station
from tasks import duplicates, enrichment, filing, hearing, local, outcomes, station, tempo
from tasks.station import Job

VANISHED_S = 20.0
BULKY = ("fingerprint", "chromaprint")
"""What the registry of fingerprints and MEDIA_ROOT keep: too long for every track's row."""
FIRST_S = 2.0
"""How long an upload waits until it looks again whether the first one of its recording has its file."""


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
    ruling = duplicates.rule(job, heard)
    if not ruling.first.made:
        return outcomes.Later(seconds=FIRST_S, reason=f"the same recording as {ruling.first.key}, which is not finished yet")
    if ruling.first.key != job.hint.key:
        return duplicates.become_alias(job, original, ruling.first.key)
    files = list(local.known(job.wiring, ruling.files))
    if (taken := local.take(job, original, files)) != original:
        original, heard = taken, hear(job, taken.path, taken.digest)
    heard = tempo.settled(job, heard)
    job = enrichment.of(job, heard.duration)
    job.check()
    master = filing.master(job, original, heard)
    result = {**values(heard), "master": str(master), "files": filing.place(job, master)}
    if items := local.eagle_items(files):
        result["eagle_items"] = items
    sealed = {**as_fields(Station.ANALYZE, result), **enrichment.fields(job.item)}
    return duplicates.ask(ruling.doubts, sealed) if ruling.doubts else outcomes.Sealed(fields=sealed, bump=True)


def hear(job: Job, path: Path, digest: str) -> Analysis:
    """The analysis of a file: kept by the file's digest and the analyser's version, so that it is made once."""
    return hearing.hear(job.wiring.store, job.wiring.analyser, path, digest, cancelled=job.cancelled)


def values(heard: Analysis) -> dict[str, Any]:
    """What the other stations need of an analysis."""
    return {name: value for name, value in asdict(heard).items() if name not in BULKY and value is not None}
