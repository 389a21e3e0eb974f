"""Pairs score 1 in a set, 2 more next to each other, 4 more at once on two decks; and what a DJ did is added up per track."""

import json
import random
import time
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import activity, cooccurrence, decks
from crateline.domain.library import HotCue, LibraryTrack, Loop, Play, Session

BEGIN = datetime(2026, 1, 16, 20, 30, tzinfo=UTC)


def a_set(ids, gap=60, decks_of=(1, 2), session_id="s", begin=BEGIN):
    plays = tuple(
        Play(
            play_id=f"{session_id}{place}",
            session_id=session_id,
            title_id=one,
            deck=decks_of[place % len(decks_of)],
            started=begin + timedelta(seconds=gap * place),
        )
        for place, one in enumerate(ids)
    )
    return Session(session_id=session_id, plays=plays, start=begin)


def slowly(session):
    """The rule as it is written, pair by pair."""
    scores = {}
    for (i, one), (j, other) in combinations(enumerate(session.plays), 2):
        if one.title_id != other.title_id and one.title_id and other.title_id:
            pair = tuple(sorted((one.title_id, other.title_id)))
            near = abs(one.started - other.started) < timedelta(seconds=30)
            at_once = near and one.deck and other.deck and one.deck != other.deck
            scores[pair] = scores.get(pair, 0) + 1 + 2 * (j == i + 1) + 4 * bool(at_once)
    return scores


def test_a_pair_scores_1_and_3_next_to_each_other_and_7_if_at_once_too():
    assert cooccurrence.pairs([a_set("abc")]) == {("a", "b"): 3, ("b", "c"): 3, ("a", "c"): 1}
    assert cooccurrence.pairs([a_set("abc", gap=20)]) == {("a", "b"): 7, ("b", "c"): 7, ("a", "c"): 1}
    assert cooccurrence.pairs([a_set("abc", gap=10, decks_of=(1, 2, 3))])["a", "c"] == 5


def test_a_track_does_not_pair_with_itself_and_nothing_pairs_with_the_unknown():
    assert cooccurrence.pairs([a_set("aa")]) == {}
    assert cooccurrence.pairs([a_set(["a", "", "b"])]) == {("a", "b"): 1}


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", ""]), max_size=12), max_size=3), st.integers(0, 40))
def test_the_scores_are_those_of_the_rule_as_it_is_written(sets, gap):
    # Given
    sessions = [a_set(ids, gap=gap, decks_of=(1, 2, None, 1)) for ids in sets]

    # When
    expected = {}
    for session in sessions:
        for pair, score in slowly(session).items():
            expected[pair] = expected.get(pair, 0) + score

    # I expect
    assert cooccurrence.pairs(sessions) == expected


def test_the_strongest_partners_come_first_and_equal_ones_by_their_id():
    scores = {("a", "b"): 3, ("a", "c"): 7, ("a", "d"): 3, ("c", "d"): 1}
    assert cooccurrence.partners(scores, top=2)["a"] == (("c", 7), ("b", 3))
    assert cooccurrence.partners(dict(reversed(scores.items())), top=2) == cooccurrence.partners(scores, top=2)
    assert cooccurrence.partners({}) == {}


def test_years_of_long_sets_take_seconds():
    # Given 114 sets of 150 plays
    chance = random.Random(1)
    ids = [f"{number:032x}" for number in range(673)]
    sessions = [a_set(chance.choices(ids, k=150), gap=25, session_id=str(number)) for number in range(114)]

    # When
    begun = time.process_time()
    found = cooccurrence.partners(cooccurrence.pairs(sessions))

    # I expect it far within what a slow machine needs
    assert time.process_time() - begun < 20
    assert all(len(partners) <= 10 for partners in found.values())


def test_simultaneous_plays_are_found_whatever_their_order_in_the_set():
    session = a_set("abcd", gap=20)
    turned = tuple(reversed(session.plays))
    assert sorted(decks.simultaneous(session.plays)) == [(0, 1), (1, 2), (2, 3)]
    assert sorted(decks.simultaneous(turned)) == [(0, 1), (1, 2), (2, 3)]


# --- activity


def test_a_tracks_activity_is_its_plays_its_sets_and_its_first_and_last_time():
    # Given
    later = BEGIN + timedelta(days=3)
    sessions = [a_set("aab", session_id="1"), a_set("a", session_id="2", begin=later)]

    # When
    found = activity.of(sessions, {"z": LibraryTrack(title_id="z", manual_bpm=99.0)})

    # I expect
    assert (found["a"].plays, found["a"].sessions) == (3, 2)
    assert (found["a"].first_played, found["a"].last_played) == (BEGIN, later)
    assert (found["z"].plays, found["z"].first_played, found["z"].manual_bpm) == (0, None, 99.0)
    assert set(found) == {"a", "b", "z"}


def test_without_a_plays_own_time_its_sets_end_is_what_is_known():
    play = Play(play_id="p", session_id="s", title_id="a")
    found = activity.of([Session(session_id="s", end=BEGIN, plays=(play,))], {})
    assert found["a"].last_played == BEGIN


def test_cues_and_loops_are_json_in_the_order_of_their_pads():
    cues = (HotCue(position=3, time=61.23456, name="Drop", color="blue"), HotCue(position=1, time=0.0, name="Älpha"))
    assert json.loads(activity.hot_cues(cues)) == [
        {"name": "Älpha", "position": 1, "color": "", "time": 0.0},
        {"name": "Drop", "position": 3, "color": "blue", "time": 61.235},
    ]
    assert json.loads(activity.loops((Loop(number=1, start=1.5, end=9.5, name="Vox"),))) == [
        {"start": 1.5, "end": 9.5, "name": "Vox"}
    ]
    assert activity.hot_cues(()) == activity.loops(()) == ""
