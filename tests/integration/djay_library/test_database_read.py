"""djay's database: what was written is read, and the library that is written for tests is like a real one."""

import pytest

from crateline.clients.djay import database
from crateline.sandbox import djay
from crateline.sandbox.catalogue import World
from givens.djay_database import SIZE


@pytest.mark.parametrize("windows", [False, True], ids=["mac", "windows"])
@pytest.mark.parametrize("media_items", [False, True], ids=["without media items", "with media items"])
@pytest.mark.parametrize("live", [False, True], ids=["at rest", "in use"])
def test_what_was_written_is_read(tmp_path, windows, media_items, live):
    # Given
    truth = djay.generate(tmp_path, **SIZE, windows=windows, media_items=media_items, live=live, seed=5)

    # When
    library = database.read(tmp_path)

    # I expect
    assert library.tracks == truth.library.tracks
    assert library.sessions == truth.library.sessions
    assert library.playlists == truth.library.playlists
    assert library.source == truth.library.source
    assert {finding.kind for finding in library.findings} <= {"absent"}


def test_the_truth_is_worth_comparing_with(tmp_path):
    # Given
    truth = djay.generate(tmp_path, **SIZE, seed=5)
    tracks = truth.library.tracks.values()

    # I expect some of everything
    assert all(
        any(getattr(track, name) for track in tracks) for name in ("manual_bpm", "hot_cues", "loops", "rating", "play_count")
    )
    assert any(len(track.uris) > 1 for track in tracks)
    assert truth.bookmarked
    assert any(len(playlist.tracks) > 100 for playlist in truth.library.playlists), "more than two pages of a view"
    assert any(playlist.parent_id for playlist in truth.library.playlists)
    plays = [play for session in truth.library.sessions for play in session.plays]
    assert {play.title_id for play in plays} - set(truth.library.tracks) == set(truth.strangers)


def test_a_real_librarys_mix_is_the_default():
    # When
    truth = djay.imagine()

    # I expect
    origins = list(truth.origins.values())
    counts = {origin: origins.count(origin) for origin in set(origins)}
    assert counts == {"local": 13_365, "unknown": 234, "beatport": 1_026, "soundcloud": 913, "spotify": 2}
    plays = [play for session in truth.library.sessions for play in session.plays]
    assert (len(truth.library.sessions), len(plays), len(truth.library.playlists)) == (114, 2_027, 37)
    played = {play.title_id for play in plays}
    assert (len(played), len(played & set(truth.library.tracks))) == (673, 561)
    assert max(len(session.plays) for session in truth.library.sessions) == 150
    assert any(session.end is None for session in truth.library.sessions)


def test_what_the_sandbox_lists_is_in_the_library_and_in_the_sets():
    # Given
    world = World.build(tracks=20)

    # When
    truth = djay.imagine(**SIZE, listed=djay.listed(world))

    # I expect
    uris = {track.key for track in world.soundcloud}
    streamed = {one: track for one, track in truth.library.tracks.items() if uris.intersection(track.uris)}
    played = {play.title_id: play for session in truth.library.sessions for play in session.plays}
    assert len(streamed) == list(truth.origins.values()).count("soundcloud")
    assert {played[one].origin for one in streamed if one in played} == {"soundcloud"}
