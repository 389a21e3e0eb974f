"""The objects of the API, in the shapes in which Notion answers."""

from collections.abc import Callable, Iterable
from typing import Any

from crateline.sandbox.notion import ids, instants, schema, text, values
from crateline.sandbox.notion.schema import CHOICES, Property
from crateline.sandbox.notion.state import INTEGRATION, Database, DataSource, Page, State

SHOWN_REFERENCES = 25
OLD_VERSION = "2025-09-03"
LISTED = frozenset({"title", "rich_text", "relation", "people"})
API = "https://api.notion.com/v1"

Json = dict[str, Any]


def user(user_id: str) -> Json:
    """Show a user as other objects refer to it."""
    return {"object": "user", "id": user_id}


def me(state: State) -> Json:
    """Show the bot behind the token."""
    return {
        **user(state.bot),
        "name": INTEGRATION,
        "avatar_url": None,
        "type": "bot",
        "bot": {
            "owner": {"type": "workspace", "workspace": True},
            "workspace_name": "The sandbox",
            "workspace_id": state.workspace_id,
            "workspace_limits": {"max_file_upload_size_in_bytes": 5242880},
        },
    }


def archived(version: str, *, in_trash: bool) -> Json:
    """Give the old name of `in_trash`, which the versions after 2025-09-03 have dropped."""
    return {"archived": in_trash} if version <= OLD_VERSION else {}


def database(state: State, one: Database, version: str) -> Json:
    """Show a database: its data sources by name, no columns."""
    return {
        "object": "database",
        "id": one.id,
        "title": one.title,
        "description": [],
        "parent": {"type": "page_id", "page_id": one.parent},
        "is_inline": one.is_inline,
        "in_trash": one.in_trash,
        "is_locked": False,
        "created_time": instants.exact(one.created),
        "last_edited_time": instants.exact(one.edited),
        "data_sources": [{"id": ds, "name": text.plain(state.data_sources[ds].title)} for ds in one.data_sources],
        "icon": one.icon,
        "cover": one.cover,
        "url": ids.address(one.id),
        "public_url": None,
        **archived(version, in_trash=one.in_trash),
    }


def data_source(state: State, one: DataSource, version: str) -> Json:
    """Show a data source with its columns."""
    return {
        "object": "data_source",
        "id": one.id,
        "cover": None,
        "icon": one.icon,
        "created_time": instants.stamp(one.created),
        "created_by": user(state.bot),
        "last_edited_by": user(state.bot),
        "last_edited_time": instants.stamp(one.edited),
        "title": one.title,
        "description": [],
        "is_inline": state.databases[one.database].is_inline,
        "properties": {prop.name: column(state, one, prop) for prop in one.schema.properties.values()},
        "parent": {"type": "database_id", "database_id": one.database},
        "database_parent": {"type": "page_id", "page_id": state.databases[one.database].parent},
        "url": ids.address(one.database),
        "public_url": None,
        "in_trash": one.in_trash,
        **archived(version, in_trash=one.in_trash),
    }


def column(state: State, source: DataSource, prop: Property) -> Json:
    """Show a property of a schema."""
    return {
        "id": prop.shown_id,
        "name": prop.name,
        "description": None,
        "type": prop.type,
        prop.type: _settings(state, source, prop),
    }


def _settings(state: State, source: DataSource, prop: Property) -> Json:
    if prop.type in CHOICES:
        groups = {"groups": schema.status_groups(prop.options)} if prop.type == "status" else {}
        return {"options": [{**one.value(), "description": None} for one in prop.options], **groups}
    if prop.type == "relation":
        return _relation_settings(state, prop)
    if prop.type == "rollup":
        return _rollup_settings(state, source, prop)
    return prop.settings


def _relation_settings(state: State, prop: Property) -> Json:
    target = state.data_sources[prop.target]
    kind = "dual_property" if prop.mirror else "single_property"
    mirror = target.schema.properties.get(prop.mirror)
    synced = {"synced_property_name": mirror.name, "synced_property_id": mirror.shown_id} if mirror else {}
    return {"database_id": target.database, "data_source_id": target.id, "type": kind, kind: synced}


def _rollup_settings(state: State, source: DataSource, prop: Property) -> Json:
    relation = source.schema.find(prop.settings.get("relation_property_name", ""))
    rolled = state.data_sources[relation.target].schema.find(prop.settings.get("rollup_property_name", "")) if relation else None
    return {
        "rollup_property_name": rolled.name if rolled else "",
        "relation_property_name": relation.name if relation else "",
        "rollup_property_id": rolled.id if rolled else "",
        "relation_property_id": relation.id if relation else "",
        "function": prop.settings.get("function", "count"),
    }


def page(state: State, one: Page, version: str, only: Iterable[Property] | None = None) -> Json:
    """Show a page with all its properties, or with `only` these; a relation shows 25 pages at most."""
    return {
        "object": "page",
        "id": one.id,
        "created_time": instants.stamp(one.created),
        "last_edited_time": instants.stamp(one.edited),
        "created_by": user(state.bot),
        "last_edited_by": user(one.edited_by),
        "cover": one.cover,
        "icon": one.icon,
        "parent": _parent(state, one),
        "in_trash": one.in_trash,
        "is_archived": one.in_trash,
        "is_locked": False,
        "properties": _properties(state, one, only),
        "url": ids.address(one.id, state.title_of(one)),
        "public_url": None,
        **archived(version, in_trash=one.in_trash),
    }


def _parent(state: State, one: Page) -> Json:
    if one.data_source:
        source = state.data_sources[one.data_source]
        return {"type": "data_source_id", "data_source_id": source.id, "database_id": source.database}
    return {"type": "page_id", "page_id": one.parent} if one.parent else {"type": "workspace", "workspace": True}


def _properties(state: State, one: Page, only: Iterable[Property] | None) -> Json:
    if not one.data_source:
        return {"title": {"id": "title", "type": "title", "title": one.values.get("title", [])}}
    shown = state.data_sources[one.data_source].schema.properties.values() if only is None else only
    return {prop.name: _property(state, prop, one) for prop in shown}


def _property(state: State, prop: Property, one: Page) -> Json:
    value = values.show(state, prop, one)
    if prop.type != "relation":
        return {"id": prop.shown_id, "type": prop.type, prop.type: value}
    more = len(value) > SHOWN_REFERENCES
    return {"id": prop.shown_id, "type": "relation", "relation": value[:SHOWN_REFERENCES], "has_more": more}


def property_item(state: State, prop: Property, one: Page, cut: Callable[[list[Any]], Json]) -> Json:
    """Show one property of a page: an item, or for texts, relations and people a list that `cut` divides into pages."""
    value = values.show(state, prop, one)
    if prop.type not in LISTED:
        return {"object": "property_item", "type": prop.type, "id": prop.shown_id, prop.type: value}
    items = [{"object": "property_item", "type": prop.type, "id": prop.shown_id, prop.type: each} for each in value]
    listed = cut(items)
    return {
        **listed,
        "type": "property_item",
        "property_item": {"id": prop.shown_id, "next_url": _next_url(one, prop, listed), "type": prop.type, prop.type: {}},
    }


def _next_url(one: Page, prop: Property, listed: Json) -> str | None:
    if not listed["has_more"]:
        return None
    base = f"{API}/pages/{one.id.replace('-', '')}/properties/{prop.shown_id}"
    return f"{base}?start_cursor={listed['next_cursor']}&page_size={len(listed['results'])}"
