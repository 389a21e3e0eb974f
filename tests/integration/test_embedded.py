"""Our own Redis: one server, whoever starts it and however often; it keeps its data, and lets nobody in."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading

import pytest
import redis

from crateline.durable import embedded
from crateline.durable.connection import connect
from crateline.durable.embedded import Address, Embedded
from crateline.durable.epoch import Epoch
from crateline.durable.index import Index
from crateline.errors import ConfigurationError

pytestmark = pytest.mark.real("redis")


@pytest.fixture
def own(tmp_path):
    server = Embedded(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def ask():
    """Ask a server something, over a connection that is closed again."""

    def command(url: str, *words: str):
        with redis.Redis.from_url(url, decode_responses=True) as client:
            return client.execute_command(*words)

    return command


def pid_of(ask, url: str) -> int:
    return ask(url, "INFO", "server")["process_id"]


def test_started_twice_it_is_one_server(own, ask, tmp_path):
    # Given
    url = own.ensure()

    # When
    second = Embedded(tmp_path)

    # I expect
    assert second.ensure() == url
    assert pid_of(ask, second.ensure()) == pid_of(ask, url)
    assert (own.started, second.started) == (True, False)
    assert second.running()


def test_only_one_that_was_killed_may_have_forgotten_something(own, ask, tmp_path):
    # Given one that was seen running
    known, media = connect(own.ensure()), tmp_path / "media"
    Epoch(known, media).check()
    index = Index(known)
    index.want()
    index.read(cursor="2026-11-20T14:00:00.000Z", began=index.now())
    # When it is ended in order, and comes up again
    own.stop()
    own.ensure()
    Epoch(known, media).check()
    # I expect
    assert not index.stale()
    # When it is killed
    os.kill(pid_of(ask, own.ensure()), signal.SIGKILL)
    own.ensure()
    Epoch(known, media).check()
    # I expect Notion to be read again
    assert index.stale()
    known.close()


def test_processes_that_start_it_at_once_start_one(own, ask, tmp_path):
    # Given
    script = """
import sys
from pathlib import Path
from crateline.durable.embedded import Embedded
own = Embedded(Path(sys.argv[1]))
print(own.ensure(), own.started)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]

    # When
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60)[0].split() for process in processes]

    # I expect
    assert {url for url, _ in answers} == {own.ensure()}
    assert sorted(started for _, started in answers) == ["False", "False", "False", "True"]


def test_it_survives_its_death_with_its_data_at_the_same_address(own, ask):
    # Given
    url = own.ensure()
    ask(url, "SET", "sealed", "yes")
    before = pid_of(ask, url)

    # When
    os.kill(before, signal.SIGKILL)

    # I expect
    assert own.ensure() == url
    assert pid_of(ask, url) != before
    assert ask(url, "GET", "sealed") == "yes"


def test_a_connection_that_waits_comes_through_a_death(own, ask):
    # Given
    url = own.ensure()
    client = connect(url)
    client.set("sealed", "yes")

    # When
    os.kill(pid_of(ask, url), signal.SIGKILL)
    reviver = threading.Timer(0.3, own.ensure)
    reviver.start()

    # I expect
    assert client.get("sealed") == "yes"
    reviver.join()
    client.close()


def test_it_ends_when_it_is_told_to_and_keeps_its_data(own, ask):
    # Given
    url = own.ensure()
    ask(url, "SET", "sealed", "yes")

    # When
    own.stop()

    # I expect
    assert not own.running()
    assert ask(own.ensure(), "GET", "sealed") == "yes"


def test_nobody_gets_in_without_the_password(own, ask):
    # Given
    address = json.loads((own.folder / "address.json").read_text()) if own.ensure() else {}
    port = address["port"]

    # I expect
    with pytest.raises(redis.AuthenticationError):
        ask(f"redis://127.0.0.1:{port}/0", "PING")
    with pytest.raises(redis.AuthenticationError):
        ask(f"redis://:guess@127.0.0.1:{port}/0", "PING")


def test_only_we_can_read_the_password(own):
    # When
    own.ensure()

    # I expect
    modes = {name: stat.S_IMODE((own.folder / name).stat().st_mode) for name in ("address.json", "redis.conf")}
    assert modes == {"address.json": 0o600, "redis.conf": 0o600}
    assert stat.S_IMODE(own.folder.stat().st_mode) == 0o700


