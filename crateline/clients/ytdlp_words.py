"""What yt-dlp says of a failure: all of it, to tell failures apart; and in brief, for a person."""

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from yt_dlp.utils import DownloadError

_INNARDS = re.compile(r"^\[[\w:+-]+\] (?:[^\s:]+: )?|\s*\(caused by .*", re.DOTALL)
"""In front the extractor and the id that it is at, behind the exceptions that were met on the way."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what caused it. `__context__` is left out: it may be an earlier failure that was dealt with."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = one.exc_info[1] if isinstance(one, DownloadError) and one.exc_info else None
        waiting += [wrapped, getattr(one, "cause", None), one.__cause__]


def whole(chain: Sequence[BaseException]) -> str:
    """The texts of a chain without repetitions."""
    return "; ".join(_without_repetitions(map(_said, chain)))


def brief(chain: Sequence[BaseException]) -> str:
    """The same without yt-dlp's names for its parts, and without what was caught on the way."""
    return ": ".join(_without_repetitions(_INNARDS.sub("", _said(error)).strip(" .") for error in chain))


def status(number: int) -> str:
    """An HTTP status in words."""
    return f"HTTP {number} {HTTPStatus(number).phrase if number in set(HTTPStatus) else ''}".rstrip()


def _said(error: BaseException) -> str:
    """An error's text without yt-dlp's request to report a bug."""
    return re.sub(r"; please report this issue on .*", "", str(error), flags=re.DOTALL).removeprefix("ERROR: ").strip()


def _without_repetitions(texts: Iterator[str]) -> Iterator[str]:
    earlier: list[str] = []
    for text in texts:
        if text and not any(text in one for one in earlier):
            earlier.append(text)
            yield text
