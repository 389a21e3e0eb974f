"""The index of Notion's pages: read whole once, then only what was edited, and by one thread at a time."""

import threading
from datetime import timedelta

import pytest

from crateline.messages import Station
from tasks import catalogue

pytestmark = pytest.mark.real("redis")

OTHERS = 230


@pytest.fixture
def full(line):
    """A library of 230 pages that were made long ago, one a minute."""
    state = line.notion.state
    for number in range(OTHERS):
        made = state.pages[line.notion.person_makes(Name=f"Old {number}", Artist="Somebody", Source_ID=f"djay:{number}")]
        made.created = made.edited = made.created - timedelta(days=1, minutes=OTHERS - number)
    line.notion.fresh()
    return line


def test_the_first_reading_is_whole_and_the_next_only_of_what_was_edited(full, make_track):
    # When
    full.enqueue(make_track(1))
    assert full.page("soundcloud:tracks:1") == "sealed"
    # I expect 100 pages a query, and one query for the playlist
    assert len(full.notion.queries) == 3 + 1
    assert full.wiring.index.size() == OTHERS + 1
    # When a person edits a page, and another playlist is enqueued
    full.notion.fresh()
    track = make_track(2, key="djay:17")
    edited = next(row["id"] for row in full.notion.rows() if row["Source ID"] == "djay:17")
    full.notion.person_edits(edited, Name="Title 2", Source_ID="soundcloud:tracks:2")
    full.enqueue(make_track(2), name="Late")
    assert full.page("soundcloud:tracks:2") == "sealed"
    # I expect one query for what was edited, and the page to be known by its new key
    assert len(full.notion.queries) == 1 + 1
    assert full.notion.creates == ["POST /v1/pages"]
    assert full.item("soundcloud:tracks:2").page_id == edited
    assert full.wiring.index.find([f"source:{track.key}"]) is None


def test_without_a_new_enqueuing_notion_is_not_read_again(full, make_track):
    # Given
    full.enqueue(*map(make_track, range(5)))
    assert full.page("soundcloud:tracks:0") == "sealed"
    full.notion.fresh()
    # When
    for number in range(1, 5):
        assert full.page(f"soundcloud:tracks:{number}") == "sealed"
    # I expect
    assert full.notion.requests() == ["POST /v1/pages"] * 4


def test_of_many_threads_one_reads_and_the_others_wait(full, make_track):
    # Given eight writers, and a Notion that takes its time
    full.enqueue(*map(make_track, range(8)))
    full.notion.fresh()
    full.notion.state.latency = 0.15
    came: list[str] = []
    writers = [threading.Thread(target=lambda n=n: came.append(full.page(f"soundcloud:tracks:{n}"))) for n in range(8)]
    # When
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    # I expect one reading of three queries, and a page each
    assert came == ["sealed"] * 8
    assert len(full.notion.queries) == 3
    assert len(full.notion.creates) == 8


def test_a_library_of_more_rows_than_notion_shows_is_read_whole(full, make_track):
    # Given a Notion that stops a query silently at 50 rows
    full.notion.state.query_rows = 50
    full.enqueue(make_track(1))
    # When
    assert full.page("soundcloud:tracks:1") == "sealed"
    # I expect
    assert full.wiring.index.size() == OTHERS + 1
    assert full.wiring.index.find(["source:djay:229"]) is not None


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(catalogue, "FIRST_REST_S", 0.0)


def test_a_request_of_a_long_reading_that_fails_is_repeated(full, make_track, impatient):
    # Given a Notion that fails in the middle of it
    full.enqueue(make_track(1))
    full.notion.order({"kind": "502-html", "path": "/query$", "skip": 1, "times": 3})
    full.notion.fresh()
    # When
    assert full.page("soundcloud:tracks:1") == "sealed"
    # I expect the three requests of the reading and the three that failed
    assert len(full.notion.queries) == 3 + 3
    assert full.wiring.index.size() == OTHERS + 1


def test_a_reading_that_breaks_off_goes_on_where_it_was(full, make_track, impatient):
    # Given a Notion that fails for longer than anybody waits
    full.enqueue(make_track(1))
    full.notion.order({"kind": "502-html", "path": "/query$", "skip": 1, "times": catalogue.MOST_FAULTS + 1})
    # When
    assert full.page("soundcloud:tracks:1") == "later"
    # I expect nothing to be taken for read
    assert full.wiring.index.stale()
    assert full.wiring.index.cursor() == ""
    # When it works again
    full.notion.fresh()
    assert full.page("soundcloud:tracks:1") == "sealed"
    # I expect the rest to be read, and all to be known
    assert len(full.notion.queries) == 2
    assert full.wiring.index.size() == OTHERS + 1
    assert full.wiring.index.reading().created == ""


def test_what_was_edited_while_a_reading_went_on_is_read_again(full, make_track):
    # Given pages of which one is edited by a person after it was read, and another later still
    full.enqueue(make_track(1))
    read = full.wiring.notion.pages

    def and_then_edited(*asked, **more):
        for number, page in enumerate(read(*asked, **more)):
            yield page
            if number == 150:
                rows = {row["Source ID"]: row["id"] for row in full.notion.rows()}
                full.notion.person_edits(rows["djay:3"], Source_ID="soundcloud:tracks:7")
                full.notion.person_edits(rows["djay:229"], Artist="Somebody else")

    full.wiring.notion.pages = and_then_edited
    assert full.page("soundcloud:tracks:1") == "sealed"
    del full.wiring.notion.pages
    # When another playlist is enqueued
    full.enqueue(make_track(7), name="Late")
    assert full.page("soundcloud:tracks:7") == "sealed"
    # I expect its page to be found
    assert len([row for row in full.notion.rows() if row["Source ID"] == "soundcloud:tracks:7"]) == 1


def test_an_empty_library_is_read_too(line, make_track):
    assert line.wiring.index.stale()
    assert catalogue.read(line.wiring) == 0
    assert not line.wiring.index.stale()
    assert line.wiring.index.cursor() == ""


def test_whoever_waits_for_the_reader_too_long_gives_its_place_back(line, make_track, monkeypatch):
    # Given another worker that reads and reads
    monkeypatch.setattr(catalogue, "LONGEST_WAIT_S", 0.1)
    line.enqueue(make_track(1))
    with line.wiring.lock("index", seconds=60):
        # When
        assert line.page("soundcloud:tracks:1") == "later"
    # I expect no attempt to be spent
    assert line.item("soundcloud:tracks:1").attempts(Station.PAGE) == 0
    assert line.page("soundcloud:tracks:1") == "sealed"


def test_a_worker_that_stops_does_not_wait_for_the_reader(line, make_track):
    # Given
    line.enqueue(make_track(1))
    line.wiring.stopping.set()
    # When
    with line.wiring.lock("index", seconds=60):
        assert line.page("soundcloud:tracks:1") == "later"
    # I expect it to be due at once, for another worker
    assert line.waits(Station.PAGE, "soundcloud:tracks:1") <= 0
