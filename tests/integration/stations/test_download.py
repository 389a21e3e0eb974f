"""The station that fetches: the whole recording or none, from its own source or the best match, once."""

from dataclasses import replace

import httpx
import pytest

from crateline.domain.track import Availability, Platform
from crateline.durable.item import card_of
from crateline.messages import Hint, Station
from crateline.sandbox.catalogue import End, Fate
from tasks import download, outcomes, station
from workers.probe import Prober

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]


SOUND = r"^/media/\d+/\d+/[^/]+$|\.mp3$"
"""What carries sound: segments, and whole files."""


@pytest.fixture
def outside(world, clean_environment):
    """The outside world through its proxy; what a test breaks in it is mended. Ask for it before the line."""
    for name in ("HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        clean_environment.setenv(name, world.environment[name])
    yield world
    for faults in world.faults.values():
        faults.replace([])


@pytest.fixture
def listed(outside, line):
    """The main set as its source lists it: tracks by key, all of them on the line."""
    playlist = line.wiring.soundcloud.read(outside.world.main.url)
    line.enqueue(*playlist.tracks, page=False)
    return {track.key: track for track in playlist.tracks}


@pytest.fixture
def plain(outside) -> str:
    """A track that its source gives."""
    return playable(outside)


def playable(outside) -> str:
    return next(t.key for t in outside.world.soundcloud if t.fate is Fate.PLAYABLE and t.transcodings[-1] == "mp3")


def asked(outside) -> int:
    return sum(
        int(httpx.get(f"{outside.addresses[name]}/_sandbox/stats", trust_env=False).json()["requests"])
        for name in ("soundcloud", "youtube")
    )


def test_every_row_of_a_set_ends_as_its_source_allows(outside, line, listed):
    # When
    said = {key: line.run(Station.DOWNLOAD, key) for key in listed}
    # I expect
    recordings = {t.key: t.recording for t in outside.world.soundcloud}
    for row in outside.world.expected():
        item, kept = line.item(row.key), line.wiring.store.kept("originals", row.key)
        if row.end is End.REFUSED:
            assert (item.verdict, kept) == ("refused", None), row
            assert "no match was found elsewhere" in item.reason or "deleted" in item.reason, row
            continue
        assert said[row.key] == "sealed", row
        assert kept.facts["seconds"] == pytest.approx(recordings[row.key].duration, abs=0.3), row
        assert kept.facts["matched"] is (row.why.endswith("twin")), row
        assert item.result(Station.DOWNLOAD)["digest"] == kept.digest
    assert set(line.sent(Station.ANALYZE)) == {row.key for row in outside.world.expected() if row.end is not End.REFUSED}
    # When all of them are asked for again, by a Redis that has forgotten
    before = asked(outside)
    for row in outside.world.expected():
        if row.end is not End.REFUSED:
            line.forget(row.key, "s:download")
            assert line.run(Station.DOWNLOAD, row.key) == "sealed"
    # I expect no request
    assert asked(outside) == before


def test_an_excerpt_is_never_passed_off_as_the_track(outside, line, make_track, plain):
    # Given a track that its listing says to be longer than what its source gives
    source = next(t for t in outside.world.soundcloud if t.key == plain)
    line.enqueue(make_track(1, key=plain, url=source.url, title="Nobody Knows This", artist="Nobody", duration=200.0), page=False)
    # When
    assert line.run(Station.DOWNLOAD, plain) == "ended"
    # I expect
    assert line.item(plain).verdict == "refused"
    assert "of 200 seconds were offered" in line.item(plain).reason
    assert not list(line.wiring.store.folder("originals", plain).iterdir())


def test_a_preview_is_not_even_fetched(outside, line, listed):
    # Given
    key = next(key for key, track in listed.items() if track.availability is Availability.PREVIEW)
    number = key.rpartition(":")[2]
    # When
    line.run(Station.DOWNLOAD, key)
    # I expect
    stats = httpx.get(f"{outside.addresses['soundcloud']}/_sandbox/stats", trust_env=False).json()
    assert number not in stats["downloads"]


@pytest.mark.parametrize(
    ("rule", "service"),
    [
        ({"kind": "503", "path": SOUND}, "soundcloud-media"),
        ({"kind": "reset", "path": SOUND}, "soundcloud-media"),
        ({"kind": "502-html", "path": "^/(resolve|tracks|media)"}, "soundcloud-api"),
    ],
    ids=["the file: 503", "the file: reset", "the API: 502"],
)
def test_passing_trouble_of_the_source_costs_no_attempt_and_no_track(outside, line, listed, rule, service):
    # Given
    plain = playable(outside)
    outside.faults["soundcloud"].replace([rule])
    # When
    assert line.run(Station.DOWNLOAD, plain) == "later"
    # I expect
    item = line.item(plain)
    assert (item.verdict, item.attempts(Station.DOWNLOAD)) == ("", 0)
    assert item.reason.startswith(service)
    # When it is over
    outside.faults["soundcloud"].replace([])
    assert line.run(Station.DOWNLOAD, plain) == "sealed"


def test_a_download_that_breaks_off_goes_on_where_it_stopped(outside, line, listed, plain):
    # Given
    number = int(plain.rpartition(":")[2])
    outside.faults["soundcloud"].replace([{"kind": "truncate", "path": SOUND, "times": 1, "fraction": 0.6}])
    before = sent_bytes(outside, number)
    # When
    said = line.run(Station.DOWNLOAD, plain)
    assert said in ("later", "sealed")
    assert line.run(Station.DOWNLOAD, plain) == "sealed"
    # I expect the whole file
    kept = line.wiring.store.kept("originals", plain)
    recording = next(t.recording for t in outside.world.soundcloud if t.key == plain)
    assert kept.facts["seconds"] == pytest.approx(recording.duration, abs=0.3)
    assert sent_bytes(outside, number) - before <= 2 * kept.size


@pytest.mark.parametrize(
    "course",
    [
        {0.6: "later", 1.0: "sealed"},  # it had broken off, without a word
        {0.6: "later", 0.60001: "ended"},  # that is what is offered: an excerpt
        {0.7: "later", 0.6: "later", 0.60001: "ended"},
    ],
)
def test_what_is_shorter_than_its_source_says_is_fetched_once_more(line, listed, plain, monkeypatch, course):
    # Given files that hold less sound than their listing says
    seconds = listed[plain].duration
    left = iter(course)
    monkeypatch.setattr(download.length, "decoded_seconds", lambda _: next(left) * seconds)
    monkeypatch.setattr(
        download, "find_elsewhere", lambda _job, _wanted, why, _fetch: outcomes.Ended(verdict="refused", reason=why)
    )
    # When
    said = [line.run(Station.DOWNLOAD, plain) for _ in course]
    # I expect
    assert said == list(course.values())
    assert line.item(plain).attempts(Station.DOWNLOAD) == 0
    assert (line.wiring.store.kept("originals", plain) is None) == (said[-1] == "ended")


def test_an_excerpt_of_half_a_minute_is_not_fetched_twice(outside, line, listed, plain, monkeypatch):
    # Given
    monkeypatch.setattr(download.length, "decoded_seconds", lambda _: 29.9)
    monkeypatch.setattr(
        download, "find_elsewhere", lambda _job, _wanted, why, _fetch: outcomes.Ended(verdict="refused", reason=why)
    )
    arrived = download.fetch.fetch
    whole = {"listed_duration": 200.0}
    monkeypatch.setattr(download.fetch, "fetch", lambda *a, **k: replace(arrived(*a, **k), **whole))
    line.set(plain, card=card_of(replace(listed[plain], duration=200.0)))
    # I expect
    assert line.run(Station.DOWNLOAD, plain) == "ended"
    assert "only 30 of 200 seconds" in line.item(plain).reason


@pytest.mark.parametrize(
    ("longer", "problem"),
    [
        (0.0, ""),
        (2.4, ""),  # the search had rounded down
        (-2.4, "seconds came where"),
        (6.0, "seconds came where"),
        (0.0, "it is silent"),
    ],
)
def test_a_match_must_be_what_its_search_has_promised(line, listed, plain, monkeypatch, *, longer, problem):
    # Given a match whose sound may be longer or shorter than was listed, or silent
    promised = listed[plain].duration - longer
    if "silent" in problem:
        monkeypatch.setattr(download.length, "is_silent", lambda _: True)
    facts = {"provider": "SoundCloud", "matched": True}

    # When
    def fetch(job):
        return download.fetch_from(job, listed[plain].url, None, facts, promised=promised)

    said = station.run(Hint(station=Station.DOWNLOAD, key=plain), fetch, services=())
    # I expect it to be kept, or thrown away with a reason
    kept = line.wiring.store.kept("originals", plain)
    assert (said == "sealed", kept is not None) == (not problem, not problem)
    assert problem in line.item(plain).reason


def sent_bytes(outside, number: int) -> int:
    stats = httpx.get(f"{outside.addresses['soundcloud']}/_sandbox/stats", trust_env=False).json()
    return int(stats["bytes"].get(str(number), 0))


def test_a_source_that_wants_silence_is_left_alone_by_everybody(outside, line, listed, plain):
    # Given
    outside.faults["soundcloud"].replace([{"kind": "429", "retry_after": 30, "path": "^/(resolve|tracks|media)"}])
    # When
    assert line.run(Station.DOWNLOAD, plain) == "silenced"
    # I expect
    assert 28 < line.wiring.budgets["soundcloud-api"].silence() <= 30
    assert 28 < line.waits(Station.DOWNLOAD, plain) <= 30
    before = asked(outside)
    other = next(key for key, track in listed.items() if track.availability is Availability.PLAYABLE and key != plain)
    assert line.run(Station.DOWNLOAD, other) == "later"
    assert asked(outside) == before
    assert line.item(other).attempts(Station.DOWNLOAD) == 0


def test_a_running_download_stops_when_its_service_wants_silence(outside, line, listed, plain, monkeypatch):
    # Given somebody else who has just been told to be silent
    monkeypatch.setattr(download, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(type(line.wiring.budgets["soundcloud-media"]), "silence", lambda _: 9.0)
    number = int(plain.rpartition(":")[2])
    before = sent_bytes(outside, number)
    # When
    assert line.run(Station.DOWNLOAD, plain) == "later"
    # I expect nothing to have been fetched, and no attempt to be spent
    assert sent_bytes(outside, number) == before
    assert line.item(plain).attempts(Station.DOWNLOAD) == 0


@pytest.fixture
def hardly_any_room(own_settings) -> None:
    own_settings["minimum_free_gib"] = 1_000_000


def test_a_disk_that_is_nearly_full_pauses_before_anything_is_fetched(hardly_any_room, outside, line, listed, plain):
    # Given
    before = asked(outside)
    # When
    assert line.run(Station.DOWNLOAD, plain) == "paused"
    # I expect
    pause = line.wiring.pauses.all()[0]
    assert pause.service == "disk"
    assert "1e+06 GiB" in pause.reason
    assert asked(outside) == before
    Prober(line.wiring).probe(pause)
    assert line.wiring.pauses.all() == (pause,)


def test_a_worker_that_stops_gives_the_track_back(outside, line, listed, plain):
    # Given
    line.wiring.stopping.set()
    # When
    assert line.run(Station.DOWNLOAD, plain) == "later"
    # I expect
    assert line.waits(Station.DOWNLOAD, plain) <= 0
    assert line.item(plain).attempts(Station.DOWNLOAD) == 0


def test_a_file_that_is_not_sound_is_thrown_away_and_fetched_anew(outside, line, listed, plain):
    # Given a source that once gives a page instead of the file
    outside.faults["soundcloud"].replace([{"kind": "200", "path": SOUND, "times": 1, "body": "<html>" + "busy " * 5000}])
    # When
    assert line.run(Station.DOWNLOAD, plain) == "retry"
    # I expect
    assert line.item(plain).attempts(Station.DOWNLOAD) == 1
    line.forget(plain, "n:download")
    assert line.run(Station.DOWNLOAD, plain) == "sealed"


@pytest.mark.parametrize(
    ("key", "services"),
    [
        ("soundcloud:tracks:1", ("disk", "settings", "soundcloud-api", "soundcloud-media")),
        ("youtube:video:dQw4w9WgXcQ", ("disk", "settings", "youtube")),
        ("spotify:track:4uLU6hMCjMI75M1A2tKUQC", ("disk", "settings", "youtube")),
    ],
)
def test_a_track_waits_for_the_services_it_cannot_do_without(key, services):
    assert download.services(key) == services


def test_a_paused_source_is_not_asked(outside, line, make_track):
    # Given
    key = "youtube:video:dQw4w9WgXcQ"
    line.enqueue(make_track(1, key=key, platform=Platform.YOUTUBE, url="https://www.youtube.com/watch?v=dQw4w9WgXcQ"), page=False)
    line.wiring.pauses.begin("youtube", reason="bot check", remedy="wait")
    before = asked(outside)
    # When
    assert line.run(Station.DOWNLOAD, key) == "paused"
    # I expect
    assert asked(outside) == before
    assert line.wiring.pauses.waiting("youtube") == 1
