"""The way through a station: whatever happens in it, the track is not lost, not done twice, and not blamed for others."""

import threading
import time

import pytest
import redis
from kombu.exceptions import OperationalError

from crateline import app as application
from crateline.durable import keyspace
from crateline.durable.ledger import as_fields
from crateline.errors import BudgetSpent, ConfigurationError, Interrupted, StaleClaim, Throttled, Unavailable
from crateline.messages import Hint, Station
from crateline.wiring import slot_in_hand
from tasks import outcomes, station
from workers.rescue import Rescuer

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
HINT = Hint(station=Station.DOWNLOAD, key=KEY)
DONE = outcomes.Sealed(fields=as_fields(Station.DOWNLOAD, {"digest": "abc"}))


@pytest.fixture
def track(line, make_track):
    """One track on the line, its page not yet made."""
    line.enqueue(make_track(1), page=False)
    line.wiring.redis.delete("download\x06\x163")  # its first hint is in our hands
    return line


def raising(error: Exception) -> station.Work:
    def work(_job: station.Job) -> outcomes.Outcome:
        raise error

    return work


def run(work: station.Work, hint: Hint = HINT, services: tuple[str, ...] = ()) -> str:
    return station.run(hint, work, services=services)


def test_an_unknown_error_spends_an_attempt_and_the_fifth_fails_the_track(track):
    # When
    said = []
    for attempt in range(1, outcomes.ATTEMPTS + 1):
        said.append(run(raising(KeyError("bpm"))))
        waited = track.waits(Station.DOWNLOAD, KEY)
        if attempt < outcomes.ATTEMPTS:
            # I expect to rest longer each time, and no other message to shorten it
            most = min(outcomes.BACKOFF_CAP_S, outcomes.BACKOFF_BASE_S * 2 ** (attempt - 1))
            assert most / 2 - 1 <= waited <= most
            assert run(lambda _: DONE) == "early"
            assert track.item(KEY).attempts(Station.DOWNLOAD) == attempt
            assert track.item(KEY).reason == "KeyError: 'bpm'"
            track.forget(KEY, "n:download")
    # I expect
    item = track.item(KEY)
    assert said == ["retry"] * 5
    assert (item.verdict, item.reason) == ("failed", "KeyError: 'bpm' (after 5 attempts)")
    assert track.sent(Station.FINALISE) == [KEY]
    assert run(lambda _: DONE) == "closed"


def test_a_station_that_works_in_the_end_forgets_its_attempts(track):
    # Given
    for _ in range(3):
        assert run(raising(RuntimeError("odd"))) == "retry"
        track.forget(KEY, "n:download")
    # When
    assert run(lambda _: DONE) == "sealed"
    # I expect
    item = track.item(KEY)
    assert item.attempts(Station.DOWNLOAD) == 0
    assert item.reason == ""


def test_passing_faults_wait_longer_and_longer_and_fail_no_track(track):
    # When a service fails twelve times in a row
    waited = []
    for _ in range(12):
        assert run(raising(Unavailable("youtube", "503"))) == "later"
        waited.append(track.waits(Station.DOWNLOAD, KEY))
    # I expect 1, 2, 4, … 45 s, a quarter more or less
    for row, seconds in enumerate(waited):
        wanted = min(station.FAULT_WAIT_CAP_S, 2.0**row)
        assert 0.75 * wanted - 0.5 <= seconds <= 1.25 * wanted
    item = track.item(KEY)
    assert (item.verdict, item.attempts(Station.DOWNLOAD), item.reason) == ("", 0, "youtube: 503")
    # When one track comes through
    assert run(lambda _: DONE) == "sealed"
    track.forget(KEY, "s:download")
    assert run(raising(Unavailable("youtube", "503"))) == "later"
    # I expect the row to be over
    assert track.waits(Station.DOWNLOAD, KEY) <= 1.25


def test_a_spent_budget_is_a_wait_and_no_attempt(track):
    assert run(raising(BudgetSpent("soundcloud-api", 33.0))) == "later"
    assert 31 < track.waits(Station.DOWNLOAD, KEY) <= 33
    assert track.item(KEY).attempts(Station.DOWNLOAD) == 0


def test_a_wrong_setting_pauses_and_costs_nothing(track):
    # When
    assert run(raising(ConfigurationError("NOTION_TOKEN is missing"))) == "paused"
    # I expect
    pause = track.wiring.pauses.all()[0]
    assert (pause.service, pause.reason) == ("settings", "NOTION_TOKEN is missing")
    assert track.item(KEY).verdict == ""


def test_a_stopping_worker_gives_back_at_once(track):
    assert run(raising(Interrupted("the worker is stopping"))) == "later"
    assert track.waits(Station.DOWNLOAD, KEY) <= 0
    assert track.item(KEY).attempts(Station.DOWNLOAD) == 0


