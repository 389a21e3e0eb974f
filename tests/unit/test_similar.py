"""Similar tracks mix: keys that fit, tempi within 6 %, half and double time; and nobody looks at all pairs to find them."""

import math
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crateline.domain import keys, similar
from crateline.domain.keys import Key
from crateline.domain.library import LibraryTrack


def a_track(title_id, bpm=128.0, key="Am", genre=""):
    return LibraryTrack(title_id=title_id, bpm=bpm, key=key, genre=genre)


def partners(*tracks, top=10):
    found = similar.similar(tracks, top)
    return {one: [other.title_id for other in found.get(one, ())] for one in (track.title_id for track in tracks)}


@pytest.mark.parametrize(
    ("key", "bpm", "fits"),
    [
        ("Am", 128, True),
        ("C", 128, True),  # its relative
        ("Em", 128, True),  # one step on the wheel
        ("Dm", 128, True),
        ("A", 128, False),
        ("Bm", 128, False),  # two steps
        ("Am", 135.6, True),
        ("Am", 120.4, True),
        ("Am", 135.8, False),
        ("Am", 120.2, False),
        ("Am", 64, True),
        ("Am", 256, True),
        ("Am", 96, False),
        ("", 128, False),
        ("Am", 0, False),
    ],
)
def test_a_track_fits_by_its_key_and_its_tempo(key, bpm, fits):
    assert partners(a_track("a"), a_track("b", bpm=bpm, key=key))["a"] == (["b"] if fits else [])


def test_the_same_key_comes_before_its_relative_and_that_before_a_neighbour_and_full_time_before_half():
    tracks = [a_track("own"), a_track("n", key="Em"), a_track("r", key="C"), a_track("s"), a_track("half", bpm=64.0)]
    assert partners(*tracks)["own"] == ["s", "half", "r", "n"]


def test_among_equal_tempi_the_own_genre_is_next_and_not_everybody_gets_the_same_ten():
    # Given a library with hundreds of tracks at 128
    tracks = [a_track(f"{number:04}", genre=("House", "Techno")[number % 2]) for number in range(300)]

    # When
    found = partners(*tracks)

    # I expect
    genres = {track.title_id: track.genre for track in tracks}
    same = sum(genres[one] == genres[other] for one, others in found.items() for other in others)
    assert same > 0.95 * sum(map(len, found.values()))
    assert len({other for others in found.values() for other in others}) == 300


LIBRARIES = st.lists(
    st.tuples(st.sampled_from(sorted(Key)), st.sampled_from([60.0, 64.0, 120.0, 124.0, 126.5, 128.0, 135.0, 140.0, 174.0])),
    max_size=40,
)


@settings(max_examples=60)
@given(LIBRARIES, st.integers(1, 6))
def test_the_best_are_the_best_of_all_pairs(library, top):
    # Given
    tracks = {f"{at:03}": a_track(f"{at:03}", bpm, key) for at, (key, bpm) in enumerate(library)}

    # When
    found = similar.similar(tracks.values(), top)

    # I expect the scores that looking at every pair gives
    for one, track in tracks.items():
        scores = [score for other in tracks.values() if other is not track and (score := slowly(track, other)) is not None]
        assert [like.score for like in found.get(one, ())] == pytest.approx(sorted(scores, reverse=True)[:top], abs=2e-4)


def slowly(one, other):
    ours, theirs = keys.parse(one.key), keys.parse(other.key)
    if theirs not in keys.compatible(ours):
        return None
    worth = similar.SAME if ours == theirs else similar.RELATIVE if theirs == ours.relative else similar.STEP
    for octave in (0, 1, -1):
        ratio = other.bpm / (one.bpm * 2**octave)
        if 0.94 <= ratio <= 1.06:
            tempo = 1 - abs(math.log2(ratio)) / -math.log2(0.94)
            return 0.6 * worth + 0.4 * tempo - 0.1 * abs(octave)
    return None


def test_the_order_of_the_library_changes_nothing():
    chance = random.Random(2)
    tracks = [a_track(f"{number:04}", chance.uniform(60, 180), chance.choice(list(Key))) for number in range(400)]
    turned = similar.similar(reversed(tracks))
    assert similar.similar(tracks) == turned


def test_a_large_library_takes_seconds():
    # Given 15,540 tracks, most of them at the tempi of house
    chance = random.Random(3)
    order = list(Key)
    tracks = [a_track(f"{number:05}", round(chance.gauss(126, 8)), chance.choice(order)) for number in range(15_540)]

    # When
    begun = time.process_time()
    found = similar.similar(tracks)

    # I expect it far within what a slow machine needs
    assert time.process_time() - begun < 60
    assert sum(len(one) == similar.TOP for one in found.values()) > 15_000
