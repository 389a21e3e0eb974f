import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.audio import octave


@given(st.floats(20, 1000), st.floats(30, 140))
def test_without_a_word_of_anybody_the_users_range_decides(bpm, lowest):
    # When
    shown = octave.settle(bpm, lowest=lowest)

    # I expect
    assert lowest - 0.005 <= shown < 2 * lowest
    assert shown * 2 ** round(math.log2(bpm / shown)) == pytest.approx(bpm, rel=2e-3)


@given(st.floats(20, 1000), st.floats(30, 140), st.sampled_from(["", "House", "dnb", "???", "Schlager"]))
def test_a_settled_tempo_stays_where_it_is(bpm, lowest, genre):
    # Given
    shown = octave.settle(bpm, lowest=lowest, genre=genre)

    # I expect
    assert octave.settle(shown, lowest=lowest, genre=genre) == shown


@pytest.mark.parametrize(
    ("bpm", "genre", "shown"),
    [
        (87.0, "Drum & Bass", 174.0),
        (87.0, "Liquid Drum'n'Bass", 174.0),
        (172.0, "Halftime Drum & Bass", 86.0),
        (70.0, "Dubstep", 140.0),
        (170.0, "Hip-hop & Rap", 85.0),
        (180.0, "reggae", 90.0),
        (62.0, "Tech House", 124.0),
        (70.0, "Hard Techno", 140.0),
        (69.0, "Psy-Trance", 138.0),
        (95.5, "R&B", 95.5),
        (160.0, "Trap", 160.0),
        (100.0, "Gabber", 200.0),
    ],
)
def test_a_genre_is_counted_as_its_djs_count_it(bpm, genre, shown):
    assert octave.settle(bpm, lowest=90, genre=genre) == shown


@pytest.mark.parametrize(("bpm", "genre"), [(174.0, "House"), (100.0, "Drum & Bass"), (128.0, "Warehouse"), (128.0, "")])
def test_a_genre_that_fits_no_octave_is_not_believed(bpm, genre):
    assert octave.settle(bpm, lowest=90, genre=genre) == bpm


@pytest.mark.parametrize("own", [64.0, 87.004, 174.0, 391.0])
def test_what_a_person_typed_wins_over_everything(own):
    assert octave.settle(128.0, lowest=90, genre="Techno", own=own) == round(own, 2)


@pytest.mark.parametrize("own", [0.0, -1.0, 2024.0, float("nan"), float("inf")])
def test_what_is_no_tempo_is_not_believed_whoever_typed_it(own):
    assert octave.settle(128.0, lowest=90, own=own) == 128.0


@pytest.mark.parametrize("bpm", [None, 0.0])
def test_without_a_tempo_there_is_none_but_a_persons(bpm):
    assert octave.settle(bpm, lowest=90, genre="House") is None
    assert octave.settle(bpm, lowest=90, own=126) == 126


def test_a_rounding_does_not_leave_the_range():
    assert octave.settle(179.998, lowest=90) == 90.0


@pytest.mark.parametrize(("name", "limits"), octave.GENRES.items())
def test_every_range_is_an_octave_at_most_so_that_it_decides(name, limits):
    # Given
    low, high = limits

    # I expect
    assert low < high < 2 * low
    assert octave.range_of(name) is not None
