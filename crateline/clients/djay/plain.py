"""TSAF values as JSON can hold them, without loss and without bounds that a hostile blob could burst.

An object is {"class", "fields"}, a structure {"fields"}, a URL {"url"}, data {"base64", "length"}, a date its ISO 8601.
A name that occurs twice holds {"repeated": […]}. A date that no calendar knows and a float that JSON does not know are
{"date": "…"} and {"float": "…"}, in Python's words. References are unfolded as long as the whole stays within a
multiple of the blob's size; from there on it is {"omitted": true}.
"""

import base64
import math
from datetime import UTC
from typing import Any

from crateline.clients.djay.values import Date, Entity, Url

UNFOLDED = 16
"""Characters per byte of the blob that may be shown; ten is what real names cost at most."""
SPARE = 1 << 20

OMITTED = {"omitted": True}


def of(value: Any, *, size: int) -> Any:
    """Give what `json.dumps` takes for a decoded value of a blob of `size` bytes."""
    return _Page(size * UNFOLDED + SPARE).of(value)


class _Page:
    """What room is left, in characters."""

    def __init__(self, room: int) -> None:
        self.room = room

    def of(self, value: Any) -> Any:
        self.room -= 8 + (2 * len(value) if isinstance(value, (str, bytes)) else 0)
        if self.room < 0:
            return OMITTED
        if isinstance(value, Entity):
            return self.entity(value)
        if isinstance(value, list):
            return self.items(value)
        return _scalar(value)

    def items(self, values: list[Any]) -> list[Any]:
        shown = []
        for value in values:
            shown.append(self.of(value))
            if self.room < 0:
                break
        return shown

    def entity(self, entity: Entity) -> dict[str, Any]:
        fields: dict[str, list[Any]] = {}
        for name, value in entity.fields:
            self.room -= len(name)
            fields.setdefault(name, []).append(self.of(value))
            if self.room < 0:
                break
        shown = {name: values[0] if len(values) == 1 else {"repeated": values} for name, values in fields.items()}
        return {"class": entity.kind, "fields": shown} if entity.kind else {"fields": shown}


def _scalar(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode(), "length": len(value)}
    if isinstance(value, Url):
        return {"url": str(value)}
    if isinstance(value, Date):
        instant = value.instant
        return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else {"date": repr(value.seconds)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    return value
