"""What a person wants enqueued: a link, or a file of links."""

from dataclasses import dataclass
from pathlib import Path

from crateline.domain import links
from crateline.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One SOURCE as it was written, and what it means: a link, or else a file."""

    text: str
    link: links.Link | None = None
    file: Path | None = None


def classify(text: str) -> Source:
    """Tell what a SOURCE means. A path that exists is a file; everything else has to be a link.

    Raises ConfigurationError with a sentence that says what to paste instead.
    """
    path = Path(text).expanduser()
    if text.strip() and _is_there(path):
        if path.is_dir():
            raise ConfigurationError(f"{text} is a folder: name a text file with one link a line")
        return Source(text=text, file=path)
    try:
        return Source(text=text, link=links.classify(text))
    except ValueError as error:
        hint = f" (and there is no file {path})" if path.suffix else ""
        raise ConfigurationError(f"{error}{hint}") from None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a name, or with a NUL: a link, or nothing
        return False
