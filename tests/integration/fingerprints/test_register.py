"""The register of fingerprints: of all uploads of a recording that are on the line, exactly one is the track."""

import pytest

from crateline.durable import fingerprints, keyspace
from givens.uploads import RECORDING, made, sound

pytestmark = pytest.mark.real("redis")


def test_the_first_upload_is_its_own_and_stays_it(uploads):
    assert uploads.register("a") == "a"
    uploads.client.hdel(keyspace.track("a"), "s:analyze")  # it came into another playlist: it is filed again
    assert uploads.register("a") == "a"


def test_a_second_upload_leads_to_the_first(uploads):
    # Given
    uploads.register("a")
    # I expect it not to be registered itself
    assert uploads.register("b", seconds=301) == "a"
    assert uploads.client.zrange(fingerprints.BY_INSTANT, 0, -1) == ["a"]


def test_another_recording_of_the_same_length_is_another_track(uploads):
    uploads.register("a")
    assert uploads.register("b", raw=sound("else")) == "b"


def test_the_bytes_come_back_as_they_were(uploads):
    # Given
    raw = bytes(range(256))
    uploads.register("a", raw=raw, seconds=123.456)
    # I expect
    assert uploads.prints.near(made("b", raw=raw)) == [made("a", raw=raw, seconds=123.456)]


def test_only_prints_that_are_like_it_are_compared_whatever_their_length(uploads):
    # Given many strangers, a part of the recording, and a noisy copy of it
    whole = RECORDING
    for number in range(30):
        uploads.register(f"stranger {number}", raw=sound(number))
    uploads.register("part", raw=whole[80:], seconds=20)
    uploads.register("noisy", raw=bytes(byte ^ (place % 19 == 0) for place, byte in enumerate(whole)), seconds=900)
    # I expect the likeliest first
    assert [one.key for one in uploads.prints.near(made("new", raw=whole))] == ["noisy", "part"]


def test_a_track_whose_file_was_replaced_is_found_by_its_new_print_alone(uploads):
    # Given
    uploads.register("a")
    uploads.client.hdel(keyspace.track("a"), "s:analyze")
    # When
    assert uploads.register("a", raw=sound("better")) == "a"
    # I expect
    assert uploads.prints.near(made("b")) == []
    assert [one.key for one in uploads.prints.near(made("b", raw=sound("better")))] == ["a"]


def test_a_file_on_no_line_is_found_and_stands_for_no_track(uploads):
    # Given
    uploads.prints.put(made("file:/music/a.flac"))
    # I expect
    assert [one.key for one in uploads.prints.near(made("a"))] == ["file:/music/a.flac"]
    assert uploads.register("a") == "a"
    assert uploads.register("b") == "a"
    assert [one.key for one in uploads.prints.near(made("c"))] == ["file:/music/a.flac", "a"]
    # When
    uploads.prints.forget("file:/music/a.flac")
    # I expect
    assert [one.key for one in uploads.prints.near(made("c"))] == ["a"]


def test_a_forgotten_track_is_no_longer_first(uploads):
    uploads.register("a")
    uploads.prints.forget("a")
    assert uploads.register("b") == "b"
