"""The register: enqueuing again changes nothing, sharing a track shares its stations, and every row ends."""

import pytest

from crateline.domain.track import Availability
from crateline.durable import keyspace
from crateline.durable.ledger import Ledger, as_fields
from crateline.durable.register import GONE, Register
from crateline.messages import LINE, Hint, Station

pytestmark = pytest.mark.real("redis")
WRITES = (Station.PAGE, Station.FINALISE)


@pytest.fixture
def register(client):
    return Register(client)


@pytest.fixture
def ledger(client):
    return Ledger(client)


@pytest.fixture
def due(client):
    return lambda: dict(client.zrange(keyspace.DUE, 0, -1, withscores=True))


def work(ledger: Ledger, key: str, *stations: Station):
    for station in stations:
        hint = Hint(station=station, key=key)
        opening = ledger.open(hint)
        fields = as_fields(Station.PAGE if station in WRITES else station, {"page_id": "p1"})
        written = opening.item.version if station in WRITES else None
        item = ledger.seal(opening.claim, fields=fields, bump=station not in WRITES, written=written)
        ledger.hand_on(item, hint, [], grace_s=15)


def finish(ledger: Ledger, key: str):
    work(ledger, key, Station.PAGE, Station.DOWNLOAD, Station.ANALYZE, Station.EAGLE, Station.FINALISE)


def test_enrolling_counts_and_keeps_the_order_of_the_rows(register, make_track, make_playlist):
    # When
    enrolment = register.enrol(make_playlist(make_track(3), make_track(1), make_track(2), make_track(1)))

    # I expect a repeated row to count once, where it stood first
    assert (enrolment.total, enrolment.new, enrolment.known, enrolment.refused) == (3, 3, 0, 0)
    assert register.members(enrolment.key) == [f"soundcloud:tracks:{n}" for n in (3, 1, 2)]
    assert register.census(enrolment.key) == {"total": 3, "open": 3, "waiting": 3}


def test_enrolling_twice_changes_nothing(register, client, make_track, make_playlist):
    # Given
    playlist = make_playlist(*map(make_track, range(5)))
    register.enrol(playlist)
    before = {name: client.dump(name) for name in client.scan_iter("crateline:*") if "playlist" not in name}

    # When
    enrolment = register.enrol(playlist)

    # I expect only the playlist's own page to be written again
    assert (enrolment.total, enrolment.new, enrolment.known) == (5, 0, 5)
    after = {name: client.dump(name) for name in client.scan_iter("crateline:*") if "playlist" not in name}
    assert {name for name in after if after[name] != before.get(name)} <= {keyspace.DUE}


def test_enrolling_a_finished_playlist_again_opens_nothing(register, ledger, due, make_track, make_playlist):
    # Given
    playlist = make_playlist(make_track(1))
    register.enrol(playlist)
    finish(ledger, "soundcloud:tracks:1")

    # When
    register.enrol(playlist)

    # I expect
    assert register.finished(playlist.key)
    assert set(due()) == {f"playlist|{playlist.key}"}


def test_new_rows_at_the_top_move_the_others_down(register, make_track, make_playlist):
    # Given
    register.enrol(make_playlist(make_track(1), make_track(2)))

    # When
    playlist = make_playlist(make_track(9), make_track(2), make_track(1))
    register.enrol(playlist)

    # I expect
    assert register.members(playlist.key) == [f"soundcloud:tracks:{n}" for n in (9, 2, 1)]


def test_downloads_are_due_at_once_and_early_pages_one_by_one(register, ledger, due, make_track, make_playlist):
    # When
    now = ledger.now_ms()
    register.enrol(make_playlist(make_track(1), make_track(2)), page_every_s=2)
    register.enrol(make_playlist(make_track(3), name="Late"), page_every_s=2)

    # I expect the pages of the second playlist to stand in line behind those of the first
    assert [due()[f"download|soundcloud:tracks:{n}"] - now for n in (1, 2, 3)] == pytest.approx([0, 0, 0], abs=500)
    assert [due()[f"page|soundcloud:tracks:{n}"] - now for n in (1, 2, 3)] == pytest.approx([2000, 4000, 6000], abs=500)


def test_tracks_that_need_no_early_page_take_no_place_in_its_line(register, ledger, due, make_track, make_playlist):
    # Given a long playlist that is done
    long = make_playlist(*map(make_track, range(2, 8)))
    register.enrol(long, page_every_s=0)
    for number in range(2, 8):
        finish(ledger, f"soundcloud:tracks:{number}")

    # When
    now = ledger.now_ms()
    register.enrol(long, page_every_s=100)
    register.enrol(make_playlist(make_track(1), name="Late"), audio=False, page_every_s=2)

    # I expect
    assert due()["page|soundcloud:tracks:1"] - now == pytest.approx(2000, abs=500)


