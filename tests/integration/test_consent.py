"""One token for all processes: whoever finds it ended renews it for all of them, and who dies at that is succeeded."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import nullcontext

import httpx
import pytest
import redis

from crateline import settings
from crateline.cli import session
from crateline.clients.spotify import tokens
from crateline.durable import consent
from crateline.durable.consent import Consent
from crateline.errors import Unavailable
from crateline.wiring import Wiring

pytestmark = pytest.mark.real("redis")

WHO = """
from crateline import settings
from crateline.wiring import Wiring
print(Wiring(settings.load()).spotify.who())
"""


@pytest.fixture
def service(world):
    """Spotify, and the ways to break it; afterwards it is well, and its tokens are as at first."""
    base = world.addresses["spotify"]

    class Service:
        def order(self, *rules):
            httpx.post(f"{base}/_sandbox/faults", json=list(rules), trust_env=False).raise_for_status()

        def end_tokens(self):
            body = {"access": True, "consent": False}
            httpx.post(f"{base}/_sandbox/consent", json=body, trust_env=False).raise_for_status()

        def renewals(self):
            return httpx.get(f"{base}/_sandbox/stats", trust_env=False).json()["kinds"].get("token", 0)

    yield Service()
    Service().order()


@pytest.fixture
def start(settled_in):
    """Start processes that ask Spotify who its user is; they end with the test."""
    running = []

    def process():
        running.append(subprocess.Popen([sys.executable, "-c", WHO], stdout=subprocess.PIPE, env=dict(os.environ), text=True))
        return running[-1]

    yield process
    for one in running:
        one.kill()
        one.communicate()


@pytest.fixture
def expired(settled_in, service):
    """A token that all have, and that has ended."""
    wiring = Wiring(settings.load())
    assert wiring.spotify.who() == "Crate Digger"
    service.end_tokens()
    wiring.consent.save_token_to_cache({**wiring.consent.get_cached_token(), "expires_at": time.time() - 1})
    yield wiring
    session.close(wiring)


def test_two_processes_whose_token_has_ended_renew_it_once(expired, service, start):
    # Given an endpoint that takes its time
    service.order({"kind": "slow", "seconds": 2, "path": "/api/token"})
    before = service.renewals()
    # When
    both = [start(), start()]
    # I expect both to go on, with one renewal
    assert [one.communicate(timeout=60)[0].strip() for one in both] == ["Crate Digger"] * 2
    assert service.renewals() - before == 1


def test_who_is_killed_while_renewing_is_succeeded_within_seconds(expired, service, start, eventually):
    # Given a process to which the token endpoint gives no answer
    service.order({"kind": "timeout", "seconds": 120, "path": "/api/token", "times": 1})
    before = service.renewals()
    first = start()
    eventually(lambda: service.renewals() > before, 60)
    # When it is killed, and another one needs the token
    first.send_signal(signal.SIGKILL)
    began = time.monotonic()
    second = start()
    # I expect that to renew it, as soon as the dead one's turn has lapsed
    assert second.communicate(timeout=60)[0].strip() == "Crate Digger"
    assert time.monotonic() - began < consent.LEASE_S + 10
    assert service.renewals() - before == 2


def test_who_renews_for_long_is_not_overtaken(client, monkeypatch):
    # Given a short turn, and somebody who takes longer
    monkeypatch.setattr(consent, "LEASE_S", 0.4)
    monkeypatch.setattr(consent, "WAIT_S", 0.2)
    inside, over = threading.Event(), threading.Event()

    def slowly():
        with Consent(client).alone():
            inside.set()
            over.wait(20)

    thread = threading.Thread(target=slowly)
    thread.start()
    inside.wait(20)
    # When its turn would have lapsed twice
    threading.Event().wait(1.0)
    # I expect nobody else to renew meanwhile: Spotify is away for them, which passes
    with pytest.raises(Unavailable, match="another process"), Consent(client).alone():
        pytest.fail("two renewed at a time")
    over.set()
    thread.join()
    with Consent(client).alone():
        pass


def test_a_renewed_consent_is_not_lost_with_redis(client, tmp_path, monkeypatch):
    # Given a consent whose refresh token works once
    kept = Consent(client, tmp_path / "spotify.json")
    kept.save_token_to_cache({"access_token": "a", "refresh_token": "1", "expires_at": 10.0, "consented_at": 1.0})
    # When it was renewed while Redis has gone away
    with monkeypatch.context() as away:
        away.setattr(client, "set", lambda *_: (_ for _ in ()).throw(redis.ConnectionError("away")))
        with pytest.raises(redis.ConnectionError):
            kept.save_token_to_cache({"access_token": "b", "refresh_token": "2", "expires_at": 20.0})
    # I expect the new one to be used, although Redis knows the old one
    found = kept.get_cached_token()
    assert (found["refresh_token"], found["expires_at"]) == ("2", 0)
    # And what another machine has renewed since to count for more than this machine's file
    Consent(client, tmp_path / "another.json").save_token_to_cache({**found, "access_token": "c", "refresh_token": "3"})
    assert kept.get_cached_token()["refresh_token"] == "3"


def test_a_thread_whose_token_is_refused_takes_back_no_other_threads_token():
    # Given a thread that asks with a token, which another thread has renewed meanwhile
    fresh = iter(["first", "second"])
    ends = time.time() + 3600
    source = tokens.Source(lambda: {"access_token": next(fresh), "expires_at": ends}, tokens.MemoryCache(), nullcontext)
    assert source.get_access_token() == "first"
    source.cache.save_token_to_cache({"access_token": "first", "expires_at": 0})
    other = threading.Thread(target=source.get_access_token)
    other.start()
    other.join()
    # When the first one is refused
    source.forget()
    # I expect the second one to stay
    assert source.get_access_token() == "second"


def test_a_consent_from_the_settings_has_not_the_end_of_an_older_one(settled_in, service, world, tmp_path):
    # Given a consent by `crateline login` that ended long ago, and one in the settings that holds
    wiring = Wiring(settings.load())
    long_ago = time.time() - 2 * consent.LASTS_S
    wiring.consent.save_token_to_cache({"access_token": "", "refresh_token": "ended", "expires_at": 0, "consented_at": long_ago})
    assert wiring.consent.ends_in() < 0
    # When it is used
    assert wiring.spotify.who() == "Crate Digger"
    # I expect nothing to be said of its end, since nobody knows it
    assert wiring.consent.ends_in() is None
    session.close(wiring)


def test_a_renewed_consent_keeps_its_end(client, tmp_path):
    # Given
    kept, given = Consent(client, tmp_path / "spotify.json"), time.time() - 1000
    kept.save_token_to_cache({"access_token": "a", "refresh_token": "1", "expires_at": 10.0, "consented_at": given})
    # When its refresh token is replaced, and then is not
    kept.save_token_to_cache({"access_token": "b", "refresh_token": "2", "expires_at": 20.0, "renews": "1"})
    kept.save_token_to_cache({"access_token": "c", "refresh_token": "2", "expires_at": 30.0, "renews": "2"})
    # I expect
    assert kept.ends_in() == pytest.approx(consent.LASTS_S - 1000, abs=60)
    assert "renews" not in kept.get_cached_token()
