"""The rescuer: what is due and what nobody is at is published again, by every worker, and never executed."""

import json

import pytest
import redis
from kombu.exceptions import OperationalError

from crateline import app as application
from crateline import settings
from crateline.cli import session
from crateline.durable import keyspace
from crateline.messages import FIRST, NORMAL, Hint, Station
from crateline.wiring import Wiring
from workers import rescue
from workers.rescue import Rescuer

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
DOWNLOAD = Hint(station=Station.DOWNLOAD, key=KEY)


@pytest.fixture
def wiring(redis_url, clean_environment, tmp_path):
    made = Wiring(settings.load(redis_url=redis_url, media_root=tmp_path / "media", state_dir=tmp_path, lease_seconds=1))
    application.connect(redis_url)
    made.epoch.check()
    yield made
    made.stopping.set()
    session.close(made)


@pytest.fixture
def enrolled(wiring, make_track, make_playlist):
    """One track on the line, of which no message was ever sent."""
    playlist = make_playlist(make_track(1))
    wiring.register.enrol(playlist)
    return wiring


@pytest.fixture
def rescuer(enrolled, monkeypatch):
    """A running rescuer that sweeps twenty times a second."""
    monkeypatch.setattr(rescue, "SWEEP_EVERY_S", 0.05)
    thread = Rescuer(enrolled)
    yield thread
    enrolled.stopping.set()
    if thread.ident is not None:
        thread.join(5)
        assert not thread.is_alive()


def sent(wiring, queue: str, priority: int = NORMAL) -> list[str]:
    """What lies in a queue: "task key"."""
    name = f"{queue}\x06\x16{priority}" if priority else queue
    rows = [json.loads(row)["headers"] for row in wiring.redis.lrange(name, 0, -1)]
    return [f"{row['task']} {row['kwargsrepr'].split(' · ')[0]}" for row in rows]


def test_what_was_never_sent_is_published_within_a_moment(rescuer, enrolled, eventually):
    # When
    rescuer.start()
    # I expect
    eventually(lambda: sent(enrolled, "download"))
    assert sent(enrolled, "download") == [f"download.track {KEY}"]
    assert sent(enrolled, "notion-write")[0].startswith("notion.playlist")
    assert enrolled.ledger.track(KEY).fields.get("s:download") is None


def test_what_a_dead_worker_left_is_published_again_and_goes_first(rescuer, enrolled, eventually):
    # Given a worker that has claimed the track and died; its lease is a second
    assert enrolled.ledger.open(DOWNLOAD).status == "claimed"
    enrolled.redis.delete("download\x06\x163")
    # When
    rescuer.start()
    # I expect it in the queue that is emptied first, within seconds
    eventually(lambda: sent(enrolled, "download", FIRST), 5)
    assert sent(enrolled, "download", FIRST) == [f"download.track {KEY}"]
    assert sent(enrolled, "download") == []


def test_what_somebody_is_at_is_left_to_them(enrolled):
    # Given
    enrolled.ledger.open(DOWNLOAD)
    enrolled.redis.zadd(keyspace.DUE, {DOWNLOAD.member: 1})
    # When
    Rescuer(enrolled).sweep()
    # I expect
    assert sent(enrolled, "download") == sent(enrolled, "download", FIRST) == []


def test_many_rescuers_publish_once(enrolled):
    # When
    counts = [Rescuer(enrolled).sweep() for _ in range(5)]
    # I expect the playlist and the download
    assert counts == [2, 0, 0, 0, 0]
    assert len(sent(enrolled, "download")) == 1


@pytest.mark.parametrize(
    "error", [redis.ConnectionError("away"), OperationalError("broker away"), PermissionError("MEDIA_ROOT")], ids=str
)
def test_a_redis_or_a_disk_that_is_away_is_waited_out(rescuer, enrolled, eventually, monkeypatch, error):
    # Given three failing rounds
    rounds = []
    sweep = enrolled.due.sweep

    def failing():
        rounds.append(1)
        if len(rounds) <= 3:
            raise error
        return sweep()

    monkeypatch.setattr(enrolled.due, "sweep", failing)
    # When
    rescuer.start()
    # I expect
    eventually(lambda: sent(enrolled, "download"))
    assert len(rounds) > 3


def test_what_waits_for_a_pause_that_nobody_remembers_is_freed(rescuer, enrolled, eventually):
    # Given a parked track without a pause, and one with
    other = Hint(station=Station.EAGLE, key=KEY)
    enrolled.redis.zrem(keyspace.DUE, DOWNLOAD.member)
    enrolled.redis.sadd(keyspace.parked("youtube"), DOWNLOAD.member)
    enrolled.redis.sadd(keyspace.parked("eagle"), other.member)
    enrolled.pauses.begin("eagle", reason="away", remedy="start it")
    # When
    rescuer.start()
    # I expect
    eventually(lambda: sent(enrolled, "download"))
    assert enrolled.pauses.waiting("youtube") == 0
    assert enrolled.pauses.waiting("eagle") == 1
    assert sent(enrolled, "eagle-import") == []


def test_a_redis_that_has_forgotten_is_noticed_and_notion_waits(rescuer, enrolled, eventually):
    # Given
    enrolled.redis.flushdb()
    # When
    rescuer.start()
    # I expect
    eventually(lambda: enrolled.budgets["notion"].silence() > 50)
    assert eventually(lambda: enrolled.redis.get(keyspace.EPOCH))


def test_a_living_worker_is_noted(enrolled):
    rescue.beat(enrolled, "download@host")
    assert float(enrolled.redis.hget(keyspace.WORKERS, "download@host")) > 1.7e9
