"""What a person has related a track to: an artist or an album of ours is never put beside it."""

import pytest

from crateline.messages import Station
from crateline.sandbox.notion import tables, text

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"


@pytest.fixture
def related(line):
    """Tracks whose artist and album are relations, the artist's two-way."""
    state = line.notion.state
    with state.lock:
        found = {text.plain(one.title): one for one in state.data_sources.values()}
        line.notion.databases["artists"] = found["Music Artists"].database
        body = {
            "parent": {"page_id": state.root},
            "title": text.of("Music Albums"),
            "initial_data_source": {"properties": {"Name": {"title": {}}}},
        }
        line.notion.databases["albums"] = made = tables.create_database(state, body).id
        ways = {
            "Artist": {"data_source_id": found["Music Artists"].id, "type": "dual_property", "dual_property": {}},
            "Album": {"data_source_id": state.databases[made].data_sources[0], "type": "single_property", "single_property": {}},
        }
        tables.update_columns(state, found["Music Tracks"], {name: {"relation": way} for name, way in ways.items()})
    line.notion.fresh()
    return line


def names(line, prop):
    """The names of the pages that the one track is related to."""
    known = {row["id"]: row["Name"] for row in line.notion.rows(f"{prop.lower()}s")}
    return sorted(known[one] for one in line.notion.row()[prop])


def test_an_artist_and_an_album_that_a_person_has_chosen_stay_alone(related, make_track):
    # Given a page with an artist and an album of a person's choice
    artist = related.notion.person_makes("artists", Name="The Right One")
    album = related.notion.person_makes("albums", Name="My Crate")
    related.notion.person_makes(Name="Title 1", Source_ID=KEY, Artist=[artist], Album=[album])
    related.enqueue(make_track(1, artist="The Right One Official", album="Some Compilation"))
    # When
    assert related.page(KEY) == "sealed"
    # I expect nothing to be put beside them, and no page to be made that nobody needs
    assert names(related, "Artist") == ["The Right One"]
    assert names(related, "Album") == ["My Crate"]
    assert [row["Name"] for row in related.notion.rows("artists")] == ["The Right One"]
    assert [row["Name"] for row in related.notion.rows("albums")] == ["My Crate"]


def test_an_artist_that_a_person_corrects_later_stays(related, make_track):
    # Given
    key = related.enqueue(make_track(1, artist="Anna"))
    assert related.page(KEY) == "sealed"
    right = related.notion.person_makes("artists", Name="Anna B.")
    related.notion.person_edits(related.notion.row()["id"], Artist=[right])
    # When the track is written again, and its listing has other words for it
    related.enqueue(make_track(1, artist="Anna (DE)"), name=related.lists["Warm-up"].name)
    related.made(KEY)
    assert related.finalise(KEY) == "sealed"
    # I expect
    assert key in related.item(KEY).playlists
    assert names(related, "Artist") == ["Anna B."]


def test_an_artist_that_its_listing_calls_otherwise_now_takes_the_former_ones_place(related, make_track):
    # Given
    related.enqueue(make_track(1, artist="Anna Official"))
    assert related.page(KEY) == "sealed"
    # When
    related.enqueue(make_track(1, artist="Anna"))
    related.made(KEY)
    assert related.finalise(KEY) == "sealed"
    # I expect
    assert names(related, "Artist") == ["Anna"]


def test_an_album_is_filled_in_where_there_is_none(related, make_track):
    # Given a person's page with an artist alone
    artist = related.notion.person_makes("artists", Name="The Right One")
    related.notion.person_makes(Name="Title 1", Source_ID=KEY, Artist=[artist])
    related.enqueue(make_track(1, artist="The Right One Official", album="First Light"))
    # When
    assert related.page(KEY) == "sealed"
    # I expect
    assert (names(related, "Artist"), names(related, "Album")) == (["The Right One"], ["First Light"])


def test_an_artist_that_a_person_took_away_is_not_put_back(related, make_track):
    # Given
    related.enqueue(make_track(1, artist="Anna"))
    assert related.page(KEY) == "sealed"
    related.notion.person_edits(related.notion.row()["id"], Artist=[])
    # When
    related.enqueue(make_track(1, artist="Anna"), name="Peak")
    related.made(KEY)
    assert related.run(Station.FINALISE, KEY) == "sealed"
    # I expect
    assert related.notion.row()["Artist"] in ([], ())
