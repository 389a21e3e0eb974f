from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crateline.sandbox import words
from crateline.sandbox.catalogue import End, Fate, World

SIZES = (1, 2, 3, 4, 12, 60, 500)


def by_id(world):
    return {track.id: track for track in world.soundcloud}


@pytest.mark.parametrize("rows", SIZES)
def test_the_main_set_has_exactly_the_rows_asked_for_and_an_end_for_each(rows):
    world = World.build(tracks=rows)
    assert len(world.main.track_ids) == rows
    assert [end.position for end in world.expected()] == list(range(rows))
    assert [end.key for end in world.expected()] == [f"soundcloud:tracks:{number}" for number in world.main.track_ids]


def test_the_same_arguments_give_the_same_world_and_another_seed_another():
    assert World.build(tracks=12, seed=7) == World.build(tracks=12, seed=7)
    assert World.build(tracks=12, seed=7) != World.build(tracks=12, seed=8)


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 80), seed=st.integers(0, 10_000))
def test_every_world_is_sound(rows, seed):
    # Given any world
    world = World.build(tracks=rows, seed=seed)
    tracks = by_id(world)
    # I expect ids and pages that are nobody else's
    assert len(tracks) == len(world.soundcloud)
    assert len({track.url for track in world.soundcloud}) == len(world.soundcloud)
    assert len({video.id for video in world.youtube}) == len(world.youtube)
    # and lists that name only what exists
    listed = [number for one in world.soundcloud_sets for number in one.track_ids] + list(world.listener.likes)
    assert set(listed) <= set(tracks)
    assert {row for one in world.youtube_lists for row in one.video_ids} <= {video.id for video in world.youtube}
    spotify = {track.id for track in world.spotify} | {"null", "local", "episode"}
    assert {row for one in world.spotify_playlists for row in one.rows} <= spotify


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 120), seed=st.integers(0, 10_000))
def test_each_end_follows_from_what_the_world_holds(rows, seed):
    world = World.build(tracks=rows, seed=seed)
    tracks = by_id(world)
    played = {video.recording.id for video in world.youtube}
    done = {end.recording for end in world.expected() if end.end is End.DONE}
    for end in world.expected():
        track = tracks[int(end.key.rpartition(":")[2])]
        if end.end is End.DONE and track.fate is not Fate.PLAYABLE:
            assert track.recording.id in played
        if end.end is End.ALIAS:
            assert track.recording.id in done
            assert end.of != end.key
        if end.end in (End.REFUSED, End.REVIEW):
            assert track.fate is not Fate.PLAYABLE
            assert track.recording.id not in played


@pytest.mark.parametrize("rows", [12, 60])
def test_a_usual_set_holds_the_troublemakers_of_real_life(rows):
    # Given a set of a usual size
    world = World.build(tracks=rows)
    tracks = by_id(world)
    fates = Counter(tracks[number].fate for number in world.main.track_ids)
    ends = Counter(end.end for end in world.expected())
    # I expect each kind of trouble at least once, and most rows without any
    assert fates[Fate.PREVIEW] >= 1
    assert fates[Fate.DRM] >= 1
    assert fates[Fate.DELETED] >= 1
    assert len(set(world.main.track_ids)) < rows
    assert ends[End.ALIAS] >= 1
    assert ends[End.REFUSED] >= 1
    assert fates[Fate.PLAYABLE] >= rows / 2
    titles = {tracks[number].title for number in world.main.track_ids}
    assert titles & set(words.HOSTILE)


def test_sixty_rows_hold_all_of_them():
    world = World.build(tracks=60)
    fates = Counter(by_id(world)[number].fate for number in world.main.track_ids)
    ends = Counter(end.end for end in world.expected())
    assert set(fates) == set(Fate)
    assert ends[End.REVIEW] == 1
    assert {"preview, on YouTube: live", "preview, on YouTube: twin", "blocked, on YouTube: nothing"} <= {
        end.why for end in world.expected()
    }
    assert {track.title for track in world.soundcloud} >= set(words.HOSTILE)


def test_a_wrong_version_is_another_recording_of_another_length():
    world = World.build(tracks=60)
    wrong = [video.recording for video in world.youtube if "Live" in video.recording.version]
    for recording in wrong:
        original = next(one for one in world.recordings if one.title == recording.title and not one.version)
        assert recording.seed != original.seed
        assert recording.duration > original.duration + 2


def test_a_second_set_shares_tracks_with_the_first():
    main, second = World.build(tracks=12).soundcloud_sets
    assert set(main.track_ids) & set(second.track_ids)
    assert set(second.track_ids) - set(main.track_ids)
    assert len(second.track_ids) < len(main.track_ids)


def test_recordings_last_as_long_as_asked():
    world = World.build(tracks=60, seconds=(20, 40))
    plain = [recording for recording in world.recordings if not recording.version.startswith(("Live", "Extended", "Soren"))]
    assert all(20 <= recording.duration <= 40 for recording in plain)


def test_an_excerpt_is_shorter_than_its_recording():
    world = World.build(tracks=60)
    excerpts = [track for track in world.soundcloud if track.fate is Fate.PREVIEW]
    assert excerpts
    assert all(track.duration <= track.full_duration / 2 for track in excerpts)
    long = World.build(tracks=60, seconds=(200, 300))
    assert {track.duration for track in long.soundcloud if track.fate is Fate.PREVIEW} == {30.0}
