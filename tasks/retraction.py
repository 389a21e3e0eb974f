"""Taking answers back: what was done because of them is undone as far as it is ours, and the track is tried anew."""

from dataclasses import dataclass

from crateline.durable.answers import Answers
from crateline.durable.item import Item
from crateline.errors import ConfigurationError
from crateline.messages import Station
from crateline.wiring import Wiring
from tasks import duplicates
from tasks.review import DJAY

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
    gone = Answers(wiring.store).forget(key, candidate)
    if not gone:
        about = f"{key} and {candidate}" if candidate else key
        raise ConfigurationError(f"nothing was answered about {about}. `crateline status PLAYLIST --tracks` shows the keys")
    item = wiring.ledger.track(key)
    again = item is not None and not key.startswith(DJAY) and _undone(wiring, item, gone)
    return Retracted(key=key, candidates=gone, again=again)


def _undone(wiring: Wiring, item: Item, gone: tuple[str, ...]) -> bool:
    """Undo what an answer has led to; whether there was anything to undo or to try."""
    original = wiring.store.kept("originals", item.key)
    others = wiring.ledger.tracks(gone)
    if item.alias in gone:
        _part(wiring, item)
    elif parted := [other for other in others if other.alias == item.key]:
        for other in parted:
            _part(wiring, other)
    elif original is not None and original.facts.get("match") in gone:
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
