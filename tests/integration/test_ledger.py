"""The ledger: truth first, then the next hint; whatever lies between them, the track goes on."""

import json
from threading import Barrier, Thread

import pytest

from crateline.durable import keyspace
from crateline.durable.ledger import Ledger, as_fields
from crateline.durable.register import Register
from crateline.durable.rescue import DueSet
from crateline.durable.rework import Rework
from crateline.errors import StaleClaim
from crateline.messages import Hint, Station

pytestmark = pytest.mark.real("redis")
KEY = "soundcloud:tracks:1"
GRACE_S = 15.0


def hint(station: Station) -> Hint:
    return Hint(station=station, key=KEY)


@pytest.fixture
def register(client):
    return Register(client)


@pytest.fixture
def ledger(client):
    return Ledger(client)


@pytest.fixture
def playlist(register, make_track, make_playlist):
    known = make_playlist(make_track(1))
    register.enrol(known)
    return known


@pytest.fixture
def another(make_track, make_playlist):
    """A second playlist with the same track."""
    return make_playlist(make_track(1), name="Late")


def seal(ledger: Ledger, station: Station, *, hand_on: tuple[Station, ...] = (), **result):
    """Take a station through its work, and hand on if told to."""
    claim = ledger.open(hint(station)).claim
    writes = station in (Station.PAGE, Station.FINALISE)
    fields = as_fields(Station.PAGE, {"page_id": "p1"}) if writes else as_fields(station, result)
    version = ledger.track(KEY).version
    item = ledger.seal(claim, fields=fields, bump=not writes, written=version if writes else None)
    ledger.hand_on(item, hint(station), [hint(s) for s in hand_on], grace_s=GRACE_S)
    return item


def finish(ledger: Ledger):
    for station in (Station.PAGE, Station.DOWNLOAD, Station.ANALYZE, Station.EAGLE, Station.FINALISE):
        item = seal(ledger, station)
    return item


def due(client) -> dict[str, float]:
    return dict(client.zrange(keyspace.DUE, 0, -1, withscores=True))


def swept(client) -> set[str]:
    for member in due(client):
        client.zadd(keyspace.DUE, {member: 1})
    client.delete(keyspace.lock("sweep"))
    return {one.hint.member for one in DueSet(client).sweep()}


def test_a_seal_stores_the_result_and_clears_the_way(ledger, playlist):
    # Given
    ledger.retry(ledger.open(hint(Station.DOWNLOAD)).claim, 0, "damaged", 1)
    claim = ledger.open(hint(Station.DOWNLOAD)).claim
    ledger.note(claim, {"intent": "x"})

    # When
    item = ledger.seal(claim, fields=as_fields(Station.DOWNLOAD, {"file": "ä.mp3"}), drop=("intent",))

    # I expect
    assert item.result(Station.DOWNLOAD) == {"file": "ä.mp3"}
    assert not {"note:download", "tries:download", "intent", "c:download"} & set(item.fields)
    assert item.fields == ledger.track(KEY).fields


def test_no_hint_is_lost_if_the_worker_dies_between_seal_and_hand_on(ledger, client, playlist):
    # Given
    claim = ledger.open(hint(Station.DOWNLOAD)).claim
    began = ledger.now_ms()
    ledger.seal(claim, fields=as_fields(Station.DOWNLOAD, {}))

    # I expect the sealed hint to be due in five seconds, and the sweep to find it
    assert due(client)[hint(Station.DOWNLOAD).member] == pytest.approx(began + 5000, abs=500)
    assert hint(Station.DOWNLOAD).member in swept(client)
    assert ledger.open(hint(Station.DOWNLOAD)).status == "sealed"


def test_a_hand_over_replaces_one_hint_by_the_next(ledger, client, playlist):
    # When
    seal(ledger, Station.DOWNLOAD, hand_on=(Station.ANALYZE,))

    # I expect
    assert hint(Station.DOWNLOAD).member not in due(client)
    assert due(client)[hint(Station.ANALYZE).member] == pytest.approx(ledger.now_ms() + GRACE_S * 1000, abs=500)


def test_a_hand_over_never_puts_off_what_is_due_earlier(ledger, client, playlist):
    # Given
    client.zadd(keyspace.DUE, {hint(Station.ANALYZE).member: 1000})

    # When
    seal(ledger, Station.DOWNLOAD, hand_on=(Station.ANALYZE,))

    # I expect
    assert due(client)[hint(Station.ANALYZE).member] == 1000


