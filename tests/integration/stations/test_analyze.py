"""The station that listens: what is heard is kept, a second upload is recognised, and trouble is told apart."""

import errno

import pytest

from crateline.audio import convert
from crateline.messages import Station
from crateline.sandbox.catalogue import World
from tasks import analyze, outcomes
from workers.probe import Prober

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia")]

KEY, OTHER = "soundcloud:tracks:1", "soundcloud:tracks:2"


@pytest.fixture
def deaf(line, monkeypatch):
    """Whoever listens now fails the test."""

    def analyse(*_: object, **__: object) -> None:
        raise AssertionError("it was analysed again")

    def be_deaf() -> None:
        monkeypatch.setattr(line.wiring.analyser, "analyse", analyse)

    return be_deaf


def test_what_is_heard_is_what_was_played(line, fetched, make_track):
    # Given
    recording = World.build(tracks=12, seconds=(6, 7)).recordings[0]
    line.enqueue(make_track(1))
    fetched(KEY, 0)
    # When
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    # I expect
    heard = line.item(KEY).result(Station.ANALYZE)
    assert heard["duration"] == pytest.approx(recording.duration, abs=0.2)
    assert heard["bpm"] == pytest.approx(recording.bpm, rel=0.02)
    assert heard["camelot"]
    assert "fingerprint" not in heard
    assert heard["files"]
    assert line.sent(Station.EAGLE) == [KEY]
    assert line.item(KEY).version == 2


def test_a_file_is_listened_to_once(line, fetched, make_track, deaf):
    # Given an analysed track
    line.enqueue(make_track(1))
    fetched(KEY, 0)
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    heard = line.item(KEY).result(Station.ANALYZE)
    # When a Redis that has forgotten it asks again
    line.forget(KEY, "s:analyze")
    deaf()
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    # I expect
    assert line.item(KEY).result(Station.ANALYZE) == heard


def test_a_second_upload_of_a_recording_gives_its_playlists_to_the_first(line, fetched, make_track, deaf):
    # Given one recording, uploaded twice in different forms, in two playlists
    line.enqueue(make_track(1))
    line.enqueue(make_track(2), name="Late")
    fetched(KEY, 3, "mp3")
    fetched(OTHER, 3, "m4a")
    # When
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    assert line.run(Station.ANALYZE, OTHER) == "sealed"
    # I expect the second to be another name of the first, without a file
    alias, first = line.item(OTHER), line.item(KEY)
    assert (alias.alias, alias.sealed(Station.ANALYZE)) == (KEY, False)
    assert line.wiring.store.kept("masters", OTHER) is None
    assert [line.lists[name].key for name in ("Warm-up", "Late")] == list(first.playlists)
    assert line.run(Station.EAGLE, OTHER) == "closed"
    # When both go on
    deaf()
    assert line.run(Station.DOWNLOAD, KEY) == line.run(Station.ANALYZE, KEY) == "sealed"
    line.sealed(Station.EAGLE, KEY, used=False)
    assert line.finalise(KEY) == line.finalise(OTHER) == "sealed"
    # I expect one page in both playlists, one file under both, and both lists to be done
    row = line.notion.row()
    assert row["Source ID"] == KEY
    assert row["Playlist"] == "Warm-up, Late"
    assert len(row["Playlists"]) == 2
    assert len(line.item(KEY).result(Station.ANALYZE)["files"]) == 2
    assert all(line.wiring.register.finished(one.key) for one in line.lists.values())


def test_an_original_that_has_vanished_is_fetched_again(line, fetched, make_track):
    # Given
    line.enqueue(make_track(1))
    fetched(KEY).unlink()
    # When
    assert line.run(Station.ANALYZE, KEY) == "later"
    # I expect
    item = line.item(KEY)
    assert not item.sealed(Station.DOWNLOAD)
    assert item.attempts(Station.ANALYZE) == 0
    assert line.waits(Station.DOWNLOAD, KEY) <= 0


def test_a_file_that_is_no_recording_fails_its_track_at_the_fifth_attempt(line, make_track):
    # Given
    line.enqueue(make_track(1))
    path = line.wiring.store.folder("originals", KEY) / "original.mp3"
    path.write_bytes(b"not sound" * 1000)
    line.wiring.store.seal("originals", KEY, path, {})
    assert line.run(Station.DOWNLOAD, KEY) == "sealed"
    # When
    for attempt in range(1, outcomes.ATTEMPTS + 1):
        assert line.item(KEY).attempts(Station.ANALYZE) == attempt - 1
        assert line.run(Station.ANALYZE, KEY) == "retry"
        assert line.run(Station.ANALYZE, KEY) == ("early" if attempt < outcomes.ATTEMPTS else "closed")
        line.forget(KEY, "n:analyze")  # its rest is over
    # I expect
    assert line.item(KEY).verdict == "failed"
    assert "after 5 attempts" in line.item(KEY).reason
    assert line.sent(Station.FINALISE)[0] == KEY


