"""Steering the line from the console, against a real Redis."""

import pytest

from crateline.domain.track import Platform, Playlist, Track
from crateline.durable import keyspace
from crateline.durable.pauses import Pauses
from crateline.durable.register import Register
from crateline.messages import QUEUE_NAMES


@pytest.fixture
def line(clean_environment, redis_url, client, tmp_path):
    """Two playlists of two tracks each."""
    for name, value in {"REDIS_URL": redis_url, "STATE_DIR": tmp_path / "s", "MEDIA_ROOT": tmp_path / "m"}.items():
        clean_environment.setenv(name, str(value))
    for number, name in ((1, "Warm-up"), (2, "Peak")):
        tracks = tuple(
            Track(key=f"soundcloud:tracks:{number}{n}", title="T", artist="A", url="", platform=Platform.SOUNDCLOUD)
            for n in (1, 2)
        )
        key = f"soundcloud:playlists:{number}"
        Register(client).enrol(
            Playlist(key=key, name=name, url="", platform=Platform.SOUNDCLOUD, source_id=str(number), tracks=tracks)
        )
    return client


def end(client, number: int, verdict: str) -> None:
    client.hset(keyspace.track(f"soundcloud:tracks:{number}"), mapping={"verdict": verdict, "reason": "so", "at": "download"})


@pytest.mark.parametrize(("words", "counts"), [([], (2, 4)), (["--all"], (2, 4)), (["peak"], (1, 2))])
def test_resume_says_how_much_it_looks_at(line, crateline, words, counts):
    # When
    ended = crateline("resume", *words, "--json")

    # I expect
    assert ended.rows == [{"playlists": counts[0], "tracks": counts[1]}]
    assert "looked at now" in crateline("resume", *words).err


def test_resume_reminds_of_what_is_still_paused(line, crateline):
    Pauses(line).begin("youtube", reason="the bot check", remedy="Wait an hour")
    assert "youtube is still paused: the bot check. Wait an hour" in crateline("resume").err


def test_retry_reopens_failed_and_refused_tracks_and_says_how_many(line, crateline):
    # Given
    for number, verdict in ((11, "failed"), (12, "review"), (21, "refused")):
        end(line, number, verdict)

    # I expect
    assert crateline("retry", "peak", "--json").rows == [{"reopened": 1, "keys": ["soundcloud:tracks:21"]}]
    assert "1 track sent through the line again" in crateline("retry").err
    assert "Nothing has failed or was refused" in crateline("retry").err
    assert line.hget(keyspace.track("soundcloud:tracks:12"), "verdict") == "review"


def test_a_track_to_review_is_reopened_only_by_its_name(line, crateline):
    end(line, 12, "review")
    assert crateline("retry", "--track", "soundcloud:tracks:12", "--json").rows[0]["reopened"] == 1
    assert line.hget(keyspace.track("soundcloud:tracks:12"), "verdict") is None


@pytest.mark.parametrize(
    "words",
    [
        ["retry", "--track", "soundcloud:tracks:99"],
        ["retry", "--track", "soundcloud:tracks:11"],
        ["retry", "nobody's"],
        ["retry", "peak", "--track", "x"],
        ["resume", "peak", "--all"],
        ["resume", "nobody's"],
        ["pause", "nonsense"],
        ["unpause", "nonsense"],
        ["pause"],
        ["worker", "nonsense"],
        ["up", "--queues", "download,nonsense"],
    ],
)
def test_what_cannot_be_done_is_wrong_usage_and_changes_nothing(line, crateline, words):
    # Given
    before = {key: line.dump(key) for key in line.scan_iter("*")}

    # When
    ended = crateline(*words)

    # I expect
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert {key: line.dump(key) for key in line.scan_iter("*")} == before


def test_an_unknown_service_or_queue_is_refused_with_the_list(line, crateline):
    assert "soundcloud-media" in crateline("pause", "nonsense").err
    said = crateline("worker", "nonsense").err
    assert all(name in said for name in QUEUE_NAMES)


def test_a_service_is_paused_shown_and_let_go(line, crateline):
    # When
    paused = crateline("pause", "notion", "--reason", "moving the database")

    # I expect
    assert paused.code == 0
    assert "`crateline unpause notion`" in paused.err
    (row,) = crateline("pauses", "--json").rows[0]["pauses"]
    assert (row["service"], row["reason"], row["remedy"]) == ("notion", "moving the database", "crateline unpause notion")
    assert row["by_hand"]
    shown = crateline("pauses").out
    assert "moving the database" in shown

    # When what waited for it is let go
    line.sadd(keyspace.parked("notion"), "page|soundcloud:tracks:11")
    freed = crateline("unpause", "notion")

    # I expect
    assert "1 task had waited" in freed.err
    assert crateline("pauses", "--json").rows == [{"pauses": []}]
    assert "Nothing is paused" in crateline("pauses").err
    assert "was not paused" in crateline("unpause", "notion").err


def test_pausing_twice_keeps_the_first_reason(line, crateline):
    crateline("pause", "notion", "--reason", "first")
    assert "paused already: first" in crateline("pause", "notion", "--reason", "second").err


def test_workers_are_started_with_what_was_asked(line, crateline, monkeypatch):
    # Given
    asked: list[tuple] = []
    monkeypatch.setattr("workers.runner.run_worker", lambda _wiring, *rest: asked.append(rest) or 0)

    # When
    crateline("worker", "download", "analyze", "--concurrency", "3", "--name", "box")
    crateline("worker")

    # I expect
    assert asked == [(("download", "analyze"), 3, "box"), ((), None, "")]
