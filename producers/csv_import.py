"""Playlists exported as tables (Exportify, TuneMyMusic, Soundiiz, Apple Music, rekordbox, djay …): for what no platform shows."""

from crateline.errors import ConfigurationError
from producers.csv_table import BadRow, Table
from producers.rows import Rows, Words

SUFFIXES = frozenset({".csv", ".tsv"})
"""Files that are tables by their name: one without a head is refused, unless it is a list of links."""
SHOWN = 60


def read(table: Table, into: Rows) -> None:
    """Read a table: one playlist, or one per name where it has a column of playlists' names.

    Each row that cannot be used is said with its number. A playlist's identity is its name, so that a newer export of it
    adds to it.
    """
    width = len(table.head)
    for row in table.rows():
        if isinstance(row, BadRow):
            into.leave(f"row {row.line}", row.reason)
            continue
        torn = f"it has {width - row.short} cells and not {width}" if row.short else ""
        into.add(Words(place=f"row {row.line}", said=table.columns.words(row.cells), torn=torn))


def refuse(label: str, lines: list[str]) -> ConfigurationError:
    """The error for a table in which no column says which track is meant."""
    first = next((line.strip() for line in lines if line.strip()), "")
    shown = first if len(first) <= SHOWN else f"{first[:SHOWN]}…"
    return ConfigurationError(
        f"{label} has no columns for tracks («Track URI», or «Title» and «Artist»); it begins with «{shown}». "
        "Write the columns' names into its first line, or export it with Exportify"
    )
