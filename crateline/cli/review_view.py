"""A question as a person sees it: the track, and its candidates side by side with what speaks for and against each."""

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from crateline.cli.talk import words

if TYPE_CHECKING:
    from tasks.review import Question

NEAR_S = 2.0
MARKS = "123456789"


class Detail(IntEnum):
    """How much of a question is shown: on a small terminal less, so that the track is seen together with its candidates."""

    LINE = 0
    BRIEF = 1
    WORDS = 2
    FULL = 3


def card(question: "Question", detail: Detail = Detail.FULL) -> RenderableType:
    """The whole question."""
    return Group(_head(question, detail), _candidates(question, detail), Text())


def fitted(question: "Question", console: Console, lines: int) -> RenderableType:
    """The question with as much as has room in so many lines."""
    cards = [card(question, detail) for detail in sorted(Detail, reverse=True)]
    return next((one for one in cards if len(console.render_lines(one, pad=False)) <= lines), cards[-1])


def _head(question: "Question", detail: Detail) -> Text:
    item = question.item
    length = item.card.get("duration")
    first = Text.assemble(words(item.title, "bold"), words(f"   {span(length)}" if length else "", "cyan"))
    url = item.card.get("url") or "" if detail is Detail.FULL else ""
    link = f"{question.key}   {url}".rstrip()
    held = "" if item.playlists or question.kind == "djay" else "   in no playlist any more"
    return LINE.join([first, words(question.reason, "yellow"), words(f"{link}{held}", "dim")])


def _candidates(question: "Question", detail: Detail) -> Table:
    """Lengths stand below each other, so that they are seen side by side; the rest of a candidate is a block of its own."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for options in COLUMNS:
        table.add_column(**options)
    for mark, one in zip(MARKS, question.candidates, strict=False):
        table.add_row(
            words(mark, "bold"),
            words(f"{float(one.get('score') or 0):.2f}"),
            *_length(one, question.item.card.get("duration")),
            words(one.get("platform") or ""),
            _block(one, detail),
        )
    return table


def _block(one: Mapping[str, Any], detail: Detail) -> Text:
    lines = [words(one.get("title") or "", "bold")]
    said = " · ".join(filter(None, (str(one.get("artist") or one.get("channel") or ""), against(one.get("features") or {}))))
    if said and detail >= Detail.BRIEF:
        lines.append(words(said))
    if detail is Detail.FULL:
        lines.append(words(one.get("url") or one.get("id") or "", "dim"))
    block = LINE.join(lines)
    if detail <= Detail.BRIEF:
        block.no_wrap, block.overflow = True, "ellipsis"
    return block


def links(question: "Question") -> dict[str, str]:
    """Where the track and its candidates can be heard, by their marks. A page it is, whatever a source has written there."""
    named = {
        "the track": question.item.card.get("url"),
        **dict(zip(MARKS, (one.get("url") for one in question.candidates), strict=False)),
    }
    return {mark: str(link) for mark, link in named.items() if str(link or "").startswith("https://")}


LINE = Text("\n")
COLUMNS: tuple[dict[str, Any], ...] = (
    {"no_wrap": True},
    {"no_wrap": True},
    {"no_wrap": True, "justify": "right"},
    {"no_wrap": True, "justify": "right"},
    {"no_wrap": True},
    {"overflow": "fold"},
)


def _length(one: Mapping[str, Any], wanted: float | None) -> tuple[Text, Text]:
    """A candidate's length, and by how many seconds it differs."""
    features = one.get("features") or {}
    length = one.get("duration") or features.get("other_seconds")
    wanted = wanted or features.get("seconds")
    if not length:
        return words("?", "dim"), words("")
    apart = float(length) - float(wanted or length)
    return words(span(float(length))), words(f"{apart:+.0f} s" if wanted else "", "green" if abs(apart) <= NEAR_S else "red")


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
