"""A list as bytes: a file, a file in an archive, or what is piped in. It is read when it is wanted, and not before."""

import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from crateline.errors import ConfigurationError
from producers import letters

LARGEST_BYTES = 128 << 20
PIPED = "-"
STANDARD_INPUT = "standard input"
PASTED = "Pasted"
"""What is piped in is a playlist of this name, unless it says a name itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One list. `label` names it for people, `file` is its file's name; `raw` gives the bytes, or raises ConfigurationError.

    `name` is what its playlist is called, unless the list says so itself.
    """

    label: str
    file: str
    name: str
    raw: Callable[[], bytes]

    @property
    def suffix(self) -> str:
        """The end of its file's name, in lower case."""
        return PurePath(self.file).suffix.lower()

    def lines(self) -> list[str]:
        """Its lines, however they are encoded. Raises ConfigurationError if it cannot be read or is no text."""
        try:
            lines = letters.lines(self.raw())
        except ValueError as error:
            raise ConfigurationError(f"{self.label} cannot be used: {error}") from None
        if not any(map(str.strip, lines)):
            raise ConfigurationError(f"{self.label} is empty")
        return lines


def of_file(path: Path) -> Document:
    """The list that a file holds."""
    return Document(label=str(path), file=path.name, name=path.stem, raw=lambda: _contents(path))


def broken(path: Path, error: ConfigurationError) -> Document:
    """A file that is known to hold no list that can be read: whoever reads it hears why."""

    def refuse() -> bytes:
        raise error

    return Document(label=str(path), file=path.name, name=path.stem, raw=refuse)


def piped() -> Document:
    """The list that comes through standard input."""
    return Document(label=STANDARD_INPUT, file=STANDARD_INPUT, name=PASTED, raw=_standard_input)


def small_enough(size: int, label: str) -> None:
    """Raise ConfigurationError for what is too large to be a list."""
    if size > LARGEST_BYTES:
        raise ConfigurationError(f"{label} is larger than {LARGEST_BYTES >> 20} MiB: it is no playlist")


def _contents(path: Path) -> bytes:
    """A device or a pipe would never end, or never begin: only files are opened."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise ConfigurationError(f"{path} is not a file: pipe what a program writes into `crateline enqueue -`")
        small_enough(about.st_size, str(path))
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None


def _standard_input() -> bytes:
    raw = sys.stdin.buffer.read(LARGEST_BYTES + 1)
    small_enough(len(raw), STANDARD_INPUT)
    return raw
