"""The review queue: what waits for a person, with its candidates; and what an answer sets going.

Answers are kept in MEDIA_ROOT: they outlive Redis, hold on every machine, and are never asked for again.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crateline.durable import locks
from crateline.durable.answers import Answers
from crateline.durable.item import Item
from crateline.durable.rework import SKIPPED
from crateline.durable.wishes import Wishes
from crateline.errors import ConfigurationError
from crateline.wiring import Wiring
from tasks import duplicates

DJAY = "djay:"
WAIT_S = 30.0
"""How long somebody else's answer about the same track is waited for."""
KINDS = {
    "source": "the audio of a track is wanted from elsewhere",
    "page": "a page in Notion may be this track",
    "fingerprint": "another track sounds nearly the same",
    "djay": "a page in Notion may be this track of djay's library",
}
"""What is asked, by the kind of question."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One thing that waits. `candidates` are as their station has written them: id, title, score, features, and more."""

    key: str
    kind: str
    item: Item
    candidates: tuple[dict[str, Any], ...]

    @property
    def reason(self) -> str:
        """Why it is asked."""
        return self.item.fields.get("reason", "") or KINDS.get(self.kind, "")

    @property
    def skipped(self) -> float:
        """When a person has put it off last (Unix seconds), or 0."""
        return float(self.item.fields.get(SKIPPED) or 0)

    def public(self) -> dict[str, Any]:
        """The answer of `review list --json`."""
        return {
            "key": self.key,
            "kind": self.kind,
            "title": self.item.title,
            "reason": self.reason,
            "candidates": list(self.candidates),
        }


def questions(wiring: Wiring) -> list[Question]:
    """Everything that waits for a person: what was put off comes last, else in the order of the playlists."""
    found = {question.key: question for question in _all(wiring)}
    return sorted(found.values(), key=lambda question: question.skipped)


def _all(wiring: Wiring) -> Iterator[Question]:
    playlists = wiring.register.keys()
    listed = dict.fromkeys(key for playlist in playlists for key in wiring.register.members(playlist))
    others = sorted(set(wiring.ledger.keys()) - listed.keys())  # no playlist holds them any more, and they go on all the same
    for item in wiring.ledger.tracks([*listed, *others]):
        if item.verdict == "review":
            yield _question(item)
    wishes = Wishes(wiring.redis)
    for item in wishes.items(sorted(wishes.in_review())).values():
        yield _question(item)


def _question(item: Item) -> Question:
    candidates = tuple(json.loads(item.fields.get("candidates", "[]")))
    kind = item.fields.get("kind") or ("djay" if item.key.startswith(DJAY) else "source")
    return Question(key=item.key, kind=kind, item=item, candidates=candidates)


def question(wiring: Wiring, key: str) -> Question:
    """One question. Raises ConfigurationError if nothing is asked about this key."""
    item, wishes = wiring.ledger.track(key), Wishes(wiring.redis)
    if item is None or item.verdict != "review":
        item = wishes.item(key) if key in wishes.in_review() else None
    if item is None:
        raise ConfigurationError(f"{key} does not wait for an answer: `crateline review list` shows what does")
    return _question(item)


@contextmanager
def alone(wiring: Wiring, key: str) -> Iterator[None]:
    """Be the only one that answers about a track: of two answers at the same moment the second finds what the first led to."""
    with locks.alone(wiring.redis, f"answers:{key}", wait_s=WAIT_S):
        yield


def accept(wiring: Wiring, key: str, candidate: str) -> Question:
    """Answer that `candidate` is it: the track goes on with it. Raises ConfigurationError if it was not offered."""
    with alone(wiring, key):
        return _accept(wiring, key, candidate)


def _accept(wiring: Wiring, key: str, candidate: str) -> Question:
    asked = question(wiring, key)
    chosen = next((one for one in asked.candidates if str(one["id"]) == candidate), None)
    if chosen is None:
        offered = ", ".join(str(one["id"]) for one in asked.candidates) or "none"
        raise ConfigurationError(f"{candidate} is no candidate of {key}; there are: {offered}")
    if asked.kind == "fingerprint":
        duplicates.accept(wiring, key, candidate)
        return asked
    Answers(wiring.store).accept(key, candidate, chosen)
    _go_on(wiring, asked)
    return asked


def reject(wiring: Wiring, key: str, candidate: str = "") -> Question:
    """Answer that it is not `candidate`, or none of those offered: the track goes on without them."""
    with alone(wiring, key):
        return _reject(wiring, key, candidate)


def _reject(wiring: Wiring, key: str, candidate: str) -> Question:
    asked = question(wiring, key)
    wrong = [str(one["id"]) for one in asked.candidates if candidate in ("", str(one["id"]))]
    if candidate and not wrong:
        raise ConfigurationError(f"{candidate} is no candidate of {key}")
    for one in wrong:
        if asked.kind == "fingerprint":
            duplicates.reject(wiring, key, one)
        else:
            Answers(wiring.store).reject(key, one)
    if asked.kind != "fingerprint":
        _go_on(wiring, asked)
    return asked


def skip(wiring: Wiring, key: str) -> Question:
    """Put a question off: it is asked after all others."""
    asked = question(wiring, key)
    if asked.kind == "djay":
        Wishes(wiring.redis).put_off(key, wiring.index.now())
    else:
        wiring.rework.put_off(asked.item)
    return asked


def _go_on(wiring: Wiring, asked: Question) -> None:
    """Let the line look again: it finds the answer where it looks for candidates."""
    if asked.kind == "djay":
        Wishes(wiring.redis).answered(asked.key)
    else:
        wiring.rework.reopen(asked.item)
