"""The rate window and the journal: what the sandbox can testify about a client."""

from crateline.sandbox.notion import journal
from crateline.sandbox.notion.journal import Journal
from crateline.sandbox.notion.window import Window


class Clock:
    def __init__(self, now=0.0):
        self.now = now

    def __call__(self):
        return self.now


def test_a_window_is_fixed_and_may_be_spent_at_once():
    # Given room for three in each minute, and a clock late in a minute
    clock = Clock(50.0)
    window = Window(3, clock=clock)

    # When four come at once / I expect the fourth to wait for the rest of the minute
    assert [window.take() for _ in range(4)] == [None, None, None, 10]
    clock.now = 59.99
    assert window.take() == 1

    # When the next minute begins / I expect all of its room at once
    clock.now = 60.0
    assert [window.take() for _ in range(4)] == [None, None, None, 60]
    assert (window.fullest, window.refused) == (3, 3)


def test_the_phase_of_the_windows_is_not_the_clocks():
    clock = Clock(50.0)
    window = Window(1, phase=15.0, clock=clock)
    assert [window.take(), window.take()] == [None, 55]


def test_an_arrival_in_an_asked_for_silence_is_seen(monkeypatch):
    # Given an answer that asks for two seconds of silence
    clock = Clock(100.0)
    monkeypatch.setattr(journal.time, "monotonic", clock)
    seen = Journal()
    seen.answer(seen.arrive("GET", "/"), 429, "2")

    # When one arrives at once (it was on its way), one in the middle and one afterwards
    for moment in (100.1, 101.0, 102.1):
        clock.now = moment
        seen.answer(seen.arrive("GET", "/"), 200, None)

    # I expect the middle one to count, and all when no grace is given
    assert seen.report()["in_silence"] == 1
    assert seen.report(grace=0.0)["in_silence"] == 2
    assert seen.report()["by_status"] == {"429": 1, "200": 3}


def test_the_busiest_minute_is_sought_in_any_sixty_seconds():
    assert journal._busiest([0.0, 30.0, 59.0, 61.0, 62.0, 200.0]) == 4
    assert journal._busiest([]) == 0
