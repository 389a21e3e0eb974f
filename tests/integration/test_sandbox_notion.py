"""The simulated Notion, spoken to by the real client: pages, relations, queries and refusals."""

import logging
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from notion_client import APIResponseError, Client
from notion_client.errors import HTTPResponseError, RequestTimeoutError

from crateline.sandbox.faults import Faults
from crateline.sandbox.notion import admin, app, pages
from crateline.sandbox.notion.state import State
from crateline.sandbox.serving import serve

QUIET = logging.getLogger("tests.sandbox.notion")
VERSIONS = ("2025-09-03", "2026-03-11")
TO_ADD = {
    "Source ID": {"rich_text": {}},
    "In Eagle": {"checkbox": {}},
    "Energy Level": {"select": {"options": [{"name": "Low"}, {"name": "High", "color": "red"}]}},
}


class World:
    """A served workspace with a client for it."""

    def __init__(self, url, state, faults, workspace, version):
        self.url, self.state, self.faults, self.ids = url, state, faults, workspace
        options = {"retry": False, "notion_version": version, "timeout_ms": 5000, "logger": QUIET}
        self.client = Client(auth=workspace.token, base_url=url, **options)
        self.tracks = self.source(workspace.tracks)
        self.playlists = self.source(workspace.playlists)

    def source(self, database):
        return self.client.databases.retrieve(database)["data_sources"][0]["id"]

    def add(self, name, source=None, **properties):
        parent = {"type": "data_source_id", "data_source_id": source or self.tracks}
        return self.client.pages.create(parent=parent, properties={"Name": title(name), **properties})

    def names(self, **query):
        found = self.client.data_sources.query(self.tracks, **query)
        return [plain(page["properties"]["Name"]["title"]) for page in found["results"]]

    def arrivals(self, method):
        return [one for one in self.state.journal.arrivals if one.method == method]

    def extend(self):
        """Do what `schema apply` does: add what is missing, and link tracks to playlists both ways."""
        both = {"data_source_id": self.playlists, "type": "dual_property", "dual_property": {}}
        self.client.data_sources.update(self.tracks, properties={**TO_ADD, "Playlists": {"relation": both}})
        self.client.data_sources.update(self.playlists, properties={"Related to Music Tracks (Playlists)": {"name": "Tracks"}})


def title(words):
    return {"title": [{"text": {"content": words}}]}


def rich(words):
    return {"rich_text": [{"text": {"content": words}}]}


def relation(ids):
    return {"relation": [{"id": one} for one in ids]}


def plain(parts):
    return "".join(one["plain_text"] for one in parts)


@pytest.fixture(scope="module")
def served():
    async def whatever_is_current(scope, receive, send):
        await current.app(scope, receive, send)

    with serve(whatever_is_current) as url:
        yield url


current = SimpleNamespace()


@pytest.fixture
def make(served):
    """Put a fresh workspace behind the one server of this module."""
    clients = []

    def build(rules=(), version="2025-09-03", **options):
        state, faults = State(**{"per_minute": 100_000, **options}), Faults(rules)
        current.app = app.app(state, faults)
        made = World(served, state, faults, state.seed_user_workspace(), version)
        clients.append(made.client)
        return made

    yield build
    for one in clients:
        one.close()


@pytest.fixture
def world(make):
    made = make()
    made.extend()
    return made


def wait_for(condition, limit=5.0):
    ends = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)


def refused(call, *args, **kwargs):
    with pytest.raises(APIResponseError) as caught:
        call(*args, **kwargs)
    return caught.value


@pytest.mark.parametrize("version", VERSIONS)
def test_a_page_is_made_read_changed_and_binned_by_the_real_client(make, version):
    # Given a workspace
    world = make(version=version)

    # When a page is made, changed and put into the bin
    made = world.add("One", Artist=rich("Somebody"), BPM={"number": 123.5}, Status={"status": {"name": "Ready"}})
    world.client.pages.update(made["id"], properties={"BPM": {"number": 124}, "Artist": {"rich_text": []}})
    changed = world.client.pages.retrieve(made["id"])
    binned = world.client.pages.update(made["id"].replace("-", ""), in_trash=True)

    # I expect what is omitted to stay, and what is named to be replaced
    assert changed["properties"]["BPM"]["number"] == 124
    assert changed["properties"]["Artist"]["rich_text"] == []
    assert changed["properties"]["Status"]["status"]["name"] == "Ready"
    assert changed["parent"] == {"type": "data_source_id", "data_source_id": world.tracks, "database_id": world.ids.tracks}
    assert changed["url"].endswith("One-" + made["id"].replace("-", ""))
    assert binned["in_trash"]
    assert ("archived" in binned) == (version == "2025-09-03")
    assert world.names() == []


