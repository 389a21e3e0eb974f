"""`crateline review`: doubts are asked once; answers stick, survive Redis and hold on every machine."""

import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable

import pytest
from rich.console import Console

from crateline.cli import review_view, review_walk
from crateline.domain.track import Platform, Playlist, Track
from crateline.durable import keyspace
from crateline.durable.answers import Answers
from crateline.durable.register import Register
from crateline.messages import Hint, Station
from tasks import review

pytestmark = pytest.mark.real("redis")

LIMIT_S = 60.0
CANDIDATES = [
    {"id": "aaaaaaaaaaa", "title": "Night (Radio Edit)", "channel": "Ada", "platform": "YouTube", "duration": 190.0,
     "score": 0.81, "url": "https://www.youtube.com/watch?v=aaaaaaaaaaa",
     "features": {"title": 1.0, "duration": 0.2, "reasons": ["radio edit"]}},
    {"id": "bbbbbbbbbbb", "title": "Night (Live)", "channel": "Bo", "platform": "YouTube", "duration": 240.0, "score": 0.7,
     "url": "https://www.youtube.com/watch?v=bbbbbbbbbbb", "features": {"title": 1.0, "duration": 0.9, "reasons": ["live"]}},
]  # fmt: skip


def key(number: int) -> str:
    return f"spotify:track:{number}"


@pytest.fixture
def asked(wiring, client):
    """Two tracks that wait for an answer and one that does not."""
    tracks = tuple(
        Track(key=key(n), title=f"Night {n}", artist="Ada", url=f"https://open.spotify.com/track/{n}",
              platform=Platform.SPOTIFY, duration=240.0)
        for n in (1, 2, 3)
    )  # fmt: skip
    Register(client).enrol(
        Playlist(key="spotify:playlist:1", name="Friday", url="", platform=Platform.SPOTIFY, source_id="1", tracks=tracks)
    )
    for number in (1, 2):
        doubt(client, key(number))
    client.delete(keyspace.DUE)
    return client


def doubt(client, one: str) -> None:
    fields = {"verdict": "review", "reason": "a doubtful match waits for you", "at": "download", "kind": "source"}
    client.hset(keyspace.track(one), mapping={**fields, "candidates": json.dumps(CANDIDATES)})


def due(client) -> set[tuple[str, str]]:
    return {(hint.station, hint.key) for hint in map(Hint.of, client.zrange(keyspace.DUE, 0, -1))}


def test_the_list_has_the_words_of_the_contract(asked, crateline):
    # When
    rows = crateline("review", "list", "--json").rows
    # I expect
    assert [(row["key"], row["kind"]) for row in rows] == [(key(1), "source"), (key(2), "source")]
    assert [set(one) >= {"id", "title", "score", "features"} for one in rows[0]["candidates"]] == [True, True]


def test_a_track_that_has_left_every_playlist_is_still_asked_about(asked, wiring, crateline):
    # Given one that its playlist holds no more: its page, its file and its item are kept, so the question is one
    wiring.register.leave("spotify:playlist:1", [key(1)])
    # I expect
    assert {row["key"] for row in crateline("review", "list", "--json").rows} == {key(1), key(2)}
    assert "in no playlist any more" in crateline("review", "list").out
    # When
    crateline("review", "accept", key(1), "aaaaaaaaaaa")
    # I expect
    assert (Station.DOWNLOAD, key(1)) in due(asked)


def test_a_person_sees_the_candidates_side_by_side(asked, crateline):
    # When
    out = crateline("review", "list").out
    # I expect
    for words in ("Ada - Night 1", "4:00", "Night (Radio Edit)", "3:10", "-50 s", "radio edit", "0.81", "watch?v=aaaaaaaaaaa"):
        assert words in out, words


def test_what_is_accepted_goes_on_at_once_and_is_kept(asked, wiring, crateline):
    # When
    ended = crateline("review", "accept", key(1), "aaaaaaaaaaa", "--json")
    # I expect
    assert ended.rows == [{"key": key(1), "kind": "source", "answer": "accepted", "candidate": "aaaaaaaaaaa"}]
    assert not wiring.ledger.track(key(1)).verdict
    assert (Station.DOWNLOAD, key(1)) in due(asked)
    assert [row["key"] for row in crateline("review", "list", "--json").rows] == [key(2)]
    # And to be known when Redis has forgotten everything
    asked.flushall()
    answers = Answers(wiring.store)
    assert answers.accepted(key(1)) == "aaaaaaaaaaa"
    assert answers.details(key(1), "aaaaaaaaaaa")["url"].endswith("aaaaaaaaaaa")


