"""What all tests share: a clean environment, and a real Redis of our own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from crateline.durable.connection import connect
from crateline.durable.embedded import Embedded
from crateline.errors import ConfigurationError
from crateline.settings import Settings

OUTSIDE = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


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
    server = Embedded(tmp_path_factory.mktemp("state"))
    try:
        url = server.ensure()
    except ConfigurationError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    yield url
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
