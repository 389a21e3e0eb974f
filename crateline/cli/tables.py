"""What `status` and its kin look like to people."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from crateline.cli.talk import words

Row = Mapping[str, Any]

BAR = 20
PARTS = (("done", "green"), ("review", "yellow"), ("refused", "magenta"), ("failed", "red"))
STATES = {
    "running": "cyan",
    "paused": "yellow",
    "done": "green",
    "done_with_failures": "red",
    "waiting": "dim",
    "failed": "red",
    "refused": "magenta",
    "review": "yellow",
}


def board(status: Row) -> RenderableType:
    """Everything that `status` shows, from the object that `--json` prints."""
    parts: list[RenderableType] = [
        playlists(status["playlists"]) if status["playlists"] else words("Nothing was enqueued yet", "dim")
    ]
    if status["pauses"]:
        parts += [Text(), pauses(status["pauses"])]
    return Group(*parts, Text(), _machinery(status))


def playlists(rows: Iterable[Row]) -> Table:
    """One line per playlist, with its bar."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("playlist", overflow="ellipsis", no_wrap=True, ratio=1)
    for name in ("state", "progress", "done", "review", "refused", "failed", "left", "to go"):
        table.add_column(name, justify="left" if name in {"state", "progress"} else "right", no_wrap=True)
    for row in rows:
        table.add_row(
            words(row["name"] or row["key"]),
            words(row["state"].replace("_", " "), STATES[row["state"]]),
            bar(row),
            words(f"{row['done']}/{row['total']}"),
            *(words(row[name] or "", style) for name, style in PARTS[1:]),
            words(row["waiting"] or ""),
            words(span(row["eta_seconds"])),
        )
    return table


def bar(row: Row) -> Text:
    """How far a playlist is, by outcome."""
    text = Text()
    total = max(1, row["total"])
    reached = drawn = 0
    for name, style in PARTS:
        reached += row[name]
        width = round(BAR * reached / total) - drawn
        text.append("━" * width, style)
        drawn += width
    return text.append("─" * (BAR - drawn), "dim")


def pauses(rows: Iterable[Row], waiting: Mapping[str, int] | None = None) -> Table:
    """What is stopped, and what to do about it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("paused", "why", "what to do", "since"):
        table.add_column(name, overflow="fold")
    if waiting is not None:
        table.add_column("waiting", justify="right")
    for row in rows:
        cells = [words(row["service"], "yellow"), words(row["reason"]), words(row["remedy"], "bold"), words(row["since"])]
        table.add_row(*cells, *([] if waiting is None else [words(waiting[row["service"]])]))
    return table


def _machinery(status: Row) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    due = status["due"]
    late = f"{due['overdue']} (oldest {span(due['oldest_seconds'])})" if due["overdue"] else "nothing"
    grid.add_row("queues", words("   ".join(f"{name} {depth}" for name, depth in status["queues"].items())))
    grid.add_row("overdue", words(late))
    grid.add_row("budgets", words("   ".join(_budget(name, row) for name, row in status["budgets"].items())))
    for row in status["copies"]:
        if row["owed"]:
            owed = "1 track" if row["owed"] == 1 else f"{row['owed']} tracks"
            grid.add_row("copies", words(f"{owed} owed to {row['volume']}: {row['reason'] or 'being made'}", "yellow"))
    grid.add_row("workers", _workers(status["workers"]))
    return grid


def _budget(name: str, row: Row) -> str:
    silence = f", silent {span(row['silence_seconds'])}" if row["silence_seconds"] else ""
    return f"{name} {row['used']}/{row['limit']} in {row['window_seconds']:.0f} s{silence}"


def _workers(rows: Iterable[Row]) -> Text:
    names = [words(row["name"], "" if row["alive"] else "red") for row in rows]
    return Text("   ").join(names) if names else words("none seen: `crateline up` starts them", "yellow")


def tracks(rows: Iterable[Row]) -> Table:
    """One line per track."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("state", "station", "track", "reason", "key"):
        table.add_column(name, overflow="fold", ratio={"track": 3, "reason": 3}.get(name))
    for row in rows:
        title = " - ".join(filter(None, (row["artist"], row["title"])))
        table.add_row(
            words(row["state"], STATES[row["state"]]),
            words(row["station"]),
            words(title),
            words(row["reason"]),
            words(row["key"]),
        )
    return table


def span(seconds: float | None) -> str:
    """A length of time for people: nothing for None and 0."""
    if not seconds:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