def test_two_playlists_that_share_a_track_share_its_stations(register, ledger, due, make_track, make_playlist):
    # Given
    early, late = make_playlist(make_track(1), make_track(2)), make_playlist(make_track(2), make_track(3), name="Late")
    register.enrol(early)
    finish(ledger, "soundcloud:tracks:1")

    # When
    enrolment = register.enrol(late)

    # I expect one download for the shared track, which is in both
    assert (enrolment.new, enrolment.known) == (1, 1)
    assert ledger.track("soundcloud:tracks:2").playlists == (early.key, late.key)
    assert [member for member in due() if member.startswith("download|")].count("download|soundcloud:tracks:2") == 1
    finish(ledger, "soundcloud:tracks:2")
    assert register.finished(early.key)
    assert register.unfinished(late.key) == {"soundcloud:tracks:3"}


def test_a_finished_track_in_a_new_playlist_is_filed_and_written_again_and_not_fetched(
    register, ledger, due, make_track, make_playlist
):
    # Given
    early = make_playlist(make_track(1))
    register.enrol(early)
    finish(ledger, "soundcloud:tracks:1")

    # When
    late = make_playlist(make_track(1), name="Late")
    register.enrol(late)

    # I expect
    item = ledger.track("soundcloud:tracks:1")
    sealed = {station: item.sealed(station) for station in LINE}
    assert sealed == {"page": True, "download": True, "analyze": False, "eagle": False, "finalise": False}
    assert register.unfinished(early.key) == register.unfinished(late.key) == {item.key}
    assert {"download|soundcloud:tracks:1", "finalise|soundcloud:tracks:1"} <= set(due())
    work(ledger, item.key, Station.ANALYZE, Station.EAGLE, Station.FINALISE)
    assert register.finished(early.key)
    assert register.finished(late.key)


def test_a_row_of_which_nothing_is_known_is_refused_and_needs_no_page(register, due, ledger, make_track, make_playlist):
    # Given
    lost = make_track(1, title="", availability=Availability.GONE)

    # When
    enrolment = register.enrol(make_playlist(lost))
    again = register.enrol(make_playlist(lost, name="Late"))

    # I expect it to count as settled
    assert (enrolment.refused, again.refused) == (1, 1)
    assert register.finished(enrolment.key)
    assert register.finished(again.key)
    assert register.census(enrolment.key) == {"total": 1, "refused": 1, "station:finalise": 1}
    assert ledger.track(lost.key).reason == GONE
    assert not [member for member in due() if lost.key in member]


def test_a_row_that_is_public_again_goes_on_the_line(register, ledger, due, make_track, make_playlist):
    # Given a row that was refused because its source did not show it
    register.enrol(make_playlist(make_track(1, title="", artist="", availability=Availability.GONE)))

    # When the playlist is enqueued again, and the track is there
    enrolment = register.enrol(make_playlist(make_track(1)))

    # I expect it to have its title, no verdict, and work due
    item = ledger.track("soundcloud:tracks:1")
    assert (item.verdict, item.title != item.key) == ("", True)
    assert not register.finished(enrolment.key)
    assert "download|soundcloud:tracks:1" in due()


def test_what_a_source_says_now_is_what_a_retry_goes_by(register, ledger, make_track, make_playlist):
    # Given a preview that was refused
    register.enrol(make_playlist(make_track(1, availability=Availability.PREVIEW)))
    opening = ledger.open(Hint(station=Station.DOWNLOAD, key="soundcloud:tracks:1"))
    ledger.close(opening.claim, "refused", "only a preview is offered")

    # When it is enqueued again after the source offers all of it
    register.enrol(make_playlist(make_track(1)))

    # I expect the verdict to stand until somebody retries, and the retry to know better
    item = ledger.track("soundcloud:tracks:1")
    assert (item.verdict, item.track.availability) == ("refused", Availability.PLAYABLE)


def test_a_deleted_row_with_a_title_is_looked_for_elsewhere(register, due, make_track, make_playlist):
    # When
    enrolment = register.enrol(make_playlist(make_track(1, availability=Availability.GONE)))

    # I expect
    assert enrolment.refused == 0
    assert "download|soundcloud:tracks:1" in due()


def test_without_download_a_track_settles_with_its_page(register, ledger, due, make_track, make_playlist):
    # When
    playlist = make_playlist(make_track(1))
    register.enrol(playlist, audio=False)

    # I expect
    assert "download|soundcloud:tracks:1" not in due()
    work(ledger, "soundcloud:tracks:1", Station.PAGE)
    assert register.finished(playlist.key)
    assert register.census(playlist.key) == {"total": 1, "done": 1, "station:page": 1, "station:finalise": 1}


