import json

import pytest

from crateline.domain.track import Platform
from crateline.durable.item import Item, card_of
from crateline.durable.ledger import as_fields
from crateline.messages import Station
from givens.heard import RESULT
from tasks import cards

HEARD = RESULT | {"files": ["/music/a.m4a", "/music/b.m4a"]}


@pytest.fixture
def item(make_track):
    def make(track=None, **fields: str) -> Item:
        chosen = track or make_track(1, duration=360.0)
        return Item(chosen.key, {"card": card_of(chosen), **fields})

    return make


STATUS = [
    ({}, "Processing"),
    ({"s:download": "{}"}, "Processing"),
    ({"s:analyze": "{}"}, "Complete"),
    ({"want": "page"}, "Ready"),
    ({"verdict": "review"}, "Ready"),
    ({"verdict": "refused"}, "Failed"),
    ({"verdict": "failed", "s:analyze": "{}"}, "Failed"),
    ({"alias": "soundcloud:tracks:2", "s:analyze": "{}"}, "Duplicate"),
]


@pytest.mark.parametrize(("fields", "status"), STATUS)
def test_the_status_says_how_far_the_track_is(item, fields, status):
    assert cards.status(item(**fields)) == status


def test_an_early_page_says_what_the_listing_said(item):
    # When
    card = cards.of(item(), pages=("p1", "p2"), names=("Warm-up", "Late"))

    # I expect
    assert (card.title, card.artist, card.source_id) == ("Title 1", "Artist 1", "soundcloud:tracks:1")
    assert (card.source_platform, card.soundcloud_url) == ("SoundCloud", "https://soundcloud.com/artist/1")
    assert (card.playlists, card.playlist_text) == (("p1", "p2"), "Warm-up, Late")
    assert (card.status, card.duration) == ("Processing", 360.0)
    assert (card.bpm, card.processed, card.downloaded, card.local_file, card.in_eagle) == (None,) * 5


def test_the_last_word_holds_everything_that_was_learnt(item):
    # Given
    sealed = {
        **as_fields(Station.DOWNLOAD, {}),
        **as_fields(Station.ANALYZE, HEARD),
        **as_fields(Station.EAGLE, {"used": True, "item": "E1"}),
    }

    # When
    card = cards.of(item(**sealed), pages=(), names=())

    # I expect
    assert (card.bpm, card.key, card.camelot, card.duration) == (124.0, "Am", "8A", 361.5)
    assert (card.file_path, card.local_file, card.downloaded, card.processed) == ("/music/a.m4a", True, True, True)
    assert (card.in_eagle, card.eagle_id) == (True, "E1")
    assert (card.playlists, card.playlist_text) == (None, None)


def test_an_eagle_that_is_not_used_is_not_claimed_to_hold_the_track(item):
    # When
    card = cards.of(item(**as_fields(Station.EAGLE, {"used": False})), pages=(), names=())

    # I expect
    assert (card.in_eagle, card.eagle_id) == (None, None)


def test_the_reason_is_written_with_a_verdict_and_not_while_a_track_waits(item):
    # Given
    refused = item(verdict="refused", reason="deleted or private")
    waiting = item(**{"note:download": "the disk is full"})

    # I expect
    assert cards.of(refused, pages=(), names=()).reason == "deleted or private"
    assert cards.of(refused, pages=(), names=()).downloaded is False
    assert cards.of(waiting, pages=(), names=()).reason is None


def test_each_platform_fills_its_own_fields(item, make_track):
    # Given
    spotify = make_track(
        key="spotify:track:4uLU6hMCjMI75M1A2tKUQC", platform=Platform.SPOTIFY, url="https://open.spotify.com/track/4"
    )

    # When
    card = cards.of(item(spotify), pages=(), names=())

    # I expect
    assert (card.spotify_id, card.soundcloud_url) == ("4uLU6hMCjMI75M1A2tKUQC", None)
    assert json.loads(item(spotify).fields["card"])["platform"] == "Spotify"
