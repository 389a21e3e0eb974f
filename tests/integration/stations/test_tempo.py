"""One tempo for page and tags: a person's or djay's word first, then the genre, then the user's range."""

import json
from pathlib import Path

import pytest

from crateline.audio import tags
from crateline.messages import Station
from tasks import hearing

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia")]

KEY = "soundcloud:tracks:1"


def tagged(line):
    """The tempo in every file of the track."""
    return {tags.read(Path(path)).bpm for path in line.item(KEY).result(Station.ANALYZE)["files"]}


def test_a_genre_chooses_the_octave_for_page_and_tags(line, listened, make_track):
    # Given
    line.enqueue(make_track(1, genre="Drum & Bass"))
    # When
    assert listened(KEY, bpm=87.0) == "sealed"
    line.sealed(Station.EAGLE, KEY, used=False)
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert line.notion.row()["BPM"] == 174
    assert tagged(line) == {174}


@pytest.mark.parametrize(
    ("djay", "shown"),
    [
        ({"bpm": 174.0}, 174.0),
        ({"bpm": 173.9, "manual_bpm": 87.0}, 87.0),
        ({"manual_bpm": None, "bpm": "128,5"}, 128.5),
        ({"bpm": 0}, 124.0),
        ({"bpm": "fast"}, 124.0),
        ({}, 124.0),
        ([1, 2], 124.0),
    ],
)
def test_what_djay_says_wins_over_what_was_heard(line, listened, make_track, djay, shown):
    # Given
    line.enqueue(make_track(1))
    line.set(KEY, djay=json.dumps(djay))
    # When
    assert listened(KEY, bpm=124.0) == "sealed"
    # I expect
    assert line.item(KEY).result(Station.ANALYZE)["bpm"] == shown
    assert tagged(line) == {shown}


def test_what_a_person_wrote_on_the_page_before_us_reaches_the_tags(line, listened, make_track):
    # Given a page that the index knows
    line.notion.person_makes(Name="Title 1", Artist="Artist 1", SoundCloud_URL=make_track(1).url, BPM=62)
    line.enqueue(make_track(1))
    assert line.page(KEY) == "sealed"
    # When
    assert listened(KEY, bpm=124.0) == "sealed"
    line.sealed(Station.EAGLE, KEY, used=False)
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert line.notion.row()["BPM"] == 62
    assert tagged(line) == {62}


def test_a_page_that_is_found_after_the_analysis_has_the_files_tagged_anew(line, listened, make_track):
    # Given an analysed track
    line.notion.person_makes(Name="Title 1", Artist="Artist 1", Duration=360, BPM=62)
    line.enqueue(make_track(1))
    assert listened(KEY, bpm=124.0) == "sealed"
    assert tagged(line) == {124}
    line.sealed(Station.EAGLE, KEY, used=False)
    # When its page is found by its words
    assert line.finalise(KEY) == "sealed"
    assert line.waits(Station.ANALYZE, KEY) is not None
    assert listened(KEY, bpm=124.0) == "sealed"
    assert line.finalise(KEY) == "sealed"
    # I expect one tempo everywhere, and no more work
    assert tagged(line) == {62}
    assert line.notion.row()["BPM"] == 62
    assert line.item(KEY).sealed(Station.ANALYZE)


def test_what_we_wrote_ourselves_is_nobodys_word(line, listened, make_track):
    # Given a finished track
    track = make_track(1)
    line.enqueue(track)
    assert listened(KEY, bpm=124.0) == "sealed"
    line.sealed(Station.EAGLE, KEY, used=False)
    assert line.finalise(KEY) == "sealed"
    # When it is heard anew, and better
    line.forget(KEY, "s:analyze")
    assert listened(KEY, bpm=125.0) == "sealed"
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert line.notion.row()["BPM"] == 125
    assert tagged(line) == {125}


def test_a_note_of_another_shape_is_listened_to_again(line, fetched, make_track):
    # Given an analysis kept by somebody else
    line.enqueue(make_track(1))
    fetched(KEY)
    original = line.wiring.store.kept("originals", KEY)
    line.wiring.store.keep_memo("analyses", f"{original.digest}-{hearing.RECIPE}-{hearing.ESSENTIA}", {"bpm": 99.0})
    # When
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    # I expect
    assert line.item(KEY).result(Station.ANALYZE)["duration"] > 0
