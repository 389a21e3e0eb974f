"""`crateline up` and `crateline flower` before anything is started: what is in the way is said at once, and once."""

import socket

import pytest

from crateline.cli import waiting
from workers.supervisor import Supervisor

pytestmark = pytest.mark.real("redis")


@pytest.fixture
def started(monkeypatch):
    """The names of what `up` would keep running."""
    names: list[str] = []

    def run(self: Supervisor) -> int:
        names.extend(child.name for child in self.children)
        return 0

    monkeypatch.setattr(Supervisor, "run", run)
    return names


@pytest.fixture
def port(settled_in):
    """Flower's port, which is free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    settled_in.setenv("CRATELINE_FLOWER_PORT", str(number))
    return number


def test_it_says_what_runs_and_where_to_sign_in(started, port, crateline, tmp_path):
    # When
    ended = crateline("up", "--queues", "download,analyze")

    # I expect
    assert ended.code == 0
    assert started == ["download", "analyze", "scheduler", "flower"]
    assert "Workers: download, analyze" in ended.err
    assert f"http://127.0.0.1:{port} (user and password: {tmp_path / 'state' / 'flower'})" in ended.err


def test_a_password_of_ones_own_is_named_and_not_shown(started, port, settled_in, crateline):
    settled_in.setenv("FLOWER_BASIC_AUTH", "ada:opensesame")
    said = crateline("up").err
    assert "(user and password: FLOWER_BASIC_AUTH)" in said
    assert "opensesame" not in said


def test_a_port_that_somebody_has_costs_flower_and_nothing_else(started, port, crateline):
    # Given
    with socket.create_server(("127.0.0.1", port)):
        # When
        ended, alone = crateline("up"), crateline("flower")

    # I expect
    assert (ended.code, "flower" in started, "notion-write" in started) == (0, False, True)
    assert f"Port {port} is taken" in ended.err
    assert "Flower is not started" in ended.err
    assert alone.code == 2
    assert "CRATELINE_FLOWER_PORT" in alone.err


def test_a_redis_that_is_away_is_waited_for_before_anything_starts(started, port, settled_in, crateline, monkeypatch):
    # Given an address where nobody listens, and little patience
    settled_in.setenv("REDIS_URL", "redis://:opensesame@127.0.0.1:1/0")
    monkeypatch.setattr(waiting, "AWAY_S", 0.0)

    # When
    ended = crateline("up")

    # I expect
    assert (ended.code, started) == (1, [])
    assert "Redis" in ended.err
    assert "opensesame" not in ended.err


def test_a_password_that_redis_refuses_is_not_waited_for(started, port, settled_in, redis_url, crateline):
    settled_in.setenv("REDIS_URL", redis_url.replace("redis://", "redis://somebody:opensesame@", 1))
    ended = crateline("up")
    assert (ended.code, started) == (4, [])
    assert "opensesame" not in ended.err
