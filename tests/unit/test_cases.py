"""Songs with candidates are read from whatever JSON holds them, and what is wrong is said."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import cases
from crateline.domain.track import Platform

CASE = {
    "song": {"name": "Glue", "artists": ["Bicep"], "duration": 269.5, "isrc": "GBCFB1700001"},
    "accepted": ["a"],
    "candidates": [{"id": "a", "title": "Glue", "artists": ["Bicep"], "duration": 269, "kind": "song", "queries": ["x"]}],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["song", "candidates", "name", "id", "a"]), inner)
    ),
    max_leaves=12,
)


def with_candidate(**fields):
    return {**CASE, "candidates": [{"title": "Glue", **fields}]}


def test_a_case_is_read_whole():
    case = cases.read(CASE)
    assert (case.song.title, case.song.artist, case.song.duration, case.song.isrc) == ("Glue", "Bicep", 269.5, "GBCFB1700001")
    assert case.accepted == {"a"}
    assert (case.candidates[0].id, case.candidates[0].topic) == ("a", True)


def test_all_but_the_songs_name_may_be_absent():
    # Given
    case = cases.read({"song": {"name": "Glue"}, "candidates": [{"title": "Glue"}, {}]})
    # I expect
    assert (case.song.artist, case.song.duration, case.accepted) == ("", None, None)
    assert [(one.id, one.duration, one.topic) for one in case.candidates] == [("1", None, False), ("2", None, False)]


@pytest.mark.parametrize(("document", "rows"), [([CASE], 1), ({"cases": [CASE, CASE]}, 2), (CASE, 1), ([], 0)])
def test_cases_stand_in_a_list_or_under_their_name_or_alone(document, rows):
    assert len(cases.rows_of(document)) == rows


@pytest.mark.parametrize("document", ["text", 7, None, {"songs": []}, {"cases": {}}])
def test_what_holds_no_cases_is_refused(document):
    with pytest.raises(ValueError, match="a list of cases"):
        cases.rows_of(document)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (7, "the case must be an object"),
        ({"candidates": []}, '"song" must be an object'),
        ({"song": {"artists": ["Bicep"]}}, "the song has no name"),
        ({"song": {"name": "Glue"}, "candidates": {}}, '"candidates" must be a list'),
        ({"song": {"name": "Glue"}, "candidates": [{"id": 1}, "x"]}, "candidate 2 must be an object"),
        (with_candidate(duration="long"), '"duration" must be in seconds'),
        (with_candidate(duration=-5), '"duration" must be in seconds'),
        (with_candidate(artists=7), '"artists" must be a list of names'),
        ({**CASE, "accepted": "a"}, '"accepted" must be a list'),
    ],
)
def test_what_is_wrong_with_a_case_is_said(row, said):
    with pytest.raises(ValueError, match=said):
        cases.read(row)


@given(JSON)
def test_any_json_is_read_or_refused_and_nothing_else_happens(row):
    with contextlib.suppress(ValueError):
        assert cases.read(json.loads(json.dumps(row))).song.title


@pytest.mark.parametrize(
    ("length", "seconds"), [(269, 269), ("269.5", 269.5), ("4:29", 269), ("1:04:29", 3869), (0, None), ("", None)]
)
def test_a_length_is_read_in_every_usual_form(length, seconds):
    assert cases.read(with_candidate(duration=length)).candidates[0].duration == seconds


@pytest.mark.parametrize(
    ("fields", "artist", "channel", "topic"),
    [
        ({"artists": ["A", "B"], "kind": "song"}, "A, B", "A, B", True),
        ({"artists": [{"name": "A"}], "kind": "video"}, "A", "A", False),
        ({"artists": "A & B"}, "A & B", "A & B", False),
        ({"channel": "Bicep - Topic"}, "Bicep", "Bicep", True),
        ({"uploader": "Ninja Tune"}, "", "Ninja Tune", False),
    ],
)
def test_only_a_song_or_a_topic_channel_names_its_artist_for_sure(fields, artist, channel, topic):
    one = cases.read(with_candidate(**fields)).candidates[0]
    assert (one.artist, one.channel, one.topic) == (artist, channel, topic)


@pytest.mark.parametrize(
    ("said", "platform"), [("soundcloud", Platform.SOUNDCLOUD), ("Vimeo", Platform.YOUTUBE), (None, Platform.YOUTUBE)]
)
def test_a_platform_is_known_by_its_name(said, platform):
    assert cases.read(with_candidate(platform=said)).candidates[0].platform is platform
