"""`crateline status` against a real Redis: the contract's objects, and what people see."""

import os
import signal
import subprocess
import sys
import time

import pytest
import structlog

from crateline import settings
from crateline.cli import chores, session
from crateline.domain.track import Platform, Playlist, Track
from crateline.durable import keyspace
from crateline.durable.consent import LASTS_S, TOKEN, Consent
from crateline.durable.pauses import Pauses
from crateline.durable.register import Register
from crateline.wiring import Wiring

KEY = "soundcloud:playlists:1"
LIMIT_S = 20.0


def track(number: int, title: str) -> Track:
    url = f"https://soundcloud.com/ada/{number}"
    return Track(key=f"soundcloud:tracks:{number}", title=title, artist="Ada", url=url, platform=Platform.SOUNDCLOUD)


@pytest.fixture
def enrolled(clean_environment, redis_url, client, tmp_path):
    """A playlist of three tracks: one done, one failed, one on its way."""
    for name, value in {"REDIS_URL": redis_url, "STATE_DIR": tmp_path / "s", "MEDIA_ROOT": tmp_path / "m"}.items():
        clean_environment.setenv(name, str(value))
    tracks = (track(1, "Night"), track(2, "[red]Day[/red]\x1b[2J"), track(3, "Dawn"))
    Register(client).enrol(
        Playlist(
            key=KEY,
            name="all:Lo Collective",
            url="https://soundcloud.com/lo/sets/all",
            platform=Platform.SOUNDCLOUD,
            source_id="1",
            tracks=tracks,
        )
    )
    stations = {
        "s:page": '{"page_id": "p-1"}',
        "s:download": "{}",
        "s:analyze": '{"files": ["/m/a.m4a"]}',
        "s:eagle": '{"item": "E1"}',
    }
    client.hset(keyspace.track("soundcloud:tracks:1"), mapping={**stations, "w": "9"})
    client.hset(
        keyspace.track("soundcloud:tracks:2"),
        mapping={"verdict": "failed", "reason": "no sound in it", "at": "analyze", "w": "9"},
    )
    client.srem(keyspace.unfinished(KEY), "soundcloud:tracks:1", "soundcloud:tracks:2")
    client.hset(keyspace.playlist(KEY), "requests:notion", "5")
    return client


def test_the_board_has_the_words_of_the_contract(enrolled, crateline):
    # Given
    Pauses(enrolled).begin("notion", reason="401", remedy="Check NOTION_TOKEN")

    # When
    ended = crateline("status", "--json")

    # I expect
    (board,) = ended.rows
    assert ended.code == 0
    assert {"playlists", "pauses", "queues"} <= set(board)
    (row,) = board["playlists"]
    assert (row["key"], row["name"], row["state"]) == (KEY, "all:Lo Collective", "running")
    counts = {name: row[name] for name in ("total", "done", "failed", "review", "refused", "waiting")}
    assert counts == {"total": 3, "done": 1, "failed": 1, "review": 0, "refused": 0, "waiting": 1}
    assert row["stations"] == {"page": 1, "download": 1, "analyze": 1, "eagle": 1, "finalise": 2}
    assert row["requests"] == {"notion": 5}
    (pause,) = board["pauses"]
    assert set(pause) == {"service", "reason", "remedy", "since"}
    assert set(board["queues"]) == {"notion-write", "download", "analyze", "eagle-import"}


def test_an_empty_line_is_an_empty_board(enrolled, crateline):
    enrolled.flushall()
    (board,) = crateline("status", "--json").rows
    assert (board["playlists"], board["pauses"]) == ([], [])
    assert "Nothing was enqueued yet" in crateline("status").out


def test_a_track_is_an_object_on_a_line_in_the_playlists_order(enrolled, crateline):
    # When
    first, second, third = crateline("status", KEY, "--tracks", "--json").rows

    # I expect
    assert first == {
        "key": "soundcloud:tracks:1",
        "title": "Night",
        "artist": "Ada",
        "state": "done",
        "station": "finalise",
        "reason": "",
        "attempts": 0,
        "page_id": "p-1",
        "eagle_id": "E1",
        "files": ["/m/a.m4a"],
    }
    assert (second["state"], second["station"], second["reason"]) == ("failed", "analyze", "no sound in it")
    assert third["state"] == "waiting"


@pytest.mark.parametrize(
    "words", [KEY, "all:lo collective", "https://soundcloud.com/lo/sets/all", "http://m.soundcloud.com/lo/sets/all?si=1"]
)
def test_a_playlist_is_known_by_its_key_its_name_or_its_link(enrolled, crateline, words):
    (board,) = crateline("status", words, "--json").rows
    assert [row["key"] for row in board["playlists"]] == [KEY]


def test_some_words_of_its_name_are_enough_for_the_only_playlist_that_has_them(enrolled, crateline):
    # When
    ended = crateline("status", "lo coll", "--json")

    # I expect
    assert [row["key"] for row in ended.rows[0]["playlists"]] == [KEY]
    assert "«lo coll» is taken for «all:Lo Collective»" in ended.err