def test_the_password_shows_nowhere(own, ask):
    # Given
    url = own.ensure()
    password = url.partition("://:")[2].partition("@")[0]

    # I expect it neither in what is printed nor in the list of processes
    assert password not in repr(Address(port=1, password=password))
    assert password not in (own.folder / "redis.log").read_text()
    command = subprocess.run(["ps", "-o", "args=", "-p", str(pid_of(ask, url))], capture_output=True, text=True, check=True)
    assert password not in command.stdout


def test_it_keeps_everything_it_is_told(own, ask):
    # Given
    url = own.ensure()

    # I expect
    for name, value in {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}.items():
        assert ask(url, "CONFIG", "GET", name) == {name: value}
    assert ask(url, "CONFIG", "GET", "bind") == {"bind": "127.0.0.1"}


def test_a_server_that_does_not_answer_is_waited_for_and_never_doubled(own, ask):
    """Two servers on one append-only file would ruin it."""
    # Given a server that is frozen, as by a laptop that sleeps
    url = own.ensure()
    before = pid_of(ask, url)
    os.kill(before, signal.SIGSTOP)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(Embedded(own.folder.parent).ensure()))

    # When
    thread.start()
    thread.join(0.5)
    assert not answers
    os.kill(before, signal.SIGCONT)
    thread.join(15)

    # I expect
    assert answers == [url]
    assert pid_of(ask, url) == before


def test_a_server_that_keeps_silent_is_told_as_it_is(own, ask, monkeypatch):
    # Given
    url = own.ensure()
    before = pid_of(ask, url)
    monkeypatch.setattr(embedded, "PATIENCE_S", 0.2)
    monkeypatch.setattr(embedded, "_answers", lambda _: False)

    # I expect
    with pytest.raises(ConfigurationError, match="does not answer"):
        own.ensure()
    monkeypatch.undo()
    assert pid_of(ask, url) == before


def test_a_port_that_somebody_else_has_taken_meanwhile_is_left_to_them(own):
    # Given
    first = own.ensure()
    own.stop()
    port = json.loads((own.folder / "address.json").read_text())["port"]
    with embedded.socket.create_server(("127.0.0.1", port)):
        # When
        second = own.ensure()

    # I expect
    assert second != first
    assert own.running()


def test_an_address_that_was_cut_short_is_made_anew(own):
    # Given
    own.folder.mkdir(parents=True)
    (own.folder / "address.json").write_text('{"port": 1')

    # I expect
    assert own.ensure()
    assert own.running()


def test_a_server_that_cannot_start_is_a_sentence_that_names_the_log(own, monkeypatch):
    # Given
    monkeypatch.setattr(embedded, "binary", lambda: "/bin/false")

    # I expect
    with pytest.raises(ConfigurationError, match=r"redis\.log"):
        own.ensure()


def test_without_any_server_the_way_to_one_is_told(monkeypatch):
    # Given
    monkeypatch.setattr(embedded.shutil, "which", lambda _: None)
    monkeypatch.setattr(embedded.sys, "platform", "darwin")

    # I expect
    with pytest.raises(ConfigurationError, match="brew install redis"):
        embedded.binary()


def test_what_is_installed_is_preferred_to_what_we_bring(monkeypatch):
    monkeypatch.setattr(embedded.shutil, "which", {"valkey-server": "/usr/bin/valkey-server"}.get)
    assert embedded.binary() == "/usr/bin/valkey-server"


def test_the_last_one_to_leave_ends_it_if_it_began_it(own, tmp_path):
    # Given one who started it, and one who only uses it
    own.ensure()
    guest = Embedded(tmp_path)
    guest.ensure()

    # When the first leaves, I expect it to stay for the other
    own.leave()
    own.leave()
    assert own.running()

    # When the guest leaves, I expect it to stay, since the guest did not start it
    guest.leave()
    assert own.running()

    # When somebody starts it and is alone at the end
    own.stop()
    last = Embedded(tmp_path)
    last.ensure()
    last.leave()
    assert not own.running()


def test_whoever_keeps_it_running_ends_it_when_nobody_else_is_there(own, tmp_path):
    # Given one that somebody else has started, who is gone
    own.ensure()
    keeper, second = Embedded(tmp_path), Embedded(tmp_path)
    keeper.ensure()
    second.ensure()
    own.leave()

    # When one of two keepers leaves, I expect it to stay for the other
    keeper.leave(whoever_started=True)
    assert own.running()

    # When the last leaves
    second.leave(whoever_started=True)
    assert not own.running()
