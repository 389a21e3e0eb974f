"""Making and changing databases and the columns of their data sources."""

import json
from collections.abc import Callable
from typing import Any

from crateline.sandbox.notion import ids, problems, schema, text
from crateline.sandbox.notion.schema import CHOICES, TYPES, Property
from crateline.sandbox.notion.state import Database, DataSource, State

SCHEMA_LIMIT = 50_000
RESERVED = frozenset({"type", "name", "description", "id"})

Change = Callable[[], None]


def create_database(state: State, body: dict[str, Any]) -> Database:
    """Make a database with its first data source, as `POST /v1/databases` does. Raises RefusalError."""
    parent = _parent_page(state, body.get("parent"))
    title = text.read(body.get("title") or [], "body.title")
    columns = (body.get("initial_data_source") or {}).get("properties") or {"Name": {"title": {}}}
    database = state.add_database(title, parent)
    database.icon, database.cover = body.get("icon"), body.get("cover")
    database.is_inline = bool(body.get("is_inline"))
    try:
        create_columns(state, state.add_data_source(database, title), columns)
    except problems.RefusalError:
        state.data_sources.pop(database.data_sources[0])
        state.databases.pop(database.id)
        raise
    return database


def _parent_page(state: State, parent: Any) -> str:
    if not isinstance(parent, dict):
        raise problems.invalid("body.parent", "should be defined, instead was `undefined`")
    if parent.get("type") == "workspace" or parent.get("workspace"):
        return state.root
    return state.page(ids.read(parent.get("page_id"), "body.parent.page_id")).id


def create_data_source(state: State, body: dict[str, Any]) -> DataSource:
    """Add a data source to a database, as `POST /v1/data_sources` does. Raises RefusalError."""
    parent = body.get("parent") or {}
    database = state.database(ids.read(parent.get("database_id"), "body.parent.database_id"))
    made = state.add_data_source(database, text.read(body.get("title") or [], "body.title"))
    made.icon = body.get("icon")
    try:
        create_columns(state, made, body.get("properties") or {"Name": {"title": {}}})
    except problems.RefusalError:
        database.data_sources.remove(made.id)
        state.data_sources.pop(made.id)
        raise
    return made


def create_columns(state: State, source: DataSource, columns: dict[str, Any]) -> None:
    """Give a new data source its columns, the title among them. Raises RefusalError."""
    titles = [name for name, one in columns.items() if isinstance(one, dict) and schema.kind_of(one) == "title"]
    if len(titles) != 1:
        raise problems.wrong("A database must have exactly one title property.")
    source.schema.properties["title"] = Property(id="title", name=titles[0], type="title")
    update_columns(state, source, {name: config for name, config in columns.items() if name != titles[0]})


def update_data_source(state: State, source: DataSource, body: dict[str, Any]) -> None:
    """Change title, icon, bin or columns, as `PATCH /v1/data_sources/{id}` does. A RefusalError changes nothing."""
    title = text.read(body["title"], "body.title") if "title" in body else source.title
    update_columns(state, source, body.get("properties") or {})
    source.title = title
    source.icon = body.get("icon", source.icon)
    source.in_trash = bool(body.get("in_trash", body.get("archived", source.in_trash)))
    source.edited = state.now()


def update_columns(state: State, source: DataSource, columns: dict[str, Any]) -> None:
    """Add, rename (`{"name": new}`), change or remove (null) columns; all of them or, on a RefusalError, none."""
    problems.require(columns, dict, "body.properties")
    changes = [_plan(state, source, name, config) for name, config in columns.items()]
    _check_names(source, columns)
    _check_size(source, columns)
    for change in changes:
        change()


def _check_names(source: DataSource, columns: dict[str, Any]) -> None:
    gone = {found.name for name in columns if (found := source.schema.find(name))}
    names = [one.name for one in source.schema.properties.values() if one.name not in gone]
    for name, config in columns.items():
        found = source.schema.find(name)
        if config is not None:
            names.append(config.get("name") or (found.name if found else name))
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise problems.wrong(f"Cannot have two properties with the same name: {', '.join(sorted(twice))}")


def _check_size(source: DataSource, columns: dict[str, Any]) -> None:
    known = sum(80 + len(one.name) + sum(90 + len(o.name) for o in one.options) for one in source.schema.properties.values())
    if known + len(json.dumps(columns)) > SCHEMA_LIMIT:
        raise problems.wrong("The size of the database schema exceeds the maximum.")


