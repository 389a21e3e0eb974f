"""Writing to a page that is there: what a person wrote stays, what a person deleted is gone, and ends say why."""

import json
from datetime import timedelta

import pytest

from crateline.errors import NotFound
from crateline.messages import Station
from tasks import outcomes

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
WORDS = {"Name": "Title 1", "Artist": "Artist 1"}


def spied(monkeypatch, notion, binned: str) -> list[dict]:
    """Have Notion refuse a page that is related to `binned`; gives what is sent to pages of tracks."""
    sent: list[dict] = []

    def watched(send):
        def sending(target, values, **more):
            if "Source ID" in values or "Playlists" in values:
                sent.append(values)
            if binned in json.dumps(values.get("Playlists")):
                raise NotFound("notion", f"404 object_not_found: Could not find page with ID: {binned}.")
            return send(target, values, **more)

        return sending

    for name in ("create", "update"):
        monkeypatch.setattr(notion, name, watched(getattr(notion, name)))
    return sent


def test_what_the_page_says_already_costs_no_request(line, make_track):
    # Given
    line.enqueue(make_track(1))
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    line.notion.fresh()
    # When the same is learnt again
    line.forget(KEY, "s:eagle")
    line.sealed(Station.EAGLE, KEY, used=False)
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert line.notion.requests() == []
    assert line.item(KEY).sealed(Station.FINALISE)


def test_enqueuing_a_finished_playlist_again_writes_to_no_track(line, make_track):
    # Given
    track = make_track(1)
    line.enqueue(track)
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    line.notion.fresh()
    # When
    line.enqueue(track)
    assert line.finalise(KEY) == "sealed"
    # I expect the playlist's page to be told when it was synced, and no more
    assert line.notion.writes == [f"PATCH /v1/pages/{line.notion.row('playlists')['id']}"]


def test_what_a_person_has_changed_stays_and_status_is_ours(line, make_track):
    # Given a finished page, edited by hand, and read again
    track = make_track(1)
    line.enqueue(track)
    line.made(KEY, bpm=124.0)
    assert line.finalise(KEY) == "sealed"
    line.notion.person_edits(line.notion.row()["id"], BPM=128, Name="My own name", Status="Ready", Key="C")
    line.enqueue(track)
    # When other values are learnt, and then the track fails
    line.forget(KEY, "s:analyze", "s:eagle")
    line.heard(KEY, bpm=130.0, key="Gm", duration=362.0)
    line.act(Station.EAGLE, KEY, outcomes.Ended(verdict="failed", reason="Eagle does not take it"))
    assert line.finalise(KEY) == "sealed"
    # I expect
    row = line.notion.row()
    assert (row["BPM"], row["Name"], row["Key"]) == (128, "My own name", "C")
    assert (row["Status"], row["Duration"], row["Reason"]) == ("Failed", 362.0, "Eagle does not take it")


def test_what_a_person_wrote_before_us_stays(line, make_track):
    # Given
    made = line.notion.person_makes(**WORDS, SoundCloud_URL="https://soundcloud.com/artist/1", BPM=88, Playlist="Bag 3")
    line.enqueue(make_track(1))
    line.made(KEY)
    # When
    assert line.finalise(KEY) == "sealed"
    # I expect
    row = line.notion.row()
    assert (row["id"], row["BPM"], row["Playlist"], row["Key"]) == (made, 88, "Bag 3", "Am")


def test_a_property_that_is_never_to_be_written_is_left_alone(never_bpm, line, make_track):
    line.enqueue(make_track(1))
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    assert (line.notion.row()["BPM"], line.notion.row()["Key"]) == (None, "Am")


def test_a_second_playlist_is_added_to_the_first(line, make_track):
    # Given
    track = make_track(1)
    line.enqueue(track)
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # When
    line.enqueue(track, name="Late")
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # I expect
    row = line.notion.row()
    assert set(row["Playlists"]) == {one["id"] for one in line.notion.rows("playlists")}
    assert row["Playlist"] == "Warm-up, Late"


def test_a_page_in_more_playlists_than_notion_shows_keeps_them_all(line, make_track):
    # Given a page that stands in 30 playlists; Notion shows 25 of them
    lists = [line.notion.person_makes("playlists", Name=f"Bag {n}") for n in range(30)]
    line.notion.person_makes(**WORDS, Source_ID=KEY, Playlists=lists)
    line.enqueue(make_track(1))
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    assert len(set(line.notion.row()["Playlists"])) == 31


def test_an_update_that_was_not_confirmed_is_repeated(line, make_track):
    # Given
    line.enqueue(make_track(1))
    assert line.page(KEY) == "sealed"
    line.made(KEY)
    line.notion.order({"kind": "504-after", "method": "PATCH", "times": 1})
    # When
    assert line.finalise(KEY) == "later"
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Status"] == "Complete"
    assert line.item(KEY).attempts(Station.FINALISE) == 0


