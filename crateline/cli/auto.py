"""`crateline auto`: whatever is to be done next, without being told."""

from functools import partial
from typing import TYPE_CHECKING

import click

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from producers.auto import Done


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be taken; change nothing.")
@click.option("--wait", is_flag=True, help="Stay until it is done; exit code 3 if it failed.")
@click.option("--json", "as_json", is_flag=True, help="Print what was taken as JSON; with --wait, its status object at the end.")
def auto(*, dry_run: bool, wait: bool, as_json: bool) -> int:
    """Put the next track on the line: what Spotify plays, else your newest like, else the newest row of Music Tracks.

    In this order: the track that Spotify plays now, if it is not done; the newest of five SoundCloud likes, then of five
    liked songs on Spotify, that was never on the line; the newest unprocessed row of Music Tracks with a link.
    """
    from producers import auto as choosing  # noqa: PLC0415  # loads the clients
    from producers import checks  # noqa: PLC0415  # as above
    from tasks import rows  # noqa: PLC0415  # as above

    with session.opened() as wiring:
        checks.settings_complete(wiring.settings)
        chain = choosing.Auto(
            wiring=wiring,
            rows=partial(rows.without_file, wiring),
            explain=partial(rows.explain, wiring),
            again=partial(rows.again, wiring),
            say=talk.say,
        )
        done = chain.run(dry_run=dry_run)
        _say(done, choosing.NAMES, dry_run=dry_run)
        if as_json:
            talk.answer(done.public(dry_run=dry_run))
        if not done.link or dry_run:
            return console.OK
        from crateline.cli import waiting  # noqa: PLC0415  # loads the clients

        waiting.say_idle(wiring)
        return waiting.answered(wiring, [done.playlist], as_json=as_json) if wait else console.OK


def _say(done: "Done", names: dict[str, str], *, dry_run: bool) -> None:
    for passed in done.passed:
        talk.say(f"Not {names[passed.link]}: {passed.reason}")
    if done.link:
        verb = "would go on the line" if dry_run else "on the line"
        talk.say(f"From {names[done.link]}: «{done.title}» {verb}")
    else:
        talk.say("Nothing is to be done")
