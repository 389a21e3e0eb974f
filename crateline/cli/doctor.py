"""`crateline doctor`: every check a row, with what to do about it."""

from typing import TYPE_CHECKING

import click

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from rich.table import Table

    from crateline.cli.checkup import Row

MARKS = {"ok": ("✔", "green"), "warn": ("!", "yellow"), "fail": ("✘", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help='Print {"ok", "checks": […]} as one line of JSON.')
def doctor(*, as_json: bool) -> int:
    """Check this machine, the settings and every service. Exit code 1 if something fails; a warning is no failure."""
    from crateline.cli import checkup  # noqa: PLC0415  # loads the clients

    with talk.busy("Looking at this machine, Redis and the services"):
        rows = checkup.examine(session.load())
    well = all(row.state != "fail" for row in rows)
    if as_json:
        talk.answer({"ok": well, "checks": [row.public() for row in rows]})
    else:
        talk.show(_table(rows))
    return console.OK if well else console.FAILED


def _table(rows: "list[Row]") -> "Table":
    from rich.table import Table  # noqa: PLC0415  # rich is wanted only here

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column()
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        mark, style = MARKS[row.state]
        table.add_row(talk.words(mark, style), talk.words(row.name), talk.words(row.detail))
        if row.remedy and row.state != "ok":
            table.add_row("", "", talk.words(f"→ {row.remedy}", "italic"))
    return table
