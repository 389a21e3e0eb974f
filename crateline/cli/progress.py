"""How far a command is that has much to do: a bar on a terminal, a line every so often anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crateline import harmless
from crateline.cli import talk

EVERY_S = 10.0
"""How long nothing is said where nobody watches a bar; what is done sooner says nothing at all."""

Show = Callable[[int, int], None]
"""Told how many of how many are done."""


@contextmanager
def shown(what: str) -> Iterator[Show]:
    """Show on stderr how far `what` is, while the block runs."""
    margin = talk.margin()
    if not margin.is_terminal:
        yield _spoken(what)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415  # only here

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=margin, transient=True) as progress:
        bar = progress.add_task(harmless.one_line(what), total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


def _spoken(what: str) -> Show:
    said = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= EVERY_S and done < total:
            said = time.monotonic()
            talk.say(f"{what}: {done} of {total}")

    return show
