"""What arrived, when, and how it was answered: the witness of how a client behaves."""

import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

GRACE_S = 0.25


@dataclass(kw_only=True, slots=True)
class Arrival:
    """One request. `at` is monotonic, `wall` is Unix time, both in seconds; status 0 is a connection cut without an answer.

    `silence` is how many seconds of an asked-for silence had passed when it arrived, None outside of one.
    """

    at: float
    wall: float
    method: str
    path: str
    silence: float | None
    status: int | None = None


class Journal:
    """Every arrival since the start. A silence runs from an answer with Retry-After until its seconds are over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._silence = (0.0, 0.0)
        self.arrivals: list[Arrival] = []

    def arrive(self, method: str, path: str) -> Arrival:
        """Write down a request on its arrival."""
        with self._lock:
            now = time.monotonic()
            began, ends = self._silence
            arrival = Arrival(at=now, wall=time.time(), method=method, path=path, silence=now - began if now < ends else None)
            self.arrivals.append(arrival)
            return arrival

    def answer(self, arrival: Arrival, status: int, retry_after: str | None) -> None:
        """Write down how it was answered; a Retry-After begins a silence or makes the present one longer."""
        with self._lock:
            arrival.status = status
            now = time.monotonic()
            if retry_after is not None:
                began, ends = self._silence
                self._silence = (began if now < ends else now, max(ends, now + float(retry_after)))

    def report(self, grace: float = GRACE_S) -> dict[str, Any]:
        """Count what happened. Arrivals in the first `grace` seconds of a silence were on their way: not counted as such."""
        with self._lock:
            arrivals = list(self.arrivals)
        return {
            "total": len(arrivals),
            "by_status": dict(Counter(str(one.status) for one in arrivals)),
            "by_method": dict(Counter(one.method for one in arrivals)),
            "in_silence": sum(1 for one in arrivals if one.silence is not None and one.silence > grace),
            "busiest_minute": _busiest([one.at for one in arrivals]),
            "arrivals": [asdict(one) for one in arrivals],
        }


def _busiest(times: list[float], length: float = 60.0) -> int:
    """Give the most arrivals in any `length` seconds."""
    most = first = 0
    for last, now in enumerate(times):
        while now - times[first] >= length:
            first += 1
        most = max(most, last - first + 1)
    return most
