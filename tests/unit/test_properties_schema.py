import json

import pytest

from crateline.domain.properties import PLAYLIST_PROPERTIES, TRACK_PROPERTIES, check, mirror_names, missing
from givens import folders

RECORDED = folders.SHARED / "notion" / "recorded"
DATA_SOURCES = {"tracks": "11111111-1111-4111-8111-111111111111", "playlists": "22222222-2222-4222-8222-222222222222"}


def states(schema, table=TRACK_PROPERTIES, **more):
    return {finding.property.name: finding.state for finding in check(schema, table, **more)}


def relation(target, **dual):
    kind = "dual_property" if dual else "single_property"
    return {"type": "relation", "relation": {"data_source_id": target, "type": kind, kind: dual}}


def as_there(wanted):
    """What Notion makes of the properties of an update: each knows its type."""
    return {name: {"type": next(iter(one)), **one} for name, one in wanted.items()}


def test_one_request_adds_everything_to_an_empty_database():
    # Given a database with nothing but a title
    empty = {"Titel": {"type": "title", "title": {}}}

    # When what is missing has been added
    wanted = missing(empty, TRACK_PROPERTIES, data_sources=DATA_SOURCES)
    there = empty | as_there(wanted)

    # I expect nothing missing any more, save what is used only where it exists
    assert set(states(there).values()) == {"ok", "optional"}
    assert missing(there, TRACK_PROPERTIES, data_sources=DATA_SOURCES) == {}


def test_options_are_added_with_their_colours():
    wanted = missing({}, TRACK_PROPERTIES)

    assert wanted["Source Platform"]["select"]["options"][:2] == [
        {"name": "Local", "color": "green"},
        {"name": "Beatport", "color": "orange"},
    ]
    assert wanted["Status"] == {
        "select": {
            "options": [
                {"name": "Ready", "color": "default"},
                {"name": "Processing", "color": "blue"},
                {"name": "Complete", "color": "green"},
                {"name": "Failed", "color": "red"},
                {"name": "Duplicate", "color": "gray"},
            ]
        }
    }


def test_the_two_way_relation_is_added_from_the_tracks_side_alone():
    tracks = missing({}, TRACK_PROPERTIES, data_sources=DATA_SOURCES)
    playlists = missing({}, PLAYLIST_PROPERTIES, data_sources=DATA_SOURCES)

    assert tracks["Playlists"] == {
        "relation": {"data_source_id": DATA_SOURCES["playlists"], "type": "dual_property", "dual_property": {}}
    }
    assert "Tracks" not in playlists


def test_a_relation_without_a_known_target_is_not_added():
    assert "Playlists" not in missing({}, TRACK_PROPERTIES)


def test_the_mirror_gets_our_name_but_a_users_name_stays():
    automatic = {"Playlists": relation("x", synced_property_name="Related to Music Tracks (Playlists)", synced_property_id="a")}
    users = {"Playlists": relation("x", synced_property_name="Songs", synced_property_id="a")}

    assert mirror_names(automatic, TRACK_PROPERTIES) == {"playlists": {"Related to Music Tracks (Playlists)": {"name": "Tracks"}}}
    assert mirror_names(automatic, TRACK_PROPERTIES, {"Tracks": "Songs"}) == {
        "playlists": {"Related to Music Tracks (Playlists)": {"name": "Songs"}}
    }
    assert mirror_names(users, TRACK_PROPERTIES) == {}


def test_a_second_relation_between_the_same_databases_is_not_made():
    # Given a relation to the playlists under a name we do not know
    there = {"In Crates": relation(DATA_SOURCES["playlists"].replace("-", ""))}

    # When we look for ours
    found = next(one for one in check(there, TRACK_PROPERTIES, {}, DATA_SOURCES) if one.property.word == "playlists")

    # I expect it pointed out, and nothing added
    assert found.state == "rival"
    assert "In Crates" in found.detail
    assert "Playlists" not in missing(there, TRACK_PROPERTIES, data_sources=DATA_SOURCES)


def test_a_select_keeps_its_own_options_with_their_ids():
    mine = {"id": "1", "name": "soundcloud", "color": "pink", "description": None}
    there = {"Source Platform": {"type": "select", "select": {"options": [mine, {"id": "2", "name": "Vinyl", "color": "gray"}]}}}

    options = missing(there, TRACK_PROPERTIES)["Source Platform"]["select"]["options"]

    assert options[:2] == [
        {"id": "1", "name": "soundcloud", "color": "pink"},
        {"id": "2", "name": "Vinyl", "color": "gray"},
    ]
    assert [option["name"] for option in options[2:]] == ["Local", "Beatport", "Spotify", "Apple Music", "YouTube"]


def test_a_status_without_our_options_is_reported_and_left_alone():
    there = {"Status": {"type": "status", "status": {"options": [{"id": "1", "name": "Ready", "color": "default"}]}}}

    found = next(finding for finding in check(there, TRACK_PROPERTIES) if finding.name == "Status")

    assert (found.state, found.detail) == ("options", "status without Processing, Complete, Failed, Duplicate")
    assert "Status" not in missing(there, TRACK_PROPERTIES)


@pytest.mark.parametrize(
    ("name", "kind", "state"),
    [
        ("BPM", "number", "ok"),
        ("BPM", "rich_text", "converted"),
        ("BPM", "formula", "unusable"),
        ("Key", "select", "ok"),
        ("Artist", "relation", "ok"),
        ("Name", "title", "ok"),
        ("Processed", "rich_text", "converted"),
        ("Playlists", "rollup", "unusable"),
        ("Playlists", "rich_text", "unusable"),
        ("ISRC", "rich_text", "ok"),
    ],
)
def test_the_type_of_what_exists_is_respected(name, kind, state):
    there = {name: {"type": kind, kind: {}}}

    assert states(there)[name] == state
    assert name not in missing(there, TRACK_PROPERTIES, data_sources=DATA_SOURCES)


def test_a_remapped_property_is_looked_for_under_its_new_name():
    assert states({"Tempo": {"type": "number", "number": {}}}, names={"BPM": "Tempo"})["BPM"] == "ok"
    assert "Tempo" in missing({}, TRACK_PROPERTIES, names={"BPM": "Tempo"})


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings here")
def test_every_recorded_schema_can_be_checked():
    for file in sorted(RECORDED.glob("*.json")):
        answer = json.loads(file.read_text())["response"]
        if answer.get("object") == "data_source":
            assert len(check(answer["properties"], TRACK_PROPERTIES, {}, DATA_SOURCES)) == len(TRACK_PROPERTIES)
            assert "Name" not in missing(answer["properties"], TRACK_PROPERTIES)
