"""What `crateline match` looks like to people."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crateline.cli.talk import words
from crateline.domain.cases import Case
from crateline.domain.comparison import Penalty
from crateline.domain.matching import Decision, Score

BAR = 20
STYLES = {"accept": "green", "review": "yellow", "none": "red"}
VERDICTS = {"right": "green", "asked": "yellow", "rightly none": "green", "wrong": "red", "lost": "red"}
PARTS = ("title", "artist", "duration", "source", "version")


def song(case: Case, decision: Decision, verdict: str, *, top: int) -> RenderableType:
    """One song: what was decided, its best candidates with bars, and what speaks against each."""
    head = Text.assemble(
        words(" - ".join(filter(None, (case.song.artist, case.song.title))), "bold"),
        words(f"  {clock(case.song.duration)}  ", "dim"),
        words(decision.kind, STYLES[decision.kind]),
        words(f" ({verdict})" if verdict else "", VERDICTS.get(verdict, "")),
    )
    shown = decision.ranked[:top]
    more = len(decision.ranked) - len(shown)
    below = [words(f"and {more} more", "dim")] if more else [] if shown else [words("no candidates", "dim")]
    return Group(head, *(Padding(_candidate(one, case), (0, 0, 0, 2)) for one in shown), *below, Text())


def _candidate(one: Score, case: Case) -> RenderableType:
    offered = one.candidate
    mark = "✓ " if case.accepted and offered.id in case.accepted else ""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    named = " - ".join(filter(None, (offered.artist or offered.channel, offered.title)))
    grid.add_row(
        bar(one.total), Text.assemble(words(f"{mark}{named}"), words(f"  {clock(offered.duration)}  {offered.id}", "dim"))
    )
    grid.add_row("", words("  ".join(f"{name} {getattr(one, name):.2f}" for name in PARTS), "dim"))
    for line in _remarks(one):
        grid.add_row("", line)
    return grid


def _remarks(one: Score) -> Iterator[Text]:
    if one.vouched:
        yield words(f"+ {one.vouched}", "green")
    for penalty in one.penalties:
        yield words(f"{_effect(penalty)}  {penalty.reason}", "yellow")


def _effect(penalty: Penalty) -> str:
    return f"\u00d7 {penalty.factor:.2f}" if penalty.factor is not None else f"≤ {penalty.limit:.2f}"


def bar(total: float) -> Text:
    """A score as a bar and a number."""
    full = round(BAR * total)
    return Text.assemble(words("━" * full, "cyan"), words("─" * (BAR - full), "dim"), words(f" {total:.2f}"))


def clock(seconds: float | None) -> str:
    """A length as minutes and seconds; "?:??" if it is not known."""
    if seconds is None:
        return "?:??"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
