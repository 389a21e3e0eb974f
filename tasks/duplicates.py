"""Several uploads of one recording: which one is the track, which a person has to hear, and what an answer changes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog

from crateline.audio import fingerprint
from crateline.audio.analysis import Analysis
from crateline.audio.fingerprint import Comparison, Likeness
from crateline.durable import prints
from crateline.durable.answers import Answers
from crateline.durable.fingerprints import FILE, Fingerprints, Print, Standing
from crateline.durable.item import Item
from crateline.durable.store import Kept
from crateline.errors import ConfigurationError
from crateline.wiring import Wiring
from tasks import better, outcomes
from tasks.station import Job

KIND = "fingerprint"
"""The kind of question that a person is asked: is this the same recording as that?"""

log = structlog.get_logger("crateline.duplicates")


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """Another track that may be the same recording: a person should listen."""

    other: Item
    seconds: float
    other_seconds: float
    comparison: Comparison

    def shown(self) -> dict[str, Any]:
        """A candidate as a person is asked about it."""
        features = {
            "distance": round(self.comparison.distance, 3),
            "offset_s": round(self.comparison.offset_s, 1),
            "seconds": self.seconds,
            "other_seconds": self.other_seconds,
        }
        score = round(1 - self.comparison.distance, 3)
        return {"id": self.other.key, "title": self.other.title, "score": score, "features": features}

    def said(self) -> str:
        """The question in a sentence."""
        if self.comparison.distance <= fingerprint.SAME:
            mine, its = _minutes(self.seconds), _minutes(self.other_seconds)
            return f"the same sound as {self.other.title}, but {mine} long instead of {its}: is it the same recording?"
        return f"sounds much like {self.other.title}: is it the same recording?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What the fingerprints say of a track: who stands for it, whom it may be as well, and local files with its recording."""

    first: Standing
    doubts: tuple[Doubt, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class _Ear:
    """Compares a track with what is known, and remembers what it heard."""

    answers: Answers
    akin: dict[str, tuple[Print, Comparison]] = field(default_factory=dict)
    files: dict[str, float] = field(default_factory=dict)

    def same(self, known: Print, new: Print) -> bool:
        likeness, found = fingerprint.judge(known.raw, known.seconds, new.raw, new.seconds)
        if known.key.startswith(FILE):
            if likeness is Likeness.SAME:
                self.files[known.key] = found.distance
            return False
        said = self.answers.same(known.key, new.key)
        if said is None and likeness is Likeness.AKIN:
            self.akin[known.key] = (known, found)
        return likeness is Likeness.SAME if said is None else said


def rule(job: Job, heard: Analysis) -> Ruling:
    """Say which of the uploads of this recording is the track: this one, as a rule. MEDIA_ROOT remembers who came first.

    Raises StaleClaim if the track is not ours, or not on the line, any more: then nothing is remembered.
    """
    key, store = job.hint.key, job.wiring.store
    mine = Print(key=key, raw=heard.fingerprint, seconds=heard.duration)
    if not fingerprint.informative(mine.raw):
        return Ruling(first=Standing(key=key))
    register, ear = register_of(job.wiring), _Ear(Answers(store))
    first = register.register(job.claim, mine, ear.same)
    prints.remember(store, mine, first)
    doubts = tuple(_doubts(job, register, mine, ear)) if first.key == key else ()
    return Ruling(first=first, doubts=doubts, files=tuple(sorted(ear.files, key=lambda file: ear.files[file])))


def register_of(wiring: Wiring) -> Fingerprints:
    """The register of all fingerprints, filled from MEDIA_ROOT if Redis has forgotten it."""
    return Fingerprints(wiring.redis, lambda: prints.kept(wiring.store))


def _doubts(job: Job, register: Fingerprints, mine: Print, ear: _Ear) -> Iterator[Doubt]:
    """Each pair is asked about once: the later of the two is."""
    order = register.instants([mine.key, *ear.akin])
    for key, (known, comparison) in ear.akin.items():
        other = job.wiring.ledger.track(key)
        if other is None or other.alias or not other.want_audio or (order[key], key) > (order[mine.key], mine.key):
            continue
        if other.verdict not in ("failed", "refused"):
            yield Doubt(other=other, seconds=mine.seconds, other_seconds=known.seconds, comparison=comparison)


def ask(doubts: tuple[Doubt, ...], fields: dict[str, str]) -> outcomes.Ended:
    """Let a person decide. The track has its file and its values meanwhile; Eagle waits."""
    ranked = sorted(doubts, key=lambda doubt: doubt.comparison.distance)
    candidates = json.dumps([doubt.shown() for doubt in ranked], ensure_ascii=False)
    return outcomes.Ended(verdict="review", reason=ranked[0].said(), fields={**fields, "kind": KIND, "candidates": candidates})


def become_alias(job: Job, original: Kept, first: str) -> outcomes.Outcome:
    """Give the first upload this track's playlists, and its audio if that is better.

    This one gets no file, no Eagle item, and no page of its own.
    """
    main = job.wiring.ledger.track(first)
    if main is not None:
        better.offer(job.wiring, main, original, source=job.hint.key)
    for playlist in job.item.playlists:
        job.wiring.ledger.join(first, playlist)
    job.check()
    take_files(job.wiring, job.hint.key)
    return outcomes.Sealed(fields={"alias": first}, drop=("was:analyze", "was:eagle"), bump=True)


def take_files(wiring: Wiring, key: str) -> None:
    """Take what was made of another upload out of the playlists' folders; its original stays in the store."""
    wiring.music.clear(key)
    if wiring.store.kept("masters", key) is not None:
        wiring.store.unseal("masters", key)


def accept(wiring: Wiring, key: str, other: str) -> str:
    """Let a track be another upload of `other`, as a person has said; gives the key of the track that stands for both.

    It is remembered for good. Raises ConfigurationError if one of them is not on the line, or if it is so the other way
    round already. May be repeated if it was interrupted.
    """
    main = _main(wiring, key, other)
    Answers(wiring.store).accept(key, main.key)
    original = wiring.store.kept("originals", key)
    _join(wiring, key, main.key)
    _clear(wiring, key)
    if original is not None and (main := wiring.ledger.track(main.key) or main) and _as_long(wiring, original, main):
        better.offer(wiring, main, original, source=key)
    # The last step: who is killed before it is asked the same question again.
    while (item := _join(wiring, key, main.key)) is not None and not item.alias:
        wiring.ledger.become_alias(item, main.key)
    _clear(wiring, key)  # whoever was at the track meanwhile
    return main.key


def _join(wiring: Wiring, key: str, main: str) -> Item | None:
    """Give the main track what playlists this one has; gives this one as it was then."""
    item = wiring.ledger.track(key)
    for playlist in () if item is None or item.alias else item.playlists:
        wiring.ledger.join(main, playlist)
    return item


def _clear(wiring: Wiring, key: str) -> None:
    """Take what was made of a track away, but its original."""
    register_of(wiring).forget(key)
    wiring.store.drop_memo(prints.KIND, key)
    take_files(wiring, key)


def _main(wiring: Wiring, key: str, other: str) -> Item:
    if wiring.ledger.track(key) is None:
        raise ConfigurationError(f"{key} was never enqueued: `crateline status PLAYLIST --tracks` shows the keys")
    main = wiring.ledger.stands_for(other)
    if main is None:
        raise ConfigurationError(f"{other} is not on the line: enqueue its playlist, or reject it")
    if main.key == key:
        raise ConfigurationError(f"{key} stands for {other} already")
    return main


def _as_long(wiring: Wiring, original: Kept, main: Item) -> bool:
    """Whether an original could take the place of the main track's: an edit must not take that of an extended mix."""
    its = wiring.store.kept("originals", main.key)
    return its is None or fingerprint.as_long(*(float(one.facts.get("seconds") or 0) for one in (original, its)))


def reject(wiring: Wiring, key: str, other: str) -> None:
    """Remember that two tracks are different recordings; the track goes on, unless there is more to ask.

    Raises ConfigurationError if the track was never enqueued.
    """
    item = wiring.ledger.track(key)
    if item is None:
        raise ConfigurationError(f"{key} was never enqueued: `crateline status PLAYLIST --tracks` shows the keys")
    Answers(wiring.store).reject(key, other)
    if item.verdict == "review" and item.fields.get("kind") == KIND:
        wiring.rework.reopen(item)


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