def test_a_page_in_the_bin_refuses_to_be_edited_until_it_is_taken_out(world):
    # Given a page in the bin
    page = world.add("Gone")["id"]
    world.client.pages.update(page, in_trash=True)

    # When it is edited / I expect Notion's refusal
    error = refused(world.client.pages.update, page, properties={"BPM": {"number": 1}})
    assert (error.status, error.code) == (400, "validation_error")
    assert "Can't edit block that is archived." in str(error)

    # When it is taken out / I expect it back in the query
    world.client.pages.update(page, in_trash=False)
    assert world.names() == ["Gone"]


def test_a_two_way_relation_holds_on_both_sides(world):
    # Given two playlists and a track in the first
    first, second = (world.add(name, world.playlists)["id"] for name in ("First", "Second"))
    track = world.add("Song", Playlists=relation([first]))["id"]

    def members(playlist):
        return [one["id"] for one in world.client.pages.retrieve(playlist)["properties"]["Tracks"]["relation"]]

    assert (members(first), members(second)) == ([track], [])

    # When the track moves from its own side / I expect the other sides to follow
    world.client.pages.update(track, properties={"Playlists": relation([second])})
    assert (members(first), members(second)) == ([], [track])

    # When the playlist's side is written / I expect the track to know
    world.client.pages.update(first, properties={"Tracks": relation([track])})
    shown = world.client.pages.retrieve(track)["properties"]["Playlists"]["relation"]
    assert [one["id"] for one in shown] == [second, first]

    # When the track goes into the bin / I expect no playlist to show it
    world.client.pages.update(track, in_trash=True)
    assert (members(first), members(second)) == ([], [])


