"""The links in a text of many lines, as people keep them: one a line, or in a chat, a list or a Markdown page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crateline.domain.links.link import Link
from crateline.domain.links.pasted import classify

_COMMENT = re.compile(r"(^|\s)#.*")
_LINE_END = re.compile(r"\r\n|\n|\r")
_ENDS = ".,;:!?*'\"»”\u2019…"
"""What belongs to the sentence around a link, at its end. A video's id may end in `_` or `-`."""
_INSIDE = r"[^\s<>\"'`|\\^{}()\[\],;«»“”]"
_LINK = re.compile(
    rf"(?:https?://|(?:spotify|soundcloud|youtube|beatport):){_INSIDE}+"
    r"|(?<![\w@./:-])(?:[a-z0-9-]{1,20}\.)?(?:soundcloud\.com|spotify\.com|spotify\.link|youtube\.com|youtu\.be|beatport\.com)"
    rf"/{_INSIDE}+",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BadLine:
    """A line of a links file that cannot be used. `number` counts from 1."""

    number: int
    text: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkList:
    """A links file: what could be read, in its order, and what could not. `numbers` are the links' lines."""

    links: tuple[Link, ...]
    numbers: tuple[int, ...]
    bad: tuple[BadLine, ...]


def read_lines(text: str) -> LinkList:
    """Read every link of a text; blank lines and what follows `#` (at the start or after a space) are skipped.

    A line without any link is a bad line, and so is every link in it that cannot be used.
    """
    found: list[tuple[Link, int]] = []
    bad: list[BadLine] = []
    for number, line in enumerate(_LINE_END.split(text.removeprefix("\ufeff")), start=1):
        wanted = _COMMENT.sub("", line).strip()
        for piece in _pieces(wanted) if wanted else ():
            try:
                found.append((classify(piece), number))
            except ValueError as error:
                bad.append(BadLine(number=number, text=piece, reason=str(error)))
    return LinkList(links=tuple(link for link, _ in found), numbers=tuple(number for _, number in found), bad=tuple(bad))


def _pieces(line: str) -> Iterator[str]:
    """The links in a line; the whole line, if it has none."""
    found = [match[0].rstrip(_ENDS) for match in _LINK.finditer(line)]
    yield from dict.fromkeys(found) if found else [line]
