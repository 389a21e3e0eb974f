"""What a station's work came to, and the one table that says what each known error comes to."""

import errno
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from crateline import errors
from crateline.domain import causes

ATTEMPTS = 5
BACKOFF_BASE_S = 4.0
BACKOFF_CAP_S = 300.0
RESTART = "Correct it on that machine, then restart what runs there"
FREE_SPACE = "Free some space on that disk; the line goes on by itself"


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
    """A service is stopped until its cause has ended; `cause` is a word of `domain.causes`."""

    service: str
    reason: str
    remedy: str
    cause: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropped:
    """The work is not ours any more, or cannot be written down now: the due set brings it back."""

    reason: str


Outcome = Sealed | Later | Retry | Ended | Silenced | Paused | Dropped

REMEDIES = {
    "notion": "Check NOTION_TOKEN (the integration's secret, from notion.so/my-integrations), then restart what runs",
    "spotify": "Run `crateline login spotify`: the consent has ended or was withdrawn",
    "eagle": "Check EAGLE_TOKEN (Eagle → Preferences → Developer), then restart what runs",
    "soundcloud-api": "Wait, or use another network; keep yt-dlp up to date. The line goes on by itself",
    "soundcloud-media": "Wait, or use another network; keep yt-dlp up to date. The line goes on by itself",
    "youtube": "Wait, or use another network; keep yt-dlp up to date. The line goes on by itself",
}
CAUSES = {"notion": causes.TOKEN, "eagle": causes.LIBRARY}
"""What refused credentials are known by; at the others only the work itself shows it."""


def refused(error: errors.CredentialsRefused) -> Paused:
    """A service that does not accept our credentials."""
    remedy, cause = REMEDIES.get(error.service, "Check its credentials"), CAUSES.get(error.service, causes.WORK)
    return Paused(service=error.service, reason=error.detail, remedy=remedy, cause=cause)


TABLE: tuple[tuple[type[Exception], Callable[[Any], Outcome]], ...] = (
    (errors.StaleClaim, lambda e: Dropped(reason=str(e))),
    (redis.RedisError, lambda e: Dropped(reason=f"Redis: {e}")),
    (errors.Interrupted, lambda e: Later(seconds=0, reason=str(e))),
    (errors.BudgetSpent, lambda e: Later(seconds=e.retry_after, reason=str(e))),
    (errors.Throttled, lambda e: Silenced(service=e.service, seconds=e.retry_after, reason=str(e))),
    (errors.ServiceStopped, lambda e: Paused(service=e.service, reason=e.detail, remedy=e.remedy, cause=e.cause)),
    (errors.CredentialsRefused, refused),
    (errors.Unavailable, lambda e: Later(seconds=1, reason=str(e), fault=e.service)),
    (errors.OutcomeUnknown, lambda e: Later(seconds=1, reason=str(e), fault=e.service)),
    (errors.NotFound, lambda e: Ended(verdict="refused", reason=str(e))),
    (errors.Rejected, lambda e: Ended(verdict="failed", reason=str(e))),
    (errors.SourceError, lambda e: Ended(verdict="refused", reason=str(e))),
    (errors.LibraryUnreadable, lambda e: Ended(verdict="failed", reason=str(e))),
    (errors.MediaError, lambda e: Retry(reason=str(e))),
    (
        errors.ConfigurationError,
        lambda e: Paused(service="settings", reason=str(e), remedy=RESTART, cause=causes.SETTINGS),
    ),
)
"""Read from the top: the first class that fits decides."""

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def of(error: Exception) -> Outcome:
    """What an error comes to. An unknown one is an error of the track: it spends an attempt and is never swallowed."""
    if isinstance(error, OSError) and error.errno in FULL:
        return _full(error)
    if isinstance(error, OSError) and error.errno in CLOSED and (folder := _closed(error)) is not None:
        return Paused(
            service="disk",
            reason=f"{folder} cannot be written: {error.strerror}",
            remedy=f"Make {folder} writable; the work goes on by itself",
            cause=causes.about(causes.FOLDER, folder),
        )
    for kind, outcome in TABLE:
        if isinstance(error, kind):
            return outcome(error)
    return Retry(reason=f"{type(error).__name__}: {error}")


def _full(error: OSError) -> Paused:
    folder = causes.about(causes.FOLDER, Path(error.filename).parent) if isinstance(error.filename, str) else causes.FOLDER
    return Paused(service="disk", reason=f"no space left: {error}", remedy=FREE_SPACE, cause=folder)


def _closed(error: OSError) -> Path | None:
    """The folder that lets nobody write, which is no track's fault; None if it is this file alone that is closed."""
    for name in (error.filename, error.filename2):
        if isinstance(name, str):
            folder = next((one for one in Path(name).absolute().parents if one.is_dir()), None)
            if folder is not None and not os.access(folder, os.W_OK | os.X_OK):
                return folder
    return None


def known(error: Exception) -> bool:
    """Whether the table speaks of this error; if not, its traceback belongs in the log."""
    return isinstance(error, (OSError, *(kind for kind, _ in TABLE)))


def backoff(attempt: int, *, chance: Callable[[], float] = random.random) -> float:
    """Seconds before the attempt after `attempt` (1, 2, …): 4 s doubling to 5 min, of which a random half."""
    full = min(BACKOFF_CAP_S, BACKOFF_BASE_S * (1 << (attempt - 1)))
    return full * (0.5 + chance() / 2)
