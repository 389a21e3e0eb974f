"""One value at a time: how each of Notion's property types is written into a request and read out of an answer."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

Plain = str | float | bool | tuple[str, ...] | None
"""A value without Notion around it: text, a number, a flag, page ids or option names; `None` is an empty number."""

Payload = dict[str, Any]

# Limits of Notion's API, as its request validation states them.
TEXT_UNITS: Final = 2000  # of one rich text object, counted in UTF-16 units, the stricter reading
TEXT_OBJECTS: Final = 100
URL_LENGTH: Final = 2000
OPTION_UNITS: Final = 100
ARRAY_LENGTH: Final = 100

UNSAYABLE: Final = object()


def page_id(text: str) -> str:
    """Give an id as Notion writes it, with dashes. Raises ValueError if it is none."""
    return str(UUID(text))


def clean(text: str) -> str:
    """Drop what JSON or Notion cannot carry: lone surrogates and control characters other than tab and newline."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff"))


def cut(text: str, units: int) -> str:
    """Give the longest beginning of `text` that has at most `units` UTF-16 units and splits no character."""
    if len(text) * 2 <= units:
        return text
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore")


def words(value: Plain) -> str:
    """Say any plain value as text: 128.0 is "128", True is "Yes"."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else repr(value)
    return clean(value or "")


def _write_text(value: Plain, _definition: Payload) -> Any:
    rest = words(value)
    pieces: list[Payload] = []
    while rest and len(pieces) < TEXT_OBJECTS:
        piece = cut(rest, TEXT_UNITS)
        pieces.append({"type": "text", "text": {"content": piece}})
        rest = rest[len(piece) :]
    return pieces


def _write_number(value: Plain, _definition: Payload) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return UNSAYABLE
    return value


def _write_checkbox(value: Plain, _definition: Payload) -> Any:
    return value if isinstance(value, bool) else UNSAYABLE


def _known_options(definition: Payload) -> dict[str, str]:
    options = definition.get(definition["type"], {}).get("options", [])
    return {option["name"].casefold(): option["name"] for option in options}


def _option(text: str, definition: Payload) -> str:
    """Give an option's name: no commas, at most 100 units, spelt as the database has it (Notion ignores case)."""
    name = cut(" & ".join(part.strip() for part in text.split(",") if part.strip()), OPTION_UNITS).strip()
    return _known_options(definition).get(name.casefold(), name)


def _write_select(value: Plain, definition: Payload) -> Any:
    name = _option(words(value), definition)
    return {"name": name} if name else None


def _write_status(value: Plain, definition: Payload) -> Any:
    # Unlike a select, a status takes no option that its database does not have.
    name = _known_options(definition).get(words(value).casefold())
    return {"name": name} if name else UNSAYABLE


def _write_multi_select(value: Plain, definition: Payload) -> Any:
    parts = value if isinstance(value, tuple) else words(value).split(",")
    names = (_option(clean(part), definition) for part in parts)
    unique = {name.casefold(): name for name in names if name}
    return [{"name": name} for name in list(unique.values())[:ARRAY_LENGTH]]


def _write_url(value: Plain, _definition: Payload) -> Any:
    url = words(value).strip()
    if len(cut(url, URL_LENGTH)) < len(url):
        return UNSAYABLE  # half an address leads nowhere
    return url or None


def _write_date(value: Plain, _definition: Payload) -> Any:
    start, _, end = words(value).partition("/")
    if not start:
        return None
    try:
        for moment in (start, end or start):
            datetime.fromisoformat(moment)
    except ValueError:
        return UNSAYABLE
    return {"start": start, "end": end or None}


def _write_relation(value: Plain, _definition: Payload) -> Any:
    if not isinstance(value, tuple):
        return UNSAYABLE
    unique = dict.fromkeys(page_id(one) for one in value)
    return [{"id": one} for one in list(unique)[:ARRAY_LENGTH]]


WRITERS: Mapping[str, Callable[[Plain, Payload], Any]] = {
    "title": _write_text,
    "rich_text": _write_text,
    "number": _write_number,
    "checkbox": _write_checkbox,
    "select": _write_select,
    "status": _write_status,
    "multi_select": _write_multi_select,
    "url": _write_url,
    "date": _write_date,
    "relation": _write_relation,
}


def write(value: Plain, definition: Payload) -> Payload | None:
    """Give the property value for a request, by the property's real type in `definition` (one entry of a schema).

    None if this type cannot say it: a read-only type, an unknown status, an address beyond 2000 characters.
    """
    kind = definition["type"]
    payload = WRITERS[kind](value, definition) if kind in WRITERS else UNSAYABLE
    return None if payload is UNSAYABLE else {"type": kind, kind: payload}


def moment(text: str) -> str:
    """Give a date as it is, an instant in UTC and to the minute, as Notion keeps it: one instant is one value."""
    if len(text) == len("2026-01-16"):
        return text
    instant = datetime.fromisoformat(text).replace(second=0, microsecond=0)
    return instant.astimezone(UTC).isoformat() if instant.tzinfo else instant.isoformat()


def _read_date(date: Payload | None) -> Plain:
    if not date or not date.get("start"):
        return ""
    start = moment(date["start"])
    return f"{start}/{moment(date['end'])}" if date.get("end") else start


def _read_text(pieces: list[Payload]) -> Plain:
    return "".join(piece["plain_text"] if "plain_text" in piece else piece["text"]["content"] for piece in pieces)


def _read_formula(result: Payload) -> Plain:
    plain = result.get(result.get("type", ""))
    return plain if isinstance(plain, str | int | float | bool) else None


READERS: Mapping[str, Callable[[Any], Plain]] = {
    "title": _read_text,
    "rich_text": _read_text,
    "number": lambda number: number,
    "checkbox": bool,
    "select": lambda option: option["name"] if option else "",
    "status": lambda option: option["name"] if option else "",
    "multi_select": lambda options: tuple(option["name"] for option in options),
    "url": lambda url: url or "",
    "email": lambda address: address or "",
    "phone_number": lambda number: number or "",
    "date": _read_date,
    "relation": lambda pages: tuple(page_id(page["id"]) for page in pages),
    "formula": _read_formula,
}


def read(payload: Payload) -> Plain:
    """Give the plain value of one property of a page, or of a request; None for types we have no use for."""
    kind = payload["type"]
    return READERS[kind](payload[kind]) if kind in READERS else None
