"""Playlists in step, whatever is killed meanwhile: the end is that of a world in which nothing was, and nothing is done twice."""

import random
import subprocess
import sys
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import httpx
import pytest
import redis

from crateline.durable import holdings, keyspace
from crateline.sandbox.catalogue import End
from givens.end_state import differences, end_state

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(3600)]

WORLD = {"seconds": (6, 7), "per_minute": 600, "copy_delay": 0.1, "environment": {"SYNC_REMOVED": "unlink"}}
VICTIMS = ("command", "worker", "scheduler", "redis")
MOMENTS = ("enqueue", "early", "later")
"""While the playlists are put on the line for the first time; at a sync while they run; at one when they are done."""
KILLS = 2
SECOND_LIST = "c" * 22


class Story:
    """Somebody enqueues a set and a playlist of theirs, changes both at their sources twice, and has them in step again.

    Each change adds `added` rows to the set, takes half as many away, and gives it another order.
    """

    def __init__(self, tester, *, added, strikes=(), seed=1):
        self.tester = tester
        self.strikes = dict(strikes)
        self.chance = random.Random(seed)
        self.killed = []
        world = tester.world.world
        self.set, self.playlist = world.main, next(one for one in world.spotify_playlists if one.owned)
        self.keys = (self.set.key, f"spotify:playlist:{self.playlist.id}", f"spotify:playlist:{SECOND_LIST}")
        done = [int(one.key.rpartition(":")[2]) for one in world.expected() if one.end is End.DONE]
        leaving = list(dict.fromkeys(done))[:added]
        rows = [row for row in dict.fromkeys(self.set.track_ids) if row not in leaving]
        half = added // 2
        self.rows = {
            "enqueue": [*leaving, *rows[: -2 * added]],
            "early": [*rows[-added:], *leaving[half:], *rows[: -2 * added]],
            "later": [*rows[-added:][::-1], *rows[:-added][::-1], *leaving[2 * half :]],
        }
        own = [row for row in dict.fromkeys(self.playlist.rows) if row not in {"null", "local", "episode"}]
        self.own = {"enqueue": own[2:], "early": [*own[1:-1]], "later": [own[0], *own[:0:-1]]}

    def play(self):
        """From nothing to the end; gives the end state."""
        self.up = self.tester.up()
        self.tester.redis().close()
        links = (self.set.url, f"https://open.spotify.com/playlist/{self.playlist.id}")
        for moment, words in zip(MOMENTS, [("enqueue", *links), ["sync"], ["sync"]], strict=True):
            self.edit(moment)
            self.command(moment, *words)
            if moment != "enqueue":
                self.until_quiet()
        return end_state(self.tester, self.keys)

    def edit(self, moment):
        second = self.own[moment][:1]
        self.post("soundcloud", "set", {"id": self.set.id, "track_ids": self.rows[moment]})
        self.post("spotify", "playlist", {"id": self.playlist.id, "rows": self.own[moment]})
        self.post("spotify", "playlist", {"id": SECOND_LIST, "rows": second, "name": "After Hours"})
        with self.tester.redis() as client:
            client.delete(holdings.FRESH)  # as if ten minutes had passed

    def post(self, service, door, body):
        url = f"{self.tester.world.addresses[service]}/_sandbox/{door}"
        httpx.post(url, json=body, trust_env=False, timeout=60).raise_for_status()

    def command(self, moment, *words):
        """Give a command, and kill what is to be killed at random moments of it; it is given again until it has ended well."""
        victims = self.strikes.get(moment, ())
        for _ in range(KILLS if "command" in victims else 0):
            self.give(*words, patience=self.chance.uniform(0.6, 1.6))
        with self.striking([victim for victim in victims if victim != "command"]):
            ends = (self.give(*words) for _ in range(5))
            assert any(end == 0 for end in ends), f"{words} does not end well: {self.tester.log()}"

    def give(self, *words, patience=None):
        """Give a command, to its end or until it is killed; gives its exit code."""
        process = self.tester.start(sys.executable, "-m", "crateline", *words)
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            self.killed.append("command")
            return process.wait()

    @contextmanager
    def striking(self, victims):
        """Kill each twice: one while a command goes on, the others a little later."""
        if not victims:
            yield
            return
        first = threading.Timer(self.chance.uniform(0.4, 1.6), self.strike, [victims[0]])
        first.start()
        yield
        first.join()
        for victim in [*victims[1:], *victims]:
            self.tester.quiet(self.chance.uniform(0.5, 3))
            self.strike(victim)

    def strike(self, victim):
        """Kill Redis, the scheduler, or one worker and all that it has started."""
        if victim == "redis":
            self.tester.crash(self.tester.redis_pid())
            self.tester.eventually(self.redis_answers, 60)
            self.killed.append(victim)
            return
        found = [pid for pid, words in self.tester.below(self.up) if f"crateline {victim}" in words]
        if found:  # else it is being started again just now
            leader = self.chance.choice(found)
            for pid in (leader, *(one for one, _ in self.tester.below(SimpleNamespace(pid=leader)))):
                self.tester.crash(pid)
            self.killed.append(victim)

    def redis_answers(self):
        with self.tester.redis() as client:
            try:
                return client.ping()
            except redis.RedisError:
                return False

    def until_quiet(self, seconds=1500):
        """Wait until nothing is due and nothing is to be done."""

        def quiet():
            with self.tester.redis() as client:
                return client.zcard(keyspace.DUE) == 0 and all(self.tester.finished(key) for key in self.keys[:2])

        self.tester.eventually(quiet, seconds)


@pytest.fixture(scope="session")
def undisturbed(visit):
    """The end state of a world in which nothing is killed, by its size."""
    known = {}

    def of(tracks, added):
        if tracks not in known:
            with visit(tracks=tracks, **WORLD) as tester:
                known[tracks] = Story(tester, added=added).play()
        return known[tracks]

    return of


def test_whatever_is_killed_in_turn_the_end_is_the_same_and_nothing_is_done_twice(enter, undisturbed):
    # Given what a world comes to in which nothing is killed
    wanted = undisturbed(20, 4)
    # When each is killed in turn
    strikes = {"enqueue": ("command",), "early": ("redis", "worker"), "later": ("command", "scheduler")}
    story = Story(enter(tracks=20, **WORLD), added=4, strikes=strikes)
    found = story.play()
    # I expect the same end
    assert set(story.killed) == set(VICTIMS)
    assert differences(wanted, found) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("victim", VICTIMS)
def test_whoever_is_killed_at_any_moment_the_end_is_the_same(enter, undisturbed, victim, moment):
    wanted = undisturbed(20, 4)
    seed = 3 * VICTIMS.index(victim) + MOMENTS.index(moment)
    story = Story(enter(tracks=20, **WORLD), added=4, strikes={moment: (victim,)}, seed=seed)
    found = story.play()
    assert victim in story.killed
    assert differences(wanted, found) == {}


@pytest.mark.thorough
def test_five_hundred_tracks_and_everybody_killed_at_every_moment(enter, undisturbed):
    wanted = undisturbed(500, 10)
    story = Story(enter(tracks=500, **WORLD), added=10, strikes=dict.fromkeys(MOMENTS, VICTIMS))
    found = story.play()
    assert set(story.killed) == set(VICTIMS)
    assert differences(wanted, found) == {}
