"""`crateline enqueue` in a simulated world, with a real Redis: it says what it does, answers as promised, and waits."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from types import SimpleNamespace

import pytest

from crateline.cli import report
from crateline.durable import keyspace
from crateline.durable.pauses import Pauses
from crateline.durable.register import Register

ANSWER = {"key", "total", "new", "known", "refused", "dry_run"}
LIMIT_S = 20.0
QUEUE = "download\x06\x163"


@pytest.fixture
def url(world):
    return world.world.main.url


def test_an_answer_has_the_words_of_the_contract_and_nothing_else_is_on_stdout(settled_in, crateline, url):
    # When
    ended = crateline("enqueue", url, "--json")

    # I expect
    (row,) = ended.rows
    assert ended.code == 0
    assert set(row) == ANSWER
    assert row["total"] == row["new"] > 0
    assert not row["dry_run"]


def test_it_says_what_it_will_do(settled_in, crateline, url, world):
    # When
    ended = crateline("enqueue", url)

    # I expect
    assert ended.out == ""
    assert f"Reading {url}" in ended.err
    assert f"«{world.world.main.title}»" in ended.err
    assert "new, 0 known" in ended.err
    assert "run `crateline up`" in ended.err


def test_a_dry_run_leaves_the_ledger_as_it_was(settled_in, crateline, client, url):
    # When
    (row,) = crateline("enqueue", url, "--dry-run", "--json").rows

    # I expect
    assert row["dry_run"]
    assert row["new"] == row["total"]
    kept = {key.split(":")[1] for key in client.scan_iter("crateline:*")}
    assert kept <= {"budget", "epoch", "requests", "run"}
    assert client.llen(QUEUE) == 0


def test_a_dry_run_tells_what_is_known(settled_in, crateline, url):
    # Given
    crateline("enqueue", url, "--max-tracks", "3")

    # When
    (row,) = crateline("enqueue", url, "--dry-run", "--json").rows

    # I expect
    assert row["known"] == 3
    assert row["new"] == row["total"] - 3


def test_the_same_playlist_again_is_known(settled_in, crateline, client, url):
    # Given
    (first,) = crateline("enqueue", url, "--json").rows

    # When
    (second,) = crateline("enqueue", url, "--json").rows

    # I expect
    assert (second["new"], second["known"]) == (0, first["total"])
    assert Register(client).keys() == [first["key"]]


def test_a_limit_holds(settled_in, crateline, client, url):
    # When
    (row,) = crateline("enqueue", url, "--max-tracks", "4", "--json").rows

    # I expect
    assert row["total"] == 4
    assert len(Register(client).members(row["key"])) == 4


def test_several_sources_are_a_line_each_and_one_that_cannot_be_read_holds_nobody_up(settled_in, crateline, client, url):
    # When
    ended = crateline("enqueue", "https://soundcloud.com/nobody/sets/nothing", url, "liked", "--max-tracks", "2", "--json")

    # I expect
    assert ended.code == 1
    assert [row["key"].partition(":")[0] for row in ended.rows] == ["soundcloud", "spotify"]
    assert "nobody/sets/nothing: soundcloud-api" in ended.err
    assert {row["key"] for row in ended.rows} <= set(Register(client).keys())


def test_a_pause_is_said_and_is_no_error(settled_in, crateline, client, url):
    # Given
    Pauses(client).begin("eagle", reason="its library was switched", remedy="Switch back in Eagle")

    # When
    ended = crateline("enqueue", url, "--max-tracks", "1")

    # I expect
    assert ended.code == 0
    assert "its library was switched. Switch back in Eagle" in ended.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["enqueue"], 2, "Missing argument"),
        (["enqueue", "nonsense"], 2, "not a link crateline knows"),
        (["enqueue", "x", "--max-tracks", "0"], 2, "--max-tracks"),
        (["enqueue", "https://soundcloud.com/nobody/sets/nothing"], 1, "soundcloud-api"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_a_code(settled_in, crateline, words, code, said):
    ended = crateline(*words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("name", ["NOTION_TOKEN", "TRACKS_DB_ID"])
def test_a_missing_setting_is_named_before_anything_happens(settled_in, crateline, client, url, name):
    # Given
    settled_in.delenv(name)

    # When
    ended = crateline("enqueue", url)

    # I expect
    assert ended.code == 2
    assert name in ended.err
    assert list(client.scan_iter("crateline:*")) == []


def test_a_wrong_setting_is_named_without_its_value(settled_in, crateline, url):
    settled_in.setenv("NOTION_REQUESTS_PER_MINUTE", "sesame")
    ended = crateline("enqueue", url)
    assert ended.code == 2
    assert "NOTION_REQUESTS_PER_MINUTE" in ended.err
    assert "sesame" not in ended.err


def settle(client, key: str, verdict: str) -> None:
    """Do the workers' part in one stroke: every track done, the first with a verdict."""
    for place, track in enumerate(Register(client).members(key)):
        fields = {"s:page": '{"page_id": "p"}', "s:download": "{}", "s:analyze": "{}", "s:eagle": "{}", "w": "99"}
        ended = {"verdict": verdict, "reason": "so it was"} if verdict and place == 0 else {}
        client.hset(keyspace.track(track), mapping={**fields, **ended})
    client.delete(keyspace.unfinished(key))


ENDINGS = {"": (0, "done"), "review": (0, "done"), "refused": (0, "done"), "failed": (3, "done_with_failures")}


