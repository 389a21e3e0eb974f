"""Claims: one worker at a time, a lease that lapses, and a result that is refused once another has taken over."""

import threading

import pytest

from crateline.durable import keyspace
from crateline.durable.claims import Claim, Heartbeat
from crateline.durable.ledger import Ledger, as_fields
from crateline.durable.pauses import Pauses
from crateline.durable.register import Register
from crateline.durable.rescue import DueSet
from crateline.errors import StaleClaim
from crateline.messages import Hint, Station

pytestmark = pytest.mark.real("redis")
KEY = "soundcloud:tracks:1"
LEASE_S = 0.3


def hint(station: Station, key: str = KEY) -> Hint:
    return Hint(station=station, key=key)


DOWNLOAD = hint(Station.DOWNLOAD)


@pytest.fixture
def ledger(client, make_track, make_playlist):
    Register(client).enrol(make_playlist(make_track(1), make_track(2)))
    return Ledger(client, lease_s=12)


@pytest.fixture
def hurried(client, ledger):
    """A ledger whose leases lapse quickly."""
    return Ledger(client, lease_s=LEASE_S)


def lapse(client, claim: Claim) -> None:
    """Let time pass over a claim."""
    client.hset(keyspace.track(claim.hint.key), f"c:{claim.lane}", f"{claim.token} 1 host:1")


