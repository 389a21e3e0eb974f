"""A playlist's page: found or made once, kept up to date, and not in the way of its tracks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from crateline.durable import keyspace
from crateline.messages import Station

pytestmark = pytest.mark.real("redis")

CREATE = {"method": "POST", "path": "^/v1/pages$", "times": 1}
KEY = "soundcloud:tracks:1"


def test_the_page_says_what_the_playlist_is(line, make_track):
    # When
    line.enqueue(make_track(1), make_track(2), make_track(1))
    # I expect
    row = line.notion.row("playlists")
    assert (row["Name"], row["URL"], row["Source Platform"], row["Source Playlist ID"]) == (
        "Warm-up",
        "https://soundcloud.com/dj/sets/681",
        "SoundCloud",
        "681",
    )
    assert (row["Track Count"], row["Sync Status"]) == (2, "synced")
    assert row["Last Synced"]


@pytest.mark.parametrize("known", [{"Source_Playlist_ID": "681"}, {"URL": "https://soundcloud.com/dj/sets/681"}], ids=str)
def test_a_page_that_a_person_made_is_found_and_keeps_what_it_says(line, make_track, known):
    # Given
    made = line.notion.person_makes("playlists", Name="My warm-up", Track_Count=99, **known)
    # When
    line.enqueue(make_track(1))
    # I expect
    row = line.notion.row("playlists")
    assert row["id"] == made
    assert (row["Name"], row["Track Count"], row["Source Playlist ID"]) == ("My warm-up", 1, "681")
    assert line.notion.creates == []


def test_a_longer_playlist_is_counted_anew_and_a_persons_name_for_it_stays(line, make_track):
    # Given
    line.enqueue(make_track(1))
    page = line.notion.row("playlists")["id"]
    line.notion.person_edits(page, Name="My warm-up")
    # When
    line.enqueue(make_track(1), make_track(2))
    # I expect
    row = line.notion.row("playlists")
    assert (row["id"], row["Name"], row["Track Count"]) == (page, "My warm-up", 2)


def test_a_deleted_page_is_made_again_when_the_playlist_is_enqueued_again(line, make_track):
    # Given
    key = line.enqueue(make_track(1))
    deleted = line.notion.row("playlists")["id"]
    line.notion.person_edits(deleted, in_trash=True)
    # When
    line.enqueue(make_track(1), page=False)
    assert line.run(Station.PLAYLIST, key) == "later"
    assert line.run(Station.PLAYLIST, key) == "sealed"
    # I expect
    assert line.notion.row("playlists")["id"] != deleted
    assert line.wiring.register.item(key).page_id == line.notion.row("playlists")["id"]
    # When a track asks for its page
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Playlists"] == [line.notion.row("playlists")["id"]]


@pytest.mark.parametrize(("kind", "creates"), [("504-after", 1), ("reset-after", 1), ("504", 2)])
def test_a_page_whose_making_was_not_confirmed_is_looked_for_after_a_minute(line, make_track, kind, creates):
    # Given
    key = line.enqueue(make_track(1), page=False)
    line.notion.order({"kind": kind, **CREATE})
    # When
    assert line.run(Station.PLAYLIST, key) == "later"
    assert 55 < line.waits(Station.PLAYLIST, key) <= 60
    assert line.run(Station.PLAYLIST, key) == "later"
    line.age(keyspace.playlist(key), "intent", 61)
    assert line.run(Station.PLAYLIST, key) == "sealed"
    # I expect
    assert line.wiring.register.item(key).page_id == line.notion.row("playlists")["id"]
    assert len(line.notion.creates) == creates


def test_a_page_that_was_made_in_spite_of_an_error_is_taken_on(line, make_track):
    # Given
    key = line.enqueue(make_track(1), page=False)
    line.notion.order({"kind": "503-after", **CREATE})
    # When
    assert line.run(Station.PLAYLIST, key) == "sealed"
    # I expect
    assert line.wiring.register.item(key).page_id == line.notion.row("playlists")["id"]
    assert len(line.notion.creates) == 1


def test_a_track_that_was_enqueued_on_its_own_has_no_playlist_to_make(line, make_track, make_playlist, monkeypatch):
    # Given
    track = make_track(1)
    single = replace(make_playlist(track, name="Unassigned"), key=f"single:{KEY}")
    monkeypatch.setattr(line, "make", lambda *_tracks, **_words: single)
    line.notion.fresh()
    # When
    line.enqueue(track, name="Unassigned")
    # I expect
    assert line.notion.requests() == []


@pytest.mark.usefixtures("no_playlists_database")
def test_without_a_playlists_database_nothing_is_asked(line, make_track):
    line.enqueue(make_track(1))
    assert line.notion.requests() == []


def test_a_page_that_notion_does_not_take_holds_up_no_track(line, make_track):
    # Given
    line.enqueue(make_track(9), name="Other")
    key = line.enqueue(make_track(1), page=False)
    body = {"object": "error", "status": 400, "code": "validation_error", "message": "Name is too strange"}
    line.notion.order({"kind": "400", "writes": True, "body": body})
    # When
    assert line.run(Station.PLAYLIST, key) == "ended"
    line.notion.order()
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Playlists"] == []
    assert line.notion.row()["Playlist"] == "Warm-up"
    # When it is enqueued again
    line.enqueue(make_track(1))
    # I expect
    assert [row["Name"] for row in line.notion.rows("playlists")] == ["Other", "Warm-up"]
    assert line.wiring.register.item(key).verdict == ""


def test_a_database_that_is_changed_under_way_costs_no_page(line, make_track):
    # Given a property that is taken away after the schema was read
    line.enqueue(make_track(9), name="Other")
    line.notion.drop_property("Sync Status", "playlists")
    key = line.enqueue(make_track(1), page=False)
    # When
    assert line.run(Station.PLAYLIST, key) == "later"
    assert line.run(Station.PLAYLIST, key) == "sealed"
    # I expect
    assert [row["Name"] for row in line.notion.rows("playlists")] == ["Other", "Warm-up"]


def test_a_playlist_of_more_than_a_hundred_is_related_from_its_tracks_side_alone(line, make_track, monkeypatch):
    # Given
    tracks = [make_track(number) for number in range(104)]
    key = line.enqueue(*tracks)
    page = line.notion.row("playlists")["id"]
    line.notion.fresh()
    sent, update = [], line.wiring.notion.update
    monkeypatch.setattr(line.wiring.notion, "update", lambda *said: sent.append(said) or update(*said))
    # When every track gets its page, and the playlist's is written again
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(line.page, [track.key for track in tracks])) == {"sealed"}
    line.enqueue(*tracks, make_track(200), page=False)
    assert line.run(Station.PLAYLIST, key) == "sealed"
    # I expect all of them there, each by its own create
    assert all(row["Playlists"] == [page] for row in line.notion.rows())
    row = line.notion.row("playlists")
    assert len(row["Tracks"]) == 104
    assert (row["URL"], row["Source Platform"], row["Track Count"]) == (line.lists["Warm-up"].url, "SoundCloud", 105)
    assert (row["Sync Status"], bool(row["Last Synced"])) == ("synced", True)
    # And the playlist's own side never sent
    assert len(line.notion.creates) == 104
    assert [page_id for page_id, _ in sent] == [page]
    assert "Tracks" not in sent[0][1]
