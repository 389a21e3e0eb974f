import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from crateline.audio import energy
from crateline.cli import analyze_view
from givens import folders
from givens.heard import ANALYSIS

HEARD = replace(
    ANALYSIS,
    bpm=174.0,
    lufs=-9.46,
    analyser="crateline 2, essentia 2.1b6",
    energy_raw=0.65,
    tempo_steady=True,
    chromaprint="AQAA",
)
SILENT = replace(
    HEARD, bpm=None, bpm_confidence=0.0, key=None, camelot=None, lufs=None, true_peak=None, energy_raw=None, tempo_steady=None
)


def row(heard=HEARD, path="a.mp3", **fields):
    return {**analyze_view.row(Path(path), heard, limits=energy.SHIPPED, bpm_lowest=90.0), **fields}


def line(shown):
    return analyze_view.line(shown).plain


def test_a_line_says_what_a_dj_sorts_by():
    level = str(row()["energy"])
    assert line(row()).split() == ["6:02", "174.00", "Am", "8A", "-9.5", "-0.3", level, "a.mp3"]


def test_what_cannot_be_known_is_a_dash_and_null():
    assert line(row(SILENT)).split() == ["6:02", *6 * [analyze_view.ABSENT], "a.mp3"]
    assert row(SILENT)["bpm"] is row(SILENT)["energy"] is row(SILENT)["energy_level"] is row(SILENT)["key"] is None


@pytest.mark.parametrize(
    ("heard", "shown"),
    [(HEARD, "174.00 "), (replace(HEARD, bpm_confidence=2.0), "174.00?"), (replace(HEARD, tempo_steady=False), "174.00~")],
    ids=["sure", "doubtful", "changing"],
)
def test_a_tempo_that_needs_a_second_look_is_marked(heard, shown):
    assert shown in line(row(heard))


def test_all_lines_begin_their_last_column_where_its_heading_stands():
    column = analyze_view.heading().plain.index("file")
    assert line(row()).index("a.mp3") == column
    assert line(row(SILENT)).index("a.mp3") == column
    assert line(analyze_view.error(Path("b.mp3"), "The file is empty")).index("b.mp3") == column


@pytest.mark.parametrize("heard", [SILENT, replace(HEARD, bpm_confidence=2.0)], ids=["none", "doubtful"])
def test_programs_are_told_of_a_doubtful_tempo_too(heard):
    assert row(HEARD)["bpm_certain"] is True
    assert row(heard)["bpm_certain"] is False


def test_the_tempo_is_shown_in_the_users_octave():
    shown = analyze_view.row(Path("a.mp3"), HEARD, limits=energy.SHIPPED, bpm_lowest=60.0)
    assert shown["bpm"] == 87.0


def test_the_energy_is_that_of_the_limits_in_force():
    # Given
    own = energy.Limits(levels=(0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77, 0.78))

    # When
    shown = analyze_view.row(Path("a.mp3"), HEARD, limits=own, bpm_lowest=90.0)

    # I expect
    assert (shown["energy"], shown["energy_level"]) == (1, "Low")


def test_a_name_cannot_steer_the_terminal():
    assert "\x1b" not in line(row(path="\x1b[2Jgone.mp3"))
    assert "\n" not in line(analyze_view.error(Path("a\nb.mp3"), "no\rgood"))


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("name", ["Night (Extended Mix).m4a", "音楽" * 40 + " 音楽.m4a", "x" * 300])
def test_on_a_terminal_the_end_of_a_path_is_seen_and_the_line_does_not_break(columns, name):
    # When
    shown = analyze_view.line(row(path=f"/a/very/long/way/to/a/folder/of/music/{name}"), columns)

    # I expect
    assert cell_len(shown.plain) <= max(columns, 48 + analyze_view.SHORTEST)
    assert shown.plain.endswith(name[-4:])
    assert line(row(path=f"/a/{name}")).endswith(f"/a/{name}")


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0:00"), (59.6, "1:00"), (361.5, "6:02"), (10801, "3:00:01")])
def test_a_length_is_written_as_djs_read_it(seconds, shown):
    assert analyze_view.clock(seconds) == shown


def test_every_field_of_the_json_is_documented_in_its_order():
    # Given
    text = (folders.DOCS / "reference" / "json.md").read_text()
    section = text.partition("## An analysis")[2].partition("\n## ")[0]

    # I expect
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(row())
