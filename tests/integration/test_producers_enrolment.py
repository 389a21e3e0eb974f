"""Putting playlists on the line, against a real Redis: what is planned, what is published, and that repeating is harmless."""

import itertools
import json

import pytest

from crateline.cli import session
from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.durable import keyspace
from crateline.durable.rescue import DueSet
from crateline.messages import Hint, Station
from crateline.settings import Settings
from crateline.wiring import Wiring
from producers import again, enrolment


@pytest.fixture
def wiring(clean_environment, redis_url, tmp_path):
    known = Wiring(Settings(redis_url=redis_url, state_dir=tmp_path / "state", media_root=tmp_path / "media"))
    yield known
    session.close(known)


def track(number: int, **words) -> Track:
    given = {"title": f"Title {number}", "artist": "Ada", "url": f"https://soundcloud.com/ada/{number}"} | words
    return Track(key=f"soundcloud:tracks:{number}", platform=Platform.SOUNDCLOUD, **given)


def gone(number: int) -> Track:
    return track(number, title="", artist="", availability=Availability.GONE)


def playlist(*tracks: Track, key: str = "soundcloud:playlists:1", name: str = "Lo Collective") -> Playlist:
    return Playlist(
        key=key, name=name, url="https://soundcloud.com/lo/sets/a", platform=Platform.SOUNDCLOUD, source_id="1", tracks=tracks
    )


def queued(client, queue: str) -> list[str]:
    """The keys of the hints in a queue, the one that is taken first at the front."""
    rows = client.lrange(f"{queue}\x06\x163", 0, -1) + client.lrange(queue, 0, -1)
    messages = [json.loads(row) for row in reversed(rows)]
    return [message["headers"]["kwargsrepr"].partition(" · ")[0] for message in messages]


def test_a_plan_counts_and_changes_nothing(wiring, client):
    # Given one known track, one that is gone, and a repeated row
    enrolment.enrol(wiring, playlist(track(1)))
    before = {key: client.dump(key) for key in client.scan_iter("crateline:*")}

    # When
    planned = enrolment.plan(wiring, playlist(track(1), track(2), gone(3), track(2)))

    # I expect
    assert (planned.total, planned.new, planned.known, planned.refused) == (3, 2, 1, 1)
    assert {key: client.dump(key) for key in client.scan_iter("crateline:*")} == before


def test_what_is_planned_is_what_is_done(wiring):
    wanted = playlist(track(1), track(2), gone(3), track(2))
    assert enrolment.plan(wiring, wanted).public() == enrolment.enrol(wiring, wanted).public()


def test_hints_lie_in_the_queues_at_once_in_the_playlists_order(wiring, client):
    # When
    enrolment.enrol(wiring, playlist(*(track(n) for n in (5, 3, 9, 1, 7))))

    # I expect
    assert queued(client, "download") == [f"soundcloud:tracks:{n}" for n in (5, 3, 9, 1, 7)]
    assert queued(client, "notion-write") == ["soundcloud:playlists:1"]


def test_the_sweep_does_not_double_what_was_published(wiring, client):
    # When
    enrolment.enrol(wiring, playlist(*(track(n) for n in range(20))))

    # I expect
    swept = [one.hint for one in DueSet(client).sweep()]
    assert [hint for hint in swept if hint.station in (Station.DOWNLOAD, Station.PLAYLIST)] == []


def test_a_published_hint_is_due_again_after_its_grace(wiring, client):
    # When
    now = wiring.ledger.now_ms()
    enrolment.enrol(wiring, playlist(track(1), track(2)))

    # I expect
    due = client.zscore(keyspace.DUE, Hint(station=Station.DOWNLOAD, key="soundcloud:tracks:2").member)
    grace = 1000 * (enrolment.GRACE_S + 3 * enrolment.GRACE_PER_MESSAGE_S)
    assert grace <= due - now < grace + 5000


def test_early_pages_are_spread_over_the_budget(wiring, client):
    # When
    enrolment.enrol(wiring, playlist(*(track(n) for n in range(4))))

    # I expect 0.9 * 60 s / 180 requests between two of them
    due = [client.zscore(keyspace.DUE, Hint(station=Station.PAGE, key=f"soundcloud:tracks:{n}").member) for n in range(4)]
    assert [round(b - a) for a, b in itertools.pairwise(due)] == [300, 300, 300]


def test_a_track_that_waits_for_its_time_is_not_published_again(wiring, client):
    # Given a track that was handed back for a minute
    enrolment.enrol(wiring, playlist(track(1), track(2)))
    member = Hint(station=Station.DOWNLOAD, key="soundcloud:tracks:1").member
    later = wiring.ledger.now_ms() + 60_000
    client.zadd(keyspace.DUE, {member: later})
    client.delete("download", "download\x06\x163")

    # When
    enrolment.enrol(wiring, playlist(track(1), track(2)))

    # I expect
    assert queued(client, "download") == []
    assert client.zscore(keyspace.DUE, member) == pytest.approx(later)


def test_enqueuing_twice_makes_nothing_new(wiring):
    # Given
    wanted = playlist(track(1), track(2))
    enrolment.enrol(wiring, wanted)

    # When
    second = enrolment.enrol(wiring, wanted)

    # I expect
    assert (second.new, second.known) == (0, 2)
    assert wiring.register.members(wanted.key) == ["soundcloud:tracks:1", "soundcloud:tracks:2"]


def test_without_audio_no_download_is_asked_for(wiring, client):
    # When
    enrolment.enrol(wiring, playlist(track(1)), audio=False)

    # I expect
    assert queued(client, "download") == []
    assert client.zscore(keyspace.DUE, "page|soundcloud:tracks:1") is not None


