"""A database of plays: one page per play, made once, related to its set, its track, and what sounded with it."""

import pytest

from tasks import creation


@pytest.fixture
def with_plays(booth):
    """Three tracks with pages, a set of them in which all begin together, and a database of plays."""
    from crateline.cli import schema  # noqa: PLC0415

    booth.settings(plays_db_id=booth.databases["plays"])
    found = schema.read(booth.wiring)
    change = schema.Change(wiring=booth.wiring, ids={one.word: one.source.id for one in found}, dry_run=False)
    change.add(next(one for one in found if one.word == "plays"), {})
    for number in (1, 2, 3):
        booth.track(number)
        booth.page(number)
    booth.plays(1, 2, 3, every=10)
    booth.fresh()
    return booth


def by_position(booth):
    return sorted(booth.rows("plays"), key=lambda row: row["Position in Set"])


def test_each_play_has_a_page_that_is_related_to_everything(with_plays):
    # When
    done = with_plays.sync()

    # I expect
    first, second, third = by_position(with_plays)
    home = with_plays.set_page()["id"]
    tracks = {row["Name"]: row["id"] for row in with_plays.rows()}
    assert [row["Session"] for row in (first, second, third)] == [[home]] * 3
    assert [row["Track"] for row in (first, second, third)] == [[tracks[f"Title {n}"]] for n in (1, 2, 3)]
    assert [row["Deck"] for row in (first, second, third)] == [1, 2, 1]
    assert (second["Simultaneous With"], third["Simultaneous With"]) == ([first["id"]], [second["id"]])
    assert done["pages"]["plays"]["created"] == 3
    assert len(with_plays.requests("^POST /v1/pages$")) == 1 + 3
    assert with_plays.body(home) == [], "the plays stand in their database"


def test_a_second_run_writes_nothing_and_a_play_more_is_one_page_more(with_plays):
    # Given
    with_plays.sync()
    with_plays.fresh()

    # When
    with_plays.sync()

    # I expect
    assert with_plays.writes == []

    # When
    with_plays.plays(1, 2, 3, 1, every=10)
    done = with_plays.sync()

    # I expect
    assert done["pages"]["plays"]["created"] == 1
    assert len(with_plays.rows("plays")) == 4


def test_a_play_is_made_once_though_answers_are_lost_and_redis_forgets(with_plays, monkeypatch):
    # Given
    monkeypatch.setattr(creation, "UNCLEAR_S", 0.5)
    with_plays.order({"kind": "reset-after", "method": "POST", "path": "^/v1/pages$", "times": 3})

    # When
    with_plays.sync()
    with_plays.forget()
    with_plays.sync()

    # I expect
    assert len(with_plays.rows("plays")) == 3
    assert len(with_plays.rows("calendar")) == 1


def test_the_plays_of_a_set_whose_page_was_deleted_are_left_alone(with_plays):
    # Given
    with_plays.settings(plays_db_id=None)
    with_plays.sync()
    with_plays.person_edits(with_plays.set_page()["id"], in_trash=True)

    # When
    with_plays.settings(plays_db_id=with_plays.databases["plays"])
    done = with_plays.sync("sessions")

    # I expect
    assert (done["failed"], done["pages"]["plays"]["refused"]) == (0, 3)
    assert with_plays.rows("plays") == []

    # When
    with_plays.fresh()
    again = with_plays.sync("sessions")

    # I expect
    assert again["failed"] == 0
    assert with_plays.writes == []
