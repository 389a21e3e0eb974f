"""The station that fetches a track's original: from its own source, else the best match elsewhere."""

import time
from pathlib import Path
from typing import Any

from crateline.app import app
from crateline.audio import fetch, length
from crateline.domain import causes
from crateline.domain.track import Availability
from crateline.durable.ledger import as_fields
from crateline.durable.store import Kept
from crateline.errors import AnotherRecording, MediaError, Preview, ServiceStopped, SourceError
from crateline.messages import TASKS, VERSION, Hint, Station
from tasks import outcomes, station
from tasks.elsewhere import find_elsewhere
from tasks.excerpt import Check
from tasks.station import Job

UNUSABLE = {
    Availability.PREVIEW: "only a preview is offered",
    Availability.PROTECTED: "offered under DRM only",
    Availability.BLOCKED: "not offered in this country",
    Availability.GONE: "deleted or private",
    Availability.ELSEWHERE: "its platform gives no audio",
}
SHORT_SHARE = 0.9
SHORT_SLACK_S = 2.0
LISTED_SHARE = 0.985
LISTED_SLACK_S = 1.0
MATCH_SLACK_S = 2.0
"""A match's length may differ by so much from what the search said, on which it was accepted."""
ROUNDED_DOWN_S = 1.0
"""YouTube lists whole seconds, rounded down."""
EXCERPT_S = 30.0
"""The length of SoundCloud's excerpts: what is as long as that has not broken off."""
SHORT = "short"
"""The field that remembers where a file broke off."""
LOOK_EVERY_S = 0.25
"""How often a running download looks whether its service wants silence."""
GIB = 1 << 30
ROOM = "Free some space there, set MEDIA_ROOT to another disk, or lower MINIMUM_FREE_GIB; the line goes on by itself"