def test_one_answer_that_asks_for_silence_silences_everybody(track, make_track):
    # Given two writers, and a Notion that wants a second of silence
    track.enqueue(make_track(1), make_track(2))
    assert track.page("soundcloud:tracks:2") == "sealed"
    track.notion.order({"kind": "429", "retry_after": 1, "path": "^/v1/pages", "times": 1})
    # When
    assert track.page(KEY) == "silenced"
    track.made("soundcloud:tracks:2")
    assert track.finalise("soundcloud:tracks:2") == "sealed"
    assert track.page(KEY) == "sealed"
    # I expect nobody to have asked meanwhile, and no track to be blamed
    arrivals = track.notion.state.journal.report()
    assert (arrivals["in_silence"], arrivals["by_status"]["429"]) == (0, 1)
    assert track.item(KEY).attempts(Station.PAGE) == 0


def test_the_silence_of_a_service_without_a_budget_is_a_wait(track):
    assert run(raising(Throttled("eagle", "429", 12.0))) == "silenced"
    assert 10 < track.waits(Station.DOWNLOAD, KEY) <= 12


def test_one_of_many_messages_about_a_station_does_the_work(track):
    # Given
    works, start = [], threading.Barrier(6)

    def work(job: station.Job) -> outcomes.Outcome:
        works.append(job)
        time.sleep(0.2)  # long enough for the others to come
        return DONE

    said: list[str] = []

    def worker() -> None:
        start.wait()
        said.append(run(work))

    workers = [threading.Thread(target=worker) for _ in range(6)]
    # When
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    # I expect
    assert len(works) == 1
    assert sorted(said) == ["held"] * 5 + ["sealed"]


def test_whoever_was_taken_over_changes_nothing(track):
    # Given a worker that hangs until its lease has lapsed and another has done the work
    def hang(job: station.Job) -> outcomes.Outcome:
        track.forget(KEY, "c:download")
        track.sealed(Station.DOWNLOAD, KEY, digest="the other's")
        return outcomes.Sealed(fields=as_fields(Station.DOWNLOAD, {"digest": "mine"}))

    # When
    assert run(hang) == "dropped"
    # I expect
    assert track.item(KEY).result(Station.DOWNLOAD) == {"digest": "the other's"}


@pytest.mark.parametrize(
    "outcome",
    [
        outcomes.Later(seconds=100, reason="mine"),
        outcomes.Retry(reason="mine"),
        outcomes.Ended(verdict="failed", reason="mine"),
        outcomes.Paused(service="youtube", reason="mine", remedy=""),
    ],
    ids=lambda one: type(one).__name__,
)
def test_whoever_was_taken_over_cannot_end_give_back_or_blame(track, outcome):
    # Given another worker at the station
    def hang(job: station.Job) -> outcomes.Outcome:
        track.forget(KEY, "c:download")
        assert track.wiring.ledger.open(HINT).status == "claimed"
        return outcome

    # When
    assert run(hang) == "dropped"
    # I expect
    item = track.item(KEY)
    assert (item.verdict, item.reason, item.attempts(Station.DOWNLOAD)) == ("", "", 0)
    assert "c:download" in item.fields


def test_a_lost_claim_stops_the_work_before_what_cannot_be_undone(track, eventually):
    # Given
    seen = []

    def work(job: station.Job) -> outcomes.Outcome:
        job.claim.lost.set()
        assert job.cancelled()
        try:
            job.check()
        except StaleClaim as error:
            seen.append(str(error))
            raise
        raise AssertionError

    # When
    assert run(work) == "dropped"
    # I expect
    assert seen == [f"download|{KEY} was taken over by another worker"]


def test_a_long_work_keeps_its_claim(short_lease, track):
    # Given a lease of a second
    status = []

    def work(job: station.Job) -> outcomes.Outcome:
        time.sleep(1.4)
        status.append(track.wiring.ledger.open(HINT).status)
        assert not job.cancelled()
        return DONE

    # When
    assert run(work) == "sealed"
    # I expect
    assert status == ["held"]


def test_page_and_finalise_exclude_each_other(track):
    # Given
    said = []

    def work(_job: station.Job) -> outcomes.Outcome:
        said.append(track.finalise(KEY))
        return outcomes.Later(seconds=1, reason="enough")

    # When
    run(work, Hint(station=Station.PAGE, key=KEY))
    # I expect
    assert said == ["held"]


def test_a_redis_that_is_away_at_the_end_drops_the_work_for_the_due_set(track, monkeypatch):
    # Given
    def away(*_: object, **__: object) -> None:
        raise redis.ConnectionError("away")

    # When
    with monkeypatch.context() as patched:
        patched.setattr(track.wiring.ledger, "seal", away)
        assert run(lambda _: DONE) == "dropped"
    # I expect it to be due when its lease lapses
    assert 25 < track.waits(Station.DOWNLOAD, KEY) <= 30