def _plan(state: State, source: DataSource, name: str, config: Any) -> Change:
    known = source.schema.find(name)
    if config is not None:
        problems.require(config, dict, f"body.properties.{name}")
    if known is None:
        return _plan_new(state, source, name, config)
    if config is None:
        return _plan_removal(state, source, known)
    kind = schema.kind_of(config)
    if (kind or known.type) != known.type:
        return _plan_retype(state, source, known, config, kind)
    return _plan_change(state, source, known, config)


def _plan_new(state: State, source: DataSource, name: str, config: Any) -> Change:
    kind = schema.kind_of(config) if config is not None else None
    if kind not in TYPES:
        if config is None or set(config) <= RESERVED:
            raise problems.wrong(f"{name} is not a property that exists.")
        raise problems.invalid(f"body.properties.{name}", "should name a property type")
    if kind == "title":
        raise problems.wrong("Cannot create new title property.")
    made = Property(id=_free_id(state, source), name=config.get("name", name), type=kind)
    _configure(state, made, config.get(kind) or {}, f"body.properties.{name}.{kind}")

    def add() -> None:
        source.schema.properties[made.id] = made
        if made.type == "relation" and made.mirror:
            _add_mirror(state, source, made)

    return add


def _free_id(state: State, source: DataSource) -> str:
    while (made := state.mint.property_id()) in source.schema.properties:
        continue
    return made


def _configure(state: State, prop: Property, settings: dict[str, Any], where: str, known: Property | None = None) -> None:
    if prop.type in CHOICES:
        prop.options = schema.read_options(settings, known, state.mint, where)
        if prop.type == "status" and not prop.options:
            prop.options = schema.default_status(state.mint)
    elif prop.type == "relation":
        prop.target = _target(state, settings, where)
        # The real mirror comes with the change itself; until then the mark says that there will be one.
        prop.mirror = "?" if "dual_property" in settings or settings.get("type") == "dual_property" else ""
    elif prop.type == "number":
        prop.settings = {"format": settings.get("format", "number")}
    else:
        prop.settings = dict(settings)


def _target(state: State, settings: dict[str, Any], where: str) -> str:
    if settings.get("data_source_id"):
        return state.data_source(ids.read(settings["data_source_id"], f"{where}.data_source_id")).id
    database = state.database(ids.read(settings.get("database_id"), f"{where}.data_source_id"))
    return database.data_sources[0]


def _add_mirror(state: State, source: DataSource, prop: Property) -> None:
    target = state.data_sources[prop.target]
    base = name = f"Related to {text.plain(source.title)} ({prop.name})"
    number = 0
    while target.schema.find(name):
        number += 1
        name = f"{base} {number}"
    mirror = Property(id=_free_id(state, target), name=name, type="relation", target=source.id, mirror=prop.id)
    prop.mirror = mirror.id
    target.schema.properties[mirror.id] = mirror
    target.edited = state.now()


def _plan_removal(state: State, source: DataSource, known: Property) -> Change:
    if known.type == "title":
        raise problems.wrong("Cannot delete title property.")

    def remove() -> None:
        for page in source.pages:
            page.values.pop(known.id, None)
        source.indexes.pop(known.id, None)
        del source.schema.properties[known.id]
        if known.mirror:
            state.data_sources[known.target].schema.properties[known.mirror].mirror = ""

    return remove


def _plan_retype(state: State, source: DataSource, known: Property, config: dict[str, Any], kind: str | None) -> Change:
    if "title" in {known.type, kind} or kind not in TYPES:
        raise problems.wrong(f"Cannot change the type of property {known.name} from {known.type} to {kind}.")
    add = _plan_new(state, source, config.get("name", known.name), config)
    remove = _plan_removal(state, source, known)

    def swap() -> None:
        remove()
        add()

    return swap


def _plan_change(state: State, source: DataSource, known: Property, config: dict[str, Any]) -> Change:
    draft = Property(id=known.id, name=config.get("name", known.name), type=known.type)
    settings = config.get(known.type)
    if settings is not None:
        _configure(state, draft, settings, f"body.properties.{known.name}.{known.type}", known)

    def change() -> None:
        known.name = draft.name
        if settings is None or known.type == "relation" or (known.type in CHOICES and "options" not in settings):
            return
        known.options, known.settings = draft.options, draft.settings
        if known.type in CHOICES:
            _drop_lost_choices(source, known)

    return change


def _drop_lost_choices(source: DataSource, prop: Property) -> None:
    kept = {one.id for one in prop.options}
    for page in source.pages:
        value = page.values.get(prop.id)
        if isinstance(value, list):
            page.values[prop.id] = [one for one in value if one in kept]
        elif value is not None and value not in kept:
            del page.values[prop.id]
