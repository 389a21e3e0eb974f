"""Looking for the same recording elsewhere, when a track's own source does not give it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from crateline.domain import matching
from crateline.domain.track import Availability, Candidate, Platform, Track
from crateline.durable.answers import Answers
from crateline.errors import SourceError
from tasks import outcomes
from tasks.excerpt import Check, Excerpt, Unproven
from tasks.station import Job

SHOWN = 5
COMPARED = 2
"""So many of the best are fetched to be compared with the track's own excerpt."""
PROOF = "the track's own excerpt"
REJECTED = "rejected"
"""The field that remembers the candidates whose sound was not the track; what a person said is among the answers."""
PROVIDERS = ("youtube", "soundcloud")
"""Where every question is asked, in this order; each is a part of the wiring."""


class SearchProvider(Protocol):
    """A platform that can be searched. Raises the ServiceErrors of its client."""

    def search(self, query: str, limit: int = 5) -> tuple[Candidate, ...]:
        """Give what the platform finds, in its order."""


class Fetch(Protocol):
    """Fetches a recording of `seconds`, which a search has listed with `promised` seconds, as the track's original.

    Raises SourceError if that source does not give it, or what `check` raises of its file.
    """

    def __call__(
        self,
        job: Job,
        url: str,
        seconds: float | None,
        facts: dict[str, Any],
        *,
        promised: float | None,
        check: Check | None = None,
    ) -> outcomes.Outcome:
        """Seal what was fetched, or say what else came of it."""


@dataclass(kw_only=True)
class Search:
    """One track's search: what was found so far, and what is known not to be it."""

    job: Job
    wanted: Track
    rejected: set[str] = field(default_factory=set)
    found: dict[str, Candidate] = field(default_factory=dict)

    def run(self) -> matching.Decision:
        """Ask every question of every provider, until a candidate is sure."""
        for offered in self._offers():
            self.found.update({f"{one.platform}:{one.id}": one for one in offered if self._may_be(one)} | self.found)
            ranked = matching.rank(self.wanted, tuple(self.found.values()))
            if ranked and ranked[0].total >= matching.ENOUGH:
                break
        return self.decide()

    def decide(self) -> matching.Decision:
        """Decide among what was found and not rejected."""
        settings = self.job.wiring.settings
        left = tuple(one for one in self.found.values() if one.id not in self.rejected)
        return matching.decide(matching.rank(self.wanted, left), accept=settings.match_accept, review=settings.match_review)

    def reject(self, candidate: Candidate) -> None:
        """Remember that a candidate is not the track: it is neither fetched nor asked about again."""
        self.rejected.add(candidate.id)
        self.job.wiring.ledger.note(self.job.claim, {REJECTED: json.dumps(sorted(self.rejected))})

    def _offers(self) -> Iterator[tuple[Candidate, ...]]:
        for query in matching.queries(self.wanted):
            for name in PROVIDERS:
                provider: SearchProvider = getattr(self.job.wiring, name)
                self.job.check()
                yield provider.search(query)

    def _may_be(self, one: Candidate) -> bool:
        own = one.platform is self.wanted.platform is Platform.SOUNDCLOUD and one.id == self.wanted.key.rpartition(":")[2]
        playable = one.availability is Availability.PLAYABLE
        return playable and not own and one.url != self.wanted.url and one.id not in self.rejected


def find_elsewhere(job: Job, wanted: Track, problem: str, fetch_from: Fetch) -> outcomes.Outcome:
    """Fetch the best match, or ask a person about a doubtful one, or refuse the track saying why."""
    if not wanted.title:
        return outcomes.Ended(verdict="refused", reason=problem)
    answers = Answers(job.wiring.store)
    known = {*json.loads(job.item.fields.get(REJECTED, "[]")), *answers.rejected(wanted.key)}
    search = Search(job=job, wanted=wanted, rejected=known)
    for chosen in _chosen(answers, wanted.key):
        if chosen.id in known:
            continue
        try:
            return fetch_from(job, chosen.url, chosen.duration, _facts(chosen), promised=chosen.duration)
        except SourceError:
            search.reject(chosen)  # what a person chose is gone: the next one, or look again
    return _best(search, problem, fetch_from)


def _best(search: Search, problem: str, fetch_from: Fetch) -> outcomes.Outcome:
    """Fetch the best of what is found; what is thrown away makes room for the next."""
    excerpt, decision = Excerpt(job=search.job, wanted=search.wanted), search.run()
    while (step := _next(decision, excerpt)) is not None:
        best = step.score.candidate
        seconds, promised = search.wanted.duration or best.duration, best.duration or search.wanted.duration
        try:
            return fetch_from(search.job, best.url, seconds, step.facts(), promised=promised, check=step.check)
        except Unproven:
            continue
        except SourceError:
            search.reject(best)
            decision = search.decide()
    if decision.kind == "none":
        return outcomes.Ended(verdict="refused", reason=f"{problem}; no match was found elsewhere")
    shown = [_shown(score, excerpt.features(score)) for score in decision.ranked[:SHOWN]]
    candidates = {"candidates": json.dumps(shown, ensure_ascii=False), "kind": "source"}
    return outcomes.Ended(verdict="review", reason=f"{problem}; a doubtful match waits for you", fields=candidates)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """A candidate to fetch, and what its file has to stand; `proof` is what that proves."""

    score: matching.Score
    check: Check | None = None
    proof: str = ""

    def facts(self) -> dict[str, Any]:
        proven = {"proof": self.proof} if self.proof else {}
        return {**_facts(self.score.candidate), "score": round(self.score.total, 3), **proven}


def _next(decision: matching.Decision, excerpt: Excerpt) -> _Step | None:
    """What to fetch next; None if there is nothing left but to ask, or to refuse.

    A match that is sure is fetched; one that is only just so must not sound unlike the track's own excerpt, if there is one.
    A doubtful one is fetched if that excerpt can settle it.
    """
    best = decision.best
    if best is None:
        return None
    if decision.kind == "accept" and not excerpt.contradicts(best):
        thin = best.total < matching.ENOUGH and excerpt.speaks
        return _Step(score=best, check=excerpt.may_hold(best) if thin else None)
    doubtful = (score for score in decision.ranked[:COMPARED] if score.total >= excerpt.job.wiring.settings.match_review)
    found = next(filter(excerpt.settles, doubtful), None)
    return None if found is None else _Step(score=found, check=excerpt.must_hold(found), proof=PROOF)


def _chosen(answers: Answers, key: str) -> Iterator[Candidate]:
    """The candidates that a person has accepted as this track, the last first, of those that can be fetched."""
    for one in answers.confirmed(key):
        said = answers.details(key, one)
        if said.get("url") and said.get("platform") in set(Platform):
            yield Candidate(
                id=one,
                title=str(said.get("title") or ""),
                artist=str(said.get("artist") or ""),
                url=str(said["url"]),
                platform=Platform(said["platform"]),
                duration=said.get("duration"),
            )


def _facts(candidate: Candidate) -> dict[str, Any]:
    return {"provider": str(candidate.platform), "matched": True, "match": candidate.id}


def _shown(score: matching.Score, features: dict[str, Any]) -> dict[str, Any]:
    """A candidate as a person is asked about it, with all that two of them can be compared by."""
    candidate = score.candidate
    return {
        "id": candidate.id,
        "title": candidate.title,
        "artist": candidate.artist,
        "channel": candidate.channel,
        "platform": str(candidate.platform),
        "url": candidate.url,
        "duration": candidate.duration,
        "isrc": candidate.isrc,
        "score": round(score.total, 3),
        "features": features,
    }
