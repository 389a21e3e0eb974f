"""`crateline schema`: what the Notion databases have of what crateline writes, and adding what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from crateline.clients.notion import DataSource
    from crateline.domain.properties import Finding, Property
    from crateline.wiring import Wiring

RELATED = ("playlists", "calendar", "plays")
CACHED = "crateline:notion:schema:*"
LOCK = ":lock"
STATES = {
    "ok": ("ok", "green"),
    "converted": ("ok", "green"),
    "options": ("options missing", "yellow"),
    "absent": ("absent", "yellow"),
    "optional": ("not used", "dim"),
    "unusable": ("unusable", "red"),
    "rival": ("rival", "yellow"),
}
NOTES = {"optional": "written if you add it yourself"}
MIRROR = "made by Notion as the other side of a two-way relation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """One of the user's databases: our word for it, what it is in Notion, what we need there, and how that stands."""

    word: str
    source: "DataSource"
    table: "Sequence[Property]"
    findings: "Sequence[Finding]"

    def public(self) -> dict[str, Any]:
        """The database as JSON."""
        rows = [{"name": one.name, "state": one.state, "detail": one.detail} for one in self.findings]
        return {"database": self.word, "id": self.source.database_id, "title": self.source.title, "properties": rows}


@click.group(cls=console.OrderedGroup)
def schema() -> None:
    """Compare the Notion databases with what crateline writes, or add what is missing."""


@schema.command()
@click.option("--json", "as_json", is_flag=True, help='Print {"databases": […]}.')
def check(*, as_json: bool) -> None:
    """Show each property that crateline can write, and whether your databases have it. Changes nothing."""
    with session.opened() as wiring:
        found = read(wiring)
    if as_json:
        talk.answer({"databases": [one.public() for one in found]})
        return
    for one in found:
        talk.show(_table(one))
    absent = sum(finding.state in {"absent", "options"} for one in found for finding in one.findings)
    talk.say(f"{absent} to add: `crateline schema apply`" if absent else "Nothing is missing")


@schema.command()
@click.option("--dry-run", is_flag=True, help="Say what would be added; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was added as one line of JSON.")
def apply(*, dry_run: bool, as_json: bool) -> None:
    """Add the missing properties: one request per database. What is there keeps its name, its type and its values."""
    with session.opened() as wiring:
        databases = {one.word: one for one in read(wiring)}
        change = Change(wiring=wiring, ids={word: one.source.id for word, one in databases.items()}, dry_run=dry_run)
        tracks = change.add(databases["tracks"], {})
        renames = change.mirrors(tracks)
        for word in RELATED:
            if word in databases:
                change.add(databases[word], renames.get(word, {}))
        if not dry_run:
            _forget(wiring)
    if as_json:
        talk.answer({"dry_run": dry_run, "added": change.added})


def read(wiring: "Wiring") -> list[Database]:
    """Read the schemas of the tracks database and of whatever else is set: playlists, calendar, plays."""
    from crateline.domain import properties  # noqa: PLC0415  # help does not need it

    settings = wiring.settings
    named = {
        "playlists": settings.playlists_db_id,
        "calendar": settings.calendar_db_id,
        "plays": settings.plays_db_id,
    }
    sources = {"tracks": wiring.notion.data_source(settings.tracks_db_id)}
    sources |= {word: wiring.notion.data_source(named[word]) for word in RELATED if named[word]}
    ids = {word: source.id for word, source in sources.items()}
    tables = {
        "tracks": properties.TRACK_PROPERTIES,
        "playlists": properties.PLAYLIST_PROPERTIES,
        "calendar": properties.CALENDAR_PROPERTIES,
        "plays": properties.PLAY_PROPERTIES,
    }
    return [
        Database(
            word=word,
            source=source,
            table=tables[word],
            findings=properties.check(source.properties, tables[word], settings.property_names, ids),
        )
        for word, source in sources.items()
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One `schema apply`: `ids` are the data sources that relations may lead to, `added` the names so far, by database."""

    wiring: "Wiring"
    ids: Mapping[str, str]
    dry_run: bool
    added: dict[str, list[str]] = field(default_factory=dict)

    def add(self, database: Database, renames: Mapping[str, Any]) -> "DataSource":
        """Add what one database lacks, in one request together with `renames`; gives it as it is then."""
        from crateline.domain.properties import missing  # noqa: PLC0415  # help does not need it

        names = self.wiring.settings.property_names
        wanted = missing(database.source.properties, database.table, data_sources=self.ids, names=names)
        self.added[database.word] = list(wanted)
        title = database.source.title
        talk.say(f"«{title}»: {_intention(_named(database, wanted, dry_run=self.dry_run), renames, dry_run=self.dry_run)}")
        if self.dry_run or not (wanted or renames):
            return database.source
        after = self.wiring.notion.add_properties(database.source.id, {**wanted, **renames})
        talk.say(f"«{title}»: done")
        return after

    def mirrors(self, tracks: "DataSource") -> Mapping[str, Any]:
        """The renames in other databases that follow from the two-way relations of the tracks."""
        from crateline.domain.properties import TRACK_PROPERTIES, mirror_names  # noqa: PLC0415  # as above

        renames: Mapping[str, Any] = mirror_names(tracks.properties, TRACK_PROPERTIES, self.wiring.settings.property_names)
        return renames


def _named(database: Database, wanted: Iterable[str], *, dry_run: bool) -> list[str]:
    """What is added, in words; before it is done also what Notion will add by itself (afterwards that is a rename)."""
    states = {one.name: one.state for one in database.findings}
    absent = [one for one in database.findings if one.state == "absent" and one.property.mirror_of] if dry_run else []
    mirrors = [f"{one.name} ({MIRROR})" for one in absent]
    return [*(f"options of {name}" if states.get(name) == "options" else name for name in wanted), *mirrors]


def _intention(wanted: Iterable[str], renames: Mapping[str, Any], *, dry_run: bool) -> str:
    what = [*wanted, *(f"{old} → {new['name']}" for old, new in renames.items())]
    verb = "would add" if dry_run else "adding"
    return f"{verb} {', '.join(what)}" if what else "nothing is missing"


def _forget(wiring: "Wiring") -> None:
    """Let every worker read the schemas anew."""
    for key in wiring.redis.scan_iter(match=CACHED, count=1000):
        if not str(key).endswith(LOCK):
            wiring.redis.delete(key)


def _table(database: Database) -> Any:
    from rich import box  # noqa: PLC0415  # rich is wanted only here
    from rich.table import Table  # noqa: PLC0415  # as above

    table = Table(title=talk.words(database.source.title, "bold"), box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for name in ("property", "state", "detail"):
        table.add_column(name, overflow="fold")
    for one in database.findings:
        word, style = STATES[one.state]
        detail = MIRROR if one.state == "absent" and one.property.mirror_of else one.detail or NOTES.get(one.state, "")
        table.add_row(talk.words(one.name), talk.words(word, style), talk.words(detail))
    return table
