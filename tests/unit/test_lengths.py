import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.lengths import seconds

READ = [
    # what is written, seconds
    ("3:45", 225.0),
    ("03:45", 225.0),
    ("00:03:45", 225.0),
    ("00:03:45.500", 225.0),
    ("1:02:03", 3723.0),
    ("62:03", 3723.0),
    ("225", 225.0),
    ("225.4", 225.4),
    ("225,4", 225.4),
    ("225s", 225.0),
    ("225 sec", 225.0),
    ("225000", 225.0),
    ("225000.0", 225.0),
    ("6000 ms", 6.0),
    ("3m45s", 225.0),
    ("3 min 45 sec", 225.0),
    ("PT3M45S", 225.0),
    ("PT1H2M3S", 3723.0),
    (" 3:45 ", 225.0),
    ("3,75", 225.0),  # no clock shows 75 seconds: minutes
    ("3.75", 225.0),
]
UNKNOWN = ["", "soon", "n/a", "-5", "0", "0:00", "4", "3,45", "1e9", "99999999999", "1/1/24, 10:00", "h", "PT", ":", "3:75"]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_length_is_read_however_it_is_written(text, expected):
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_no_track_can_last_is_unknown_rather_than_wrong(text):
    assert seconds(text) is None


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [("10800", "s", 10800.0), ("9000", "ms", 9.0), ("201000", "ms", 201.0), ("3:45", "ms", 225.0), ("8", "s", 8.0)],
)
def test_the_unit_of_a_column_counts(text, unit, expected):
    assert seconds(text, unit=unit) == expected


@given(st.integers(10, 5999))
def test_every_spelling_of_a_length_means_the_same(length):
    minutes, rest = divmod(length, 60)
    spellings = [f"{minutes}:{rest:02d}", f"0:{minutes:02d}:{rest:02d}", str(length), f"{length}s", f"PT{minutes}M{rest}S"]
    assert {seconds(text) for text in spellings} == {float(length)}


@given(st.text(max_size=60))
def test_any_text_is_a_sane_length_or_none(text):
    found = seconds(text)
    assert found is None or 1 <= found <= 86_400
