"""The filters of a query: from JSON to a test of a page, and where an index can name the candidates, to those."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crateline.sandbox.notion import ids, instants, problems, text
from crateline.sandbox.notion.schema import CHOICES, LINES, TEXTS, Property
from crateline.sandbox.notion.state import DataSource, Page, State, index_key

CONDITIONS_LIMIT = 100
DEPTH_LIMIT = 2
TIMESTAMPS = frozenset({"created_time", "last_edited_time"})
SPANS = {"week": 7, "month": 30, "year": 365}

Test = Callable[[Page], bool]
Get = Callable[[Page], Any]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A test, and the ids of all pages that can pass it (None: any page may)."""

    test: Test
    candidates: Iterable[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Where a filter looks."""

    state: State
    source: DataSource


def compile_filter(state: State, source: DataSource, raw: Any) -> Filter:
    """Compile the filter of a query. Raises RefusalError in Notion's words."""
    if not raw:
        return Filter(test=lambda _page: True)
    return _compile(Table(state=state, source=source), raw, depth=0, where="body.filter")


def _compile(table: Table, raw: Any, depth: int, where: str) -> Filter:
    problems.require(raw, dict, where)
    for word in ("and", "or"):
        if word in raw:
            return _compound(table, word, raw[word], depth, f"{where}.{word}")
    if raw.get("timestamp") in TIMESTAMPS:
        return _by_timestamp(table.state, raw, where)
    return _by_property(table, raw, where)


def _compound(table: Table, word: str, parts: Any, depth: int, where: str) -> Filter:
    if depth >= DEPTH_LIMIT:
        raise problems.invalid(where, "should be not present: a filter nests at most two levels")
    if len(problems.require(parts, list, where)) > CONDITIONS_LIMIT:
        raise problems.too_long(where, CONDITIONS_LIMIT, len(parts))
    compiled = [_compile(table, one, depth + 1, f"{where}[{place}]") for place, one in enumerate(parts)]
    tests = [one.test for one in compiled]
    known = [set(one.candidates) for one in compiled if one.candidates is not None]
    if word == "and":
        return Filter(test=lambda page: all(test(page) for test in tests), candidates=min(known, key=len, default=None))
    whole = set().union(*known) if len(known) == len(compiled) else None
    return Filter(test=lambda page: any(test(page) for test in tests), candidates=whole)


def _by_timestamp(state: State, raw: dict[str, Any], where: str) -> Filter:
    name = raw["timestamp"]
    if not isinstance(raw.get(name), dict):
        raise problems.invalid(f"{where}.{name}", "should be defined, instead was `undefined`")

    def get(page: Page) -> datetime:
        return instants.minute(page.created if name == "created_time" else page.edited)

    return Filter(test=_date_test(state, get, raw[name], f"{where}.{name}"))


def _by_property(table: Table, raw: dict[str, Any], where: str) -> Filter:
    key = raw.get("property")
    if not isinstance(key, str):
        raise problems.invalid(f"{where}.property", "should be defined, instead was `undefined`")
    prop = table.source.schema.find(key)
    if prop is None:
        raise problems.wrong(f"Could not find property with name or id: {key}")
    kinds = [one for one in raw if one not in {"property", "type"}]
    if kinds != [prop.type]:
        raise problems.wrong(
            "The property type in the database does not match the property type of the filter provided: "
            f"database property {prop.type} does not match filter {', '.join(kinds) or 'undefined'}"
        )
    return _condition(table, prop, raw[prop.type], f"{where}.{prop.type}")


def _condition(table: Table, prop: Property, condition: Any, where: str) -> Filter:
    if not isinstance(condition, dict) or len(condition) != 1:
        raise problems.invalid(where, "should have exactly one condition")
    (word, wanted), *_ = condition.items()
    if prop.type in TEXTS | LINES:
        return _text_filter(table, prop, word, wanted, where)
    get = _getter(prop)
    if prop.type in {"date", "created_time", "last_edited_time"}:
        return Filter(test=_date_test(table.state, get, condition, where))
    operator = _operator(_operators(prop), word, where)
    target = _target(prop, word, wanted, where)
    return Filter(test=lambda page: operator(get(page), target))


def _getter(prop: Property) -> Get:
    if prop.type == "created_time":
        return lambda page: instants.minute(page.created)
    if prop.type == "last_edited_time":
        return lambda page: instants.minute(page.edited)
    if prop.type == "checkbox":
        return lambda page: bool(page.values.get(prop.id))
    if prop.type == "date":
        return lambda page: instants.parse(page.values[prop.id]["start"]) if prop.id in page.values else None
    return lambda page: page.values.get(prop.id)


Operator = Callable[[Any, Any], bool]

EMPTY: dict[str, Operator] = {"is_empty": lambda value, _: not value, "is_not_empty": lambda value, _: bool(value)}
NUMBER: dict[str, Operator] = {
    "equals": lambda value, wanted: value == wanted,
    "does_not_equal": lambda value, wanted: value != wanted,
    "greater_than": lambda value, wanted: value is not None and value > wanted,
    "less_than": lambda value, wanted: value is not None and value < wanted,
    "greater_than_or_equal_to": lambda value, wanted: value is not None and value >= wanted,
    "less_than_or_equal_to": lambda value, wanted: value is not None and value <= wanted,
    "is_empty": lambda value, _: value is None,
    "is_not_empty": lambda value, _: value is not None,
}
CHOICE: dict[str, Operator] = {
    "equals": lambda value, wanted: value in wanted,
    "does_not_equal": lambda value, wanted: value not in wanted,
    **EMPTY,
}
MEMBERS: dict[str, Operator] = {
    "contains": lambda value, wanted: bool(value) and any(one in value for one in wanted),
    "does_not_contain": lambda value, wanted: not value or not any(one in value for one in wanted),
    **EMPTY,
}
CHECKBOX: dict[str, Operator] = {
    "equals": lambda value, wanted: value == wanted,
    "does_not_equal": lambda value, wanted: value != wanted,
}
WORDS: dict[str, Operator] = {
    "contains": lambda value, wanted: wanted in value,
    "does_not_contain": lambda value, wanted: wanted not in value,
    "starts_with": lambda value, wanted: value.startswith(wanted),
    "ends_with": lambda value, wanted: value.endswith(wanted),
    **EMPTY,
}


def _operators(prop: Property) -> dict[str, Operator]:
    known = {
        "number": NUMBER,
        "checkbox": CHECKBOX,
        "select": CHOICE,
        "status": CHOICE,
        "multi_select": MEMBERS,
        "relation": MEMBERS,
        "people": MEMBERS,
        "files": EMPTY,
    }
    if prop.type not in known:
        raise problems.wrong(f"The sandbox cannot filter by a property of type {prop.type}.")
    return known[prop.type]


def _operator(operators: dict[str, Operator], word: str, where: str) -> Operator:
    if word not in operators:
        raise problems.invalid(f"{where}.{word}", "should be not present")
    return operators[word]


def _target(prop: Property, word: str, wanted: Any, where: str) -> Any:
    if word.startswith("is_") or prop.type in {"number", "checkbox"}:
        return wanted
    if prop.type in CHOICES:
        names = wanted if isinstance(wanted, list) else [wanted]
        return {option.id for name in names if (option := prop.option(name))}
    return [ids.read(wanted, f"{where}.{word}")]


def _text_filter(table: Table, prop: Property, word: str, wanted: Any, where: str) -> Filter:
    if not word.startswith("is_") and not isinstance(wanted, str):
        raise problems.invalid(f"{where}.{word}", "should be a string, instead was `undefined`")
    if word == "equals":
        index = table.state.index(table.source, prop)
        return Filter(test=_equality(table.state, prop, wanted), candidates=list(index.get(wanted.casefold(), ())))
    if word == "does_not_equal":
        same = _equality(table.state, prop, wanted)
        return Filter(test=lambda page: not same(page))
    operator = _operator(WORDS, word, where)
    target = str(wanted).casefold()
    return Filter(test=lambda page: operator(index_key(page.values.get(prop.id)), target))


def _equality(state: State, prop: Property, wanted: str) -> Test:
    if state.equals_ignores_case:
        key = wanted.casefold()
        return lambda page: index_key(page.values.get(prop.id)) == key

    def exactly(page: Page) -> bool:
        value = page.values.get(prop.id)
        return (text.plain(value) if isinstance(value, list) else value or "") == wanted

    return exactly


def _date_test(state: State, get: Get, condition: dict[str, Any], where: str) -> Test:
    (word, wanted), *_ = condition.items()
    if word in EMPTY:
        operator = EMPTY[word]
        return lambda page: operator(get(page), wanted)
    first, last = _bounds(state, word, wanted, where)
    return {
        "equals": lambda page: (value := get(page)) is not None and first <= value <= last,
        "before": lambda page: (value := get(page)) is not None and value < first,
        "after": lambda page: (value := get(page)) is not None and value > last,
        "on_or_before": lambda page: (value := get(page)) is not None and value <= last,
        "on_or_after": lambda page: (value := get(page)) is not None and value >= first,
    }.get(word, lambda page: (value := get(page)) is not None and first <= value <= last)


def _bounds(state: State, word: str, wanted: Any, where: str) -> tuple[datetime, datetime]:
    direction, _, unit = word.partition("_")
    if direction in {"past", "next"} and unit in SPANS:
        now, length = state.now(), timedelta(days=SPANS[unit])
        return (now - length, now) if direction == "past" else (now, now + length)
    if word not in {"equals", "before", "after", "on_or_before", "on_or_after"}:
        raise problems.invalid(f"{where}.{word}", "should be not present")
    try:
        return instants.span(wanted)
    except (TypeError, ValueError) as error:
        raise problems.invalid(f"{where}.{word}", f'should be a valid ISO 8601 date string, instead was `"{wanted}"`') from error
