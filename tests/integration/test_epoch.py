"""The epoch: a Redis that has lost its memory is noticed, and Notion is left alone for a minute."""

import threading

import pytest

from crateline.durable import epoch, keyspace
from crateline.durable.budget import Budget, Limit
from crateline.durable.epoch import Epoch
from crateline.durable.index import Index
from crateline.errors import BudgetSpent

pytestmark = pytest.mark.real("redis")


@pytest.fixture
def known(client, tmp_path):
    return Epoch(client, tmp_path / "media")


@pytest.fixture
def notion(client, known):
    limit = Limit(requests=10, seconds=60, patience=0)
    return Budget("notion", limit, client, on_lost_epoch=known.check)


def test_a_first_run_raises_no_barrier(known, notion, client, tmp_path):
    # When
    lost = known.check()

    # I expect
    assert lost is False
    assert notion.silence() == 0
    assert (tmp_path / "media" / "epoch").read_text() == client.get(keyspace.EPOCH)


def test_as_long_as_redis_remembers_nothing_happens(known, notion, client):
    # Given
    known.check()
    before = client.get(keyspace.EPOCH)

    # I expect
    assert known.check() is False
    assert client.get(keyspace.EPOCH) == before
    assert notion.silence() == 0


def test_a_redis_that_was_started_anew_has_notion_read_again_before_the_next_slot(known, notion, client):
    # Given an index that is up to date, and a Redis that has been started anew since
    known.check()
    index = Index(client)
    index.want()
    index.read(cursor="2026-11-20T14:00:00.000Z", began=index.now())
    assert not index.stale()
    client.set(keyspace.RUN, "0" * 40)

    # When
    notion()

    # I expect no barrier, but what changed in Notion to be read before a page is made
    assert index.stale()
    assert notion.silence() == 0
    assert client.get(keyspace.RUN) == client.info("server")["run_id"]


@pytest.mark.parametrize("other", [None, "the epoch of another Redis"])
def test_a_lost_memory_silences_notion_for_a_minute(known, notion, client, other):
    # Given
    known.check()
    client.flushall()
    if other:
        client.set(keyspace.EPOCH, other)

    # When
    lost = known.check()

    # I expect
    assert lost is True
    assert 60 < notion.silence() <= epoch.BARRIER_S
    with pytest.raises(BudgetSpent):
        notion()
    assert known.check() is False


def test_other_services_go_on_meanwhile(known, client):
    # Given
    known.check()
    client.flushall()

    # When
    Budget("youtube", Limit(requests=1, seconds=60, patience=0), client, on_lost_epoch=known.check)()

    # I expect
    assert client.hgetall(keyspace.REQUESTS) == {"youtube": "1"}


def test_the_first_who_asks_after_the_loss_raises_the_barrier(known, notion, client):
    """No slot slips through before somebody has looked at the epoch."""
    # Given
    known.check()
    client.flushall()

    # I expect
    with pytest.raises(BudgetSpent):
        notion()
    assert notion.silence() > 60


def test_many_who_notice_at_once_agree_on_one_epoch(client, tmp_path):
    # Given
    Epoch(client, tmp_path).check()
    client.flushall()
    start = threading.Barrier(8)

    def look():
        start.wait()
        Epoch(client, tmp_path).check()

    # When
    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # I expect
    assert (tmp_path / "epoch").read_text() == client.get(keyspace.EPOCH)
    assert Epoch(client, tmp_path).check() is False
    assert [path.name for path in tmp_path.iterdir()] == ["epoch"]


def test_a_machine_with_a_folder_of_its_own_raises_no_barrier(known, notion, client, tmp_path):
    # Given
    known.check()

    # When
    lost = Epoch(client, tmp_path / "second machine").check()

    # I expect
    assert lost is False
    assert notion.silence() == 0
