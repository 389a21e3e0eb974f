"""`crateline sync`: look at the sources of known playlists, and put what is new on the line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from crateline.durable.item import Item
    from crateline.wiring import Wiring
    from producers.sync import Synced

NEVER = "never"
MINUTE_S = 60.0


def _minutes(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    if value is None or value == NEVER:
        return None if value is None else 0.0
    if not value.isdecimal() or not int(value):
        raise click.BadParameter(f"a number of minutes, or {NEVER!r}")
    return int(value) * MINUTE_S


@click.command()
@click.argument("playlist", required=False)
@click.option("--all", "everything", is_flag=True, help="Every playlist that was enqueued; the same as naming none.")
@click.option("--unlink/--keep", default=None, help="What is gone from the source: take it out here too, or keep it.")
@click.option(
    "--every", callback=_minutes, metavar="MINUTES", help="From now on look at PLAYLIST so often, or `never`; no look now."
)
@click.option("--dry-run", is_flag=True, help="Look, and say what would be done; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON per playlist.")
def sync(
    *, playlist: str | None, everything: bool, unlink: bool | None, every: float | None, dry_run: bool, as_json: bool
) -> int:
    """Bring PLAYLIST (its key, link or name) in step with its source: what is new goes on the line, in its order.

    What is gone from the source is kept, or unlinked if SYNC_REMOVED says so; nothing is ever deleted from Notion or Eagle.
    """
    if playlist and everything:
        raise click.UsageError("Name a playlist or say --all, not both.")
    if every is not None and not playlist:
        raise click.UsageError("--every is for one playlist: SYNC_EVERY_MINUTES is for all.")
    if every is not None and (dry_run or as_json or unlink is not None):
        raise click.UsageError("--every only sets how often PLAYLIST is looked at: say it alone.")
    from crateline.cli import choice  # noqa: PLC0415  # loads the clients
    from producers import checks  # noqa: PLC0415  # as above
    from producers import sync as syncing  # noqa: PLC0415  # as above

    with session.opened() as wiring:
        named = None if playlist is None else choice.playlist(wiring, playlist)
        items = syncing.followed(wiring) if named is None else wiring.register.items([named])
        if every is not None:
            return _schedule(wiring, items[0], every)
        if not items:
            talk.say("No playlist is followed yet: `crateline enqueue LINK`")
        checks.settings_complete(wiring.settings)
        return _look(wiring, items, unlink=unlink, dry_run=dry_run, as_json=as_json)


def _schedule(wiring: "Wiring", item: "Item", every: float) -> int:
    wiring.follows.interval(item.key, every)
    often = f"every {talk.counted(round(every / MINUTE_S), 'minute')}" if every else NEVER
    talk.say(f"«{item.card.get('name', item.key)}» is looked at {often}")
    return console.OK


def _look(wiring: "Wiring", items: "Sequence[Item]", *, unlink: bool | None, dry_run: bool, as_json: bool) -> int:
    from producers import sync as syncing  # noqa: PLC0415  # loads the clients

    rows = []
    for done in syncing.several(wiring, items, say=talk.say, unlink=unlink, dry_run=dry_run):
        rows.append(done)
        talk.say(sentence(done, dry_run=dry_run))
        if as_json:
            talk.answer(done.public(dry_run=dry_run))
    if any(row.refused for row in rows):
        return console.CREDENTIALS
    return console.FAILED if any(row.state == "failed" for row in rows) else console.OK


def sentence(done: "Synced", *, dry_run: bool) -> str:
    """How one playlist was found, for a person."""
    if done.state == "failed":
        return f"«{done.name}»: not synced: {done.reason}"
    gone = f"{done.gone} gone from the source and kept here" if done.gone > done.unlinked else ""
    counts = ((done.added, "new"), (done.moved, "moved"), (done.unlinked, "unlinked"))
    said = [*(f"{count} {what}" for count, what in counts if count), *filter(None, [gone, done.reason])]
    verb = "would change" if dry_run else "changed"
    return f"«{done.name}»: {verb if done.state == 'changed' else 'unchanged'}, {talk.counted(done.total, 'track')}" + "".join(
        f"; {words}" for words in said
    )
