"""Notion's queries: conditions, the windows that go past the 10,000 rows, and what the answers hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from crateline.domain import properties
from crateline.errors import ServiceStopped

PAGE_SIZE: Final = 100
MOST_CONDITIONS: Final = 100
MOST_ROWS: Final = 10_000
MINUTE: Final = timedelta(minutes=1)

Condition = dict[str, Any]


def conditions(wanted: Mapping[str, Any] | None, edited_since: datetime | None) -> tuple[Condition, ...]:
    """Give what a page has to fulfil. A compound `and` is opened, because filters may be two levels deep only."""
    own = [] if wanted is None else list(wanted["and"]) if set(wanted) == {"and"} else [dict(wanted)]
    if edited_since is not None:
        own.append(_time_condition("last_edited_time", _minute(edited_since) - MINUTE))
    return tuple(own)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One run of a query, oldest pages first: those created at or after `start`; "" is the beginning of time."""

    conditions: tuple[Condition, ...] = ()
    start: str = ""

    def body(self) -> dict[str, Any]:
        """Give the body of the query."""
        since = (_time_condition("created_time", datetime.fromisoformat(self.start)),) if self.start else ()
        every = [*self.conditions, *since]
        chosen = {"filter": every[0] if len(every) == 1 else {"and": every}} if every else {}
        return {"sorts": [{"timestamp": "created_time", "direction": "ascending"}], **chosen}

    def after(self, newest: str) -> "Window":
        """Give the window to go on with when Notion stopped at a page created at `newest`, with a minute's overlap.

        Raises ServiceStopped where no window can help: more pages than Notion shows, all created in one minute.
        """
        newest_minute = _minute(datetime.fromisoformat(newest)) if newest else None
        for start in (newest_minute - MINUTE, newest_minute) if newest_minute else ():
            if not self.start or start > datetime.fromisoformat(self.start):
                return replace(self, start=start.isoformat())
        raise ServiceStopped(
            "notion",
            f"more than 10,000 pages were created in the minute of {newest}, and Notion shows no more of them",
            "Move some of these pages to another database, then unpause.",
        )


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _time_condition(which: str, moment: datetime) -> Condition:
    return {"timestamp": which, which: {"on_or_after": moment.isoformat()}}


def was_stopped(last: Mapping[str, Any], rows: int) -> bool:
    """Say by its last answer whether Notion ended a query before its end: it says `has_more: false` all the same."""
    return rows >= MOST_ROWS or (last.get("request_status") or {}).get("type") == "incomplete"


def any_of(name: str, kind: str, values: Sequence[str]) -> Condition:
    """Give the condition that a property equals one of the values. Raises ValueError for more than 100 of them."""
    if len(values) > MOST_CONDITIONS:
        raise ValueError(f"Notion takes {MOST_CONDITIONS} conditions at most, not {len(values)}")
    return {"or": [{"property": name, kind: {_VERBS.get(kind, "equals"): _operand(kind, value)}} for value in values]}


_VERBS: Final = {"relation": "contains", "multi_select": "contains"}


def _operand(kind: str, value: str) -> str | float:
    return float(value) if kind == "number" else value


def equals(page: Mapping[str, Any], name: str, kind: str, values: Sequence[str]) -> bool:
    """Compare a found page again, exactly. True for types whose condition leaves no doubt."""
    payload = page.get("properties", {}).get(name)
    if payload is None or kind not in {"title", "rich_text", "url"}:
        return True
    return properties.plain_values({name: payload})[name] in values


def related(answer: Mapping[str, Any]) -> list[str]:
    """Give the page ids of one answer of a relation's property endpoint; an empty relation is no list at all."""
    if "results" not in answer:
        return [properties.page_id(page["id"]) for page in answer.get("relation", [])]
    return [properties.page_id(item["relation"]["id"]) for item in answer["results"]]
