"""Taking answers back: what was done because of them is undone as far as it is ours, and the track is tried anew."""

from dataclasses import dataclass

from crateline.durable.answers import Answers
from crateline.durable.item import Item
from crateline.durable.store import Kept
from crateline.errors import ConfigurationError
from crateline.messages import Station
from crateline.wiring import Wiring
from tasks import duplicates, review

KIND = "retractions"
"""The kind of memo that says what is being taken back: {"candidates": […]}, until it is."""
SOUND = (Station.DOWNLOAD, Station.ANALYZE, Station.EAGLE)
FROM_ANEW = tuple(f"{kept}:{station}" for kept in ("s", "was") for station in SOUND)
DECIDED = ("kind", "candidates")


@dataclass(frozen=True, kw_only=True, slots=True)
class Retracted:
    """What was taken back: the candidates that there were answers about. `again`: the line tries the track anew."""

    key: str
    candidates: tuple[str, ...]
    again: bool


def forget(wiring: Wiring, key: str, candidate: str = "") -> Retracted:
    """Take back what a person has answered about a track, or about one candidate.

    A source that was fetched on that word is thrown away; what became another upload of a recording is a track again. What
    was written on a page stays. Raises ConfigurationError if nothing was answered.
    """
    with review.alone(wiring, key):
        gone = _begun(wiring, key, candidate)
        if not gone:
            about = f"{key} and {candidate}" if candidate else key
            raise ConfigurationError(f"nothing was answered about {about}: give the key and the candidate as you answered them")
        Answers(wiring.store).forget(key, candidate)
        item = wiring.ledger.track(key)
        again = item is not None and not key.startswith(review.DJAY) and _undone(wiring, item, gone)
        wiring.store.drop_memo(KIND, key)
    return Retracted(key=key, candidates=gone, again=again)


def _begun(wiring: Wiring, key: str, candidate: str) -> tuple[str, ...]:
    """The candidates whose answers are taken back: it is written down, so that who is killed at it can be succeeded."""
    answers, before = Answers(wiring.store), wiring.store.memo(KIND, key) or {}
    answered = (one for one in (*answers.confirmed(key), *answers.rejected(key)) if candidate in ("", one))
    gone = tuple(dict.fromkeys([*map(str, before.get("candidates", ())), *answered]))
    if gone:
        wiring.store.keep_memo(KIND, key, {"candidates": gone})
    return gone


def _undone(wiring: Wiring, item: Item, gone: tuple[str, ...]) -> bool:
    """Undo what an answer has led to; whether there was anything to undo or to try."""
    original = wiring.store.kept("originals", item.key)
    others = wiring.ledger.tracks(gone)
    if item.alias in gone:
        _part(wiring, item)
    elif parted := [other for other in others if other.alias == item.key]:
        for other in parted:
            _part(wiring, other)
    elif _fetched_for(original, gone) or (original is None and item.sealed(Station.DOWNLOAD)):
        wiring.store.unseal("originals", item.key)
        duplicates.take_files(wiring, item.key)
        wiring.rework.reopen(item, also=(*FROM_ANEW, *DECIDED))
    elif item.verdict:
        wiring.rework.reopen(item)
    elif others:
        wiring.rework.repeat([item], (Station.ANALYZE, Station.EAGLE))  # it is compared with the others once more
    else:
        return False
    return True


def _fetched_for(original: Kept | None, gone: tuple[str, ...]) -> bool:
    return original is not None and original.facts.get("match") in gone


def _part(wiring: Wiring, item: Item) -> None:
    """Let another upload be a track again. The one that stood for it leaves the playlists that it has through it alone."""
    if (main := wiring.ledger.stands_for(item.alias)) is not None:
        for playlist in item.playlists:
            members = wiring.ledger.tracks(wiring.register.members(playlist))
            if not any(one.key == main.key or (one.alias == main.key and one.key != item.key) for one in members):
                wiring.register.leave(playlist, [main.key])
        its = wiring.store.kept("originals", main.key)
        if its is not None and its.facts.get("upload") == item.key:  # the better file was that of the other recording
            wiring.store.unseal("originals", main.key)
            wiring.rework.repeat([main], SOUND)
    wiring.rework.reopen(item, also=("alias",))
