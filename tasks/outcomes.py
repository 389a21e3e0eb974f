"""What a station's work came to, and the one table that says what each known error comes to."""

import errno
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import redis

from crateline import errors

ATTEMPTS = 5
BACKOFF_BASE_S = 4.0
BACKOFF_CAP_S = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """Done. `bump`: what Notion should say has changed. `written`: the version that Notion has now."""

    fields: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    bump: bool = False
    written: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Later:
    """Not now; no attempt is spent. `fault` names a service whose passing trouble this is: the wait grows with it."""

    seconds: float
    reason: str
    fields: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """An error of this track: an attempt is spent, and after the last one the track has failed."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A verdict: `refused` (permanent), `review` (a person decides) or `failed`."""

    verdict: str
    reason: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Silenced:
    """A service wants silence for `seconds`; nobody asks it before."""

    service: str
    seconds: float
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Paused:
    """A service is stopped until its cause has ended."""

    service: str
    reason: str
    remedy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropped:
    """The work is not ours any more, or cannot be written down now: the due set brings it back."""

    reason: str


Outcome = Sealed | Later | Retry | Ended | Silenced | Paused | Dropped

REMEDIES = {
    "notion": "Check NOTION_TOKEN, and that the databases are shared with the integration (⋯ → Connections)",
    "spotify": "Run `crateline login spotify`: the consent has ended or was withdrawn",
    "eagle": "Check EAGLE_TOKEN (Eagle → Preferences → Developer)",
}

TABLE: tuple[tuple[type[Exception], Callable[[Any], Outcome]], ...] = (
    (errors.StaleClaim, lambda e: Dropped(reason=str(e))),
    (redis.RedisError, lambda e: Dropped(reason=f"Redis: {e}")),
    (errors.Interrupted, lambda e: Later(seconds=0, reason=str(e))),
    (errors.BudgetSpent, lambda e: Later(seconds=e.retry_after, reason=str(e))),
    (errors.Throttled, lambda e: Silenced(service=e.service, seconds=e.retry_after, reason=str(e))),
    (errors.ServiceStopped, lambda e: Paused(service=e.service, reason=e.detail, remedy=e.remedy)),
    (
        errors.CredentialsRefused,
        lambda e: Paused(service=e.service, reason=e.detail, remedy=REMEDIES.get(e.service, "Check its credentials")),
    ),
    (errors.Unavailable, lambda e: Later(seconds=1, reason=str(e), fault=e.service)),
    (errors.OutcomeUnknown, lambda e: Later(seconds=1, reason=str(e), fault=e.service)),
    (errors.NotFound, lambda e: Ended(verdict="refused", reason=str(e))),
    (errors.Rejected, lambda e: Ended(verdict="failed", reason=str(e))),
    (errors.SourceError, lambda e: Ended(verdict="refused", reason=str(e))),
    (errors.LibraryUnreadable, lambda e: Ended(verdict="failed", reason=str(e))),
    (errors.MediaError, lambda e: Retry(reason=str(e))),
    (errors.ConfigurationError, lambda e: Paused(service="settings", reason=str(e), remedy="Correct the setting, then restart")),
)
"""Read from the top: the first class that fits decides."""

FULL = (errno.ENOSPC, errno.EDQUOT)


def of(error: Exception) -> Outcome:
    """What an error comes to. An unknown one is an error of the track: it spends an attempt and is never swallowed."""
    if isinstance(error, OSError) and error.errno in FULL:
        return Paused(service="disk", reason=f"No space left: {error}", remedy="Free some space; the work goes on by itself")
    for kind, outcome in TABLE:
        if isinstance(error, kind):
            return outcome(error)
    return Retry(reason=f"{type(error).__name__}: {error}")


def known(error: Exception) -> bool:
    """Whether the table speaks of this error; if not, its traceback belongs in the log."""
    return isinstance(error, (OSError, *(kind for kind, _ in TABLE)))


def backoff(attempt: int, *, chance: Callable[[], float] = random.random) -> float:
    """Seconds before the attempt after `attempt` (1, 2, …): 4 s doubling to 5 min, of which a random half."""
    full = min(BACKOFF_CAP_S, BACKOFF_BASE_S * (1 << (attempt - 1)))
    return full * (0.5 + chance() / 2)
