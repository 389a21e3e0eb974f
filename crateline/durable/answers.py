"""What a person has answered about a track: which candidates it is not, and which it is. MEDIA_ROOT remembers it."""

from collections.abc import Mapping
from typing import Any

from crateline.durable.store import Store

KIND = "answers"
"""The kind of memo: {"rejected": [candidate, …], "accepted": candidate, "also": [candidate, …]}; `also` were accepted before."""


class Answers:
    """The answers about all tracks, by key. A candidate is a track's key, a page's id, or a source's."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rejected(self, key: str) -> tuple[str, ...]:
        """The candidates that a track is not, in the order of the answers."""
        return tuple(map(str, self._note(key).get("rejected", ())))

    def accepted(self, key: str) -> str:
        """The candidate that a track is, or nothing."""
        return str(self._note(key).get("accepted", ""))

    def confirmed(self, key: str) -> tuple[str, ...]:
        """All candidates that a track is, the last answer first: a page, a source, another upload do not exclude each other."""
        note = self._note(key)
        return tuple(filter(None, map(str, (note.get("accepted", ""), *note.get("also", ())))))

    def reject(self, key: str, candidate: str) -> None:
        """Remember that a track is not this candidate. An earlier "yes" to it is taken back."""
        note = self._note(key)
        note["rejected"] = list(dict.fromkeys([*self.rejected(key), candidate]))
        note["also"] = [one for one in note.get("also", ()) if one != candidate]
        if note.get("accepted") == candidate:
            del note["accepted"]
        self._store.keep_memo(KIND, key, note)

    def accept(self, key: str, candidate: str, details: Mapping[str, Any] | None = None) -> None:
        """Remember that a track is this candidate. An earlier "no" to it is taken back.

        `details` are what is needed to use it without asking again: where it is, how long it is.
        """
        rejected = [one for one in self.rejected(key) if one != candidate]
        also = [one for one in self.confirmed(key) if one != candidate]
        said = {"rejected": rejected, "accepted": candidate, "also": also, "details": dict(details or {})}
        self._store.keep_memo(KIND, key, {**self._note(key), **said})

    def details(self, key: str) -> dict[str, Any]:
        """What is known of the candidate that was accepted."""
        return dict(self._note(key).get("details") or {})

    def forget(self, key: str) -> None:
        """Take every answer about a track back: it is asked about again."""
        self._store.keep_memo(KIND, key, {})

    def same(self, one: str, other: str) -> bool | None:
        """Whether two tracks are one recording, as a person has said of either; None if nobody was asked."""
        if other in self.confirmed(one) or one in self.confirmed(other):
            return True
        return False if other in self.rejected(one) or one in self.rejected(other) else None

    def _note(self, key: str) -> dict[str, Any]:
        return dict(self._store.memo(KIND, key) or {})
