"""How far a command is: a bar where somebody watches, a line every so often elsewhere, nothing for what is quick."""

import io

import pytest
from rich.console import Console

from crateline.cli import progress, talk


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved."""
    moment = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: moment[0])
    return moment


def test_what_is_quick_says_nothing(clock, capsys):
    with progress.shown("Warm-up") as show:
        clock[0] += 9
        show(500, 1000)
        show(1000, 1000)

    # I expect
    assert capsys.readouterr() == ("", "")


def test_what_takes_long_is_said_every_ten_seconds(clock, capsys):
    with progress.shown("Warm-up") as show:
        for done in range(0, 2500, 500):
            show(done, 2000)
            clock[0] += 6

    # I expect it on stderr, and the end left to whoever says what was done
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["Warm-up: 1000 of 2000"]


def test_on_a_terminal_there_is_a_bar_that_goes_away(monkeypatch, capsys):
    # Given
    screen = io.StringIO()
    monkeypatch.setattr(talk, "margin", lambda: Console(file=screen, force_terminal=True, width=100))

    # When
    with progress.shown("Warm\x1b[31m-up [bold]") as show:
        show(500, 1000)

    # I expect
    assert "500/1000" in screen.getvalue()
    assert "\x1b[31m-up" not in screen.getvalue()
    assert capsys.readouterr().out == ""
