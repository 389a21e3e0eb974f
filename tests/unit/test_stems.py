"""Names of files become names of tracks: what programs have added goes, what belongs to a title stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import stems


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Artist - Title (1)", "Artist - Title"),
        ("Artist - Title_processed", "Artist - Title"),
        ("Artist - Title (1)_processed", "Artist - Title"),
        ("Artist - Title_processed (2)", "Artist - Title"),
        ("Artist - Title - Copy", "Artist - Title"),
        ("Artist - Title copy 2", "Artist - Title"),
        ("Artist - Title.mp3", "Artist - Title"),
        ("Artist - Title [dQw4w9WgXcQ]", "Artist - Title"),
        ("Artist - Title [0badcafe]", "Artist - Title"),
        ("Artist - Title 320kbps", "Artist - Title"),
        ("Artist - Title_PN", "Artist - Title"),
        ("01 - Title", "Title"),
        ("07 Title", "Title"),
        ("12. Title", "Title"),
        ("3) Title", "Title"),
        ("A1 - Title", "Title"),
        ("8A - 128 - Artist - Title", "Artist - Title"),
        ("8411962_Artist_-_Title_(Original_Mix)", "Artist - Title (Original Mix)"),
        ("  Artist   -  Title ", "Artist - Title"),
    ],
)
def test_what_a_program_has_added_goes(name, cleaned):
    assert stems.clean(name) == cleaned


@pytest.mark.parametrize(
    "name",
    [
        "99 Problems",
        "7 Rings",
        "24K Magic",
        "1999",
        "808 State - Pacific",
        "4 AM",
        "Final",
        "Master",
        "Carbon Copy Man",
        "Title (Live)",
        "Title (Remix) [Label]",
        "Title (2010 Remaster)",
        "B2B",
        "(1)",
        "Process",
        "_",
        "",
    ],
)
def test_what_belongs_to_a_title_stays(name):
    assert stems.clean(name) == name


@given(st.text(max_size=60))
def test_cleaning_again_changes_nothing_and_no_name_vanishes(name):
    once = stems.clean(name)
    assert stems.clean(once) == once
    assert bool(once) == bool(name.split())


@pytest.mark.parametrize(
    ("name", "divided"),
    [
        ("Artist - Title", ("Artist", "Title")),
        ("Artist - Title (Remix)", ("Artist", "Title (Remix)")),
        ("A, B & C - Title", ("A, B & C", "Title")),
        ("Title", None),
        ("Title - Radio Edit", None),
        ("Artist - Album - Title", None),
        ("01 - Title", None),
        ("Artist - ", None),
        (" - Title", None),
        ("Jay-Z", None),
    ],
)
def test_a_name_is_divided_only_where_that_is_safe(name, divided):
    assert stems.divide(name) == divided


@given(st.text(max_size=60))
def test_any_text_can_be_divided_or_not(name):
    parts = stems.divide(name)
    assert parts is None or all(parts)