def test_a_track_without_audio_gets_it_once_it_is_asked_for(register, ledger, due, make_track, make_playlist):
    # Given
    playlist = make_playlist(make_track(1))
    register.enrol(playlist, audio=False)
    work(ledger, "soundcloud:tracks:1", Station.PAGE)

    # When
    register.enrol(playlist)
    register.enrol(playlist, audio=False)

    # I expect asking for less afterwards to change nothing
    assert ledger.track("soundcloud:tracks:1").want_audio
    assert register.unfinished(playlist.key) == {"soundcloud:tracks:1"}
    assert {"download|soundcloud:tracks:1", "finalise|soundcloud:tracks:1"} <= set(due())


def test_a_refused_track_in_a_new_playlist_is_only_written_again(register, ledger, due, make_track, make_playlist):
    # Given
    register.enrol(make_playlist(make_track(1)))
    claim = ledger.open(Hint(station=Station.DOWNLOAD, key="soundcloud:tracks:1")).claim
    ledger.hand_on(ledger.close(claim, "refused", "geo"), claim.hint, [], grace_s=15)
    work(ledger, "soundcloud:tracks:1", Station.FINALISE)

    # When
    late = make_playlist(make_track(1), name="Late")
    register.enrol(late)

    # I expect
    assert "finalise|soundcloud:tracks:1" in due()
    assert "download|soundcloud:tracks:1" not in due()
    work(ledger, "soundcloud:tracks:1", Station.FINALISE)
    assert register.finished(late.key)


def test_another_upload_in_a_new_playlist_leads_to_the_first(register, ledger, make_track, make_playlist):
    # Given
    register.enrol(make_playlist(make_track(1), make_track(2)))
    claim = ledger.open(Hint(station=Station.ANALYZE, key="soundcloud:tracks:2")).claim
    ledger.seal(claim, fields={"alias": "soundcloud:tracks:1"}, bump=True)

    # When
    enrolment = register.enrol(make_playlist(make_track(2), name="Late"))

    # I expect
    assert enrolment.aliases == (("soundcloud:tracks:2", "soundcloud:tracks:1"),)


def test_an_empty_playlist_is_finished(register, make_playlist):
    # When
    enrolment = register.enrol(make_playlist())

    # I expect
    assert (enrolment.total, register.census(enrolment.key), register.finished(enrolment.key)) == (0, {}, True)


def test_many_rows_are_enrolled_in_portions(register, make_track, make_playlist):
    # When
    enrolment = register.enrol(make_playlist(*map(make_track, range(1201))))

    # I expect
    assert (enrolment.new, register.census(enrolment.key)["waiting"]) == (1201, 1201)


def test_a_playlist_is_found_by_key_url_or_name(register, make_track, make_playlist):
    # Given
    playlist = make_playlist(make_track(1), name="Wärm-Up")
    register.enrol(playlist)

    # I expect
    for words in (playlist.key, playlist.url, "Wärm-Up", "wärm-up"):
        assert register.find(words) == playlist.key
    assert register.find("cool-down") is None


def test_playlists_are_listed_oldest_first_with_what_they_are(register, client, make_track, make_playlist):
    # Given
    first, second = make_playlist(make_track(1)), make_playlist(name="Late")
    register.enrol(first)
    register.enrol(second)
    client.zadd(keyspace.PLAYLISTS, {first.key: 1})

    # I expect
    assert register.keys() == [first.key, second.key]
    assert [item.title for item in register.items([*register.keys(), "unknown"])] == ["Warm-up", "Late"]
    assert register.item(first.key).card == {
        "name": "Warm-up",
        "url": first.url,
        "platform": "SoundCloud",
        "source_id": first.source_id,
        "rows": 1,
    }


def test_a_playlists_page_is_written_at_each_enrolment_and_made_again_when_it_is_gone(register, ledger, due, make_playlist):
    # Given
    playlist = make_playlist()
    hint = Hint(station=Station.PLAYLIST, key=playlist.key)
    for _ in range(2):
        register.enrol(playlist)
        claim = ledger.open(hint).claim
        item = ledger.seal(claim, fields=as_fields(Station.PAGE, {"page_id": "p1"}), written=register.item(playlist.key).version)
        ledger.hand_on(item, hint, [], grace_s=15)
    assert hint.member not in due()

    # When
    register.forget_page(playlist.key)

    # I expect
    assert hint.member in due()
    assert ledger.open(hint).item.page_id == ""
