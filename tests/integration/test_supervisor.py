"""`crateline up`: real child processes that are started again, drained, and gone when their supervisor is."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crateline import settings
from crateline.cli import processes, session
from crateline.durable import keyspace
from crateline.wiring import Wiring
from workers import supervisor as supervisors
from workers.lifecycle import SUPERVISOR
from workers.queues import chosen
from workers.supervisor import Child, Supervisor

pytestmark = pytest.mark.real("redis")

FOREVER = "import time; time.sleep(60)"
DRAINS = """
import pathlib, signal, sys, time
def drain(*_):
    time.sleep(0.3)
    pathlib.Path(sys.argv[1]).write_text("handed back")
    raise SystemExit
signal.signal(signal.SIGTERM, drain)
pathlib.Path(sys.argv[1] + ".ready").touch()
time.sleep(60)
"""
DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1] + ".ready").touch()
time.sleep(60)
"""


@pytest.fixture
def signals():
    """The handlers that `run` puts in place are afterwards what they were."""
    known = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in known.items():
        signal.signal(name, handler)


@pytest.fixture
def wiring(redis_url, clean_environment, tmp_path):
    made = Wiring(settings.load(redis_url=redis_url, media_root=tmp_path / "media", state_dir=tmp_path / "state"))
    yield made
    session.close(made)


@pytest.fixture
def supervise(wiring, signals):
    """Supervise small programs; `conduct` runs beside it, and when it ends so does the supervisor."""

    def supervising(*programs: str, argument: str = "", conduct, until_told: bool = False) -> int:
        made = Supervisor(wiring, ("download",), with_flower=False)
        made.children[:] = [
            Child(name=f"child-{n}", command=[sys.executable, "-S", "-c", program, argument], environment=dict(os.environ))
            for n, program in enumerate(programs)
        ]
        failed: list[BaseException] = []

        def conducting() -> None:
            try:
                conduct(made)
            except BaseException as error:  # noqa: BLE001 - it belongs to the test, not to this thread
                failed.append(error)
                made.stop()
            if not until_told:
                made.stop()

        conductor = threading.Thread(target=conducting)
        conductor.start()
        code = made.run()
        conductor.join()
        if failed:
            raise failed[0]
        assert all(gone(pid) for child in made.children for pid in child.pids)
        return code

    return supervising


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] if Path("/proc").is_dir() else False


def test_a_child_that_dies_is_started_again_and_its_neighbour_is_left_alone(supervise, eventually):
    # Given
    seen = []

    def conduct(running: Supervisor) -> None:
        eventually(lambda: all(child.pids for child in running.children))
        # When
        victim, neighbour = running.children
        os.kill(victim.pids[0], signal.SIGKILL)
        # I expect
        eventually(lambda: len(victim.pids) == 2)
        seen.append((victim.process.poll(), len(neighbour.pids)))

    assert supervise(FOREVER, FOREVER, conduct=conduct) == 0
    assert seen == [(None, 1)]


def test_a_redis_that_came_back_elsewhere_is_told_to_all_children(supervise, eventually):
    # Given a Redis of our own whose port was taken while it was down
    def conduct(running: Supervisor) -> None:
        eventually(lambda: all(child.pids for child in running.children))
        for child in running.children:
            child.environment["REDIS_URL"] = "redis://127.0.0.1:1/0"
        running._wiring.embedded = Elsewhere()
        # When
        running._revive()
        # I expect every child to begin anew, there
        eventually(lambda: all(len(child.pids) == 2 for child in running.children))
        assert {child.environment["REDIS_URL"] for child in running.children} == {Elsewhere.url}
        # And nothing to happen as long as it stays there
        running._revive()
        assert all(child.process is not None and child.process.poll() is None for child in running.children)

    assert supervise(FOREVER, FOREVER, conduct=conduct) == 0


class Elsewhere:
    """A Redis of our own at another port."""

    url = "redis://127.0.0.1:2/0"

    def ensure(self) -> str:
        return self.url

    def leave(self) -> None:
        """Nobody is counted here."""


def test_a_child_that_dies_at_once_is_started_more_and_more_seldom(supervise, eventually):
    # Given
    def conduct(running: Supervisor) -> None:
        child = running.children[0]
        eventually(lambda: len(child.pids) >= 3)
        # When
        started = time.monotonic()
        eventually(lambda: len(child.pids) >= 4)
        # I expect a rest of a second before the fourth
        assert time.monotonic() - started > 0.7

    supervise("raise SystemExit(1)", conduct=conduct)


