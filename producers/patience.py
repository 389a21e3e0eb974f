"""Waiting out what passes while a source is read: our own budget, a service's wish for silence, a hiccup."""

import time
from collections.abc import Callable
from typing import TypeVar

from crateline.clients.spotify.answers import TokenRefused
from crateline.errors import BudgetSpent, Throttled, Unavailable
from crateline.wiring import Wiring

Result = TypeVar("Result")
Say = Callable[[str], None]

LONGEST_SILENCE_S = 120.0
"""A person sits before it: a service that wants longer silence than this is an answer, not a wait."""
TRIES = 4
FIRST_REST_S = 1.0


def patiently(wiring: Wiring, read: Callable[[], Result], say: Say, *, sleep: Callable[[float], None] = time.sleep) -> Result:
    """Call `read`, waiting for the budget, up to two minutes of silence, and three hiccups that last longer each time.

    A token that has ended before its time is asked for anew, once.

    Raises what `read` raises once patience ends.
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
        except BudgetSpent as spent:
            rest, why = spent.retry_after, str(spent)
        except Throttled as throttled:
            wiring.budgets[throttled.service].block(throttled.retry_after)
            if throttled.retry_after > LONGEST_SILENCE_S:
                raise
            rest, why = throttled.retry_after, f"{throttled.service} wants silence for {throttled.retry_after:.0f} s"
        except Unavailable as error:
            hiccups += 1
            if hiccups >= TRIES:
                raise
            rest, why = FIRST_REST_S * 2 ** (hiccups - 1), str(error)
        say(f"{why}; waiting {rest:.0f} s")
        sleep(rest)
