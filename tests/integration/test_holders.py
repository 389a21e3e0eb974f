"""Every Spotify track gets all of the user's playlists that hold it, and the index of them costs little."""

import dataclasses
import threading

import httpx
import pytest

from crateline import settings
from crateline.cli import session
from crateline.durable import consent, holdings, keyspace
from crateline.errors import Unavailable
from crateline.wiring import Wiring
from producers import enrolment, holders, intake

pytestmark = pytest.mark.real("redis")


@pytest.fixture
def owned(world):
    """The user's playlist; afterwards its rows are as they were."""
    found = next(one for one in world.world.spotify_playlists if one.owned)
    yield found
    edit(world, found, found.rows)


def edit(world, playlist, rows):
    body = {"id": playlist.id, "rows": list(rows)}
    httpx.post(f"{world.addresses['spotify']}/_sandbox/playlist", json=body, trust_env=False).raise_for_status()


def asked(world, word=""):
    arrivals = httpx.get(f"{world.addresses['spotify']}/_sandbox/stats", trust_env=False).json()["arrivals"]
    return [what for _, what in arrivals if word in what]


@pytest.fixture
def shared(world, owned):
    """The id of a liked track that is made to stand in the playlist."""
    liked = world.world.spotify_liked[0]
    edit(world, owned, [*owned.rows, liked])
    return liked


def test_a_liked_track_is_filed_in_the_users_playlist_too(settled_in, crateline, wiring, owned, shared):
    # When
    crateline("enqueue", "liked")
    # I expect
    track = wiring.ledger.track(f"spotify:track:{shared}")
    assert set(track.playlists) == {"spotify:liked", f"spotify:playlist:{owned.id}"}
    assert wiring.register.item(f"spotify:playlist:{owned.id}").card["name"] == owned.name


def test_a_single_track_is_unassigned_only_if_no_playlist_holds_it(crateline, wiring, owned, shared):
    # When
    crateline("enqueue", f"https://open.spotify.com/track/{shared}")
    # I expect
    track = wiring.ledger.track(f"spotify:track:{shared}")
    assert f"spotify:playlist:{owned.id}" in track.playlists


def test_a_playlist_that_came_along_is_in_part_and_not_followed(settled_in, crateline, wiring, owned, shared):
    # When
    crateline("enqueue", "liked")
    # I expect
    key = f"spotify:playlist:{owned.id}"
    follow = wiring.follows.of(key)
    assert (follow.followed, follow.status) == (False, "partial")
    assert [row["key"] for row in crateline("sync", "--json").rows] == ["spotify:liked"]
    # And to be whole once it is enqueued itself
    crateline("enqueue", f"https://open.spotify.com/playlist/{owned.id}")
    follow = wiring.follows.of(key)
    assert follow.followed
    rows = [row for row in owned.rows if row not in {"null", "local", "episode"}]
    assert wiring.register.members(key)[: len(set(rows))] == [f"spotify:track:{row}" for row in dict.fromkeys(rows)]


def test_a_playlist_that_is_followed_keeps_its_own_order(settled_in, crateline, wiring, owned, shared):
    # Given
    crateline("enqueue", f"https://open.spotify.com/playlist/{owned.id}")
    before = wiring.register.members(f"spotify:playlist:{owned.id}")
    # When
    crateline("enqueue", "liked")
    # I expect
    assert wiring.register.members(f"spotify:playlist:{owned.id}") == before


def test_the_index_is_read_once_and_then_only_where_a_snapshot_has_changed(settled_in, wiring, world, owned):
    # Given
    assert holders.refresh(wiring, print) == 1
    before = len(asked(world, "/items"))
    # When nothing has changed, and then something has
    assert holders.refresh(wiring, print) == 0
    assert len(asked(world, "/items")) == before
    edit(world, owned, owned.rows[:1])
    assert holders.refresh(wiring, print) == 1
    # I expect
    (known,) = wiring.holdings.all()
    assert known.keys == (f"spotify:track:{owned.rows[0]}",)


def test_a_row_of_albums_asks_for_the_index_once(settled_in, crateline, wiring, world):
    # Given
    links = [f"https://open.spotify.com/track/{one.id}" for one in world.world.spotify[:3]]
    before = len(asked(world, "/me/playlists"))
    # When
    crateline("enqueue", *links)
    # I expect
    assert len(asked(world, "/me/playlists")) - before == 1


