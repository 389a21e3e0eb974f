"""`crateline inbox`: what people have written into Music Tracks goes on the line."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import click
import structlog

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from crateline.wiring import Wiring
    from producers.inbox import Taken
    from producers.patience import Say

log = structlog.get_logger("crateline.inbox")

AT_ONCE = 25
"""Rows that one turn of the scheduler takes, the newest first: a library of old rows does not flood the line."""
SAID = {
    "taken": "on the line",
    "known": "known",
    "duplicate": "a second page",
    "unusable": "cannot be used",
    "waits": "waits",
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would go on the line; change nothing.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Look at the N newest rows only.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON per row.")
def inbox(*, dry_run: bool, limit: int | None, as_json: bool) -> int:
    """Put the rows of Music Tracks on the line that you have made yourself: with a link, Status Ready and no file.

    The row becomes the track's page: no second one is made. A link that cannot be used is said on its row.
    """
    from producers import checks  # noqa: PLC0415  # loads the clients

    with session.opened() as wiring:
        checks.settings_complete(wiring.settings)
        counts: Counter[str] = Counter()
        for done in look(wiring, say=talk.say, limit=limit, dry_run=dry_run):
            counts[done.state] += 1
            talk.say(_sentence(done, dry_run=dry_run))
            if as_json:
                talk.answer(done.public(dry_run=dry_run))
        talk.say(_sum(counts, dry_run=dry_run) if counts else _empty(wiring.settings.inbox_status))
        if counts["taken"] and not dry_run:
            from crateline.cli import waiting  # noqa: PLC0415  # loads the clients

            waiting.say_idle(wiring)
    return console.OK


def look(wiring: "Wiring", *, say: "Say", limit: int | None = None, dry_run: bool = False) -> "Iterator[Taken]":
    """Take the rows that are wanted, the newest first; at most `limit` of them."""
    from producers import inbox as taking  # noqa: PLC0415  # loads the clients
    from producers import patience  # noqa: PLC0415  # as above
    from tasks import rows  # noqa: PLC0415  # as above

    waiting = patience.patiently(wiring, lambda: rows.without_file(wiring), say)
    wanted = taking.wanted(wiring, waiting, [wiring.settings.inbox_status])
    box = taking.Inbox(wiring=wiring, explain=partial(rows.explain, wiring), again=partial(rows.again, wiring), say=say)
    for row in wanted[:limit]:
        if (done := box.take(row, dry_run=dry_run)) is not None:
            yield done


def chore(wiring: "Wiring") -> None:
    """Take what has come since the last look, a few rows at a time."""
    if "notion" in {pause.service for pause in wiring.pauses.all()}:
        return
    taken = _some(look(wiring, say=lambda words: log.info(words, action="inbox")))
    for done in taken:
        log.info("row looked at", action="inbox", **done.public(dry_run=False))
        if wiring.stopping.is_set():
            return


def _some(rows: "Iterable[Taken]") -> "Iterator[Taken]":
    """The rows of which something was done, until there are enough of them."""
    count = 0
    for done in rows:
        if done.state == "known":
            continue
        yield done
        count += 1
        if count >= AT_ONCE:
            return


def _sentence(done: "Taken", *, dry_run: bool) -> str:
    said = "would go on the line" if dry_run and done.state == "taken" else SAID[done.state]
    return f"«{done.name}»: {said}" + (f": {done.reason}" if done.reason else "")


def _empty(status: str) -> str:
    return f"Music Tracks: no row with a link, Status {status} and no file waits for the line"


def _sum(counts: Counter[str], *, dry_run: bool) -> str:
    taken = f"{counts['taken']} would go on the line" if dry_run else f"{counts['taken']} on the line"
    problems = counts["duplicate"] + counts["unusable"]
    others = ((counts["known"], "on it already"), (problems, "that cannot be used"), (counts["waits"], "that wait"))
    parts = [taken, *(f"{count} {what}" for count, what in others if count)]
    return "Music Tracks: " + ", ".join(parts)
