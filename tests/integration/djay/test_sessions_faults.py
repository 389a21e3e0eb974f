"""Whatever is lost or refused on the way, a set has one page, and holds nothing else up."""

from crateline import wiring as wired
from crateline.durable import keyspace
from tasks import creation, sessions

FAULTS = (
    {"kind": "503", "rate": 0.03},
    {"kind": "503-after", "rate": 0.02},
    {"kind": "reset-after", "rate": 0.03},
    {"kind": "429", "rate": 0.02, "retry_after": 1},
)
"""Every tenth request, in one way or another; half of them were carried out all the same."""


def test_a_page_that_redis_has_forgotten_is_found_again(identified):
    # Given
    identified.plays(1, 2)
    identified.sync("sessions")
    before = identified.set_page()
    identified.forget()
    identified.fresh()

    # When
    done = identified.sync("sessions")

    # I expect
    assert identified.set_page() == before
    assert done["created"] == 0
    assert identified.writes == []


def test_a_calendar_that_is_not_shared_any_more_fails_the_sets_and_holds_nothing_else_up(identified):
    # Given sets that are due, and a worker that reads the schema anew
    identified.plays(1, 2)
    identified.sync("sessions")
    identified.plays(1, 2, 3)
    calendar = identified.databases["calendar"]
    identified.wiring.redis.delete(f"crateline:notion:schema:{calendar}")
    identified.wiring.redis.hincrby("crateline:library:session:SESSION-A", "v", 1)
    identified.state.share(calendar, shared=False)
    wired.use(identified.wiring)

    # When
    assert sessions.session(key="session:SESSION-A") == "ended"

    # I expect
    assert identified.item("session:SESSION-A").verdict == "failed"
    assert identified.wiring.pauses.all() == ()


def test_an_answer_that_is_lost_makes_no_second_page(identified, monkeypatch):
    # Given
    monkeypatch.setattr(creation, "UNCLEAR_S", 0.5)
    identified.plays(1, 2)
    identified.order({"kind": "reset-after", "method": "POST", "path": "^/v1/pages$", "times": 1})

    # When
    done = identified.sync("sessions")

    # I expect
    assert (done["created"] + done["unchanged"], done["failed"]) == (1, 0)
    assert len(identified.set_page()["Tracks Played"]) == 2
    assert len(identified.requests("^POST /v1/pages$")) == 1


def test_every_tenth_request_may_fail(identified, monkeypatch):
    # Given
    monkeypatch.setattr(creation, "UNCLEAR_S", 0.5)
    for night in range(20):
        identified.plays(*(1 + (night + n) % 10 for n in range(3)), name=str(night))
    identified.order(*FAULTS)

    # When
    done = identified.sync("sessions")

    # I expect
    identified.order()
    assert done["failed"] == 0
    assert len({row["Session ID"] for row in identified.rows("calendar")}) == len(identified.rows("calendar")) == 20
    assert all(len(row["Tracks Played"]) == 3 for row in identified.rows("calendar"))
    identified.fresh()
    identified.sync("sessions")
    assert identified.writes == []


def test_a_calendar_without_a_place_for_the_key_fails_the_sets_and_holds_nothing_else_up(identified):
    # Given sets that are due, and a calendar where no page could be found again
    identified.plays(1, 2)
    identified.sync("sessions")
    identified.drop_property("Session ID", "calendar")
    identified.wiring.redis.delete(keyspace.schema(identified.databases["calendar"]))
    identified.wiring.redis.hincrby("crateline:library:session:SESSION-A", "v", 1)
    wired.use(identified.wiring)

    # When
    assert sessions.session(key="session:SESSION-A") == "ended"

    # I expect
    item = identified.item("session:SESSION-A")
    assert item.verdict == "failed"
    assert "has no property «Session ID»" in item.reason
    assert "schema apply" in item.reason
    assert identified.wiring.pauses.all() == ()
