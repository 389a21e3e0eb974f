"""A playlist that cannot be looked at: what concerns its service, and what itself alone; all is well again by itself."""

import httpx
import pytest

from crateline.errors import CredentialsRefused, Unavailable
from producers import sync

pytestmark = pytest.mark.real("redis")


def link_of(playlist):
    return f"https://open.spotify.com/playlist/{playlist.id}"


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


def test_a_file_that_is_asked_for_by_mistake_does_not_count_as_failed(settled_in, crateline, wiring, world, tmp_path):
    # Given
    file = tmp_path / "Friday.txt"
    file.write_text(world.world.soundcloud[0].url)
    crateline("enqueue", str(file))
    # When
    (done,) = crateline("sync", "Friday", "--json").rows
    # I expect
    assert wiring.follows.of(done["key"]).status == ""