@pytest.mark.parametrize("change", ["a property is gone", "a property has another type"])
def test_a_database_that_is_changed_under_way_costs_no_track(line, make_track, change):
    # Given a schema that was read
    line.enqueue(make_track(1), make_track(2))
    assert line.page(KEY) == "sealed"
    line.notion.drop_property("Source Platform")
    if change == "a property has another type":
        line.notion.add_property("Source Platform", "number")
    # When
    other = "soundcloud:tracks:2"
    assert line.page(other) == "later"
    assert line.page(other) == "sealed"
    # I expect it to be written as the database is now
    assert line.item(other).verdict == ""
    assert {row["Source ID"] for row in line.notion.rows()} == {KEY, other}


def test_a_place_for_the_key_that_is_taken_away_under_way_stops_notion(line, make_track):
    # Given
    line.enqueue(make_track(1), make_track(2))
    assert line.page(KEY) == "sealed"
    line.notion.drop_property("Source ID")
    # When
    other = "soundcloud:tracks:2"
    assert line.page(other) == "later"
    assert line.page(other) == "paused"
    # I expect
    assert [pause.cause for pause in line.wiring.pauses.all()] == ["schema:tracks source_id"]
    assert line.item(other).verdict == ""


def test_what_notion_does_not_take_fails_the_track_and_is_not_sent_again(line, make_track):
    # Given
    line.enqueue(make_track(1), make_track(2))
    assert line.page(KEY) == "sealed"
    body = {"object": "error", "status": 400, "code": "validation_error", "message": "Artist is too strange"}
    line.notion.order({"kind": "400", "writes": True, "body": body})
    # When
    other = "soundcloud:tracks:2"
    assert line.page(other) == "sealed"
    # I expect a verdict, no intent that would wait, and silence
    item = line.item(other)
    assert item.verdict == "failed"
    assert "Artist is too strange" in item.reason
    assert "intent" not in item.fields
    line.notion.fresh()
    assert line.page(other) == "closed"
    assert line.finalise(other) == "sealed"
    assert line.notion.requests() == []
    assert line.wiring.register.unfinished(line.lists["Warm-up"].key) == {KEY}
    # When it takes it
    line.notion.order()
    line.wiring.rework.reopen(item)
    assert line.page(other) == "sealed"
    assert {row["Source ID"] for row in line.notion.rows()} == {KEY, other}


def test_a_page_that_a_person_deleted_is_not_made_again_unless_asked_for(line, make_track):
    # Given
    line.enqueue(make_track(1))
    assert line.page(KEY) == "sealed"
    deleted = line.notion.row()["id"]
    line.notion.person_edits(deleted, in_trash=True)
    line.made(KEY)
    # When
    assert line.finalise(KEY) == "sealed"
    # I expect
    item = line.item(KEY)
    assert item.verdict == "refused"
    assert "deleted" in item.reason
    assert line.notion.rows() == []
    assert line.finalise(KEY) == "sealed"
    assert len(line.notion.creates) == 2
    # When
    line.wiring.rework.reopen(item)
    assert line.page(KEY) == "sealed"
    # I expect a new one, with all that is known
    row = line.notion.row()
    assert row["id"] != deleted
    assert (row["Status"], row["BPM"]) == ("Complete", 124.0)


def test_a_page_that_was_found_and_is_in_the_bin_by_now_is_no_page(line, make_track):
    # Given a page of a person's that the index knows, deleted before we write to it
    found = line.notion.person_makes(**WORDS, Duration=360)
    line.enqueue(make_track(1, duration=360.0), make_track(2))
    assert line.page("soundcloud:tracks:2") == "sealed"
    line.notion.person_edits(found, in_trash=True)
    # When
    assert line.page(KEY) == "later"
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.item(KEY).verdict == ""
    assert {row["Source ID"] for row in line.notion.rows()} == {KEY, "soundcloud:tracks:2"}


def test_a_playlists_page_to_which_nothing_can_be_related_is_made_again(line, make_track, monkeypatch):
    # Given a playlist's page that a person has deleted, and a Notion that does not relate to what is in the bin
    playlist = line.enqueue(make_track(1))
    deleted = line.notion.row("playlists")["id"]
    line.notion.person_edits(deleted, in_trash=True)
    sent = spied(monkeypatch, line.wiring.notion, deleted)
    # When
    assert line.page(KEY) == "later"
    assert line.waits(Station.PLAYLIST, playlist) <= 0
    assert line.run(Station.PLAYLIST, playlist) == "sealed"
    assert line.page(KEY) == "sealed"
    # I expect
    made = line.notion.row("playlists")["id"]
    assert made != deleted
    assert line.notion.row()["Playlists"] == [made]
    assert len(sent) == 2


