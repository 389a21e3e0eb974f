"""What is done by schedule is done once, however many machines have a scheduler."""

import threading

import pytest
import structlog

from crateline.durable import keyspace
from crateline.errors import Unavailable
from crateline.wiring import Wiring
from workers.chores import Chore, Chores

pytestmark = pytest.mark.real("redis")

LONG_S = 600.0


def counted(done: list[str], name: str = "count", **more: object) -> Chore:
    return Chore(name=name, every_s=LONG_S, do=lambda _: done.append(name), **more)


def test_a_chore_is_done_once_by_all_schedulers_together(wiring):
    # Given
    done: list[str] = []
    chore = counted(done)
    # When two machines have their turn at the same time, and later again
    threads = [threading.Thread(target=Chores(wiring, [chore]).turn, args=(chore,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Chores(wiring, [chore]).turn(chore)
    # I expect
    assert done == ["count"]


def test_a_chore_is_done_again_when_its_time_has_come(wiring):
    # Given
    done: list[str] = []
    chore = counted(done)
    chores = Chores(wiring, [chore])
    assert chores.turn(chore)
    # When its mark lapses
    wiring.redis.delete(keyspace.turn(chore.owner))
    # I expect
    assert chores.turn(chore)
    assert done == ["count", "count"]


def test_a_chore_that_is_under_way_is_not_begun_by_another(wiring):
    # Given one that goes on beyond its time
    began, may_end = threading.Event(), threading.Event()
    chore = Chore(name="long", every_s=LONG_S, do=lambda _: (began.set(), may_end.wait(20)))
    chores = Chores(wiring, [chore])
    thread = threading.Thread(target=chores.turn, args=(chore,))
    thread.start()
    assert began.wait(20)
    wiring.redis.delete(keyspace.turn(chore.owner))
    # When
    again = chores.turn(chore)
    may_end.set()
    thread.join()
    # I expect
    assert not again


@pytest.mark.parametrize("error", [Unavailable("notion", "away"), OSError("no such volume"), ZeroDivisionError()])
def test_a_chore_that_fails_is_said_and_holds_up_no_other(wiring, error):
    # Given
    def fail(_wiring: Wiring) -> None:
        raise error

    done: list[str] = []
    bad, good = Chore(name="bad", every_s=LONG_S, do=fail), counted(done, "good")
    chores = Chores(wiring, [bad, good])
    # When
    with structlog.testing.capture_logs() as said:
        assert chores.turn(bad)
        assert chores.turn(good)
    # I expect
    assert done == ["good"]
    assert [line["chore"] for line in said if line["action"] == "chore-failed"] == ["bad"]


def test_each_machine_does_its_own_local_chores(wiring, monkeypatch):
    # Given
    done: list[str] = []
    chore = counted(done, local=True)
    # When two machines have their turn
    for host in ("deck-a", "deck-b"):
        monkeypatch.setattr("socket.gethostname", lambda host=host: host)
        Chores(wiring, [chore]).turn(chore)
    # I expect
    assert done == ["count", "count"]


def test_the_thread_does_its_chores_until_it_is_stopped(wiring):
    # Given
    done = threading.Event()
    chores = Chores(wiring, [Chore(name="soon", every_s=LONG_S, do=lambda _: done.set())])
    # When
    chores.start()
    # I expect
    assert done.wait(20)
    wiring.stopping.set()
    chores.join(20)
    assert not chores.is_alive()


def test_a_chore_that_is_not_done_at_once_has_its_first_turn_after_a_period(wiring):
    # Given
    done: list[str] = []
    late, soon = counted(done, "late", at_once=False), counted(done, "soon")
    chores = Chores(wiring, [late, soon])
    # When the scheduler runs
    chores.start()
    deadline = threading.Event()
    while "soon" not in done and chores.is_alive():
        deadline.wait(0.05)
    # I expect
    assert done == ["soon"]
    assert 0 < wiring.redis.pttl(keyspace.turn(late.owner)) <= LONG_S * 1000
    # And a scheduler that starts again not to put it off once more
    wiring.redis.delete(keyspace.turn(late.owner))
    assert chores.turn(late)
    wiring.stopping.set()
    chores.join(20)


def test_a_clock_that_was_set_back_holds_no_chore_up(wiring):
    # Given a turn that was marked by a clock two hours ahead
    done: list[str] = []
    chore = counted(done)
    wiring.redis.set(keyspace.turn(chore.owner), "1", px=int(LONG_S * 1000) + 7_200_000)
    # When the clock is right again
    turns = [Chores(wiring, [chore]).turn(chore) for _ in range(3)]
    # I expect one turn, and then its period
    assert (turns, done) == ([True, False, False], [chore.name])
    assert 0 < wiring.redis.pttl(keyspace.turn(chore.owner)) <= LONG_S * 1000


def test_a_line_that_never_runs_for_a_whole_period_does_its_late_chores_all_the_same(wiring):
    # Given a chore that is not done at once, and a line that was started before
    done: list[str] = []
    late = counted(done, "late", at_once=False)
    first = Chores(wiring, [late])
    assert first._put_off(late)
    assert not first.turn(late)
    # When its period is over while nothing runs, and the line is started again
    wiring.redis.delete(keyspace.turn(late.owner))
    again = Chores(wiring, [late])
    assert again._put_off(late)
    # I expect it to be done now
    assert again.turn(late)
    assert done == ["late"]