def test_the_rest_grows_with_each_young_death_and_ends_with_a_long_life(monkeypatch):
    # Given
    now = 100.0
    monkeypatch.setattr(supervisors.time, "monotonic", lambda: now)
    child = Child(name="x", command=[], environment={})
    # When
    rests = []
    for _ in range(9):
        child.started = now - 1
        rests.append(child.rest())
    child.started = now - supervisors.QUICK_DEATH_S
    # I expect
    assert rests == [0, 0, 1, 2, 4, 8, 15, 15, 15]
    assert child.rest() == 0
    child.started = now
    assert child.rest() == 0


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_children_finish_what_they_are_at(supervise, eventually, tmp_path, name):
    # Given
    note = tmp_path / "note"

    def conduct(_running: Supervisor) -> None:
        eventually(Path(f"{note}.ready").exists)
        # When
        os.kill(os.getpid(), name)

    # I expect
    assert supervise(DRAINS, argument=str(note), conduct=conduct, until_told=True) == 0
    assert note.read_text() == "handed back"


def test_a_child_that_does_not_end_is_ended(supervise, eventually, tmp_path, monkeypatch):
    # Given
    monkeypatch.setattr(supervisors, "DRAIN_S", 0.3)
    note = tmp_path / "note"
    # When
    began = time.monotonic()
    assert supervise(DEAF, argument=str(note), conduct=lambda _: eventually(Path(f"{note}.ready").exists)) == 0
    # I expect
    assert time.monotonic() - began < 5


def test_every_queue_has_a_worker_and_no_argument_holds_a_secret(wiring):
    # When
    made = Supervisor(wiring)
    # I expect
    assert [child.name for child in made.children] == [*chosen(()), "scheduler", "flower"]
    words = " ".join(word for child in made.children for word in child.command)
    assert wiring.settings.redis_url.get_secret_value() not in words
    assert all(child.environment["REDIS_URL"] == wiring.redis_url for child in made.children)
    assert all(child.environment[SUPERVISOR] == str(os.getpid()) for child in made.children)


def test_our_own_redis_is_started_again_with_what_it_knew_and_ends_with_us(clean_environment, tmp_path, eventually):
    # Given a supervisor with a Redis of its own
    own = Wiring(settings.load(state_dir=tmp_path / "state", media_root=tmp_path / "media"))
    made = Supervisor(own, ("download",), with_flower=False)
    made.children.clear()
    own.redis.set("known", "before")
    server = int(own.redis.info("server")["process_id"])
    # When it dies
    os.kill(server, signal.SIGKILL)
    eventually(lambda: not own.embedded.running())
    made.look()
    # I expect
    assert own.redis.get("known") == "before"
    assert int(own.redis.info("server")["process_id"]) != server
    # When the supervisor drains
    made._drain()
    # I expect
    assert not own.embedded.running()
    session.close(own)


@pytest.fixture
def up(settled_in, tmp_path):
    """A real `crateline up` for one queue; gives the process."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "crateline", "up", "--queues", "download", "--no-flower"]
        with (tmp_path / "up.log").open("wb") as log:
            running.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def children(process: subprocess.Popen[bytes]) -> dict[str, int]:
    """The worker and the scheduler below a supervisor, by name."""
    found = processes.children(process.pid)
    return {name: one.pid for one in found for name in ("worker", "scheduler") if f"crateline {name}" in one.words}


def test_workers_end_with_their_supervisor_however_it_ends(up, client, eventually):
    # Given a real worker
    process = up()
    eventually(lambda: client.hkeys(keyspace.WORKERS), 30)
    before = children(process)
    assert set(before) == {"worker", "scheduler"}
    # When it is killed
    os.kill(before["worker"], signal.SIGKILL)
    # I expect another
    eventually(lambda: children(process).get("worker") not in (None, before["worker"]), 10)
    # When the supervisor is killed
    last = children(process)
    process.kill()
    process.wait()
    # I expect nobody to be left
    eventually(lambda: all(map(gone, last.values())), 20)


def test_up_ends_well_when_it_is_asked_to(up, client, eventually):
    # Given
    process = up()
    eventually(lambda: client.hkeys(keyspace.WORKERS), 30)
    below = children(process)
    # When
    process.terminate()
    # I expect
    assert process.wait(25) == 0
    assert all(map(gone, below.values()))
