"""Words from outside stay words: no control sequence, no markup, no second line."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from crateline import harmless
from crateline.cli import tables, talk, waiting

HOSTILE = "\x1b[31mred\x1b[0m \x9b2J [bold red]loud[/bold red] :smile: \u202eevil\nsecond\r\x08\ud800"


@given(st.text())
def test_nothing_that_steers_a_terminal_is_left(text):
    # When
    shown = harmless.one_line(text)

    # I expect
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
    assert not set(shown) & harmless.DIRECTIONS
    assert harmless.one_line(shown) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "M"])))
def test_ordinary_words_of_any_language_are_left_alone(text):
    assert harmless.one_line(text) == text


def test_joined_emoji_stay_joined():
    singer, word = "👩\u200d🎤", "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627"
    assert harmless.one_line(f"{singer} {word}") == f"{singer} {word}"


def test_line_breaks_survive_only_where_they_are_wanted():
    assert harmless.one_line("a\nb\r\nc") == "a b  c"
    assert harmless.lines("a\nb\x1b") == "a\nb"


def drawn(renderable) -> str:
    console = Console(width=200, record=False, force_terminal=False, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def test_a_hostile_title_is_shown_as_it_is_written():
    # Given
    row = {
        "state": "done",
        "station": "finalise",
        "artist": HOSTILE,
        "title": "[link=http://x]t[/link]",
        "reason": "",
        "key": "k:1",
    }

    # When
    shown = drawn(tables.tracks([row]))

    # I expect
    assert "[bold red]loud[/bold red]" in shown
    assert "[link=http://x]t[/link]" in shown
    assert ":smile:" in shown
    assert not set(shown) & {"\x1b", "\x9b", "\x08", "\r", "\u202e"}


def test_an_answer_is_one_line_of_ascii_whatever_it_holds(capsys):
    # When
    talk.answer({"title": HOSTILE})

    # I expect
    out = capsys.readouterr().out
    assert out.isascii()
    assert out.count("\n") == 1
    assert json.loads(out) == {"title": HOSTILE}


def test_talk_goes_to_stderr_without_control_characters(capsys):
    # When
    talk.say(HOSTILE)

    # I expect
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "\x1b" not in shown.err


@given(
    done=st.integers(0, 50),
    review=st.integers(0, 50),
    refused=st.integers(0, 50),
    failed=st.integers(0, 50),
    rest=st.integers(0, 50),
)
def test_a_bar_has_always_the_same_length(done, review, refused, failed, rest):
    row = {"done": done, "review": review, "refused": refused, "failed": failed, "total": done + review + refused + failed + rest}
    assert len(tables.bar(row).plain) == tables.BAR


def test_spans_read_as_people_say_them():
    said = {None: "", 0: "", 0.4: "0 s", 42.2: "42 s", 61: "1 min 01 s", 3600: "1 h 00 min", 7325: "2 h 02 min"}
    assert {seconds: tables.span(seconds) for seconds in said} == said


def test_no_word_that_is_said_is_broken_at_the_edge_of_a_terminal(monkeypatch, capsys):
    # Given a narrow terminal, and words of which one is longer than its lines
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    link = "https://soundcloud.com/a-name/sets/" + "x" * 40

    # When
    talk.say(f"Reading {link} takes a while, since there is much to be read\n\n«音楽» is next")

    # I expect
    shown = capsys.readouterr().err
    assert shown.splitlines() == ["Reading", link, "takes a while, since there is", "much to be read", "", "«音楽» is next"]


def test_in_a_pipe_a_sentence_stays_one_line(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "30")
    talk.say("word " * 40)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_table_in_a_pipe_ends_no_line_in_blanks(capsys):
    # When
    talk.show(tables.pauses([{"service": "disk", "reason": "full", "remedy": "free some", "since": "2026-01-01T00:00:00+00:00"}]))

    # I expect
    lines = capsys.readouterr().out.splitlines()
    assert any("full" in line for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []


def test_one_of_something_is_one():
    assert [talk.counted(n, "task") for n in (0, 1, 2)] == ["0 tasks", "1 task", "2 tasks"]


@pytest.mark.parametrize(("seconds", "said"), [(None, ""), (0, ""), (20, "about 1 min to go"), (580, "about 10 min to go")])
def test_the_time_to_go_is_told_as_the_guess_it_is(seconds, said):
    assert waiting.to_go(seconds) == said


def test_that_something_goes_on_is_for_terminals_alone(capsys):
    with talk.busy("Looking"):
        pass
    assert capsys.readouterr() == ("", "")
