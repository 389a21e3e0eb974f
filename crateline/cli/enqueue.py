"""`crateline enqueue`: read the sources, say what will be done, do it, say what was done."""

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from crateline.cli import console, progress, session, stops, talk
from crateline.errors import CratelineError

if TYPE_CHECKING:
    from crateline.domain.track import Playlist
    from crateline.durable.register import Enrolment
    from crateline.wiring import Wiring
    from producers.source import Source


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@click.option("--dry-run", is_flag=True, help="Read the sources and say what would be done; change nothing.")
@click.option("--max-tracks", type=click.IntRange(min=1), metavar="N", help="Take the first N distinct tracks of each.")
@click.option("--no-download", is_flag=True, help="Make the Notion pages, fetch no audio.")
@click.option("--wait", is_flag=True, help="Stay until nothing runs or is due; exit code 3 if some track failed.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON per source; with --wait, the status at the end.")
def enqueue(
    *,
    sources: tuple[str, ...],
    dry_run: bool,
    max_tracks: int | None,
    no_download: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Put SOURCE… on the line.

    A SOURCE is a link (a SoundCloud set, profile, likes or track; a Spotify playlist, album or track, or the word
    `liked`; a YouTube playlist or video), a file (links, a playlist exported as CSV, text or M3U, or a zip of these), a
    folder of files, or `-` for what is piped in.
    Safe to repeat: what is known is not done twice.
    """
    from producers import checks  # noqa: PLC0415  # loads the clients
    from producers.source import expand  # noqa: PLC0415  # as above

    wanted = [source for text in sources for source in expand(text)]
    batch = Batch(limit=max_tracks, audio=not no_download, dry_run=dry_run, as_json=as_json)
    with session.opened() as wiring:
        paused = checks.before(wiring, wanted, audio=batch.audio)
        for pause in paused:
            talk.say(f"{stops.sentence(pause)}. What needs it will wait")
        for source in wanted:
            batch.take(wiring, source, alone=len(wanted) == 1)
        if dry_run or not batch.keys:
            return batch.code
        from crateline.cli import waiting  # noqa: PLC0415  # loads the clients

        waiting.say_idle(wiring)
        if not wait:
            return batch.code
        waited = waiting.answered(wiring, list(batch.keys), told=paused, as_json=as_json)
    return batch.code or waited


@dataclass(kw_only=True, slots=True)
class Batch:
    """One command's sources: how they are taken, the keys of the playlists so far, and the exit code so far."""

    limit: int | None
    audio: bool
    dry_run: bool
    as_json: bool
    keys: dict[str, None] = field(default_factory=dict)
    code: int = console.OK

    def take(self, wiring: "Wiring", source: "Source", *, alone: bool) -> None:
        """Read a source and put it on the line. One of several that cannot be read, or a part of one, is said and passed over."""
        talk.say(f"Reading {source.text}{_how_to_end(source)}")
        try:
            self._take(wiring, source)
        except CratelineError as error:
            if alone and not self.keys:
                raise
            why = console.sentence(error)
            talk.say(why if why.startswith(source.text) else f"{source.text}: {why}")
            code = console.exit_code(error)
            self.code = self.code or (console.FAILED if code == console.USAGE else code)  # the others were started

    def _take(self, wiring: "Wiring", source: "Source") -> None:
        from producers import enrolment, intake, playlist  # noqa: PLC0415  # loads the clients

        for found in playlist.read(wiring, source, limit=self.limit, say=talk.say):
            planned = enrolment.plan(wiring, found)
            _say_plan(found, planned, dry_run=self.dry_run)
            done = planned
            if not self.dry_run:
                with progress.shown(found.name) as show:
                    done = intake.take(wiring, found, audio=self.audio, limit=self.limit, say=talk.say, show=show)
            self.keys[found.key] = None
            if self.as_json:
                talk.answer(done.public(dry_run=self.dry_run))


def _how_to_end(source: "Source") -> str:
    from producers.document import STANDARD_INPUT  # noqa: PLC0415  # loads the clients

    typed = source.text == STANDARD_INPUT and sys.stdin.isatty()
    return ": paste links or a table, then press Ctrl-D on a line of its own" if typed else ""


def _say_plan(playlist: "Playlist", plan: "Enrolment", *, dry_run: bool) -> None:
    rows = len(playlist.tracks)
    repeated = f" in {rows} rows" if rows != plan.total else ""
    refused = f", {plan.refused} refused at once (gone at their source)" if plan.refused else ""
    verb = "would go on the line" if dry_run else "on the line"
    talk.say(
        f"«{playlist.name}»: {talk.counted(plan.total, 'track')}{repeated} {verb}: {plan.new} new, {plan.known} known{refused}"
    )