def test_a_page_shows_25_related_pages_and_the_property_gives_them_all(world):
    # Given a playlist with 130 tracks
    playlist = world.add("Long", world.playlists)["id"]
    rows = [{"Name": f"T{n}", "Playlists": [playlist]} for n in range(130)]
    tracks = pages.add_rows(world.state, world.state.data_sources[world.tracks], rows)

    # When it is read / I expect 25 and the word that there is more
    shown = world.client.pages.retrieve(playlist)["properties"]["Tracks"]
    assert ([one["id"] for one in shown["relation"]], shown["has_more"]) == (tracks[:25], True)

    # When the property is read page by page / I expect all of them, once, in order
    first = world.client.pages.properties.retrieve(playlist, shown["id"])
    rest = world.client.pages.properties.retrieve(playlist, shown["id"], start_cursor=first["next_cursor"])
    assert first["property_item"]["next_url"].startswith("https://api.notion.com/v1/pages/")
    assert [one["relation"]["id"] for one in first["results"] + rest["results"]] == tracks
    assert (len(first["results"]), rest["has_more"], rest["property_item"]["next_url"]) == (100, False, None)

    # When more than a hundred are set at once / I expect a refusal
    error = refused(world.client.pages.update, playlist, properties={"Tracks": relation(tracks[:101])})
    assert str(error) == ("body failed validation: body.properties.Tracks.relation.length should be ≤ `100`, instead was `101`.")


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"Nothing": {"number": 1}}, "Nothing is not a property that exists."),
        ({"BPM": {"rich_text": []}}, "BPM is expected to be number."),
        ({"URL": {"url": ""}}, "should be populated or `null`"),
        ({"URL": {"url": "x" * 2001}}, "body.properties.URL.url.length should be ≤ `2000`, instead was `2001`."),
        ({"Artist": rich("x" * 2001)}, "text.content.length should be ≤ `2000`, instead was `2001`."),
        ({"Artist": {"rich_text": rich("x")["rich_text"] * 101}}, "rich_text.length should be ≤ `100`, instead was `101`."),
        ({"Status": {"status": {"name": "Unheard"}}}, 'Status option "Unheard" does not exist'),
        ({"Energy Level": {"select": {"name": "a,b"}}}, "commas not allowed"),
        ({"Energy Level": {"select": {"name": "x" * 101}}}, "should be ≤ `100`, instead was `101`."),
        ({"Last Played (DJ)": {"date": {"start": "yesterday"}}}, "should be a valid ISO 8601 date string"),
        ({"In Eagle": {"checkbox": None}}, "should be a boolean"),
    ],
)
def test_what_notion_refuses_is_refused_in_its_words_and_changes_nothing(world, properties, words):
    page = world.add("Kept", BPM={"number": 5})
    wanted = {"BPM": {"number": 9}, "Duration": {"number": 9}, **properties}
    error = refused(world.client.pages.update, page["id"], properties=wanted)
    assert (error.status, error.code) == (400, "validation_error")
    assert words in str(error)
    kept = world.client.pages.retrieve(page["id"])["properties"]
    assert (kept["BPM"]["number"], kept["Duration"]["number"]) == (5, None)
    assert refused(world.add, "New", **properties).status == 400
    assert world.names() == ["Kept"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("pages", {"parent": None}),
        ("pages", {"properties": ["x"]}),
        ("pages", {"properties": {"Artist": {"rich_text": "x"}}}),
        ("pages", {"properties": {"Artist": {"rich_text": ["x"]}}}),
        ("pages", {"properties": {"DJ Sessions": {"relation": ["x"]}}}),
        ("pages", {"properties": {"DJ Sessions": {"relation": [{"id": "x"}]}}}),
        ("pages", {"properties": {"Energy Level": {"select": "High"}}}),
        ("pages", {"properties": {"Energy Level": {"select": {}}}}),
        ("pages", {"properties": {"Last Played (DJ)": {"date": {"start": "2026-01-01", "time_zone": "Moon/Sea"}}}}),
        ("pages", {"children": ["x"]}),
        ("pages", {"children": [{"type": "paragraph"}]}),
        ("query", {"filter": {"and": {}}}),
        ("query", {"filter": {"or": ["x"]}}),
        ("query", {"filter": {"property": "BPM", "number": 3}}),
        ("query", {"filter": {"property": "BPM", "number": {"near": 3}}}),
        ("query", {"filter": {"property": "DJ Sessions", "relation": {"contains": "x"}}}),
        ("query", {"filter": {"timestamp": "created_time", "created_time": {"after": "noon"}}}),
        ("query", {"sorts": {"direction": "ascending"}}),
        ("query", {"sorts": ["x"]}),
        ("query", {"page_size": "many"}),
    ],
)
def test_a_malformed_request_is_refused_and_never_breaks_the_service(world, path, body):
    at = "pages" if path == "pages" else f"data_sources/{world.tracks}/query"
    whole = {"parent": {"data_source_id": world.tracks}, **body} if path == "pages" else body
    with pytest.raises(APIResponseError) as caught:
        world.client.request(at, method="POST", body=whole)
    assert (caught.value.status, caught.value.code) == (400, "validation_error")
    assert world.names() == []


def test_a_body_above_500_kilobytes_is_refused(world):
    texts = [{"text": {"content": "x" * 2000}}] * 100
    columns = ("Artist", "Key", "Playlist")
    assert refused(world.add, "Big", **{name: {"rich_text": texts} for name in columns}).status == 400


def test_null_clears_and_a_new_select_option_is_made_on_the_way(world):
    # Given a page with a number, a choice that was not there before, and a date with seconds
    moment = {"start": "2026-01-16T20:30:45.5+01:00"}
    choice = {"select": {"name": "Peak"}}
    page = world.add("Set", BPM={"number": 1}, **{"Energy Level": choice, "Last Played (DJ)": {"date": moment}})
    properties = page["properties"]
    assert properties["Last Played (DJ)"]["date"]["start"] == "2026-01-16T20:30:00.000+01:00"
    assert properties["Energy Level"]["select"]["name"] == "Peak"

    # When they are set to null / I expect them empty, and the option still there
    cleared = {"BPM": {"number": None}, "Energy Level": {"select": None}, "Last Played (DJ)": {"date": None}}
    properties = world.client.pages.update(page["id"], properties=cleared)["properties"]
    assert (properties["BPM"]["number"], properties["Energy Level"]["select"]) == (None, None)
    options = world.client.data_sources.retrieve(world.tracks)["properties"]["Energy Level"]["select"]["options"]
    assert [one["name"] for one in options] == ["Low", "High", "Peak"]


# --- the schema --------------------------------------------------------------------------------------------------------


