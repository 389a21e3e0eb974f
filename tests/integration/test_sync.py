"""Playlists stay in step: the fewest requests where nothing has changed, and only what is new where something has."""

import httpx
import pytest

from crateline import settings
from crateline.cli import chores, session
from crateline.clients.spotify.client import LIKED_URL
from crateline.durable import keyspace, register
from crateline.durable.follows import Follow
from crateline.errors import CredentialsRefused, Unavailable
from crateline.messages import Hint, Station
from crateline.wiring import Wiring
from producers import sync

pytestmark = pytest.mark.real("redis")

ANSWER = {"key", "name", "state", "total", "added", "moved", "gone", "unlinked", "reason", "dry_run"}


@pytest.fixture
def wiring(settled_in):
    made = Wiring(settings.load())
    yield made
    session.close(made)


@pytest.fixture
def soundcloud(world):
    """The main set, and a way to edit it; afterwards it is as it was."""
    main = world.world.main

    def edit(rows):
        body = {"id": main.id, "track_ids": list(rows)}
        httpx.post(f"{world.addresses['soundcloud']}/_sandbox/set", json=body, trust_env=False).raise_for_status()

    main_rows = tuple(dict.fromkeys(main.track_ids))
    yield main, main_rows, edit
    edit(main.track_ids)


@pytest.fixture
def spotify(world):
    """The user's playlist, and a way to edit it; afterwards it is as it was."""
    owned = next(one for one in world.world.spotify_playlists if one.owned)

    def edit(rows, **more):
        body = {"id": owned.id, "rows": list(rows), **more}
        httpx.post(f"{world.addresses['spotify']}/_sandbox/playlist", json=body, trust_env=False).raise_for_status()

    yield owned, edit
    edit(owned.rows, name=owned.name, owned=True)


@pytest.fixture
def asked(world):
    """How many requests a service has seen."""

    def count(service):
        return len(httpx.get(f"{world.addresses[service]}/_sandbox/stats", trust_env=False).json()["arrivals"])

    return count


def keys(ids):
    return [f"soundcloud:tracks:{one}" for one in ids]


def state_of(wiring, key):
    return {name: value for name, value in wiring.redis.hgetall(keyspace.playlist(key)).items() if not name.startswith("sync:")}


# What has not changed


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


# What has


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
    # I expect
    assert (done["added"], done["gone"]) == (1, 1)
    assert not wiring.ledger.track(keys(rows)[-1]).want_audio
    assert Follow.of(wiring.register.fields(main.key)).status == "partial"


# What goes wrong


def test_a_source_that_cannot_be_read_is_said_noted_and_tried_again(settled_in, crateline, wiring, soundcloud, monkeypatch):
    # Given
    main, _, _ = soundcloud
    crateline("enqueue", main.url)
    written = wiring.register.item(main.key).version
    # When
    with monkeypatch.context() as broken:
        broken.setattr("producers.patience.patiently", lambda *_words, **_more: (_ for _ in ()).throw(Unavailable("x", "away")))
        ended = crateline("sync", "--json")
    # I expect
    (done,) = ended.rows
    assert (ended.code, done["state"]) == (1, "failed")
    assert "away" in done["reason"]
    follow = wiring.follows.of(main.key)
    assert follow.status == "failed"
    assert follow.next_at - follow.at <= sync.LOOK_AGAIN_S
    assert wiring.register.item(main.key).version == written + 1
    # And it to be well again after the next look
    assert crateline("sync", "--json").rows[0]["state"] == "unchanged"
    assert wiring.follows.of(main.key).status == "synced"


def test_a_look_that_was_killed_in_the_middle_is_made_up_for(settled_in, crateline, wiring, soundcloud, monkeypatch):
    # Given
    main, rows, edit = soundcloud
    crateline("enqueue", main.url)
    edit([*rows[2:], rows[1]])
    # When the process dies after it has unlinked
    with monkeypatch.context() as killed:
        killed.setattr("producers.intake.take", lambda *_words, **_more: (_ for _ in ()).throw(KeyboardInterrupt))
        assert crateline("sync", "--unlink").code == 130
    (done,) = crateline("sync", "--unlink", "--json").rows
    # I expect
    assert done["state"] == "changed"
    assert wiring.register.members(main.key) == keys([*rows[2:], rows[1]])
    assert wiring.ledger.track(keys(rows)[0]).left == (main.key,)


def test_a_playlist_from_a_file_has_no_source_and_is_not_followed(settled_in, crateline, world, tmp_path):
    # Given
    file = tmp_path / "Friday.txt"
    file.write_text(world.world.soundcloud[0].url)
    crateline("enqueue", str(file))
    # When
    everything, named = crateline("sync", "--json"), crateline("sync", "Friday", "--json")
    # I expect
    assert everything.rows == []
    assert (named.code, named.rows[0]["state"]) == (1, "failed")
    assert "enqueue the file again" in named.rows[0]["reason"]


# By schedule


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


def test_liked_songs_have_a_link_that_can_be_looked_at(settled_in, crateline, wiring):
    crateline("enqueue", "liked")
    assert [item.card["url"] for item in sync.followed(wiring)] == [LIKED_URL]


