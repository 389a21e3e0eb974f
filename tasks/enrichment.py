"""What Spotify knows of a track that came from elsewhere: its id there; ISRC, album, cover and artist where it has none.

Each track costs one search at most, and MEDIA_ROOT remembers the answer. Whatever Spotify does, no track waits for it: what
could not be asked is owed, and made up for when Spotify is well again.
"""

import hashlib
import json
import time
from dataclasses import replace
from typing import Any

import structlog

from crateline.domain import matching
from crateline.domain.matching import Verdict
from crateline.domain.track import Candidate, Platform, Track
from crateline.durable import keyspace
from crateline.durable.item import Item
from crateline.errors import BudgetSpent, ConfigurationError, CredentialsRefused, NotFound, Rejected, ServiceError, Throttled
from crateline.messages import Station
from crateline.wiring import Wiring
from tasks.station import Job

log = structlog.get_logger("crateline.enrichment")

FIELD = "enriched"
"""The field that keeps what was found, apart from what the listing says."""
KIND = "spotify-matches"
FILLED = ("isrc", "album", "artwork_url", "artist")
NOTHING_HOLDS_S = 30 * 86400.0
"""How long "Spotify has no such track" is believed: catalogues grow."""
REST_S = 60.0
LONG_REST_S = 3600.0
"""How long nobody searches after a fault, and after credentials that were refused."""
AT_ONCE = 50
SERVICE = "spotify"

Found = dict[str, str]


def filled(item: Item) -> Track:
    """The track as its listing has it, with what is empty there filled from what was found."""
    track = item.track
    known: Found = json.loads(item.fields.get(FIELD, "{}"))
    empty: dict[str, Any] = {name: known[name] for name in FILLED if known.get(name) and not getattr(track, name)}
    return replace(track, **empty) if empty else track


def spotify_id(item: Item) -> str:
    """The track's id on Spotify, or nothing."""
    if item.track.platform is Platform.SPOTIFY:
        return item.key.rpartition(":")[2]
    known: Found = json.loads(item.fields.get(FIELD, "{}"))
    return known.get("spotify_id", "")


def fields(item: Item) -> dict[str, str]:
    """What the ledger keeps of it."""
    return {FIELD: item.fields[FIELD]} if FIELD in item.fields else {}


def of(job: Job, seconds: float | None = None) -> Job:
    """The job, its item with what Spotify knows of it; `seconds` is how long the track is, if its listing does not say.

    If Spotify cannot be asked now it is owed: see `catch_up`.
    """
    if not wanted(job.wiring, job.item):
        return job
    found = _known(job.wiring, job.item.track)
    if found is None:
        found = _ask(job.wiring, job.item.track, seconds)
    if found is None:
        job.wiring.redis.sadd(keyspace.ENRICHMENT_OWED, job.item.key)
        return job
    told = {**job.item.fields, FIELD: json.dumps(found, ensure_ascii=False)}
    return replace(job, item=Item(job.item.key, told))


def noted(job: Job) -> Job:
    """As `of`, for a track whose audio nobody hears; what was found is written down at once."""
    if job.item.want_audio or FIELD in job.item.fields:
        return job
    told = of(job)
    if found := fields(told.item):
        job.wiring.ledger.note(job.claim, found)
    return told


def wanted(wiring: Wiring, item: Item) -> bool:
    """Whether Spotify is to be asked about a track: not about its own, and not if nothing can be asked for."""
    track = item.track
    return (
        wiring.settings.enrich_from_spotify
        and track.platform is not Platform.SPOTIFY
        and bool(track.title or track.isrc)
        and wiring.spotify.searchable()
    )


def catch_up(wiring: Wiring) -> int:
    """Ask about tracks that are owed it; those that are found are filed and written once more. Gives how many were asked."""
    owed: Any = wiring.redis.srandmember(keyspace.ENRICHMENT_OWED, AT_ONCE)
    asked = 0
    for key in owed:
        item = wiring.ledger.track(key)
        if wiring.stopping.is_set():
            break
        if item is not None and _is_owed(wiring, item):
            if item.want_audio and not item.sealed(Station.ANALYZE):
                continue  # it is on its way to the question
            found = _known(wiring, item.track)
            if found is None:
                found = _ask(wiring, item.track, item.result(Station.ANALYZE).get("duration"))
            if found is None:
                break
            asked += 1
            if found:
                _again(wiring, item, found)
        wiring.redis.srem(keyspace.ENRICHMENT_OWED, key)
    return asked


