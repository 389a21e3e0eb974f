"""`crateline djay watch`: sync whenever djay's library has changed and is quiet again."""

import time
from pathlib import Path

import click

from crateline.cli import session, talk

QUIET_S = 60.0


@click.command()
@click.option("--from", "path", type=click.Path(path_type=Path), help="A folder or a file; else djay's own library.")
@click.option("--quiet", default=QUIET_S, show_default=True, metavar="SECONDS", help="How long djay must have been silent.")
@click.option("--once", is_flag=True, help="End after the first sync.")
def watch(*, path: Path | None, quiet: float, once: bool) -> None:
    """Sync whenever a set is over: when djay's library has changed and nothing was written for a while.

    At most once per DJAY_SYNC_COOLDOWN. `crateline up` does the same by itself on a machine that has djay's library,
    unless DJAY_SYNC_ON_DISCONNECT is off.
    """
    with session.opened() as wiring:
        from crateline.clients.djay import places  # noqa: PLC0415  # loads the clients
        from producers import djay  # noqa: PLC0415  # as above
        from workers.watch import LOOK_EVERY_S, Watch, in_a_process  # noqa: PLC0415  # as above

        file = places.resolve(path or wiring.settings.djay_pro_db_path)
        talk.say(f"Watching {file}; Ctrl-C ends it")
        eyes = Watch(wiring=wiring, file=file, mark=djay.mark, sync=in_a_process(wiring), now=time.monotonic, quiet_s=quiet)
        while not (eyes.look() and once):
            time.sleep(min(LOOK_EVERY_S, max(0.2, quiet / 4)))
