"""Playlists stay in step: the fewest requests where nothing has changed, and only what is new where something has."""

import pytest

from crateline.durable import keyspace
from crateline.durable.follows import Follow
from crateline.messages import Hint, Station
from producers import sync

pytestmark = pytest.mark.real("redis")

ANSWER = {"key", "name", "state", "total", "added", "moved", "gone", "unlinked", "reason", "dry_run"}


def keys(ids):
    return [f"soundcloud:tracks:{one}" for one in ids]


def state_of(wiring, key):
    return {name: value for name, value in wiring.redis.hgetall(keyspace.playlist(key)).items() if not name.startswith("sync:")}


def test_an_unchanged_spotify_playlist_costs_one_request_and_no_write(settled_in, crateline, wiring, spotify, asked):
    # Given
    (row,) = crateline("enqueue", f"https://open.spotify.com/playlist/{spotify[0].id}", "--json").rows
    before = {"spotify": asked("spotify"), "notion": asked("notion")}
    was, due = state_of(wiring, row["key"]), wiring.redis.zcard(keyspace.DUE)
    # When
    ended = crateline("sync", row["key"], "--json")
    # I expect
    (done,) = ended.rows
    assert set(done) == ANSWER
    assert (ended.code, done["state"]) == (0, "unchanged")
    assert asked("spotify") - before["spotify"] == 1
    assert asked("notion") == before["notion"]
    assert state_of(wiring, row["key"]) == was
    assert wiring.redis.zcard(keyspace.DUE) == due


def test_an_unchanged_set_is_known_by_its_ids(settled_in, crateline, wiring, soundcloud, asked):
    # Given
    (row,) = crateline("enqueue", soundcloud[0].url, "--json").rows
    before, was = asked("soundcloud"), state_of(wiring, row["key"])
    # When
    (done,) = crateline("sync", soundcloud[0].url, "--json").rows
    # I expect
    assert done["state"] == "unchanged"
    assert asked("soundcloud") - before == 1
    assert state_of(wiring, row["key"]) == was


def test_a_list_without_a_snapshot_is_compared_row_by_row(settled_in, crateline, wiring):
    # Given
    (row,) = crateline("enqueue", "liked", "--json").rows
    was = state_of(wiring, row["key"])
    # When
    (done,) = crateline("sync", "--all", "--json").rows
    # I expect
    assert (done["key"], done["state"]) == ("spotify:liked", "unchanged")
    assert state_of(wiring, row["key"]) == was


def test_what_is_new_goes_on_the_line_and_nothing_else_is_done_again(settled_in, crateline, wiring, soundcloud):
    # Given a set that is done, but for its last two tracks
    main, rows, edit = soundcloud
    edit(rows[:-2])
    crateline("enqueue", main.url)
    wiring.redis.delete(keyspace.DUE)
    # When they are added at the front
    edit([*rows[-2:], *rows[:-2]])
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert (done["state"], done["added"], done["total"]) == ("changed", 2, len(rows))
    assert wiring.register.members(main.key) == keys([*rows[-2:], *rows[:-2]])
    downloads = {hint.key for hint in map(Hint.of, wiring.redis.zrange(keyspace.DUE, 0, -1)) if hint.station is Station.DOWNLOAD}
    assert set(keys(rows[-2:])) & downloads
    # And the next look to find nothing
    (again,) = crateline("sync", "--json").rows
    assert again["state"] == "unchanged"


def test_a_new_order_is_taken_over(settled_in, crateline, wiring, soundcloud):
    # Given
    main, rows, edit = soundcloud
    crateline("enqueue", main.url)
    # When
    edit([rows[1], rows[0], *rows[2:]])
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert (done["state"], done["added"], done["moved"]) == ("changed", 0, 2)
    assert wiring.register.members(main.key)[:2] == keys([rows[1], rows[0]])


def test_what_is_gone_from_the_source_is_kept_behind_the_rest(settled_in, crateline, wiring, soundcloud):
    # Given
    main, rows, edit = soundcloud
    crateline("enqueue", main.url)
    # When
    edit(rows[1:])
    ended = crateline("sync", "--json")
    # I expect
    (done,) = ended.rows
    assert (done["gone"], done["unlinked"]) == (1, 0)
    assert set(wiring.register.members(main.key)) == set(keys(rows))
    assert main.key in wiring.ledger.track(keys(rows)[0]).playlists
    assert "1 gone from the source and kept here" in ended.err


