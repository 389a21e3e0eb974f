"""The rows of a CSV file, whoever wrote it: any encoding and delimiter; a broken row is named and costs no other row."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from crateline.errors import ConfigurationError

LARGEST_BYTES = 32 << 20
LONGEST_FIELD_LINES = 5
"""A quoted field may go over so many lines; an opening quote that is not closed by then belongs to a broken row."""
ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")

_LINE_END = re.compile(r"\r\n|\n|\r")
"""What ends a row. `str.splitlines` would end it at a form feed or a U+2028 in a title, too."""
_DELIMITER = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The first line of some files for Excel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row by the file's own column names in lower case; `line` counts from 1, the head's line included."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """A row that cannot be used."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"row {self.line}: {self.reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A file: its columns in order and in lower case, its rows, and the rows that are broken."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]


def read(path: Path) -> Table:
    """Read a file. Raises ConfigurationError if it cannot be read, is too large, or has no head."""
    lines = _LINE_END.split(_text(path))
    start, delimiter = _head(lines, path)
    columns = tuple(name.strip().casefold() for name in next(csv.reader([lines[start]], delimiter=delimiter)))
    rows, bad = [], []
    for line, cells in _records(lines, start + 1, len(columns), delimiter):
        if isinstance(cells, str):
            bad.append(BadRow(line=line, reason=cells))
        else:
            rows.append(Row(line=line, cells=dict(zip(columns, map(_clean, cells), strict=False))))
    return Table(columns=columns, rows=tuple(rows), bad=tuple(bad))


def _head(lines: list[str], path: Path) -> tuple[int, str]:
    """The place of the line with the columns' names, and what stands between them."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if filled and (said := _DELIMITER.fullmatch(lines[filled[0]].strip(" "))):
        return (filled[1] if len(filled) > 1 else _nothing(path)), said[1]
    start = filled[0] if filled else _nothing(path)
    return start, max(",;\t", key=lines[start].count)


def _nothing(path: Path) -> NoReturn:
    raise ConfigurationError(f"{path} is empty")


def _clean(cell: str) -> str:
    """A cell in one line: breaks and tabs become spaces, other control characters (NUL) go."""
    spaced = "".join(" " if letter.isspace() else letter for letter in cell)
    return "".join(letter for letter in spaced if unicodedata.category(letter) != "Cc").strip()


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigurationError(f"{path} is larger than {LARGEST_BYTES >> 20} MiB: it is no playlist")
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    for encoding in ENCODINGS[:-1]:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode(ENCODINGS[-1])


def _records(lines: list[str], start: int, width: int, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each row's first line, and its cells or what is wrong with it."""
    number = start
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        cells, taken = _record(lines, number, width, delimiter)
        yield number + 1, cells
        number += taken


def _record(lines: list[str], number: int, width: int, delimiter: str) -> tuple[list[str] | str, int]:
    for taken in range(1, LONGEST_FIELD_LINES + 1):
        text = "\n".join(lines[number : number + taken])
        if text.count('"') % 2 == 0:
            cells = _cells(text, width, delimiter)
            if taken == 1 or not isinstance(cells, str):
                return cells, taken
    return "a quotation mark is not closed", 1


def _cells(text: str, width: int, delimiter: str) -> list[str] | str:
    try:
        (cells,) = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        return f"it cannot be read ({error})"
    spare = [cell for cell in cells[width:] if cell.strip()]
    if spare or len(cells) < width:
        return f"it has {len(cells)} cells and not {width}"
    return cells[:width]