def test_what_is_rejected_is_not_offered_again(asked, wiring, crateline):
    # When
    crateline("review", "reject", key(1))
    crateline("review", "reject", key(2), "bbbbbbbbbbb")
    # I expect
    answers = Answers(wiring.store)
    assert answers.rejected(key(1)) == ("aaaaaaaaaaa", "bbbbbbbbbbb")
    assert answers.rejected(key(2)) == ("bbbbbbbbbbb",)
    assert (Station.DOWNLOAD, key(1)) in due(asked)


def test_an_answer_can_be_taken_back(asked, wiring, crateline):
    # Given
    crateline("review", "reject", key(1))
    crateline("review", "accept", key(2), "bbbbbbbbbbb")
    # When
    ended = crateline("review", "forget", key(1), "bbbbbbbbbbb", "--json")
    # I expect
    assert ended.rows == [{"key": key(1), "forgotten": ["bbbbbbbbbbb"], "again": False}]
    assert Answers(wiring.store).rejected(key(1)) == ("aaaaaaaaaaa",)
    assert crateline("review", "forget", key(2)).code == 0
    assert Answers(wiring.store).confirmed(key(2)) == ()
    # And what was not answered to be an error that says so
    ended = crateline("review", "forget", key(2))
    assert (ended.code, "nothing was answered" in ended.err) == (2, True)
    # And one about djay's library to be asked by the command that asks it
    Answers(wiring.store).reject("djay:1", "0" * 32)
    assert "crateline djay ids" in crateline("review", "forget", "djay:1").err


def test_what_is_skipped_is_asked_last(asked, crateline):
    crateline("review", "skip", key(1))
    assert [row["key"] for row in crateline("review", "list", "--json").rows] == [key(2), key(1)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["accept", key(3), "aaaaaaaaaaa"], "does not wait for an answer"),
        (["accept", key(1), "nobody"], "aaaaaaaaaaa, bbbbbbbbbbb"),
        (["reject", "spotify:track:none"], "does not wait for an answer"),
        (["reject", key(1), "nobody"], "is no candidate"),
        (["skip", key(3)], "does not wait for an answer"),
    ],
)
def test_an_answer_to_what_was_not_asked_changes_nothing(asked, crateline, words, said):
    ended = crateline("review", *words)
    assert ended.code == 2
    assert said in ended.err
    assert due(asked) == set()
    assert len(crateline("review", "list", "--json").rows) == 2


def test_outside_a_terminal_it_says_how_to_answer(asked, crateline):
    ended = crateline("review")
    assert (ended.code, ended.out) == (0, "")
    assert "2 questions wait for an answer" in ended.err


def test_nothing_to_ask_is_said(settled_in, crateline):
    assert "Nothing waits" in crateline("review").err
    assert "Nothing waits" in crateline("review", "list").err


# In a terminal


def keys_pressed(monkeypatch, keys: Iterable[str]) -> list[str]:
    """Let a person press these keys; gives the links that were opened."""
    pressed, opened = iter(keys), list[str]()
    monkeypatch.setattr("click.getchar", lambda: next(pressed))
    monkeypatch.setattr("crateline.cli.browser.show", lambda links: opened.extend(links) or True)
    return opened


def test_a_walk_takes_one_key_an_answer(asked, wiring, monkeypatch, capsys):
    # Given a person who looks first, mistypes, takes the first candidate, and none of the second track's
    opened = keys_pressed(monkeypatch, "o9x1n")
    # When
    assert review_walk.walk(wiring, review.questions(wiring)) == 0
    # I expect
    assert opened == ["https://open.spotify.com/track/1", *(one["url"] for one in CANDIDATES)]
    answers = Answers(wiring.store)
    assert answers.accepted(key(1)) == "aaaaaaaaaaa"
    assert set(answers.rejected(key(2))) == {"aaaaaaaaaaa", "bbbbbbbbbbb"}
    assert "2 answered, nothing is left" in capsys.readouterr().err


def test_what_is_no_answer_changes_nothing_and_is_told_the_keys(asked, wiring, monkeypatch, capsys):
    # Given arrows, a mark that nobody has, and words that were pasted
    keys_pressed(monkeypatch, ["\x1b[a", "7", "0", "?", " ", "12", "1n", "q"])
    # When
    review_walk.walk(wiring, review.questions(wiring))
    # I expect
    said = capsys.readouterr().err
    assert said.count("1-2 that is it · n none of these") == 8
    assert "0 answered, 2 left" in said
    assert len(review.questions(wiring)) == 2


