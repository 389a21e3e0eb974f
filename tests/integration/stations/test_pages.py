"""A track's page: found before it is made, and made with all that is known by then."""

import json
from dataclasses import replace

import pytest

from crateline.domain.track import Platform
from crateline.durable import keyspace
from crateline.messages import Station
from tasks import outcomes, review

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
WORDS = {"Name": "Title 1", "Artist": "Artist 1"}


@pytest.mark.parametrize(
    "known",
    [
        {"Name": "Renamed by hand", "Source_ID": KEY},
        {**WORDS, "SoundCloud_URL": "http://m.soundcloud.com/Artist/1/?utm_source=clipboard&si=1"},
        {**WORDS, "URL": "https://www.soundcloud.com/artist/1?in=dj/sets/x"},
        {**WORDS, "ISRC": "qzcrl2600001"},
        {**WORDS, "Duration": 361, "BPM": 124},
    ],
    ids=["Source ID", "SoundCloud URL", "URL", "ISRC", "words and length"],
)
def test_a_page_that_a_person_made_is_found_and_gets_a_source_id(line, make_track, known):
    # Given
    made = line.notion.person_makes(**known)
    line.enqueue(make_track(1, duration=360.0, isrc="QZCRL2600001"))
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    row = line.notion.row()
    assert row["id"] == made
    assert row["Source ID"] == KEY
    assert row["Name"] == known["Name"]
    assert line.notion.creates[1:] == []  # the first is the playlist's
    assert line.item(KEY).page_id == made


def test_a_page_is_found_by_its_spotify_id(line, make_track):
    # Given
    key = "spotify:track:4uLU6hMCjMI75M1A2tKUQC"
    made = line.notion.person_makes(**WORDS, Spotify_ID="4uLU6hMCjMI75M1A2tKUQC", Duration=300)
    line.enqueue(make_track(1, key=key, platform=Platform.SPOTIFY, url=f"https://open.spotify.com/track/{key[14:]}"))
    # When
    assert line.page(key) == "sealed"
    # I expect
    assert line.notion.row()["id"] == made
    assert line.notion.row()["Source ID"] == key


def test_an_isrc_that_another_version_carries_is_not_believed(line, make_track):
    # Given the live recording, filed under the studio recording's ISRC
    live = line.notion.person_makes(Name="Title 1 (Live at Berghain)", Artist="Artist 1", ISRC="QZCRL2600001", Duration=455)
    line.enqueue(make_track(1, duration=360.0, isrc="QZCRL2600001"))
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    rows = line.notion.rows()
    assert [row["id"] for row in rows if row["Source ID"] == KEY] != [live]
    assert len(rows) == 2


def test_a_page_of_another_recording_with_the_same_title_is_left_alone(line, make_track):
    line.notion.person_makes(Name="Title 1", Artist="Somebody Else", Duration=200)
    line.enqueue(make_track(1, duration=360.0))
    assert line.page(KEY) == "sealed"
    assert sorted(row["Source ID"] for row in line.notion.rows()) == ["", KEY]


def test_a_page_that_has_another_key_already_is_not_found_by_its_words(line, make_track):
    line.notion.person_makes(**WORDS, Duration=360, Source_ID="soundcloud:tracks:77")
    line.enqueue(make_track(1, duration=360.0))
    assert line.page(KEY) == "sealed"
    assert sorted(row["Source ID"] for row in line.notion.rows()) == [KEY, "soundcloud:tracks:77"]


def test_in_doubt_a_person_is_asked_and_what_was_rejected_is_not_asked_again(line, make_track):
    # Given a page that may be the track, of another length
    made = line.notion.person_makes(Name="Title 1", Artist="Artist 1", Duration=369)
    line.enqueue(make_track(1, duration=360.0))
    # When
    assert line.page(KEY) == "ended"
    # I expect a question with what speaks for it, and no page
    item = line.item(KEY)
    assert item.verdict == "review"
    assert item.fields["kind"] == "page"
    candidate, *others = json.loads(item.fields["candidates"])
    assert (candidate["id"], candidate["title"], others) == (made, "Title 1", [])
    assert 0.65 <= candidate["score"] < 0.85
    assert line.finalise(KEY) == "sealed"
    assert len(line.notion.rows()) == 1
    # When the person says no
    line.wiring.rework.reopen(item)
    line.set(KEY, rejected=json.dumps([made]))
    assert line.page(KEY) == "sealed"
    # I expect a page of its own
    assert {row["Source ID"] for row in line.notion.rows()} == {"", KEY}


@pytest.mark.parametrize("forgotten", [False, True])
def test_an_answer_of_a_person_decides_which_page_it_is(line, make_track, forgotten):
    # Given a page that may be the track, and another one that surely is none
    made = line.notion.person_makes(Name="Title 1", Artist="Artist 1", Duration=369)
    line.enqueue(make_track(1, duration=360.0))
    assert line.page(KEY) == "ended"
    # When the person says yes, and Redis may forget all about it
    review.accept(line.wiring, KEY, made)
    if forgotten:
        line.wiring.redis.delete(keyspace.track(KEY))
        line.enqueue(make_track(1, duration=360.0))
    assert line.page(KEY) == "sealed"
    # I expect the page to be the track's
    assert {row["id"]: row["Source ID"] for row in line.notion.rows()} == {made: KEY}


def test_a_no_of_a_person_outlives_redis(line, make_track):
    # Given
    line.notion.person_makes(Name="Title 1", Artist="Artist 1", Duration=369)
    line.enqueue(make_track(1, duration=360.0))
    assert line.page(KEY) == "ended"
    review.reject(line.wiring, KEY)
    # When
    line.wiring.redis.delete(keyspace.track(KEY))
    line.enqueue(make_track(1, duration=360.0))
    # I expect it not to be asked again
    assert line.page(KEY) == "sealed"
    assert {row["Source ID"] for row in line.notion.rows()} == {"", KEY}


