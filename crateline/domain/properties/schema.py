"""A database's schema against what we need: what is there, what is missing, and the one request that adds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crateline.domain.properties.mapping import Properties, carries, configured, real_name
from crateline.domain.properties.tables import NO_NAMES, Property
from crateline.domain.properties.values import Payload

NEED_NOT_BE = frozenset({"calendar", "plays"})
"""Databases that not everybody has: a relation to one that is not named is not missed."""

State = Literal["ok", "converted", "options", "absent", "optional", "unusable", "rival"]
"""How a property stands in a database.

ok         present, in a type we want
converted  present in another type that can carry the value
options    present, but options are missing (a status refuses unknown ones)
absent     missing; `schema apply` adds it
optional   missing; used if somebody adds it
unusable   present in a type that cannot carry the value (a formula, a rollup)
rival      missing, but another relation to the same database exists, and a second one would split the list
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One property of ours in one database. `name` is its real name there; `detail` is for a person."""

    property: Property
    name: str
    state: State
    detail: str = ""


def check(
    schema: Properties,
    table: Sequence[Property],
    names: Mapping[str, str] = NO_NAMES,
    data_sources: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Compare a data source's `properties` with a table; `data_sources` are the ids by our words for them ("tracks")."""
    return [_finding(prop, schema, names, data_sources or {}) for prop in table]


def _finding(prop: Property, schema: Properties, names: Mapping[str, str], data_sources: Mapping[str, str]) -> Finding:
    name = real_name(prop, schema, names)
    if name is None:
        return _absence(prop, schema, names, data_sources)
    kind = schema[name]["type"]
    if not carries(prop, kind):
        return Finding(property=prop, name=name, state="unusable", detail=f"is a {kind}, which cannot hold it")
    lacking = [option for option, _ in _lacking(prop, schema[name])]
    if lacking:
        return Finding(property=prop, name=name, state="options", detail=f"{kind} without {', '.join(lacking)}")
    state: State = "ok" if kind in prop.types else "converted"
    return Finding(property=prop, name=name, state=state, detail=kind)


def _absence(prop: Property, schema: Properties, names: Mapping[str, str], data_sources: Mapping[str, str]) -> Finding:
    name = str(configured(prop, names, prop.name))
    rival = _rival(prop, schema, data_sources)
    if rival:
        detail = f'the relation "{rival}" leads to the same database: rename it, or map "{prop.name}" to it'
        return Finding(property=prop, name=name, state="rival", detail=detail)
    if prop.optional or (prop.target in NEED_NOT_BE and prop.target not in data_sources):
        return Finding(property=prop, name=name, state="optional")
    return Finding(property=prop, name=name, state="absent", detail=f"`schema apply` adds it ({prop.types[0]})")


def _rival(prop: Property, schema: Properties, data_sources: Mapping[str, str]) -> str:
    """Name a relation that already joins the two databases whose two-way relation is missing."""
    target = data_sources.get(prop.target, "")
    if not target or not (prop.mirror or prop.mirror_of):
        return ""
    return next((name for name, one in schema.items() if one["type"] == "relation" and _leads_to(one, target)), "")


def _leads_to(definition: Payload, data_source: str) -> bool:
    there = str(definition["relation"].get("data_source_id", ""))
    return there.replace("-", "") == data_source.replace("-", "")


def _lacking(prop: Property, definition: Payload) -> list[tuple[str, str]]:
    kind = definition["type"]
    if kind not in {"select", "status", "multi_select"}:
        return []
    there = {option["name"].casefold() for option in definition[kind].get("options", [])}
    return [(name, colour) for name, colour in prop.options if name.casefold() not in there]


def missing(
    schema: Properties,
    table: Sequence[Property],
    *,
    data_sources: Mapping[str, str] | None = None,
    names: Mapping[str, str] = NO_NAMES,
) -> dict[str, Payload]:
    """Give the `properties` of the one request that adds what a data source lacks; empty if it lacks nothing.

    What exists keeps its type; a select that lacks options is sent with all of its own, ids included, because Notion
    replaces the list. Relations are added only where `data_sources` names the target, and a two-way relation only from
    the tracks' side: Notion makes the mirror itself, under a name of its own (see `mirror_names`).
    """
    wanted: dict[str, Payload] = {}
    for finding in check(schema, table, names, data_sources):
        definition = _addition(finding, schema, data_sources or {})
        if definition is not None:
            wanted[finding.name] = definition
    return wanted


def _addition(finding: Finding, schema: Properties, data_sources: Mapping[str, str]) -> Payload | None:
    prop = finding.property
    if finding.state == "options":
        return _extended(prop, schema[finding.name])
    if finding.state != "absent" or prop.mirror_of or prop.types[0] == "title":
        return None
    if prop.types[0] == "relation":
        return _relation(prop, data_sources.get(prop.target, ""))
    return {prop.types[0]: _configuration(prop)}


def _extended(prop: Property, definition: Payload) -> Payload | None:
    kind = definition["type"]
    if kind == "status":
        return None  # whether the API may add status options is documented both ways: the person adds them
    kept = [{key: option[key] for key in ("id", "name", "color") if key in option} for option in definition[kind]["options"]]
    return {kind: {"options": kept + _options(_lacking(prop, definition))}}


def _options(pairs: Sequence[tuple[str, str]]) -> list[Payload]:
    return [{"name": name, "color": colour} for name, colour in pairs]


def _configuration(prop: Property) -> Payload:
    if prop.options:
        return {"options": _options(prop.options)}
    return {"format": "number"} if prop.types[0] == "number" else {}


def _relation(prop: Property, data_source: str) -> Payload | None:
    if not data_source:
        return None
    kind = "dual_property" if prop.mirror else "single_property"
    return {"relation": {"data_source_id": data_source, "type": kind, kind: {}}}


def mirror_names(schema: Properties, table: Sequence[Property], names: Mapping[str, str] = NO_NAMES) -> dict[str, Any]:
    """Give the renames for the *other* data sources once two-way relations were added: {target: {old: {"name": …}}}.

    `schema` is the answer to the request of `missing`: it says what Notion has called the mirror ("Related to …").
    Only such automatic names are changed.
    """
    renames: dict[str, Any] = {}
    for prop in table:
        name = real_name(prop, schema, names)
        if not prop.mirror or name is None or schema[name]["type"] != "relation":
            continue
        dual = schema[name]["relation"].get("dual_property") or {}
        automatic = str(dual.get("synced_property_name", ""))
        if automatic.startswith("Related to "):
            wanted = names.get(f"{prop.target}.{prop.mirror}", names.get(prop.mirror, prop.mirror))
            renames.setdefault(prop.target, {})[automatic] = {"name": wanted}
    return renames
