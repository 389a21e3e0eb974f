"""`crateline analyze`: hear local files, whether they are on the line or not; have the line's tracks heard anew."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from crateline.audio.analysis import Analysis
    from crateline.cli.sounds import Unusable
    from crateline.wiring import Wiring


@click.command()
@click.argument("files", nargs=-1, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one object per file and line.")
@click.option(
    "--index", "indexed", multiple=True, metavar="FOLDER", type=click.Path(path_type=Path), help="Have its files recognised, too."
)
@click.option("--outdated", is_flag=True, help="Have tracks heard again that an older analyser has heard.")
@click.option("--recalibrate", is_flag=True, help="Set the limits of energy from your own library.")
@click.option("--dry-run", is_flag=True, help="With --outdated or --recalibrate: say what would be done; change nothing.")
def analyze(
    *, files: tuple[Path, ...], as_json: bool, indexed: tuple[Path, ...], outdated: bool, recalibrate: bool, dry_run: bool
) -> int:
    """Hear FILE…: tempo, key, loudness, energy, structure and fingerprint of files, and of all in folders.

    Needs neither Notion nor Redis. What was heard once is kept, and not heard again while the file stays as it is.
    """
    from crateline.cli import reanalyze  # noqa: PLC0415  # loads the clients

    if dry_run and not (outdated or recalibrate):
        raise click.UsageError("--dry-run goes with --outdated or --recalibrate.")
    match sum(map(bool, (files, indexed, outdated, recalibrate))):
        case 0:
            raise click.UsageError("Name a file or a folder, or say --index FOLDER, --outdated or --recalibrate.")
        case 2 | 3 | 4:
            raise click.UsageError("FILE…, --index, --outdated and --recalibrate are asked for one at a time.")
    with session.opened() as wiring:
        if outdated:
            return reanalyze.outdated(wiring, dry_run=dry_run, as_json=as_json)
        if recalibrate:
            return reanalyze.recalibrate(wiring, dry_run=dry_run, as_json=as_json)
        return Hearing(wiring=wiring, as_json=as_json, index=bool(indexed)).of(files or indexed)


@dataclass(kw_only=True, slots=True)
class Hearing:
    """One command's files: what is said of each, and how many there were."""

    wiring: "Wiring"
    as_json: bool
    index: bool = False
    heard: int = 0
    failed: int = 0
    missing: int = 0
    marked: bool = False

    def of(self, names: Iterable[Path]) -> int:
        """Hear all that is meant by `names`; gives the exit code."""
        from crateline.cli import crowd, sounds  # noqa: PLC0415  # loads numpy

        names = list(names)
        found = list(sounds.find(names))
        listeners = crowd.Crowd(self.wiring.settings, self.wiring.store)
        with _shown(len(found), as_json=self.as_json) as show:
            for one in found:
                if not isinstance(one, Path):
                    show(self._unusable(one))
            for path, answer in listeners.hear([one for one in found if isinstance(one, Path)]):
                show(self._row(path, answer))
        self._forget(names)
        self._sum_up(listeners.unkept)
        if self.missing:
            return console.USAGE
        return console.SOME_TRACKS_FAILED if self.failed else console.OK

    def _unusable(self, one: "Unusable") -> dict[str, Any]:
        from crateline.cli import analyze_view  # noqa: PLC0415  # as above

        self.failed += 1
        self.missing += one.missing
        return analyze_view.error(one.path, one.reason)

    def _row(self, path: Path, answer: "Analysis | str") -> dict[str, Any]:
        from crateline.cli import analyze_view  # noqa: PLC0415  # as above
        from tasks import levels  # noqa: PLC0415  # as above

        if isinstance(answer, str):
            self.failed += 1
            return analyze_view.error(path, answer)
        limits = levels.limits(self.wiring.store)
        row = analyze_view.row(path, answer, limits=limits, bpm_lowest=self.wiring.settings.bpm_lowest)
        try:
            row |= self._indexed(path, answer)
        except OSError as error:  # it has gone, or been changed, since it was heard
            self.failed += 1
            return analyze_view.error(path, str(error))
        self.heard += 1
        self.marked |= bool(analyze_view.mark(row))
        return row

    def _indexed(self, path: Path, heard: "Analysis") -> dict[str, str | None]:
        if not self.index:
            return {}
        from crateline.cli import indexing  # noqa: PLC0415  # loads the stations

        return indexing.index(self.wiring, path, heard)

    def _forget(self, names: list[Path]) -> None:
        """Files in these folders that were registered once and are gone, or are others now, are recognised no more."""
        if not self.index:
            return
        from tasks import local  # noqa: PLC0415  # loads the stations

        if gone := local.forget_vanished(self.wiring, names):
            talk.say(f"{gone} known before {'is' if gone == 1 else 'are'} gone or changed, and forgotten")

    def _sum_up(self, unkept: str) -> None:
        from crateline.cli import analyze_view  # noqa: PLC0415  # as above

        if self.marked and not self.as_json:
            talk.say(analyze_view.LEGEND)
        if unkept:
            talk.say(f"What was heard could not be kept under MEDIA_ROOT, and will be heard again: {unkept}")
        failed = f", {self.failed} could not be" if self.failed else ""
        talk.say(f"{self.heard} analysed{failed}" if self.heard or self.failed else "There are no sound files")


@contextmanager
def _shown(total: int, *, as_json: bool) -> "Iterator[Callable[[dict[str, Any]], None]]":
    """Show each row as it comes. A person who does not see the rows sees on stderr how many there are."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415  # only here

    from crateline.cli import analyze_view  # noqa: PLC0415  # loads numpy

    page, margin = talk.page(), talk.margin()
    unseen = margin.is_terminal and not sys.stdout.isatty()
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=margin, transient=True, disable=not unseen) as progress:
        task = progress.add_task("", total=total)
        if total and not as_json:
            page.print(analyze_view.heading(), soft_wrap=True)

        def show(row: dict[str, Any]) -> None:
            if as_json:
                talk.answer(row)
            else:
                page.print(analyze_view.line(row, page.width if page.is_terminal else None), soft_wrap=True)
            progress.advance(task)

        yield show
