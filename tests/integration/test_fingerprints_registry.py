"""The register of fingerprints: a second upload of a recording is recognised, whoever comes first."""

import threading

import pytest

from crateline.durable.fingerprints import SPREAD_S, Fingerprints, Print

pytestmark = pytest.mark.real("redis")


def made(key: str, raw: bytes = b"\x00\xff recording", seconds: float = 300.0) -> Print:
    return Print(key=key, raw=raw, seconds=seconds)


def equal(one: Print, other: Print) -> bool:
    return one.raw == other.raw


@pytest.fixture
def prints(client):
    return Fingerprints(client)


def test_the_first_upload_is_its_own(prints):
    assert prints.register(made("a"), equal) == "a"
    assert prints.register(made("a"), equal) == "a"


def test_a_second_upload_leads_to_the_first(prints):
    # Given
    prints.register(made("a"), equal)

    # I expect it not to be registered itself
    assert prints.register(made("b", seconds=300 + SPREAD_S), equal) == "a"
    assert prints.register(made("c", seconds=300 + 2 * SPREAD_S), equal) == "c"


def test_another_recording_of_the_same_length_is_another_track(prints):
    # Given
    prints.register(made("a"), equal)

    # I expect
    assert prints.register(made("b", raw=b"else"), equal) == "b"


def test_the_bytes_come_back_as_they_were(prints):
    # Given
    raw, seen = bytes(range(256)), []
    prints.register(made("a", raw=raw, seconds=123.456), equal)

    # When
    prints.register(made("b", seconds=123.0), lambda known, new: seen.append((known, new)) or False)

    # I expect
    assert seen == [(made("a", raw=raw, seconds=123.456), made("b", seconds=123.0))]


def test_only_prints_of_nearly_the_same_length_are_compared(prints):
    # Given
    for number in range(20):
        prints.register(made(f"track {number}", raw=b"%d" % number, seconds=100.0 + 10 * number), equal)
    compared = []

    # When
    prints.register(made("new", raw=b"new", seconds=150.0), lambda known, _: compared.append(known.key) or False)

    # I expect
    assert compared == ["track 5"]


def test_of_many_uploads_at_once_exactly_one_is_the_first(prints):
    # Given
    answers, start = [], threading.Barrier(8)

    def register(number: int) -> None:
        start.wait()
        answers.append(prints.register(made(f"track {number}"), equal))

    # When
    threads = [threading.Thread(target=register, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # I expect
    assert len(answers) == 8
    assert len(set(answers)) == 1


def test_a_forgotten_track_is_no_longer_first(prints):
    # Given
    prints.register(made("a"), equal)

    # When
    prints.forget("a")

    # I expect
    assert prints.register(made("b"), equal) == "b"


def test_a_redis_that_has_forgotten_is_told_who_was_first(client):
    # Given an empty Redis, and a memory elsewhere of who was first
    prints = Fingerprints(client, lambda: [made("the first"), made("another", raw=b"else")])

    # I expect a later upload not to take its place
    assert prints.register(made("a later one"), equal) == "the first"
    assert prints.register(made("the first"), equal) == "the first"


def test_what_redis_knows_is_not_read_from_elsewhere(client):
    # Given
    Fingerprints(client).register(made("a"), equal)

    # When
    first = Fingerprints(client, lambda: pytest.fail("it was read")).register(made("b"), equal)

    # I expect
    assert first == "a"


def test_a_redis_that_forgot_learns_the_prints_anew_from_what_is_kept(client):
    # Given
    kept = [made("a"), made("b", raw=b"else", seconds=200)]
    prints = Fingerprints(client, lambda: kept)

    # I expect the first upload to stay the first
    assert prints.register(made("c"), equal) == "a"
    assert prints.register(made("d", raw=b"else", seconds=200), equal) == "b"


def test_what_is_kept_elsewhere_is_read_only_when_redis_knows_nothing(client):
    # Given
    read = []
    prints = Fingerprints(client, lambda: read.append(1) or [])

    # When
    for key in ("a", "b", "c"):
        prints.register(made(key), equal)

    # I expect
    assert read == [1]
