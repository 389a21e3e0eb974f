"""Killed in the middle of it, at any command to Redis: the next look makes up for it."""

import itertools
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from crateline.durable import holdings, keyspace, locks
from givens.mortality import Memory, differing, dying
from producers import sync

pytestmark = pytest.mark.real("redis")


def keys(ids):
    return [f"soundcloud:tracks:{one}" for one in ids]


def link_of(playlist):
    return f"https://open.spotify.com/playlist/{playlist.id}"


@dataclass(frozen=True, kw_only=True)
class Victim:
    """Somebody whose commands are killed."""

    crateline: Any
    wiring: Any
    memory: Memory
    monkeypatch: pytest.MonkeyPatch

    def dies_at_each_step(self, *command, then, every=1):
        """Let a command die at each of its steps, or at every second or third, and be made up for by another.

        Gives how many steps there were, and after which of them not all is as it is without a death. Where nothing is
        known of any playlist after it, nobody can make up for it.
        """
        self.memory.keep()
        before = self.memory.known()
        assert self.crateline(*command).code == 0
        wanted, wrong = self.memory.known(), {}
        for step in itertools.count(step=every):
            self.memory.restore()
            with dying(self.monkeypatch, step):
                ended = self.crateline(*command).code
            if ended == 0:
                break
            self.memory.forget_locks()
            if self.memory.known() == before or not self.wiring.register.keys():
                continue
            assert self.crateline(*then).code == 0
            if differences := differing(wanted, self.memory.known()):
                wrong[step] = differences
        return step, wrong


@pytest.fixture
def victim(crateline, wiring, monkeypatch):
    return Victim(crateline=crateline, wiring=wiring, memory=Memory(wiring.redis, wiring.redis_url), monkeypatch=monkeypatch)


@pytest.fixture
def with_other_uploads(victim, settled_in, soundcloud, spotify):
    """A set of which two rows are other uploads of tracks that stand for them; the second of them is not in it now."""
    main, rows, edit = soundcloud
    settled_in.setenv("SYNC_REMOVED", "unlink")
    victim.crateline("enqueue", main.url, link_of(spotify[0]))
    ledger = victim.wiring.ledger
    standing = victim.wiring.register.members(f"spotify:playlist:{spotify[0].id}")[:2]
    for row, track in zip(keys(rows), standing, strict=False):
        ledger.join(track, main.key)
        assert ledger.become_alias(ledger.track(row), track)
    edit([rows[0], *rows[2:]])
    victim.crateline("sync", main.key)
    assert [main.key in ledger.track(track).playlists for track in standing] == [True, False]
    return standing


def test_a_set_is_in_step_whenever_its_look_was_killed(victim, soundcloud, with_other_uploads):
    # Given a set that has got two tracks, lost one, and has another order
    main, rows, edit = soundcloud
    edit([rows[-1], rows[1], *rows[2:-1]])
    # When
    steps, wrong = victim.dies_at_each_step("sync", main.key, then=("sync", main.key))
    # I expect who stands for a row to have come and gone with it, too
    ledger = victim.wiring.ledger
    assert [main.key in ledger.track(track).playlists for track in with_other_uploads] == [False, True]
    assert steps > 30
    assert wrong == {}


def test_a_first_enqueuing_that_was_killed_is_finished_by_the_next_look(victim, soundcloud):
    steps, wrong = victim.dies_at_each_step("enqueue", soundcloud[0].url, then=["sync"], every=2)
    assert steps > 30
    assert wrong == {}


@pytest.fixture
def second_list(world):
    """Another playlist of the user's, and a way to edit it; afterwards it is gone."""
    made = "b" * 22

    def edit(rows, **more):
        body = {"id": made, "rows": list(rows), "name": "After Hours", **more}
        httpx.post(f"{world.addresses['spotify']}/_sandbox/playlist", json=body, trust_env=False).raise_for_status()

    yield f"spotify:playlist:{made}", edit
    edit([], gone=True)


def test_the_users_other_playlists_get_a_track_whenever_the_look_was_killed(victim, spotify, second_list):
    # Given a playlist that is followed, and another one of the user's that is not
    (owned, edit), (other, edit_other) = spotify, second_list
    rows = [row for row in dict.fromkeys(owned.rows) if row not in {"null", "local", "episode"}]
    edit(rows[:-1])
    edit_other([])
    victim.crateline("enqueue", link_of(owned))
    # When a track is put into both
    edit(rows)
    edit_other(rows[-1:])
    victim.wiring.redis.delete(holdings.FRESH)
    look = ("sync", f"spotify:playlist:{owned.id}")
    steps, wrong = victim.dies_at_each_step(*look, then=look, every=5)
    # I expect
    assert victim.wiring.register.members(other) == [f"spotify:track:{rows[-1]}"]
    assert steps > 30
    assert wrong == {}


def test_a_new_name_is_taken_over_whenever_the_look_was_killed(victim, spotify):
    # Given
    owned, edit = spotify
    edit(owned.rows[:4])
    victim.crateline("enqueue", link_of(owned))
    # When
    edit(owned.rows[:4], name="Prime Time")
    look = ("sync", f"spotify:playlist:{owned.id}")
    steps, wrong = victim.dies_at_each_step(*look, then=look, every=2)
    # I expect
    assert steps > 30
    assert wrong == {}


def test_what_a_killed_look_has_begun_is_looked_at_by_schedule_at_once(victim, soundcloud):
    # Given
    main, rows, edit = soundcloud
    edit(rows[:-1])
    victim.crateline("enqueue", main.url)
    edit(rows)
    steps = itertools.count()
    while not victim.wiring.follows.of(main.key).begun:
        with dying(victim.monkeypatch, next(steps)):
            assert victim.crateline("sync", main.key).code == 130
        victim.memory.forget_locks()
    # I expect
    assert [item.key for item in sync.due(victim.wiring)] == [main.key]


def test_who_was_killed_at_a_playlist_is_succeeded_within_seconds(victim, soundcloud):
    # Given a playlist that another process was at when it was killed
    main, rows, edit = soundcloud
    edit(rows[:-1])
    victim.crateline("enqueue", main.url)
    edit(rows)
    held = victim.wiring.redis.lock(keyspace.lock(f"playlist:{main.key}"), timeout=locks.LEASE_S / 10)
    assert held.acquire(blocking=False)
    # When
    ended = victim.crateline("sync", main.key, "--json")
    # I expect it to be waited for, and no longer than its lease
    assert "Another process is at" in ended.err
    assert [row["added"] for row in ended.rows] == [1]
