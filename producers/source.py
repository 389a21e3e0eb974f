"""What a person wants enqueued: a link, a file of links or an exported list, or a folder of such files."""

from dataclasses import dataclass
from pathlib import Path

from crateline.domain import links
from crateline.errors import ConfigurationError

LISTS = frozenset({".csv", ".tsv", ".txt"})
"""What a file in a folder ends with if it is taken for a list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One SOURCE as it was written, and what it means: a link, or else a file."""

    text: str
    link: links.Link | None = None
    file: Path | None = None


def expand(text: str) -> list[Source]:
    """Tell what a SOURCE means; a folder means every list in it, the folders in it included, by name.

    Raises ConfigurationError with a sentence that says what to paste instead.
    """
    path = Path(text).expanduser()
    if not (text.strip() and _is_there(path) and path.is_dir()):
        return [classify(text)]
    files = sorted(one for one in path.rglob("*") if one.suffix.lower() in LISTS and one.is_file() and not _hidden(one, path))
    if not files:
        raise ConfigurationError(f"{text} holds no list: {', '.join(sorted(LISTS))} files are looked for")
    return [Source(text=str(one), file=one) for one in files]


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def classify(text: str) -> Source:
    """Tell what a SOURCE means. A path that exists is a file; everything else has to be a link.

    Raises ConfigurationError with a sentence that says what to paste instead.
    """
    path = Path(text).expanduser()
    if text.strip() and _is_there(path):
        if path.is_dir():
            raise ConfigurationError(f"{text} is a folder: name a file in it")
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
