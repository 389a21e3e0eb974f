import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain.track import Availability, Platform, Track
from crateline.durable.item import Item, card_of
from crateline.messages import Station

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20)
TRACKS = st.builds(
    Track,
    key=WORDS.filter(bool),
    title=WORDS,
    artist=WORDS,
    url=WORDS,
    platform=st.sampled_from(Platform),
    duration=st.none() | st.floats(1, 7200),
    availability=st.sampled_from(Availability),
    isrc=WORDS,
    album=WORDS,
    genre=WORDS,
    artwork_url=WORDS,
)


def item(**fields: str) -> Item:
    return Item("soundcloud:tracks:1", fields)


@given(TRACKS)
def test_a_track_is_read_back_as_it_was_listed(track):
    assert Item(track.key, {"card": card_of(track)}).track == track


def test_what_is_unknown_takes_no_room(make_track):
    assert set(json.loads(card_of(make_track(1, artist="")))) == {"key", "title", "url", "platform", "availability"}


TITLES = [
    ({"artist": "Ada", "title": "Dusk"}, "Ada - Dusk"),
    ({"title": "Dusk"}, "Dusk"),
    ({"artist": "Ada"}, "Ada"),
    ({"name": "Warm-up"}, "Warm-up"),
    ({}, "soundcloud:tracks:1"),
]


@pytest.mark.parametrize(("card", "title"), TITLES)
def test_people_read_artist_and_title_or_at_least_the_key(card, title):
    assert item(card=json.dumps(card)).title == title


STATES = [
    # fields, at 1,000 ms → state
    ({"v": "1", "w": "0"}, "waiting"),
    ({"c:download": "token 1001 host:1"}, "running"),
    ({"c:download": "token 999 host:1"}, "waiting"),
    ({"c:download": "token 999 host:1", "c:notion": "token 2000 host:1"}, "running"),
    ({"verdict": "failed", "c:notion": "token 2000 host:1"}, "failed"),
    ({"verdict": "review"}, "review"),
    ({"s:download": "{}", "s:analyze": "{}", "s:eagle": "{}", "v": "2", "w": "2"}, "done"),
    ({"s:download": "{}", "s:analyze": "{}", "s:eagle": "{}", "v": "2", "w": "1"}, "waiting"),
    ({"s:download": "{}", "s:analyze": "{}", "v": "2", "w": "2"}, "waiting"),
    ({"want": "page", "s:page": "{}", "v": "1", "w": "1"}, "done"),
    ({"alias": "soundcloud:tracks:2", "v": "1", "w": "1"}, "done"),
]


@pytest.mark.parametrize(("fields", "state"), STATES)
def test_the_state_follows_from_what_is_sealed_and_held(fields, state):
    assert item(**fields).state(1000) == state


PLACES = [
    ({}, Station.DOWNLOAD),
    ({"s:page": "{}"}, Station.DOWNLOAD),
    ({"s:download": "{}"}, Station.ANALYZE),
    ({"s:download": "{}", "s:analyze": "{}"}, Station.EAGLE),
    ({"s:download": "{}", "s:analyze": "{}", "s:eagle": "{}"}, Station.FINALISE),
    ({"want": "page"}, Station.PAGE),
    ({"at": "download", "verdict": "refused", "s:download": "{}"}, Station.DOWNLOAD),
]


@pytest.mark.parametrize(("fields", "place"), PLACES)
def test_a_track_is_at_its_first_open_station_or_where_it_ended(fields, place):
    assert item(**fields).at == place


def test_the_reason_for_waiting_is_that_of_the_first_open_station():
    # Given
    known = item(**{"s:download": "{}", "note:download": "old", "note:analyze": "no room", "note:finalise": "later"})

    # I expect
    assert known.reason == "no room"
    assert Item(known.key, {**known.fields, "reason": "deleted"}).reason == "deleted"
    assert item().reason == ""


def test_a_page_is_known_once_it_was_made():
    assert item().page_id == ""
    assert item(**{"s:page": json.dumps({"page_id": "p1"})}).page_id == "p1"


def test_attempts_are_counted_per_station():
    # Given
    known = item(**{"tries:download": "3"})

    # I expect
    assert (known.attempts(Station.DOWNLOAD), known.attempts(Station.ANALYZE)) == (3, 0)
