"""Between our words and one database's real properties: encode, decode, digest."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from crateline.domain.properties import values
from crateline.domain.properties.card import Card
from crateline.domain.properties.tables import NO_NAMES, Policy, Property
from crateline.domain.properties.values import Payload, Plain

Properties = Mapping[str, Payload]
"""Properties by their real names: the schema of a data source, the properties of a page, or those of a request."""

# Which real types can carry a value whose first wanted type is the one named on the left.
_WORDED = frozenset({"title", "rich_text", "select", "status", "multi_select", "url"})
CARRIERS: Mapping[str, frozenset[str]] = {
    "title": _WORDED,
    "rich_text": _WORDED,
    "select": _WORDED,
    "url": _WORDED,
    "number": frozenset({"number", "title", "rich_text", "select"}),
    "checkbox": frozenset({"checkbox", "rich_text", "select"}),
    "date": frozenset({"date", "rich_text"}),
    "relation": frozenset({"relation"}),
    "multi_select": frozenset({"multi_select", "rich_text"}),
}


def configured(prop: Property, setting: Mapping[str, Any], default: Any) -> Any:
    """Look a property up in a user's table by seed name, or by "tracks.<seed name>" where two databases share one."""
    return setting.get(f"{prop.database}.{prop.name}", setting.get(prop.name, default))


def real_name(prop: Property, properties: Properties, names: Mapping[str, str] = NO_NAMES) -> str | None:
    """Give the name the property has here; None if it is absent. A title is found under whatever name it has."""
    name = configured(prop, names, prop.name)
    if name in properties:
        return str(name)
    if prop.types[0] == "title":
        return next((name for name, one in properties.items() if one["type"] == "title"), None)
    return None


def carries(prop: Property, real_type: str) -> bool:
    """Say whether a property of this real type can take our value."""
    return real_type in CARRIERS[prop.types[0]] or (real_type == "relation" and bool(prop.pages))


def lack(prop: Property, schema: Properties, names: Mapping[str, str] = NO_NAMES) -> str:
    """Say what keeps a database from holding our value: nothing, or the rest of a sentence that begins with its name."""
    name = real_name(prop, schema, names)
    if name is None:
        return f"has no property «{configured(prop, names, prop.name)}»"
    kind = schema[name]["type"]
    return "" if carries(prop, kind) else f"has a property «{name}» that is a {kind}, which cannot hold it"


def _value(card: Card, prop: Property, real_type: str) -> Plain:
    if not carries(prop, real_type):
        return None
    word = prop.pages if real_type == "relation" and prop.pages else prop.word
    value: Plain = getattr(card, word)
    if prop.digits is not None and isinstance(value, float):
        return round(value, prop.digits)
    return value


def encode(card: Card, schema: Properties, names: Mapping[str, str] = NO_NAMES) -> dict[str, Payload]:
    """Map what the card says to the properties that exist, each in its real type and within Notion's limits.

    `schema` is a data source's `properties`; `names` maps seed names to the user's. Absent properties, types that
    cannot carry the value and relations whose page ids are not known are left out.
    """
    said = {}
    for prop in card.table:
        name = real_name(prop, schema, names)
        value = None if name is None else _value(card, prop, schema[name]["type"])
        if name is None or value is None:
            continue
        payload = values.write(value, schema[name])
        if payload is not None:
            said[name] = payload
    return said


def _as_number(plain: Plain) -> float | None:
    try:
        return float(plain.replace(",", ".")) if isinstance(plain, str) else None
    except ValueError:
        return None


def _in_kind(plain: Plain, wanted_type: str) -> Plain:
    """Bring a value from the type it happens to have to the one we think in."""
    if wanted_type == "number":
        return plain if isinstance(plain, int | float) else _as_number(plain)
    if wanted_type == "checkbox":
        return plain if isinstance(plain, bool) else values.words(plain).casefold() == "yes"
    if wanted_type in ("relation", "multi_select"):
        return plain if isinstance(plain, tuple) else ()
    return plain if isinstance(plain, str) else values.words(plain)


def decode(properties: Properties, table: Sequence[Property], names: Mapping[str, str] = NO_NAMES) -> dict[str, Plain]:
    """Give what a page says, by our words: text "" / number None / flag False / pages () where it says nothing.

    Properties that the page does not show are left out, so that `TrackCard(**decode(…))` says no more than the page.
    """
    plain = {}
    for prop in table:
        name = real_name(prop, properties, names)
        if name is None:
            continue
        payload = properties[name]
        if prop.pages and payload["type"] == "relation":
            plain[prop.pages] = values.read(payload)
        else:
            plain[prop.word] = _in_kind(values.read(payload), prop.types[0])
    return plain


def plain_values(properties: Properties) -> dict[str, Plain]:
    """Give every property's plain value by its real name: what `keep_hands_off` compares."""
    return {name: values.read(payload) for name, payload in properties.items()}


def cut_relations(properties: Properties) -> tuple[str, ...]:
    """Name the relations of a page object that may be longer than it shows: Notion shows 25 related pages."""
    shown = 25
    return tuple(
        name
        for name, payload in properties.items()
        if payload["type"] == "relation" and payload.get("has_more", len(payload["relation"]) >= shown)
    )


def _canonical(value: Plain) -> Any:
    if isinstance(value, bool) or value is None:
        return value or ""
    if isinstance(value, tuple | list):  # a list, where a tuple has been through JSON
        return sorted(value)
    return value.strip() if isinstance(value, str) else f"{float(value):.9g}"


def digest(value: Plain) -> str:
    """Give a short hash of a plain value, "" for an empty one; the order of relations and options does not count."""
    canonical = _canonical(value)
    if not canonical:
        return ""
    return hashlib.blake2s(json.dumps(canonical).encode(), digest_size=6).hexdigest()


def policies(
    table: Sequence[Property],
    schema: Properties,
    names: Mapping[str, str] = NO_NAMES,
    overrides: Mapping[str, Policy] | None = None,
) -> dict[str, Policy]:
    """Give the write policy of each property by its real name; `overrides` is the user's setting, by seed names."""
    found = ((real_name(prop, schema, names), configured(prop, overrides or {}, prop.policy)) for prop in table)
    return {name: policy for name, policy in found if name is not None}
