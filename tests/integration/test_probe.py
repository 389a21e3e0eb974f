"""Paused services are asked now and then, by one process, and go on when their cause has ended."""

import errno
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from crateline import settings
from crateline.cli import session
from crateline.durable import keyspace
from crateline.durable.pauses import Pause
from crateline.errors import CredentialsRefused
from crateline.messages import Hint, Station
from crateline.sandbox.notion.schema import Property
from crateline.wiring import Wiring
from workers import checks, probe
from workers.probe import Prober

pytestmark = pytest.mark.real("redis")

HINT = Hint(station=Station.PAGE, key="soundcloud:tracks:1")
OTHER = Hint(station=Station.PAGE, key="soundcloud:tracks:2")


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

    def pause(service: str, cause: str = "", *, by_hand: bool = False, hint: Hint = HINT) -> Pause:
        wiring.pauses.begin(service, reason="it stopped", remedy="wait", by_hand=by_hand, cause=cause, culprit=hint.member)
        waits(wiring, service, hint)
        return wiring.pauses.of(service)

    return pause


def waits(wiring, service: str, hint: Hint) -> None:
    wiring.redis.hset(keyspace.track(hint.key), "v", "1")
    wiring.redis.sadd(keyspace.parked(service), hint.member)


def again(wiring, pause: Pause, prober: Prober | None = None) -> bool:
    """Probe without waiting for this process' turn; whether the service is still paused."""
    wiring.redis.delete(keyspace.lock(f"probe:{pause.service}"))
    (prober or Prober(wiring)).probe(pause)
    return pause.service in {one.service for one in wiring.pauses.all()}


def tried(wiring, service: str) -> set[str]:
    """The hints that are on trial."""
    return set(wiring.redis.smembers(keyspace.trial(service)))


def older(pause: Pause, seconds: float) -> Pause:
    since = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="seconds")
    return replace(pause, since=since)


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


def test_a_disk_that_took_no_file_is_written_to_and_not_only_measured(wiring, paused, tmp_path, monkeypatch):
    # Given room enough, and a folder that takes nothing
    backup = tmp_path / "backup"
    pause = paused("disk", f"folder:{backup / 'House'}")
    backup.mkdir()

    def full(*_args, **named):
        raise OSError(errno.EDQUOT, f"Disk quota exceeded: {named['dir']}")

    with monkeypatch.context() as broken:
        broken.setattr(checks.tempfile, "NamedTemporaryFile", full)
        # I expect
        assert again(wiring, pause)
    # When it takes files again
    assert not again(wiring, pause)
    assert list(backup.iterdir()) == []


def test_a_disk_with_no_more_than_the_least_is_not_enough(wiring, paused, monkeypatch):
    # Given just as much as must be free: the next file would stop the line again
    pause = paused("disk", "folder")
    monkeypatch.setattr(wiring.settings, "minimum_free_gib", 2)
    for free, still in ((int(2.01 * checks.GIB), True), (int(2.11 * checks.GIB), False)):
        monkeypatch.setattr(type(wiring.store), "free_bytes", lambda _, free=free: free)
        # I expect
        assert again(wiring, pause) is still


@pytest.fixture
def columns(wiring, world):
    """The columns of Music Tracks as they really are; restored afterwards."""
    source = world.notion.data_sources[wiring.notion.data_source(wiring.settings.tracks_db_id).id]
    before = dict(source.schema.properties)
    yield source.schema.properties
    source.schema.properties.clear()
    source.schema.properties.update(before)


@pytest.mark.parametrize("wrong", ["missing", "of another type"])
def test_a_property_that_is_missing_or_useless_keeps_notion_paused(wiring, paused, columns, wrong):
    # Given a token and databases with which nothing is wrong, and a schema that is remembered
    for place in [place for place, one in columns.items() if one.name == "Source ID"]:
        del columns[place]
    if wrong == "of another type":
        columns["s"] = Property(id="s", name="Source ID", type="checkbox")
    wiring.redis.set(keyspace.schema(wiring.settings.tracks_db_id), "{}")
    pause = paused("notion", "schema:tracks source_id")
    # When
    assert again(wiring, pause)
    assert wiring.redis.zscore(keyspace.DUE, HINT.member) is None
    # When it is there: I expect the line to go on, with the schema as it is now
    columns["s"] = Property(id="s", name="Source ID", type="rich_text")
    assert not again(wiring, pause)
    assert not wiring.redis.exists(keyspace.schema(wiring.settings.tracks_db_id))


def test_a_token_is_asked_about_with_one_request(wiring, paused, world):
    # Given
    pause = paused("notion", "token")
    world.notion.revoke()
    before = asked(world)
    # When
    assert again(wiring, pause)
    # I expect one request
    assert asked(world) - before == 1
    world.notion.restore()
    assert not again(wiring, pause)


def test_the_database_that_was_missing_is_asked_for_and_no_other(wiring, paused, world):
    # Given a calendar that is not shared, while the databases of the line are
    calendar = wiring.settings.calendar_db_id
    pause = paused("notion", f"database:{calendar}")
    world.notion.share(calendar, shared=False)
    # When, and when it is shared again
    assert again(wiring, pause)
    world.notion.share(calendar)
    assert not again(wiring, pause)


