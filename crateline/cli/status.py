"""`crateline status`: once, or again and again."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from crateline.cli import session, talk

if TYPE_CHECKING:
    from rich.console import Console

    from crateline.wiring import Wiring

EVERY_S = 1.0
MACHINERY = 18
"""Lines that the board needs beside its playlists. What does not fit on a screen cannot be watched."""
LEAST_SHOWN = 3
UNSTEADY = ("budgets", "workers", "due")
"""What changes all the time without anything having happened: it is printed with a change, and makes none."""


@click.command()
@click.argument("playlist", required=False)
@click.option("--tracks", is_flag=True, help="Show every track of PLAYLIST.")
@click.option("--watch", is_flag=True, help="Show it again every second; with --json, a line for every change.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; with --tracks an object per track and line.")
def status(*, playlist: str | None, tracks: bool, watch: bool, as_json: bool) -> None:
    """Show how far the playlists are, or PLAYLIST alone (by its key, link or name), and what holds them up."""
    if tracks and not playlist:
        raise click.UsageError("--tracks needs a playlist.")
    from crateline.cli import choice, report  # noqa: PLC0415  # loads the clients

    with session.opened() as wiring:
        if tracks:
            key = choice.playlist(wiring, str(playlist))
            _tracks(lambda: report.tracks(wiring, key), watch=watch, as_json=as_json)
        else:
            named = None if playlist is None else [choice.playlist(wiring, playlist)]
            _board(wiring, named, watch=watch, as_json=as_json)


def _board(wiring: "Wiring", named: list[str] | None, *, watch: bool, as_json: bool) -> None:
    from crateline.cli import board as boards  # noqa: PLC0415  # loads the clients
    from crateline.cli import report  # noqa: PLC0415  # as above

    def ask() -> dict[str, Any]:
        return report.board(wiring, wiring.register.keys() if named is None else named)

    if as_json:
        _lines(lambda: [ask()], watch=watch)
    else:
        _drawn(lambda room: boards.board(ask(), room), watch=watch)


def _tracks(ask: Callable[[], list[dict[str, Any]]], *, watch: bool, as_json: bool) -> None:
    from crateline.cli import tables  # noqa: PLC0415  # rich is wanted only here

    if as_json:
        _lines(ask, watch=watch)
    else:
        _drawn(lambda _: tables.tracks(ask()), watch=watch)


def _lines(ask: Callable[[], list[dict[str, Any]]], *, watch: bool) -> None:
    """Print each object; while watching, each one that differs from what was printed in its place."""
    before: dict[int, dict[str, Any]] = {}
    while True:
        for place, row in enumerate(ask()):
            steady = {name: value for name, value in row.items() if name not in UNSTEADY}
            if before.get(place) != steady:
                talk.answer(row)
            before[place] = steady
        if not watch:
            return
        time.sleep(EVERY_S)


def _drawn(draw: Callable[[int | None], Any], *, watch: bool) -> None:
    """Print it; while watching, draw it anew in its place, or where there is no terminal print each one that differs."""
    page = talk.page()
    if not watch:
        talk.show(draw(None))
    elif page.is_terminal:
        _live(page, draw)
    else:
        _printed(draw)


def _live(page: "Console", draw: Callable[[int | None], Any]) -> NoReturn:
    from rich.live import Live  # noqa: PLC0415  # rich is wanted only here

    with Live(console=page, auto_refresh=False, screen=False) as live:
        while True:
            live.update(draw(max(LEAST_SHOWN, page.height - MACHINERY)), refresh=True)
            time.sleep(EVERY_S)


def _printed(draw: Callable[[int | None], Any]) -> NoReturn:
    before = ""
    while True:
        now = talk.drawn(draw(None))
        if now != before:
            click.echo(now)
        before = now
        time.sleep(EVERY_S)
