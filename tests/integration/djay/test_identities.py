"""`crateline djay ids`: every page gets its track's id once, and nothing that a person has typed is lost."""

import json
from dataclasses import replace

import pytest

from crateline.durable.answers import Answers
from crateline.durable.wishes import Wishes
from crateline.errors import ServiceStopped

FAULTS = (
    {"kind": "503", "rate": 0.04},
    {"kind": "reset-after", "rate": 0.04},
    {"kind": "429", "rate": 0.02, "retry_after": 1},
)
"""Every tenth request, in one way or another."""


def test_a_page_gets_what_djay_knows_in_one_request_and_a_second_run_writes_nothing(booth):
    # Given
    track = booth.track(1, bpm=126.0, manual_bpm=128.5, key="F#m")
    page = booth.page(1)

    # When
    done = booth.sync("ids")

    # I expect
    row = booth.shown(page)
    assert row["djay Pro ID"] == track.title_id
    assert row["Source ID"] == f"djay:{track.title_id}"
    assert (row["BPM"], row["Manual BPM"], row["BPM Adjustment"], row["Key"]) == (128.5, 128.5, 2.5, "F#m")
    assert (row["Source Platform"], row["File Path"]) == ("Local", "/music/1.m4a")
    assert len(booth.writes) == 1
    assert (done["updated"], done["unchanged"], done["failed"]) == (1, 0, 0)
    assert done["matched"]["title_artist"] == 1

    # When
    booth.fresh()
    again = booth.sync("ids")

    # I expect
    assert booth.writes == []
    assert (again["updated"], again["unchanged"]) == (0, 1)
    assert again["matched"]["djay_id"] == 1


def test_what_a_person_has_typed_stays(booth):
    # Given
    booth.track(1, bpm=126.0, key="F#m", manual_bpm=127.0)
    page = booth.page(1, BPM=90.0, Key="C", Source_ID="soundcloud:tracks:5", Manual_BPM=88.0, File_Path="/mine.wav")

    # When
    booth.sync("ids")

    # I expect
    row = booth.shown(page)
    assert (row["BPM"], row["Key"], row["Source ID"]) == (90.0, "C", "soundcloud:tracks:5")
    assert (row["Manual BPM"], row["File Path"]) == (88.0, "/mine.wav")
    assert row["djay Pro ID"]


def test_what_an_export_does_not_know_is_not_made_up(booth):
    # Given a row of an export, whose id is ours and whose file is a bare name
    track, page = booth.track(1), booth.page(1)
    made_up = replace(track, title_id="row:0123456789abcdef", path="Artist 1 - Title 1.m4a")
    booth.tracks = {made_up.title_id: made_up}

    # When
    booth.sync("ids")

    # I expect its tempo, and neither an id nor a path that lead nowhere
    row = booth.shown(page)
    assert row["BPM"] == 120.0
    assert [row[name] for name in ("djay Pro ID", "Source ID", "File Path")] == ["", "", ""]


def test_a_tempo_that_is_corrected_in_djay_is_corrected_in_notion_until_a_person_has_a_better_one(booth):
    # Given
    booth.track(1, manual_bpm=127.0)
    page = booth.page(1)
    booth.sync("ids")

    # When
    booth.track(1, manual_bpm=128.0)
    booth.sync("ids")

    # I expect
    assert booth.shown(page)["Manual BPM"] == booth.shown(page)["BPM"] == 128.0

    # When
    booth.person_edits(page, BPM=64.0)
    booth.track(1, manual_bpm=129.0)
    booth.sync("ids")

    # I expect
    assert (booth.shown(page)["Manual BPM"], booth.shown(page)["BPM"]) == (129.0, 64.0)


def test_a_stream_gives_the_key_of_its_service(booth):
    # Given
    booth.track(1, uris=("beatport:track:7", "soundcloud:tracks:8"))
    booth.track(2, uris=("spotify:track:4uLU6hMCjMI75M1A2tKUQC",))
    pages = booth.page(1), booth.page(2)

    # When
    booth.sync("ids")

    # I expect
    one, other = map(booth.shown, pages)
    assert (one["Source ID"], one["Source Platform"]) == ("soundcloud:tracks:8", "SoundCloud")
    assert (other["Source ID"], other["Spotify ID"]) == ("spotify:track:4uLU6hMCjMI75M1A2tKUQC", "4uLU6hMCjMI75M1A2tKUQC")


def test_what_is_doubtful_waits_for_a_person_and_is_written_when_it_was_accepted(booth):
    # Given one track and two pages that carry its id
    track = booth.track(1, uris=("soundcloud:tracks:8",))
    pages = [booth.page(1, Source_ID="soundcloud:tracks:8"), booth.page(1, Source_ID="soundcloud:tracks:8")]

    # When
    done = booth.sync("ids")

    # I expect
    key = f"djay:{track.title_id}"
    item = booth.item(key)
    assert done["review"] == 1
    assert booth.writes == []
    assert (item.verdict, item.fields["kind"], item.title) == ("review", "djay", "Artist 1 - Title 1")
    assert {one["id"] for one in json.loads(item.fields["candidates"])} == set(pages)
    assert Wishes(booth.wiring.redis).in_review() == {key}

    # When a person rejects both
    answers = Answers(booth.wiring.store)
    for page in pages:
        answers.reject(key, page)
    done = booth.sync("ids")

    # I expect
    assert (done["review"], done["absent"]) == (0, 1)
    assert Wishes(booth.wiring.redis).in_review() == set()

    # When a person accepts one of them after all
    answers.accept(key, pages[1])
    done = booth.sync("ids")

    # I expect
    assert booth.shown(pages[1])["djay Pro ID"] == track.title_id
    assert (done["matched"]["accepted"], done["review"]) == (1, 0)
    assert not booth.shown(pages[0])["djay Pro ID"]


def test_a_dry_run_says_it_all_and_leaves_everything_as_it_was(booth):
    # Given
    booth.track(1)
    booth.plays(1)
    booth.page(1)
    known = set(booth.wiring.redis.scan_iter("crateline:library*"))

    # When
    done = booth.sync(dry_run=True)

    # I expect
    assert (done["created"], done["updated"], done["dry_run"]) == (1, 1, True)
    assert booth.writes == []
    assert set(booth.wiring.redis.scan_iter("crateline:library*")) == known


def test_a_page_that_a_person_deletes_is_left_alone(booth):
    # Given a page that goes while it is being looked at
    booth.track(1)
    page = booth.page(1)
    booth.sync("ids")
    booth.track(1, manual_bpm=111.0)
    booth.person_edits(page, in_trash=True)

    # When
    done = booth.sync("ids")

    # I expect
    assert (done["failed"], done["created"]) == (0, 0)
    assert booth.rows() == []


def test_pages_are_written_though_every_tenth_request_fails(booth):
    # Given
    numbers = range(1, 31)
    for number in numbers:
        booth.track(number)
        booth.page(number)
    booth.order(*FAULTS)

    # When
    done = booth.sync("ids")

    # I expect
    booth.order()
    assert (done["updated"], done["failed"]) == (30, 0)
    assert all(row["djay Pro ID"] for row in booth.rows())
    booth.fresh()
    assert booth.sync("ids")["unchanged"] == 30
    assert booth.writes == []


def test_without_a_place_for_the_id_it_says_what_to_do(booth):
    # Given
    booth.track(1)
    booth.page(1)
    booth.drop_property("djay Pro ID", "tracks")

    # When / I expect
    with pytest.raises(ServiceStopped, match=r"no property «djay Pro ID»") as error:
        booth.sync("ids")
    assert "schema apply" in error.value.remedy
    assert booth.writes == []