def test_columns_are_added_renamed_and_removed_in_one_request_or_not_at_all(world):
    # Given a value in a column
    page = world.add("A", Key=rich("Am"))["id"]
    update = world.client.data_sources.update

    # When one is renamed, one removed and one added
    after = update(world.tracks, properties={"Key": {"name": "Tonart"}, "Playlist": None, "ISRC": {"rich_text": {}}})

    # I expect the value under its new name
    assert {"Tonart", "ISRC"} <= set(after["properties"])
    assert not {"Key", "Playlist"} & set(after["properties"])
    assert plain(world.client.pages.retrieve(page)["properties"]["Tonart"]["rich_text"]) == "Am"

    # When one part of a request is wrong / I expect nothing of it done
    assert refused(update, world.tracks, properties={"Good": {"number": {}}, "Bad": None}).status == 400
    assert "Good" not in world.client.data_sources.retrieve(world.tracks)["properties"]
    assert refused(update, world.tracks, properties={"Name": None}).status == 400
    assert refused(update, world.tracks, properties={"BPM": {"name": "Artist"}}).status == 400


def test_the_mirror_of_a_two_way_relation_names_itself_and_can_be_renamed(make):
    # Given a fresh relation
    world = make()
    both = {"relation": {"data_source_id": world.playlists, "type": "dual_property", "dual_property": {}}}
    world.client.data_sources.update(world.tracks, properties={"Playlists": both})

    # I expect a mirror with the name that Notion gives it
    mirror = world.client.data_sources.retrieve(world.playlists)["properties"]["Related to Music Tracks (Playlists)"]
    assert mirror["relation"]["dual_property"]["synced_property_name"] == "Playlists"

    # When it is renamed / I expect the other side to show it
    world.client.data_sources.update(world.playlists, properties={mirror["name"]: {"name": "Tracks"}})
    own = world.client.data_sources.retrieve(world.tracks)["properties"]["Playlists"]["relation"]
    assert own["dual_property"] == {"synced_property_name": "Tracks", "synced_property_id": mirror["id"]}


def test_a_list_of_options_replaces_the_old_one(world):
    # Given pages with two options
    kept, lost = (world.add(name, **{"Energy Level": {"select": {"name": name}}})["id"] for name in ("Low", "High"))
    known = world.client.data_sources.retrieve(world.tracks)["properties"]["Energy Level"]["select"]["options"]

    # When only one of them is sent, with a new one
    sent = [{"id": known[0]["id"], "name": "Low"}, {"name": "Peak"}]
    world.client.data_sources.update(world.tracks, properties={"Energy Level": {"select": {"options": sent}}})

    # I expect the other's pages to have lost their value
    read = [world.client.pages.retrieve(one)["properties"]["Energy Level"]["select"] for one in (kept, lost)]
    assert (read[0]["id"], read[1]) == (known[0]["id"], None)

    # When names repeat, ignoring case / I expect a refusal
    twice = {"Energy Level": {"select": {"options": [{"name": "low"}, {"name": "Low"}]}}}
    assert refused(world.client.data_sources.update, world.tracks, properties=twice).status == 400


# --- queries -----------------------------------------------------------------------------------------------------------


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


# --- limits, credentials, faults -----------------------------------------------------------------------------------------


def spend(client, requests):
    for _ in range(requests):
        client.users.me()


