"""What a person wants enqueued: a link, a list (a file, or what is piped in), an archive or a folder of lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crateline.domain import links
from crateline.errors import ConfigurationError
from producers import archive, document, m3u
from producers.document import Document

LISTS = frozenset({".csv", ".tsv", ".txt"}) | m3u.SUFFIXES
"""What a file in a folder or an archive ends with if it is taken for a list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One SOURCE as it was written, and what it means: a link, or else a list."""

    text: str
    link: links.Link | None = None
    document: Document | None = None


def expand(text: str) -> list[Source]:
    """Tell what a SOURCE means; a folder means every list in it, the folders and archives in it included, by name.

    Raises ConfigurationError with a sentence that says what to paste instead.
    """
    path = Path(text).expanduser()
    if not (text.strip() and _is_there(path)):
        return _pasted(text, path)
    if not path.is_dir():
        return _of_file(path)
    return _of_folder(path)


def _of_file(path: Path) -> list[Source]:
    if path.suffix.lower() != archive.SUFFIX:
        return [_listed(document.of_file(path))]
    lists = archive.lists(path, LISTS)
    if not lists:
        raise ConfigurationError(f"{path} holds no list: {_looked_for()} files are looked for")
    return [_listed(one) for one in lists]


def _of_folder(folder: Path) -> list[Source]:
    """A link to a list that is not there is given, too, so that its reading says so; archives without lists are not."""
    found: list[Source] = []
    for path in sorted(_candidates(folder)):
        if path.suffix.lower() in LISTS:
            found.append(_listed(document.of_file(path)))
        else:
            found += [_listed(one) for one in _archived(path)]
    if not found:
        raise ConfigurationError(f"{folder} holds no list: {_looked_for()} files are looked for")
    return found


def _candidates(folder: Path) -> Iterable[Path]:
    for path in folder.rglob("*"):
        listed = path.suffix.lower() in LISTS | {archive.SUFFIX}
        if listed and not _hidden(path, folder) and (path.is_file() or (_is_link(path) and not _is_there(path))):
            yield path


def _archived(path: Path) -> list[Document]:
    try:
        return archive.lists(path, LISTS)
    except ConfigurationError as error:
        return [document.broken(path, error)]


def _looked_for() -> str:
    return ", ".join(sorted(LISTS))


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _listed(one: Document) -> Source:
    return Source(text=one.label, document=one)


def _pasted(text: str, path: Path) -> list[Source]:
    """A link; or several in one text, as a clipboard gives them, if every line of it has one."""
    if text == document.PIPED:
        return [_listed(document.piped())]
    try:
        return [Source(text=text, link=links.classify(text))]
    except ValueError as error:
        found = links.read_lines(text)
        if found.links and not found.bad:
            return [Source(text=link.url, link=link) for link in dict.fromkeys(found.links)]
        raise ConfigurationError(_no_file(text, path) or str(error)) from None


def _no_file(text: str, path: Path) -> str:
    """What to say of words that were meant as a file."""
    if _is_link(path):
        return f"{path} is a link to a file that is not there"
    meant = "://" not in text and (path.suffix.lower() in LISTS | {archive.SUFFIX} or path.is_absolute() or text.startswith("."))
    return f"There is no file {path}" if meant else ""


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except (OSError, ValueError):  # as below
        return False


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a name, or with a NUL: a link, or nothing
        return False
