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


WRONG = {"reason": "the service does not let us in ([soundcloud] 17: HTTP Error 403)", "remedy": "wait"}


def on_trial(pauses, ledger):
    """A paused service for which two hints wait, and the first of them tried; gives the two."""
    pauses.begin("disk", **WRONG, cause="work", culprit=HINTS[0].member)
    for hint in HINTS[:2]:
        ledger.open(hint, services=("disk",))
    pauses.try_on("disk", [HINTS[0].member])
    return HINTS[:2]


def test_one_on_trial_passes_and_all_others_wait(pauses, ledger, client):
    # When
    first, second = on_trial(pauses, ledger)

    # I expect the one to be due, and to be opened as what it is
    assert swept(client) >= {first.member}
    opening = ledger.open(first, services=("disk", "youtube"))
    assert (opening.status, opening.trials) == ("claimed", ("disk",))
    assert ledger.open(second, services=("disk",)).status == "paused"
    assert [one.service for one in pauses.all()] == ["disk"]


def test_one_on_trial_waits_for_another_paused_service_all_the_same(pauses, ledger):
    # Given
    first, _ = on_trial(pauses, ledger)
    pauses.begin("youtube", reason="bot check", remedy="wait")

    # I expect
    assert ledger.open(first, services=("disk", "youtube")).detail == "youtube"


def test_a_trial_ends_with_the_pause(pauses, ledger):
    # Given
    first, second = on_trial(pauses, ledger)

    # When
    pauses.mended("disk", proven_by=first.member)
    pauses.begin("disk", reason="another trouble", remedy="wait")

    # I expect nobody to pass any more
    assert not pauses.on_trial("disk")
    assert ledger.open(second, services=("disk",)).status == "paused"


def test_what_a_person_stops_has_no_trials(pauses, ledger):
    # Given
    first, _ = on_trial(pauses, ledger)

    # When
    pauses.begin("disk", reason="by hand", remedy="unpause", by_hand=True)

    # I expect
    assert ledger.open(first, services=("disk",)).status == "paused"


def test_the_same_trouble_again_is_the_same_pause(pauses):
    # Given a pause that has ended by itself
    pauses.begin("soundcloud-api", **WRONG, cause="work")
    client_since = pauses.all()[0].since
    pauses.mended("soundcloud-api")

    # When another track meets the same, in words that differ
    news = pauses.begin("soundcloud-api", reason=WRONG["reason"].replace("17", "18"), remedy="wait", cause="work")

    # I expect
    (pause,) = pauses.all()
    assert news
    assert (pause.since, pause.relapses) == (client_since, 1)


@pytest.mark.parametrize("how", ["by a person", "another trouble"])
def test_what_is_new_is_no_relapse(pauses, how):
    # Given
    pauses.begin("notion", reason="401", remedy="a", cause="token")

    # When
    if how == "by a person":
        pauses.end("notion")
        pauses.begin("notion", reason="401", remedy="a", cause="token")
    else:
        pauses.mended("notion")
        pauses.begin("notion", reason="403", remedy="b", cause="own-work")

    # I expect
    assert pauses.all()[0].relapses == 0


def test_a_hint_without_which_others_went_through_is_known(pauses, ledger):
    # Given a pause that one hint began, and that ended when another one went through
    first, second = on_trial(pauses, ledger)
    met = (WRONG["reason"], "work")
    assert not pauses.passed_without("disk", first.member, *met)
    pauses.mended("disk", proven_by=second.member)

    # I expect that to be said of this hint and of this trouble alone
    assert pauses.passed_without("disk", first.member, *met)
    assert not pauses.passed_without("disk", second.member, *met)
    assert not pauses.passed_without("disk", first.member, "another trouble", "work")
    assert not pauses.passed_without("youtube", first.member, *met)


@pytest.mark.parametrize("proof", ["", HINTS[0].member])
def test_a_pause_that_ended_otherwise_accuses_nobody(pauses, ledger, proof):
    # Given
    on_trial(pauses, ledger)

    # When
    pauses.mended("disk", proven_by=proof)

    # I expect
    assert not pauses.passed_without("disk", HINTS[0].member, WRONG["reason"], "work")


def test_a_pause_turns_into_what_is_wrong_now(pauses):
    # Given
    pauses.begin("notion", reason="may not insert", remedy="a", cause="own-work")
    before = pauses.of("notion")

    # I expect the same trouble to change nothing, and another one to be told
    assert not pauses.turn(before, reason="may not insert", remedy="a", cause="own-work", culprit="x")
    assert pauses.turn(before, reason="401", remedy="b", cause="token", culprit="x")
    assert (pauses.of("notion").reason, pauses.of("notion").cause) == ("401", "token")

    # And nobody to overwrite what somebody else has found out meanwhile
    assert not pauses.turn(before, reason="403", remedy="c", cause="work", culprit="x")


def test_a_pause_of_an_older_version_can_be_read(pauses, client):
    # Given
    client.hset(
        keyspace.PAUSES, "notion", '{"reason": "401", "remedy": "a", "since": "2026-01-01T00:00:00+00:00", "by_hand": false}'
    )

    # I expect
    assert pauses.all()[0].reason == "401"
    assert pauses.mended("notion") == 0
    assert pauses.all() == ()
