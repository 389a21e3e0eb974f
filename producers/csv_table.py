"""The rows of a table in text: any delimiter, any head; a broken row is named and costs no other row."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from producers import csv_columns
from producers.csv_columns import Columns

LONGEST_FIELD_LINES = 5
"""A quoted field may go over so many lines; an opening quote that is not closed by then belongs to a broken row."""
LONGEST_MENDED = 2000
"""Quotes that nobody has doubled are looked for in a line of so many letters, and in no longer one."""
HEAD_WITHIN = 20
"""The columns' names stand in one of so many filled lines: some exporters write a word about themselves before them."""
DELIMITERS = ",;\t|"

_SAID = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The first line of some files for Excel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row; `line` counts from 1, the head's line included. `cells` are as many as the head has, without control signs."""

    line: int
    cells: tuple[str, ...]
    short: int = 0
    """So many cells at its end were not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """A row that cannot be used."""

    line: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A text with a head: which column says what, and the rows below it."""

    columns: Columns
    head: tuple[str, ...]
    lines: Sequence[str]
    start: int
    delimiter: str

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row in its order. Blank lines, rows of empty cells, and the head where it is repeated are none."""
        number = self.start
        while number < len(self.lines):
            if not self.lines[number].strip():
                number += 1
                continue
            row, taken = self._row(number)
            if row is not None:
                yield row
            number += taken

    def _row(self, number: int) -> tuple[Row | BadRow | None, int]:
        read, taken = _record(self.lines, number, self.delimiter)
        if isinstance(read, str):
            return BadRow(line=number + 1, reason=read), taken
        width = len(self.head)
        cells = [_clean(cell) for cell in read]
        if any(cells[width:]):
            return BadRow(line=number + 1, reason=f"it has {len(cells)} cells and not {width}"), taken
        short = max(width - len(cells), 0)
        whole = (*cells[:width], *[""] * short)
        if not any(whole) or whole == self.head:
            return None, taken
        return Row(line=number + 1, cells=whole, short=short), taken


def find(lines: Sequence[str]) -> Table | None:
    """The table in a text; None if none of its first lines is a head. Of two delimiters the one that says more counts."""
    filled = [number for number, line in enumerate(lines) if line.strip()][:HEAD_WITHIN]
    said = _SAID.fullmatch(lines[filled[0]].strip(" \ufeff")) if filled else None
    for number in filled[1:] if said else filled:
        heads = [_head(lines, number, delimiter) for delimiter in (said[1] if said else DELIMITERS)]
        best = max(heads, key=lambda table: len(table.columns.places) if table else 0)
        if best is not None and (len(best.head) > 1 or number in filled[:2]):
            return best
    return None


def _head(lines: Sequence[str], number: int, delimiter: str) -> Table | None:
    try:
        head = next(csv.reader([lines[number]], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return None
    columns = csv_columns.of(head)
    if columns is None:
        return None
    names = tuple(_clean(name) for name in head)
    return Table(columns=columns, head=names, lines=lines, start=number + 1, delimiter=delimiter)


def _clean(cell: str) -> str:
    """A cell in one line: breaks and tabs become spaces, other control characters (NUL) go."""
    if cell.isprintable():
        return cell.strip()
    spaced = "".join(" " if letter.isspace() else letter for letter in cell)
    return "".join(letter for letter in spaced if unicodedata.category(letter) != "Cc").strip()


def _record(lines: Sequence[str], number: int, delimiter: str) -> tuple[list[str] | str, int]:
    """A row's cells, or what is wrong with it; and how many lines it takes."""
    first = _cells(lines[number], delimiter)
    if not isinstance(first, str):
        return first, 1
    for taken in range(2, LONGEST_FIELD_LINES + 1):
        cells = _cells("\n".join(lines[number : number + taken]), delimiter)
        if not isinstance(cells, str):
            return cells, taken
    mended = _unescaped(lines[number], delimiter)
    return (mended, 1) if mended else (first, 1)


def _cells(text: str, delimiter: str) -> list[str] | str:
    try:
        (cells,) = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    except (csv.Error, ValueError) as error:
        unclosed = "unexpected end of data" in str(error)
        return "a quotation mark is not closed" if unclosed else f"it cannot be read ({error})"
    return cells


def _unescaped(line: str, delimiter: str) -> list[str] | None:
    """The cells of a row whose quoted fields hold quotes that nobody has doubled, if all of them end where fields end."""
    if len(line) > LONGEST_MENDED:
        return None
    gap = re.escape(delimiter)
    field = rf' *(?:"(?P<quoted>(?:[^"]|"(?! *(?:{gap}|$)))*+)" *|(?P<plain>[^"{gap}][^{gap}]*|))(?:{gap}|$)'
    cells: list[str] = []
    place = 0
    for match in re.finditer(field, line):
        if match.start() != place or (cells and match.start() == len(line) and not line.endswith(delimiter)):
            break
        quoted = match["quoted"]
        cells.append(match["plain"] if quoted is None else quoted.replace('""', '"'))
        place = match.end()
    return cells if place == len(line) else None