# What concerns a service, and what a playlist


def link_of(playlist):
    return f"https://open.spotify.com/playlist/{playlist.id}"


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


def test_a_consent_that_was_withdrawn_stops_spotify_and_fails_no_playlist(crateline, wiring, spotify, asked, monkeypatch):
    # Given
    crateline("enqueue", link_of(spotify[0]), "liked")
    version = wiring.register.item(f"spotify:playlist:{spotify[0].id}").version
    before = asked("spotify")
    # When
    with monkeypatch.context() as withdrawn:
        refused = CredentialsRefused("spotify", "the consent has ended or was withdrawn")
        withdrawn.setattr("crateline.clients.spotify.tokens.Source.get_access_token", lambda *_: (_ for _ in ()).throw(refused))
        ended = crateline("sync", "--json")
    # I expect one question, a pause with its remedy, and the second playlist to wait
    assert (ended.code, [row["state"] for row in ended.rows]) == (4, ["failed", "failed"])
    assert asked("spotify") == before
    (pause,) = wiring.pauses.all()
    assert (pause.service, "crateline login spotify" in pause.remedy) == ("spotify", True)
    assert "spotify is paused" in ended.rows[1]["reason"]
    assert {wiring.follows.of(row["key"]).status for row in ended.rows} == {"partial", "synced"}
    assert wiring.register.item(f"spotify:playlist:{spotify[0].id}").version == version
    # And it to go on by itself
    assert [row["state"] for row in crateline("sync", "--json").rows] == ["unchanged", "unchanged"]
    assert wiring.pauses.all() == ()


def test_what_a_person_has_paused_is_not_asked(settled_in, crateline, wiring, spotify, asked):
    # Given
    crateline("enqueue", link_of(spotify[0]))
    wiring.pauses.begin("spotify", reason="I am on a train", remedy="crateline unpause spotify", by_hand=True)
    before = asked("spotify")
    # When
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert (done["state"], asked("spotify")) == ("failed", before)
    assert "I am on a train. crateline unpause spotify" in done["reason"]
    assert wiring.follows.of(done["key"]).status == "partial"


def test_a_playlist_that_is_nobodys_any_more_fails_alone_and_is_not_asked_for_all_the_time(
    settled_in, crateline, wiring, spotify
):
    # Given
    owned, edit = spotify
    crateline("enqueue", link_of(owned), "liked")
    # When
    edit(owned.rows, gone=True)
    gone, liked = sorted(crateline("sync", "--json").rows, key=lambda row: row["key"], reverse=True)
    # I expect
    assert (gone["state"], liked["state"]) == ("failed", "unchanged")
    follow = wiring.follows.of(gone["key"])
    assert follow.status == "failed"
    assert follow.next_at - follow.at == wiring.settings.sync_every_minutes * 60
    assert wiring.pauses.all() == ()
    # And it to be well when it is back
    edit(owned.rows)
    assert crateline("sync", gone["key"], "--json").rows[0]["state"] == "unchanged"


def test_a_playlist_that_is_somebody_elses_now_says_what_can_be_done(settled_in, crateline, wiring, spotify):
    # Given
    owned, edit = spotify
    crateline("enqueue", link_of(owned))
    # When
    edit(owned.rows[:2], owned=False)
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert (done["state"], "copy it into your own playlist" in done["reason"]) == ("failed", True)
    assert wiring.pauses.all() == ()


def test_a_file_that_is_asked_for_by_mistake_does_not_count_as_failed(settled_in, crateline, wiring, world, tmp_path):
    # Given
    file = tmp_path / "Friday.txt"
    file.write_text(world.world.soundcloud[0].url)
    crateline("enqueue", str(file))
    # When
    (done,) = crateline("sync", "Friday", "--json").rows
    # I expect
    assert wiring.follows.of(done["key"]).status == ""


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


def test_a_new_name_whose_taking_over_was_killed_is_made_up_for(settled_in, crateline, wiring, spotify, monkeypatch):
    # Given
    owned, edit = spotify
    crateline("enqueue", link_of(owned))
    member = wiring.register.members(f"spotify:playlist:{owned.id}")[0]
    version = wiring.ledger.track(member).version
    # When the process dies with the new name written and no track touched
    edit(owned.rows, name="Prime Time")
    with monkeypatch.context() as killed:
        killed.setattr(register.Register, "_file_anew", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert crateline("sync").code == 130
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert done["state"] == "changed"
    assert wiring.ledger.track(member).version == version + 1


def test_a_token_that_has_ended_before_its_time_is_asked_for_anew_and_fails_nothing(
    settled_in, crateline, wiring, world, spotify
):
    # Given
    crateline("enqueue", link_of(spotify[0]))
    # When
    ended = {"access": True, "consent": False}
    httpx.post(f"{world.addresses['spotify']}/_sandbox/consent", json=ended, trust_env=False).raise_for_status()
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert done["state"] == "unchanged"
    assert wiring.pauses.all() == ()


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
