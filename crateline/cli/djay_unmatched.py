"""`crateline djay unmatched`: streams that were played and that nobody knows go on the line."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crateline.cli import console, session, talk
from crateline.cli.djay_sync import wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from crateline.durable.streams import Stream

SHOWN = 40


@click.command()
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Put N on the line now, whatever is on its way.")
@wanted
def unmatched(*, limit: int | None, path: Path | None, dry_run: bool, as_json: bool) -> int:
    """Put streams that were played in sets on the line, if Notion has no page or Eagle no item for them.

    At most DJAY_PROCESS_QUEUE_SIZE are on their way at a time; the others wait for their turn. SoundCloud's are fetched
    from there; the recordings of Beatport's, Apple's and Spotify's are looked for elsewhere. When a track has its page,
    it is linked to the sets in which it was played.
    """
    with session.opened() as wiring:
        from crateline.cli import djay_run  # noqa: PLC0415  # loads the clients

        run = djay_run.Sync(wiring=wiring, parts=frozenset({djay_run.UNMATCHED}), dry_run=dry_run, limit=limit)
        done = run.run(path)
    if as_json:
        talk.answer(done)
    else:
        _show(run.listed, done["unmatched"], dry_run=dry_run)
    return console.OK


def _show(streams: "Sequence[Stream]", counts: dict[str, Any], *, dry_run: bool) -> None:
    if streams:
        talk.show(_table(streams))
    on_its_way = f", {counts['on_the_line']} are on the line already" if counts["on_the_line"] else ""
    were = "was" if counts["found"] == 1 else "were"
    talk.say(f"{talk.counted(counts['found'], 'stream')} {were} played that Notion or Eagle does not know{on_its_way}")
    if not dry_run:
        talk.say(f"{counts['enqueued']} put on the line, {counts['waiting']} wait for their turn")


def _table(streams: "Sequence[Stream]") -> "Table":
    from rich import box  # noqa: PLC0415  # rich is wanted only here
    from rich.table import Table  # noqa: PLC0415  # as above

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("stream", "service", "key"):
        table.add_column(name, overflow="fold")
    for one in streams[:SHOWN]:
        title = " - ".join(filter(None, (one.track.artist, one.track.title)))
        table.add_row(talk.words(title), talk.words(one.track.platform), talk.words(one.track.key, "dim"))
    if len(streams) > SHOWN:
        table.add_row(talk.words(f"and {len(streams) - SHOWN} more", "dim"), "", "")
    return table