@app.task(name=TASKS[Station.DOWNLOAD])
def track(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have the track's original in the store."""
    del version  # one so far
    return station.run(Hint(station=Station.DOWNLOAD, key=key, title=title), have_original, services=services(key))


def services(key: str) -> tuple[str, ...]:
    """The services without which a track cannot be fetched."""
    if key.startswith("soundcloud:"):
        return ("disk", "settings", "soundcloud-api", "soundcloud-media")
    return ("disk", "settings", "youtube")


def have_original(job: Job) -> outcomes.Outcome:
    """Take the original that is there; else fetch it; else look for the same recording elsewhere."""
    store = job.wiring.store
    if (kept := store.kept("originals", job.hint.key)) is not None:
        return _sealed(kept)
    check_space(job)
    wanted = job.item.track
    if wanted.availability is not Availability.PLAYABLE:
        return find_elsewhere(job, wanted, UNUSABLE[wanted.availability], fetch_from)
    try:
        return fetch_from(job, wanted.url, wanted.duration, {"provider": wanted.platform, "matched": False})
    except SourceError as problem:
        return find_elsewhere(job, wanted, str(problem), fetch_from)


def check_space(job: Job) -> None:
    """Raise ServiceStopped if the store's disk is nearly full."""
    least, root = job.wiring.settings.minimum_free_gib, job.wiring.store.root
    if (free := job.wiring.store.free_bytes()) < least * GIB:
        said = f"{free / GIB:.1f} GiB are free where MEDIA_ROOT is ({root}), and {least:g} GiB must stay free"
        raise ServiceStopped("disk", said, ROOM, causes.about(causes.FOLDER, root))


def fetch_from(
    job: Job,
    url: str,
    seconds: float | None,
    facts: dict[str, Any],
    *,
    promised: float | None = None,
    check: Check | None = None,
) -> outcomes.Outcome:
    """Fetch `url`, see that it is the whole recording of `seconds`, and seal it as this track's original.

    A match must also be what its search has `promised`, in seconds, and stand the `check`. Raises SourceError if that source
    does not give the recording.
    """
    wiring, key = job.wiring, job.hint.key
    fetched = fetch.fetch(
        url,
        key=key,
        folder=wiring.store.folder("originals", key),
        stem="original",
        ask_api=wiring.ask("youtube" if facts["provider"] == "YouTube" else "soundcloud-api"),
        ask_media=wiring.ask("soundcloud-media"),
        cache_dir=wiring.cache_dir,
        player_clients=wiring.settings.youtube_player_clients,
        cancelled=_Stopped(job, "youtube" if facts["provider"] == "YouTube" else "soundcloud-media"),
    )
    decoded = _decoded(fetched.path)
    if (again := _broken_off(job, url, fetched, decoded)) is not None:
        return again
    _no_excerpt(key, fetched.path, decoded, seconds or fetched.listed_duration)
    if facts["matched"]:
        _as_promised(key, fetched.path, decoded, promised)
    if check is not None:
        _stand(fetched.path, check)
    job.check()
    facts = {**facts, "url": url, "seconds": round(decoded, 2), "codec": fetched.codec, "bitrate": fetched.bitrate}
    return _sealed(wiring.store.seal("originals", key, fetched.path, facts))


class _Stopped:
    """Whether a download should stop: the work is not ours any more, or the service wants silence, from its CDN too."""

    def __init__(self, job: Job, service: str) -> None:
        self._job = job
        self._budget = job.wiring.budgets[service]
        self._looked = time.monotonic()

    def __call__(self) -> bool:
        if self._job.cancelled():
            return True
        if time.monotonic() - self._looked < LOOK_EVERY_S:
            return False
        self._looked = time.monotonic()
        return self._budget.silence() > 0


def _decoded(path: Path) -> float:
    """Seconds of sound in `path`."""
    try:
        return length.decoded_seconds(path)
    except MediaError:
        path.unlink()  # the next attempt fetches it anew
        raise


def _broken_off(job: Job, url: str, fetched: fetch.Fetched, decoded: float) -> outcomes.Later | None:
    """Fetch once more what is shorter than its own source says. If it is as short again, that is what is offered."""
    listed, seen = fetched.listed_duration, f"{url} {decoded:.1f}"
    whole = not listed or decoded >= listed * LISTED_SHARE - LISTED_SLACK_S
    if whole or abs(decoded - EXCERPT_S) <= LISTED_SLACK_S or job.item.fields.get(SHORT) == seen:
        return None
    fetched.path.unlink()
    reason = f"it broke off after {decoded:.0f} of {listed:.0f} seconds: it is fetched again"
    return outcomes.Later(seconds=1, reason=reason, fields={SHORT: seen})


def _no_excerpt(key: str, path: Path, decoded: float, expected: float | None) -> None:
    """An excerpt is thrown away and raises Preview: it is never passed off as the track."""
    if expected and decoded < expected * SHORT_SHARE - SHORT_SLACK_S:
        path.unlink()
        raise Preview(key, f"only {decoded:.0f} of {expected:.0f} seconds were offered")


def _as_promised(key: str, path: Path, decoded: float, promised: float | None) -> None:
    """A match that is longer or shorter than its search said, or silent, is thrown away and raises AnotherRecording."""
    problem = ""
    if promised and not -MATCH_SLACK_S <= decoded - promised <= MATCH_SLACK_S + ROUNDED_DOWN_S:
        problem = f"{decoded:.0f} seconds came where {promised:.0f} were listed"
    elif length.is_silent(path):
        problem = "it is silent"
    if problem:
        path.unlink()
        raise AnotherRecording(key, problem)


def _stand(path: Path, check: Check) -> None:
    """A file that does not stand a check is thrown away."""
    try:
        check(path)
    except SourceError:
        path.unlink()
        raise


def _sealed(kept: Kept) -> outcomes.Sealed:
    result = {"file": str(kept.path), "digest": kept.digest, "size": kept.size, **kept.facts}
    return outcomes.Sealed(fields=as_fields(Station.DOWNLOAD, result))