def test_what_was_answered_is_said_with_the_way_back(asked, wiring, monkeypatch, capsys):
    keys_pressed(monkeypatch, "1q")
    review_walk.walk(wiring, review.questions(wiring))
    assert f"→ that is it; `crateline review forget {key(1)}` takes it back" in capsys.readouterr().err


def test_without_a_browser_the_links_are_told(asked, wiring, monkeypatch, capsys):
    keys_pressed(monkeypatch, "oq")
    monkeypatch.setattr("crateline.cli.browser.show", lambda _links: False)
    review_walk.walk(wiring, review.questions(wiring))
    said = capsys.readouterr().err
    assert "the track: https://open.spotify.com/track/1\n1: https://www.youtube.com/watch?v=aaaaaaaaaaa\n2: https" in said


@pytest.mark.parametrize("lines", [24, 20, 12])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_track_is_seen_together_with_all_its_candidates(lines, width, asked, wiring):
    # Given a question with as many candidates as there are keys
    many = [{**CANDIDATES[n % 2], "id": f"{n:011}", "title": f"{n} Night (Radio Edit) and words without end"} for n in range(9)]
    asked.hset(keyspace.track(key(1)), "candidates", json.dumps(many))
    question = review.question(wiring, key(1))
    console = Console(width=width, height=lines, highlight=False, markup=False, emoji=False)
    # When
    shown = console.render_lines(review_view.fitted(question, console, max(lines, 15)), pad=False)
    # I expect
    text = "\n".join("".join(segment.text for segment in line) for line in shown)
    assert len(shown) <= max(lines, 15)
    assert "Ada - Night 1" in text
    for place in range(9):
        assert f"{place + 1}  0." in text
    assert "-50 s" in text


def test_an_id_that_begins_with_a_dash_is_an_id(asked, wiring, crateline):
    # Given
    dashed = {**CANDIDATES[0], "id": "-aaaaaaaa-h"}
    asked.hset(keyspace.track(key(1)), "candidates", json.dumps([dashed]))
    # When
    ended = crateline("review", "accept", key(1), "-aaaaaaaa-h", "--json")
    # I expect
    assert ended.rows == [{"key": key(1), "kind": "source", "answer": "accepted", "candidate": "-aaaaaaaa-h"}]
    assert crateline("review", "forget", "--json", key(1), "-aaaaaaaa-h").rows[0]["forgotten"] == ["-aaaaaaaa-h"]
    # And what is no id to be wrong usage still
    assert crateline("review", "accept", key(1), "-x").code == 2
    assert crateline("review", "accept", "--help").code == 0


def test_a_walk_can_be_stopped_and_gone_on_with(asked, wiring, monkeypatch, capsys):
    keys_pressed(monkeypatch, "sq")
    review_walk.walk(wiring, review.questions(wiring))
    assert "0 answered, 2 left" in capsys.readouterr().err
    assert [one.key for one in review.questions(wiring)] == [key(2), key(1)]


def test_what_somebody_else_has_answered_meanwhile_holds_nobody_up(asked, wiring, monkeypatch, capsys):
    # Given
    waiting = review.questions(wiring)
    review.reject(wiring, key(1))
    keys_pressed(monkeypatch, "12")
    # When
    review_walk.walk(wiring, waiting)
    # I expect
    assert "does not wait for an answer" in capsys.readouterr().err
    assert Answers(wiring.store).accepted(key(2)) == "bbbbbbbbbbb"


def test_a_real_terminal_asks_and_listens(asked, wiring, settled_in):
    # Given the command in a terminal
    ours, its = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "crateline", "review"], stdin=its, stdout=its, stderr=its)
    os.close(its)
    seen, over = bytearray(), threading.Event()

    def listen() -> None:
        while not over.is_set():
            try:
                seen.extend(os.read(ours, 4096))
            except OSError:  # it has ended
                over.set()

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    # When a person presses a key until it is heard: what is typed before the terminal listens is dropped
    answers, deadline = Answers(wiring.store), time.monotonic() + LIMIT_S
    press(ours, b"1", until=lambda: answers.accepted(key(1)) or over.is_set(), deadline=deadline)
    press(ours, b"q", until=lambda: process.poll() is not None, deadline=deadline)
    # I expect
    assert process.wait(LIMIT_S) == 0, seen.decode(errors="replace")
    assert answers.accepted(key(1)) == "aaaaaaaaaaa"
    assert b"1 of 2" in seen
    os.close(ours)


def press(terminal: int, letter: bytes, *, until: Callable[[], object], deadline: float) -> None:
    """Press a key again and again until something has come of it."""
    while not until() and time.monotonic() < deadline:
        os.write(terminal, letter)
        threading.Event().wait(0.3)
