"""Rows that a person makes in Music Tracks: each becomes its track's page, once, and a bad link is said once."""

from datetime import timedelta

import pytest

from crateline.cli import inbox
from crateline.clients import soundcloud
from crateline.domain.row import Row
from crateline.domain.track import Availability, Platform, Playlist
from crateline.durable import keyspace
from crateline.errors import NotFound, Unavailable
from crateline.messages import Station
from producers import inbox as taking
from tasks import rows

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
URL = "https://soundcloud.com/artist/1"


class Site:
    """SoundCloud with a few tracks, and what it was asked."""

    def __init__(self) -> None:
        self.tracks = {}
        self.asked = []
        self.error = None

    def read(self, url):
        self.asked.append(url)
        if self.error is not None:
            raise self.error
        if url not in self.tracks:
            raise NotFound("soundcloud-api", f"{url} is not there")
        track = self.tracks[url]
        return Playlist(
            key=f"single:{track.key}", name="Unassigned", url=url, platform=track.platform, source_id="1", tracks=(track,)
        )


@pytest.fixture
def site(line, make_track, monkeypatch):
    made = Site()
    made.tracks = {one.url: one for one in (make_track(1), make_track(2))}
    monkeypatch.setattr(soundcloud.SoundCloud, "read", lambda _self, url: made.read(url))
    return made


@pytest.fixture
def look(line, site):
    """One look at the inbox, after a minute: gives what became of each row, the newest first."""

    def run(**options):
        return list(inbox.look(line.wiring, say=lambda _: None, **options))

    return run


def states(done):
    return [one.state for one in done]


def test_a_pasted_link_is_adopted_whatever_the_page_is_called(line, look):
    # Given
    page = line.notion.person_makes(Name="that one from Saturday", URL=f"{URL}?utm_source=share", Status="Ready")
    # When
    (done,) = look()
    # I expect
    assert (done.state, done.key, done.page_id) == ("taken", KEY, page)
    # When the line begins
    line.notion.fresh()
    assert line.page(KEY) == "sealed"
    # I expect the same page, with a person's words for it
    row = line.notion.row()
    assert (row["id"], row["Name"], row["Source ID"], row["Status"]) == (page, "that one from Saturday", KEY, "Processing")
    assert line.notion.creates == []
    # And nothing left to do, without a question to SoundCloud
    assert look() == []


@pytest.mark.parametrize("place", ["URL", "SoundCloud_URL", "Source_URL"])
def test_a_link_may_stand_in_any_of_the_properties_for_links(line, look, place):
    line.notion.person_makes(Name="", Status="Ready", **{place: URL})
    assert [one.key for one in look()] == [KEY]


def test_what_is_not_for_the_line_is_left_alone(line, look, site):
    # Given
    for other in (
        {"Status": "Complete"},
        {},
        {"Status": "Ready", "Processed": True},
        {"Status": "Ready", "File_Path": "/music/a.m4a"},
        {"Status": "Ready", "Local_File": True},
        {"Status": "Ready", "Source_ID": "soundcloud:tracks:77"},
    ):
        line.notion.person_makes(Name="Not this one", URL=URL, **other)
    line.notion.person_makes(Name="Title", Artist="Artist", Status="Ready")
    # I expect
    assert look() == []
    assert site.asked == []


def test_a_look_costs_one_request_to_notion_and_none_to_anybody_about_rows_that_are_known(line, look, site):
    # Given
    line.notion.person_makes(Name="", URL=URL, Status="Ready")
    look()
    line.notion.fresh()
    # When
    assert states(look()) == ["known"]
    # I expect
    assert line.notion.requests() == line.notion.queries
    assert len(line.notion.queries) == 1
    assert site.asked == [URL]


def test_the_newest_come_first_and_a_limit_holds(line, look, site):
    # Given
    first = line.notion.person_makes(Name="Older", URL=URL, Status="Ready")
    line.notion.state.pages[first].created -= timedelta(hours=1)
    second = line.notion.person_makes(Name="Newer", URL="https://soundcloud.com/artist/2", Status="Ready")
    # I expect
    assert [one.page_id for one in look(limit=1)] == [second]
    assert [one.page_id for one in look(dry_run=True)] == [second, first]