def test_words_that_several_playlists_have_name_those_alone(enrolled, crateline):
    # Given
    for number, name in ((2, "Lo Fi"), (3, "Peak Time")):
        key = f"soundcloud:playlists:{number}"
        Register(enrolled).enrol(
            Playlist(key=key, name=name, url="", platform=Platform.SOUNDCLOUD, source_id=str(number), tracks=())
        )

    # When
    ended = crateline("status", "lo ")

    # I expect
    assert ended.code == 2
    assert "all:Lo Collective" in ended.err
    assert "Lo Fi" in ended.err
    assert "Peak Time" not in ended.err
    assert crateline("status", " ").code == 2


def test_an_unknown_playlist_is_said_with_those_there_are(enrolled, crateline):
    ended = crateline("status", "something else")
    assert ended.code == 2
    assert "No playlist «something else»" in ended.err
    assert "all:Lo Collective" in ended.err


def test_tracks_without_a_playlist_is_wrong_usage(enrolled, crateline):
    assert crateline("status", "--tracks").code == 2


def test_people_see_names_bars_pauses_with_remedies_and_workers(enrolled, crateline):
    # Given
    Pauses(enrolled).begin("eagle", reason="its library was switched", remedy="Switch back in Eagle")
    seconds, _ = enrolled.time()
    enrolled.hset(
        keyspace.WORKERS, mapping={"download@here": seconds, "analyze@there": seconds - 60, "gone@long": seconds - 7200}
    )

    # When
    ended = crateline("status")

    # I expect
    assert ended.code == 0
    for words in (
        "all:Lo Collective",
        "━",
        "1/3",
        "its library was switched",
        "Switch back in Eagle",
        "download@here",
        "notion 0/180",
    ):
        assert words in ended.out
    assert "gone@long" not in ended.out


def test_workers_that_fell_silent_are_not_alive(enrolled, crateline):
    seconds, _ = enrolled.time()
    enrolled.hset(keyspace.WORKERS, mapping={"download@here": seconds, "analyze@there": seconds - 60})
    (board,) = crateline("status", "--json").rows
    assert {row["name"]: row["alive"] for row in board["workers"]} == {"download@here": True, "analyze@there": False}


def test_a_hostile_title_is_shown_and_does_nothing(enrolled, crateline):
    shown = crateline("status", KEY, "--tracks").out
    assert "[red]Day[/red]" in shown
    assert "\x1b" not in shown


def test_watching_prints_a_line_for_every_change_and_none_between(enrolled):
    # Given
    command = [sys.executable, "-m", "crateline", "status", "--watch", "--json"]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert '"waiting": 1' in process.stdout.readline()

        # When
        enrolled.srem(keyspace.unfinished(KEY), "soundcloud:tracks:3")

        # I expect
        assert '"state": "done_with_failures"' in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=LIMIT_S)
    assert rest == ""
    assert process.returncode == 130
    assert "Traceback" not in said


def test_watching_through_a_pipe_prints_each_board_that_differs(enrolled):
    # Given
    command = [sys.executable, "-m", "crateline", "status", "--watch"]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert next(line for line in process.stdout if "1/3" in line)

        # When
        enrolled.srem(keyspace.unfinished(KEY), "soundcloud:tracks:3")

        # I expect
        assert next(line for line in process.stdout if "failures" in line)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert "Traceback" not in said


def test_a_redis_that_is_away_is_a_sentence(clean_environment, crateline, monkeypatch):
    # Given an address where nobody listens, and no patience
    monkeypatch.setattr("crateline.durable.connection.PATIENCE", 1)
    monkeypatch.setenv("REDIS_URL", "redis://:opensesame@127.0.0.1:1/0")

    # When
    ended = crateline("status")

    # I expect
    assert ended.code == 1
    assert "is REDIS_URL right?" in ended.err
    assert "opensesame" not in ended.err


def test_a_consent_that_ends_soon_is_said_before_it_does(enrolled, crateline, client):
    # Given a consent that was given almost six months ago
    kept = Consent(client)
    given = time.time() - LASTS_S + 11.5 * 86400
    kept.save_token_to_cache({"access_token": "a", "refresh_token": "r", "expires_at": 0, "consented_at": given})
    # I expect
    assert crateline("status", "--json").rows[0]["consents"] == [{"service": "spotify", "days": 12}]
    assert "ends in about 12 days: `crateline login spotify`" in " ".join(crateline("status").out.split())
    # And nothing of one that lasts, or whose end nobody knows
    kept.save_token_to_cache({"access_token": "a", "refresh_token": "r", "expires_at": 0, "consented_at": time.time()})
    assert crateline("status", "--json").rows[0]["consents"] == []
    client.delete(TOKEN)
    assert crateline("status", "--json").rows[0]["consents"] == []


def test_the_schedule_says_that_a_consent_ends_soon(enrolled, client, clean_environment):
    # Given
    wiring = Wiring(settings.load())
    wiring.consent.save_token_to_cache({"access_token": "a", "refresh_token": "r", "expires_at": 0, "consented_at": 1.0})
    (chore,) = [one for one in chores.of(wiring.settings) if one.name == "consents"]
    # When
    with structlog.testing.capture_logs() as logs:
        chore.do(wiring)
    # I expect
    assert [(one["action"], one["days"]) for one in logs] == [("consent-ends", 0)]
    session.close(wiring)
