"""Locks between processes: one at a time, kept as long as they are held, and soon free when their holder dies."""

import threading

import pytest
from redis.exceptions import LockError

from crateline.durable import keyspace, locks

pytestmark = pytest.mark.real("redis")


def test_one_at_a_time(client):
    with locks.attempt(client, "a") as first, locks.attempt(client, "a") as second, locks.attempt(client, "b") as other:
        assert (first, second, other) == (True, False, True)
    with locks.attempt(client, "a") as again:
        assert again


def test_a_lock_is_kept_longer_than_its_lease_while_it_is_held(client):
    with locks.attempt(client, "a", lease_s=2.0):
        # When more than the lease has passed
        threading.Event().wait(3.0)
        # I expect nobody else to get it
        with locks.attempt(client, "a") as second:
            assert not second


def test_a_dead_holder_is_succeeded_when_its_lease_is_over(client):
    # Given a lock that nobody renews
    client.set(keyspace.lock("a"), "of a killed process", px=300)
    # I expect whoever waits to get it
    with locks.alone(client, "a", wait_s=5):
        assert client.get(keyspace.lock("a")) != "of a killed process"


def test_whoever_waits_in_vain_is_told(client):
    with locks.attempt(client, "a"), pytest.raises(LockError, match="«a»"), locks.alone(client, "a", wait_s=0.1):
        pytest.fail("both were alone")


def test_a_lock_that_was_lost_meanwhile_is_not_taken_from_its_new_holder(client):
    # Given a lock that lapsed, as when Redis was away, and is somebody else's
    with locks.attempt(client, "a"):
        client.set(keyspace.lock("a"), "another's")
    # I expect it to stay theirs
    assert client.get(keyspace.lock("a")) == "another's"


def test_what_goes_wrong_inside_is_told_and_the_lock_is_free(client):
    with pytest.raises(ValueError, match="inside"), locks.alone(client, "a", wait_s=1):
        raise ValueError("inside")
    assert client.get(keyspace.lock("a")) is None
