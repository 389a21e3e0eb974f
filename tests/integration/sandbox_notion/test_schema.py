"""The columns of a database: added, renamed, mirrored and removed."""

from givens.notion_words import plain, refused, rich, title


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
