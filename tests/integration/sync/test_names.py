"""Playlists that are called otherwise now, and rows for which another track stands."""

import json

import pytest

from crateline.durable import keyspace, register

pytestmark = pytest.mark.real("redis")


def keys(ids):
    return [f"soundcloud:tracks:{one}" for one in ids]


def link_of(playlist):
    return f"https://open.spotify.com/playlist/{playlist.id}"


def test_a_new_name_costs_one_look_and_files_the_tracks_anew(settled_in, crateline, wiring, spotify):
    # Given
    owned, edit = spotify
    crateline("enqueue", link_of(owned))
    key = f"spotify:playlist:{owned.id}"
    member = wiring.register.members(key)[0]
    version = wiring.ledger.track(member).version
    # When
    edit(owned.rows, name="Prime Time")
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert (done["state"], done["name"], done["added"]) == ("changed", "Prime Time", 0)
    assert wiring.ledger.track(member).version == version + 1
    assert register.former(wiring.register.item(key)) == ["Peak Time"]
    # And nothing to be left
    assert crateline("sync", "--json").rows[0]["state"] == "unchanged"
    assert wiring.ledger.track(member).version == version + 1


def test_a_set_whose_address_has_changed_is_found_by_its_number(settled_in, crateline, wiring, soundcloud, asked):
    # Given a set that was called otherwise when it was enqueued, and so was its address
    main, rows, edit = soundcloud
    edit(rows[:-1])
    crateline("enqueue", main.url)
    card = wiring.register.item(main.key).card
    old = json.dumps({**card, "url": main.url.replace(main.permalink, "what-it-was-called")})
    wiring.redis.hset(keyspace.playlist(main.key), "card", old)
    # When
    edit(rows)
    (done,) = crateline("sync", main.key, "--json").rows
    # I expect it to be found, and its new address to be remembered
    assert (done["state"], done["added"], done["reason"]) == ("changed", 1, "")
    assert wiring.register.item(main.key).card["url"] == main.url
    before = asked("soundcloud")
    assert crateline("sync", main.key, "--json").rows[0]["state"] == "unchanged"
    assert asked("soundcloud") - before == 1


def test_a_set_that_is_gone_is_said_to_be(settled_in, crateline, wiring, soundcloud):
    # Given
    main, _, _ = soundcloud
    crateline("enqueue", main.url)
    card = json.dumps({**wiring.register.item(main.key).card, "url": f"{main.url}-gone"})
    wiring.redis.rename(keyspace.playlist(main.key), keyspace.playlist("soundcloud:playlists:1"))
    wiring.redis.hset(keyspace.playlist("soundcloud:playlists:1"), "card", card)
    wiring.redis.delete(keyspace.PLAYLISTS)
    wiring.redis.zadd(keyspace.PLAYLISTS, {"soundcloud:playlists:1": 1})
    # When
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert done["state"] == "failed"
    assert "there is nothing at this address" in done["reason"]


@pytest.fixture
def another_upload(crateline, wiring, spotify, soundcloud):
    """A row of the Spotify playlist whose recording a track of the set stands for."""
    crateline("enqueue", soundcloud[0].url, link_of(spotify[0]))
    main = keys(soundcloud[1])[0]
    row = wiring.register.members(f"spotify:playlist:{spotify[0].id}")[0]
    wiring.ledger.join(main, f"spotify:playlist:{spotify[0].id}")
    assert wiring.ledger.become_alias(wiring.ledger.track(row), main)
    return row, main


def test_who_stands_for_a_row_leaves_with_it(settled_in, crateline, wiring, spotify, another_upload):
    # Given
    (owned, edit), (row, main) = spotify, another_upload
    # When
    edit([one for one in owned.rows if not row.endswith(one)])
    (done,) = crateline("sync", f"spotify:playlist:{owned.id}", "--unlink", "--json").rows
    # I expect
    assert done["unlinked"] == 1
    assert f"spotify:playlist:{owned.id}" not in wiring.ledger.track(main).playlists
    assert wiring.ledger.track(main).left == (f"spotify:playlist:{owned.id}",)


def test_who_stands_for_a_row_is_filed_under_the_new_name_too(settled_in, crateline, wiring, spotify, another_upload):
    # Given
    (owned, edit), (_, main) = spotify, another_upload
    version = wiring.ledger.track(main).version
    # When
    edit(owned.rows, name="Prime Time")
    crateline("sync", f"spotify:playlist:{owned.id}")
    # I expect
    assert wiring.ledger.track(main).version == version + 1
