"""Points in time as Notion writes them: cut to the minute, except for those of a database."""

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crateline.sandbox.notion import problems

DAY = re.compile(r"\d{4}-\d\d-\d\d")


def minute(moment: datetime) -> datetime:
    """Cut to the minute: what a reader can know of a page's times."""
    return moment.replace(second=0, microsecond=0)


def stamp(moment: datetime) -> str:
    """Write a page's time, e.g. `2026-07-04T09:08:00.000Z`."""
    return minute(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00.000Z")


def exact(moment: datetime) -> str:
    """Write a database's time, e.g. `2026-07-04T09:09:08.209+00:00`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def parse(text: str) -> datetime:
    """Read a day (its midnight, UTC) or an instant (UTC unless it says otherwise). Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def span(text: str) -> tuple[datetime, datetime]:
    """Give the first and the last instant that a day or a point in time stands for. Raises ValueError."""
    if DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return datetime.combine(day, time.min, UTC), datetime.combine(day, time.max, UTC)
    moment = parse(text)
    return moment, moment


def read(raw: Any, where: str) -> dict[str, Any] | None:
    """Read the value of a date property. Raises RefusalError when it is not one."""
    if raw is None:
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("start"), str):
        raise problems.invalid(f"{where}.start", "should be defined, instead was `undefined`")
    zone = raw.get("time_zone")
    end = raw.get("end")
    return {
        "start": _written(raw["start"], zone, f"{where}.start"),
        "end": _written(end, zone, f"{where}.end") if end is not None else None,
        "time_zone": zone,
    }


def _written(text: Any, zone: str | None, where: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        shift = ZoneInfo(zone) if zone else UTC
    except (TypeError, ValueError, ZoneInfoNotFoundError) as error:
        raise problems.invalid(where, f'should be a valid ISO 8601 date string, instead was `"{text}"`') from error
    if DAY.fullmatch(text):
        return str(text)
    placed = moment if moment.tzinfo else moment.replace(tzinfo=shift)
    return minute(placed).isoformat(timespec="milliseconds")
