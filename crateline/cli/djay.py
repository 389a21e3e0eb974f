"""`crateline djay`: what djay keeps, read and never written."""

import click

from crateline.cli import console

COMMANDS: dict[str, tuple[str, str]] = {
    "import": ("crateline.cli.djay_import:import_", "Say what djay's library holds, and export it as clean CSVs."),
    "decode": ("crateline.cli.djay_decode:decode", "Show what djay's files and databases hold, as they are."),
}
"""As the console's own table: where each command is, and what it does in a line."""


class DjayGroup(console.LazyGroup):
    """The commands of `crateline djay`, loaded when they are called."""

    table = COMMANDS


@click.group(cls=DjayGroup)
def djay() -> None:
    """Read what djay keeps: its library, its sets, its files. Nothing is ever written to it."""
