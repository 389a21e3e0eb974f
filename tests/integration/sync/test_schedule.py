"""When playlists are looked at: by schedule, each at its own interval."""

import pytest

from crateline.cli import chores
from crateline.clients.spotify.client import LIKED_URL
from crateline.durable import keyspace
from producers import sync

pytestmark = pytest.mark.real("redis")


def test_the_schedule_looks_when_the_interval_is_over_and_not_before(settled_in, crateline, wiring, soundcloud):
    # Given
    main, rows, edit = soundcloud
    edit(rows[:-1])
    crateline("enqueue", main.url)
    edit(rows)
    chore = next(one for one in chores.of(wiring.settings) if one.name == "sync")
    chore.do(wiring)
    assert len(wiring.register.members(main.key)) == len(rows) - 1
    # When its time has come
    wiring.redis.hset(keyspace.playlist(main.key), "sync:next", "0")
    chore.do(wiring)
    # I expect
    assert len(wiring.register.members(main.key)) == len(rows)
    assert sync.due(wiring) == []


def test_a_playlist_may_have_an_interval_of_its_own(settled_in, crateline, wiring, soundcloud):
    # Given
    main, _, _ = soundcloud
    crateline("enqueue", main.url)
    # When
    assert crateline("sync", main.url, "--every", "never").code == 0
    # I expect
    assert sync.due(wiring) == []
    # When
    crateline("sync", main.url, "--every", "30")
    # I expect it to be due, and then again in half an hour
    assert [item.key for item in sync.due(wiring)] == [main.key]
    crateline("sync", main.url)
    follow = wiring.follows.of(main.key)
    assert follow.next_at - follow.at == pytest.approx(1800, abs=1)
    assert crateline("sync", main.url, "--every", "now").code == 2
    for other in ("--dry-run", "--json", "--unlink"):  # it does not look
        assert crateline("sync", main.url, "--every", "60", other).code == 2
    assert wiring.follows.of(main.key).every_s == 1800


def test_its_own_interval_holds_after_a_change_too(settled_in, crateline, wiring, soundcloud):
    # Given
    main, rows, edit = soundcloud
    crateline("enqueue", main.url)
    crateline("sync", main.url, "--every", "30")
    # When
    edit([*rows[1:], rows[0]])
    assert crateline("sync", main.url, "--json").rows[0]["state"] == "changed"
    # I expect
    follow = wiring.follows.of(main.key)
    assert follow.next_at - follow.at == pytest.approx(1800, abs=1)


def test_three_days_of_sleep_are_one_look(settled_in, crateline, wiring, soundcloud, asked):
    # Given a machine that slept while its playlist fell due again and again
    main, _, _ = soundcloud
    crateline("enqueue", main.url)
    slept = wiring.follows.of(main.key).at - 3 * 86400
    wiring.redis.hset(keyspace.playlist(main.key), mapping={"sync:at": f"{slept:.0f}", "sync:next": f"{slept + 21600:.0f}"})
    before = asked("soundcloud")
    # When
    for _ in range(3):
        sync.chore(wiring)
    # I expect
    assert asked("soundcloud") - before == 1
    assert sync.due(wiring) == []


def test_a_clock_that_was_set_back_holds_no_playlist_up(settled_in, crateline, wiring, soundcloud):
    # Given a look that was noted by a clock years ahead
    main, rows, edit = soundcloud
    edit(rows[:-1])
    crateline("enqueue", main.url)
    edit(rows)
    ahead = wiring.follows.of(main.key).at + 4 * 365 * 86400
    wiring.redis.hset(keyspace.playlist(main.key), mapping={"sync:at": f"{ahead:.0f}", "sync:next": f"{ahead + 21600:.0f}"})
    # When the clock is right again
    sync.chore(wiring)
    # I expect it to be looked at, and then no sooner than by its interval
    assert len(wiring.register.members(main.key)) == len(rows)
    assert sync.due(wiring) == []


def test_a_shorter_interval_holds_from_now_on(settled_in, crateline, wiring, soundcloud, monkeypatch):
    # Given a playlist that was looked at an hour ago, and would be in five hours
    main, _, _ = soundcloud
    crateline("enqueue", main.url)
    assert sync.due(wiring) == []
    # When half an hour is the interval of all
    monkeypatch.setattr(wiring.settings, "sync_every_minutes", 30)
    # I expect
    assert [item.key for item in sync.due(wiring)] == [main.key]


def test_liked_songs_have_a_link_that_can_be_looked_at(settled_in, crateline, wiring):
    crateline("enqueue", "liked")
    assert [item.card["url"] for item in sync.followed(wiring)] == [LIKED_URL]
