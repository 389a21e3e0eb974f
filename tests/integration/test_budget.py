"""Budgets: never more than the limit in any window, whoever asks; and nearly all of it while there is work."""

import json
import subprocess
import sys
import threading
import time
from itertools import pairwise

import pytest

from crateline.durable import budget as room
from crateline.durable import keyspace
from crateline.durable.budget import Budget, Limit
from crateline.errors import BudgetSpent, Interrupted

pytestmark = pytest.mark.real("redis")
PATIENT = 60.0


class Diary:
    """A budget's script, noting which slots each thread was given; the last one is the one that was used."""

    def __init__(self, budget: Budget) -> None:
        self._script, self._last = budget._scripts.reserve, threading.local()
        self.budget, self.slots, self.given = budget, [], 0
        budget._scripts.reserve = self

    def __call__(self, **arguments):
        answer = self._script(**arguments)
        self.given += 1
        self._last.slot = float(answer[2])
        return answer

    def take(self) -> None:
        self.budget()
        self.slots.append(self._last.slot)


@pytest.fixture
def make(client):
    client.set(keyspace.EPOCH, "tests")

    def build(requests: int, seconds: float, patience: float = PATIENT, **more) -> Budget:
        return Budget("notion", Limit(requests=requests, seconds=seconds, patience=patience), client, **more)

    return build


def together(count: int, work) -> None:
    """Run `work` in several threads."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def most_in_a_window(slots: list[float], milliseconds: float) -> int:
    """The largest number of slots in any window, wherever it begins."""
    slots = sorted(slots)
    return max(sum(begin <= slot < begin + milliseconds for slot in slots) for begin in slots)


def redis_ms(client) -> float:
    seconds, micros = client.time()
    return seconds * 1000 + micros / 1000


def test_a_burst_is_granted_at_once_up_to_the_limit(make):
    # Given
    budget = make(5, 30, patience=0)

    # When
    for _ in range(5):
        budget()

    # I expect
    assert budget.used() == 5
    with pytest.raises(BudgetSpent) as caught:
        budget()
    assert 29 < caught.value.retry_after <= 30
    assert budget.used() == 5


def test_no_window_ever_holds_more_than_the_limit_and_nearly_all_of_it_is_used(make):
    # Given eight threads that want far more than there is
    diary = Diary(make(20, 0.5))

    # When
    together(8, lambda: [diary.take() for _ in range(15)])

    # I expect 120 requests to take the five windows they need, and no more than a twentieth longer
    assert len(diary.slots) == 120
    assert most_in_a_window(diary.slots, 500) <= 20
    assert (max(diary.slots) - min(diary.slots)) / 1000 <= 2.5 / 0.95


def test_several_processes_share_one_budget(make, redis_url):
    # Given
    script = """
import json, sys, time
from crateline.durable.budget import Budget, Limit
from crateline.durable.connection import connect
client = connect(sys.argv[1])
budget = Budget("notion", Limit(requests=10, seconds=0.5, patience=60), client)
script, slots = budget._scripts.reserve, []
def note(**arguments):
    answer = script(**arguments)
    slots.append(float(answer[2]))
    return answer
budget._scripts.reserve = note
used = []
for _ in range(15):
    budget()
    used.append(slots[-1])
