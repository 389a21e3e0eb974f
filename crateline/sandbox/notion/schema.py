"""The properties of a data source: their types, options and two-way partners."""

from dataclasses import dataclass, field
from typing import Any

from crateline.sandbox.notion import ids, problems
from crateline.sandbox.notion.ids import Mint

TEXTS = frozenset({"title", "rich_text"})
LINES = frozenset({"url", "email", "phone_number"})
CHOICES = frozenset({"select", "multi_select", "status"})
COMPUTED = frozenset({"created_time", "last_edited_time", "created_by", "last_edited_by", "formula", "rollup", "unique_id"})
TYPES = TEXTS | LINES | CHOICES | COMPUTED | {"number", "date", "checkbox", "relation", "people", "files"}
COLORS = ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
OPTION_NAME_LIMIT = 100
OPTIONS_LIMIT = 100
STATUS_DEFAULT = (("Not started", "default"), ("In progress", "blue"), ("Done", "green"))
STATUS_GROUPS = (("To-do", "gray"), ("In progress", "blue"), ("Complete", "green"))


@dataclass(kw_only=True, slots=True)
class Option:
    """One choice of a select, multi_select or status property."""

    id: str
    name: str
    color: str

    def value(self) -> dict[str, str]:
        """Give the option as a page shows it."""
        return {"id": self.id, "name": self.name, "color": self.color}


@dataclass(kw_only=True, slots=True)
class Property:
    """One column. `id` is the raw id; `mirror` is the property on the other side of a two-way relation, "" without one."""

    id: str
    name: str
    type: str
    options: list[Option] = field(default_factory=list)
    target: str = ""
    mirror: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def shown_id(self) -> str:
        """The id as Notion shows it, encoded for a URL."""
        return ids.encode(self.id)

    def option(self, key: str, *, by: str = "name") -> Option | None:
        """Find an option by its name (ignoring case) or by its id."""
        wanted = key.casefold() if by == "name" else key
        for one in self.options:
            if (one.name.casefold() if by == "name" else one.id) == wanted:
                return one
        return None


class Schema:
    """The columns of one data source, by raw id, in the order of their making."""

    def __init__(self) -> None:
        self.properties: dict[str, Property] = {}

    def find(self, key: str) -> Property | None:
        """Find a property by name, else by its raw or its encoded id."""
        for one in self.properties.values():
            if one.name == key:
                return one
        return self.properties.get(key) or next((one for one in self.properties.values() if one.shown_id == key), None)

    @property
    def title(self) -> Property:
        """The one title property."""
        return self.properties["title"]


def kind_of(config: dict[str, Any]) -> str | None:
    """Tell which type a property's configuration asks for: `{"number": {...}}` or `{"type": "number", ...}`."""
    named = [key for key in config if key in TYPES]
    return named[0] if named else config.get("type")


def read_options(config: dict[str, Any], known: Property | None, mint: Mint, where: str) -> list[Option]:
    """Read the list of options that a request sends: it replaces the old list, so only those named here survive.

    An option keeps its id when the request gives the id or an old name. Raises RefusalError for a name that is empty, too
    long, holds a comma or comes twice, and for a new colour on an old option.
    """
    sent = config.get("options", [])
    if len(sent) > OPTIONS_LIMIT:
        raise problems.too_long(f"{where}.options", OPTIONS_LIMIT, len(sent))
    read = [_read_option(one, known, mint, f"{where}.options[{place}]") for place, one in enumerate(sent)]
    names = [one.name.casefold() for one in read]
    if len(set(names)) < len(names):
        raise problems.wrong(f"Cannot create multiple options with the same name: {', '.join(one.name for one in read)}")
    return read


def _read_option(raw: Any, known: Property | None, mint: Mint, where: str) -> Option:
    old = _old_option(raw, known)
    name = raw.get("name", old.name if old else None)
    check_option_name(name, where)
    color = raw.get("color", old.color if old else "default")
    if color not in COLORS:
        raise problems.invalid(f"{where}.color", f'should be a color, instead was `"{color}"`')
    if old and color != old.color:
        raise problems.wrong(f"Cannot update color of select with name: {old.name}.")
    return Option(id=old.id if old else raw.get("id") or mint.uuid(), name=name, color=color)


def _old_option(raw: dict[str, Any], known: Property | None) -> Option | None:
    if known is None:
        return None
    by_id = known.option(raw["id"], by="id") if raw.get("id") else None
    return by_id or (known.option(raw["name"]) if raw.get("name") else None)


def check_option_name(name: Any, where: str) -> None:
    """Refuse a name that no option can have."""
    if not isinstance(name, str) or not name:
        raise problems.invalid(f"{where}.name", "should be defined, instead was `undefined`")
    if len(name) > OPTION_NAME_LIMIT:
        raise problems.too_long(f"{where}.name", OPTION_NAME_LIMIT, len(name))
    if "," in name:
        raise problems.wrong(f"Invalid select option, commas not allowed: {name}")


def default_status(mint: Mint) -> list[Option]:
    """Make the options of a status property for which none were sent."""
    return [Option(id=mint.uuid(), name=name, color=color) for name, color in STATUS_DEFAULT]


def status_groups(options: list[Option]) -> list[dict[str, Any]]:
    """Put a status property's options into Notion's three groups: by name as far as known, the others in progress."""
    places = {"not started": 0, "ready": 0, "done": 2, "complete": 2}
    return [
        {
            "id": ids.encode(group),
            "name": group,
            "color": color,
            "option_ids": [one.id for one in options if places.get(one.name.casefold(), 1) == place],
        }
        for place, (group, color) in enumerate(STATUS_GROUPS)
    ]