def test_a_row_of_a_playlist_is_filed_there(line, look):
    # Given
    playlist = line.enqueue(name="Warm-up")
    page = line.notion.row("playlists")["id"]
    row = line.notion.person_makes(Name="", URL=URL, Status="Ready", Playlists=[page])
    # When
    look()
    # I expect
    assert line.item(KEY).playlists == (f"single:{KEY}", playlist)
    assert line.page(KEY) == "sealed"
    assert (line.notion.row()["id"], line.notion.row()["Playlists"]) == (row, [page])


# What cannot be used


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("https://example.com/track", "is not a link crateline knows"),
        ("https://soundcloud.com/artist/sets/all", "leads to many tracks: `crateline enqueue` takes it"),
        ("https://soundcloud.com/artist/gone", "is not there"),
        ("https://www.beatport.com/track/name/12345", "its platform shows nothing of it"),
    ],
)
def test_a_link_that_cannot_be_used_is_said_on_its_row_once(line, look, link, words):
    # Given
    line.notion.person_makes(Name="Mine", URL=link, Status="Ready")
    # When
    (done,) = look()
    # I expect
    assert done.state == "unusable"
    row = line.notion.row()
    assert words in row["Reason"]
    assert (row["Status"], row["Downloaded"]) == ("Failed", False)
    # And not again
    line.notion.fresh()
    assert look() == []
    assert line.notion.writes == []


def test_a_link_that_was_mended_is_taken(line, look):
    # Given
    page = line.notion.person_makes(Name="Mine", URL="https://example.com/track", Status="Ready")
    look()
    # When
    line.notion.person_edits(page, URL=URL, Status="Ready")
    # I expect
    assert states(look()) == ["taken"]
    assert line.page(KEY) == "sealed"
    assert (line.notion.row()["Status"], line.notion.row()["Reason"]) == ("Processing", "")


def test_without_a_status_property_a_bad_link_is_remembered(line, look, site, own_settings):
    # Given a database whose status nobody may write
    line.wiring.settings.property_policies["Status"] = "never"
    line.notion.person_makes(Name="Mine", URL="https://soundcloud.com/artist/gone", Status="Ready")
    # When
    assert states(look()) == ["unusable"]
    # I expect
    assert look() == []
    assert len(site.asked) == 1


def test_a_second_row_of_one_track_is_called_a_duplicate_once(line, look):
    # Given
    first = line.notion.person_makes(Name="One", URL=URL, Status="Ready")
    look()
    assert line.page(KEY) == "sealed"
    # When
    second = line.notion.person_makes(Name="Two", SoundCloud_URL="https://m.soundcloud.com/artist/1", Status="Ready")
    # I expect
    assert states(look()) == ["duplicate"]
    rows = {row["id"]: row for row in line.notion.rows()}
    assert (rows[second]["Status"], rows[first]["Status"]) == ("Duplicate", "Processing")
    assert first.replace("-", "") in rows[second]["Reason"]
    assert look() == []


def test_a_service_that_is_away_is_asked_once_and_the_rows_wait(line, look, site):
    # Given
    site.error = Unavailable("soundcloud-api", "503")
    line.wiring.stopping.set()  # nobody sleeps in a test
    for number in (1, 2):
        line.notion.person_makes(Name="", URL=f"https://soundcloud.com/artist/{number}", Status="Ready")
    # When
    box = taking.Inbox(wiring=line.wiring, explain=lambda row, *_: row, again=lambda row: row, say=lambda _: None)
    box.away[Platform.SOUNDCLOUD] = "soundcloud-api: 503"
    wanted = taking.wanted(line.wiring, rows.without_file(line.wiring), ["Ready"])
    # I expect
    assert [box.take(row).state for row in wanted] == ["waits", "waits"]
    assert site.asked == []
    assert {row["Status"] for row in line.notion.rows()} == {"Ready"}


# By words


