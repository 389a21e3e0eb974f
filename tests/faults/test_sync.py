"""Playlists in step, whatever is killed meanwhile: the end is that of a world in which nothing was, and nothing is done twice."""

import random
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
SLOW_S = 0.4
"""How long the sources take for an answer while commands are killed, so that there is something to be killed."""
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
        self.turns = [keyspace.lock(f"playlist:{key}") for key in self.keys]
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
            fetched = self.fetched()
            self.command(moment, *words)
            if moment != "enqueue":
                self.until_quiet()
        self.expect_only_what_was_added(fetched)
        return end_state(self.tester, self.keys)

    def fetched(self):
        return {(service, track): n for service in ("soundcloud", "youtube") for track, n in self.downloads(service).items()}

    def downloads(self, service):
        return self.tester.stats(service)["downloads"]

    def expect_only_what_was_added(self, before):
        """After the last sync, nothing was fetched that the playlists had before."""
        world = self.tester.world.world
        recordings = {one.recording.id for one in world.spotify if one.id not in self.own["early"]}
        recordings |= {one.recording.id for one in world.soundcloud if one.id not in self.rows["early"]}
        new = {("soundcloud", str(one.id)) for one in world.soundcloud if one.recording.id in recordings}
        new |= {("youtube", one.id) for one in world.youtube if one.recording.id in recordings}
        grown = {one for one, count in self.fetched().items() if count != before.get(one)}
        assert grown <= new

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
        if "command" in victims:
            self.die(*words)
        with self.striking([victim for victim in victims if victim != "command"]):
            ends = (self.start(*words).wait(300) for _ in range(5))
            assert any(end == 0 for end in ends), f"{words} does not end well: {self.tester.log()}"

    def start(self, *words):
        return self.tester.start(sys.executable, "-m", "crateline", *words)

    def die(self, *words):
        """Give a command and kill it, a few times: the first time as soon as it is at a playlist, then later and later."""
        slow = {"kind": "slow", "seconds": SLOW_S}
        self.tester.order("soundcloud", {**slow, "path": "^/(resolve|tracks|playlists)"})
        self.tester.order("spotify", slow)
        for most in (0.5 * SLOW_S, 2 * SLOW_S, 5 * SLOW_S):
            process = self.start(*words)
            while process.poll() is None and not self.at_a_playlist():
                self.tester.quiet(0.01)
            self.tester.quiet(self.chance.uniform(0, most))
            if process.poll() is None:
                process.kill()
                self.killed.append("command")
            process.wait()
            with self.tester.redis() as client:  # as if the seconds had passed that the dead one's turn lasts
                client.delete(*self.turns)
        self.tester.order("soundcloud")
        self.tester.order("spotify")

    def at_a_playlist(self):
        with self.tester.redis() as client:
            return client.exists(*self.turns)

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
    strikes = {"enqueue": ("command",), "early": ("redis", "worker"), "later": ("scheduler",)}
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
    tester = enter(tracks=500, **WORLD)
    story = Story(tester, added=10, strikes=dict.fromkeys(MOMENTS, VICTIMS))
    found = story.play()
    assert set(story.killed) == set(VICTIMS)
    assert differences(wanted, found) == {}
    # When nothing has changed
    asked = {service: tester.stats(service)["kinds"] for service in ("soundcloud", "spotify")}
    written = [one for one in tester.stats("notion")["arrivals"] if one["method"] != "GET"]
    states = {row["key"]: row["state"] for row in tester.crateline("sync", "--json")}
    # I expect a request each, and no write
    assert states == dict.fromkeys(story.keys[:2], "unchanged")
    now = {service: tester.stats(service)["kinds"] for service in asked}
    assert sum(now["soundcloud"].values()) - sum(asked["soundcloud"].values()) == 1
    assert now["spotify"]["/playlists/{id}"] - asked["spotify"]["/playlists/{id}"] == 1
    assert [one for one in tester.stats("notion")["arrivals"] if one["method"] != "GET"] == written
