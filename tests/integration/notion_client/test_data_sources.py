"""From what a person writes to the data source, and reading one to its very end."""

from datetime import UTC, datetime

import pytest

from crateline import errors
from givens.notion_answers import DATABASE, SCHEMA, SOURCE, error, listed, page

STOPPED = {"request_status": {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}}


@pytest.mark.parametrize(
    "written",
    [
        DATABASE,
        DATABASE.replace("-", ""),
        f"https://www.notion.so/me/Tracks-Cafe-{DATABASE.replace('-', '')}?v=20ee73616c27819cb0b3e691f104d5e6",
    ],
)
def test_a_database_leads_to_its_data_source(notion, server, slots, written):
    server.will({"object": "database", "id": DATABASE, "data_sources": [{"id": SOURCE, "name": "Tracks"}]}, SCHEMA)

    found = notion.data_source(written)

    assert (found.id, found.database_id, found.title, found.properties) == (
        SOURCE,
        DATABASE,
        "Music Tracks",
        SCHEMA["properties"],
    )
    assert [asked["path"] for asked in server.asked] == [f"/v1/databases/{DATABASE}", f"/v1/data_sources/{SOURCE}"]
    assert len(slots) == 2


def test_the_id_of_a_data_source_is_good_as_well(notion, server):
    server.will(error(404, "object_not_found", f"Could not find database with ID: {SOURCE}."), SCHEMA)

    assert notion.data_source(SOURCE).id == SOURCE


def test_an_unshared_database_stops_the_service_with_a_remedy(notion, server):
    missing = error(404, "object_not_found", f"Could not find database with ID: {DATABASE}.")
    server.will(missing, missing)

    with pytest.raises(errors.ServiceStopped) as raised:
        notion.data_source(DATABASE)

    assert "share it with the integration" in raised.value.remedy


def test_a_database_in_the_bin_stops_the_service(notion, server):
    server.will({"object": "database", "id": DATABASE, "data_sources": [{"id": SOURCE}]}, SCHEMA | {"in_trash": True})

    with pytest.raises(errors.ServiceStopped):
        notion.data_source(DATABASE)


def test_what_is_no_id_is_a_mistake_in_the_configuration(notion, server):
    with pytest.raises(errors.ConfigurationError, match="my tracks"):
        notion.data_source("my tracks")
    assert server.asked == []


def test_properties_are_added_in_one_request(notion, server):
    server.will(SCHEMA)

    notion.add_properties(SOURCE, {"BPM": {"number": {}}})

    assert server.asked[0]["method"] == "PATCH"
    assert server.asked[0]["body"] == {"properties": {"BPM": {"number": {}}}}


def test_pages_are_read_to_the_end_each_once(notion, server, slots):
    server.will(listed(page(1), page(2), cursor="c1"), listed(page(2), page(3)))

    found = list(notion.pages(SOURCE, only=["Name", "Source ID"]))

    assert [one["id"][:8] for one in found] == ["00000001", "00000002", "00000003"]
    assert [asked["body"].get("start_cursor") for asked in server.asked] == [None, "c1"]
    assert server.asked[1]["query"] == [("filter_properties", "Name"), ("filter_properties", "Source ID")]
    assert server.asked[0]["body"]["page_size"] == 100
    assert len(slots) == 2


def test_reading_goes_on_where_notion_silently_stops(notion, server):
    # Given a query that Notion ends before its end, and a window after it
    server.will(
        listed(page(1, "2026-01-16T20:20:00.000Z"), page(2, "2026-01-16T20:31:00.000Z"), **STOPPED),
        listed(page(2, "2026-01-16T20:31:00.000Z"), page(3, "2026-01-16T20:40:00.000Z"), **STOPPED),
        listed(page(3, "2026-01-16T20:40:00.000Z")),
    )

    # When all pages are read, with a condition
    found = list(notion.pages(SOURCE, filter={"and": [{"a": 1}, {"b": 2}]}))

    # I expect each page once, and windows that overlap by a minute and stay two levels deep
    assert len(found) == 3
    windows = [asked["body"]["filter"]["and"] for asked in server.asked]
    assert windows[0] == [{"a": 1}, {"b": 2}]
    assert [window[2]["created_time"]["on_or_after"] for window in windows[1:]] == [
        "2026-01-16T20:30:00+00:00",
        "2026-01-16T20:39:00+00:00",
    ]


def test_a_minute_that_holds_more_than_notion_shows_is_read_from_both_ends(notion, server):
    # Given five pages of one minute, of which a query shows three, and one of a later minute
    server.will(
        listed(page(2), page(1), page(3), **STOPPED),
        listed(page(1), page(2), page(3), **STOPPED),
        listed(page(5), page(4), page(3), **STOPPED),
        listed(page(6, "2026-01-16T20:31:00.000Z")),
    )

    # When all are read
    found = list(notion.pages(SOURCE))

    # I expect all of them, once, at once by title within the minute, and the next window after it
    assert sorted(one["id"][:8] for one in found) == [f"{n:08x}" for n in range(1, 7)]
    assert [asked["body"]["sorts"][0].get("property") for asked in server.asked] == [None, "title", "title", None]
    assert server.asked[-1]["body"]["filter"]["created_time"] == {"on_or_after": "2026-01-16T20:31:00+00:00"}


def test_a_minute_that_cannot_be_read_whole_is_said_and_not_passed_over(notion, server):
    stuck = listed(page(1), page(2), **STOPPED)
    server.will(stuck, stuck, listed(page(5), page(4), **STOPPED))

    with pytest.raises(errors.ServiceStopped, match="20,000 pages"):
        list(notion.pages(SOURCE))


def test_only_what_was_edited_is_read_with_a_minutes_overlap(notion, server):
    server.will(listed())

    assert list(notion.pages(SOURCE, edited_since=datetime(2026, 1, 16, 20, 30, 40, tzinfo=UTC))) == []

    assert server.asked[0]["body"]["filter"] == {
        "timestamp": "last_edited_time",
        "last_edited_time": {"on_or_after": "2026-01-16T20:29:00+00:00"},
    }
