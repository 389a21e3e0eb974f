"""What a person has answered about a track: which candidates it is not, and which it is. MEDIA_ROOT remembers it."""

from collections.abc import Iterable, Mapping
from typing import Any

from crateline.durable.store import Store

KIND = "answers"
"""The kind of memo: {"rejected": [candidate, …], "accepted": candidate, "also": [candidate, …], "of": {candidate: details}}.

`also` were accepted before, and hold as well."""


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
        rejected = dict.fromkeys([*self.rejected(key), candidate])
        self._keep(key, rejected=rejected, confirmed=[one for one in self.confirmed(key) if one != candidate])

    def accept(self, key: str, candidate: str, details: Mapping[str, Any] | None = None) -> None:
        """Remember that a track is this candidate. An earlier "no" to it is taken back.

        `details` are what is needed to use it without asking again: where it is, how long it is.
        """
        rejected = [one for one in self.rejected(key) if one != candidate]
        confirmed = dict.fromkeys([candidate, *self.confirmed(key)])
        self._keep(key, rejected=rejected, confirmed=confirmed, of={candidate: dict(details)} if details else {})

    def details(self, key: str, candidate: str) -> dict[str, Any]:
        """What is known of a candidate that was accepted; nothing if it was accepted by its id alone."""
        return dict(self._details(key).get(candidate, {}))

    def forget(self, key: str, candidate: str = "") -> tuple[str, ...]:
        """Take every answer about a track back, or the one about `candidate`: it is asked about again.

        Gives the candidates that there were answers about.
        """
        confirmed, rejected = self.confirmed(key), self.rejected(key)
        gone = [one for one in (*confirmed, *rejected) if candidate in ("", one)]
        if gone:
            left = [[one for one in ones if one not in gone] for ones in (rejected, confirmed)]
            self._keep(key, rejected=left[0], confirmed=left[1])
        return tuple(dict.fromkeys(gone))

    def same(self, one: str, other: str) -> bool | None:
        """Whether two tracks are one recording, as a person has said of either; None if nobody was asked."""
        if other in self.confirmed(one) or one in self.confirmed(other):
            return True
        return False if other in self.rejected(one) or one in self.rejected(other) else None

    def _keep(
        self, key: str, *, rejected: Iterable[str], confirmed: Iterable[str], of: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        said = list(confirmed)
        known = {**self._details(key), **(of or {})}
        note = {
            "rejected": list(rejected),
            "accepted": said[0] if said else "",
            "also": said[1:],
            "of": {one: known[one] for one in said if one in known},
        }
        self._store.keep_memo(KIND, key, note)

    def _details(self, key: str) -> dict[str, Mapping[str, Any]]:
        note = self._note(key)
        before = {note["accepted"]: note["details"]} if note.get("accepted") and note.get("details") else {}
        return {**before, **(note.get("of") or {})}  # "details" is how the last one's were kept once

    def _note(self, key: str) -> dict[str, Any]:
        return dict(self._store.memo(KIND, key) or {})
