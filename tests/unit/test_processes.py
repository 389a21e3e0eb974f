import os
import subprocess
import sys

import pytest

from crateline.cli import processes


@pytest.fixture
def child():
    """A process of ours that waits for its input to end."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_child_is_found_under_its_parent(child):
    found = {process.pid: process for process in processes.children(os.getpid())}
    assert "input()" in found[child.pid].words


def test_both_ways_of_looking_find_the_same(child, monkeypatch, tmp_path):
    # Given a system without /proc
    by_proc = {process.pid for process in processes.children(os.getpid())}
    monkeypatch.setattr(processes, "PROC", tmp_path / "nothing")
    # I expect `ps` to tell the same (and itself)
    assert by_proc <= {process.pid for process in processes.children(os.getpid())}
    assert child.pid in by_proc
