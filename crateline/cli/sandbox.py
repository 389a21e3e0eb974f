"""`crateline sandbox`: the simulated outside world in the foreground, for trying things out and for tests of one's own."""

import shlex
import signal
import threading
from pathlib import Path
from typing import Any

import click

from crateline.cli import session, talk


@click.command()
@click.option("--tracks", type=click.IntRange(1, 5000), default=60, show_default=True, help="Rows of the main SoundCloud set.")
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed makes another world.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where music and Eagle's library go.")
@click.option("--json", "as_json", is_flag=True, help="Print environment and addresses as one line of JSON.")
def sandbox(*, tracks: int, seed: int, folder: Path | None, as_json: bool) -> None:
    """Run a simulated Notion, SoundCloud, YouTube, Spotify and Eagle on loopback until Ctrl-C.

    On stdout is what to set, in the form the shell reads: copy it into another terminal, and `crateline up` and
    `crateline enqueue` live in that world.
    """
    known = session.load()
    from crateline.sandbox import outside  # noqa: PLC0415  # a world of servers: only this command and the demo need it

    place = (folder or known.state_dir / "sandbox").absolute()
    place.mkdir(parents=True, exist_ok=True)
    told = _told_to_end()
    with outside.run(folder=place, tracks=tracks, seed=seed) as world:
        if as_json:
            talk.answer({"environment": world.environment, "addresses": world.addresses})
        else:
            for name, value in world.environment.items():
                click.echo(f"export {name}={shlex.quote(value)}")
        talk.say("\n".join(f"{name}: {address}" for name, address in world.addresses.items()))
        talk.say(f"A set to enqueue: {world.world.main.url}")
        talk.say("Ctrl-C ends this world")
        told.wait()


def _told_to_end() -> threading.Event:
    """What is set when SIGINT or SIGTERM comes: the ordinary end of a world."""
    told = threading.Event()

    def stop(_signal: int, _frame: Any) -> None:
        told.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    return told