@pytest.mark.parametrize("way", ["setting", "option"])
def test_what_is_gone_is_unlinked_where_that_is_wanted(settled_in, crateline, wiring, soundcloud, way):
    # Given
    main, rows, edit = soundcloud
    crateline("enqueue", main.url)
    key = keys(rows)[0]
    if way == "setting":
        settled_in.setenv("SYNC_REMOVED", "unlink")
    # When
    edit(rows[1:])
    (done,) = crateline("sync", "--json", *(["--unlink"] if way == "option" else [])).rows
    # I expect it to have left, and to be written and filed anew
    assert (done["state"], done["unlinked"]) == ("changed", 1)
    item = wiring.ledger.track(key)
    assert main.key not in item.playlists
    assert item.left == (main.key,)
    assert not item.sealed(Station.FINALISE)
    assert key not in wiring.register.members(main.key)
    # And nothing to be left for the next look
    assert crateline("sync", "--json").rows[0]["state"] == "unchanged"


def test_a_set_that_was_emptied_is_not_unlinked_unless_somebody_says_so(settled_in, crateline, wiring, soundcloud, monkeypatch):
    # Given
    main, rows, edit = soundcloud
    monkeypatch.setattr(sync, "MANY", 3)
    settled_in.setenv("SYNC_REMOVED", "unlink")
    crateline("enqueue", main.url)
    # When
    edit(rows[:1])
    (held,) = crateline("sync", "--json").rows
    (asked_for,) = crateline("sync", main.url, "--unlink", "--json").rows
    # I expect
    assert (held["unlinked"], "--unlink" in held["reason"]) == (0, True)
    assert asked_for["unlinked"] == len(rows) - 1


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(settled_in, crateline, wiring, soundcloud):
    # Given
    main, rows, edit = soundcloud
    edit(rows[:-1])
    crateline("enqueue", main.url)
    before = wiring.redis.hgetall(keyspace.playlist(main.key))
    # When
    edit(rows)
    ended = crateline("sync", "--dry-run", "--json")
    # I expect
    (done,) = ended.rows
    assert (done["dry_run"], done["added"]) == (True, 1)
    assert "would change" in ended.err
    assert wiring.redis.hgetall(keyspace.playlist(main.key)) == before
    assert len(wiring.register.members(main.key)) == len(rows) - 1


def test_a_playlist_is_synced_on_the_terms_on_which_it_was_enqueued(settled_in, crateline, wiring, soundcloud):
    # Given
    main, rows, edit = soundcloud
    crateline("enqueue", main.url, "--max-tracks", "3", "--no-download")
    # When
    edit([rows[-1], *rows[:-1]])
    (done,) = crateline("sync", "--json").rows
    # I expect what came before the third to push it out of sight, not out of the set
    assert (done["added"], done["gone"]) == (1, 0)
    assert wiring.register.members(main.key) == keys([rows[-1], *rows[:3]])
    assert not wiring.ledger.track(keys(rows)[-1]).want_audio
    assert Follow.of(wiring.register.fields(main.key)).status == "partial"


@pytest.mark.parametrize("way", ["setting", "option"])
def test_what_is_beyond_the_limit_is_not_gone_and_is_never_unlinked(settled_in, crateline, wiring, soundcloud, way):
    # Given a set of which the first three tracks were wanted
    main, rows, edit = soundcloud
    crateline("enqueue", main.url, "--max-tracks", "3")
    if way == "setting":
        settled_in.setenv("SYNC_REMOVED", "unlink")
    # When one is put before them
    edit([rows[-1], *rows[:-1]])
    (done,) = crateline("sync", main.key, "--json", *(["--unlink"] if way == "option" else [])).rows
    # I expect the third to stay, since its source has it still
    assert (done["gone"], done["unlinked"]) == (0, 0)
    assert main.key in wiring.ledger.track(keys(rows)[2]).playlists
    # When the first of them is really gone, and no more are left than were wanted
    edit(rows[1:3])
    (done,) = crateline("sync", main.key, "--unlink", "--json").rows
    # I expect that to be seen
    assert main.key not in wiring.ledger.track(keys(rows)[0]).playlists
    assert set(wiring.register.members(main.key)) == set(keys(rows[1:3]))


def test_liked_songs_beyond_the_limit_are_not_gone(settled_in, crateline, wiring, world):
    # Given the newest two of the user's liked songs
    settled_in.setenv("SYNC_REMOVED", "unlink")
    crateline("enqueue", "liked", "--max-tracks", "2")
    before = wiring.register.members("spotify:liked")
    # When another one was liked before they are looked at
    wiring.redis.zadd(keyspace.members("spotify:liked"), {before[0]: 1, "spotify:track:older": 0})
    (done,) = crateline("sync", "--json").rows
    # I expect nobody to be unlinked
    assert (done["gone"], done["unlinked"]) == (0, 0)
