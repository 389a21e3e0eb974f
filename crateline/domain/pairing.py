"""Tracks of a library and pages of Notion, paired: by what evidence, and what is unsure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Way(StrEnum):
    """The evidence by which a page was found, the surest first."""

    DJAY_ID = "djay_id"
    SPOTIFY_ID = "spotify_id"
    SOUNDCLOUD_URL = "soundcloud_url"
    SOURCE_ID = "source_id"
    ISRC = "isrc"
    TITLE_ARTIST = "title_artist"


@dataclass(frozen=True, kw_only=True, slots=True)
class PageWords:
    """What a Notion page says of its track; "" or None where it says nothing. `duration` is in seconds."""

    page_id: str
    title: str = ""
    artist: str = ""
    duration: float | None = None
    bpm: float | None = None
    djay_id: str = ""
    spotify_id: str = ""
    soundcloud_url: str = ""
    source_id: str = ""
    isrc: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A track's page. `score` is 1 for an exact id."""

    title_id: str
    page_id: str
    way: Way
    score: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PageCandidate:
    """A page that may be meant, with the parts of its score."""

    page_id: str
    title: str
    score: float
    features: Mapping[str, Any] = field(default_factory=dict)

    def public(self) -> dict[str, Any]:
        """The candidate as JSON."""
        return {"id": self.page_id, "title": self.title, "score": self.score, "features": dict(self.features)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """A track for a person to decide on: why, and the pages that might be meant, best first."""

    title_id: str
    reason: str
    candidates: tuple[PageCandidate, ...] = ()

    def public(self) -> dict[str, Any]:
        """The doubt as JSON."""
        return {"key": f"djay:{self.title_id}", "reason": self.reason, "candidates": [one.public() for one in self.candidates]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Matches:
    """Every track's fate: `matched` by title id, `doubts` for review, `absent` are title ids without any page."""

    matched: Mapping[str, Match] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    absent: tuple[str, ...] = ()

    def ways(self) -> dict[str, int]:
        """How many were found by each way, every way named, the surest first."""
        counted = Counter(match.way for match in self.matched.values())
        return {way.value: counted[way] for way in Way}

    @property
    def rate(self) -> float:
        """The share of all tracks that have a page, 0 to 1."""
        total = len(self.matched) + len(self.doubts) + len(self.absent)
        return len(self.matched) / total if total else 0.0
