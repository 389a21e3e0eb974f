"""The due set: what is due is published again, neither lost nor multiplied."""

import json
import threading

import pytest
from kombu import pools

from crateline import app as application
from crateline.durable import keyspace, rescue
from crateline.durable.ledger import Ledger
from crateline.durable.register import Register
from crateline.durable.rescue import DueSet, Rescued
from crateline.messages import FIRST, NORMAL, Hint, Station

pytestmark = pytest.mark.real("redis")


def download(number: int) -> Hint:
    return Hint(station=Station.DOWNLOAD, key=f"soundcloud:tracks:{number}")


@pytest.fixture
def due(client):
    return DueSet(client)


@pytest.fixture
def enrolled(client, make_track, make_playlist):
    playlist = make_playlist(*map(make_track, range(30)))
    Register(client).enrol(playlist)
    return playlist


@pytest.fixture
def queues(redis_url):
    application.connect(redis_url)
    yield application
    pools.reset()
    application.app._after_fork()


def again(client, due) -> list[Rescued]:
    """Sweep without waiting for the turn of this process."""
    client.delete(keyspace.lock("sweep"))
    return due.sweep()


def test_everything_that_is_enrolled_is_swept_once(due, client, enrolled):
    # When
    first, second = again(client, due), again(client, due)

    # I expect the playlist's page and every download; early pages are due later
    assert {one.hint.member for one in first} == {
        f"playlist|{enrolled.key}",
        *(download(n).member for n in range(30)),
    }
    assert second == []
    assert {one.hint.title for one in first} == {"Warm-up", *(f"Artist {n} - Title {n}" for n in range(30))}
    assert not any(one.lapsed for one in first)


def test_only_one_process_sweeps_at_a_time(due, client, enrolled):
    # When
    taken, start = [], threading.Barrier(6)

    def sweep():
        start.wait()
        taken.extend(due.sweep())

    threads = [threading.Thread(target=sweep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # I expect
    members = [one.hint.member for one in taken]
    assert len(members) == len(set(members)) == 31


def test_the_grace_grows_with_every_message_that_lies_before(due, client, enrolled):
    # Given
    client.lpush("download", *["message"] * 10)
    began = Ledger(client).now_ms()

    # When
    hints = [one.hint for one in again(client, due) if one.hint.station is Station.DOWNLOAD]

    # I expect the first to wait for the ten before it, and the last for all thirty-nine
    graces = [(client.zscore(keyspace.DUE, hint.member) - began) / 1000 for hint in hints]
    assert graces == sorted(graces)
    assert graces[0] == pytest.approx(rescue.GRACE_S + 10 * rescue.GRACE_PER_MESSAGE_S, abs=0.5)
    assert graces[-1] == pytest.approx(rescue.GRACE_S + 39 * rescue.GRACE_PER_MESSAGE_S, abs=0.5)
    assert (client.zscore(keyspace.DUE, f"playlist|{enrolled.key}") - began) / 1000 == pytest.approx(rescue.GRACE_S, abs=0.5)


def test_a_hint_whose_message_was_lost_is_due_again_after_its_grace(due, client, enrolled, monkeypatch, eventually):
    # Given
    monkeypatch.setattr(rescue, "GRACE_S", 0.1)
    monkeypatch.setattr(rescue, "GRACE_PER_MESSAGE_S", 0)
    assert len(again(client, due)) == 31

    # I expect
    eventually(lambda: len(again(client, due)) == 31, 1)


def test_what_a_dead_worker_left_goes_first(due, client, enrolled):
    # Given
    claim = Ledger(client).open(download(3)).claim
    client.hset(keyspace.track(claim.hint.key), "c:download", f"{claim.token} 1 host:1")
    client.zadd(keyspace.DUE, {claim.hint.member: 1})

    # When
    swept = {one.hint.member: one for one in again(client, due)}

    # I expect
    assert (swept[download(3).member].lapsed, swept[download(3).member].priority) == (True, FIRST)
    assert (swept[download(4).member].lapsed, swept[download(4).member].priority) == (False, NORMAL)


def test_what_somebody_works_on_is_left_alone(due, client, enrolled):
    # Given
    ledger = Ledger(client, lease_s=60)
    ledger.open(download(3))
    client.zadd(keyspace.DUE, {download(3).member: 1})

    # I expect
    assert download(3).member not in {one.hint.member for one in again(client, due)}
    assert client.zscore(keyspace.DUE, download(3).member) > ledger.now_ms() + 50_000


@pytest.mark.parametrize("nonsense", ["download|soundcloud:tracks:404", "nowhere|soundcloud:tracks:1", "no bar", "|", ""])
def test_what_is_about_nothing_is_thrown_out(due, client, enrolled, nonsense):
    # Given
    client.zadd(keyspace.DUE, {nonsense: 1})

    # I expect
    assert len(again(client, due)) == 31
    assert client.zscore(keyspace.DUE, nonsense) is None


def test_a_long_backlog_is_taken_in_portions_and_whole(due, client, make_track, make_playlist, monkeypatch):
    # Given
    monkeypatch.setattr(rescue, "MOST", 40)
    Register(client).enrol(make_playlist(*map(make_track, range(100))))

    # When
    portions = [again(client, due) for _ in range(4)]

    # I expect
    assert [len(portion) for portion in portions] == [40, 40, 21, 0]


def test_the_backlog_says_how_much_is_overdue_and_for_how_long(due, client):
    # Given
    now = Ledger(client).now_ms()
    assert due.backlog() == (0, 0.0)
    client.zadd(keyspace.DUE, {download(1).member: now - 4000, download(2).member: now - 1000, download(3).member: now + 60_000})

    # I expect
    overdue, oldest = due.backlog()
    assert overdue == 2
    assert oldest == pytest.approx(4, abs=0.5)


def test_messages_go_to_the_queue_of_their_station_in_order(queues, due, client):
    # When
    sent = queues.publish([Hint(station=s, key=str(n), title="T") for n in range(3) for s in (Station.PAGE, Station.DOWNLOAD)])
    queues.publish([Hint(station=Station.DOWNLOAD, key="9")], priority=FIRST)

    # I expect
    assert sent == 6
    assert due.depths() == {"notion-write": 3, "download": 4, "analyze": 0, "eagle-import": 0}
    for queue, name in (("notion-write", "notion.page"), ("download", "download.track")):
        rows = [json.loads(row) for row in reversed(client.lrange(f"{queue}\x06\x163", 0, -1))]
        assert [row["headers"]["task"] for row in rows] == [name] * 3
        assert [row["headers"]["kwargsrepr"] for row in rows] == [f"{n} · T" for n in range(3)]