def test_a_worker_that_stops_gives_the_track_back_and_spends_no_attempt(line, fetched, make_track):
    # Given
    line.enqueue(make_track(1))
    fetched(KEY, 5)
    line.wiring.stopping.set()
    # When
    assert line.run(Station.ANALYZE, KEY) == "later"
    # I expect
    assert line.waits(Station.ANALYZE, KEY) <= 0
    assert line.item(KEY).attempts(Station.ANALYZE) == 0


def test_a_full_disk_pauses_and_goes_on_by_itself(line, listened, make_track, monkeypatch):
    # Given
    line.enqueue(make_track(1))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    # When
    with monkeypatch.context() as patched:
        patched.setattr(convert, "to_alac", full)
        assert listened(KEY) == "paused"
    # I expect
    pause = line.wiring.pauses.all()[0]
    assert (pause.service, line.item(KEY).verdict) == ("disk", "")
    assert listened(KEY) == "paused"
    # When there is room again
    Prober(line.wiring).probe(pause)
    # I expect
    assert line.waits(Station.ANALYZE, KEY) <= 0
    assert listened(KEY) == "sealed"


def test_an_analysis_that_outlives_a_lost_redis_remembers_nothing(line, fetched, make_track, monkeypatch, redis_forgets):
    # Given two uploads of one recording, the first at its analysis
    tracks = make_track(1), make_track(2)
    line.enqueue(*tracks)
    for key in (KEY, OTHER):
        fetched(key, 3)
    listen = analyze.hear

    def slow(job, path, digest):
        if job.hint.key == KEY:
            monkeypatch.setattr(analyze, "hear", listen)
            redis_forgets()
        return listen(job, path, digest)

    monkeypatch.setattr(analyze, "hear", slow)
    # When Redis forgets everything meanwhile
    assert line.run(Station.ANALYZE, KEY) == "dropped"
    # I expect
    assert line.wiring.store.memo("prints", KEY) is None
    # When both are enqueued again, and the second is quicker
    line.enqueue(*tracks)
    for key in (OTHER, KEY):
        assert line.run(Station.DOWNLOAD, key) == line.run(Station.ANALYZE, key) == "sealed"
    # I expect exactly one of them to be the track
    assert (line.item(OTHER).alias, line.item(KEY).alias) == ("", OTHER)


def test_the_first_upload_stays_the_track_when_redis_has_forgotten(line, fetched, make_track, redis_forgets):
    # Given
    tracks = make_track(1), make_track(2)
    line.enqueue(*tracks)
    for key in (KEY, OTHER):
        fetched(key, 3)
        assert line.run(Station.ANALYZE, key) == "sealed"
    # When
    redis_forgets()
    line.enqueue(*tracks)
    for key in (OTHER, KEY):
        assert line.run(Station.DOWNLOAD, key) == "sealed"
    # I expect the second to wait for the first, however quick it is
    assert line.run(Station.ANALYZE, OTHER) == "later"
    assert KEY in line.item(OTHER).reason
    assert line.run(Station.ANALYZE, KEY) == line.run(Station.ANALYZE, OTHER) == "sealed"
    assert (line.item(OTHER).alias, line.item(KEY).alias) == (KEY, "")


def test_a_first_upload_that_is_not_enqueued_again_gives_way_and_its_page_says_so(line, fetched, make_track, redis_forgets):
    # Given a recording in two playlists, with its page, when Redis forgets everything
    line.enqueue(make_track(1))
    fetched(KEY, 3)
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    line.sealed(Station.EAGLE, KEY, used=False)
    assert line.finalise(KEY) == "sealed"
    redis_forgets()
    # When only the second upload's playlist is enqueued again, and the first one's much later
    line.enqueue(make_track(2), name="Late")
    fetched(OTHER, 3)
    assert line.run(Station.ANALYZE, OTHER) == "sealed"
    line.sealed(Station.EAGLE, OTHER, used=False)
    assert line.finalise(OTHER) == "sealed"
    line.enqueue(make_track(1))
    assert line.run(Station.DOWNLOAD, KEY) == line.run(Station.ANALYZE, KEY) == "sealed"
    assert line.finalise(KEY) == "sealed"
    # I expect one track, and the other's page to be found though Redis knew nothing of it
    assert (line.item(OTHER).alias, line.item(KEY).alias) == ("", OTHER)
    said = {row["Source ID"]: row["Status"] for row in line.notion.rows()}
    assert said == {OTHER: "Complete", KEY: "Duplicate"}


def test_a_first_upload_that_failed_gives_way(line, fetched, make_track):
    # Given
    line.enqueue(make_track(1), make_track(2))
    for key in (KEY, OTHER):
        fetched(key, 3)
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    line.forget(KEY, "s:analyze")
    line.set(KEY, verdict="failed", reason="damaged")
    # I expect
    assert line.run(Station.ANALYZE, OTHER) == "sealed"
    assert line.item(OTHER).alias == ""
    # When it is tried again
    line.wiring.rework.reopen(line.item(KEY))
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    # I expect
    assert line.item(KEY).alias == OTHER
    assert line.item(OTHER).playlists == line.item(KEY).playlists
