"""CSV files as rows with numbers: what is wrong with a file is an error that names the row, a bad row is a finding."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crateline.domain.library import Finding
from crateline.errors import LibraryUnreadable

LARGEST = 256 << 20
"""Bytes of a CSV that is read at all; the exports of a large library have a few million."""

Row = Mapping[str, str]


@dataclass(kw_only=True)
class Notes:
    """What a reader has to say, gathered while it reads: findings in order, and repairs counted by file and name."""

    findings: list[Finding] = field(default_factory=list)
    repairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def say(self, kind: str, where: str, detail: str) -> None:
        """Note one finding."""
        self.findings.append(Finding(kind=kind, where=where, detail=detail))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A CSV file: the names in its first row, and its rows by name with the line on which each begins."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Row], ...]

    def __iter__(self) -> Iterator[tuple[str, Row]]:
        """Each row with the words that say where it stands."""
        return ((f"{self.path.name} row {line}", row) for line, row in self.rows)


def read(path: Path, notes: Notes, needed: Sequence[str] = ()) -> Sheet:
    """Read a CSV in UTF-8, with or without a mark at its beginning. Rows that do not fit the first one are left out and noted.

    Raises LibraryUnreadable, with the row, for what cannot be read as a whole: bytes that are no UTF-8, quotes that do
    not close, columns of `needed` that are absent.
    """
    lines = _lines(path, _text(path))
    columns = tuple(name.strip() for name in next(lines, (1, []))[1])
    absent = [name for name in needed if name not in columns]
    if absent:
        raise LibraryUnreadable(str(path), f"row 1 has no column {', '.join(absent)}")
    rows = []
    for line, cells in lines:
        if len(cells) == len(columns):
            rows.append((line, dict(zip(columns, cells, strict=True))))
        else:
            notes.say("skipped", f"{path.name} row {line}", f"{len(cells)} cells instead of {len(columns)}")
    return Sheet(path=path, columns=columns, rows=tuple(rows))


def header(path: Path) -> tuple[str, ...]:
    """The names in the first row of what may be a CSV; () if it cannot be read as one. Raises OSError."""
    with path.open("rb") as file:
        first = file.readline(1 << 16)
    try:
        names = next(_lines(path, first.decode("utf-8-sig")), (1, []))[1]
    except (UnicodeDecodeError, LibraryUnreadable):
        return ()
    return tuple(name.strip() for name in names)


def number(text: str) -> float | None:
    """A number, None for an empty cell. Raises ValueError for anything else; a decimal comma is a point."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError as error:
        raise ValueError(f"{text} is no number") from error
    if not math.isfinite(value):
        raise ValueError(f"{text} is no number")
    return value


def positive(text: str) -> float | None:
    """A number above 0; None for an empty cell and for 0, which stands for "not known". Raises ValueError."""
    value = number(text)
    if value is not None and value < 0:
        raise ValueError(f"{text} is less than nothing")
    return value or None


def moment(text: str) -> datetime | None:
    """A time as ISO 8601 writes it, None for an empty cell; without a zone, if none is written. Raises ValueError."""
    return datetime.fromisoformat(text.strip()) if text.strip() else None


def in_utc(value: datetime) -> datetime:
    """Take a time without a zone as UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise LibraryUnreadable(str(path), f"{path.stat().st_size} bytes are more than any export has")
        data = path.read_bytes()
    except OSError as error:
        raise LibraryUnreadable(str(path), error.strerror or str(error)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise LibraryUnreadable(str(path), f"row {row} is not UTF-8; export it anew, or save it as UTF-8") from error


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line on which it begins."""
    first = text.partition("\n")[0]
    divider = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise LibraryUnreadable(str(path), f"row {line}: {error}") from error
        if cells:
            yield line, cells
        line = reader.line_num + 1
