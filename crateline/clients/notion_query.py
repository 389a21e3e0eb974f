"""Notion's queries: conditions, the sweep that goes past the 10,000 rows, and what the answers hold."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from crateline.domain import causes, properties
from crateline.errors import ServiceStopped

PAGE_SIZE: Final = 100
MOST_CONDITIONS: Final = 100
MOST_ROWS: Final = 10_000
MINUTE: Final = timedelta(minutes=1)

Condition = dict[str, Any]

OLDEST_FIRST: Final = {"timestamp": "created_time", "direction": "ascending"}
BY_TITLE: Final = {"property": "title", "direction": "ascending"}  # "title" is the id of every title property
BY_TITLE_BACKWARDS: Final = {"property": "title", "direction": "descending"}


def conditions(wanted: Mapping[str, Any] | None, edited_since: datetime | None) -> list[Condition]:
    """Give what a page has to fulfil. A compound `and` is opened, because filters may be two levels deep only."""
    own = [] if wanted is None else list(wanted["and"]) if set(wanted) == {"and"} else [dict(wanted)]
    if edited_since is not None:
        since = (_minute(edited_since) - MINUTE).isoformat()
        own.append({"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": since}})
    return own


class Sweep:
    """Reads every page that meets the conditions, each once, oldest first, past the 10,000 rows of one query.

    Notion then says `has_more: false`, so the sweep goes on in a window that begins a minute before the newest page it
    has. A minute with more pages than Notion shows (an import) is read by title, from both ends: where the two meet, it
    is whole. `ask` sends a query's body and gives its answers.
    """

    def __init__(self, ask: Callable[[dict[str, Any]], Iterator[dict[str, Any]]], wanted: Sequence[Condition]) -> None:
        self._ask = ask
        self._wanted = list(wanted)
        self._seen: set[str] = set()

    def pages(self) -> Iterator[dict[str, Any]]:
        """Give the pages. Raises ServiceStopped where Notion cannot be brought to show them all."""
        window: list[Condition] = []
        start: datetime | None = None
        while True:
            run = yield from self._run(OLDEST_FIRST, window)
            if not run.stopped or not run.ids:
                return
            oldest, newest = (_minute(datetime.fromisoformat(moment)) for moment in (run.oldest, run.newest))
            if oldest < newest - MINUTE and (start is None or newest - MINUTE > start):
                start = newest - MINUTE
            elif oldest < newest and (start is None or newest > start):
                start = newest
            else:
                yield from self._crowd(newest)
                start = newest + MINUTE
            window = [_created("on_or_after", start)]

    def _crowd(self, minute: datetime) -> Iterator[dict[str, Any]]:
        window = [_created("on_or_after", minute), _created("before", minute + MINUTE)]
        upward = yield from self._run(BY_TITLE, window)
        if not upward.stopped:
            return
        downward = yield from self._run(BY_TITLE_BACKWARDS, window)
        if downward.stopped and upward.ids.isdisjoint(downward.ids):
            raise ServiceStopped(
                "notion",
                f"more than 20,000 pages were created in the minute of {minute.isoformat()}; Notion shows no more of them",
                "Move some of these pages to another database; the line goes on by itself.",
                causes.OWN_WORK,
            )

    def _run(self, order: Condition, window: Sequence[Condition]) -> Generator[dict[str, Any], None, "_Run"]:
        """Send one query to its end, giving the pages that are new."""
        run = _Run()
        every = [*self._wanted, *window]
        chosen = {"filter": every[0] if len(every) == 1 else {"and": every}} if every else {}
        for answer in self._ask({"sorts": [order], **chosen}):
            run.stopped = (answer.get("request_status") or {}).get("type") == "incomplete"
            for page in answer["results"]:
                run.oldest, run.newest = run.oldest or page["created_time"], page["created_time"]
                run.ids.add(page["id"])
                if page["id"] not in self._seen:
                    self._seen.add(page["id"])
                    yield page
        run.stopped = run.stopped or len(run.ids) >= MOST_ROWS
        return run


@dataclass(kw_only=True, slots=True)
class _Run:
    """What one query has given: its pages, the creation times of the first and the last, and whether Notion stopped it."""

    ids: set[str] = field(default_factory=set)
    oldest: str = ""
    newest: str = ""
    stopped: bool = False


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _created(verb: str, moment: datetime) -> Condition:
    return {"timestamp": "created_time", "created_time": {verb: moment.isoformat()}}


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
