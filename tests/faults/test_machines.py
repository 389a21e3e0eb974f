"""Several supervisors and several machines on one line."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

pytestmark = [
    pytest.mark.real("redis"),
    pytest.mark.real("ffmpeg"),
    pytest.mark.real("essentia"),
    pytest.mark.timeout(600),
    pytest.mark.thorough,
]


def test_a_second_up_in_the_same_folder_by_mistake_does_no_harm(enter):
    # Given two of them
    tester = enter(tracks=16, latency=0.2)
    first = tester.up()
    tester.up()
    key = tester.enqueue()["key"]
    tester.eventually(lambda: len(tester.pages()) >= 3)
    # When the first is ended, Redis being its own
    first.terminate()
    first.wait(60)
    # I expect the second to go on, to the same end
    tester.until_finished(key)
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)
    tester.expect_no_second_download()
    tester.expect_silence_was_kept()


NAMES = ("crl-near", "crl-far", "crl-machine")
NEAR, FAR = "10.213.77.1", "10.213.77.2"


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True)


@contextmanager
def machine():
    """A second machine: a network of its own, joined to ours by one cable. Skips where that may not be made."""
    near, far, name = NAMES
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("a second network needs root and iproute2")
    try:
        ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no second network here: {error.stderr}")
    try:
        ip("link", "add", near, "type", "veth", "peer", "name", far)
        ip("link", "set", far, "netns", name)
        ip("addr", "add", f"{NEAR}/24", "dev", near)
        ip("link", "set", near, "up")
        ip("-n", name, "addr", "add", f"{FAR}/24", "dev", far)
        ip("-n", name, "link", "set", far, "up")
        yield name
    finally:
        ip("netns", "del", name)


def test_a_worker_on_a_second_machine_shares_the_work_and_the_folder(enter, external_redis):
    # Given a Redis that listens on the cable between two machines, behind a password
    with machine() as name:
        external_redis.stop()
        external_redis.host = NEAR
        external_redis.start()
        tester = enter(environment={"REDIS_URL": external_redis.url}, tracks=16)
        # And a machine here that analyses nothing, and one there that does nothing else
        tester.start(sys.executable, "-m", "crateline", "up", "--no-flower", "--queues", "notion-write,download,eagle-import")
        worker = ["ip", "netns", "exec", name, sys.executable, "-m", "crateline", "worker", "analyze", "--name", "far-away"]
        there = tester.start(*worker)
        # When a set goes through, and the far machine dies in the middle of it and comes back
        key = tester.enqueue()["key"]
        tester.eventually(lambda: tester.playlist(key)["stations"]["analyze"] >= 3)
        for pid, _ in tester.below(there):
            tester.crash(pid)
        tester.crash(there.pid)
        there.wait()
        tester.start(*worker)
        # I expect the same end
        tester.until_finished(key)
        tester.expect_the_end_state(key)
        tester.expect_none_failed(key)
        tester.expect_no_second_download()
        names = [one["name"] for one in tester.status()["workers"]]
        assert any(found.startswith("far-away@") for found in names), names
