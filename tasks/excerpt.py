"""A doubtful match beside the excerpt that the track's own source offers: thirty seconds of the recording that is wanted."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crateline.audio import fetch, fingerprint
from crateline.audio.fingerprint import Likeness
from crateline.domain import comparison
from crateline.domain.matching import Score
from crateline.domain.track import Availability, Platform, Track
from crateline.durable.store import digest_of
from crateline.errors import MediaError, NotFound, Rejected, SourceError
from tasks import hearing
from tasks.station import Job

KIND = "excerpts"
"""The kind of memo that keeps an excerpt's fingerprint: {"raw": hex}, empty if there is none to compare with."""
HEARD = "excerpt"
"""The field that remembers what was heard of each candidate beside the excerpt, so that none is fetched for it twice."""
WORDS = frozenset({"title_doubt", "title_unknown", "artist_doubt", "artist_unknown", "guest"})
"""The doubts that a sound can end: about how an upload is called. Never one about a version, a number or a length."""
SAID = {
    Likeness.SAME: "it holds the track's own excerpt",
    Likeness.AKIN: "it may hold the track's own excerpt",
    Likeness.DIFFERENT: "the track's own excerpt sounds different",
}

Check = Callable[[Path], None]


class Unproven(SourceError):
    """A candidate's file has not stood the comparison; what was heard is noted."""


@dataclass(kw_only=True)
class Excerpt:
    """The excerpt of a track's own source, and what was heard of candidates beside it."""

    job: Job
    wanted: Track

    def __post_init__(self) -> None:
        self.heard: dict[str, dict[str, Any]] = json.loads(self.job.item.fields.get(HEARD, "{}"))

    @property
    def offered(self) -> bool:
        """Whether there is one at all."""
        return self.wanted.platform is Platform.SOUNDCLOUD and self.wanted.availability is Availability.PREVIEW

    def settles(self, score: Score) -> bool:
        """Whether a candidate can be known by its sound: as long, no other version, and only its words in doubt."""
        as_long = score.gap is not None and score.gap <= comparison.SAME_LENGTH_S
        in_words = score.version == 1 and {penalty.name for penalty in score.penalties} <= WORDS
        return as_long and in_words and self._said(score) in (None, Likeness.SAME) and self.speaks

    def contradicts(self, score: Score) -> bool:
        """Whether a candidate was heard to be another recording."""
        return self._said(score) is Likeness.DIFFERENT

    def _said(self, score: Score) -> Likeness | None:
        heard = self.heard.get(score.candidate.id)
        return None if heard is None else Likeness(heard["likeness"])

    @property
    def speaks(self) -> bool:
        """Whether it says enough to be compared. It is fetched and heard once."""
        return self.offered and fingerprint.informative(self._print())

    def must_hold(self, score: Score) -> Check:
        """What a doubtful candidate's file has to stand: it raises Unproven unless it surely holds the excerpt."""
        return self._check(score, {Likeness.SAME})

    def may_hold(self, score: Score) -> Check:
        """What an accepted candidate's file has to stand: it raises Unproven if it surely does not hold the excerpt."""
        return self._check(score, {Likeness.SAME, Likeness.AKIN})

    def _check(self, score: Score, enough: set[Likeness]) -> Check:
        def check(path: Path) -> None:
            judged = fingerprint.excerpt_of(self._print(), self._heard(path))
            likeness, distance = (judged[0], judged[1].distance) if judged else (Likeness.AKIN, 1.0)
            self._note(score.candidate.id, {"likeness": str(likeness), "distance": round(distance, 3)})
            if likeness not in enough:
                raise Unproven(self.job.hint.key, SAID[likeness])

        return check

    def features(self, score: Score) -> dict[str, Any]:
        """A candidate's features, with what was heard of it."""
        features = score.features()
        if (heard := self.heard.get(score.candidate.id)) is None:
            return features
        said = SAID[Likeness(heard["likeness"])]
        return {**features, "excerpt": heard, "reasons": [*features["reasons"], said]}

    def _note(self, candidate: str, heard: Mapping[str, Any]) -> None:
        self.heard[candidate] = dict(heard)
        self.job.wiring.ledger.note(self.job.claim, {HEARD: json.dumps(self.heard)})

    def _print(self) -> bytes:
        store, key = self.job.wiring.store, self.job.hint.key
        if (kept := store.memo(KIND, key)) is None:
            kept = {"raw": self._fetched().hex()}
            store.keep_memo(KIND, key, kept)
        return bytes.fromhex(kept["raw"])

    def _fetched(self) -> bytes:
        """The fingerprint of the excerpt; empty if it is not to be had."""
        wiring, key = self.job.wiring, self.job.hint.key
        try:
            fetched = fetch.fetch(
                self.wanted.url,
                key=key,
                folder=wiring.store.folder("originals", key),
                stem="excerpt",
                ask_api=wiring.ask("soundcloud-api"),
                ask_media=wiring.ask("soundcloud-media"),
                cache_dir=wiring.cache_dir,
                cancelled=self.job.cancelled,
                excerpt=True,
            )
        except (SourceError, NotFound, Rejected):
            return b""
        heard = self._heard(fetched.path)
        fetched.path.unlink()
        return heard

    def _heard(self, path: Path) -> bytes:
        """The fingerprint of a file; empty if it cannot be read."""
        wiring = self.job.wiring
        try:
            with wiring.analyser as ear:  # ended at once: this worker hears seldom
                return hearing.hear(wiring.store, ear, path, digest_of(path), cancelled=self.job.cancelled).fingerprint
        except MediaError:
            return b""