def test_an_interrupted_reading_goes_on_where_it_was(settled_in, wiring, world, monkeypatch):
    # Given three playlists, of which the second cannot be read at first
    heads = [dataclasses.replace(wiring.spotify.playlists()[0], id=f"{n}", snapshot="s") for n in range(3)]
    monkeypatch.setattr(type(wiring.spotify), "playlists", lambda _: heads)
    read, down = [], {"1"}

    def one(_spotify, number):
        read.append(number)
        if number in down:
            raise Unavailable("spotify", "away")
        return ()

    monkeypatch.setattr(type(wiring.spotify), "playlist_keys", one)
    monkeypatch.setattr("producers.patience.TRIES", 1)
    with pytest.raises(Unavailable):
        holders.refresh(wiring, print)
    # When
    down.clear()
    holders.refresh(wiring, print)
    # I expect the first not to be read again
    assert read == ["0", "1", "1", "2"]


def test_an_index_that_cannot_be_read_loses_no_track_and_is_made_up_for(crateline, wiring, owned, shared, monkeypatch):
    # Given
    with monkeypatch.context() as broken:
        broken.setattr("producers.holders.refresh", lambda *_words: (_ for _ in ()).throw(Unavailable("spotify", "away")))
        ended = crateline("enqueue", f"https://open.spotify.com/album/{shared_album(shared, wiring)}")
    assert ended.code == 0
    assert "join them later" in ended.err
    # When it is due by schedule: not at once, since Spotify was not well
    intake.chore(wiring)
    key = f"spotify:playlist:{owned.id}"
    assert key not in wiring.ledger.track(f"spotify:track:{shared}").playlists
    wiring.redis.delete(holdings.RESTS)
    intake.chore(wiring)
    # I expect
    assert f"spotify:playlist:{owned.id}" in wiring.ledger.track(f"spotify:track:{shared}").playlists


def shared_album(track, wiring):
    return wiring.spotify.track(f"spotify:track:{track}").tracks[0].artwork_url.rpartition("/")[2]


def test_without_a_consent_or_by_setting_nobody_is_asked(settled_in, crateline, wiring, world):
    # Given
    url = f"https://open.spotify.com/album/{world.world.spotify[0].album_id}"
    before = len(asked(world, "/me"))
    # When
    settled_in.setenv("SPOTIFY_ALL_PLAYLISTS", "false")
    crateline("enqueue", url)
    settled_in.setenv("SPOTIFY_ALL_PLAYLISTS", "true")
    settled_in.setenv("SPOTIFY_REFRESH_TOKEN", "")
    wiring.redis.flushall()
    crateline("enqueue", url)
    # I expect
    assert len(asked(world, "/me")) == before
    assert not wiring.redis.exists(holdings.HOLDINGS, keyspace.PAUSES)


def test_a_playlist_of_the_library_that_is_gone_holds_the_others_up_no_more(settled_in, wiring, world, monkeypatch):
    # Given a playlist that is listed, and not there when it is read
    real = wiring.spotify.playlists()
    lost = dataclasses.replace(real[0], id="0" * 22, readable=True)
    monkeypatch.setattr(type(wiring.spotify), "playlists", lambda _: [lost, *real])
    # When
    holders.refresh(wiring, print)
    # I expect
    assert {one.key: bool(one.keys) for one in wiring.holdings.all()} == {lost.key: False, real[0].key: True}


def test_a_known_track_joins_a_playlist_that_it_was_put_into_later(settled_in, crateline, wiring, world, owned):
    # Given
    liked = world.world.spotify_liked[0]
    edit(world, owned, [row for row in owned.rows if row != liked])
    crateline("enqueue", "liked")
    key = f"spotify:playlist:{owned.id}"
    assert key not in wiring.ledger.track(f"spotify:track:{liked}").playlists
    # When
    edit(world, owned, [*owned.rows, liked])
    wiring.redis.delete(holdings.FRESH)
    intake.chore(wiring)
    # I expect
    assert key in wiring.ledger.track(f"spotify:track:{liked}").playlists
    assert not wiring.follows.of(key).followed
    # And a second look to ask for nothing, and to write nothing
    version, before = wiring.register.item(key).version, len(asked(world))
    intake.chore(wiring)
    wiring.redis.delete(holdings.JOINED)
    intake.chore(wiring)
    assert (wiring.register.item(key).version, len(asked(world))) == (version, before)


def test_what_was_read_to_be_enqueued_is_not_read_again_for_the_index(settled_in, crateline, wiring, world, owned):
    # Given
    before = len(asked(world, "/items"))
    # When
    crateline("enqueue", f"https://open.spotify.com/playlist/{owned.id}")
    # I expect
    assert len(asked(world, "/items")) - before == 1


