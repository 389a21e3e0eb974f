"""A set of more than a hundred tracks is linked to all of them, and its body keeps Notion's limits."""

import json

import pytest

from tasks import bodies


@pytest.fixture
def long_night(booth):
    """A set of 106 tracks, and an earlier one with some of them."""
    numbers = list(range(1, 107))
    for number in numbers:
        booth.track(number)
        booth.page(number)
    booth.sync("ids")
    booth.plays(102, 103, 5, name="early")
    booth.plays(*numbers, name="long")
    booth.fresh()
    return booth


def linked(booth, name):
    """How many tracks' pages say that they were played in a set."""
    page = booth.set_page(name)["id"]
    return sum(page in row["DJ Sessions"] for row in booth.rows())


def test_a_set_of_more_than_a_hundred_tracks_is_linked_to_all_of_them(long_night):
    # When
    done = long_night.sync("sessions")

    # I expect
    assert done["failed"] == 0
    assert (linked(long_night, "long"), linked(long_night, "early")) == (106, 3)
    assert len(long_night.writes) == 2 + 6, "two pages, and the six tracks that had no room there"

    # When
    long_night.fresh()
    long_night.sync("sessions")

    # I expect
    assert long_night.writes == []


def test_what_joins_a_long_set_later_is_linked_from_its_own_side(long_night):
    # Given
    long_night.sync("sessions")
    long_night.track(107)
    long_night.page(107)
    long_night.sync("ids")
    long_night.plays(*range(1, 108), name="long")
    long_night.fresh()

    # When
    long_night.sync("sessions")

    # I expect
    assert linked(long_night, "long") == 107
    assert len(long_night.set_page("long")["Tracks Played"]) == 107


def test_a_long_set_that_redis_has_forgotten_loses_nobody(long_night):
    # Given
    long_night.sync("sessions")
    long_night.forget()
    long_night.fresh()

    # When
    long_night.sync("sessions")

    # I expect
    assert (linked(long_night, "long"), linked(long_night, "early")) == (106, 3)
    assert long_night.writes == []


def test_a_body_keeps_notions_limits_whatever_the_titles_are():
    # Given
    plays = [{"position": at, "title": "𝄞" * 300, "artist": "x" * 500} for at in range(600)]

    # When
    made = bodies.blocks({"note": "n", "plays": plays})

    # I expect
    codes = [block["code"] for block in made[1:]]
    pieces = [piece["text"]["content"] for code in codes for piece in code["rich_text"]]
    assert all(len(code["rich_text"]) <= 100 for code in codes)
    assert all(len(piece.encode("utf-16-le")) // 2 <= 2000 for piece in pieces)
    assert json.loads("".join(pieces)) == plays


def test_there_is_no_body_without_plays():
    assert bodies.blocks(None) == []
    assert bodies.digest(None) == ""
