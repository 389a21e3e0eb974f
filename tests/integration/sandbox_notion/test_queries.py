"""Queries: filters, sorts, pages, and where Notion silently stops."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from crateline.sandbox.notion import pages
from givens.notion_words import plain, refused, rich


@pytest.fixture
def library(world):
    rows = [
        {"Name": "Alpha", "BPM": 120, "Artist": "Lo Fi", "URL": "https://a.example/1", "Status": "Ready", "Source ID": "k:1"},
        {"Name": "Beta", "BPM": 128, "Artist": "Hi Fi", "In Eagle": True, "Energy Level": "High", "Source ID": "k:2"},
        {"Name": "Gamma", "Last Played (DJ)": "2026-01-16", "Status": "Failed", "Source ID": "K:1"},
    ]
    pages.add_rows(world.state, world.state.data_sources[world.tracks], rows)
    return world


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"property": "Artist", "rich_text": {"contains": "lo"}}, "Alpha"),
        ({"property": "Artist", "rich_text": {"does_not_contain": "fi"}}, "Gamma"),
        ({"property": "Artist", "rich_text": {"is_empty": True}}, "Gamma"),
        ({"property": "Name", "title": {"starts_with": "be"}}, "Beta"),
        ({"property": "URL", "url": {"equals": "https://a.example/1"}}, "Alpha"),
        ({"property": "BPM", "number": {"greater_than": 121}}, "Beta"),
        ({"property": "BPM", "number": {"is_empty": True}}, "Gamma"),
        ({"property": "In Eagle", "checkbox": {"equals": False}}, "Gamma Alpha"),
        ({"property": "Energy Level", "select": {"equals": "High"}}, "Beta"),
        ({"property": "Status", "status": {"equals": ["Ready", "Failed"]}}, "Gamma Alpha"),
        ({"property": "Status", "status": {"does_not_equal": "Ready"}}, "Gamma Beta"),
        ({"property": "Last Played (DJ)", "date": {"on_or_after": "2026-01-16"}}, "Gamma"),
        ({"property": "Last Played (DJ)", "date": {"before": "2026-01-16"}}, ""),
        ({"property": "Source ID", "rich_text": {"equals": "k:2"}}, "Beta"),
        ({"property": "Source ID", "rich_text": {"equals": "k:1"}}, "Gamma Alpha"),  # a client compares again
        ({"timestamp": "created_time", "created_time": {"past_week": {}}}, "Gamma Beta Alpha"),
        (
            {
                "or": [
                    {"property": "Source ID", "rich_text": {"equals": "k:2"}},
                    {"and": [{"property": "BPM", "number": {"equals": 120}}, {"property": "Name", "title": {"equals": "alpha"}}]},
                ]
            },
            "Beta Alpha",
        ),
    ],
)
def test_a_filter_finds_what_it_asks_for(library, condition, expected):
    assert library.names(filter=condition) == expected.split()


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ({"property": "BPM", "direction": "ascending"}, "Alpha Beta Gamma"),
        ({"property": "BPM", "direction": "descending"}, "Beta Alpha Gamma"),
        ({"property": "Name", "direction": "descending"}, "Gamma Beta Alpha"),
        ({"timestamp": "created_time", "direction": "ascending"}, "Alpha Beta Gamma"),
    ],
)
def test_a_sort_orders_and_puts_the_empty_last(library, sort, expected):
    assert library.names(sorts=[sort]) == expected.split()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"filter": {"property": "No", "number": {"equals": 1}}}, "Could not find property with name or id: No"),
        (
            {"filter": {"property": "BPM", "rich_text": {"equals": "1"}}},
            "database property number does not match filter rich_text",
        ),
        ({"filter": {"or": [{"property": "BPM", "number": {"equals": 1}}] * 101}}, "should be ≤ `100`, instead was `101`."),
        ({"filter": {"or": [{"and": [{"or": []}]}]}}, "nests at most two levels"),
        ({"sorts": [{"property": "No", "direction": "ascending"}]}, "Could not find sort property with name or id: No"),
        ({"page_size": 101}, "body.page_size should be ≤ `100`, instead was `101`."),
        ({"start_cursor": "made up"}, "start_cursor provided is invalid"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(library, query, words):
    assert words in str(refused(library.client.data_sources.query, library.tracks, **query))


def test_a_query_shows_every_earlier_create_and_only_the_properties_asked_for(library):
    made = library.add("Fresh", **{"Source ID": rich("k:9")})
    condition = {"property": "Source ID", "rich_text": {"equals": "k:9"}}
    found = library.client.data_sources.query(library.tracks, filter=condition, filter_properties=["Name", "Source ID"])
    assert [one["id"] for one in found["results"]] == [made["id"]]
    assert set(found["results"][0]["properties"]) == {"Name", "Source ID"}


def test_an_index_follows_every_change(library):
    # Given an index in use
    condition = {"property": "Source ID", "rich_text": {"equals": "k:2"}}
    found = library.client.data_sources.query(library.tracks, filter=condition)["results"][0]["id"]

    # When the value moves to another page
    library.client.pages.update(found, properties={"Source ID": {"rich_text": []}})
    library.add("Heir", **{"Source ID": rich("k:2")})

    # I expect the query to follow
    assert library.names(filter=condition) == ["Heir"]


def test_pages_of_a_query_cover_all_rows_once_even_while_new_ones_come_in(world):
    # Given 250 rows
    rows = [{"Name": f"N{number}"} for number in range(250)]
    pages.add_rows(world.state, world.state.data_sources[world.tracks], rows)

    # When they are read in pages while rows are added
    seen, cursor = [], None
    while True:
        more = {"start_cursor": cursor} if cursor else {}
        answer = world.client.data_sources.query(world.tracks, page_size=100, **more)
        seen += [plain(one["properties"]["Name"]["title"]) for one in answer["results"]]
        world.add("late")
        cursor = answer["next_cursor"]
        if not answer["has_more"]:
            break

    # I expect each old row once
    assert sorted(seen) == sorted(row["Name"] for row in rows)


def test_a_query_stops_silently_at_its_limit_and_windows_lead_round_it(make):
    # Given a limit of 20 rows, and 30 rows made ten a day
    day = datetime(2026, 1, 1, 12, tzinfo=UTC)
    moments = iter([day] * 100)
    world = make(query_rows=20, clock=lambda: next(moments, day))
    source = world.state.data_sources[world.tracks]
    for shift in range(3):
        world.state.now = lambda shift=shift: day + timedelta(days=shift)
        pages.add_rows(world.state, source, [{"Name": f"{shift}-{number}"} for number in range(10)])

    # When all are asked for, in pages
    first = world.client.data_sources.query(world.tracks, page_size=15)
    second = world.client.data_sources.query(world.tracks, page_size=15, start_cursor=first["next_cursor"])

    # I expect twenty, and only a small word about it
    assert (len(first["results"]), first["has_more"], "request_status" in first) == (15, True, False)
    assert (len(second["results"]), second["has_more"], second["next_cursor"]) == (5, False, None)
    assert second["request_status"] == {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}

    # When the rest is asked for by time / I expect it whole
    window = {"timestamp": "created_time", "created_time": {"before": "2026-01-02"}}
    rest = world.client.data_sources.query(world.tracks, filter=window)
    assert (len(rest["results"]), "request_status" in rest) == (10, False)


def test_a_library_of_15540_tracks_answers_by_key_in_milliseconds(world):
    # Given the library
    source = world.state.data_sources[world.tracks]
    rows = [{"Name": f"Track {n}", "Artist": "A", "BPM": 120, "Source ID": f"soundcloud:tracks:{n}"} for n in range(15_540)]
    pages.add_rows(world.state, source, rows)
    keys = [{"property": "Source ID", "rich_text": {"equals": f"soundcloud:tracks:{n * 100}"}} for n in range(100)]
    world.names(filter=keys[0])

    # When a hundred keys are looked up at once
    started = time.perf_counter()
    found = world.names(filter={"or": keys})
    took = time.perf_counter() - started

    # I expect them all, at once
    assert len(found) == 100
    assert took < 0.25
