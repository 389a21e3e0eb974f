"""`crateline djay`: what djay keeps, read and never written."""

from pathlib import Path

import click

from crateline.cli import console
from crateline.cli.djay_sync import sync, wanted

COMMANDS: dict[str, tuple[str, str]] = {
    "ids": ("crateline.cli.djay_sync:ids", "Find the page of every track in djay's library."),
    "sessions": ("crateline.cli.djay_sync:sessions", "Make a page in the Calendar for every DJ set."),
    "activity": ("crateline.cli.djay_sync:activity", "Write to each track's page what was done with it."),
    "unmatched": ("crateline.cli.djay_unmatched:unmatched", "Put streams that were played and nobody knows on the line."),
    "watch": ("crateline.cli.djay_watch:watch", "Sync whenever djay's library has changed and is quiet again."),
    "import": ("crateline.cli.djay_import:import_", "Say what djay's library holds, and export it as clean CSVs."),
    "decode": ("crateline.cli.djay_decode:decode", "Show what djay's files and databases hold, as they are."),
}
"""As the console's own table: where each command is, and what it does in a line."""


class DjayGroup(console.LazyGroup):
    """The commands of `crateline djay`, loaded when they are called."""

    table = COMMANDS


@click.group(cls=DjayGroup, invoke_without_command=True)
@wanted
@click.pass_context
def djay(ctx: click.Context, *, path: Path | None, dry_run: bool, as_json: bool) -> int:
    """Bring what djay knows to Notion: without a command all of it, in order. Nothing is ever written to djay's files.

    The pages of tracks are found (`ids`), every set gets a page (`sessions`), and each track's page says what was done
    with it (`activity`): together they need one request per page.
    """
    if ctx.invoked_subcommand is not None:
        if path or dry_run or as_json:
            raise click.UsageError(f"write the options behind the command: crateline djay {ctx.invoked_subcommand} …")
        return console.OK
    return sync({"ids", "sessions", "activity"}, path=path, dry_run=dry_run, as_json=as_json)
