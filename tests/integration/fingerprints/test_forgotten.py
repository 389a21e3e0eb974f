"""A Redis that has forgotten everything is told again who was first, and nothing that was found before counts."""

import pytest

from crateline.durable import keyspace
from crateline.durable.fingerprints import Fingerprints, Standing
from crateline.errors import StaleClaim
from givens.uploads import equal, made, sound

pytestmark = pytest.mark.real("redis")


def test_a_register_filled_from_elsewhere_finds_what_one_filled_by_and_by_finds(uploads):
    # Given
    everything = [made(f"{seed} {copy}", raw=sound(seed)) for seed in range(40) for copy in range(2)]
    for one in everything:
        uploads.prints.put(one)
    found = {one.key: {near.key for near in uploads.prints.near(one)} for one in everything}
    # When
    uploads.client.flushall()
    again = Fingerprints(uploads.client, lambda: everything)
    # I expect
    assert {one.key: {near.key for near in again.near(one)} for one in everything} == found
    assert found["7 0"] == {"7 1"}


def test_a_job_whose_track_is_gone_registers_nothing(uploads):
    # Given an analysis that still runs when Redis forgets everything
    uploads.enqueue("a")
    stale = uploads.claim("a")
    uploads.client.flushall()
    # I expect
    with pytest.raises(StaleClaim):
        uploads.prints.register(stale, made("a"), equal)
    # When both are enqueued again, and the second is quicker
    uploads.enqueue("a", "b")
    with pytest.raises(StaleClaim):
        uploads.prints.register(stale, made("a"), equal)
    # I expect
    assert uploads.register("b") == "b"
    assert uploads.register("a") == "b"


def test_what_was_found_before_redis_forgot_does_not_count_after_it(uploads):
    # Given a search that goes on while Redis forgets, and the track is claimed again by the same worker
    uploads.register("a")
    uploads.enqueue("b")
    claim, calls = uploads.claim("b"), []

    def forgetful(known, new):
        calls.append(known.key)
        if len(calls) == 1:
            uploads.client.flushall()
            uploads.enqueue("b")
            uploads.client.hset(keyspace.track("b"), "c:analyze", f"{claim.token} 99999999999999 here")
        return True

    # I expect it to be asked anew: "a" is not there any more
    assert uploads.prints.register(claim, made("b"), forgetful).key == "b"
    assert calls == ["a"]


def test_a_redis_that_has_forgotten_is_told_who_was_first(uploads):
    # Given an empty Redis, and a memory elsewhere of who was first
    uploads.prints = Fingerprints(uploads.client, lambda: [made("the first", at=5), made("another", raw=sound("else"), at=6)])
    uploads.enqueue("the first", "a later one")
    later, first = uploads.claim("a later one"), uploads.claim("the first")
    # I expect a later upload not to take its place, whoever is quicker
    assert uploads.prints.register(later, made("a later one"), equal) == Standing(key="the first", made=False)
    assert uploads.prints.register(first, made("the first"), equal) == Standing(key="the first", at=5)


@pytest.mark.parametrize("keys", [("a", "b"), ("b", "a")])
def test_two_that_were_both_the_track_at_some_time_do_not_wait_for_each_other(uploads, keys):
    # Given a memory of two epochs
    uploads.prints = Fingerprints(uploads.client, lambda: [made("b", at=6), made("a", at=5)])
    uploads.enqueue("a", "b")
    # When they come in any order, and whoever has to wait comes again
    claims = {key: uploads.claim(key) for key in keys}
    found = {key: uploads.prints.register(claims[key], made(key), equal) for key in keys}
    # I expect the earlier to be the track
    assert found == {"a": Standing(key="a", at=5), "b": Standing(key="a", made=False)}


def test_one_that_is_remembered_but_not_enqueued_again_stands_back(uploads):
    # Given
    uploads.prints = Fingerprints(uploads.client, lambda: [made("the first", at=5)])
    # I expect the other to be the track, and to stay it when the first comes after all
    assert uploads.register("a later one") == "a later one"
    assert uploads.register("the first") == "a later one"


def test_what_redis_knows_is_not_read_from_elsewhere(uploads):
    # Given
    read = []
    uploads.prints = Fingerprints(uploads.client, lambda: read.append(1) or [])
    # When
    for key in ("a", "b", "c"):
        uploads.register(key)
    # I expect
    assert read == [1]


def test_a_filling_that_is_overtaken_leaves_nothing(uploads):
    # Given a worker that fills the register slowly, while another has done so and the line goes on
    others = Fingerprints(uploads.client, lambda: [made("old", raw=sound("else"), at=1)])
    slow = Fingerprints(uploads.client)

    def kept():
        uploads.prints = others
        others.fill()
        assert uploads.register("b") == "b"
        yield made("a", at=1)

    slow._kept = kept
    # When
    slow.fill()
    # I expect "a", which it brought too late, not to count
    assert uploads.register("a") == "b"
