"""Notion's published rate limit: a fixed window of 60 seconds per connection, which may be spent in a burst."""

import math
import threading
import time
from collections.abc import Callable

PER_MINUTE = 180
LENGTH_S = 60.0


class Window:
    """Counts the requests let in. `phase` shifts the windows, since a client cannot know where they begin."""

    def __init__(self, per_minute: int = PER_MINUTE, *, phase: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._phase = phase
        self._clock = clock
        self._lock = threading.Lock()
        self._number = -1
        self._taken = 0
        self.fullest = 0
        self.refused = 0

    def take(self) -> int | None:
        """Let one request in: None, or the whole seconds until the next window when this one is spent."""
        with self._lock:
            now = self._clock() + self._phase
            number = int(now // LENGTH_S)
            if number != self._number:
                self._number, self._taken = number, 0
            if self._taken >= self.per_minute:
                self.refused += 1
                return max(1, math.ceil((number + 1) * LENGTH_S - now))
            self._taken += 1
            self.fullest = max(self.fullest, self._taken)
            return None
