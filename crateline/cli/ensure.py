"""`crateline ensure`: have a playlist synced and downloaded, whatever it takes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from crateline.wiring import Wiring
    from producers.ensure import Ensured


@click.command()
@click.argument("playlist")
@click.option("--wait", is_flag=True, help="Stay until all of it is done; exit code 3 if some track failed.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the playlist's status object.")
def ensure(*, playlist: str, wait: bool, dry_run: bool, as_json: bool) -> int:
    """Make sure that a playlist is synced and downloaded.

    PLAYLIST is its name (among the playlists on the line, those in Notion, your own on Spotify and SoundCloud), its key
    or its link. What is new goes on the line, and what was given up gets another chance.
    """
    from producers import checks  # noqa: PLC0415  # loads the clients
    from producers import ensure as ensuring  # noqa: PLC0415  # as above

    with session.opened() as wiring:
        checks.settings_complete(wiring.settings)
        found = ensuring.Search(wiring=wiring, notion=lambda: _in_notion(wiring), say=talk.say).find(playlist)
        done = ensuring.ensure(wiring, found, say=talk.say, dry_run=dry_run)
        talk.say(_sentence(done, dry_run=dry_run))
        if dry_run:
            return console.FAILED if done.problem else console.OK
        return _answer(wiring, done, wait=wait, as_json=as_json)


def _in_notion(wiring: "Wiring") -> Iterator[tuple[str, str]]:
    from tasks import rows  # noqa: PLC0415  # loads the clients

    yield from ((one.name, one.url) for one in rows.named_lists(wiring))


def _answer(wiring: "Wiring", done: "Ensured", *, wait: bool, as_json: bool) -> int:
    from crateline.cli import report, waiting  # noqa: PLC0415  # loads the clients

    waiting.say_idle(wiring)
    if wait:
        code = waiting.answered(wiring, [done.key], as_json=as_json)
    else:
        waiting.answer([report.one_playlist(wiring, done.key)], as_json=as_json)
        code = console.OK
    return console.FAILED if done.problem else code


def _sentence(done: "Ensured", *, dry_run: bool) -> str:
    counts = ((done.added, "new on the line"), (done.retried, "given another chance"))
    said = [f"{count} would go on the line" if dry_run else f"{count} {what}" for count, what in counts if count]
    if done.problem:
        said.insert(0, f"its source could not be looked at ({done.problem})")
    return f"«{done.name}»: " + ("; ".join(said) or "nothing is new")
