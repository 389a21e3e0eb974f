"""What all tests share: a clean environment, a real Redis, and waiting for a condition instead of for luck."""

import importlib.util
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import hypothesis
import pytest
import redis

from crateline.domain.track import Platform, Playlist, Track
from crateline.durable.connection import connect
from crateline.durable.embedded import Embedded, binary
from crateline.errors import ConfigurationError
from crateline.settings import Settings

OUTSIDE = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


# How long an example takes says what else the machine does, or that a dictionary was loaded, and nothing of the code.
hypothesis.settings.register_profile("crateline", deadline=None)
hypothesis.settings.load_profile("crateline")


def pytest_configure(config):
    """Forget what the shell that runs the tests has set: no test may reach a real workspace, library or account."""
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)


def _has_redis() -> bool:
    try:
        return bool(binary())
    except (ConfigurationError, ImportError):
        return False


PRESENT: dict[str, Callable[[], bool]] = {
    "redis": _has_redis,
    "ffmpeg": lambda: shutil.which("ffmpeg") is not None or importlib.util.find_spec("imageio_ffmpeg") is not None,
    "essentia": lambda: importlib.util.find_spec("essentia") is not None,
    "chromium": lambda: any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
}


def require(component: str) -> None:
    """Skip a test at home if a real component is absent; fail it where CI promises to have all of them."""
    if PRESENT[component]():
        return
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{component} is absent, and CI must not skip the tests of real components")
    pytest.skip(f"{component} is absent")


def pytest_runtest_setup(item):
    for marker in item.iter_markers("real"):
        for component in marker.args:
            require(component)


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No setting and no proxy from the machine the tests run on, and a working folder of the test's own."""
    for name in [*Settings.model_fields, *OUTSIDE]:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real Redis, started once. Without one: skipped at home, failed in CI."""
    require("redis")
    server = Embedded(tmp_path_factory.mktemp("state"))
    yield server.ensure()
    server.stop()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """A connection to an empty Redis, as our own code makes it."""
    connection = connect(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Wait until `condition()` is true and give its value; fail after `seconds`."""

    def wait(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
        pause, deadline = Event(), time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, f"it did not come true within {seconds:g} s"
            pause.wait(0.01)
        return value

    return wait


@pytest.fixture
def make_track() -> Callable[..., Track]:
    """A track by its number; what a test cares about is named."""

    def make(number: int = 1, **fields: Any) -> Track:
        plain: dict[str, Any] = {
            "key": f"soundcloud:tracks:{number}",
            "title": f"Title {number}",
            "artist": f"Artist {number}",
            "url": f"https://soundcloud.com/artist/{number}",
            "platform": Platform.SOUNDCLOUD,
        }
        return Track(**(plain | fields))

    return make


@pytest.fixture
def make_playlist() -> Callable[..., Playlist]:
    """A playlist of the tracks that are handed over."""

    def make(*tracks: Track, name: str = "Warm-up") -> Playlist:
        number = sum(map(ord, name))
        return Playlist(
            key=f"soundcloud:playlists:{number}",
            name=name,
            url=f"https://soundcloud.com/dj/sets/{number}",
            platform=Platform.SOUNDCLOUD,
            source_id=str(number),
            tracks=tracks,
        )

    return make
