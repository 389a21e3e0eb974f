"""What `status` shows: the playlists, what is stopped, and the machinery behind them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from crateline.cli import consents, tables
from crateline.cli.flow import Flow
from crateline.cli.talk import counted, words

Row = Mapping[str, Any]


def board(status: Row, most: int | None = None) -> RenderableType:
    """Everything that `status` shows, from the object that `--json` prints; of the playlists `most`, what goes on first."""
    rows = status["playlists"]
    shown = rows if most is None or len(rows) <= most else sorted(rows, key=lambda row: not row["waiting"])[:most]
    parts: list[RenderableType] = [tables.playlists(shown) if rows else words("Nothing was enqueued yet", "dim")]
    if len(shown) < len(rows):
        parts.append(words(f"… and {len(rows) - len(shown)} more", "dim"))
    if status["pauses"]:
        parts += [Text(), tables.pauses(status["pauses"])]
    return Group(*parts, Text(), _machinery(status))


def _machinery(status: Row) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    due = status["due"]
    late = f"{due['overdue']} (oldest {tables.span(due['oldest_seconds'])})" if due["overdue"] else "nothing"
    grid.add_row("queues", Flow([words(f"{name} {depth}") for name, depth in status["queues"].items()]))
    grid.add_row("overdue", words(late))
    grid.add_row("budgets", Flow([words(_budget(name, row)) for name, row in status["budgets"].items()]))
    for row in status["consents"]:
        grid.add_row("consent", words(consents.sentence(row), "yellow"))
    for row in status["copies"]:
        if row["owed"]:
            owed = counted(row["owed"], "track")
            grid.add_row("copies", words(f"{owed} owed to {row['volume']}: {row['reason'] or 'being made'}", "yellow"))
    for line in _in_step(status["playlists"]):
        grid.add_row("in step", line)
    grid.add_row("workers", _workers(status["workers"]))
    return grid


def _budget(name: str, row: Row) -> str:
    silence = f", silent {tables.span(row['silence_seconds'])}" if row["silence_seconds"] else ""
    return f"{name} {row['used']}/{row['limit']} in {row['window_seconds']:.0f} s{silence}"


def _workers(rows: Iterable[Row]) -> RenderableType:
    names = [words(row["name"]) if row["alive"] else words(f"{row['name']} (silent)", "red") for row in rows]
    return Flow(names) if names else words("none seen: `crateline up` starts them", "yellow")


def _in_step(rows: Sequence[Row]) -> Iterator[Text]:
    """How a playlist that is looked at alone is kept in step; of several those that could not be looked at."""
    for row in rows:
        sync = row["sync"]
        if sync is None or not (len(rows) == 1 or sync["status"] == "failed"):
            continue
        if sync["status"] == "failed":
            yield words(f"«{row['name'] or row['key']}» could not be looked at: {sync['reason']}; {_next(sync)}", "yellow")
        else:
            before = f"looked at {tables.since(sync['looked_at'])}" if sync["looked_at"] else "not looked at yet"
            partly = f" ({sync['reason']})" if sync["reason"] else ""
            yield words(f"{before}{partly}, {_next(sync)}")


def _next(sync: Row) -> str:
    if not sync["every_minutes"]:
        return "never again by itself"
    turn = f"at {tables.since(sync['next_at'])}" if sync["next_at"] else "at once"
    return f"again {turn}, then every {counted(sync['every_minutes'], 'minute')}"