def test_a_station_that_follows_itself_stays_due(ledger, client, playlist):
    # Given something that was learnt while the page was being written
    claim = ledger.open(hint(Station.FINALISE)).claim
    seal(ledger, Station.DOWNLOAD)
    item = ledger.seal(claim, written=1)

    # When
    ledger.hand_on(item, hint(Station.FINALISE), [hint(Station.FINALISE)], grace_s=GRACE_S)

    # I expect
    assert not item.sealed(Station.FINALISE)
    assert hint(Station.FINALISE).member in due(client)


def test_no_hint_is_lost_if_the_track_is_enqueued_again_before_the_hand_over(ledger, client, register, make_track, make_playlist):
    # Given a track without audio whose page has just been sealed
    register.enrol(make_playlist(make_track(1)), audio=False)
    seal(ledger, Station.PAGE)
    client.hincrby(keyspace.track(KEY), "v", 1)
    claim = ledger.open(hint(Station.FINALISE)).claim
    item = ledger.seal(claim, written=2)

    # When it joins another playlist before its writer hands on
    register.enrol(make_playlist(make_track(1), name="Late"), audio=False)
    ledger.hand_on(item, hint(Station.FINALISE), [], grace_s=GRACE_S)

    # I expect
    assert hint(Station.FINALISE).member in swept(client)
    assert ledger.open(hint(Station.FINALISE)).status == "claimed"


def test_no_hint_is_lost_if_the_track_is_opened_again_before_the_hand_over(ledger, client, playlist):
    # Given
    closed = ledger.close(ledger.open(hint(Station.DOWNLOAD)).claim, "refused", "gone")

    # When
    Rework(ledger).reopen(closed)
    ledger.hand_on(closed, hint(Station.DOWNLOAD), [hint(Station.FINALISE)], grace_s=GRACE_S)

    # I expect
    assert hint(Station.DOWNLOAD).member in swept(client)
    assert ledger.open(hint(Station.DOWNLOAD)).status == "claimed"


def test_work_for_playlists_that_have_changed_meanwhile_is_done_anew(ledger, client, register, playlist, another):
    # Given an analysis that files the track under one playlist
    seal(ledger, Station.DOWNLOAD)
    opening = ledger.open(hint(Station.ANALYZE))

    # When the track is enqueued in another playlist before it is sealed
    register.enrol(another)
    with pytest.raises(StaleClaim):
        ledger.seal(opening.claim, fields=as_fields(Station.ANALYZE, {"files": ["one"]}), bump=True)

    # I expect it to be due at once, for both playlists
    assert not ledger.track(KEY).sealed(Station.ANALYZE)
    assert due(client)[hint(Station.ANALYZE).member] <= ledger.now_ms()
    assert ledger.open(hint(Station.ANALYZE)).item.playlists == (playlist.key, another.key)


def test_a_download_is_not_done_anew_for_another_playlist(ledger, register, playlist, make_track, make_playlist):
    # Given
    claim = ledger.open(hint(Station.DOWNLOAD)).claim

    # When
    register.enrol(make_playlist(make_track(1), name="Late"))

    # I expect
    assert ledger.seal(claim, fields=as_fields(Station.DOWNLOAD, {})).sealed(Station.DOWNLOAD)


def test_what_is_learnt_raises_the_version_and_a_write_settles_only_the_version_it_wrote(ledger, playlist):
    # Given a page that is being written while the download and the analysis are sealed
    claim = ledger.open(hint(Station.PAGE)).claim
    seal(ledger, Station.DOWNLOAD)
    learnt = seal(ledger, Station.ANALYZE)

    # When
    item = ledger.seal(claim, fields=as_fields(Station.PAGE, {"page_id": "p1"}), written=1)

    # I expect
    assert (learnt.version, item.version, item.written) == (3, 3, 1)
    assert not item.sealed(Station.FINALISE)


def test_a_track_is_settled_when_its_last_word_is_written(ledger, register, playlist):
    # When
    finish(ledger)

    # I expect
    assert register.finished(playlist.key)
    assert ledger.track(KEY).state(ledger.now_ms()) == "done"


def test_a_seal_forgets_the_faults_of_the_services_that_are_well(ledger, client, playlist):
    # Given
    services = ("notion", "eagle", "youtube")
    client.mset({keyspace.faults(service): 3 for service in services})

    # When
    ledger.seal(ledger.open(hint(Station.DOWNLOAD)).claim, mended=("notion", "eagle"))

    # I expect
    assert [client.get(keyspace.faults(service)) for service in services] == [None, None, "3"]


