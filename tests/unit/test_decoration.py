"""What is written around a title is taken off, and what may be part of it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import decoration, titles


@pytest.mark.parametrize(
    ("written", "segments"),
    [
        ("PREMIERE: Bicep - Glue", ("Bicep", "Glue")),
        ("DJ Mag Premiere: Bicep - Glue", ("Bicep", "Glue")),
        ("Premiere | Bicep - Glue [Feel My]", ("Bicep", "Glue")),
        ("FREE DL: Bicep - Glue", ("Bicep", "Glue")),
        ("A1. Bicep - Glue", ("Bicep", "Glue")),
        ("B2 Bicep - Glue", ("Bicep", "Glue")),
        ("Bicep - Glue **FREE DL**", ("Bicep", "Glue")),
        ("Bicep - Glue #deephouse #uk", ("Bicep", "Glue")),
        ("Bicep - Glue 128 BPM", ("Bicep", "Glue")),
        ("Bicep - Glue (TRESOR 073)", ("Bicep", "Glue")),
        ("Bicep - Glue (Ninja Tune, 2017)", ("Bicep", "Glue")),
        ("Bicep_-_Glue", ("Bicep", "Glue")),
        ('Bicep "Glue"', ("Bicep", "Glue")),
        ("Bicep ‘Glue’", ("Bicep", "Glue")),  # noqa: RUF001 - quotes as they are written
        ("Perfume「ポリリズム」", ("Perfume", "ポリリズム")),
        ("Drum & Bass | Culture Shock - Renaissance", ("Culture Shock", "Renaissance")),
        ("#3", ("#3",)),
        ("***", ("***",)),
        ("A2", ("A2",)),
        ("100 BPM", ("100 BPM",)),
    ],
)
def test_a_name_is_found_in_what_surrounds_it(written, segments):
    found = titles.parse(written).segments
    assert tuple(part.rstrip(" -") for part in found) == segments


def test_words_in_brackets_that_say_nothing_known_are_kept_apart():
    # Given
    title = titles.parse("Sweet Dreams (Are Made of This)")
    # I expect
    assert title.core == "Sweet Dreams Are Made of This"
    assert (title.bare, title.asides) == (("Sweet Dreams",), ("Are Made of This",))


def test_a_known_name_is_no_version():
    assert titles.parse("Drake - Karaoke").segments == ("Drake",)
    assert titles.parse("Drake - Karaoke", "karaoke").segments == ("Drake", "Karaoke")


@given(st.text(max_size=80))
def test_any_text_is_a_title_and_keeps_no_marks(text):
    title = titles.parse(text)
    assert bool(title.segments) == bool(text.split())
    assert not any(mark in part for part in (*title.segments, *title.bare) for mark in (decoration.OPEN, decoration.CLOSE))
