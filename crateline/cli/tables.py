"""What `status` and its kin look like to people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from crateline.cli.flow import Flow
from crateline.cli.talk import words

Row = Mapping[str, Any]

BAR = 20
BARS = (BAR, 10, 5, 0)
NAME = 16
"""Columns that a name may claim before its bar gets shorter."""
SHORTEST = 10
"""A name with less room than this stands on a line of its own."""
MEASURED = 10_000
WIDE = 110
"""From so many columns on, what is said of a track stands on one line."""
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


@dataclass(frozen=True, slots=True)
class Playlists:
    """One line per playlist. Where there is little room the bar gets shorter, then the name. What nobody has is no column."""

    rows: Sequence[Row]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table with the longest bar for which there is room."""
        longest = max((words(_name(row)).cell_len for row in self.rows), default=0)
        wide = options.update(max_width=MEASURED)
        for length in BARS:
            table = self._table(length)
            room = options.max_width - (Measurement.get(console, wide, table).maximum - longest)
            if room >= min(longest, NAME):
                break
        table.columns[0].max_width = max(1, min(room, longest))
        yield table if room >= min(longest, SHORTEST) else Group(*map(_block, self.rows))

    def _table(self, length: int) -> Table:
        counts = [name for name, _ in PARTS[1:] if any(row[name] for row in self.rows)]
        going = any(row["waiting"] for row in self.rows)
        table = _headed("playlist", "state", *(["progress"] if length else []))
        for name in ("done", *counts, *(["left", "to go"] if going else [])):
            table.add_column(name, justify="right", no_wrap=True)
        for row in self.rows:
            table.add_row(
                words(_name(row)),
                _state(row),
                *([bar(row, length)] if length else []),
                words(f"{row['done']}/{row['total']}"),
                *(words(row[name] or "", STATES[name]) for name in counts),
                *([words(row["waiting"] or ""), words(span(row["eta_seconds"]))] if going else []),
            )
        return table


def playlists(rows: Iterable[Row]) -> RenderableType:
    """One line per playlist, with its bar."""
    return Group(Text(), Playlists(list(rows)))


def _name(row: Row) -> str:
    return str(row["name"] or row["key"])


def _state(row: Row) -> Text:
    return words("failures" if row["state"] == "done_with_failures" else row["state"], STATES[row["state"]])


def _to_go(row: Row) -> Text:
    return words(f"{span(row['eta_seconds'])} to go" if row["eta_seconds"] else "")


def _block(row: Row) -> RenderableType:
    """A playlist where no table has room."""
    counts = [words(f"{row[name]} {name}", STATES[name]) for name, _ in PARTS[1:] if row[name]]
    going = [words(f"{row['waiting']} left"), _to_go(row)] if row["waiting"] else []
    said = [_state(row), words(f"{row['done']}/{row['total']} done"), *counts, *going]
    return Group(words(_name(row), "bold"), Flow([one for one in said if one]), bar(row), Text())


def bar(row: Row, length: int = BAR) -> Text:
    """How far a playlist is, by outcome."""
    text = Text()
    total = max(1, row["total"])
    reached = drawn = 0
    for name, style in PARTS:
        reached += row[name]
        width = round(length * reached / total) - drawn
        text.append("━" * width, style)
        drawn += width
    return text.append("─" * (length - drawn), "dim")


def pauses(rows: Iterable[Row], waiting: Mapping[str, int] | None = None) -> Table:
    """What is stopped, and what to do about it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("paused", "why", "what to do", "since"):
        table.add_column(name, overflow="fold")
    if waiting is not None:
        table.add_column("waiting", justify="right")
    for row in rows:
        cells = [words(row["service"], "yellow"), words(row["reason"]), words(row["remedy"], "bold"), words(since(row["since"]))]
        table.add_row(*cells, *([] if waiting is None else [words(waiting[row["service"]])]))
    return table


@dataclass(frozen=True, slots=True)
class Tracks:
    """One line per track; where there is little room, reason and key stand below the title, and no key is broken."""

    rows: Sequence[Row]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table that suits the width."""
        yield self._wide() if options.max_width >= WIDE else self._narrow()

    def _wide(self) -> Table:
        reasons = any(row["reason"] for row in self.rows)
        table = _headed("state", "station")
        for name in ("track", *(["reason"] if reasons else [])):
            table.add_column(name, overflow="fold", ratio=1)
        table.add_column("key", no_wrap=True)
        for row in self.rows:
            said = [words(row["reason"])] if reasons else []
            table.add_row(*_place(row), words(_title(row)), *said, words(row["key"]))
        return table

    def _narrow(self) -> Table:
        table = _headed("state", "station")
        table.add_column("track", overflow="fold")
        for row in self.rows:
            lines = [words(_title(row)), words(row["reason"], STATES[row["state"]]), words(row["key"], "dim")]
            table.add_row(*_place(row), Text("\n").join(line for line in lines if line))
        return table


def tracks(rows: Iterable[Row]) -> RenderableType:
    """What is said of each track."""
    return Tracks(list(rows))


def _headed(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=True)
    return table


def _place(row: Row) -> tuple[Text, Text]:
    """A track's state and, unless it is done, where it is."""
    return words(row["state"], STATES[row["state"]]), words("" if row["state"] == "done" else row["station"])


def _title(row: Row) -> str:
    return " - ".join(filter(None, (row["artist"], row["title"]))) or "(without a title)"


def since(moment: str) -> str:
    """A moment (ISO 8601) on the clock of whoever reads it: the time of day, and the date unless it is today."""
    then = datetime.fromisoformat(moment).astimezone()
    today = then.date() == datetime.now(then.tzinfo).date()
    return then.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")


def span(seconds: float | None) -> str:
    """A length of time for people: nothing for None and 0."""
    if not seconds:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
