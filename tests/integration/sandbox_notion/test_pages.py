"""Pages of the simulated Notion, by the real client: made, read, changed, binned, and related both ways."""

from datetime import UTC, datetime, timedelta

import pytest

from crateline.sandbox.notion import pages
from givens.notion_words import plain, refused, relation, rich, title

VERSIONS = ("2025-09-03", "2026-03-11")


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


def test_the_search_lags_behind(world):
    page = world.add("Needle")
    assert world.client.search(query="needle")["results"] == []
    world.state.now = lambda: datetime.now(UTC) + timedelta(seconds=16)
    assert [one["id"] for one in world.client.search(query="needle")["results"]] == [page["id"]]
