"""Paused services are asked now and then, by one process, and go on when their cause has ended."""

from datetime import UTC, datetime, timedelta

import pytest

from crateline import settings
from crateline.cli import session
from crateline.durable import keyspace
from crateline.durable.pauses import Pause
from crateline.errors import CredentialsRefused
from crateline.messages import Hint, Station
from crateline.wiring import Wiring
from workers import probe
from workers.probe import Prober

pytestmark = pytest.mark.real("redis")

HINT = Hint(station=Station.PAGE, key="soundcloud:tracks:1")


@pytest.fixture
def wiring(settled_in, world):
    made = Wiring(settings.load())
    yield made
    made.stopping.set()
    session.close(made)
    world.notion.restore()
    for database in world.notion.databases:
        world.notion.share(database)


@pytest.fixture
def paused(wiring):
    """Pause a service for which one track waits; gives the pause."""

    def pause(service: str, *, by_hand: bool = False) -> Pause:
        wiring.pauses.begin(service, reason="it stopped", remedy="wait", by_hand=by_hand)
        wiring.redis.hset(keyspace.track(HINT.key), "v", "1")
        wiring.redis.sadd(keyspace.parked(service), HINT.member)
        return next(one for one in wiring.pauses.all() if one.service == service)

    return pause


def again(wiring, pause: Pause) -> bool:
    """Probe without waiting for this process' turn; whether the service is still paused."""
    wiring.redis.delete(keyspace.lock(f"probe:{pause.service}"))
    Prober(wiring).probe(pause)
    return pause.service in {one.service for one in wiring.pauses.all()}


def asked(world) -> int:
    return len(world.notion.journal.arrivals)


def test_a_service_that_answers_again_goes_on_and_what_waited_is_due(wiring, paused):
    # Given
    pause = paused("notion")
    # When
    assert not again(wiring, pause)
    # I expect
    assert wiring.redis.zscore(keyspace.DUE, HINT.member) <= wiring.ledger.now_ms()
    assert wiring.pauses.waiting("notion") == 0


def test_a_token_that_is_not_accepted_keeps_notion_paused(wiring, paused, world):
    # Given
    pause = paused("notion")
    world.notion.revoke()
    # When
    assert again(wiring, pause)
    # I expect everything to wait on
    assert wiring.redis.zscore(keyspace.DUE, HINT.member) is None
    assert wiring.pauses.all() == (pause,)
    # When it is accepted again
    world.notion.restore()
    assert not again(wiring, pause)


@pytest.mark.parametrize("name", ["tracks_db_id", "playlists_db_id"])
def test_a_database_that_is_not_shared_keeps_notion_paused(wiring, paused, world, name):
    # Given
    pause, database = paused("notion"), getattr(wiring.settings, name)
    world.notion.share(database, shared=False)
    # When, and when it is shared again
    assert again(wiring, pause)
    world.notion.share(database)
    assert not again(wiring, pause)


def test_of_many_processes_one_asks(wiring, paused, world):
    # Given
    pause = paused("notion")
    world.notion.revoke()
    before = asked(world)
    # When
    for _ in range(6):
        Prober(wiring).probe(pause)
    # I expect one question
    assert 1 <= asked(world) - before <= 2
    assert wiring.redis.pttl(keyspace.lock("probe:notion")) <= probe.EVERY_S * 1000


def test_what_a_person_has_stopped_is_not_asked(wiring, paused, world):
    # Given
    pause = paused("notion", by_hand=True)
    before = asked(world)
    # When
    assert again(wiring, pause)
    # I expect
    assert asked(world) == before


def test_a_disk_goes_on_when_there_is_room(wiring, paused, monkeypatch):
    pause = paused("disk")
    monkeypatch.setattr(wiring.settings, "minimum_free_gib", 1e6)
    assert again(wiring, pause)
    monkeypatch.setattr(wiring.settings, "minimum_free_gib", 0)
    assert not again(wiring, pause)


def test_an_eagle_with_another_library_stays_paused(wiring, paused):
    # Given
    pause = paused("eagle")
    wiring.redis.set(keyspace.EAGLE_LIBRARY, "/Users/dj/Other.library")
    # When, and when the library that is open is accepted
    assert again(wiring, pause)
    wiring.eagle_library.forget()
    assert not again(wiring, pause)


def test_settings_that_are_still_wrong_stay_a_pause(wiring, paused, monkeypatch):
    pause = paused("settings")
    monkeypatch.setattr(wiring.settings, "tracks_db_id", "")
    assert again(wiring, pause)
    monkeypatch.setattr(wiring.settings, "tracks_db_id", "27ce73616c2780fbb40efefdd47d6640")
    assert not again(wiring, pause)


def test_a_source_that_refused_us_is_left_alone_for_five_minutes(wiring, paused):
    # Given
    pause = paused("youtube")
    # When, and five minutes later
    assert again(wiring, pause)
    since = (datetime.now(UTC) - timedelta(seconds=probe.SOURCE_REST_S + 1)).isoformat(timespec="seconds")
    older = Pause(service="youtube", reason=pause.reason, remedy=pause.remedy, since=since)
    assert not again(wiring, older)


def test_a_soundcloud_that_lets_us_in_again_goes_on(wiring, paused, world):
    # Given
    pause = paused("soundcloud-api")
    world.faults["soundcloud"].replace([{"kind": "403", "path": "^/search"}])
    # When, and when it lets us in again
    assert again(wiring, pause)
    world.faults["soundcloud"].replace([])
    assert not again(wiring, pause)


def test_no_error_ends_the_probing(wiring, paused, monkeypatch, eventually):
    # Given a probe that fails in a way that nobody has foreseen
    monkeypatch.setattr(probe, "EVERY_S", 0.05)
    failures = iter([ZeroDivisionError(), ValueError()])
    prober = Prober(wiring)

    def fail_twice(_pause):
        for error in failures:
            raise error

    prober._checks["notion"] = fail_twice
    # When
    paused("notion")
    prober.start()
    # I expect it to be asked again
    eventually(lambda: not wiring.pauses.all())
    wiring.stopping.set()
    prober.join(5)


def test_the_prober_asks_by_itself_until_the_worker_stops(wiring, paused, monkeypatch, eventually):
    # Given
    monkeypatch.setattr(probe, "EVERY_S", 0.05)
    prober = Prober(wiring)
    prober.start()
    # When
    paused("notion")
    # I expect
    eventually(lambda: not wiring.pauses.all())
    wiring.stopping.set()
    prober.join(5)
    assert not prober.is_alive()


def test_a_consent_that_was_refused_is_not_asked_for_again_all_the_time(wiring, paused, monkeypatch):
    # Given a consent that has ended, and a Spotify that says so
    pause, questions, refused = paused("spotify"), [], CredentialsRefused("spotify", "the consent has ended or was withdrawn")

    def who(_):
        questions.append(1)
        raise refused

    monkeypatch.setattr(type(wiring.spotify), "who", who)
    prober = Prober(wiring)

    def probe_again():
        wiring.redis.delete(keyspace.lock("probe:spotify"))
        prober.probe(pause)

    # When it is probed for a while
    for _ in range(5):
        probe_again()
    # I expect one question
    assert len(questions) == 1
    assert [one.service for one in wiring.pauses.all()] == ["spotify"]
    # When there is another consent
    wiring.consent.save_token_to_cache({"access_token": "", "refresh_token": "another", "expires_at": 0, "consented_at": 1})
    monkeypatch.undo()
    monkeypatch.setattr(type(wiring.spotify), "who", lambda _: "Crate Digger")
    probe_again()
    # I expect it to be asked at once
    assert wiring.pauses.all() == ()
