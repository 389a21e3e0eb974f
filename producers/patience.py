"""Waiting out what passes while a source is read: our own budget, a service's wish for silence, a hiccup."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from crateline.clients.spotify.answers import TokenRefused
from crateline.errors import BudgetSpent, Interrupted, Throttled, Unavailable
from crateline.wiring import Wiring

Result = TypeVar("Result")
Say = Callable[[str], None]

LONGEST_SILENCE_S = 120.0
"""A person sits before it: a service that wants longer silence than this is an answer, not a wait."""
TRIES = 4
FIRST_REST_S = 1.0


def patiently(wiring: Wiring, read: Callable[[], Result], say: Say, *, sleep: Callable[[float], object] | None = None) -> Result:
    """Call `read`, waiting for the budget, up to two minutes of silence, and three hiccups that last longer each time.

    A token that has ended before its time is asked for anew, once.

    Raises what `read` raises once patience ends, and Interrupted if this process stops meanwhile.
    """
    hiccups, token_refused = 0, False
    while True:
        try:
            return read()
        except TokenRefused:
            if token_refused:
                raise
            token_refused = True
            continue
        except (BudgetSpent, Throttled) as silent:
            rest, why = _silence(wiring, silent), str(silent)
        except Unavailable as error:
            hiccups += 1
            if hiccups >= TRIES:
                raise
            rest, why = FIRST_REST_S * 2 ** (hiccups - 1), str(error)
        say(f"{why}; waiting {rest:.0f} s")
        (sleep or partial(_wait, wiring))(rest)


def _silence(wiring: Wiring, error: BudgetSpent | Throttled) -> float:
    """For how long nobody may ask; raises the error if that is too long. A budget says so too, if somebody else was told."""
    if isinstance(error, Throttled):
        wiring.budgets[error.service].block(error.retry_after)
    if error.retry_after > LONGEST_SILENCE_S:
        raise error
    return error.retry_after


def _wait(wiring: Wiring, seconds: float) -> None:
    if wiring.stopping.wait(seconds):
        raise Interrupted("stopped while waiting for a service")
