"""What people read: talk on stderr, data on stdout; nothing in either that could steer the terminal."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from crateline import harmless

WIDE = 160
"""Columns where nobody watches: a table in a pipe or a file is not cut to the 80 of an unknown terminal."""


def show(answer: RenderableType) -> None:
    """Print an answer that people read."""
    console = page()
    if console.is_terminal:
        console.print(answer)
    else:
        click.echo(drawn(answer), nl=False)


def drawn(answer: RenderableType) -> str:
    """An answer as it stands in a pipe or a file: no line ends in the blanks that fill up a table."""
    console = page()
    with console.capture() as captured:
        console.print(answer)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def say(words: str) -> None:
    """Say something to the person; never part of a command's answer. On a terminal no word is broken at its edge."""
    text = harmless.lines(words)
    click.echo(_wrapped(text) if sys.stderr.isatty() else text, err=True)


def _wrapped(text: str) -> str:
    width = margin().width
    return "\n".join(part for line in text.split("\n") for part in _folded(line.split(" "), width))


def _folded(words: list[str], width: int) -> Iterator[str]:
    """Lines of whole words; one that is longer than a line, as a link may be, stays whole."""
    line = words[0]
    for word in words[1:]:
        if cell_len(line) + 1 + cell_len(word) > width:
            yield line
            line = word
        else:
            line += f" {word}"
    yield line


def counted(number: int, what: str) -> str:
    """So many of something, in the singular where it is one."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def answer(row: dict[str, Any]) -> None:
    """Print one JSON object as a line of the command's answer, at once, in ASCII: harmless in any terminal."""
    click.echo(json.dumps(row, separators=(", ", ": ")))


@contextmanager
def busy(words: str) -> Iterator[None]:
    """Say on a terminal that something goes on, for as long as it does."""
    console = margin()
    if console.is_terminal:
        with console.status(Text(harmless.one_line(words))):
            yield
    else:
        yield


def page() -> Console:
    """The console for answers that people read (stdout)."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False, emoji=False)


def margin() -> Console:
    """The console for progress (stderr)."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def words(text: Any, style: str = "") -> Text:
    """Foreign words as rich may print them: on one line, and without a meaning as markup."""
    return Text(harmless.one_line(str(text)), style=style)
