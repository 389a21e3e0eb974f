"""`crateline match`: which of the candidates in a file are the songs they were offered for, and why."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crateline.cli import session, talk

if TYPE_CHECKING:
    from crateline.domain.cases import Case
    from crateline.domain.matching import Decision

FAILED = 1
TOP = 5


@click.command()
@click.argument("cases", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--top", type=click.IntRange(min=1), default=TOP, show_default=True, help="Show this many candidates of each song.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: an object per song and line, with all its candidates.")
def match(*, cases: Path, top: int, as_json: bool) -> int:
    """Rank the candidates in CASES, a JSON file of songs with what was offered for them, and say why."""
    known = session.load()
    from crateline.cli import match_view  # noqa: PLC0415  # rich is wanted only here
    from crateline.domain import cases as reading  # noqa: PLC0415  # as are the rules
    from crateline.domain import matching  # noqa: PLC0415  # as above

    try:
        rows = reading.rows_of(json.loads(cases.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{cases} holds no cases: {error}") from None
    tally = Tally()
    for number, row in enumerate(rows, start=1):
        try:
            case = reading.read(row)
        except ValueError as error:
            tally.unread += 1
            talk.say(f"Case {number}{_named(row)}: {error}. It was left out")
            continue
        decision = matching.decide(
            matching.rank(case.song, case.candidates), accept=known.match_accept, review=known.match_review
        )
        verdict = tally.count(case, decision)
        if as_json:
            talk.answer(answer(row["song"], decision, verdict))
        else:
            talk.show(match_view.song(case, decision, verdict, top=top))
    if tally.judged or tally.unread:
        talk.say(tally.summary())
    return FAILED if tally.unread else 0


def answer(song: Any, decision: "Decision", verdict: str) -> dict[str, Any]:
    """The JSON object of one song: the song as it was given, the decision, and all candidates, best first."""
    ranked = [{"id": one.candidate.id, "score": one.total, "features": one.features()} for one in decision.ranked]
    said = {"song": song, "decision": str(decision.kind), "ranked": ranked}
    return {**said, "verdict": verdict} if verdict else said


def _named(row: Any) -> str:
    song = row.get("song") if isinstance(row, dict) else None
    name = song.get("name") if isinstance(song, dict) else None
    return f" ({name})" if name else ""


@dataclass(kw_only=True)
class Tally:
    """How the decisions compare with what people have accepted."""

    unread: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)

    @property
    def judged(self) -> int:
        """Songs of which is known what people accepted."""
        return self.verdicts.total()

    def count(self, case: "Case", decision: "Decision") -> str:
        """Compare one decision: `right`, `wrong`, `asked`, `lost` or `rightly none`; "" if nobody said what is right."""
        if case.accepted is None:
            return ""
        verdict = _verdict(case, decision)
        self.verdicts[verdict] += 1
        return verdict

    def summary(self) -> str:
        """Precision, recall and share of questions, in a line."""
        count, parts = self.verdicts, []
        if taken := count["right"] + count["wrong"]:
            parts.append(f"precision {count['right'] / taken:.1%} ({count['right']} of {taken} accepted)")
        if there := count["right"] + count["lost"] + count["asked"] + count["wrong"]:
            parts.append(f"recall {count['right'] / there:.1%} ({count['lost']} lost)")
        if self.judged:
            parts.append(f"to review {count['asked'] / self.judged:.1%} of {self.judged} songs")
        if self.unread:
            parts.append(f"{self.unread} could not be read")
        return "; ".join(parts)


def _verdict(case: "Case", decision: "Decision") -> str:
    right = case.accepted or frozenset()
    if decision.kind == "accept" and decision.best is not None:
        return "right" if decision.best.candidate.id in right else "wrong"
    if decision.kind == "review":
        return "asked"
    return "lost" if right & {one.id for one in case.candidates} else "rightly none"
