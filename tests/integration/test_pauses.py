"""Pauses: a service is stopped, its hints are parked, and every one of them is freed."""

import pytest

from crateline.durable import keyspace
from crateline.durable.ledger import Ledger
from crateline.durable.pauses import Pauses
from crateline.durable.register import Register
from crateline.durable.rescue import DueSet
from crateline.messages import Hint, Station

pytestmark = pytest.mark.real("redis")
TRACKS = 5


@pytest.fixture
def ledger(client, make_track, make_playlist):
    Register(client).enrol(make_playlist(*map(make_track, range(TRACKS))))
    return Ledger(client)


@pytest.fixture
def pauses(client):
    return Pauses(client)


HINTS = [Hint(station=Station.DOWNLOAD, key=f"soundcloud:tracks:{n}") for n in range(TRACKS)]
FULL = {"reason": "less than 2 GiB free", "remedy": "free some space"}


def swept(client) -> set[str]:
    client.delete(keyspace.lock("sweep"))
    return {one.hint.member for one in DueSet(client).sweep()}


def test_a_pause_says_what_why_and_what_to_do(pauses):
    # When
    pauses.begin("disk", **FULL)

    # I expect
    (pause,) = pauses.all()
    assert (pause.service, pause.reason, pause.remedy, pause.by_hand) == ("disk", FULL["reason"], FULL["remedy"], False)
    assert set(pause.public()) == {"service", "reason", "remedy", "since"}


def test_the_first_reason_stays(pauses):
    # When
    pauses.begin("notion", reason="401", remedy="a")
    since = pauses.all()[0].since
    pauses.begin("notion", reason="403", remedy="b")

    # I expect
    assert [(p.reason, p.since) for p in pauses.all()] == [("401", since)]


def test_parked_hints_are_freed_by_unpause(ledger, pauses, client):
    # Given
    pauses.begin("disk", **FULL)
    assert {ledger.open(hint, services=("disk",)).status for hint in HINTS} == {"paused"}
    assert pauses.waiting("disk") == TRACKS
    assert not swept(client) & {hint.member for hint in HINTS}

    # When
    freed = pauses.end("disk")

    # I expect
    assert freed == TRACKS
    assert pauses.all() == ()
    assert {hint.member for hint in HINTS} <= swept(client)
    assert {ledger.open(hint, services=("disk",)).status for hint in HINTS} == {"claimed"}


def test_a_hint_parked_by_its_own_trouble_is_freed_by_unpause(ledger, pauses, client):
    # Given
    claim = ledger.open(HINTS[0]).claim
    pauses.begin("disk", **FULL)
    item = ledger.park(claim, "disk")
    assert item.fields["p:download"] == "disk"

    # When
    pauses.end("disk")

    # I expect
    assert HINTS[0].member in swept(client)


def test_a_hint_is_not_lost_if_the_pause_ended_between_the_claim_and_the_park(ledger, pauses, client):
    # Given
    claim = ledger.open(HINTS[0]).claim
    pauses.begin("disk", **FULL)
    pauses.end("disk")

    # When
    item = ledger.park(claim, "disk")

    # I expect it to be due at once, parked nowhere
    assert HINTS[0].member in swept(client)
    assert pauses.waiting("disk") == 0
    assert "p:download" not in item.fields


def test_two_pauses_are_waited_out_one_after_the_other(ledger, pauses, client):
    # Given
    pauses.begin("disk", **FULL)
    pauses.begin("youtube", reason="bot check", remedy="wait")
    services = ("disk", "youtube")
    assert ledger.open(HINTS[0], services=services).detail == "disk"

    # When
    pauses.end("disk")

    # I expect
    assert ledger.open(HINTS[0], services=services).detail == "youtube"
    pauses.end("youtube")
    assert ledger.open(HINTS[0], services=services).status == "claimed"


def test_ending_a_pause_twice_is_harmless(pauses):
    pauses.begin("disk", **FULL)
    assert (pauses.end("disk"), pauses.end("disk"), pauses.end("never")) == (0, 0, 0)


def test_a_probe_never_ends_what_a_person_has_stopped(pauses, ledger):
    # Given
    pauses.begin("notion", reason="by hand", remedy="crateline unpause notion", by_hand=True)
    ledger.open(HINTS[0], services=("notion",))

    # I expect
    assert pauses.mended("notion") == 0
    assert [p.service for p in pauses.all()] == ["notion"]
    assert pauses.waiting("notion") == 1
    assert pauses.end("notion") == 1


def test_a_person_who_stops_a_paused_service_has_the_last_word(pauses):
    # Given
    pauses.begin("notion", reason="401", remedy="token")

    # When
    pauses.begin("notion", reason="stopped by hand", remedy="unpause", by_hand=True)
    pauses.begin("notion", reason="401", remedy="token")

    # I expect
    assert [(p.reason, p.by_hand) for p in pauses.all()] == [("stopped by hand", True)]


def test_a_probe_ends_the_pauses_that_had_a_cause(pauses, ledger):
    # Given
    pauses.begin("disk", **FULL)
    ledger.open(HINTS[0], services=("disk",))

    # I expect
    assert pauses.mended("disk") == 1
    assert pauses.all() == ()


def test_what_is_parked_for_no_pause_is_freed_and_a_pause_is_never_ended_by_that(pauses, ledger, client):
    # Given
    client.sadd(keyspace.parked("eagle"), HINTS[0].member)
    pauses.begin("disk", **FULL)
    ledger.open(HINTS[1], services=("disk",))

    # I expect
    assert pauses.free("eagle") == 1
    assert pauses.free("disk") == 0
    assert [p.service for p in pauses.all()] == ["disk"]
    assert HINTS[0].member in swept(client)
