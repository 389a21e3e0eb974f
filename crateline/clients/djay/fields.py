"""Fields of djay's objects, by the type they should have: a field that is absent or of another type is empty or None.

djay for Windows writes every number as a float, the Mac's writes small ones as integers: both are numbers here.
"""

import math
from datetime import datetime

from crateline.clients.djay.values import Date, Entity


def text(entity: Entity, name: str) -> str:
    """Give a string or a URL."""
    value = entity.get(name)
    return str(value) if isinstance(value, str) else ""


def texts(entity: Entity, name: str) -> list[str]:
    """Give the strings and URLs of a collection."""
    value = entity.get(name)
    return [str(one) for one in value if isinstance(one, str)] if isinstance(value, list) else []


def number(entity: Entity, name: str) -> float | None:
    """Give a finite number."""
    value = entity.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def whole(entity: Entity, name: str) -> int | None:
    """Give a whole number; 2.0 is one."""
    value = number(entity, name)
    return int(value) if value is not None and value == int(value) else None


def instant(entity: Entity, name: str) -> datetime | None:
    """Give a date, with its zone."""
    value = entity.get(name)
    return value.instant if isinstance(value, Date) else None


def entities(entity: Entity, name: str) -> list[Entity]:
    """Give the objects of a collection, in its order."""
    value = entity.get(name)
    return [one for one in value if isinstance(one, Entity)] if isinstance(value, list) else []
