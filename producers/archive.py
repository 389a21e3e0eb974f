"""A zip of lists, as Exportify's «Export All» makes it. It is read where it lies: nothing is unpacked to disk."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from crateline.errors import ConfigurationError
from producers import document
from producers.document import Document

SUFFIX = ".zip"
MOST_MEMBERS = 10_000
SPREADSHEET = ("[Content_Types].xml", "Index/Document.iwa")
"""A member that says: this is Excel's or Numbers' own file."""


def lists(path: Path, suffixes: frozenset[str]) -> list[Document]:
    """The lists in an archive by name, those that are hidden or a Mac's by-files left out.

    A name is a name and never a place: nothing is written. Raises ConfigurationError if the archive cannot be read.
    """
    with _opened(path) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ConfigurationError(f"{path} holds {len(members)} files: it is no archive of playlists")
    if any(member.filename in SPREADSHEET for member in members):
        raise ConfigurationError(f"{path} is a spreadsheet: save it as CSV")
    wanted = [member for member in members if not member.is_dir() and _wanted(member.filename, suffixes)]
    return [_document(path, member) for member in sorted(wanted, key=lambda member: member.filename)]


def _wanted(name: str, suffixes: frozenset[str]) -> bool:
    steps = [step for step in re.split(r"[/\\]", name) if step not in {"", ".", ".."}]
    hidden = any(step.startswith(".") or step == "__MACOSX" for step in steps)
    return bool(steps) and not hidden and PurePosixPath(steps[-1]).suffix.lower() in suffixes


def _document(path: Path, member: zipfile.ZipInfo) -> Document:
    file = PurePosixPath(re.split(r"[/\\]", member.filename)[-1])
    label = f"{path}: {file.name}"
    return Document(label=label, file=file.name, name=file.stem, raw=lambda: _contents(path, member, label))


def _contents(path: Path, member: zipfile.ZipInfo, label: str) -> bytes:
    """What a member says of its size is not believed: no more is unpacked than a list may have."""
    document.small_enough(member.file_size, label)
    with _opened(path) as archive, archive.open(member) as file:
        raw = file.read(document.LARGEST_BYTES + 1)
    document.small_enough(len(raw), label)
    return raw


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ConfigurationError(f"{path} is no whole archive, or a locked one ({error}): download it again") from None