print(json.dumps(used))
"""
    command = [sys.executable, "-c", script, redis_url]

    # When
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    slots = [slot for process in processes for slot in json.loads(process.communicate(timeout=60)[0])]

    # I expect
    assert len(slots) == 45
    assert most_in_a_window(slots, 500) <= 10


def test_slots_are_granted_in_the_order_of_asking(make):
    # Given
    diary = Diary(make(1, 0.05))

    # When
    for _ in range(6):
        diary.take()

    # I expect
    assert all(later - earlier >= 50 for earlier, later in pairwise(diary.slots))


def test_nothing_is_used_inside_a_silence(make, client, eventually):
    # Given threads that are busy asking, some of which have reserved slots already
    diary, stop = Diary(make(10, 0.2)), threading.Event()

    def ask():
        while not stop.is_set():
            diary.take()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(diary.slots) > 15)

    # When the service asks for silence
    diary.budget.block(0.6)
    began = redis_ms(client)
    till = began + diary.budget.silence() * 1000
    eventually(lambda: any(slot >= till for slot in diary.slots))
    stop.set()
    for thread in threads:
        thread.join()

    # I expect
    assert 500 < till - began <= 600
    assert not [slot for slot in diary.slots if began < slot < till - 1]
    assert most_in_a_window(diary.slots, 200) <= 10


def test_a_silence_is_never_shortened(make):
    # Given
    budget = make(10, 1)

    # When
    budget.block(30)
    budget.block(1)
    budget.block(0)

    # I expect
    assert 29 < budget.silence() <= 30


def test_a_silence_longer_than_patience_sends_the_task_back(make):
    # Given
    budget = make(10, 1, patience=5)
    budget.block(30)

    # I expect
    with pytest.raises(BudgetSpent) as caught:
        budget()
    assert 29 < caught.value.retry_after <= 30
    assert budget.used() == 0


def test_a_stopped_worker_gives_its_slot_back(make, client):
    # Given
    stopping = threading.Event()
    make(1, 30)()
    waiting = make(1, 30, stopping=stopping.is_set)
    outcome = []

    def wait():
        try:
            waiting()
        except Interrupted as error:
            outcome.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while client.zcard(keyspace.budget_log("notion")) < 2:
        threading.Event().wait(0.01)

    # When
    stopping.set()
    thread.join(5)

    # I expect
    assert len(outcome) == 1
    assert client.zcard(keyspace.budget_log("notion")) == 1


def test_a_slot_that_is_used_too_late_is_reserved_anew(make, client, monkeypatch):
    """The server counts arrivals: a worker that was frozen over its slot must not add to somebody else's window."""
    # Given
    monkeypatch.setattr(room, "LATE_S", 0.05)
    diary = Diary(make(3, 30))
    sleep, frozen = diary.budget._sleep, iter([0.1, 0, 0])

    def oversleep(due: float, slot: str) -> None:
        sleep(due, slot)
        time.sleep(next(frozen))

    monkeypatch.setattr(diary.budget, "_sleep", oversleep)

    # When
    diary.take()

    # I expect one slot in the log, and one request counted
    assert diary.given == 2
    assert client.zrange(keyspace.budget_log("notion"), 0, -1, withscores=True)[0][1] == diary.slots[0]
    assert client.zcard(keyspace.budget_log("notion")) == 1
    assert client.hget(keyspace.REQUESTS, "notion") == "1"


def test_an_answer_that_came_late_is_not_trusted(make, monkeypatch):
    """The wait is counted from when Redis gave it: if its answer took long to arrive, the slot may lie in the past."""
    # Given
    monkeypatch.setattr(room, "LATE_S", 0.05)
    diary = Diary(make(3, 30))
    script, delays = diary._script, iter([0.1, 0, 0])

    def slow(**arguments):
        answer = script(**arguments)
        time.sleep(next(delays))
        return answer

    diary._script = slow

    # When
    diary.take()

    # I expect
    assert diary.given == 2


def test_the_same_request_repeated_is_granted_the_same_slot(make, client):
    """The connection repeats a command whose answer was lost."""
    # Given
    budget = make(2, 30)

    # When
    for _ in range(3):
        budget._reserve("request", "")

    # I expect
    assert budget.used() == 1


def test_the_log_outlives_its_last_slot(make, client):
    # Given a slot far ahead, and room before it
    ahead = redis_ms(client) + 20_000
    client.zadd(keyspace.budget_log("notion"), {"somebody": ahead})

    # When
    make(5, 10)()

    # I expect
    assert client.pttl(keyspace.budget_log("notion")) > 29_000


def test_a_redis_that_lost_its_memory_grants_nothing_before_it_was_noticed(make, client):
    # Given
    client.delete(keyspace.EPOCH)
    noticed = []

    def notice() -> None:
        noticed.append(True)
        client.set(keyspace.EPOCH, "new")
        budget.block(0.2)

    budget = make(5, 30, on_lost_epoch=notice)
    began = time.monotonic()

    # When
    budget()

    # I expect
    assert noticed == [True]
    assert time.monotonic() - began >= 0.19


def test_requests_are_counted_for_the_service_and_for_the_playlist(make, client):
    # Given
    budget = make(10, 30)
    budget()

    # When
    token = room.account.set("soundcloud:playlists:1")
    budget()
    room.account.reset(token)

    # I expect
    assert client.hget(keyspace.REQUESTS, "notion") == "2"
    assert client.hget(keyspace.playlist("soundcloud:playlists:1"), "requests:notion") == "1"


def test_services_do_not_share_their_slots(make, client):
    # Given
    make(1, 30, patience=0)()

    # When
    Budget("spotify", Limit(requests=1, seconds=30, patience=0), client)()

    # I expect
    assert client.hgetall(keyspace.REQUESTS) == {"notion": "1", "spotify": "1"}


def test_a_wait_that_a_person_would_notice_is_told_and_a_short_one_is_not(make, monkeypatch):
    # Given a budget that is spent for a while
    told = []
    budget = make(1, 2, on_wait=lambda service, seconds: told.append((service, seconds)))
    budget()
    budget()
    assert told == []

    # When what a person notices begins sooner
    monkeypatch.setattr(room, "UNNOTICED_S", 0.5)
    budget()

    # I expect
    ((service, seconds),) = told
    assert service == "notion"
    assert 0.5 < seconds <= 2
