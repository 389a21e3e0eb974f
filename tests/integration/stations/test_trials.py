"""Who stops a service, who is tried while it is stopped, and whose trouble it was."""

import time
from dataclasses import replace

import pytest

from crateline.durable import keyspace
from crateline.errors import CredentialsRefused, ServiceStopped
from crateline.messages import Hint, Station
from tasks import outcomes
from workers.probe import Prober

pytestmark = pytest.mark.real("redis")

ONE, TWO = "soundcloud:tracks:1", "soundcloud:tracks:2"
API = "soundcloud-api"
REFUSED = outcomes.of(CredentialsRefused(API, "the service does not let us in (HTTP 403 Forbidden)"))
SEALED = outcomes.Sealed(fields={"s:download": "{}"})


@pytest.fixture
def tracks(line, make_track):
    """Two tracks on the line, and a SoundCloud that one of them has stopped."""
    line.enqueue(make_track(1), make_track(2), page=False)
    assert act(line, ONE, REFUSED) == "paused"
    assert act(line, TWO, SEALED) == "paused"
    return line


def act(line, key, outcome, station=Station.DOWNLOAD):
    return line.act(station, key, outcome, services=(API,))


def hint(key):
    return Hint(station=Station.DOWNLOAD, key=key).member


def try_on(line, *keys):
    line.wiring.pauses.try_on(API, map(hint, keys))


def paused(line):
    return {one.service: one for one in line.wiring.pauses.all()}


def test_who_stops_a_service_is_known(tracks):
    pause = paused(tracks)[API]
    assert (pause.cause, pause.culprit) == ("work", hint(ONE))
    assert pause.remedy == outcomes.REMEDIES[API]


def test_one_that_goes_through_ends_the_pause_for_all(tracks):
    # Given
    try_on(tracks, ONE)
    # When
    assert act(tracks, ONE, SEALED) == "sealed"
    # I expect
    assert paused(tracks) == {}
    assert tracks.waits(Station.DOWNLOAD, TWO) <= 0
    assert act(tracks, TWO, SEALED) == "sealed"


def test_one_that_meets_the_same_changes_nothing(tracks, capsys):
    # Given
    try_on(tracks, ONE)
    before = paused(tracks)[API]
    # When
    assert act(tracks, ONE, replace(REFUSED, reason="the service does not let us in (HTTP 401 Unauthorized)")) == "paused"
    # I expect it to wait with the others, and nobody to be told again
    assert paused(tracks)[API] == before
    assert tracks.wiring.pauses.parked(API) == {hint(ONE), hint(TWO)}
    assert not tracks.wiring.pauses.on_trial(API)
    assert "pause-begins" not in capsys.readouterr().out


def test_one_that_meets_something_else_says_so(tracks):
    # Given
    try_on(tracks, ONE)
    # When
    assert act(tracks, ONE, outcomes.Paused(service=API, reason="a bot check", remedy="wait", cause="work")) == "paused"
    # I expect
    assert paused(tracks)[API].reason == "a bot check"


@pytest.mark.parametrize(
    "outcome", [outcomes.Later(seconds=0, reason="it broke off"), outcomes.Ended(verdict="refused", reason="it is gone")]
)
def test_what_shows_nothing_leaves_the_pause(tracks, outcome):
    # Given
    try_on(tracks, ONE)
    # When
    act(tracks, ONE, outcome)
    # I expect another one to be tried next
    assert set(paused(tracks)) == {API}
    assert not tracks.wiring.pauses.on_trial(API)
    assert act(tracks, TWO, SEALED) == "paused"


def test_a_trouble_of_one_track_alone_stops_the_others_once_and_costs_only_its_attempts(tracks):
    # Given that both were tried, and the other one went through
    try_on(tracks, ONE, TWO)
    assert act(tracks, ONE, REFUSED) == "paused"
    assert act(tracks, TWO, SEALED) == "sealed"
    # When it meets the same again and again
    for attempt in range(1, outcomes.ATTEMPTS + 1):
        assert act(tracks, ONE, REFUSED) == "retry"
        # I expect no pause
        assert paused(tracks) == {}
        if attempt < outcomes.ATTEMPTS:
            assert tracks.item(ONE).attempts(Station.DOWNLOAD) == attempt
            tracks.forget(ONE, "n:download")
    assert tracks.item(ONE).verdict == "failed"
    assert "others go through" in tracks.item(ONE).reason


