"""`crateline djay`, `djay ids`, `djay sessions`, `djay activity`: what djay knows, brought to Notion."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from rich.console import RenderableType

Command = TypeVar("Command", bound=Callable[..., Any])

ANSWER = 'Print {"read", "matched", "created", "updated", "unchanged", "review", "failed", …}.'


def wanted(command: Command) -> Command:
    """Give a command the options that all of them have."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help=ANSWER),
        click.option("--dry-run", is_flag=True, help="Say what would be written; change nothing."),
        click.option("--from", "path", type=click.Path(path_type=Path), help="A folder or a file; else djay's own library."),
    ):
        command = option(command)
    return command


@click.command()
@wanted
def ids(*, path: Path | None, dry_run: bool, as_json: bool) -> int:
    """Find the page of every track in djay's library, and write its id and what else djay knows of it there.

    By what a page is found: djay Pro ID, Spotify ID, SoundCloud URL, Source ID, ISRC, then title, artist and length.
    What is doubtful waits for you: `crateline review`. Nothing that you have typed is overwritten.
    """
    return sync({"ids"}, path=path, dry_run=dry_run, as_json=as_json)


@click.command()
@wanted
def sessions(*, path: Path | None, dry_run: bool, as_json: bool) -> int:
    """Make a page in the Calendar for every DJ set, with its figures, its tracks and its plays in order.

    Sets that are known and have not changed cost nothing; one that has changed is brought up to date in place.
    """
    return sync({"sessions"}, path=path, dry_run=dry_run, as_json=as_json)


@click.command()
@wanted
def activity(*, path: Path | None, dry_run: bool, as_json: bool) -> int:
    """Write to each track's page how often and when it was played, its hot cues and loops, and what goes with it."""
    return sync({"activity"}, path=path, dry_run=dry_run, as_json=as_json)


def sync(parts: set[str], *, path: Path | None, dry_run: bool, as_json: bool) -> int:
    """Run these parts and show what came of it; gives the exit code."""
    with session.opened() as wiring:
        from crateline.cli import djay_run  # noqa: PLC0415  # loads the clients

        done = djay_run.Sync(wiring=wiring, parts=frozenset(parts), dry_run=dry_run).run(path)
    if as_json:
        talk.answer(done)
    else:
        talk.show(shown(done, parts))
        talk.say(f"{talk.counted(done['requests'], 'request')} to Notion")
        if done["review"] and "ids" in parts:
            talk.say("`crateline review` shows what is doubtful")
    return console.SOME_TRACKS_FAILED if done["failed"] else console.OK


def shown(done: dict[str, Any], parts: set[str]) -> "RenderableType":
    """What came of it, for people."""
    from rich import box  # noqa: PLC0415  # rich is wanted only here
    from rich.console import Group  # noqa: PLC0415  # as above
    from rich.table import Table  # noqa: PLC0415  # as above

    tables: list[RenderableType] = []
    if "ids" in parts:
        tables.append(_matched(done))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("would be written" if done["dry_run"] else "written", no_wrap=True)
    names = ["created", "updated", "unchanged", "refused", "failed"]
    for name in names:
        table.add_column(name, justify="right")
    for kind, count in done["pages"].items():
        if any(count.values()):
            table.add_row(kind, *(str(count[name]) if count[name] else "" for name in names))
    return Group(*tables, table)


def _matched(done: dict[str, Any]) -> "RenderableType":
    """The match rate, by way of matching."""
    from rich import box  # noqa: PLC0415  # as above
    from rich.table import Table  # noqa: PLC0415  # as above

    total = max(1, done["read"]["tracks"])
    rows = [(way.replace("_", " "), count, "") for way, count in done["matched"].items() if count]
    found = sum(done["matched"].values())
    rows += [("found", found, "green"), ("to review", done["review"], "yellow"), ("without a page", done["absent"], "dim")]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("tracks by", no_wrap=True)
    table.add_column("", justify="right")
    table.add_column("", justify="right")
    for name, count, style in rows:
        table.add_row(talk.words(name, style), str(count), f"{100 * count / total:.1f} %")
    return table