def test_a_page_that_stands_in_a_deleted_playlist_can_be_added_to_another(line, make_track, monkeypatch):
    # Given a page whose first playlist's page a person has deleted; that is not to be seen in what we know of it
    track = make_track(1)
    line.notion.person_makes(Name="Another", Source_ID="djay:1")
    line.enqueue(track)
    assert line.page(KEY) == "sealed"
    page = line.item(KEY).page_id
    line.notion.state.pages[page].edited -= timedelta(hours=1)  # so that it is not read again
    deleted = line.notion.row("playlists")["id"]
    line.notion.person_edits(deleted, in_trash=True)
    sent = spied(monkeypatch, line.wiring.notion, deleted)
    # When it comes into a second one
    line.enqueue(track, name="Late")
    assert line.finalise(KEY) == "later"
    for playlist in line.lists.values():
        assert line.run(Station.PLAYLIST, playlist.key) == "sealed"
    assert line.finalise(KEY) == "sealed"
    # I expect both pages, the first of them new
    rows = line.notion.rows("playlists")
    assert sorted(row["Name"] for row in rows) == ["Late", "Warm-up"]
    said = next(row for row in line.notion.rows() if row["id"] == page)
    assert set(said["Playlists"]) == {row["id"] for row in rows}
    assert line.item(KEY).verdict == ""
    assert len(sent) == 2


def test_the_page_of_another_upload_says_so_and_a_page_that_is_not_there_is_not_made(line, make_track):
    # Given two other uploads of track 3, of which one has a page already
    line.enqueue(*map(make_track, (1, 2, 3)))
    assert line.page(KEY) == "sealed"
    for key in (KEY, "soundcloud:tracks:2"):
        line.sealed(Station.DOWNLOAD, key)
        line.act(Station.ANALYZE, key, outcomes.Sealed(fields={"alias": "soundcloud:tracks:3"}, bump=True))
    # When
    assert line.finalise(KEY) == "sealed"
    assert line.page("soundcloud:tracks:2") == "closed"
    assert line.finalise("soundcloud:tracks:2") == "sealed"
    # I expect
    assert line.notion.row()["Source ID"] == KEY
    assert line.notion.row()["Status"] == "Duplicate"


ENDS = (
    ("refused", "deleted or private", ("Failed", "deleted or private")),
    ("failed", "damaged (after 5 attempts)", ("Failed", "damaged (after 5 attempts)")),
    ("review", "a doubtful match waits for you", ("Ready", "a doubtful match waits for you")),
)


@pytest.mark.parametrize(("verdict", "reason", "said"), ENDS, ids=[row[0] for row in ENDS])
def test_a_track_that_ended_says_why(line, make_track, verdict, reason, said):
    # Given
    line.enqueue(make_track(1))
    assert line.page(KEY) == "sealed"
    # When
    assert line.act(Station.DOWNLOAD, KEY, outcomes.Ended(verdict=verdict, reason=reason)) == "ended"
    assert line.sent(Station.FINALISE) == [KEY]
    assert line.finalise(KEY) == "sealed"
    # I expect
    row = line.notion.row()
    assert (row["Status"], row["Reason"]) == said
    assert row["Downloaded"] is False
    assert line.wiring.register.finished(line.lists["Warm-up"].key)


def test_a_track_that_works_after_all_forgets_its_reason(line, make_track):
    # Given
    line.enqueue(make_track(1))
    line.act(Station.DOWNLOAD, KEY, outcomes.Ended(verdict="failed", reason="damaged"))
    assert line.finalise(KEY) == "sealed"
    # When
    line.wiring.rework.reopen(line.item(KEY))
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # I expect
    row = line.notion.row()
    assert (row["Status"], row["Downloaded"], row["Reason"]) == ("Complete", True, "")


def test_a_track_without_audio_is_ready(line, make_track):
    line.enqueue(make_track(1), audio=False)
    assert line.page(KEY) == "sealed"
    assert line.notion.row()["Status"] == "Ready"
    assert line.item(KEY).state(line.wiring.ledger.now_ms()) == "done"


def test_an_item_in_eagle_is_written_when_it_is_known(line, make_track):
    # Given a finished page without Eagle
    line.enqueue(make_track(1))
    line.heard(KEY)
    assert line.finalise(KEY) == "sealed"
    assert line.notion.row()["Status"] == "Complete"
    assert not line.notion.row()["In Eagle"]
    # When
    line.sealed(Station.EAGLE, KEY, used=True, item="LQ2X5J7K00ABC")
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert (line.notion.row()["In Eagle"], line.notion.row()["Eagle ID"]) == (True, "LQ2X5J7K00ABC")
