"""How much drive a recording has, from 1 to 10: against limits that are shipped, or against the listener's own library."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from crateline.errors import ConfigurationError

LEVELS = 10
FEWEST = 50
"""So many recordings make a library whose percentiles mean something."""

MEMO = "energy-limits"
"""The kind of note in which the store keeps a user's own limits; its name is the recipe's number."""

_NAMES = ((9, "Peak"), (7, "High"), (4, "Medium"), (1, "Low"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Nine rising values of `energy_raw`: a recording that reaches the n-th has level n + 1."""

    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what is not nine rising numbers."""
        sound = len(self.levels) == LEVELS - 1 and all(map(math.isfinite, self.levels))
        if not sound or list(self.levels) != sorted(self.levels):
            raise ConfigurationError(f"Energy limits are {LEVELS - 1} rising numbers, not {self.levels}")

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Self:
        """Take the tenths of a library, so that each level holds as many of its recordings; None values are left out.

        Raises ConfigurationError if there are fewer than `FEWEST`.
        """
        known = sorted(value for value in values if value is not None and math.isfinite(value))
        if len(known) < FEWEST:
            raise ConfigurationError(f"{len(known)} analysed recordings are too few for limits of energy: {FEWEST} are needed")
        return cls(levels=tuple(round(_quantile(known, tenth / LEVELS), 4) for tenth in range(1, LEVELS)))

    def to_json(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {"levels": list(self.levels)}

    @classmethod
    def read(cls, note: Mapping[str, Any] | None) -> Self:
        """Undo `to_json`; the shipped limits where there is no note, or none that can be used."""
        try:
            return cls(levels=tuple(float(value) for value in (note or {})["levels"]))
        except (KeyError, TypeError, ValueError, ConfigurationError):
            return cls(levels=SHIPPED.levels)


SHIPPED = Limits(levels=(0.42, 0.52, 0.58, 0.63, 0.67, 0.71, 0.75, 0.79, 0.84))
"""For recipe 2: the tenths of LMMS' 24 demo songs and of 60 generated ones of 20 styles, each group counting for half."""


def level(raw: float, limits: Limits = SHIPPED) -> int:
    """Give the level of a recording, 1 to 10."""
    return bisect_right(limits.levels, raw) + 1


def name(of_level: int) -> str:
    """Give the word for a level: Low up to 3, Medium up to 6, High up to 8, Peak.

    With a library's own limits these are the percentiles 0-30, 30-60, 60-80 and 80-100.
    """
    return next(word for lowest, word in _NAMES if of_level >= lowest)


def _quantile(ordered: list[float], share: float) -> float:
    """Interpolate linearly between the two nearest of sorted values."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
