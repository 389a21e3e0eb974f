from pathlib import Path

from rich.console import Console

from crateline.cli import demo, demo_view


def summary(**changed):
    """What a demo of two tracks has measured."""
    row = {"key": "soundcloud:tracks:1", "title": "One", "state": "done", "reason": "", "files": ["one.m4a"]}
    gone = {"key": "soundcloud:tracks:2", "title": "", "state": "refused", "reason": "deleted", "files": []}
    asked = {"requests": 4, "fullest_minute": 4, "limit": 180, "throttled": 0, "budget_share": 0.1}
    base = {"total": 2, "done": 1, "refused": 1, "review": 0, "failed": 0, "seconds": 8.0, "kills": 0}
    return {**base, "notion": asked, "twice": {"pages": 0, "items": 0, "downloads": 0}, "tracks": [row, gone], **changed}


def read(shown):
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123  # closed below
    try:
        console.print(shown)
    finally:
        console.file.close()
    return console.export_text()


def closing(**changed):
    return read(demo_view.closing(summary(**changed), {"notion": "http://127.0.0.1:1"}, Path("demo")))


def test_the_summary_counts_explains_and_says_where_things_are():
    text = closing(kills=3)
    for words in (
        "1 of 2 tracks are done",
        "1 refused",
        "deleted",
        "2.00 per track",
        "3 workers with SIGKILL",
        "http://127.0.0.1:1/",
    ):
        assert words in text


def test_what_was_lost_or_done_twice_is_told_and_ends_with_1():
    # Given a line that has broken its promise
    broken = {"total": 3, "twice": {"pages": 1, "items": 0, "downloads": 2}}
    # I expect the summary to say so, and the exit code too
    text = closing(**broken)
    assert "1 pages are there twice, 2 downloads are there twice" in text
    assert "1 tracks" in text
    assert demo._exit_code(summary(**broken)) == 1


def test_failed_tracks_end_with_3_and_refused_ones_with_0():
    assert demo._exit_code(summary()) == 0
    assert demo._exit_code(summary(done=0, failed=1)) == 3


def test_a_title_cannot_speak_to_the_terminal():
    hostile = {"key": "k", "title": "\x1b[2J[red]boo", "state": "refused", "reason": "gone\nfor good", "files": []}
    text = closing(tracks=[hostile])
    assert "\x1b" not in text
    assert "[red]boo" in text


def test_the_figures_come_from_what_notion_saw():
    stats = {"arrivals": [{}] * 90, "per_minute": 180, "fullest_window": 90, "refused_by_window": 0}
    measured = demo_view.measure(stats, 60.0, [("analyze", 1)])
    assert measured["notion"]["budget_share"] == 0.5
    assert (measured["notion"]["requests"], measured["kills"]) == (90, 1)


def test_what_became_of_the_djay_library_is_told():
    # Given
    done = {
        "read": {"tracks": 72, "sessions": 5, "plays": 70},
        "matched": {"source_id": 4},
        "absent": 68,
        "pages": {"sessions": {"created": 5}, "tracks": {"updated": 4}},
        "linked": 9,
        "requests": 13,
        "seconds": 4.2,
        "again": {"created": 0, "updated": 0, "failed": 0, "requests": 1},
    }

    # I expect
    text = closing(djay=done)
    assert "5 sets in the Calendar with 9 tracks played" in text
    assert "run again: 0 writes" in text