def test_only_one_of_many_gets_a_station(ledger):
    # When
    openings, start = [], threading.Barrier(12)

    def try_it():
        start.wait()
        openings.append(ledger.open(DOWNLOAD))

    threads = [threading.Thread(target=try_it) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # I expect
    assert sorted(one.status for one in openings) == ["claimed"] + ["held"] * 11


@pytest.mark.parametrize(("one", "other"), [(Station.PAGE, Station.FINALISE), (Station.FINALISE, Station.PAGE)])
def test_page_and_finalise_exclude_each_other(ledger, client, one, other):
    # Given
    first = ledger.open(hint(one))

    # When
    second = ledger.open(hint(other))

    # I expect the second to be looked at again when the first must have ended
    assert (first.status, second.status) == ("claimed", "held")
    assert client.zscore(keyspace.DUE, hint(other).member) == float(second.detail) + 1


def test_page_and_download_start_together(ledger):
    assert ledger.open(hint(Station.PAGE)).status == "claimed"
    assert ledger.open(DOWNLOAD).status == "claimed"


def test_other_tracks_are_not_in_the_way(ledger):
    assert ledger.open(DOWNLOAD).status == "claimed"
    assert ledger.open(hint(Station.DOWNLOAD, "soundcloud:tracks:2")).status == "claimed"


def test_a_lapsed_lease_can_be_taken_over(ledger, client):
    # Given
    first = ledger.open(DOWNLOAD).claim
    lapse(client, first)

    # When
    second = ledger.open(DOWNLOAD)

    # I expect
    assert second.status == "claimed"
    assert second.claim.token != first.token


LATE = [
    lambda ledger, claim: ledger.seal(claim, fields=as_fields(Station.DOWNLOAD, {"file": "late"})),
    lambda ledger, claim: ledger.later(claim, 60, "late"),
    lambda ledger, claim: ledger.retry(claim, 60, "late", 5),
    lambda ledger, claim: ledger.park(claim, "disk"),
    lambda ledger, claim: ledger.close(claim, "failed", "late"),
    lambda ledger, claim: ledger.note(claim, {"intent": "late"}),
]


@pytest.mark.parametrize("late", LATE)
def test_whatever_comes_under_a_lapsed_lease_that_another_took_is_refused(ledger, client, late):
    # Given
    first = ledger.open(DOWNLOAD).claim
    lapse(client, first)
    second = ledger.open(DOWNLOAD).claim
    before = client.hgetall(keyspace.track(KEY)), client.zscore(keyspace.DUE, DOWNLOAD.member)

    # When
    with pytest.raises(StaleClaim):
        late(ledger, first)

    # I expect nothing to have changed, and the second to be able to seal
    assert (client.hgetall(keyspace.track(KEY)), client.zscore(keyspace.DUE, DOWNLOAD.member)) == before
    assert ledger.seal(second, fields=as_fields(Station.DOWNLOAD, {"file": "ok"})).result(Station.DOWNLOAD) == {"file": "ok"}


@pytest.mark.parametrize("late", LATE)
def test_a_result_that_is_late_after_another_has_sealed_is_refused(ledger, client, late):
    # Given
    first = ledger.open(DOWNLOAD).claim
    lapse(client, first)
    ledger.seal(ledger.open(DOWNLOAD).claim, fields=as_fields(Station.DOWNLOAD, {"file": "ok"}))

    # I expect
    with pytest.raises(StaleClaim):
        late(ledger, first)
    assert ledger.track(KEY).result(Station.DOWNLOAD) == {"file": "ok"}


def test_a_late_result_that_nobody_contests_is_not_thrown_away(ledger, client):
    """Redis may have been away for longer than a lease; the work that was done meanwhile still counts."""
    # Given
    claim = ledger.open(DOWNLOAD).claim
    lapse(client, claim)

    # I expect
    assert ledger.seal(claim, fields=as_fields(Station.DOWNLOAD, {})).sealed(Station.DOWNLOAD)


def test_taking_back_a_note_under_a_lost_claim_changes_nothing(ledger, client):
    # Given
    first = ledger.open(hint(Station.PAGE)).claim
    lapse(client, first)
    second = ledger.open(hint(Station.PAGE)).claim
    ledger.note(second, {"intent": "mine"})

    # When
    ledger.forget(first, ("intent",))

    # I expect
    assert ledger.track(KEY).fields["intent"] == "mine"
    ledger.forget(second, ("intent",))
    assert "intent" not in ledger.track(KEY).fields


def test_settling_twice_with_the_same_token_changes_nothing(ledger, client):
    """The connection repeats a command whose answer was lost."""
    # Given
    claim = ledger.open(DOWNLOAD).claim
    first = ledger.close(claim, "refused", "gone")
    before = client.hgetall(keyspace.track(KEY))

    # When
    second = ledger.close(claim, "refused", "gone")

    # I expect
    assert second == first
    assert client.hgetall(keyspace.track(KEY)) == before
    assert second.version == 2


def test_the_heartbeat_keeps_a_claim_alive_beyond_its_lease(hurried, client, eventually):
    # Given
    heartbeat = Heartbeat(hurried.scripts, LEASE_S)
    claim = hurried.open(DOWNLOAD).claim
    began = hurried.now_ms()

    # When
    with heartbeat.keep(claim):
        eventually(lambda: hurried.now_ms() > began + 2.5 * LEASE_S * 1000)
        held = hurried.open(DOWNLOAD).status

    # I expect
    assert held == "held"
    assert not claim.lost.is_set()
    assert client.zscore(keyspace.DUE, DOWNLOAD.member) > began + 2.5 * LEASE_S * 1000


def test_a_claim_that_is_not_kept_lapses(hurried, eventually):
    # Given
    heartbeat = Heartbeat(hurried.scripts, LEASE_S)
    with heartbeat.keep(hurried.open(DOWNLOAD).claim):
        pass

    # I expect
    assert eventually(lambda: hurried.open(DOWNLOAD).status == "claimed", LEASE_S * 3)


def test_the_heartbeat_tells_when_a_claim_was_taken_over(hurried, client, eventually):
    # Given
    heartbeat = Heartbeat(hurried.scripts, LEASE_S)
    claim = hurried.open(DOWNLOAD).claim

    # When
    with heartbeat.keep(claim):
        lapse(client, claim)
        taken = hurried.open(DOWNLOAD)

        # I expect
        assert taken.status == "claimed"
        assert eventually(claim.lost.is_set, LEASE_S * 2)


def test_a_killed_workers_track_is_due_again_within_its_lease_and_a_second(hurried, client, eventually):
    # Given a claim whose worker is never heard of again
    due = DueSet(client)
    began = hurried.now_ms()
    hurried.open(DOWNLOAD)
    assert DOWNLOAD not in [one.hint for one in due.sweep()]

    # When
    rescued = eventually(lambda: [one for one in due.sweep() if one.hint.member == DOWNLOAD.member], LEASE_S + 1)

    # I expect
    assert rescued[0].lapsed
    assert LEASE_S * 1000 <= hurried.now_ms() - began <= (LEASE_S + 1) * 1000
    assert hurried.open(DOWNLOAD).status == "claimed"


def test_a_sealed_station_is_not_claimed_again(ledger):
    # Given
    ledger.seal(ledger.open(DOWNLOAD).claim, fields=as_fields(Station.DOWNLOAD, {"file": "a"}))

    # When
    opening = ledger.open(DOWNLOAD)

    # I expect
    assert (opening.status, opening.claim) == ("sealed", None)
    assert opening.item.result(Station.DOWNLOAD) == {"file": "a"}


def test_a_closed_track_is_worked_on_by_nobody_but_the_writer(ledger):
    # Given
    ledger.close(ledger.open(DOWNLOAD).claim, "refused", "gone")

    # I expect
    assert ledger.open(DOWNLOAD).status == "closed"
    assert ledger.open(hint(Station.FINALISE)).status == "claimed"


def test_a_track_that_nobody_knows_is_missing_and_not_asked_for_again(ledger, client):
    # Given
    stranger = hint(Station.DOWNLOAD, "soundcloud:tracks:404")
    client.zadd(keyspace.DUE, {stranger.member: 1})

    # I expect
    assert ledger.open(stranger).status == "missing"
    assert client.zscore(keyspace.DUE, stranger.member) is None


def test_the_wait_after_an_error_is_not_shortened_by_a_second_message(ledger, client):
    # Given
    ledger.retry(ledger.open(DOWNLOAD).claim, 30, "the file was damaged", 1)
    rests_until = client.zscore(keyspace.DUE, DOWNLOAD.member)

    # When
    early = ledger.open(DOWNLOAD)

    # I expect
    assert early.status == "early"
    assert client.zscore(keyspace.DUE, DOWNLOAD.member) == rests_until
    assert ledger.track(KEY).attempts(Station.DOWNLOAD) == 1


def test_after_the_wait_the_station_is_claimed_as_ever(ledger, eventually):
    # Given
    ledger.retry(ledger.open(DOWNLOAD).claim, 0.05, "the file was damaged", 1)

    # I expect
    assert eventually(lambda: ledger.open(DOWNLOAD).status == "claimed", 1)


def test_a_paused_service_parks_the_hint(ledger, client):
    # Given
    Pauses(client).begin("disk", reason="full", remedy="free some space")

    # When
    opening = ledger.open(DOWNLOAD, services=("disk", "settings"))

    # I expect
    assert (opening.status, opening.detail) == ("paused", "disk")
    assert client.zscore(keyspace.DUE, DOWNLOAD.member) is None
    assert ledger.open(DOWNLOAD, services=("settings",)).status == "claimed"
    assert "p:download" not in ledger.track(KEY).fields
