"""Whose page is whose: two lists with one number, a list that is called otherwise now, and what a failed look says."""

from dataclasses import replace

import pytest

from crateline.durable import follows, keyspace
from crateline.messages import Station
from producers import enrolment

pytestmark = pytest.mark.real("redis")

PROFILE = "https://soundcloud.com/somebody"


@pytest.fixture
def put(line, make_track):
    """Put a list of somebody's on the line, and have its page."""

    def enrol(key, url, name, number=1):
        playlist = replace(line.make(make_track(number), name=name), key=key, url=url, source_id="12345")
        enrolment.enrol(line.wiring, playlist)
        assert line.run(Station.PLAYLIST, key) == "sealed"
        return line.wiring.register.item(key).page_id

    return enrol


def test_the_likes_and_the_uploads_of_one_profile_have_a_page_each(line, put):
    likes = put("soundcloud:likes:12345", f"{PROFILE}/likes", "Somebody (Likes)")
    uploads = put("soundcloud:users:12345", PROFILE, "Somebody (Tracks)", number=2)
    # I expect
    assert likes != uploads
    assert sorted(row["Name"] for row in line.notion.rows("playlists")) == ["Somebody (Likes)", "Somebody (Tracks)"]


def test_a_set_with_the_number_of_a_profile_has_a_page_of_its_own(line, put):
    assert put("soundcloud:likes:12345", f"{PROFILE}/likes", "Somebody (Likes)") != put(
        "soundcloud:playlists:12345", f"{PROFILE}/sets/friday", "Friday", number=2
    )
    # And each its own again, when Redis has forgotten them
    before = {row["Name"]: row["id"] for row in line.notion.rows("playlists")}
    for key in ("soundcloud:likes:12345", "soundcloud:playlists:12345"):
        line.wiring.register.forget_page(key)
        assert line.run(Station.PLAYLIST, key) == "sealed"
        item = line.wiring.register.item(key)
        assert item.page_id == before[item.card["name"]]


def test_a_set_whose_address_has_changed_keeps_its_page(line, put):
    page = put("soundcloud:playlists:12345", f"{PROFILE}/sets/friday", "Friday")
    line.wiring.register.forget_page("soundcloud:playlists:12345")
    assert put("soundcloud:playlists:12345", f"{PROFILE}/sets/saturday", "Saturday") == page


def test_a_new_name_reaches_the_page(line, put):
    # Given
    page = put("soundcloud:playlists:12345", f"{PROFILE}/sets/friday", "Friday")
    # When its source calls it otherwise, and its link is another one
    line.notion.fresh()
    assert put("soundcloud:playlists:12345", f"{PROFILE}/sets/saturday", "Saturday") == page
    # I expect
    row = line.notion.row("playlists")
    assert (row["Name"], row["URL"]) == ("Saturday", f"{PROFILE}/sets/saturday")
    # When nothing is called otherwise
    line.notion.fresh()
    put("soundcloud:playlists:12345", f"{PROFILE}/sets/saturday", "Saturday")
    # I expect one request
    assert len(line.notion.requests()) == 1


def test_a_new_name_leaves_a_persons_own_name_alone(line, put):
    # Given
    page = put("soundcloud:playlists:12345", f"{PROFILE}/sets/friday", "Friday")
    line.notion.person_edits(page, Name="My Fridays")
    # When
    for _ in range(2):
        put("soundcloud:playlists:12345", f"{PROFILE}/sets/saturday", "Saturday")
        # I expect
        row = line.notion.row("playlists")
        assert (row["Name"], row["URL"]) == ("My Fridays", f"{PROFILE}/sets/saturday")


def test_a_new_name_leaves_a_page_that_a_person_made_alone(line, put):
    # Given
    page = line.notion.person_makes("playlists", Name="My Fridays", URL=f"{PROFILE}/sets/friday")
    assert put("soundcloud:playlists:12345", f"{PROFILE}/sets/friday", "Friday") == page
    # When
    put("soundcloud:playlists:12345", f"{PROFILE}/sets/friday", "Saturday")
    # I expect
    assert line.notion.row("playlists")["Name"] == "My Fridays"


def test_a_look_that_failed_is_no_sync(line, put):
    # Given
    key = "soundcloud:playlists:12345"
    put(key, f"{PROFILE}/sets/friday", "Friday")
    before = line.notion.row("playlists")["Last Synced"]
    # When it cannot be read a day later
    line.wiring.follows.looked(key, snapshot=None, status=follows.FAILED, reason="away", rest_s=60)
    tomorrow = line.wiring.index.now() + 86400
    line.wiring.redis.hset(keyspace.playlist(key), "sync:at", f"{tomorrow:.0f}")
    assert line.run(Station.PLAYLIST, key) == "sealed"
    # I expect its page to say so, and when it was in step last
    row = line.notion.row("playlists")
    assert (row["Sync Status"], row["Last Synced"]) == ("failed", before)


def test_a_page_that_has_nothing_of_ours_costs_no_request(line, put):
    # Given a database in which nothing is ours to keep up to date
    for name in ("Track Count", "Last Synced", "Sync Status"):
        line.notion.drop_property(name, "playlists")
    put("soundcloud:playlists:12345", f"{PROFILE}/sets/friday", "Friday")
    line.notion.fresh()
    # When
    put("soundcloud:playlists:12345", f"{PROFILE}/sets/friday", "Friday", number=2)
    # I expect
    assert line.notion.requests() == []
