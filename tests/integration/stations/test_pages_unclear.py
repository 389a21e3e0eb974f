"""A create whose fate is not known: whatever Notion or the worker does, there is one page in the end."""

from datetime import timedelta

import pytest

from crateline.durable import keyspace
from crateline.messages import Station

pytestmark = pytest.mark.real("redis")

CREATE = {"method": "POST", "path": "^/v1/pages$", "times": 1}
LOST_AFTER = [{"kind": "504-after", **CREATE}, {"kind": "reset-after", **CREATE}]
LOST_BEFORE = [{"kind": "504", **CREATE}, {"kind": "409", **CREATE}, {"kind": "502-html", **CREATE}]
KEY = "soundcloud:tracks:1"
WORDS = {"Name": "Title 1", "Artist": "Artist 1"}


def kind_of(rule):
    return rule["kind"]


def test_a_page_that_was_made_in_spite_of_an_error_is_taken_on_without_a_second_request(line, make_track):
    # Given a Notion that says 503, and which page it has made
    line.enqueue(make_track(1, duration=360.0))
    line.notion.fresh()
    line.notion.order({"kind": "503-after", **CREATE})
    # When
    assert line.page(KEY) == "sealed"
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # I expect one create, one update, and values of ours that are known to be ours
    assert line.notion.writes == ["POST /v1/pages", f"PATCH /v1/pages/{line.item(KEY).page_id}"]
    assert (line.notion.row()["Duration"], line.notion.row()["Status"]) == (361.5, "Complete")


@pytest.mark.parametrize("rule", LOST_AFTER, ids=kind_of)
def test_a_page_whose_making_was_not_confirmed_is_found_after_a_minute(line, make_track, rule):
    # Given
    line.enqueue(make_track(1))
    line.notion.fresh()
    line.notion.order(rule)
    # When
    assert line.page(KEY) == "later"
    # I expect a minute of waiting, in which nothing is sent
    assert 55 < line.waits(Station.PAGE, KEY) <= 60
    seen = len(line.notion.requests())
    assert line.page(KEY) == line.finalise(KEY) == "later"
    assert len(line.notion.requests()) == seen
    assert line.item(KEY).attempts(Station.PAGE) == 0
    # When the minute is over
    line.age(keyspace.track(KEY), "intent", 61)
    assert line.page(KEY) == "sealed"
    # I expect that page
    assert line.notion.writes == ["POST /v1/pages"]
    assert line.item(KEY).page_id == line.notion.row()["id"]
    assert "intent" not in line.item(KEY).fields


@pytest.mark.parametrize("rule", LOST_BEFORE, ids=kind_of)
def test_a_page_that_was_not_made_is_made_after_the_minute(line, make_track, rule):
    # Given
    line.enqueue(make_track(1))
    line.notion.fresh()
    line.notion.order(rule)
    assert line.page(KEY) == "later"
    line.age(keyspace.track(KEY), "intent", 61)
    # When
    assert line.page(KEY) == "sealed"
    # I expect it to have been looked for before it was made again
    last = line.notion.requests("/query$", "^POST /v1/pages$")[-3:]
    assert [one.rpartition("/")[2] for one in last] == ["pages", "query", "pages"]
    assert line.item(KEY).page_id == line.notion.row()["id"]


def test_what_was_learnt_in_that_minute_is_written_over_what_the_create_had_said(line, make_track):
    # Given a page whose making was not confirmed, with the length that the listing gave
    line.enqueue(make_track(1, duration=360.0))
    line.notion.order(LOST_AFTER[0])
    assert line.page(KEY) == "later"
    line.made(KEY, duration=361.5)
    line.age(keyspace.track(KEY), "intent", 61)
    # When
    assert line.finalise(KEY) == "sealed"
    # I expect our own words not to be taken for a person's
    assert line.notion.row()["Duration"] == 361.5


def test_a_worker_that_dies_between_its_word_and_its_request_leaves_no_doubt(line, make_track, monkeypatch):
    # Given a worker that is killed as it is about to send
    line.enqueue(make_track(1))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(line.wiring.notion, "create", killed)
        with pytest.raises(KeyboardInterrupt):
            line.page(KEY)
    line.forget(KEY, "c:notion")  # its lease lapses
    line.notion.fresh()
    # When another takes over
    assert line.page(KEY) == "later"
    assert line.notion.requests() == []
    line.age(keyspace.track(KEY), "intent", 61)
    assert line.page(KEY) == "sealed"
    # I expect it to have looked first
    assert [one.rpartition("/")[2] for one in line.notion.requests()] == ["query", "pages"]
    assert line.item(KEY).page_id == line.notion.row()["id"]


def test_of_several_pages_with_one_source_id_the_oldest_is_kept_and_none_is_touched(line, make_track):
    # Given two pages, as an older tool has left them
    line.enqueue(make_track(1))
    line.notion.order(LOST_BEFORE[0])
    assert line.page(KEY) == "later"
    newer, older = (line.notion.person_makes(**WORDS, Source_ID=KEY) for _ in range(2))
    line.notion.state.pages[older].created -= timedelta(minutes=5)
    line.age(keyspace.track(KEY), "intent", 61)
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.item(KEY).page_id == older
    assert [row["id"] for row in line.notion.rows()] == [newer, older]


def test_a_request_that_was_turned_away_leaves_no_doubt_and_no_minute(line, make_track):
    # Given
    line.enqueue(make_track(1))
    line.notion.order({"kind": "429", "retry_after": 1, **CREATE})
    # When
    assert line.page(KEY) == "silenced"
    # I expect
    assert "intent" not in line.item(KEY).fields
    assert line.page(KEY) == "sealed"
    assert line.notion.row()["Source ID"] == KEY
