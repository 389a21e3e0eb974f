"""Streams that were played and that nobody knows: they go on the line a few at a time, and back to their sets."""

import json

import pytest

from crateline.domain.track import Availability, Platform
from crateline.durable.ledger import as_fields
from crateline.durable.streams import Streams
from crateline.messages import Hint, Station
from producers import unmatched
from tasks import arrivals, outcomes, sessions, station


@pytest.fixture
def streamed(booth):
    """A set of a known file, and of five streams without a page."""
    booth.track(1)
    booth.page(1)
    booth.track(2, uris=("beatport:track:22",), isrc="DEAR41602033")
    booth.track(3, uris=("soundcloud:tracks:33",))
    booth.track(4, uris=("spotify:track:4uLU6hMCjMI75M1A2tKUQC",))
    booth.track(5, uris=("apple-music:library:track:i.abc",))
    booth.track(6, uris=("soundcloud:tracks:66",))
    booth.plays(1, 2, 3, 4, 5, 6, name="first", every=60)
    booth.plays(3, name="second", at=booth.sessions[0].end)
    booth.settings(playlists_db_id="")
    return booth


def lined(booth):
    return [item.key for item in booth.wiring.ledger.tracks(booth.wiring.register.members(unmatched.PLAYLIST))]


def arrive(booth, key):
    """Let a track of the line have its page."""
    page = booth.person_makes("tracks", Name=booth.wiring.ledger.track(key).track.title, Source_ID=key)
    hint = Hint(station=Station.PAGE, key=key)
    sealed = outcomes.Sealed(fields=as_fields(Station.PAGE, {"page_id": page}))
    assert station.run(hint, lambda _: sealed, services=()) == "sealed"
    return page


def test_a_few_go_on_the_line_at_a_time_and_the_next_ones_when_they_are_done(streamed):
    # Given
    streamed.settings(djay_process_queue_size=2)

    # When
    done = streamed.sync("unmatched")

    # I expect
    assert done["unmatched"] == {"found": 5, "on_the_line": 0, "enqueued": 2, "waiting": 3}
    assert lined(streamed) == ["beatport:track:22", "soundcloud:tracks:33"]

    # When nothing has come off the line
    assert unmatched.next_batch(streamed.wiring) == []

    # When they are settled
    streamed.wiring.redis.delete(f"crateline:open:{unmatched.PLAYLIST}")
    batch = unmatched.next_batch(streamed.wiring)

    # I expect
    assert [track.key for track in batch] == ["spotify:track:4uLU6hMCjMI75M1A2tKUQC", "apple-music:library:track:i.abc"]
    assert len(lined(streamed)) == 4


def test_audio_is_never_fetched_from_beatport_apple_or_spotify(streamed):
    # When
    found = {one.track.key: one.track for one in unmatched.unknown(streamed.library, {}, ())}

    # I expect
    assert found["soundcloud:tracks:33"].availability is Availability.PLAYABLE
    assert found["soundcloud:tracks:33"].url == "https://api.soundcloud.com/tracks/33"
    for key, platform in (("beatport:track:22", Platform.BEATPORT), ("apple-music:library:track:i.abc", Platform.APPLE_MUSIC)):
        assert (found[key].availability, found[key].platform) == (Availability.ELSEWHERE, platform)
    assert found["beatport:track:22"].isrc == "DEAR41602033"
    assert "djay:" not in "".join(found), "a file is no stream"


def test_a_page_that_eagle_has_no_item_for_goes_on_the_line_too(streamed):
    assert unmatched.unknown(streamed.library, {"3".zfill(32): "page"}, ())[1].track.key != "soundcloud:tracks:33"
    found = unmatched.unknown(streamed.library, {"3".zfill(32): "page"}, {"page"})
    assert "soundcloud:tracks:33" in {one.track.key for one in found}


def test_a_limit_counts_whatever_is_on_its_way_already(streamed):
    # Given
    streamed.settings(djay_process_queue_size=1)
    streamed.sync("unmatched")

    # When
    batch = unmatched.next_batch(streamed.wiring, 3)

    # I expect
    assert len(batch) == 3
    assert len(lined(streamed)) == 4


def test_a_second_look_puts_nothing_on_the_line_twice(streamed):
    # Given
    streamed.sync("unmatched")

    # When
    done = streamed.sync("unmatched")

    # I expect
    assert (done["unmatched"]["enqueued"], done["unmatched"]["on_the_line"]) == (0, 5)
    assert len(lined(streamed)) == 5


def test_a_track_that_has_come_off_the_line_is_related_to_its_sets_by_itself(streamed):
    # Given
    streamed.sync()
    streamed.sync("unmatched")
    before = len(streamed.set_page("first")["Tracks Played"])
    page = arrive(streamed, "soundcloud:tracks:33")

    # When
    assert arrivals.link(streamed.wiring) == 1
    for name in ("first", "second"):
        assert sessions.session(key=f"session:SESSION-{name}") == "sealed"

    # I expect
    assert page in streamed.set_page("first")["Tracks Played"]
    assert streamed.set_page("second")["Tracks Played"] == [page]
    assert len(streamed.set_page("first")["Tracks Played"]) == before + 1
    assert [one.track.key for one in Streams(streamed.wiring.redis).all() if one.track.key == "soundcloud:tracks:33"] == []
    assert arrivals.link(streamed.wiring) == 0

    # When everything is worked out anew
    streamed.sync()
    streamed.fresh()
    streamed.sync()

    # I expect
    assert page in streamed.set_page("first")["Tracks Played"]
    assert streamed.writes == []


def test_another_upload_of_a_recording_is_related_through_the_track_that_stands_for_it(streamed):
    # Given
    streamed.sync()
    streamed.sync("unmatched")
    page = arrive(streamed, "beatport:track:22")
    streamed.wiring.redis.hset("crateline:track:soundcloud:tracks:66", "alias", "beatport:track:22")

    # When
    arrivals.link(streamed.wiring)

    # I expect
    want = json.loads(streamed.item("session:SESSION-first").fields["want"])
    assert want["tracks"].count(page) == 1


def test_the_setting_does_it_after_every_sync_of_sets(streamed):
    assert streamed.sync("sessions")["unmatched"] is None
    streamed.settings(djay_auto_process_streaming=True)
    assert streamed.sync("sessions")["unmatched"]["enqueued"] == 5


def test_a_dry_run_puts_nothing_on_the_line(streamed):
    done = streamed.sync("unmatched", dry_run=True)
    assert done["unmatched"]["found"] == 5
    assert lined(streamed) == []