def test_a_link_of_a_platform_that_shows_nothing_is_taken_by_the_words_beside_it(line, look):
    # Given
    line.notion.person_makes(Name="Orbit", Artist="Ada", Status="Ready", URL="https://www.beatport.com/track/orbit/12345")
    # When
    (done,) = look()
    # I expect
    assert (done.state, done.key) == ("taken", "beatport:track:12345")
    track = line.item(done.key).track
    assert (track.title, track.artist, track.availability) == ("Orbit", "Ada", Availability.ELSEWHERE)


def test_a_row_without_a_link_is_looked_for_by_its_words_if_that_is_wished(line, look):
    # Given
    page = line.notion.person_makes(Name="Orbit", Artist="Ada", Status="Ready")
    assert look() == []
    # When
    line.wiring.settings.inbox_without_link = True
    (done,) = look()
    # I expect
    assert (done.state, done.key[:6]) == ("taken", "words:")
    assert line.page(done.key) == "sealed"
    assert line.notion.row()["id"] == page


# Twice


def test_a_redis_that_forgets_makes_no_second_page_and_forgets_no_row(line, look):
    # Given a row that the line has begun with
    page = line.notion.person_makes(Name="Mine", URL=URL, Status="Ready")
    look()
    assert line.page(KEY) == "sealed"
    # When
    line.wiring.redis.flushall()
    line.wiring.epoch.check()
    line.wiring.redis.delete(keyspace.blocked("notion"))
    # I expect it to be taken once more, and found
    assert states(look()) == ["taken"]
    assert line.page(KEY) == "sealed"
    assert line.notion.row()["id"] == page
    # And left alone when it is done
    line.made(KEY, files=["/music/a.m4a"])
    assert line.finalise(KEY) == "sealed"
    line.wiring.redis.flushall()
    line.wiring.epoch.check()
    line.wiring.redis.delete(keyspace.blocked("notion"))
    assert look() == []


def test_another_upload_that_never_had_its_row_is_called_a_duplicate(line, look, listened, site, make_track):
    # Given a row whose track turns out to be a recording that is there already, before its page was written
    sound = {"fingerprint": "".join(f"{n * 2654435761 % 2**32:08x}" for n in range(600))}
    line.enqueue(make_track(2))
    assert listened("soundcloud:tracks:2", 0, **sound) == "sealed"
    assert line.page("soundcloud:tracks:2") == "sealed"
    row = line.notion.person_makes(Name="Mine", URL=URL, Status="Ready")
    look()
    assert listened(KEY, 0, **sound) == "sealed"
    assert line.finalise(KEY) == "sealed"
    # When
    assert states(look()) == ["duplicate"]
    # I expect
    assert next(one["Status"] for one in line.notion.rows() if one["id"] == row) == "Duplicate"


def test_a_dry_run_asks_nobody_and_writes_nothing(line, look, site):
    # Given
    line.notion.person_makes(Name="", URL=URL, Status="Ready")
    line.notion.person_makes(Name="", URL="https://example.com", Status="Ready")
    # When
    line.notion.fresh()
    assert sorted(states(look(dry_run=True))) == ["taken", "unusable"]
    # I expect
    assert (site.asked, line.notion.writes) == ([], [])
    assert line.wiring.ledger.track(KEY) is None


def test_the_chore_waits_while_notion_is_paused(line, site):
    # Given
    line.notion.person_makes(Name="", URL=URL, Status="Ready")
    line.wiring.pauses.begin("notion", reason="401", remedy="Check the token")
    # When
    inbox.chore(line.wiring)
    assert site.asked == []
    # When it goes on
    line.wiring.pauses.end("notion")
    inbox.chore(line.wiring)
    # I expect
    assert line.item(KEY).sealed(Station.PAGE) is False
    assert site.asked == [URL]


def test_a_row_for_people_is_called_by_what_it_says():
    assert Row(page_id="p", title="Orbit", artist="Ada").name == "Ada - Orbit"
    assert Row(page_id="p", links=(URL,)).name == URL
    assert Row(page_id="p").name == "p"
