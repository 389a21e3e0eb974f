"""Words compared one by one: what is another spelling, and what is another word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import spelling


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Another Brick, Pt. 2", "Another Brick, Part II"),
        ("Oxygène, Pt. 4", "Oxygene (Part IV)"),
        ("Sessions, Vol. 52", "Sessions #52"),
        ("Four to the Floor", "4 To The Floor"),
        ("Vaporware 01", "Vaporware 1"),
        ("Smack My B*tch Up", "Smack My Bitch Up"),
        ("The Rhythm", "Rhythm"),
        ("2People", "2 People"),
        ("Colour of Love", "Color of Love"),
        ("IU 아이유", "아이유"),
        ("Судно", "Sudno"),
    ],
)
def test_two_spellings_of_a_name_are_one(one, other):
    assert spelling.same_words(one, other)
    assert spelling.same_words(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Your Mind", "My Mind"),
        ("Your Mind", "Your Mine"),
        ("Vessel", "Vessels"),
        ("Song 2", "Song 3"),
        ("Part II", "Part III"),
        ("0181", "0811"),
        ("Customer Is King", "Customer Is King Again"),
        ("Baby", "Baby Baby"),
        ("Little Britain", "Little Britain Dub"),
    ],
)
def test_another_word_is_another_name(one, other):
    assert not spelling.same_words(one, other)
    assert not spelling.same_words(other, one)


def test_a_catalogue_is_not_forgiven_a_letter():
    assert spelling.same_words("Colour of Love", "Color of Love")
    assert not spelling.same_words("Colour of Love", "Color of Love", exactly=True)


@given(st.text(max_size=40), st.text(max_size=40))
def test_sameness_has_two_sides_and_everything_is_itself(one, other):
    assert spelling.same_words(one, one)
    assert spelling.same_words(one, other) == spelling.same_words(other, one)


@pytest.mark.parametrize(("title", "numbers"), [("Part II", {"2"}), ("Vol. 3", {"3"}), ("Ten Walls", {"10"}), ("Glue", set())])
def test_numbers_are_found_in_any_spelling(title, numbers):
    assert spelling.numbers(title) == numbers


def test_a_censored_word_that_fits_nothing_stays():
    assert spelling.uncensored("Sh*t Happens", "Glue") == "Sh*t Happens"
    assert spelling.uncensored("**** Off", "Shut Off") == "**** Off"