def test_a_second_upload_brings_its_new_playlist_to_the_first(wiring, client):
    # Given track 2 is known to be another upload of track 1
    enrolment.enrol(wiring, playlist(track(1), track(2)))
    client.hset(keyspace.track("soundcloud:tracks:2"), "alias", "soundcloud:tracks:1")

    # When
    enrolment.enrol(wiring, playlist(track(2), key="soundcloud:playlists:2", name="Other"))

    # I expect
    first = wiring.ledger.track("soundcloud:tracks:1")
    assert first.playlists == ("soundcloud:playlists:1", "soundcloud:playlists:2")


def test_notion_is_read_before_the_next_page_is_made(wiring):
    # Given
    wiring.index.read(cursor="", began=0)

    # When
    enrolment.enrol(wiring, playlist(track(1)))

    # I expect
    assert wiring.index.stale()


def test_a_thousand_rows_are_enrolled_within_seconds(wiring, client):
    # When
    began = wiring.ledger.now_ms()
    done = enrolment.enrol(wiring, playlist(*(track(n) for n in range(1000))))

    # I expect
    assert done.new == 1000
    assert len(queued(client, "download")) == 1000
    assert wiring.ledger.now_ms() - began < 10_000


def test_of_very_many_the_first_are_published_and_the_rest_falls_due_in_order(wiring, client, monkeypatch):
    # Given
    monkeypatch.setattr(enrolment, "AT_ONCE", 4)
    monkeypatch.setattr(enrolment, "PER_SECOND", 2)
    now = wiring.ledger.now_ms()

    # When
    enrolment.enrol(wiring, playlist(*(track(n) for n in (9, 3, 7, 1, 5, 8))))

    # I expect
    assert queued(client, "download") == [f"soundcloud:tracks:{n}" for n in (9, 3, 7)]
    due = [client.zscore(keyspace.DUE, f"download|soundcloud:tracks:{n}") for n in (1, 5, 8)]
    assert [round(b - a) for a, b in itertools.pairwise(due)] == [500, 500]
    assert 500 <= due[0] - now < 5000
    assert DueSet(client).sweep() == [], "nothing is published twice"


def test_enrolling_tells_how_far_it_is(wiring):
    # When
    told = []
    enrolment.enrol(wiring, playlist(*(track(n) for n in range(1200)), track(0)), show=lambda *far: told.append(far))

    # I expect
    assert told == [(500, 1200), (1000, 1200), (1200, 1200)]


def test_a_plan_of_many_counts_what_is_known(wiring):
    # Given
    enrolment.enrol(wiring, playlist(*(track(n) for n in range(1100))))

    # I expect
    assert enrolment.plan(wiring, playlist(*(track(n) for n in range(100, 1300)))).known == 1000


def test_resume_brings_every_unfinished_track_forward(wiring, client):
    # Given two tracks that wait for an hour, and one with a page
    enrolment.enrol(wiring, playlist(track(1), track(2)))
    client.hset(keyspace.track("soundcloud:tracks:2"), "s:page", "{}")
    client.delete(keyspace.DUE)
    later = wiring.ledger.now_ms() + 3_600_000
    client.zadd(keyspace.DUE, {"download|soundcloud:tracks:1": later, "page|soundcloud:tracks:1": later})

    # When
    done = again.resume(wiring, wiring.register.keys())

    # I expect
    assert (done.playlists, done.tracks) == (1, 2)
    due = dict(client.zrange(keyspace.DUE, 0, wiring.ledger.now_ms(), byscore=True, withscores=True))
    assert set(due) == {
        "playlist|soundcloud:playlists:1",
        "download|soundcloud:tracks:1",
        "page|soundcloud:tracks:1",
        "download|soundcloud:tracks:2",
        "finalise|soundcloud:tracks:2",
    }


def ended(client, number: int, verdict: str) -> None:
    fields = {"verdict": verdict, "reason": "so it was", "at": "download", "tries:download": "5"}
    client.hset(keyspace.track(f"soundcloud:tracks:{number}"), mapping=fields)


def test_retry_takes_failed_and_refused_tracks_and_leaves_review_alone(wiring, client):
    # Given
    enrolment.enrol(wiring, playlist(*(track(n) for n in range(4))))
    for number, verdict in ((1, "failed"), (2, "refused"), (3, "review")):
        ended(client, number, verdict)

    # When
    items = again.retry(wiring, wiring.register.keys())

    # I expect
    assert [item.key for item in items] == ["soundcloud:tracks:1", "soundcloud:tracks:2"]
    states = {item.key[-1]: item.verdict for item in wiring.ledger.tracks(f"soundcloud:tracks:{n}" for n in range(4))}
    assert states == {"0": "", "1": "", "2": "", "3": "review"}
    assert wiring.ledger.track("soundcloud:tracks:1").attempts(Station.DOWNLOAD) == 0


def test_a_track_in_two_playlists_is_retried_once(wiring, client):
    # Given
    enrolment.enrol(wiring, playlist(track(1)))
    enrolment.enrol(wiring, playlist(track(1), key="soundcloud:playlists:2"))
    ended(client, 1, "failed")

    # I expect
    assert len(again.retry(wiring, wiring.register.keys())) == 1


def test_a_track_to_review_is_retried_when_it_is_named(wiring, client):
    # Given
    enrolment.enrol(wiring, playlist(track(1)))
    ended(client, 1, "review")

    # When
    again.retry_track(wiring, "soundcloud:tracks:1")

    # I expect
    assert wiring.ledger.track("soundcloud:tracks:1").verdict == ""