def test_the_window_may_be_spent_in_a_burst_and_then_asks_for_silence(make):
    # Given room for eight requests
    world = make(per_minute=8)

    # When more come / I expect a 429 with whole seconds, in the header and in the body
    error = refused(spend, world.client, 20)
    wait = error.headers["Retry-After"]
    assert (error.status, error.code) == (429, "rate_limited")
    assert 1 <= int(wait) <= 60
    assert error.additional_data == {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": wait}

    # When somebody asks on / I expect the sandbox to have seen it
    time.sleep(0.05)
    refused(world.client.users.me)
    report = admin.stats(world.state, world.faults, grace=0.02)
    assert report["in_silence"] == 1
    assert report["fullest_window"] <= 8


def test_a_revoked_token_and_an_unshared_database_are_refused_until_restored(world):
    world.state.revoke()
    error = refused(world.client.users.me)
    assert (error.status, error.code, str(error)) == (401, "unauthorized", "API token is invalid.")
    world.state.restore()
    page = world.add("Here")["id"]

    world.state.share(world.ids.tracks, shared=False)
    for call, wanted in ((world.client.databases.retrieve, world.ids.tracks), (world.client.pages.retrieve, page)):
        error = refused(call, wanted)
        assert (error.status, error.code) == (404, "object_not_found")
        assert f"with ID: {wanted}. Make sure the relevant pages and databases are shared" in str(error)
    world.state.share(world.ids.tracks)
    assert world.client.pages.retrieve(page)["id"] == page


def test_every_answer_carries_its_request_id_in_body_and_header(world):
    headers = {"Authorization": f"Bearer {world.ids.token}", "Notion-Version": "2025-09-03"}
    for path, status in (("users/me", 200), ("nothing", 400), ("pages/AAA", 400)):
        answer = httpx.get(f"{world.url}/v1/{path}", headers=headers, trust_env=False)
        assert answer.status_code == status
        assert answer.json()["request_id"] == answer.headers["x-notion-request-id"]
    assert httpx.get(f"{world.url}/v1/users/me", trust_env=False).status_code == 401
    del headers["Notion-Version"]
    assert httpx.get(f"{world.url}/v1/users/me", headers=headers, trust_env=False).json()["code"] == "missing_version"


@pytest.mark.parametrize(
    ("kind", "status", "code", "committed"),
    [
        ("429", 429, "rate_limited", 0),
        ("500", 500, "internal_server_error", 0),
        ("503-before", 503, "service_unavailable", 0),
        ("503-after", 503, "service_unavailable", 1),
        ("504-after", 504, "gateway_timeout", 1),
        ("409", 409, "conflict_error", 0),
        ("403", 403, "restricted_resource", 0),
    ],
)
def test_a_fault_strikes_a_create_before_or_after_it_is_committed(make, kind, status, code, committed):
    world = make([{"kind": kind, "writes": True, "times": 1}])
    error = refused(world.add, "Once")
    assert (error.status, error.code) == (status, code)
    assert len(world.names()) == committed
    assert error.request_id


def test_a_committed_create_names_its_page_in_the_503(make):
    # Given a create that commits and answers 503
    world = make([{"kind": "503-after", "writes": True, "times": 2}])
    error = refused(world.add, "Once")

    # I expect the guidance and the very page
    assert "Do not repeat the write." in error.additional_data["retry_guidance"]
    page = error.additional_data["committed_resource_id"]
    assert plain(world.client.pages.retrieve(page)["properties"]["Name"]["title"]) == "Once"

    # When an update meets the same / I expect the guidance alone
    error = refused(world.client.pages.update, page, properties={"BPM": {"number": 7}})
    assert set(error.additional_data) == {"retry_guidance"}
    assert world.client.pages.retrieve(page)["properties"]["BPM"]["number"] == 7


def test_a_refused_write_is_not_said_to_be_committed(make):
    world = make([{"kind": "503-after", "writes": True}])
    error = refused(world.add, "Wrong", Nothing={"number": 1})
    assert error.status == 400


@pytest.mark.parametrize(("kind", "status"), [("502-html", 502), ("529", 529)])
def test_answers_that_the_client_does_not_know(make, kind, status):
    world = make([{"kind": kind, "retry_after": 3, "path": "/query$"}])
    with pytest.raises(HTTPResponseError) as caught:
        world.names()
    assert caught.value.status == status
    assert caught.value.headers["Retry-After"] == "3"


@pytest.mark.parametrize(("kind", "committed"), [("reset-before", 0), ("reset-after", 1)])
def test_a_reset_gives_the_client_a_raw_transport_error(make, kind, committed):
    world = make([{"kind": kind, "writes": True, "times": 1}])
    with pytest.raises(httpx.TransportError):
        world.add("Lost")
    assert len(world.names()) == committed
    wait_for(lambda: world.arrivals("POST")[0].status == 0)


def test_a_slow_answer_is_committed_while_the_client_gives_up(make):
    world = make([{"kind": "slow-after", "seconds": 0.6, "writes": True, "times": 1}])
    client = Client(auth=world.ids.token, base_url=world.url, retry=False, timeout_ms=200, logger=QUIET)
    with client as impatient, pytest.raises(RequestTimeoutError):
        impatient.pages.create(parent={"data_source_id": world.tracks}, properties={"Name": title("Slow")})
    assert world.names() == ["Slow"]


def test_reads_are_spared_by_a_rule_for_writes(make):
    world = make([{"kind": "500", "writes": True}])
    assert world.names() == []
    assert world.client.users.me()["type"] == "bot"


# --- blocks, search, the door ----------------------------------------------------------------------------------------------


def test_blocks_are_appended_and_listed_in_order(world):
    # Given a page with a first block
    lines = [{"type": "paragraph", "paragraph": rich(f"line {n}")} for n in range(3)]
    parent = {"data_source_id": world.tracks}
    page = world.client.pages.create(parent=parent, properties={"Name": title("Doc")}, children=lines[:1])["id"]

    # When others are appended
    code = {"type": "code", "code": {**rich('{"a":1}'), "language": "json"}}
    made = world.client.blocks.children.append(page, children=[*lines[1:], code])

    # I expect all of them in order
    listed = world.client.blocks.children.list(page)["results"]
    assert [one["type"] for one in listed] == ["paragraph"] * 3 + ["code"]
    assert [one["id"] for one in listed[1:]] == [one["id"] for one in made["results"]]
    assert plain(listed[2]["paragraph"]["rich_text"]) == "line 2"
    assert refused(world.client.blocks.children.append, page, children=lines * 34).status == 400


def test_a_new_database_can_be_made_and_filled(world):
    made = world.client.databases.create(
        parent={"type": "page_id", "page_id": world.state.root},
        title=[{"text": {"content": "Plays"}}],
        initial_data_source={"properties": {"Play": {"title": {}}, "Position": {"number": {}}}},
    )
    source = made["data_sources"][0]["id"]
    page = world.client.pages.create(
        parent={"database_id": made["id"]}, properties={"Play": title("1"), "Position": {"number": 1}}
    )
    assert page["parent"]["data_source_id"] == source
    assert set(world.client.data_sources.retrieve(source)["properties"]) == {"Play", "Position"}


def test_the_search_lags_behind(world):
    page = world.add("Needle")
    assert world.client.search(query="needle")["results"] == []
    world.state.now = lambda: datetime.now(UTC) + timedelta(seconds=16)
    assert [one["id"] for one in world.client.search(query="needle")["results"]] == [page["id"]]


def test_the_door_shows_and_switches(world):
    # Given a track
    page = world.add("Song", BPM={"number": 120}, **{"Source ID": rich("k:1")})["id"]
    with httpx.Client(base_url=f"{world.url}/_sandbox", trust_env=False) as door:
        # When its state is asked for / I expect plain values by name
        row = door.get("/state").json()["databases"]["Music Tracks"]["rows"][0]
        assert (row["id"], row["in_trash"], row["edited_by"]) == (page, False, "bot")
        assert {"Name": "Song", "BPM": 120, "Source ID": "k:1", "Status": None}.items() <= row["properties"].items()

        # When a person edits it / I expect Notion to know who did
        edited = door.post("/edit", json={"page": page, "properties": {"BPM": 121, "Status": "Ready"}}).json()
        assert (edited["edited_by"], edited["properties"]["BPM"]) == ("person", 121)
        shown = world.client.pages.retrieve(page)
        assert shown["last_edited_by"]["id"] != shown["created_by"]["id"]

        # When switches are set / I expect them to hold
        assert door.post("/token", json={"valid": False}).json() == {"valid": False}
        assert refused(world.client.users.me).status == 401
        door.post("/token", json={"valid": True})
        assert door.post("/limits", json={"per_minute": 9, "latency": 0.2}).json()["per_minute"] == 9
        world.state.window.per_minute = 1000
        started = time.monotonic()
        world.client.users.me()
        assert time.monotonic() - started >= 0.2
        assert door.post("/rows", json={"database": world.ids.tracks, "rows": [{"Name": "By hand"}]}).status_code == 200
        assert door.post("/rows", json={"database": world.ids.tracks, "rows": [{"No": 1}]}).status_code == 400
        assert door.post("/faults", json=[{"kind": "500", "path": "users"}]).json() == {"rules": 1}
        assert refused(world.client.users.me).status == 500

        # When the stats are asked for / I expect every arrival with its status
        report = door.get("/stats").json()
        assert report["by_status"]["401"] == 1
        assert report["faults"] == {"500": 1}
        assert report["arrivals"][-1]["path"] == "/v1/users/me"
        assert report["arrivals"][-1]["wall"] == pytest.approx(time.time(), abs=5)
