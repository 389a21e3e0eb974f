"""The values of properties: read from a request, shown in a page, given as a plain value.

What is kept: rich text as its parts, a choice as the id of its option, choices as a list of ids, a relation as an ordered
set of page ids, a date as {"start","end","time_zone"}, the rest as it is. An empty value is not kept at all.
"""

from typing import Any

from crateline.sandbox.notion import ids, instants, problems, text
from crateline.sandbox.notion.schema import COLORS, COMPUTED, LINES, TEXTS, Option, Property, check_option_name
from crateline.sandbox.notion.state import Page, State

ARRAY_LIMIT = 100
LINE_LIMITS = {"url": 2000, "email": 200, "phone_number": 200}


def read(state: State, prop: Property, raw: Any) -> Any:
    """Read the value that a request sends for a property. Raises RefusalError in Notion's words.

    A select option that does not exist yet is made; a status option has to exist.
    """
    if prop.type in COMPUTED:
        raise problems.wrong(f"{prop.name} is read only and cannot be written.")
    sent = raw if isinstance(raw, dict) else {prop.type: raw}
    if prop.type not in sent:
        raise problems.wrong(f"{prop.name} is expected to be {prop.type}.")
    where = f"body.properties.{prop.name}.{prop.type}"
    return _reader(prop)(state, prop, sent[prop.type], where)


def _reader(prop: Property) -> Any:
    if prop.type in TEXTS:
        return _read_text
    if prop.type in LINES:
        return _read_line
    return {
        "number": _read_number,
        "checkbox": _read_checkbox,
        "date": _read_date,
        "select": _read_choice,
        "status": _read_choice,
        "multi_select": _read_choices,
        "relation": _read_relation,
        "people": _read_list,
        "files": _read_list,
    }[prop.type]


def _read_text(_state: State, _prop: Property, raw: Any, where: str) -> text.RichText:
    return text.read(raw, where)


def _read_line(_state: State, prop: Property, raw: Any, where: str) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str) or not raw:
        raise problems.invalid(where, f'should be populated or `null`, instead was `"{raw}"`')
    if len(raw) > LINE_LIMITS[prop.type]:
        raise problems.too_long(where, LINE_LIMITS[prop.type], len(raw))
    return raw


def _read_number(_state: State, _prop: Property, raw: Any, where: str) -> float | None:
    if raw is None or (isinstance(raw, int | float) and not isinstance(raw, bool)):
        return raw
    raise problems.invalid(where, f'should be a number, instead was `"{raw}"`')


def _read_checkbox(_state: State, _prop: Property, raw: Any, where: str) -> bool:
    if isinstance(raw, bool):
        return raw
    raise problems.invalid(where, f'should be a boolean, instead was `"{raw}"`')


def _read_date(_state: State, _prop: Property, raw: Any, where: str) -> dict[str, Any] | None:
    return instants.read(raw, where)


def _read_choice(state: State, prop: Property, raw: Any, where: str) -> str | None:
    return None if raw is None else _choose(state, prop, raw, where).id


def _read_choices(state: State, prop: Property, raw: Any, where: str) -> list[str]:
    _check_list(raw, where)
    return list(dict.fromkeys(_choose(state, prop, one, f"{where}[{place}]").id for place, one in enumerate(raw)))


def _choose(state: State, prop: Property, raw: Any, where: str) -> Option:
    problems.require(raw, dict, where)
    if raw.get("id") and (known := prop.option(raw["id"], by="id")):
        return known
    check_option_name(raw.get("name"), where)
    if known := prop.option(raw["name"]):
        return known
    if prop.type == "status":
        raise problems.wrong(f'Invalid status option. Status option "{raw["name"]}" does not exist".')
    made = Option(id=state.mint.uuid(), name=raw["name"], color=COLORS[1 + len(prop.options) % (len(COLORS) - 1)])
    prop.options.append(made)
    return made


def _read_relation(state: State, prop: Property, raw: Any, where: str) -> dict[str, None]:
    _check_list(raw, where)
    named = [problems.require(one, dict, f"{where}[{place}]").get("id") for place, one in enumerate(raw)]
    wanted = {ids.read(one, f"{where}[{place}].id"): None for place, one in enumerate(named)}
    for one in wanted:
        if state.page(one).data_source != prop.target:
            raise problems.wrong(f"Page {one} is not in the data source that {prop.name} is related to.")
    return wanted


def _read_list(_state: State, _prop: Property, raw: Any, where: str) -> list[Any]:
    _check_list(raw, where)
    return list(raw)


def _check_list(raw: Any, where: str) -> None:
    if len(problems.require(raw, list, where)) > ARRAY_LIMIT:
        raise problems.too_long(where, ARRAY_LIMIT, len(raw))


def show(state: State, prop: Property, page: Page) -> Any:
    """Give the value in the form that a page object carries under the property's type; relations are whole."""
    kept = page.values.get(prop.id)
    if prop.type in COMPUTED:
        return _computed(state, prop, page)
    if prop.type in {"select", "status"}:
        option = prop.option(kept, by="id") if kept else None
        return option.value() if option else None
    if prop.type == "multi_select":
        return [option.value() for one in kept or () if (option := prop.option(one, by="id"))]
    if prop.type == "relation":
        return [{"id": one} for one in state.related(page, prop)]
    if prop.type == "checkbox":
        return bool(kept)
    return [] if kept is None and prop.type in TEXTS | {"people", "files"} else kept


def _computed(state: State, prop: Property, page: Page) -> Any:
    if prop.type in {"created_time", "last_edited_time"}:
        return instants.stamp(page.created if prop.type == "created_time" else page.edited)
    if prop.type in {"created_by", "last_edited_by"}:
        return state.user(state.bot if prop.type == "created_by" else page.edited_by)
    if prop.type == "unique_id":
        return {"prefix": prop.settings.get("prefix"), "number": page.place + 1}
    if prop.type == "formula":
        return {"type": "string", "string": None}
    return _rollup(state, prop, page)


def _rollup(state: State, prop: Property, page: Page) -> dict[str, Any]:
    function = prop.settings.get("function", "count")
    relation = state.data_sources[page.data_source].schema.find(prop.settings.get("relation_property_name", ""))
    number = len(list(state.related(page, relation))) if relation and function in {"count", "count_values"} else None
    return {"type": "number", "number": number, "function": function}


def plain(state: State, prop: Property, page: Page) -> Any:
    """Give the value as a person would say it: words, a number, names of options, ids of pages, None when empty."""
    value = show(state, prop, page)
    if prop.type in TEXTS:
        return text.plain(value)
    if prop.type in {"select", "status"}:
        return value["name"] if value else None
    if prop.type == "multi_select":
        return [one["name"] for one in value]
    if prop.type == "relation":
        return [one["id"] for one in value]
    if prop.type == "rollup":
        return value["number"]
    return value


def from_plain(prop: Property, value: Any) -> Any:
    """Give a plain value the form in which a request sends it; the reverse of `plain`."""
    if prop.type in TEXTS:
        return {prop.type: [] if value is None else text.of(str(value))}
    if prop.type in {"select", "status"}:
        return {prop.type: {"name": value} if value is not None else None}
    if prop.type == "multi_select":
        return {prop.type: [{"name": one} for one in value]}
    if prop.type == "relation":
        return {prop.type: [{"id": one} for one in value]}
    if prop.type == "date" and isinstance(value, str):
        return {prop.type: {"start": value}}
    return {prop.type: value}
