"""What people read: talk on stderr, data on stdout; nothing in either that could steer the terminal."""

import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from crateline import harmless

WIDE = 160
"""Columns where nobody watches: a table in a pipe or a file is not cut to the 80 of an unknown terminal."""


def say(words: str) -> None:
    """Say something to the person; never part of a command's answer."""
    click.echo(harmless.lines(words), err=True)


def answer(row: dict[str, Any]) -> None:
    """Print one JSON object as a line of the command's answer, at once, in ASCII: harmless in any terminal."""
    click.echo(json.dumps(row, separators=(", ", ": ")))


def page() -> Console:
    """The console for answers that people read (stdout)."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False, emoji=False)


def margin() -> Console:
    """The console for progress (stderr)."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def words(text: Any, style: str = "") -> Text:
    """Foreign words as rich may print them: on one line, and without a meaning as markup."""
    return Text(harmless.one_line(str(text)), style=style)