def test_a_property_that_came_back_within_the_hour_stops_nothing(line, make_track):
    # Given a schema that was read before somebody added the property
    key = line.enqueue(make_track(1), page=False)
    line.notion.drop_property("Source ID")
    assert line.page(ONE) == "paused"
    line.wiring.pauses.end("notion")
    line.notion.add_property("Source ID", "rich_text")
    assert line.wiring.redis.exists(keyspace.schema(line.wiring.settings.tracks_db_id))
    # When
    line.run(Station.PLAYLIST, key)
    assert line.page(ONE) == "sealed"
    # I expect
    assert paused(line) == {}


def test_a_property_of_another_type_stops_notion_before_a_page_is_made(line, make_track):
    # Given a place for the key that cannot hold it: no page could be found again
    line.enqueue(make_track(1))
    line.notion.drop_property("Source ID")
    line.notion.add_property("Source ID", "checkbox")
    line.wiring.redis.delete(keyspace.schema(line.wiring.settings.tracks_db_id))
    line.notion.fresh()
    # When
    assert line.page(ONE) == "paused"
    # I expect
    pause = paused(line)["notion"]
    assert pause.reason == "the database «Music Tracks» has a property «Source ID» that is a checkbox, which cannot hold it"
    assert (pause.cause, "schema apply" in pause.remedy) == ("schema:tracks source_id", True)
    assert line.notion.creates == []


@pytest.mark.parametrize(
    ("fault", "cause", "said"),
    [
        ({}, "own-work", "the integration may not do this"),
        ({"additional_data": {"block_limit": 1000}}, "own-work", "the workspace takes no more blocks"),
    ],
)
def test_a_notion_that_lets_itself_be_read_and_not_written_stays_paused(line, make_track, fault, cause, said):
    # Given
    line.enqueue(make_track(1))
    body = {"object": "error", "status": 403, "code": "restricted_resource", "message": "no", **fault}
    line.notion.order({"kind": "403", "writes": True, "body": body})
    assert line.page(ONE) == "paused"
    # When it is asked at once, later, and once more after a trial
    before = paused(line)["notion"]
    assert (before.cause, before.reason.startswith(said)) == (cause, True)
    probe(line, before)
    probe(line, aged(before))
    assert line.page(ONE) == "paused"
    # I expect the same pause
    assert paused(line)["notion"] == before
    # When it may be written
    line.notion.order()
    probe(line, aged(before))
    assert line.page(ONE) == "sealed"
    # I expect
    assert paused(line) == {}


def probe(line, pause):
    for name in ("probe", "trial"):
        line.wiring.redis.delete(keyspace.lock(f"{name}:{pause.service}"))
    Prober(line.wiring).probe(pause)


def aged(pause):
    return replace(pause, since=time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 60)))


def test_a_disk_that_is_nearly_full_says_how_much_is_free_and_where(line, make_track):
    # Given
    line.enqueue(make_track(1))
    line.wiring.settings.minimum_free_gib = 1e6
    # When
    assert line.run(Station.DOWNLOAD, ONE) == "paused"
    # I expect
    pause = paused(line)["disk"]
    assert str(line.wiring.store.root) in pause.reason
    assert "1e+06 GiB must stay free" in pause.reason
    assert pause.cause == f"folder:{line.wiring.store.root}"


def test_what_stops_a_service_is_carried_from_the_error_to_the_pause(line, make_track):
    # Given
    line.enqueue(make_track(1), page=False)
    error = ServiceStopped("eagle", "Eagle is not running", "Start it", "library")
    # When
    assert line.act(Station.DOWNLOAD, ONE, outcomes.of(error)) == "paused"
    # I expect
    assert paused(line)["eagle"].cause == "library"
