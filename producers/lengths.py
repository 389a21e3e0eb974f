"""A track's length in seconds, however an exporter has written it."""

import re

LEAST_MILLISECONDS = 10_000
"""A bare number of so much is no track's length in seconds."""
LEAST_SECONDS = 10
"""A bare number below is a number of minutes, or of something else."""
SHORTEST_S = 1.0
LONGEST_S = 86_400.0
"""What is shorter or longer than this is no length: a date, a mistake."""
SECONDS_PER_MINUTE = 60

_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]?\d)(?:[.,]\d+)?")
_UNITS = re.compile(
    r"(?:pt)?(?:(\d+)\s*h[a-z]*\.?)?\s*(?:(\d+)\s*m(?!s)[a-z]*\.?)?\s*(?:(\d+)(?:[.,]\d+)?\s*s[a-z]*\.?)?", re.IGNORECASE
)
_NUMBER = re.compile(r"(\d+)(?:[.,](\d+))?\s*(s|sec|ms)?", re.IGNORECASE)


def seconds(text: str, *, unit: str = "") -> float | None:
    """The length that a cell says; None if it says none, or none that a track can have.

    `unit` is `s` or `ms` where the column's name tells it; else 10000 and more are milliseconds. `3,75` are minutes, because
    no clock shows 75 seconds; whether `3,45` are minutes or seconds nobody knows.
    """
    for read in (_clock, _number, _units):
        found = read(text.strip(), unit)
        if found is not None:
            return found if SHORTEST_S <= found <= LONGEST_S else None
    return None


def _clock(text: str, unit: str) -> float | None:
    del unit
    if (found := _CLOCK.fullmatch(text)) is None:
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return float((hours * SECONDS_PER_MINUTE + minutes) * SECONDS_PER_MINUTE + rest)


def _number(text: str, unit: str) -> float | None:
    if (found := _NUMBER.fullmatch(text)) is None:
        return None
    whole, part, said = found[1], found[2] or "", (found[3] or unit).lower()
    value = float(f"{whole}.{part or 0}")
    if said == "ms" or (not said and value >= LEAST_MILLISECONDS):
        return value / 1000
    if not said and len(part) == 2 and int(part) >= SECONDS_PER_MINUTE and value < SECONDS_PER_MINUTE:  # noqa: PLR2004  # 3,75
        return value * SECONDS_PER_MINUTE
    return value if said or value >= (SECONDS_PER_MINUTE if part else LEAST_SECONDS) else None


def _units(text: str, unit: str) -> float | None:
    del unit
    found = _UNITS.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return float((hours * SECONDS_PER_MINUTE + minutes) * SECONDS_PER_MINUTE + rest)
