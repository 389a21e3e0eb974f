"""The whole system among faults: operators of worlds that fail, an external Redis, and a monkey that kills."""

import importlib.util
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import httpx
import pytest
import redis

from crateline.cli import demo
from crateline.durable.embedded import binary
from crateline.sandbox import outside


def _acceptance() -> ModuleType:
    """The acceptance tests' operator: what has to be true at the end is said once."""
    path = Path(__file__).parents[1] / "acceptance" / "conftest.py"
    spec = importlib.util.spec_from_file_location("crateline_acceptance", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


Operator = _acceptance().Operator


def crash(pid: int) -> None:
    """End a process as a crash would; it may have ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def processes() -> dict[int, tuple[int, str]]:
    """Every process: its parent and its command line."""
    rows = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout.splitlines()
    split = (row.split(None, 2) for row in rows)
    return {int(row[0]): (int(row[1]), row[2] if len(row) > 2 else "") for row in split}


def descendants(parent: int) -> list[tuple[int, str]]:
    """The processes below a process, at any depth."""
    known = processes()
    found, level = [], [parent]
    while level:
        level = [pid for pid, (above, _) in known.items() if above in level]
        found += [(pid, known[pid][1]) for pid in level]
    return found


class Monkey(threading.Thread):
    """Kills some process below `up` every few seconds: workers, the scheduler, what analyses, ffmpeg; never Redis."""

    def __init__(self, up: int, *, every: tuple[float, float] = (2.0, 4.0), seed: int = 1) -> None:
        super().__init__(daemon=True, name="monkey")
        self.up = up
        self.every = every
        self.chance = random.Random(seed)
        self.over = threading.Event()
        self.killed: list[str] = []

    def run(self) -> None:
        while not self.over.wait(self.chance.uniform(*self.every)):
            found = [(pid, words) for pid, words in descendants(self.up) if "redis-server" not in words]
            if found:
                pid, words = self.chance.choice(found)
                self.killed.append(words[-60:])
                crash(pid)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()


class Tester(Operator):  # type: ignore[misc, valid-type]  # loaded by path
    """An operator who also breaks things."""

    def order(self, service: str, *rules: dict[str, Any]) -> None:
        """Have a simulated service misbehave from now on."""
        self._post(service, "faults", list(rules))

    def notion(self, door: str, **asked: Any) -> Any:
        """Turn a switch of the simulated Notion: token, limits, share, rows, edit."""
        return self._post("notion", door, asked)

    def _post(self, service: str, door: str, body: Any) -> Any:
        answer = httpx.post(f"{self.world.addresses[service]}/_sandbox/{door}", json=body, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def monkey(self, up: subprocess.Popen[bytes], **options: Any) -> Monkey:
        return Monkey(up.pid, **options)

    def crash(self, pid: int) -> None:
        crash(pid)

    def below(self, up: subprocess.Popen[bytes]) -> list[tuple[int, str]]:
        return descendants(up.pid)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program in this operator's environment; it ends with the test."""
        with (self.folder / "workers.log").open("ab") as log:
            process = subprocess.Popen(command, env=self.environment, cwd=self.folder, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def quiet(self, seconds: float) -> None:
        """Let time pass in which nothing should happen."""
        threading.Event().wait(seconds)

    def rows(self, database: str) -> list[Any]:
        """The rows of a database of Notion's, by a word of its title."""
        state = httpx.get(f"{self.world.addresses['notion']}/_sandbox/state", trust_env=False).json()
        table = next(one for title, one in state["databases"].items() if database in title)
        return [row for row in table["rows"] if not row["in_trash"]]

    def complete(self) -> int:
        """How many pages say Complete."""
        return sum(1 for page in self.pages() if page["properties"].get("Status") == "Complete")

    def copying(self) -> list[Any]:
        """The items that Eagle has promised, or not copied whole yet."""
        state = httpx.get(f"{self.world.addresses['eagle']}/_sandbox/state", trust_env=False).json()
        return ["promised"] * state["copying"]

    def claims(self, track: str) -> set[str]:
        """The tokens of whoever is at a track."""
        note = json.loads((self.folder / "state" / "redis" / "address.json").read_text())
        with redis.Redis(host="127.0.0.1", port=note["port"], password=note["password"], decode_responses=True) as client:
            fields = client.hgetall(f"crateline:track:{track}")
        return {value.split()[0] for name, value in fields.items() if name.startswith("c:")}

    def playlist(self, key: str) -> Any:
        return next(one for one in self.status()["playlists"] if one["key"] == key)

    def expect_no_second_download(self) -> None:
        downloads = self.stats("soundcloud")["downloads"]
        assert not {track: count for track, count in downloads.items() if count > 1}

    def expect_silence_was_kept(self) -> None:
        told = self.stats("notion")
        late = [one for one in told["arrivals"] if one["silence"] is not None and one["silence"] > 0.25]
        assert told["in_silence"] == 0, late[:10]
        assert told["refused_by_window"] == 0

    def expect_none_failed(self, key: str) -> None:
        assert self.playlist(key)["failed"] == 0, [row for row in self.tracks(key).values() if row["state"] == "failed"]


@dataclass
class ExternalRedis:
    """A Redis that the user runs: AOF each second, a password, on a fixed port."""

    folder: Path
    host: str = "127.0.0.1"
    port: int = 0
    password: str = "a secret of the test"
    process: subprocess.Popen[bytes] | None = None
    extra: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"redis://:{self.password.replace(' ', '%20')}@{self.host}:{self.port}/2"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = int(probe.getsockname()[1])
        config = self.folder / "redis.conf"
        rows = [f"bind {self.host}", f"port {self.port}", f'requirepass "{self.password}"', f'dir "{self.folder}"']
        rows += ["appendonly yes", "appendfsync everysec", 'save ""', "maxmemory-policy noeviction", *self.extra]
        config.write_text("\n".join(rows) + "\n")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([binary(), str(config)], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                self.client().ping()
            except redis.RedisError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                threading.Event().wait(0.05)
            else:
                return

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, decode_responses=True)

    def crash(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


@pytest.fixture
def external_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExternalRedis]:
    server = ExternalRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all worlds keep their recordings: the same seed is the same music."""
    return tmp_path_factory.mktemp("music")


def settle(opened: ExitStack, folder: Path, music: Path, wanted: dict[str, Any]) -> "Tester":
    """Make a world in a folder, and the tester in it; both end with `opened`. See `enter`."""
    environment, apply = wanted.pop("environment", None), wanted.pop("apply", True)
    place = folder / "outside"
    place.mkdir()
    (place / "music").symlink_to(music, target_is_directory=True)
    made = opened.enter_context(outside.run(folder=place, **{"tracks": 12, "seconds": (6, 9), **wanted}))
    own = demo.environment(folder, made.environment) | {"LOG_LEVEL": "INFO", "PATH": os.environ["PATH"]}
    own = {name: value for name, value in (own | (environment or {})).items() if value is not None}
    tester = Tester(world=made, folder=folder, environment=own)
    opened.callback(tester.stop)
    if apply:
        tester.crateline("schema", "apply", "--json")
    return tester


@pytest.fixture
def enter(tmp_path: Path, music: Path) -> Iterator[Callable[..., "Tester"]]:
    """Make a world and the tester in it; what was started ends with the test.

    `environment` is added to the console's and the workers', None takes a setting away; `apply=False` leaves the schema
    as it is; the rest are options of the world (12 rows of short recordings are what they are by default).
    """
    with ExitStack() as opened:
        yield lambda **wanted: settle(opened, tmp_path, music, wanted)


@pytest.fixture(scope="session")
def visit(tmp_path_factory: pytest.TempPathFactory, music: Path) -> Callable[..., Any]:
    """As `enter`, for a world whose end state several tests compare theirs with: it ends when `with` does."""

    @contextmanager
    def visited(**wanted: Any) -> Iterator[Tester]:
        with ExitStack() as opened:
            yield settle(opened, tmp_path_factory.mktemp("visit"), music, wanted)

    return visited
