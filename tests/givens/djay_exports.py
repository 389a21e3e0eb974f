"""Exports of a library as files, with rows that a test has made up."""

import csv

from crateline.clients.djay.columns import COLUMNS


def a_folder(tmp_path, **rows):
    """A folder of exports: for each stem the rows as cells."""
    for stem, lines in rows.items():
        with (tmp_path / f"{stem}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS[stem], *lines])
    return tmp_path


def a_row(stem, **cells_of):
    """The cells of a row; those that are not named are empty."""
    return [cells_of.get(name, "") for name in COLUMNS[stem]]


def track_row(number=1, **more):
    return a_row("djay_library_tracks", **({"track_id": f"{number:032x}", "source_type": "local"} | more))


def told(library):
    """The findings: kind, file and row, words."""
    return [(one.kind, one.where, one.detail) for one in library.findings]
