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
from tasks.station import Job

SHOWN = 5
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

    Raises SourceError if that source does not give it.
    """

    def __call__(
        self, job: Job, url: str, seconds: float | None, facts: dict[str, Any], *, promised: float | None
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
    decision = search.run()
    while decision.kind == "accept" and decision.best is not None:
        best = decision.best.candidate
        facts = {**_facts(best), "score": round(decision.best.total, 3)}
        try:
            seconds = wanted.duration or best.duration
            return fetch_from(job, best.url, seconds, facts, promised=best.duration or wanted.duration)
        except SourceError:
            search.reject(best)
            decision = search.decide()
    if decision.kind == "review":
        shown = [_shown(score) for score in decision.ranked[:SHOWN]]
        candidates = {"candidates": json.dumps(shown, ensure_ascii=False), "kind": "source"}
        return outcomes.Ended(verdict="review", reason=f"{problem}; a doubtful match waits for you", fields=candidates)
    return outcomes.Ended(verdict="refused", reason=f"{problem}; no match was found elsewhere")


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


def _shown(score: matching.Score) -> dict[str, Any]:
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
        "features": score.features(),
    }
