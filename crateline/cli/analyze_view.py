"""What `analyze` says of a file: an object for programs, a line for people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from crateline import harmless
from crateline.audio import energy, octave
from crateline.audio.analysis import Analysis
from crateline.cli.talk import words

Row = Mapping[str, Any]

COLUMNS = (("length", 8), ("bpm", 9), ("key", 4), ("wheel", 6), ("LUFS", 6), ("peak", 6), ("energy", 7))
"""Headings and widths. The file's name stands last, so that no name has to be cut."""
LEGEND = "? the tempo needs a second look   ~ the tempo changes"
SHORTEST = 20
ABSENT = "–"  # noqa: RUF001  # a dash is what people read as nothing


def row(path: Path, heard: Analysis, *, limits: energy.Limits, bpm_lowest: float) -> dict[str, Any]:
    """What was heard of a file, by the names that `--json` prints. Unknown values are None."""
    level = None if heard.energy_raw is None else energy.level(heard.energy_raw, limits)
    return {
        "path": str(path),
        "duration": heard.duration,
        "bpm": octave.settle(heard.bpm, lowest=bpm_lowest),
        "bpm_confidence": heard.bpm_confidence,
        "bpm_certain": heard.bpm_certain,
        "tempo_steady": heard.tempo_steady,
        "key": heard.key,
        "camelot": heard.camelot,
        "open_key": heard.open_key,
        "key_confidence": heard.key_confidence,
        "key_runner_up": heard.key_runner_up,
        "key_runner_up_strength": heard.key_runner_up_strength,
        "lufs": heard.lufs,
        "lra": heard.lra,
        "true_peak": heard.true_peak,
        "energy": level,
        "energy_level": None if level is None else energy.name(level),
        "intro": heard.intro,
        "outro": heard.outro,
        "body": heard.body,
        "heard": heard.heard,
        "fingerprint": heard.chromaprint,
        "analyser": heard.analyser,
    }


def error(path: Path, reason: str) -> dict[str, Any]:
    """What is said of a file of which nothing can be known."""
    return {"path": str(path), "error": reason}


def heading() -> Text:
    """The line above all others."""
    return Text("".join(name.rjust(width) for name, width in COLUMNS) + "  file", style="bold")


def line(row: Row, columns: int | None = None) -> Text:
    """A file on one line; on a terminal of so many columns a long path is told by its end."""
    room = sum(width for _, width in COLUMNS)
    left = None if columns is None else max(SHORTEST, columns - room - 2)
    if "error" in row:
        return Text(ABSENT.rjust(COLUMNS[0][1]) + " " * (room - COLUMNS[0][1] + 2)).append(
            words(f"{ending(row['path'], left)}: {row['error']}", "red")
        )
    cells = (
        clock(row["duration"]),
        _tempo(row),
        row["key"] or ABSENT,
        row["camelot"] or ABSENT,
        _number(row["lufs"]),
        _number(row["true_peak"]),
        str(row["energy"] or ABSENT),
    )
    text = "".join(cell.rjust(width) for cell, (_, width) in zip(cells, COLUMNS, strict=True))
    said = Text(text + "  ").append(words(ending(row["path"], left)))
    for word in ("duplicate_of", "similar_to"):
        if row.get(word):
            said.append(words(f"  {word.replace('_', ' ')} {row[word]}", "yellow"))
    return said


def ending(path: str, columns: int | None) -> str:
    """As much of a path's end as so many columns hold."""
    shown = harmless.one_line(path)
    if columns is None or cell_len(shown) <= columns:
        return shown
    while cell_len(shown) > columns - 1:
        shown = shown[1:]
    return f"…{shown}"


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def mark(row: Row) -> str:
    """What stands behind a tempo that needs a second look, or none; LEGEND says what it means."""
    if row.get("bpm") is None:
        return ""
    return "~" if row["tempo_steady"] is False else "" if row["bpm_certain"] else "?"


def _tempo(row: Row) -> str:
    return f"{ABSENT} " if row["bpm"] is None else f"{row['bpm']:.2f}{mark(row) or ' '}"


def _number(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.1f}"
