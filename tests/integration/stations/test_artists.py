"""Artists as pages of their own: found by name or made once, and each track related to them."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from crateline.messages import Station
from crateline.sandbox.notion import tables, text
from tasks import namesakes

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
CREATE = {"method": "POST", "path": "^/v1/pages$", "times": 1}


@pytest.fixture
def related(line):
    """Tracks whose artist is a relation to the database of artists."""
    state = line.notion.state
    with state.lock:
        found = {text.plain(one.title): one for one in state.data_sources.values()}
        line.notion.databases["artists"] = found["Music Artists"].database
        way = {"data_source_id": found["Music Artists"].id, "type": "dual_property", "dual_property": {}}
        tables.update_columns(state, found["Music Tracks"], {"Artist": {"relation": way}})
    line.notion.fresh()
    return line


def artist_names(line):
    return sorted(row["Name"] for row in line.notion.rows("artists"))


def artists_of(line, track=KEY):
    names = {row["id"]: row["Name"] for row in line.notion.rows("artists")}
    row = next(row for row in line.notion.rows() if row["Source ID"] == track)
    return [names[one] for one in row["Artist"]]


def test_an_artist_is_made_once_for_all_tracks_however_it_is_spelt(related, make_track):
    # Given
    related.enqueue(make_track(1, artist="Yuki Novak"), make_track(2, artist="YUKI NOVAK"), make_track(3, artist="Else"))
    # When
    for number in (1, 2, 3):
        assert related.page(f"soundcloud:tracks:{number}") == "sealed"
    # I expect
    assert artist_names(related) == ["Else", "Yuki Novak"]
    assert artists_of(related, "soundcloud:tracks:2") == ["Yuki Novak"]


def test_an_artist_that_is_there_is_taken(related, make_track):
    # Given
    related.notion.person_makes("artists", Name="yuki novak")
    related.enqueue(make_track(1, artist="Yuki Novak"))
    # When
    assert related.page(KEY) == "sealed"
    # I expect
    assert artists_of(related) == ["yuki novak"]


def test_a_list_of_artists_is_taken_apart_only_if_each_of_them_has_a_page(related, make_track):
    # Given
    for name in ("Anna", "Berta"):
        related.notion.person_makes("artists", Name=name)
    related.enqueue(make_track(1, artist="Anna, Berta"), make_track(2, artist="Tyler, The Creator"))
    # When
    assert related.page(KEY) == related.page("soundcloud:tracks:2") == "sealed"
    # I expect
    assert sorted(artists_of(related)) == ["Anna", "Berta"]
    assert artists_of(related, "soundcloud:tracks:2") == ["Tyler, The Creator"]


def test_an_artist_whose_making_was_not_confirmed_is_not_made_twice(related, make_track):
    # Given a Notion that makes the page and loses the answer
    related.enqueue(make_track(1), make_track(2, artist="Artist 1"))
    related.notion.order({"kind": "reset-after", **CREATE})
    # When
    assert related.page(KEY) == "later"
    assert related.wiring.redis.hlen(namesakes.INTENTS) == 1
    # I expect the next to find it, and each track its page
    assert related.page("soundcloud:tracks:2") == "sealed"
    assert related.page(KEY) == "sealed"
    assert artist_names(related) == ["Artist 1"]


def test_while_it_is_not_known_whether_an_artist_was_made_everybody_waits(related, make_track):
    # Given a create whose answer is lost, and that was not carried out yet
    related.enqueue(make_track(1))
    related.notion.order({"kind": "504", **CREATE})
    assert related.page(KEY) == "later"
    # When
    assert related.page(KEY) == "later"
    # I expect a minute of waiting, and then one page
    assert 50 < related.waits(Station.PAGE, KEY) <= 61
    [(field, sent)] = related.wiring.redis.hgetall(namesakes.INTENTS).items()
    related.wiring.redis.hset(namesakes.INTENTS, field, json.dumps(float(sent) - 61_000))
    assert related.page(KEY) == "sealed"
    assert artist_names(related) == ["Artist 1"]


def test_an_artist_whose_page_is_gone_is_looked_for_again(related, make_track):
    # Given a page that is known and does not exist any more
    related.enqueue(make_track(1))
    assert related.page(KEY) == "sealed"
    [field] = related.wiring.redis.hkeys(namesakes.KNOWN)
    related.wiring.redis.hset(namesakes.KNOWN, field, "00000000-0000-4000-8000-000000000000")
    # When the next track of that artist comes
    related.enqueue(make_track(2, artist="Artist 1"), name="Late")
    key = "soundcloud:tracks:2"
    assert related.page(key) == "later"
    assert related.run(Station.PLAYLIST, related.item(key).playlists[0]) == "sealed"
    # I expect it to get the one that is there
    assert related.page(key) == "sealed"
    assert artists_of(related, key) == ["Artist 1"]


def test_artists_that_are_not_shared_with_us_hold_up_no_track(related, make_track):
    # Given
    related.notion.state.share(related.notion.databases["artists"], shared=False)
    related.enqueue(make_track(1))
    # When
    assert related.page(KEY) == "sealed"
    # I expect the page, without its artist, and no pause
    assert related.notion.row()["Source ID"] == KEY
    assert related.wiring.pauses.all() == ()


def test_artists_that_are_text_cost_no_request(line, make_track):
    # Given
    line.enqueue(make_track(1))
    line.notion.fresh()
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Artist"] == "Artist 1"
    assert line.notion.creates == ["POST /v1/pages"]


@pytest.mark.parametrize("spelling", ["Beyonce\u0301", "BEYONC\u00c9", " Beyonc\u00e9\u200b ", "Beyonc\u00e9\u00a0"], ids=ascii)
def test_a_name_in_other_letters_of_the_same_look_is_the_same_artist(related, make_track, spelling):
    # Given an artist with an accent in one letter
    related.enqueue(make_track(1, artist="Beyonc\u00e9"), make_track(2, artist=spelling))
    # When the other one has it in two, in capitals, or with blanks that nobody sees
    assert related.page(KEY) == related.page("soundcloud:tracks:2") == "sealed"
    # I expect
    assert artist_names(related) == ["Beyonc\u00e9"]


def test_a_title_that_a_person_has_renamed_holds_no_artist_up(related, make_track):
    # Given a schema that is known
    related.enqueue(make_track(1), make_track(2))
    assert related.page(KEY) == "sealed"
    # When a person calls the column of the names otherwise
    source = related.notion._source("artists")
    with related.notion.state.lock:
        tables.update_columns(related.notion.state, source, {"Name": {"name": "Artist"}})
    # I expect the next artist to be made all the same
    assert related.page("soundcloud:tracks:2") == "sealed"
    assert sorted(row["Artist"] for row in related.notion.rows("artists")) == ["Artist 1", "Artist 2"]


def test_an_artist_that_notion_does_not_take_bars_no_other(related, make_track):
    # Given a Notion that refuses one page
    related.enqueue(make_track(1, artist="Refused"), make_track(2, artist="Taken"))
    said = {"object": "error", "status": 400, "code": "validation_error", "message": "body failed validation"}
    related.notion.order({"kind": "400", "body": said, **CREATE})
    # When
    assert related.page(KEY) == related.page("soundcloud:tracks:2") == "sealed"
    # I expect
    assert artist_names(related) == ["Taken"]


# Many at once


def everybody(line, keys):
    """Have the pages of these tracks made as eight writers do."""
    wiring = line.wiring
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(line.page, keys))
    assert wiring.pauses.all() == ()
    return outcomes


def test_many_tracks_cost_one_reading_of_the_artists_and_one_create_per_unknown_one(related, make_track):
    # Given 130 artists that are there, and 60 tracks by 36 artists, of whom six are among them
    for number in range(130):
        related.notion.person_makes("artists", Name=f"Known {number}")
    names = [f"KNOWN {number}" for number in range(6)] + [f"New {number}" for number in range(30)]
    tracks = [make_track(number, artist=names[number % len(names)]) for number in range(60)]
    related.enqueue(*tracks)
    related.notion.fresh()
    # When
    assert everybody(related, [track.key for track in tracks]) == ["sealed"] * 60
    # I expect two requests to read the artists and one the tracks, one create per artist that was unknown, one per track
    assert len(related.notion.queries) == 3
    assert len(related.notion.creates) == 30 + 60
    assert len(artist_names(related)) == len(set(artist_names(related))) == 160
    # When a second playlist comes, of which all artists are known
    later = [make_track(100 + number, artist=name) for number, name in enumerate(names)]
    related.enqueue(*later, name="Late")
    related.notion.fresh()
    assert everybody(related, [track.key for track in later]) == ["sealed"] * 36
    # I expect nobody to ask for an artist
    assert len(related.notion.queries) == 1
    assert len(related.notion.creates) == 36


def test_an_artist_that_a_person_has_made_since_is_seen_at_the_next_enqueuing(related, make_track):
    # Given
    related.enqueue(make_track(1))
    assert related.page(KEY) == "sealed"
    related.notion.person_makes("artists", Name="Artist 2")
    # When
    related.enqueue(make_track(2), name="Late")
    related.notion.fresh()
    assert related.page("soundcloud:tracks:2") == "sealed"
    # I expect
    assert artist_names(related) == ["Artist 1", "Artist 2"]
    assert len(related.notion.queries) == 2


def test_a_database_that_is_not_shared_is_not_asked_for_each_track(related, make_track):
    # Given
    related.notion.state.share(related.notion.databases["artists"], shared=False)
    tracks = [make_track(number) for number in range(10)]
    related.enqueue(*tracks)
    related.notion.fresh()
    # When
    assert [related.page(track.key) for track in tracks] == ["sealed"] * 10
    # I expect two requests for the tracks' own schema, and two in vain
    asked = [one for one in related.notion.requests() if one not in (*related.notion.creates, *related.notion.queries)]
    assert len(asked) == 4


# Albums


@pytest.fixture
def with_albums(line):
    """Tracks whose album is a relation to a database of albums; gives a way to tell the albums of a track."""
    state = line.notion.state
    with state.lock:
        found = {text.plain(one.title): one for one in state.data_sources.values()}
        body = {
            "parent": {"page_id": state.root},
            "title": text.of("Music Albums"),
            "initial_data_source": {"properties": {"Name": {"title": {}}}},
        }
        line.notion.databases["albums"] = made = tables.create_database(state, body).id
        way = {"data_source_id": state.databases[made].data_sources[0], "type": "single_property", "single_property": {}}
        tables.update_columns(state, found["Music Tracks"], {"Album": {"relation": way}})
    line.notion.fresh()
    return line


def test_an_album_is_a_page_where_it_is_a_relation_and_made_once(with_albums, make_track):
    # Given
    with_albums.notion.person_makes("albums", Name="Second Light")
    tracks = [make_track(1, album="First Light"), make_track(2, album="FIRST LIGHT"), make_track(3, album="Second Light")]
    with_albums.enqueue(*tracks, make_track(4))
    # When
    for number in (1, 2, 3, 4):
        assert with_albums.page(f"soundcloud:tracks:{number}") == "sealed"
    # I expect
    names = {row["id"]: row["Name"] for row in with_albums.notion.rows("albums")}
    assert sorted(names.values()) == ["First Light", "Second Light"]
    said = {row["Source ID"]: [names[one] for one in row["Album"]] for row in with_albums.notion.rows()}
    assert [said[f"soundcloud:tracks:{number}"] for number in (1, 2, 3, 4)] == [
        ["First Light"],
        ["First Light"],
        ["Second Light"],
        [],
    ]


def test_an_album_is_text_where_it_is_text(line, make_track):
    # Given
    source = line.notion._source("tracks")
    with line.notion.state.lock:
        tables.update_columns(line.notion.state, source, {"Album": {"rich_text": {}}})
    line.enqueue(make_track(1, album="First Light"))
    line.notion.fresh()
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Album"] == "First Light"
    assert line.notion.creates == ["POST /v1/pages"]
