"""Flower as it really runs: behind a password, on loopback, showing which track is where and no secret."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import redis

from crateline import app as application
from crateline import settings
from crateline.cli import processes, session
from crateline.messages import Hint, Station
from crateline.settings import Settings
from crateline.wiring import Wiring
from workers import flower

pytestmark = pytest.mark.real("redis")

PASSWORD = "a-secret-of-flower"
TOKEN = "ntn_a_secret_of_notion"
HINT = Hint(station=Station.DOWNLOAD, key="soundcloud:tracks:1150488265", title="Marlo Arendt - Amber Avenue")
PAGES = ("/", "/tasks", "/broker", "/api/tasks", "/api/workers", "/api/queues/length")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def running(redis_server, tmp_path_factory):
    """A real Flower and a real worker on one Redis; gives the address and the process."""
    folder, port = tmp_path_factory.mktemp("flower"), free_port()
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    environment = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields} | {
        "REDIS_URL": redis_server,
        "STATE_DIR": str(folder / "state"),
        "MEDIA_ROOT": str(folder / "media"),
        "CRATELINE_FLOWER_PORT": str(port),
        "FLOWER_BASIC_AUTH": f"dj:{PASSWORD}",
        "NOTION_TOKEN": TOKEN,
    }
    started = []
    for words in (["flower"], ["worker", "eagle-import", "--name", "watched"]):
        with (folder / f"{words[0]}.log").open("wb") as log:
            command = [sys.executable, "-m", "crateline", *words]
            started.append(subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log))
    yield f"http://127.0.0.1:{port}", started[0], folder
    for process in started:
        process.send_signal(signal.SIGTERM)
    for process in started:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ask(url: str, path: str = "/", password: str = PASSWORD) -> httpx.Response:
    return httpx.get(f"{url}{path}", auth=("dj", password) if password else None, trust_env=False, timeout=10)


def until(condition, seconds: float = 40.0):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if value := condition():
                return value
        except httpx.TransportError:
            value = None
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.1)


def test_nobody_is_let_in_without_the_password(running):
    url, _, _ = running
    until(lambda: ask(url).status_code == 200)
    for path in PAGES:
        assert ask(url, path, password="").status_code == 401
        assert ask(url, path, password="guessed").status_code == 401


def test_it_listens_on_loopback_alone(running):
    # Given
    url, _, _ = running
    until(lambda: ask(url).status_code == 200)
    port = int(url.rpartition(":")[2])
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    if not tables[0].exists():
        pytest.skip("only Linux tells by files who listens where")
    # When
    rows = [row.split() for table in tables if table.exists() for row in table.read_text().splitlines()[1:]]
    listening = {row[1].rpartition(":")[0] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
    # I expect 127.0.0.1, as the kernel writes it
    assert listening == {"0100007F"}


def test_a_task_shows_its_key_and_its_title(running, redis_server):
    # Given
    url, _, _ = running
    until(lambda: ask(url).status_code == 200)
    application.connect(redis_server)
    # When
    application.publish([HINT])
    # I expect
    task = until(lambda: next(iter(ask(url, "/api/tasks").json().values()), None))
    session.hang_up()
    assert task["name"] == "download.track"
    assert task["kwargs"] == f"{HINT.key} · {HINT.title}"
    assert HINT.key in ask(url, f"/task/{task['uuid']}").text


def test_no_page_shows_a_secret(running, redis_server):
    # Given a worker whose configuration Flower has seen
    url, process, folder = running
    until(lambda: "watched" in ask(url, "/api/workers?refresh=1").text)
    worker = next(iter(json.loads(ask(url, "/api/workers").text)))
    password = redis_server.partition("//:")[2].partition("@")[0]
    assert len(password) > 8
    # When
    shown = {path: ask(url, path).text for path in (*PAGES, f"/worker/{worker}")}
    shown["arguments"] = next(one.words for one in processes.running() if one.pid == process.pid)
    shown["log"] = (folder / "flower.log").read_text()
    # I expect
    for place, words in shown.items():
        for secret in (password, TOKEN, PASSWORD):
            assert secret not in words, place
    assert "watched" in shown[f"/worker/{worker}"]


def test_a_password_is_made_once_and_kept_for_its_owner_alone(clean_environment, tmp_path):
    # Given no FLOWER_BASIC_AUTH
    wiring = Wiring(settings.load(state_dir=tmp_path / "state"))
    # When
    made = flower.credentials(wiring)
    # I expect
    user, _, password = made.partition(":")
    assert (user, len(password) >= 16) == ("crateline", True)
    assert flower.credentials(wiring) == made
    assert (tmp_path / "state" / "flower").stat().st_mode & 0o777 == 0o600
    assert flower.address(wiring) == "http://127.0.0.1:5555"


def test_a_password_that_is_given_is_not_kept(clean_environment, tmp_path):
    wiring = Wiring(settings.load(state_dir=tmp_path / "state", flower_basic_auth="dj:mine"))
    assert flower.credentials(wiring) == "dj:mine"
    assert not (tmp_path / "state").exists()
