"""A set's figures are sums that can be checked by hand; what is not known is said to be unknown."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crateline.domain import decks, occasions, origins, sets
from crateline.domain.library import LibraryTrack, Play, Session
from crateline.domain.occasions import EventType, Occasion
from crateline.domain.track import Platform

BEGIN = datetime(2026, 1, 16, 20, 30, tzinfo=UTC)


def a_track(title_id, **more):
    return LibraryTrack(**({"title_id": title_id, "duration": 300.0, "path": f"/music/{title_id}.mp3"} | more))


def a_play(title_id, at=None, deck=1, **more):
    started = None if at is None else BEGIN + timedelta(seconds=at)
    number = f"{title_id}{at}{deck}"
    return Play(**({"play_id": number, "session_id": "s", "title_id": title_id, "deck": deck, "started": started} | more))


def a_set(*plays, start=BEGIN, end=None, **more):
    return Session(session_id="s", start=start, end=end, plays=plays, **more)


def library(*tracks):
    return {track.title_id: track for track in tracks}


# --- time


def test_a_set_is_named_by_its_start_where_the_dj_lives():
    session = a_set(a_play("a", 0))
    assert sets.metrics(session, {}).name == "DJ Session - 2026-01-16 20:30"
    assert sets.metrics(session, {}, zone=ZoneInfo("Asia/Tokyo")).name == "DJ Session - 2026-01-17 05:30"


def test_a_missing_start_is_the_first_play_and_a_missing_end_the_latest_start_and_its_length():
    # Given plays that do not stand in the order of their starts
    session = a_set(a_play("a", 60), a_play("c", 400, deck=2), a_play("b", 10), start=None)

    # When
    found = sets.metrics(session, library(a_track("c", duration=200.0)))

    # I expect
    assert (found.start, found.end) == (BEGIN + timedelta(seconds=10), BEGIN + timedelta(seconds=600))
    assert found.duration_min == round(590 / 60, 1)
    assert not found.only_end_known


def test_where_the_end_alone_is_known_nothing_else_is_made_of_it():
    # Given a set of the old exports: no start, no decks, no times of plays
    session = a_set(a_play("a", deck=None), a_play("b", deck=None), start=None, end=BEGIN)

    # When
    found = sets.metrics(session, library(a_track("a", bpm=120.0), a_track("b", bpm=140.0)))

    # I expect
    assert found.only_end_known
    assert (found.start, found.end, found.duration_min) == (None, BEGIN, None)
    assert found.name == "DJ Session - 2026-01-16 20:30"
    assert [row.seconds for row in found.plays] == [None, None]
    assert found.average_bpm == 130.0


def test_a_set_of_nothing_has_figures_too():
    found = sets.metrics(Session(session_id="s"), {})
    assert (found.start, found.end, found.bpm_range, found.average_bpm, found.plays) == (None, None, "", None, ())
    assert found.name == "DJ Session"


# --- what was played


def test_play_time_lasts_until_the_next_start_on_that_deck_and_no_longer_than_the_track():
    session = a_set(
        a_play("a", 0), a_play("b", 100, deck=2), a_play("c", 250), a_play("d", 900), end=BEGIN + timedelta(seconds=1000)
    )
    tracks = library(a_track("a"), a_track("b"), a_track("c"), a_track("d"))
    assert decks.play_times(session, tracks) == (250.0, 300.0, 300.0, 100.0)


def test_the_mean_tempo_is_weighted_by_play_time():
    # Given 120 for 100 s and 140 for 300 s
    session = a_set(a_play("a", 0), a_play("b", 100), end=BEGIN + timedelta(seconds=900))
    tracks = library(a_track("a", bpm=120.0), a_track("b", bpm=140.0))

    # I expect (120 * 100 + 140 * 300) / 400
    assert sets.metrics(session, tracks).average_bpm == 135.0
    assert sets.metrics(session, tracks).bpm_range == "120-140"


def test_the_tempo_that_the_dj_has_typed_wins_and_the_set_speaks_where_the_library_is_silent():
    plays = (a_play("a", 0, bpm=99.0), a_play("b", 10, bpm=99.0), a_play("x", 20, bpm=99.0))
    found = sets.metrics(a_set(*plays), library(a_track("a", bpm=64.0, manual_bpm=128.0), a_track("b", bpm=0.0)))
    assert [row.bpm for row in found.plays] == [128.0, 99.0, 99.0]
    assert sets.metrics(a_set(a_play("a", 0)), library(a_track("a", bpm=128.2))).bpm_range == "128"


def test_keys_come_in_the_order_of_their_first_use_and_by_one_name():
    tracks = library(a_track("a", key="Bbm"), a_track("b", key="A#m"), a_track("c", key="C"), a_track("d", key=""))
    assert sets.metrics(a_set(*(a_play(one, 0) for one in "cabd")), tracks).keys_used == ("C", "Bbm")


def test_streams_are_counted_by_platform_and_what_is_unknown_is_in_no_count():
    # Given
    tracks = library(a_track("f"), a_track("b", path="", uris=("beatport:track:1",)), a_track("u", path=""))
    plays = (
        a_play("f", 0),
        a_play("b", 1),
        a_play("u", 2),
        a_play("x", 3),
        a_play("y", 4, origin="soundcloud"),
        a_play("z", 5, origin="music"),
    )

    # When
    found = sets.metrics(a_set(*plays), tracks)

    # I expect
    assert (found.local, found.streaming, found.beatport, found.soundcloud) == (2, 2, 1, 1)
    assert found.plays[3].platform is None


def test_an_artist_counts_once_however_it_is_spelled():
    plays = [a_play(one, 0, artist=name) for one, name in zip("abcd", ("Röyksopp", "Royksopp", "", "Other"), strict=True)]
    assert sets.metrics(a_set(*plays), {}).unique_artists == 2


# --- together


@pytest.mark.parametrize(
    ("apart", "decks_of", "together"), [(29, (1, 2), True), (30, (1, 2), False), (5, (1, 1), False), (5, (1, None), False)]
)
def test_two_plays_are_simultaneous_on_two_known_decks_within_30_seconds(apart, decks_of, together):
    # Given
    session = a_set(a_play("a", 0, deck=decks_of[0]), a_play("b", apart, deck=decks_of[1]))

    # When
    rows = sets.metrics(session, {}).plays

    # I expect positions, which count from 1, on both sides
    assert [row.simultaneous_with for row in rows] == ([(2,), (1,)] if together else [(), ()])
    assert [row.position for row in rows] == [1, 2]


# --- device and occasion


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("\x08MacBook Pro", "MacBook Pro"),
        ("deviceName\x00DJ's iPad", "DJ's iPad"),
        ("+Device: Booth", "Booth"),
        ("(old) Mac", "(old) Mac"),
        ("", ""),
    ],
)
def test_a_devices_name_loses_what_exports_have_left_before_it(raw, name):
    assert occasions.device_name(raw) == name


@pytest.mark.parametrize(
    ("kind", "name", "option"),
    [("MacBookPro18,3", "", "MacBook"), ("1", "DJ's iPad", "iPad"), ("iPhone", "Mac", "iPhone"), ("4", "BOOTH-PC", "")],
)
def test_the_device_type_is_one_of_three_or_unknown(kind, name, option):
    assert occasions.device_type(kind, name) == option


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({}, EventType.DJ_SESSION),
        ({"name": "Closing at the club"}, EventType.LIVE_EVENT),
        ({"name": "Podcast #12"}, EventType.RECORDING),
        ({"name": "practice, new controller"}, EventType.PRACTICE),
        ({"device_type": "iPhone"}, EventType.PRACTICE),
        ({"minutes": 19.0}, EventType.PRACTICE),
        ({"plays": 3}, EventType.PRACTICE),
        ({"minutes": 200.0}, EventType.LIVE_EVENT),
        ({"name": "Club", "minutes": 5.0}, EventType.LIVE_EVENT),
        ({"minutes": None}, EventType.DJ_SESSION),
    ],
)
def test_the_kind_of_occasion_is_guessed_by_the_first_rule_that_holds(known, kind):
    assert occasions.event_type(Occasion(**({"minutes": 90.0, "plays": 30} | known))) is kind


# --- origins


def test_a_tracks_key_is_its_best_streams_uri_else_its_id():
    both = a_track("f" * 32, uris=("beatport:track:2", "com.apple.iTunes:3", "soundcloud:tracks:1"))
    assert origins.key_of(both) == "soundcloud:tracks:1"
    assert origins.key_of(a_track("f" * 32, uris=("com.apple.iTunes:3",))) == f"djay:{'f' * 32}"
    assert origins.platform_of(both) is Platform.LOCAL
    assert origins.platform_of(a_track("f", path="", uris=("apple-music:library:track:i.X",))) is Platform.APPLE_MUSIC
    assert origins.platform_of(a_track("f", path="")) is None


def test_a_streams_page_follows_from_its_uri():
    assert origins.url_of("beatport:track:8411962") == "https://www.beatport.com/track/-/8411962"
    assert origins.url_of("soundcloud:tracks:5") == "https://api.soundcloud.com/tracks/5"
    assert origins.url_of("file:///a.mp3") == origins.url_of("odd:thing") == ""


def test_only_32_hexadecimal_digits_are_an_id_of_djays():
    assert origins.is_title_id("0123456789abcdef" * 2)
    assert not any(map(origins.is_title_id, ("", "row:0123456789abcdef01234567", "0" * 31, "g" * 32, "0" * 32 + "\n")))