def test_giving_back_costs_no_attempt_and_an_error_does(ledger, client, playlist):
    # When
    later = ledger.later(ledger.open(hint(Station.DOWNLOAD)).claim, 0, "no slot", fields={"seen": "1"})
    retried = ledger.retry(ledger.open(hint(Station.DOWNLOAD)).claim, 30, "damaged", 1)

    # I expect
    assert (later.attempts(Station.DOWNLOAD), later.reason, later.fields["seen"]) == (0, "no slot", "1")
    assert (retried.attempts(Station.DOWNLOAD), retried.reason) == (1, "damaged")
    assert due(client)[hint(Station.DOWNLOAD).member] == pytest.approx(ledger.now_ms() + 30_000, abs=500)


def test_a_verdict_ends_the_track_and_is_written_to_notion(ledger, register, playlist):
    # When
    item = ledger.close(ledger.open(hint(Station.DOWNLOAD)).claim, "refused", "deleted")

    # I expect
    assert (item.verdict, item.reason, item.at, item.version) == ("refused", "deleted", "download", 2)
    assert register.unfinished(playlist.key) == {KEY}
    seal(ledger, Station.FINALISE)
    assert register.finished(playlist.key)


def test_opening_again_forgets_the_verdict_the_attempts_and_the_rest(ledger, client, register, playlist):
    # Given
    ledger.retry(ledger.open(hint(Station.ANALYZE)).claim, 300, "damaged", 4)
    ledger.close(ledger.open(hint(Station.DOWNLOAD)).claim, "failed", "damaged", fields={"rejected": '["v1"]'})
    seal(ledger, Station.FINALISE)

    # When
    Rework(ledger).reopen(ledger.track(KEY))

    # I expect
    item = ledger.track(KEY)
    assert (item.verdict, item.reason, item.attempts(Station.ANALYZE)) == ("", "", 0)
    assert "rejected" not in item.fields
    assert register.unfinished(playlist.key) == {KEY}
    assert {hint(Station.DOWNLOAD).member, hint(Station.PAGE).member} <= swept(client)
    assert ledger.open(hint(Station.ANALYZE)).status == "claimed"


def test_opening_again_a_track_whose_page_was_deleted_makes_a_new_page(ledger, playlist):
    # Given
    seal(ledger, Station.PAGE)
    seal(ledger, Station.ANALYZE)
    ledger.close(ledger.open(hint(Station.FINALISE)).claim, "refused", "page deleted", fields={"page-gone": "1"})

    # When
    Rework(ledger).reopen(ledger.track(KEY))

    # I expect
    assert ledger.track(KEY).page_id == ""
    assert ledger.open(hint(Station.PAGE)).status == "claimed"


def test_a_track_that_joins_a_playlist_is_open_in_all_of_its_playlists(ledger, client, register, playlist):
    # Given
    finish(ledger)

    # When
    ledger.join(KEY, "other")
    ledger.join(KEY, "other")
    ledger.join("soundcloud:tracks:404", "other")

    # I expect
    item = ledger.track(KEY)
    assert item.playlists == (playlist.key, "other")
    assert (item.sealed(Station.DOWNLOAD), item.sealed(Station.ANALYZE), item.sealed(Station.EAGLE)) == (True, False, False)
    assert register.unfinished(playlist.key) == register.unfinished("other") == {KEY}
    assert hint(Station.DOWNLOAD).member in swept(client)
    assert ledger.track("soundcloud:tracks:404") is None


def test_two_that_join_at_once_both_count(ledger, playlist, redis_url):
    # Given
    start = Barrier(8)

    def join(number: int) -> None:
        start.wait()
        ledger.join(KEY, f"list:{number}")

    # When
    threads = [Thread(target=join, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # I expect
    assert set(ledger.track(KEY).playlists) == {playlist.key, *(f"list:{number}" for number in range(8))}


def test_tracks_are_read_in_one_go_and_unknown_ones_left_out(ledger, register, make_track, make_playlist):
    # Given
    register.enrol(make_playlist(make_track(1), make_track(2)))

    # I expect
    assert [item.key for item in ledger.tracks([KEY, "soundcloud:tracks:404", "soundcloud:tracks:2"])] == [
        KEY,
        "soundcloud:tracks:2",
    ]
    assert ledger.tracks([]) == []


def test_results_are_compact_and_readable():
    assert as_fields(Station.DOWNLOAD, {"file": "Ä", "n": 1}) == {"s:download": '{"file":"Ä","n":1}'}
    assert json.loads(as_fields(Station.EAGLE, {})["s:eagle"]) == {}
