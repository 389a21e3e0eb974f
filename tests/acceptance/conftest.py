"""The whole system, as a user runs it: real processes, a real Redis, the outside world on loopback behind its proxy."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import mutagen
import pytest
import redis

from crateline.cli import demo, processes
from crateline.sandbox import outside
from crateline.sandbox.catalogue import End

LIMIT_S = 170.0


@dataclass
class Operator:
    """Somebody at the console, in one world and one folder."""

    world: outside.Outside
    folder: Path
    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def crateline(self, *words: str, code: tuple[int, ...] = (0,), **more: str) -> list[Any]:
        """Run a command to its end; gives its lines of JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "crateline", *words],
            env={**self.environment, **more},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode in code, f"{words} ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("{", "["))]

    def up(self, **more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "crateline", "up", "--no-flower"]
        with (self.folder / "workers.log").open("ab") as log:
            process = subprocess.Popen(command, env={**self.environment, **more}, cwd=self.folder, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def enqueue(self, *words: str) -> Any:
        return self.crateline("enqueue", *(words or (self.world.world.main.url,)), "--json")[-1]

    def status(self) -> Any:
        return self.crateline("status", "--json")[-1]

    def tracks(self, key: str) -> dict[str, Any]:
        return {row["key"]: row for row in self.crateline("status", key, "--tracks", "--json")}

    def eventually(self, condition: Any, seconds: float = LIMIT_S) -> Any:
        """Wait until `condition()` is true; gives its value."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, f"not within {seconds:.0f} s\n{self.status()}\n{self.log()}"
            threading.Event().wait(0.3)
        return value

    def finished(self, key: str) -> bool:
        found = next((one for one in self.status()["playlists"] if one["key"] == key), None)
        return found is not None and found["state"].startswith("done")

    def until_finished(self, key: str, seconds: float = LIMIT_S) -> None:
        self.eventually(lambda: self.finished(key), seconds)

    def log(self) -> str:
        path = self.folder / "workers.log"
        return path.read_text(errors="replace")[-6000:] if path.exists() else ""

    def workers(self) -> list[int]:
        """The process ids of the running workers of this operator."""
        return [
            child.pid
            for process in self.running
            if process.poll() is None
            for child in processes.children(process.pid)
            if " worker " in child.words
        ]

    def redis_pid(self) -> int:
        port = json.loads((self.folder / "state" / "redis" / "address.json").read_text())["port"]
        found = [one.pid for one in processes.running() if "redis-server" in one.words and f":{port}" in one.words]
        assert len(found) == 1, found
        return found[0]

    def redis(self) -> redis.Redis:
        """A way into the Redis of this folder, once it is there."""
        file = self.folder / "state" / "redis" / "address.json"
        self.eventually(file.exists)
        note = json.loads(file.read_text())
        return redis.Redis(host="127.0.0.1", port=note["port"], password=note["password"])

    def forget_everything(self) -> None:
        """Delete all of Redis' data while everything runs."""
        with self.redis() as client:
            client.flushall()

    def pages(self) -> list[dict[str, Any]]:
        """The rows of Music Tracks that are not in the bin."""
        state = httpx.get(f"{self.world.addresses['notion']}/_sandbox/state", trust_env=False).json()
        table = next(t for title, t in state["databases"].items() if "Tracks" in title)
        return [row for row in table["rows"] if not row["in_trash"]]

    def items(self) -> list[dict[str, Any]]:
        state = httpx.get(f"{self.world.addresses['eagle']}/_sandbox/state", trust_env=False).json()
        return [item for item in state["items"] if not item.get("isDeleted")]

    def stats(self, service: str) -> Any:
        return httpx.get(f"{self.world.addresses[service]}/_sandbox/stats", trust_env=False).json()

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._end_redis()

    def _end_redis(self) -> None:
        """End the Redis of this folder, if those who used it were killed and left it behind."""
        note = self.folder / "state" / "redis" / "address.json"
        if not note.exists():
            return
        address = json.loads(note.read_text())
        with redis.Redis(host="127.0.0.1", port=address["port"], password=address["password"]) as client:
            try:
                client.shutdown(nosave=True)
            except redis.ConnectionError:  # it has ended with its last user, as it should
                return

    def expect_the_end_state(self, key: str) -> None:
        """Every playable track: one complete page, one item, one tagged file; nothing twice, nothing outside."""
        rows = self.tracks(key)
        expected = {e.key: e for e in self.world.world.expected()}
        by_key = Counter(page["properties"].get("Source ID") for page in self.pages())
        items = Counter(tag for item in self.items() for tag in item["tags"] if tag.startswith("crateline:"))
        assert not [found for found, count in by_key.items() if count > 1], "a track has two pages"
        assert not [tag for tag, count in items.items() if count > 1], "a track has two items"
        aliases = self._aliases(expected)
        for track, wanted in expected.items():
            row = rows[track]
            if wanted.end is End.DONE and track not in aliases:
                assert row["state"] == "done", row
                assert by_key[track] == 1, row
                assert items[f"crateline:{track}"] == 1, row
                self._expect_tags(row)
            elif wanted.end in (End.REFUSED, End.REVIEW):
                assert row["state"] == wanted.end.value, row
                assert row["reason"], row
                assert not row["files"], row
        for page in self.pages():
            if page["properties"].get("Status") == "Complete":
                values = page["properties"]
                assert values["BPM"], page
                assert values["Key"], page
                assert values["Duration"], page
                assert values["Playlists"], page
        self._expect_no_stray_files()

    def _aliases(self, expected: dict[str, Any]) -> set[str]:
        """Of two uploads of one recording either may be the alias: those whose twin has the page's file."""
        done = {row["properties"]["Source ID"] for row in self.pages() if row["properties"].get("Status") == "Complete"}
        pairs = [(e.key, e.of) for e in expected.values() if e.end is End.ALIAS]
        for one, other in pairs:
            assert (one in done) != (other in done), f"exactly one of {one} and {other} is the track"
        return {one if other in done else other for one, other in pairs}

    def _expect_tags(self, row: dict[str, Any]) -> None:
        assert len(row["files"]) == 1, row
        path = Path(row["files"][0])
        assert path.is_relative_to(self.folder / "music"), path
        tags = mutagen.File(path)
        assert tags is not None
        assert tags.info.codec == "alac"
        assert tags["\xa9nam"][0]
        assert tags["\xa9ART"][0]
        assert tags["tmpo"][0] > 0
        assert tags["----:com.apple.iTunes:initialkey"][0]

    def _expect_no_stray_files(self) -> None:
        allowed = [self.folder / name for name in ("music", "media", "state", "outside", "workers.log", ".crateline")]
        stray = [path for path in self.folder.rglob("*") if path.is_file() and not any(path.is_relative_to(a) for a in allowed)]
        assert not stray


@pytest.fixture
def operator(tmp_path, request):
    """A fresh world of 12 rows with short recordings, its schema applied; ends what was started."""
    wanted = getattr(request, "param", {})
    with outside.run(folder=tmp_path / "outside", **{"tracks": 12, "seconds": (6, 9), **wanted}) as world:
        environment = demo.environment(tmp_path, world.environment) | {"LOG_LEVEL": "INFO", "PATH": os.environ["PATH"]}
        person = Operator(world=world, folder=tmp_path, environment=environment)
        person.crateline("schema", "apply", "--json")
        try:
            yield person
        finally:
            person.stop()
