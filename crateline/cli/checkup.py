"""The doctor's rounds: every check guarded, so that none can hang, none can crash, and all have their say."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from crateline.cli import console
from crateline.errors import BudgetSpent, CredentialsRefused, ServiceStopped, Throttled
from crateline.settings import Settings
from tasks.outcomes import REMEDIES

log = structlog.get_logger("crateline.doctor")
State = Literal["ok", "warn", "fail"]

LIMIT_S = 20.0
"""How long any one check may take. All run at the same time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One result: what was looked at, how it is, what was seen, and what to do if it is not well."""

    name: str
    state: State
    detail: str
    remedy: str = ""

    def public(self) -> dict[str, str]:
        """The row as JSON. What is well needs no remedy."""
        remedy = "" if self.state == "ok" else self.remedy
        return {"name": self.name, "state": self.state, "detail": self.detail, "remedy": remedy}


NOT_ASKED = Row(name="Services", state="warn", detail="not asked: their budgets are kept in Redis", remedy="See to Redis first")

Check = Callable[[], "Iterable[Row]"]


def examine(settings: Settings) -> list[Row]:
    """Make every check; the rows come in a fixed order."""
    from crateline.cli import machine, services, session  # noqa: PLC0415  # they build on this module
    from crateline.wiring import Wiring  # noqa: PLC0415  # as above

    wiring = Wiring(settings)
    wiring.on_wait = _not_now
    try:
        rows = all_of(machine.checks(settings))
        redis = one("Redis", lambda: services.redis_server(wiring))
        rows += redis
        if any(row.state == "fail" for row in redis):
            return [*rows, NOT_ASKED]
        return rows + all_of(services.checks(wiring))
    finally:
        wiring.stopping.set()  # a check that still waits for its budget gives up
        session.close(wiring)


def _not_now(service: str, seconds: float) -> None:
    """A service that wants silence, or whose budget is spent, is well: nobody has to sit and wait for it."""
    if seconds > LIMIT_S / 2:
        raise BudgetSpent(service, seconds)


def all_of(checks: Sequence[tuple[str, Check]], *, limit_s: float = LIMIT_S) -> list[Row]:
    """Make checks at the same time; gives their rows in order."""
    results: list[list[Row] | None] = [None for _ in checks]

    def look(place: int, name: str, check: Check) -> None:
        results[place] = one(name, check)

    threads = [
        threading.Thread(target=look, args=(place, name, check), daemon=True) for place, (name, check) in enumerate(checks)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limit_s
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = [_late(name, limit_s) for name, _ in checks]
    return [row for rows, silent in zip(results, late, strict=True) for row in ([silent] if rows is None else rows)]


def one(name: str, check: Check) -> list[Row]:
    """Make one check; whatever it raises becomes a row."""
    try:
        return list(check())
    except (BudgetSpent, Throttled) as busy:
        return [Row(name=name, state="warn", detail=str(busy), remedy="Nothing to do: it waits for its turn")]
    except ServiceStopped as stopped:
        return [Row(name=name, state="fail", detail=str(stopped), remedy=stopped.remedy)]
    except CredentialsRefused as refused:
        return [Row(name=name, state="fail", detail=str(refused), remedy=REMEDIES.get(refused.service, ""))]
    except Exception as error:  # a doctor who faints helps nobody
        log.debug("a check failed", action="check-failed", check=name, exc_info=True)
        return [Row(name=name, state="fail", detail=console.sentence(error))]


def _late(name: str, limit_s: float) -> Row:
    detail = f"no answer within {limit_s:.0f} s"
    return Row(name=name, state="fail", detail=detail, remedy="Check the network and HTTPS_PROXY")
