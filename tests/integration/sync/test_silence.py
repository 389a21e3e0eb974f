"""A service that wants silence, and a scheduler that stops: neither is a fault of the playlist, and nobody sits them out."""

import threading

import pytest

from crateline.durable import keyspace
from crateline.errors import BudgetSpent, Interrupted, Throttled
from producers import patience, sync

pytestmark = pytest.mark.real("redis")

DAY_S = 86400.0


def link_of(playlist):
    return f"https://open.spotify.com/playlist/{playlist.id}"


def make_due(wiring, *keys):
    for key in keys:
        wiring.redis.hset(keyspace.playlist(key), "sync:next", "0")


def test_a_silence_of_a_day_is_an_answer_for_whoever_asks_next_too(settled_in, wiring):
    # Given a service that has told somebody else to be silent for a day
    wiring.budgets["spotify"].block(DAY_S)
    rests = []
    # When
    with pytest.raises(BudgetSpent):
        patience.patiently(wiring, wiring.spotify.who, lambda _: None, sleep=rests.append)
    # I expect nobody to have slept through it
    assert rests == []


def test_a_silence_of_a_day_fails_no_playlist_and_costs_one_question(crateline, wiring, spotify, monkeypatch):
    # Given two playlists of Spotify's that are due
    rows = crateline("enqueue", link_of(spotify[0]), "liked", "--json").rows
    keys = [row["key"] for row in rows]
    make_due(wiring, *keys)
    was = {key: wiring.follows.of(key).status for key in keys}
    versions = {key: wiring.register.item(key).version for key in keys}
    questions = []

    def throttled(*_):
        questions.append("asked")
        raise Throttled("spotify", "the app's quota is used up", DAY_S)

    monkeypatch.setattr("crateline.clients.spotify.answers.settle", throttled)
    # When
    sync.chore(wiring)
    # I expect no page to be told of a failure, and both to wait until they may be asked
    assert questions == ["asked"]
    assert {key: wiring.follows.of(key).status for key in keys} == was
    assert {key: wiring.register.item(key).version for key in keys} == versions
    assert sync.due(wiring) == []
    # And the next look of the schedule to ask nobody
    make_due(wiring, *keys)
    sync.chore(wiring)
    assert questions == ["asked"]


def test_a_scheduler_that_stops_fails_no_playlist(crateline, wiring, soundcloud, monkeypatch):
    # Given a look that waits for its turn
    crateline("enqueue", soundcloud[0].url)
    make_due(wiring, soundcloud[0].key)
    was = wiring.follows.of(soundcloud[0].key)

    def stopping(*_):
        raise Interrupted("stopped while waiting for a slot of soundcloud-api")

    monkeypatch.setattr("crateline.clients.soundcloud.SoundCloud.snapshot", stopping)
    # When
    sync.chore(wiring)
    # I expect it to be as it was, and due
    assert wiring.follows.of(soundcloud[0].key) == was
    assert [item.key for item in sync.due(wiring)] == [soundcloud[0].key]


def test_who_waits_for_a_service_hears_that_the_scheduler_stops(settled_in, wiring):
    # Given somebody who waits out a minute of silence
    wiring.budgets["spotify"].block(60)
    said, ended = threading.Event(), []

    def wait():
        try:
            patience.patiently(wiring, wiring.spotify.who, lambda _: said.set())
        except Interrupted as error:
            ended.append(error)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    assert said.wait(20)
    # When
    wiring.stopping.set()
    # I expect
    waiting.join(20)
    assert len(ended) == 1
