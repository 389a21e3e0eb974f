"""What a blob of djay's gives: values, with words for what Python does not have, or an error with its byte."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from crateline.errors import CratelineError

EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
"""From here djay counts its seconds, as all of macOS does."""


class Url(str):
    """A URL or URI, as it is written."""

    __slots__ = ()


class Date(NamedTuple):
    """An instant, in seconds since 2001-01-01T00:00:00Z; it may be none that a calendar knows."""

    seconds: float

    @property
    def instant(self) -> datetime | None:
        """The same with a zone; None for a number that is outside the years 1 to 9999 or none at all."""
        try:
            return EPOCH + timedelta(seconds=self.seconds)
        except (OverflowError, ValueError):
            return None


class Entity(NamedTuple):
    """An object of a class, or a structure without one (`kind` is empty). A name may occur twice."""

    kind: str
    fields: tuple[tuple[str, Any], ...]

    def get(self, name: str) -> Any:
        """Give the first value of this name, or None."""
        for known, value in self.fields:
            if known == name:
                return value
        return None


class Decoded(NamedTuple):
    """What a blob holds: str, int, float, bool, bytes, list, Url, Date or Entity; and the counts of its header."""

    value: Any
    objects: int
    strings: int


class TsafError(CratelineError):
    """A blob that is not TSAF as we know it. `offset` is the byte at which reading ended, `reason` why."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason, offset)
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        return f"{self.reason} (byte {self.offset})"