def _is_owed(wiring: Wiring, item: Item) -> bool:
    return wanted(wiring, item) and not (item.alias or item.verdict)


def _again(wiring: Wiring, item: Item, found: Found) -> None:
    """Have what was found written into the track's files and its page."""
    if item.want_audio:
        wiring.rework.repeat([item], (Station.ANALYZE, Station.EAGLE))
    else:
        wiring.redis.hset(keyspace.track(item.key), FIELD, json.dumps(found, ensure_ascii=False))
        wiring.rework.rewrite([item])


def _known(wiring: Wiring, track: Track) -> Found | None:
    """What was found before; None if it was never asked, or so long ago, or about other words."""
    memo = wiring.store.memo(KIND, track.key)
    if memo is None or memo.get("words") != _words(track):
        return None
    found: Found = memo.get("found") or {}
    return found if found or time.time() - float(memo.get("at", 0)) < NOTHING_HOLDS_S else None


def _words(track: Track) -> str:
    said = json.dumps([track.title, track.artist, track.isrc])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _ask(wiring: Wiring, track: Track, seconds: float | None) -> Found | None:
    """Search once. None if that is not possible now."""
    budget = wiring.budgets[SERVICE]
    if _resting(wiring) or budget.silence() > 0 or budget.used() >= budget.limit.requests:
        return None
    try:
        offered = wiring.spotify.search(query(track))
    except BudgetSpent:
        return None
    except Throttled as error:
        budget.block(error.retry_after)
        return None
    except (NotFound, Rejected) as error:
        log.warning("Spotify does not take the question", action="enrich-refused", key=track.key, reason=str(error))
        offered = ()
    except (ServiceError, ConfigurationError) as error:
        _rest(wiring, error)
        return None
    settings = wiring.settings
    found = match(track, offered, seconds, accept=settings.match_accept, review=settings.match_review)
    wiring.store.keep_memo(KIND, track.key, {"key": track.key, "words": _words(track), "at": time.time(), "found": found})
    return found


def query(track: Track) -> str:
    """What is searched for: the ISRC, else the title without noise, its version and its artist."""
    if track.isrc:
        return f"isrc:{track.isrc}"
    return [words for words in matching.queries(track) if words != track.isrc][-1]


def match(track: Track, offered: tuple[Track, ...], seconds: float | None, *, accept: float, review: float) -> Found:
    """What the track is on Spotify, if that is sure: a doubt counts as nothing."""
    ours = track if track.duration else replace(track, duration=seconds)
    by_id = {one.key.rpartition(":")[2]: one for one in reversed(offered)}
    candidates = [
        Candidate(
            id=name,
            title=one.title,
            artist=one.artist,
            url=one.url,
            platform=Platform.SPOTIFY,
            duration=one.duration,
            isrc=one.isrc,
        )
        for name, one in reversed(by_id.items())
    ]
    decision = matching.decide(matching.rank(ours, candidates), accept=accept, review=review)
    if decision.kind is not Verdict.ACCEPT or decision.best is None:
        return {}
    best = by_id[decision.best.candidate.id]
    said = {name: getattr(best, name) for name in FILLED}
    return {"spotify_id": decision.best.candidate.id, **{name: value for name, value in said.items() if value}}


def _resting(wiring: Wiring) -> bool:
    if wiring.redis.exists(keyspace.ENRICHMENT_RESTS):
        return True
    return SERVICE in {pause.service for pause in wiring.pauses.all()}


def _rest(wiring: Wiring, error: Exception) -> None:
    refused = isinstance(error, CredentialsRefused | ConfigurationError)
    rest = LONG_REST_S if refused else REST_S
    wiring.redis.set(keyspace.ENRICHMENT_RESTS, "1", px=int(rest * 1000))
    log.warning("pages are finished without what Spotify knows", action="enrich-rests", reason=str(error), seconds=rest)
