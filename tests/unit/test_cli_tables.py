"""What `status` looks like on terminals of every width: nothing that matters is cut, and nothing is broken in the middle."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from crateline.cli import board, tables
from crateline.cli.flow import Flow

WIDTHS = (40, 60, 80, 100, 120, 160)


def playlist(name: str = "Warehouse Selection", **other: Any) -> dict[str, Any]:
    counts = {"total": 59, "done": 20, "review": 1, "refused": 6, "failed": 2, "waiting": 30}
    return {"key": "k:1", "name": name, "state": "running", "eta_seconds": 432.0, "sync": None, **counts, **other}


def track(**other: Any) -> dict[str, Any]:
    key = "spotify:track:4uLU6hMCjMI75M1A2tKUQC"
    return {"key": key, "title": "Night", "artist": "Ada", "state": "done", "station": "finalise", "reason": "", **other}


def drawn(renderable: Any, width: int) -> str:
    console = Console(width=width, force_terminal=False, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_figure_of_a_playlist_can_be_read_at_any_width(width):
    # When
    shown = drawn(tables.playlists([playlist("A very long name of a playlist, as people give them")]), width)

    # I expect
    for words in ("running", "20/59", "review", "refused", "failed", "7 min 12 s", "A very lon"):
        assert words in shown, words
    assert all(len(line) <= width for line in shown.splitlines())


def test_the_bar_gives_way_before_the_name_does():
    assert len(bar_of(160)) == tables.BAR
    assert len(bar_of(80)) < tables.BAR
    assert "Warehouse Selection" in drawn(tables.playlists([playlist()]), 80)


def bar_of(width: int) -> str:
    line = next(line for line in drawn(tables.playlists([playlist()]), width).splitlines() if "20/59" in line)
    return "".join(letter for letter in line if letter in "━─")


def test_a_column_that_would_be_empty_is_not_drawn():
    # When
    shown = drawn(tables.playlists([playlist(state="done", failed=0, review=0, waiting=0, eta_seconds=0)]), 80)

    # I expect
    assert "refused" in shown
    assert not {"failed", "review", "left", "to go"} & set(shown.replace("  ", "\n").split("\n"))


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_the_key_of_a_track_can_be_copied_at_any_width(width):
    # When
    shown = drawn(tables.tracks([track(state="refused", reason="only a preview is offered " * 5, title="Night " * 20)]), width)

    # I expect
    assert "spotify:track:4uLU6hMCjMI75M1A2tKUQC" in shown
    assert "refused" in shown


def test_where_a_finished_track_is_says_nothing():
    shown = drawn(tables.tracks([track(), track(state="running", station="analyze")]), 80)
    assert "finalise" not in shown
    assert "analyze" in shown


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_moment_is_told_on_the_clock_of_the_reader(zone, monkeypatch):
    # Given
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    now = time.time()

    # I expect
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now))
    assert tables.since(stamp) == time.strftime("%H:%M", time.localtime(now))
    assert tables.since("2001-02-03T12:05:00+00:00") == time.strftime("%Y-%m-%d %H:%M", time.localtime(981201900))

    # Finally
    monkeypatch.undo()
    time.tzset()


def status(*rows: dict[str, Any]) -> dict[str, Any]:
    due = {"overdue": 0, "oldest_seconds": 0.0}
    lists = {name: [] for name in ("pauses", "consents", "copies", "workers")}
    return {"playlists": list(rows), "queues": {"download": 3}, "due": due, "budgets": {}, **lists}


def sync(**other: Any) -> dict[str, Any]:
    moments = {"looked_at": "2001-02-03T12:05:00+00:00", "next_at": "2001-02-03T18:05:00+00:00"}
    return {"status": "synced", "reason": "", "every_minutes": 360, **moments, **other}


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (sync(), "looked at 2001-02-03 12:05, again at 2001-02-03 18:05, then every 360 minutes"),
        (sync(looked_at=None, next_at=None, every_minutes=1), "not looked at yet, again at once, then every 1 minute"),
        (sync(status="partial", reason="2 files left out"), "(2 files left out)"),
        (sync(every_minutes=0, next_at=None), "never again by itself"),
        (sync(status="failed", reason="it is private"), "«Warehouse Selection» could not be looked at: it is private; again at"),
    ],
)
def test_a_playlist_alone_says_how_it_is_kept_in_step(known, said, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert said in drawn(board.board(status(playlist(sync=known))), 200)


def test_of_several_playlists_those_that_could_not_be_looked_at_are_named():
    # When
    shown = drawn(
        board.board(status(playlist("Fine", sync=sync()), playlist("Gone", sync=sync(status="failed")), playlist())), 200
    )

    # I expect
    assert "«Gone» could not be looked at" in shown
    assert "looked at 2001" not in shown


def test_a_board_that_fits_no_screen_shows_what_goes_on_first():
    # Given
    rows = [playlist(f"done {n}", state="done", waiting=0, eta_seconds=0) for n in range(9)] + [playlist("goes on")]

    # When
    shown = drawn(board.board(status(*rows), most=3), 80)

    # I expect
    assert "goes on" in shown
    assert shown.count("done ") >= 2
    assert "… and 7 more" in shown
    assert "more" not in drawn(board.board(status(*rows)), 80)


@given(pieces=st.lists(st.text(alphabet="abcdefg", min_size=1, max_size=12), min_size=1, max_size=12), width=st.integers(12, 60))
def test_pieces_that_flow_are_never_broken(pieces, width):
    # When
    shown = drawn(Flow([Text(piece) for piece in pieces]), width)

    # I expect
    assert shown.split() == pieces
    assert all(len(line) <= width for line in shown.splitlines())
