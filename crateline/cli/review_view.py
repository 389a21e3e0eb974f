"""A question as a person sees it: the track, and its candidates side by side with what speaks for and against each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from crateline.cli.talk import words

if TYPE_CHECKING:
    from tasks.review import Question

NEAR_S = 2.0
MARKS = "123456789"


def card(question: "Question") -> RenderableType:
    """The whole question."""
    return Group(_head(question), _candidates(question), Text())


def _head(question: "Question") -> Text:
    item = question.item
    length = item.card.get("duration")
    text = words(item.title, "bold")
    text.append_text(words(f"   {span(length)}" if length else "", "cyan"))
    text.append_text(words(f"\n{question.reason}", "yellow"))
    text.append_text(words(f"\n{question.key}   {item.card.get('url', '')}".rstrip(), "dim"))
    return text


def _candidates(question: "Question") -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, options in COLUMNS.items():
        table.add_column(name, **options)
    for mark, one in zip(MARKS, question.candidates, strict=False):
        table.add_row(
            words(mark, "bold"),
            words(f"{float(one.get('score') or 0):.2f}"),
            words(one.get("title") or ""),
            words(one.get("artist") or one.get("channel") or ""),
            _length(one, question.item.card.get("duration")),
            words(one.get("platform") or ""),
            words(against(one.get("features") or {})),
            words(one.get("url") or one.get("id") or "", "dim"),
        )
    return table


COLUMNS: dict[str, dict[str, Any]] = {
    "": {"no_wrap": True},
    "score": {"justify": "right", "no_wrap": True},
    "title": {"overflow": "fold", "ratio": 3},
    "artist or channel": {"overflow": "fold", "ratio": 2},
    "length": {"justify": "right", "no_wrap": True},
    "where": {"no_wrap": True},
    "what speaks against it": {"overflow": "fold", "ratio": 2},
    "link": {"overflow": "fold", "ratio": 2},
}


def _length(one: Mapping[str, Any], wanted: float | None) -> Text:
    features = one.get("features") or {}
    length = one.get("duration") or features.get("other_seconds")
    wanted = wanted or features.get("seconds")
    if not length:
        return words("?", "dim")
    text = words(span(float(length)))
    if wanted:
        apart = float(length) - float(wanted)
        text.append_text(words(f" {apart:+.0f} s", "green" if abs(apart) <= NEAR_S else "red"))
    return text


def against(features: Mapping[str, Any]) -> str:
    """What lowers a score, in words: penalties and caps by name, and the parts that are low."""
    said = [str(one) for one in features.get("reasons") or ()]
    low = [
        f"{name} {value:.2f}" for name, value in features.items() if isinstance(value, float) and name in PARTS and value < LOW
    ]
    return ", ".join([*said, *low])


PARTS = frozenset({"title", "artist", "duration"})
LOW = 0.8


def span(seconds: float) -> str:
    """A length as minutes and seconds."""
    whole = round(float(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
