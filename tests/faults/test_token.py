"""Spotify's token among real workers: renewed once for all of them, whoever dies at it."""

import json
import subprocess
import sys
import time

import httpx
import pytest

pytestmark = [
    pytest.mark.real("redis"),
    pytest.mark.real("ffmpeg"),
    pytest.mark.real("essentia"),
    pytest.mark.timeout(600),
    pytest.mark.thorough,
]


@pytest.fixture
def tester(enter):
    return enter()


def post(tester, door, body):
    url = f"{tester.world.addresses['spotify']}/_sandbox/{door}"
    httpx.post(url, json=body, trust_env=False).raise_for_status()


@pytest.fixture
def workers(tester):
    """Everything but analysis is running; gives a way to start a worker that analyses, with a log of its own."""
    up = [sys.executable, "-m", "crateline", "up", "--no-flower", "--queues", "notion-write,download,eagle-import"]

    def start(name, *command):
        with (tester.folder / "state" / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, env=tester.environment, cwd=tester.folder, stdout=log, stderr=log)
        tester.running.append(process)
        return process

    (tester.folder / "state").mkdir(exist_ok=True)
    start("up", *up)
    tester.redis().close()

    def worker(name):
        process = start(name, sys.executable, "-m", "crateline", "worker", "analyze", "--name", name)
        tester.eventually(lambda: any(one["name"].startswith(name) for one in tester.status()["workers"]))
        return process

    return worker


def renewals(tester):
    """When a token was asked for."""
    return [at for at, what in tester.stats("spotify")["arrivals"] if what == "token"]


def analysed(tester, name):
    return (tester.folder / "state" / f"{name}.log").read_text().count("action=sealed station=analyze")


def order(tester, **rule):
    post(tester, "faults", [{"path": "/api/token", **rule}] if rule else [])


@pytest.fixture
def expired(tester):
    """A token of the user's that has ended, kept by an app without a secret: its refresh token works once."""
    tester.environment["SPOTIPY_CLIENT_SECRET"] = ""

    def end():
        tester.crateline("enqueue", "liked", "--dry-run", "--json")
        post(tester, "consent", {"access": True, "consent": False})
        with tester.redis() as client:
            kept = json.loads(client.get("crateline:spotify:token"))
            client.set("crateline:spotify:token", json.dumps({**kept, "expires_at": 0}))
        return len(renewals(tester))

    return end


def test_two_workers_whose_token_has_ended_renew_it_once(tester, workers, expired):
    # Given two workers, and an endpoint that takes its time
    before = expired()
    order(tester, kind="slow", seconds=2)
    for name in ("one", "two"):
        workers(name)
    # When both need Spotify
    key = tester.enqueue()["key"]
    tester.until_finished(key)
    # I expect one renewal, and both to have gone on
    assert len(renewals(tester)) - before == 1
    assert analysed(tester, "one")
    assert analysed(tester, "two")
    assert tester.status()["pauses"] == []
    assert tester.stats("spotify")["kinds"]["/search"] > 1


def test_a_worker_that_is_killed_while_it_renews_the_token_is_succeeded_within_seconds(tester, workers, expired):
    # Given a worker to which the token endpoint gives no answer
    before = expired()
    order(tester, kind="timeout", seconds=120, times=1)
    first = workers("one")
    key = tester.enqueue()["key"]
    tester.eventually(lambda: len(renewals(tester)) > before)
    workers("two")
    # When it is killed
    killed = time.time()
    first.kill()
    # I expect another to renew it as soon as its turn has lapsed, and all to be done
    tester.until_finished(key)
    (again,) = renewals(tester)[before + 1 :]
    assert again - killed < 60
    assert analysed(tester, "two")
    assert tester.status()["pauses"] == []
