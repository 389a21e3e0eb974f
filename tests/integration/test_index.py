"""The index of Notion's pages: what is there is found, what is gone is not, and staleness is noticed."""

import pytest

from crateline.durable import index as room
from crateline.durable.index import Index, IndexedPage

pytestmark = pytest.mark.real("redis")


@pytest.fixture
def index(client):
    return Index(client)


def page(page_id: str, *anchors: str, name: str = "dusk", **fields) -> IndexedPage:
    return IndexedPage(page_id=page_id, anchors=anchors, name=name, **({"values": {}, "words": {}} | fields))


def test_a_page_comes_back_as_it_was_read(index):
    # Given
    known = page(
        "p1",
        "source:a",
        values={"BPM": 124, "Playlists": ("l1", "l2"), "Title": "Dämmerung"},
        words={"title": "Dusk", "duration": 361.0, "isrc": None},
        cut=("Playlists",),
    )

    # When
    index.put([known])

    # I expect
    assert index.page("p1") == index.find(["source:a"]) == known
    assert index.size() == 1


def test_the_surest_anchor_decides(index):
    # Given
    index.put([page("p1", "url:x"), page("p2", "source:a")])

    # I expect
    assert index.find(["source:a", "url:x"]).page_id == "p2"
    assert index.find(["source:none", "url:x"]).page_id == "p1"
    assert index.find(["source:none"]) is None
    assert index.find([]) is None


def test_of_two_pages_with_one_anchor_the_oldest_is_found(index):
    index.put([page("p1", "source:a"), page("p2", "source:a")])
    assert index.find(["source:a"]).page_id == "p1"


def test_when_the_oldest_is_gone_the_next_is_found(index):
    # Given
    index.put([page("p1", "source:a"), page("p2", "source:a")])

    # When
    index.drop("p1")

    # I expect
    assert index.find(["source:a"]).page_id == "p2"
    assert [one.page_id for one in index.named("dusk")] == ["p2"]
    assert index.page("p1") is None
    index.drop("p1")


def test_a_page_is_no_longer_found_by_what_a_person_took_off_it(index):
    # Given
    index.put([page("p1", "source:a", "url:x")])

    # When
    index.put([page("p1", "url:x", name="dawn")])

    # I expect
    assert index.find(["source:a"]) is None
    assert index.find(["url:x"]).page_id == "p1"
    assert index.named("dusk") == []
    assert [one.page_id for one in index.named("dawn")] == ["p1"]


def test_an_identity_that_moved_to_another_page_is_found_there(index):
    # Given
    index.put([page("p1", "source:a")])

    # When a person moves the Source ID
    index.put([page("p1"), page("p2", "source:a")])

    # I expect
    assert index.find(["source:a"]).page_id == "p2"


def test_reading_pages_again_adds_nothing(index, client):
    # Given
    known = [page(f"p{n}", f"source:{n}", "url:shared") for n in range(3)]
    index.put(known, read_since=index.now())
    before = client.hgetall(room.ANCHORS), client.hgetall(room.PAGES)

    # When
    index.put(known, read_since=index.now())

    # I expect
    assert (client.hgetall(room.ANCHORS), client.hgetall(room.PAGES)) == before


def test_what_was_written_since_a_reading_began_is_newer_than_what_it_read(index):
    # Given
    began = index.now()
    index.put([page("p1", "source:new", name="new")])
    # When
    index.put([page("p1", "source:old", name="old"), page("p2", "source:other")], read_since=began)
    # I expect
    assert index.page("p1").name == "new"
    assert index.find(["source:old"]) is None
    assert index.find(["source:other"]).page_id == "p2"
    # And the next reading to count
    index.put([page("p1", "source:old", name="old")], read_since=index.now())
    assert index.page("p1").name == "old"


def test_a_page_without_a_name_is_under_no_name(index):
    index.put([page("p1", "source:a", name="")])
    assert index.named("") == []
    assert index.find(["source:a"]).page_id == "p1"


def test_all_versions_under_one_name_are_told_in_a_steady_order(index):
    index.put([page("p2"), page("p1"), page("p3", name="dawn")])
    assert [one.page_id for one in index.named("dusk")] == ["p1", "p2"]


def test_an_index_that_was_never_read_is_stale(index):
    assert index.stale()
    assert index.cursor() == ""


def test_an_index_is_stale_from_an_enqueuing_until_it_is_read(index):
    # Given
    index.want()
    assert index.stale()

    # When
    index.read(cursor="2026-01-01T00:00:00.000Z", began=index.now())

    # I expect
    assert not index.stale()
    index.want()
    assert index.stale()


def test_a_reading_that_began_before_the_enqueuing_does_not_count(index):
    # Given
    began = index.now()

    # When
    index.want()
    index.read(cursor="2026-01-01T00:00:00.000Z", began=began)

    # I expect
    assert index.stale()


def test_a_reading_that_found_nothing_keeps_the_cursor(index):
    index.read(cursor="2026-01-01T00:00:00.000Z", began=index.now())
    index.read(cursor="", began=index.now())
    assert index.cursor() == "2026-01-01T00:00:00.000Z"


def test_machines_whose_clocks_differ_agree_on_what_is_stale(index, monkeypatch):
    """Staleness is told by Redis' clock alone."""
    # Given
    index.want()
    monkeypatch.setattr("time.time", lambda: 0.0)

    # When
    index.read(cursor="", began=index.now())

    # I expect
    assert not index.stale()