@pytest.fixture
def withdrawn(settled_in, wiring):
    """A process of somebody who has withdrawn the consent since."""

    def begin():
        wiring.redis.delete(consent.TOKEN, holdings.FRESH, holdings.JOINED)
        settled_in.setenv("SPOTIFY_REFRESH_TOKEN", "withdrawn")
        begun.append(Wiring(settings.load()))
        return begun[-1]

    begun = []
    yield begin
    for one in begun:
        session.close(one)


def test_a_consent_that_was_withdrawn_is_asked_for_once_and_pauses_spotify(crateline, world, withdrawn):
    # Given a track of Spotify's that no followed playlist of Spotify's holds
    crateline("enqueue", f"https://open.spotify.com/track/{world.world.spotify[0].id}")
    wiring, before = withdrawn(), len(asked(world))
    # When the scheduler has its turn again and again
    for _ in range(3):
        intake.chore(wiring)
    # I expect one question, and a person to be told
    assert len(asked(world)) - before == 1
    (pause,) = wiring.pauses.all()
    assert (pause.service, "crateline login spotify" in pause.remedy) == ("spotify", True)


def test_a_spotify_that_is_away_is_left_alone_for_a_while_by_the_schedule(settled_in, crateline, wiring, world, monkeypatch):
    # Given
    crateline("enqueue", f"https://open.spotify.com/track/{world.world.spotify[0].id}")
    wiring.redis.delete(holdings.FRESH, holdings.JOINED)
    tries = []

    def away(*_):
        tries.append(1)
        raise Unavailable("spotify", "away")

    monkeypatch.setattr(type(wiring.spotify), "playlists", away)
    monkeypatch.setattr("producers.patience.TRIES", 1)
    # When
    for _ in range(3):
        intake.chore(wiring)
    # I expect
    assert len(tries) == 1
    assert wiring.pauses.all() == ()


def test_a_playlist_of_the_index_costs_no_more_than_its_pages(settled_in, wiring, world, owned):
    # Given
    before = asked(world)
    # When
    holders.refresh(wiring, lambda _: None)
    # I expect who the user is, the list of playlists, and the rows of the one that can be read
    new = asked(world)[len(before) :]
    assert len([one for one in new if "token" not in one]) == 3


def test_two_that_put_tracks_into_one_playlist_leave_it_in_order(crateline, wiring, owned, shared, monkeypatch):
    # Given somebody who enqueues the playlist itself in the moment in which a liked track is put into it
    listing = [row for row in dict.fromkeys((*owned.rows, shared)) if row not in {"null", "local", "episode"}]
    link, whole, threads = f"https://open.spotify.com/playlist/{owned.id}", enrolment.enrol, []

    def meanwhile(wiring_, playlist, **more):
        if not more.get("follow", True) and not threads:
            read = wiring.spotify.playlist(link)
            threads.append(threading.Thread(target=intake.take, args=(wiring, read), kwargs={"say": print}))
            threads[0].start()
            threads[0].join(2)  # it waits for its turn, or it is through by then
        return whole(wiring_, playlist, **more)

    monkeypatch.setattr(enrolment, "enrol", meanwhile)
    # When
    crateline("enqueue", "liked")
    threads[0].join(60)
    # I expect
    assert wiring.register.members(f"spotify:playlist:{owned.id}") == [f"spotify:track:{row}" for row in listing]


def test_who_stands_for_a_track_joins_the_playlists_that_it_was_put_into_later(settled_in, crateline, wiring, world, owned):
    # Given a liked track that is another upload of a track of SoundCloud's
    crateline("enqueue", "liked", world.world.main.url)
    alias, main = f"spotify:track:{world.world.spotify_liked[0]}", f"soundcloud:tracks:{world.world.main.track_ids[0]}"
    wiring.ledger.join(main, "spotify:liked")
    assert wiring.ledger.become_alias(wiring.ledger.track(alias), main)
    # When it is put into a playlist
    edit(world, owned, [*owned.rows, world.world.spotify_liked[0]])
    wiring.redis.delete(holdings.FRESH, holdings.JOINED)
    intake.chore(wiring)
    # I expect
    assert f"spotify:playlist:{owned.id}" in wiring.ledger.track(main).playlists
    # And the next turn to find nothing to do
    version = wiring.register.item(f"spotify:playlist:{owned.id}").version
    wiring.redis.delete(holdings.JOINED)
    intake.chore(wiring)
    assert wiring.register.item(f"spotify:playlist:{owned.id}").version == version
