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
from crateline.durable.fingerprints import Fingerprints, Print, Standing
from crateline.durable.ledger import as_fields
from crateline.messages import TASKS, VERSION, Hint, Station
from tasks import filing, outcomes, station, tempo
from tasks.station import Job

VANISHED_S = 20.0
FIRST_S = 2.0
"""How long an upload waits until it looks again whether the first one of its recording has its file."""
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
    heard = tempo.settled(job, hear(job, original.path, original.digest))
    first = first_upload(job, heard)
    if not first.made:
        return outcomes.Later(seconds=FIRST_S, reason=f"the same recording as {first.key}, which is not finished yet")
    if first.key != job.hint.key:
        return become_alias(job, first.key)
    job.check()
    master = filing.master(job, original, heard)
    files = filing.place(job, master)
    return outcomes.Sealed(fields=as_fields(Station.ANALYZE, {**values(heard), "master": str(master), "files": files}), bump=True)


def hear(job: Job, path: Path, digest: str) -> Analysis:
    """The analysis of a file: kept by the file's digest and the analyser's version, so that it is made once."""
    name = f"{digest}-{RECIPE}-{ESSENTIA}"
    if (kept := Analysis.kept(job.wiring.store.memo("analyses", name))) is not None:
        return kept
    heard = job.wiring.analyser.analyse(path, cancelled=job.cancelled)
    job.wiring.store.keep_memo("analyses", name, heard.to_json())
    return heard


def first_upload(job: Job, heard: Analysis) -> Standing:
    """Which of the uploads of this recording is the track: this one, as a rule. MEDIA_ROOT remembers who came first.

    Raises StaleClaim if the track is not ours, or not on the line, any more: then nothing is remembered.
    """
    key, store = job.hint.key, job.wiring.store
    mine = Print(key=key, raw=heard.fingerprint, seconds=heard.duration)
    if not fingerprint.informative(mine.raw):
        return Standing(key=key)
    first = Fingerprints(job.wiring.redis, lambda: _kept_prints(job)).register(job.claim, mine, _same)
    if first.key == key:
        note = {"key": key, "raw": base64.b64encode(mine.raw).decode(), "seconds": mine.seconds, "at": first.at}
        if store.memo("prints", key) != note:
            store.keep_memo("prints", key, note)
    elif first.made:
        store.drop_memo("prints", key)
    for other in first.gone:
        store.drop_memo("prints", other)
    return first


def _same(known: Print, new: Print) -> bool:
    return fingerprint.same_recording(known.raw, known.seconds, new.raw, new.seconds)


def _kept_prints(job: Job) -> Iterator[Print]:
    """The prints that MEDIA_ROOT remembers."""
    for note in job.wiring.store.memos("prints"):
        yield Print(key=note["key"], raw=base64.b64decode(note["raw"]), seconds=note["seconds"], at=note.get("at", 0.0))


def become_alias(job: Job, first: str) -> outcomes.Outcome:
    """Give the first upload this track's playlists; this one gets no file, no Eagle item, and no page of its own."""
    for playlist in job.item.playlists:
        job.wiring.ledger.join(first, playlist)
    return outcomes.Sealed(fields={"alias": first}, bump=True)


def values(heard: Analysis) -> dict[str, Any]:
    """What the other stations need of an analysis."""
    return {name: value for name, value in asdict(heard).items() if name != "fingerprint" and value is not None}