def test_the_page_says_what_the_listing_knew(line, make_track):
    # Given
    playlist = line.enqueue(make_track(1, duration=360.04, isrc="QZCRL2600001"))
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    row = line.notion.row()
    said = {name: row[name] for name in ("Name", "Artist", "Status", "Source ID", "Source Platform", "Duration", "Playlist")}
    assert said == {
        "Name": "Title 1",
        "Artist": "Artist 1",
        "Status": "Processing",
        "Source ID": KEY,
        "Source Platform": "SoundCloud",
        "Duration": 360.0,
        "Playlist": "Warm-up",
    }
    assert row["SoundCloud URL"] == row["URL"] == row["Source URL"] == "https://soundcloud.com/artist/1"
    assert row["Playlists"] == [line.notion.row("playlists")["id"]]
    assert line.wiring.register.item(playlist).page_id in row["Playlists"]


def test_what_is_ready_before_the_page_goes_out_with_it_in_one_request(line, make_track):
    # Given
    line.enqueue(make_track(1))
    line.made(KEY, files=["/music/a.m4a"])
    line.notion.fresh()
    # When
    assert line.finalise(KEY) == "sealed"
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.writes == ["POST /v1/pages"]
    row = line.notion.row()
    assert (row["Status"], row["BPM"], row["Key"], row["Duration"]) == ("Complete", 124.0, "Am", 361.5)
    assert (row["Processed"], row["Downloaded"], row["Local File"], row["File Path"]) == (True, True, True, "/music/a.m4a")
    assert line.wiring.register.finished(line.lists["Warm-up"].key)


def test_what_is_learnt_while_waiting_for_the_slot_goes_out_in_the_same_request(line, make_track, monkeypatch):
    # Given a writer that waits for its slot while the analysis ends
    line.enqueue(make_track(1))
    take = line.wiring.slot

    def wait(service):
        line.heard(KEY)
        take(service)

    monkeypatch.setattr(line.wiring, "slot", wait)
    line.notion.fresh()
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.writes == ["POST /v1/pages"]
    assert line.notion.row()["Status"] == "Complete"
    assert line.item(KEY).sealed(Station.FINALISE)
    assert line.finalise(KEY) == "sealed"
    assert line.notion.writes == ["POST /v1/pages"]


def test_a_page_that_a_person_makes_while_we_wait_for_the_slot_is_found(line, make_track, monkeypatch):
    # Given a writer that waits for its slot, a person who makes the page, and another playlist that is enqueued
    line.enqueue(make_track(1))
    take = line.wiring.slot

    def wait(service):
        line.notion.person_makes(**WORDS, Source_ID=KEY)
        line.wiring.index.want()
        monkeypatch.setattr(line.wiring, "slot", take)
        take(service)

    monkeypatch.setattr(line.wiring, "slot", wait)
    # When
    assert line.page(KEY) == "later"
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.item(KEY).page_id == line.notion.row()["id"]


def test_no_page_is_made_for_a_track_that_turns_out_another_upload_while_waiting_for_the_slot(line, make_track, monkeypatch):
    # Given
    line.enqueue(make_track(1), make_track(2))
    take = line.wiring.slot

    def wait(service):
        line.sealed(Station.DOWNLOAD, KEY)
        line.act(Station.ANALYZE, KEY, outcomes.Sealed(fields={"alias": "soundcloud:tracks:2"}, bump=True))
        take(service)

    monkeypatch.setattr(line.wiring, "slot", wait)
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.rows() == []
    assert line.item(KEY).sealed(Station.FINALISE)


def test_many_tracks_cost_one_reading_and_one_request_each(line, make_track):
    # Given
    line.enqueue(*map(make_track, range(12)))
    line.notion.fresh()
    # When
    for number in range(12):
        assert line.page(f"soundcloud:tracks:{number}") == "sealed"
    # I expect the schema of one database and one query besides
    assert len(line.notion.creates) == 12
    assert len(line.notion.queries) == 1
    assert len(line.notion.requests()) == 12 + 1 + 2


def test_a_track_waits_for_its_playlists_page(line, make_track):
    # Given
    playlist = line.enqueue(make_track(1), page=False)
    # When
    assert line.page(KEY) == "later"
    assert line.run(Station.PLAYLIST, playlist) == "sealed"
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Playlists"] == [line.notion.row("playlists")["id"]]


def test_a_track_that_no_playlist_holds_gets_a_page_without_one(line, make_track, make_playlist, monkeypatch):
    # Given
    track = make_track(1)
    single = replace(make_playlist(track, name="Unassigned"), key=f"single:{KEY}")
    monkeypatch.setattr(line, "make", lambda *_tracks, **_words: single)
    line.enqueue(track, name="Unassigned")
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Playlists"] == []
    assert line.notion.rows("playlists") == []


@pytest.mark.usefixtures("no_playlists_database")
def test_without_a_playlists_database_the_page_names_its_playlist_in_words(line, make_track):
    line.enqueue(make_track(1))
    assert line.page(KEY) == "sealed"
    row = line.notion.row()
    assert (row["Playlist"], row["Playlists"]) == ("Warm-up", [])


def test_a_row_of_which_nothing_is_known_gets_no_page(line, make_track):
    line.enqueue(make_track(1, title="", artist=""))
    line.notion.fresh()
    assert line.page(KEY) == "sealed"
    assert line.notion.requests() == []