def test_what_reading_does_not_show_is_tried_by_the_task_that_has_met_it(wiring, paused):
    # Given an integration that may read and not write: every question is answered
    waits(wiring, "notion", OTHER)
    pause = paused("notion", "own-work")
    # When it is probed at once, and half a minute later
    assert again(wiring, pause)
    assert tried(wiring, "notion") == set()
    assert again(wiring, older(pause, checks.REST_S))
    # I expect one task to pass, and everything else to wait
    assert tried(wiring, "notion") == {HINT.member}
    assert wiring.redis.zscore(keyspace.DUE, HINT.member) == 0
    assert wiring.pauses.parked("notion") == {OTHER.member}
    # And no second trial beside it
    assert again(wiring, older(pause, 2 * checks.REST_S))
    assert tried(wiring, "notion") == {HINT.member}


def test_settings_that_are_still_wrong_stay_a_pause(wiring, paused, monkeypatch):
    # Given
    pause = older(paused("settings", "settings"), checks.SETTINGS_REST_S)
    monkeypatch.setattr(wiring.settings, "tracks_db_id", "")
    # When
    assert again(wiring, pause)
    assert tried(wiring, "settings") == set()
    # When they are there: I expect a task to show whether they are right
    monkeypatch.setattr(wiring.settings, "tracks_db_id", "27ce73616c2780fbb40efefdd47d6640")
    assert again(wiring, pause)
    assert tried(wiring, "settings") == {HINT.member}


@pytest.mark.parametrize(("service", "rest"), [("youtube", 300), ("soundcloud-media", 60)])
def test_a_source_that_refused_us_is_left_alone_for_a_while(wiring, paused, service, rest):
    # Given
    pause = paused(service, "work")
    # When, and that while later
    assert again(wiring, older(pause, rest - 5))
    assert tried(wiring, service) == set()
    assert again(wiring, older(pause, rest))
    # I expect one track to try, and no crowd
    assert tried(wiring, service) == {HINT.member}


def test_a_soundcloud_that_lets_us_in_again_is_tried(wiring, paused, world):
    # Given
    pause = older(paused("soundcloud-api", "work"), checks.REST_S)
    world.faults["soundcloud"].replace([{"kind": "403", "path": "^/search"}])
    # When, and when it lets us in again
    assert again(wiring, pause)
    assert tried(wiring, "soundcloud-api") == set()
    world.faults["soundcloud"].replace([])
    assert again(wiring, pause)
    assert tried(wiring, "soundcloud-api") == {HINT.member}


@pytest.mark.parametrize("cause", ["", "library"])
def test_an_eagle_that_is_closed_stays_paused(wiring, paused, world, cause):
    # Given
    pause = paused("eagle", cause)
    world.faults["eagle"].replace([{"kind": "500"}])
    # When, and when it is open again
    try:
        assert again(wiring, pause)
    finally:
        world.faults["eagle"].replace([])
    assert not again(wiring, pause)


def test_an_eagle_that_answers_and_takes_no_file_is_tried(wiring, paused):
    # Given
    pause = paused("eagle", "work")
    # I expect
    assert again(wiring, older(pause, checks.REST_S))
    assert tried(wiring, "eagle") == {HINT.member}


def test_an_application_that_is_let_in_ends_spotifys_pause(wiring, paused, world):
    # Given no consent, and an application whose secret was refused
    pause = paused("spotify", "work")
    wiring.settings.spotify_refresh_token = SecretStr("")
    world.faults["spotify"].replace([{"kind": "401", "path": "search|token"}])
    # When, and when it is accepted
    try:
        assert again(wiring, pause)
    finally:
        world.faults["spotify"].replace([])
    assert not again(wiring, pause)


def test_what_has_once_seemed_well_has_to_prove_it(wiring, paused):
    # Given a pause whose question is answered well, and that comes back all the same
    pause = paused("notion", "token")
    assert not again(wiring, pause)
    pause = paused("notion", "token")
    # When
    assert again(wiring, older(pause, checks.REST_S))
    # I expect it not to end before a task has gone through
    assert pause.relapses == 1
    assert tried(wiring, "notion") == {HINT.member}


def test_a_trial_for_which_nobody_waits_ends_the_pause(wiring):
    # Given
    wiring.pauses.begin("youtube", reason="bot check", remedy="wait", cause="work")
    # I expect: there is nobody whom it could harm
    assert not again(wiring, older(wiring.pauses.of("youtube"), checks.BOT_REST_S))


def test_a_command_tries_its_own_tasks_alone(wiring, paused):
    # Given two that wait, one of them a command's, and no worker
    pause = older(paused("notion", "work"), checks.REST_S)
    waits(wiring, "notion", OTHER)
    # When
    again(wiring, pause, Prober(wiring, among={OTHER.member}))
    # I expect
    assert tried(wiring, "notion") == {OTHER.member}


@pytest.mark.parametrize(("beat", "still"), [(0, True), (60, False)])
def test_the_machine_that_met_it_asks_unless_it_is_gone(wiring, paused, beat, still):
    # Given a pause that another machine has met, whose worker was heard of just now, or a minute ago
    pause = replace(paused("notion", "token"), host="studio")
    wiring.redis.hset(keyspace.WORKERS, "all@studio", str(time.time() - beat))
    # I expect: this machine may have another token
    assert again(wiring, pause) is still


def test_no_error_ends_the_probing(wiring, paused, monkeypatch, eventually):
    # Given a probe that fails in a way that nobody has foreseen
    monkeypatch.setattr(probe, "EVERY_S", 0.05)
    failures = iter([ZeroDivisionError(), ValueError()])
    prober = Prober(wiring)

    def fail_twice(_wiring, _pause):
        for error in failures:
            raise error

    monkeypatch.setattr(prober._checks, "of", lambda _: checks.Check(ask=fail_twice))
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