@pytest.mark.parametrize("verdict", ENDINGS)
@pytest.mark.usefixtures("settled_in")
def test_waiting_ends_with_the_status_and_3_only_if_a_track_failed(crateline, client, eventually, url, verdict):
    # Given a pause, and somebody who works on it as soon as it lies in the queue
    Pauses(client).begin("youtube", reason="the bot check", remedy="Wait")

    def work() -> None:
        eventually(lambda: client.llen(QUEUE) == 2, LIMIT_S)
        settle(client, Register(client).keys()[0], verdict)

    worker = threading.Thread(target=work)
    worker.start()

    # When
    ended = crateline("enqueue", url, "--max-tracks", "2", "--wait", "--json")
    worker.join()

    # I expect
    listed, status = ended.rows
    assert (ended.code, status["state"]) == ENDINGS[verdict]
    assert set(listed) == ANSWER
    assert (status["total"], status["waiting"]) == (2, 0)
    assert status["failed"] == (verdict == "failed")
    assert ended.err.count("youtube is paused: the bot check. Wait") == 1
    assert set(status) == set(report.playlist(Register(client).item(status["key"]), {}, 0, 0))


def test_ctrl_c_while_waiting_ends_with_130_and_the_work_goes_on(settled_in, client, url):
    # Given
    command = [sys.executable, "-m", "crateline", "enqueue", url, "--max-tracks", "2", "--wait"]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        next(line for line in process.stderr if "Nothing works on it yet" in line)
        Pauses(client).begin("youtube", reason="the bot check", remedy="Wait")
        next(line for line in process.stderr if "youtube is paused" in line)

        # When
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=LIMIT_S)

    # I expect
    assert process.returncode == 130
    assert out == ""
    assert "goes on in the background" in said
    assert "Traceback" not in said
    assert client.llen(QUEUE) == 2


def test_a_file_of_links_is_enqueued_under_its_name(settled_in, crateline, client, url, tmp_path):
    # Given
    file = tmp_path / "friday.txt"
    file.write_text("\n".join(f"https://www.youtube.com/watch?v={one}" for one in ("zzzzzzzzzzz", "nonsense")) + f"\n{url}\n")

    # When
    ended = crateline("enqueue", str(file), "--json", "--max-tracks", "2")

    # I expect
    gathered, own = ended.rows
    assert gathered["key"].startswith("links:")
    assert gathered["refused"] == 1
    assert own["key"].startswith("soundcloud:playlists:")
    assert "friday.txt, line 2" in ended.err
    assert json.loads(client.hget(keyspace.playlist(gathered["key"]), "card"))["name"] == "friday"


def rows_of(numbers) -> str:
    """A table as Exportify writes it."""
    rows = [f"spotify:track:{number:022d},Title {number},Ada,200000" for number in numbers]
    return "\n".join(["Track URI,Track Name,Artist Name(s),Track Duration (ms)", *rows])


def test_a_folder_of_lists_is_taken_whole_and_once(settled_in, crateline, client, tmp_path):
    # Given lists, an archive, and what cannot be used
    folder = tmp_path / "exports"
    folder.mkdir()
    for number in range(20):
        (folder / f"list {number:02d}.csv").write_text(rows_of(range(number * 10, number * 10 + 12)))
    (folder / "empty.csv").write_text("")
    (folder / "gone.csv").symlink_to(folder / "nowhere.csv")
    with zipfile.ZipFile(folder / "spotify_playlists.zip", "w") as archive:
        archive.writestr("zipped.csv", rows_of(range(200, 210)) + "\nspotify:track:short,,,")

    # When
    first, second = (crateline("enqueue", str(folder), "--json") for _ in range(2))

    # I expect
    assert (first.code, second.code) == (1, 1)
    assert [row["total"] for row in first.rows] == [12] * 20 + [10]
    assert sum(row["new"] for row in first.rows) == 210
    assert [(row["new"], row["known"]) for row in second.rows] == [(0, row["total"]) for row in first.rows]
    assert first.err.count(f"{folder}/empty.csv") == 2  # that it is read, and that it is empty
    assert f"{folder}/gone.csv cannot be read" in first.err
    assert "zipped.csv, row 12: it has 4 cells" not in first.err
    assert "zipped.csv, row 12: neither a link nor title and artist" in first.err


PIPED = [("look: https://www.youtube.com/watch?v=zzzzzzzzzzz.\n", "links", 1), (rows_of(range(3)), "csv", 3)]


@pytest.mark.parametrize("piped", PIPED)
def test_a_list_may_be_piped_in(settled_in, crateline, client, piped):
    # Given
    text, kind, total = piped
    settled_in.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode()), isatty=lambda: False))

    # When
    ended = crateline("enqueue", "-", "--json")

    # I expect
    (row,) = ended.rows
    assert (ended.code, row["key"].partition(":")[0], row["total"]) == (0, kind, total)
    assert json.loads(client.hget(keyspace.playlist(row["key"]), "card"))["name"] == "Pasted"


@pytest.mark.parametrize("typed", [False, True])
def test_whoever_types_a_list_is_told_how_to_end_it(settled_in, crateline, typed):
    # Given
    text = io.BytesIO(rows_of(range(2)).encode())
    settled_in.setattr(sys, "stdin", SimpleNamespace(buffer=text, isatty=lambda: typed))

    # When
    said = crateline("enqueue", "-", "--dry-run").err

    # I expect
    assert ("press Ctrl-D on a line of its own" in said) == typed


def test_a_row_with_a_soundcloud_link_is_that_upload(settled_in, crateline, client, world, tmp_path):
    # Given a link of which only SoundCloud knows the number
    upload = next(one for one in world.world.soundcloud if one.id in world.world.main.track_ids and one.policy == "ALLOW")
    file = tmp_path / "friday.csv"
    file.write_text(f"title,artist,url\nSomething,Somebody,{upload.url}?utm_source=clipboard\n")

    # When
    ended = crateline("enqueue", str(file), "--json")

    # I expect
    (row,) = ended.rows
    assert Register(client).members(row["key"]) == [f"soundcloud:tracks:{upload.id}"]