def test_a_slot_that_was_taken_and_not_used_is_not_kept(track):
    # Given
    def work(job: station.Job) -> outcomes.Outcome:
        job.wiring.slot("notion")
        raise Unavailable("notion", "odd")

    # When
    run(work)
    # I expect
    assert slot_in_hand.get() is False


def test_requests_are_counted_for_the_playlist_and_in_all(track):
    # When
    key = track.lists["Warm-up"].key
    assert track.run(Station.PLAYLIST, key) == "sealed"
    assert track.page(KEY) == "sealed"
    # I expect
    sent = len(track.notion.requests())
    assert int(track.wiring.register.fields(key)["requests:notion"]) == sent
    assert sent > 2


def test_a_track_that_was_never_enqueued_is_nobodys(track):
    assert run(lambda _: DONE, Hint(station=Station.DOWNLOAD, key="soundcloud:tracks:404")) == "missing"


def test_a_sealed_station_is_not_done_again_and_hands_on(track):
    # Given
    assert run(lambda _: DONE) == "sealed"
    # When
    assert run(raising(AssertionError("done twice"))) == "sealed"
    # I expect
    assert track.sent(Station.ANALYZE) == [KEY, KEY]


def test_a_message_that_cannot_be_sent_is_found_by_the_sweep(track, monkeypatch):
    # Given a broker that takes nothing
    def away(_hints: object) -> None:
        raise OperationalError("broker away")

    with monkeypatch.context() as patched:
        patched.setattr(application, "publish", away)
        assert run(lambda _: DONE) == "sealed"
    assert track.sent(Station.ANALYZE) == []
    # I expect it to be due soon, and to be sent then
    assert 0 < track.waits(Station.ANALYZE, KEY) <= station.GRACE_S
    assert track.waits(Station.DOWNLOAD, KEY) is None
    passed(track, Station.ANALYZE)
    Rescuer(track.wiring).sweep()
    assert track.sent(Station.ANALYZE) == [KEY]


def test_a_message_that_is_lost_on_its_way_is_found_by_the_sweep(track):
    # Given
    assert run(lambda _: DONE) == "sealed"
    track.wiring.redis.delete("analyze\x06\x163")
    # When
    passed(track, Station.ANALYZE)
    Rescuer(track.wiring).sweep()
    # I expect
    assert track.sent(Station.ANALYZE) == [KEY]


def test_a_worker_that_dies_before_handing_on_is_made_up_for(track, monkeypatch):
    # Given
    with monkeypatch.context() as patched:
        patched.setattr(station, "_hand_on", lambda *_, **__: None)
        assert run(lambda _: DONE) == "sealed"
    # When its hint comes again, as it is still due
    assert 0 < track.waits(Station.DOWNLOAD, KEY) <= 5
    assert run(raising(AssertionError("done twice"))) == "sealed"
    # I expect
    assert track.sent(Station.ANALYZE) == [KEY]
    assert track.waits(Station.DOWNLOAD, KEY) is None


def test_a_paused_service_is_not_asked_and_its_tracks_go_on_when_it_is_back(track):
    # Given
    track.wiring.pauses.begin("youtube", reason="bot check", remedy="wait")
    # When
    assert run(raising(AssertionError("asked")), services=("youtube",)) == "paused"
    # I expect
    assert track.waits(Station.DOWNLOAD, KEY) is None
    assert track.wiring.pauses.waiting("youtube") == 1
    assert track.wiring.pauses.end("youtube") == 1
    assert track.waits(Station.DOWNLOAD, KEY) <= 0
    assert run(lambda _: DONE, services=("youtube",)) == "sealed"


def test_a_second_hint_of_a_paused_station_does_not_lose_the_first(track):
    track.wiring.pauses.begin("youtube", reason="bot check", remedy="wait")
    for _ in range(2):
        assert run(lambda _: DONE, services=("youtube",)) == "paused"
    assert track.wiring.pauses.end("youtube") == 1


def test_a_service_that_is_mended_while_a_track_is_parked_leaves_no_track_behind(track):
    # Given a pause that ends between its beginning and the parking
    def work(job: station.Job) -> outcomes.Outcome:
        job.wiring.pauses.begin("youtube", reason="bot check", remedy="wait")
        return outcomes.Paused(service="youtube", reason="bot check", remedy="wait")

    ended = track.wiring.pauses.begin

    def begin_and_end(service: str, **words: str) -> None:
        ended(service, **words)
        track.wiring.pauses.end(service)

    track.wiring.pauses.begin = begin_and_end
    # When
    assert run(work) == "paused"
    # I expect
    assert track.waits(Station.DOWNLOAD, KEY) <= 0


def passed(line, at: Station) -> None:
    """Let the time come for which a hint waits."""
    line.wiring.redis.zadd(keyspace.DUE, {Hint(station=at, key=KEY).member: 1})
    line.wiring.redis.delete(keyspace.lock("sweep"))
