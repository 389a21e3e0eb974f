"""A small outside world, an environment that lives in it, and command lines run in this process."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from crateline import settings
from crateline.cli import console, session
from crateline.sandbox import outside
from crateline.wiring import Wiring


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """Its answer, where that is JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def crateline(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ended]]:
    """Run a command line in this process; logging is afterwards as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def run(*words: str) -> Ended:
        capsys.readouterr()
        code = console.run(words)
        shown = capsys.readouterr()
        return Ended(code=code, out=shown.out, err=shown.err)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[outside.Outside]:
    """A small outside world for the console, shared: what a test changes in it stays changed."""
    with outside.run(folder=tmp_path_factory.mktemp("world"), tracks=12, seconds=(6, 8), per_minute=600) as running:
        yield running


@pytest.fixture
def settled_in(
    world: outside.Outside, redis_url: str, clean_environment: pytest.MonkeyPatch, tmp_path: Path
) -> pytest.MonkeyPatch:
    """An environment that lives in the small world, with an empty Redis and folders of its own."""
    folders = {"STATE_DIR": tmp_path / "state", "MEDIA_ROOT": tmp_path / "media", "OUT_DIR": tmp_path / "music"}
    for name, value in {**world.environment, "REDIS_URL": redis_url, **folders, "MINIMUM_FREE_GIB": "0"}.items():
        clean_environment.setenv(name, str(value))
    return clean_environment


@pytest.fixture
def wiring(settled_in: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """A process of that environment."""
    made = Wiring(settings.load())
    yield made
    made.stopping.set()
    session.close(made)
