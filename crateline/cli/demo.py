"""`crateline demo`: the whole line against the sandbox, with nothing of one's own at stake."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.live import Live

from crateline import settings as settings_module
from crateline.cli import demo_djay, demo_view, processes
from crateline.wiring import Wiring

OURS = (
    *("NOTION_", "SPOTI", "EAGLE_", "REDIS_URL", "FLOWER_", "SOUNDCLOUD_PROFILE", "DJAY_", "DJ_SESSION_TYPE_ID"),
    *("TRACKS_DB_ID", "PLAYLISTS_DB_ID", "CALENDAR_DB_ID", "PLAYS_DB_ID"),
)
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "ssl_cert_dir", "requests_ca_bundle", "curl_ca_bundle")
KILL_EVERY_S = (4.0, 8.0)
LOOK_EVERY_S = 0.5
LIMIT_S = 3600.0


@dataclass(slots=True)
class Run:
    """A demo that is going on: its folder, its environment, and what is measured."""

    folder: Path
    tracks: int
    environment: dict[str, str]
    addresses: dict[str, str]
    began: float = field(default_factory=time.monotonic)
    kills: list[tuple[str, int]] = field(default_factory=list)

    def crateline(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Start the console in the demo's world, exactly as a user would in their own."""
        command = [sys.executable, "-m", "crateline", *words]
        return subprocess.Popen(command, env=self.environment, cwd=self.folder, text=True, **options)

    def ask(self, *words: str) -> Any:
        """Run a console command to its end and read its last line of JSON."""
        return self.rows(*words)[-1]

    def rows(self, *words: str) -> list[Any]:
        """Run a console command to its end and read its lines of JSON. What it says is shown only if it fails."""
        process = self.crateline(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, said = process.communicate(timeout=LIMIT_S)
        if process.returncode not in (0, 3):
            raise click.ClickException(f"`crateline {' '.join(words)}` ended with {process.returncode}:\n{said}")
        return [json.loads(line) for line in out.splitlines()]


def environment(folder: Path, outside: dict[str, str]) -> dict[str, str]:
    """The demo's environment: the sandbox's addresses in place of the user's own settings."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(OURS) and n.lower() not in PROXIES}
    return {
        **kept,
        **outside,
        "OUT_DIR": str(folder / "music"),
        "MEDIA_ROOT": str(folder / "media"),
        "STATE_DIR": str(folder / "state"),
        "MINIMUM_FREE_GIB": "0.5",
        "DJAY_SYNC_ON_DISCONNECT": "false",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "CRATELINE_FLOWER_PORT": str(_free_port(int(os.environ.get("CRATELINE_FLOWER_PORT", "5555")))),
    }


def _free_port(wanted: int) -> int:
    """The wanted port of loopback if nobody listens there, else any that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise click.ClickException("no port of loopback is free")


@click.command()
@click.option("--tracks", default=60, show_default=True, type=click.IntRange(min=1, max=5000), help="Rows of the SoundCloud set.")
@click.option("--seconds", default=(20.0, 40.0), show_default=True, type=(float, float), help="Shortest and longest track.")
@click.option("--seed", default=7, show_default=True, help="Another seed, another world.")
@click.option("--kill", is_flag=True, help="Kill a worker with SIGKILL every few seconds.")
@click.option(
    "--stay/--no-stay", default=None, help="Keep everything running afterwards, to look around (default: on a terminal)."
)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Where the files go.")
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def demo(
    *, tracks: int, seconds: tuple[float, float], seed: int, kill: bool, stay: bool | None, folder: Path, as_json: bool
) -> None:
    """Run the main job on this machine against a simulated outside world: no account, nothing of yours is touched."""
    from crateline.sandbox import outside  # noqa: PLC0415  # only this command and `sandbox` need the world

    talk = Console(stderr=True)
    folder = folder.absolute()
    _fresh(folder)
    talk.print(demo_view.opening(tracks))
    with ExitStack() as stack:
        world = stack.enter_context(outside.run(folder=folder / "outside", tracks=tracks, seed=seed, seconds=seconds))
        run = Run(folder=folder, tracks=tracks, environment=environment(folder, world.environment), addresses=world.addresses)
        stack.callback(_stop, up := _up(run))
        run.addresses["flower"] = f"http://127.0.0.1:{run.environment['CRATELINE_FLOWER_PORT']}"
        talk.print(demo_view.places(run.addresses, folder))
        summary = _play(run, up, world.world.main.url, kill=kill, talk=talk)
        summary |= _measured(run)
        talk.print(demo_view.djay_opening())
        summary |= {"djay": demo_djay.play(run, world.world)}
        summary["twice"]["sessions"] = _sessions_twice(run)
        talk.print(demo_view.closing(summary, run.addresses, folder))
        if stay or (stay is None and talk.is_terminal and sys.stdin.isatty() and not as_json):
            _stay(talk)
    if as_json:
        click.echo(json.dumps(summary))
    sys.exit(_exit_code(summary))


def _exit_code(summary: dict[str, Any]) -> int:
    """1 if the line broke its promise, 3 if tracks failed, else 0."""
    if demo_view.lost(summary) or any(summary["twice"].values()):
        return 1
    return 3 if summary["failed"] else 0


def _fresh(folder: Path) -> None:
    """Start from nothing, but keep the music that was rendered before; only a folder of the demo's own is emptied."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "outside").is_dir():
        raise click.UsageError(f"{folder} is not a demo's folder: name an empty one with --folder")
    for name in ("music", "media", "state", "djay", "outside/Sandbox.library"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "outside").mkdir(parents=True, exist_ok=True)


def _up(run: Run) -> subprocess.Popen[str]:
    run.ask("schema", "apply", "--json")
    log = (run.folder / "workers.log").open("w")
    return run.crateline("up", stdout=log, stderr=log)


def _play(run: Run, up: subprocess.Popen[str], url: str, *, kill: bool, talk: Console) -> dict[str, Any]:
    listed = run.ask("enqueue", url, "--json")
    wiring = Wiring(
        settings_module.Settings(
            redis_url=_redis_url(run), media_root=run.folder / "media", state_dir=run.folder / "state", _env_file=None
        )
    )
    over = threading.Event()
    killer = threading.Thread(target=_kill, args=(run, up.pid, over), daemon=True)
    if kill:
        killer.start()
    try:
        with Live(console=talk, refresh_per_second=4, transient=True) as live:
            deadline = time.monotonic() + LIMIT_S
            while not wiring.register.finished(listed["key"]) and time.monotonic() < deadline:
                if talk.is_terminal:
                    live.update(demo_view.progress(wiring, listed["key"], run))
                time.sleep(LOOK_EVERY_S)
    finally:
        over.set()
    status = run.ask("status", listed["key"], "--json")
    played = next(one for one in status["playlists"] if one["key"] == listed["key"])
    return {**played, "tracks": run.rows("status", listed["key"], "--tracks", "--json")}


def _redis_url(run: Run) -> str:
    note = json.loads((run.folder / "state" / "redis" / "address.json").read_text())
    return f"redis://:{note['password']}@127.0.0.1:{note['port']}/0"


def _kill(run: Run, up: int, over: threading.Event) -> None:
    """End a random worker, as a crash would, until the set is done."""
    chance = random.Random(run.tracks)
    while not over.wait(chance.uniform(*KILL_EVERY_S)):
        workers = [child for child in processes.children(up) if " worker " in child.words]
        if workers:
            victim = chance.choice(workers)
            run.kills.append((victim.words.split(" worker ")[-1].split()[0], victim.pid))
            os.kill(victim.pid, signal.SIGKILL)


def _measured(run: Run) -> dict[str, Any]:
    """What the world saw: requests, the busiest minute, and whatever is there twice."""
    figures = demo_view.measure(_seen(run, "notion", "stats"), time.monotonic() - run.began, run.kills)
    tables = _seen(run, "notion", "state")["databases"].values()
    keys = [row["properties"].get("Source ID") for table in tables for row in table["rows"] if not row["in_trash"]]
    tags = [tag for item in _seen(run, "eagle", "state")["items"] for tag in item["tags"] if tag.startswith("crateline:")]
    downloads = _seen(run, "soundcloud", "stats")["downloads"].values()
    twice = {
        "pages": _repeated(key for key in keys if key),
        "items": _repeated(tags),
        "downloads": sum(1 for count in downloads if count > 1),
    }
    return {**figures, "twice": twice}


def _sessions_twice(run: Run) -> int:
    rows = _seen(run, "notion", "state")["databases"]["Calendar"]["rows"]
    return _repeated(row["properties"]["Session ID"] for row in rows if not row["in_trash"])


def _seen(run: Run, service: str, what: str) -> Any:
    return httpx.get(f"{run.addresses[service]}/_sandbox/{what}", trust_env=False).json()


def _repeated(names: Iterable[str]) -> int:
    return sum(1 for count in Counter(names).values() if count > 1)


def _stay(talk: Console) -> None:
    talk.print("Notion's page and Flower stay until you press Enter.")
    try:
        sys.stdin.readline()
    except KeyboardInterrupt:
        talk.print("Ending.")


def _stop(up: subprocess.Popen[str]) -> None:
    up.terminate()
    try:
        up.wait(30)
    except subprocess.TimeoutExpired:
        up.kill()
        up.wait()
