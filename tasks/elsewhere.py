"""Looking for the same recording elsewhere, when a track's own source does not give it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

from crateline.domain import matching
from crateline.domain.track import Availability, Candidate, Platform, Track
from crateline.errors import SourceError
from tasks import outcomes
from tasks.station import Job

SURE = 0.92
"""A candidate this good ends the search: the remaining queries are not asked."""
SHOWN = 5

Fetch = Callable[[Job, str, float | None, dict[str, Any]], outcomes.Outcome]


def find_elsewhere(job: Job, wanted: Track, problem: str, fetch_from: Fetch) -> outcomes.Outcome:
    """Fetch the best match, or ask a person about a doubtful one, or refuse the track saying why."""
    if not wanted.title:
        return outcomes.Ended(verdict="refused", reason=problem)
    rejected = set(json.loads(job.item.fields.get("rejected", "[]")))
    decision = _decide(job, wanted, rejected)
    while decision.kind == "accept" and decision.best is not None:
        best = decision.best.candidate
        facts = {"provider": str(best.platform), "matched": True, "match": best.id, "score": round(decision.best.total, 3)}
        try:
            return fetch_from(job, best.url, wanted.duration or best.duration, facts)
        except SourceError:
            rejected.add(best.id)
            remaining = tuple(score for score in decision.ranked if score.candidate.id not in rejected)
            decision = _verdict(job, remaining)
    if decision.kind == "review":
        shown = [_shown(score) for score in decision.ranked[:SHOWN]]
        candidates = {"candidates": json.dumps(shown, ensure_ascii=False), "kind": "source"}
        return outcomes.Ended(verdict="review", reason=f"{problem}; a doubtful match waits for you", fields=candidates)
    return outcomes.Ended(verdict="refused", reason=f"{problem}; no match was found elsewhere")


def _decide(job: Job, wanted: Track, rejected: set[str]) -> matching.Decision:
    seen: dict[str, Candidate] = {}
    ranked: tuple[matching.Score, ...] = ()
    for found in _searches(job, wanted):
        for candidate in found:
            if candidate.id not in rejected and candidate.availability is Availability.PLAYABLE and candidate.url != wanted.url:
                seen.setdefault(f"{candidate.platform}:{candidate.id}", candidate)
        ranked = matching.rank(wanted, tuple(seen.values()))
        if ranked and ranked[0].total >= SURE:
            break
    return _verdict(job, ranked)


def _searches(job: Job, wanted: Track) -> Iterator[tuple[Candidate, ...]]:
    own = wanted.key.rpartition(":")[2]
    for query in matching.queries(wanted):
        job.check()
        yield job.wiring.youtube.search(query)
        job.check()
        found = job.wiring.soundcloud.search(query)
        yield tuple(c for c in found if not (wanted.platform is Platform.SOUNDCLOUD and c.id in (own, wanted.key)))


def _verdict(job: Job, ranked: tuple[matching.Score, ...]) -> matching.Decision:
    settings = job.wiring.settings
    return matching.decide(ranked, accept=settings.match_accept, review=settings.match_review)


def _shown(score: matching.Score) -> dict[str, Any]:
    """A candidate as a person is asked about it."""
    candidate = asdict(replace(score.candidate))
    features = {"title": score.title, "artist": score.artist, "duration": score.duration, "reasons": list(score.reasons)}
    return {
        "id": candidate["id"],
        "title": candidate["title"],
        "url": candidate["url"],
        "score": round(score.total, 3),
        "features": features,
    }
