"""Logging: one line per event on stderr, for people or as JSON; no secret and no control character ever in it."""

import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from crateline import harmless

STARS = "***"
SECRET_NAMES = re.compile(r"token|secret|password|passwd|authorization|cookie|api_?key|basic_auth|credential", re.IGNORECASE)
SECRET_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s@]*@", re.IGNORECASE), rf"\1{STARS}@"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {STARS}"),
    (re.compile(r"\b(?:ntn|secret)_[A-Za-z0-9]{8,}"), STARS),
    (re.compile(r"\b((?:\w*_)?(?:token|secret|password|api_?key)=)[^&\s\"']+", re.IGNORECASE), rf"\1{STARS}"),
)
"""What looks like a secret wherever it stands: a URL's user part, a header's credentials, Notion's tokens, parameters."""
SHORTEST_SECRET = 6
"""A shorter value is no secret worth the name, and hiding it would tear holes into plain words."""

SAID = {"sealed": "done"}
"""Words of the ledger, as people say them."""

NOTHING = ("", None, False)

FOREIGN = ("celery", "kombu", "httpx", "httpcore", "urllib3", "spotipy", "yt_dlp", "amqp", "asyncio", "uvicorn")
"""Libraries that talk of their own affairs: only their warnings are passed on, unless LOG_LEVEL is DEBUG."""


class Redactor:
    """A structlog processor that replaces secrets: by the name of a field, by their shape, and those known by value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = tuple(sorted({s for s in secrets if len(s) >= SHORTEST_SECRET}, key=len, reverse=True))

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        """Give the event without secrets."""
        return {name: STARS if _names_a_secret(name, value) else self.clean(value) for name, value in event.items()}

    def clean(self, value: Any) -> Any:
        """Give a value without secrets and without control characters, at any depth."""
        match value:
            case str():
                return harmless.lines(self._hidden(value))
            case Mapping():
                return {name: STARS if _names_a_secret(str(name), one) else self.clean(one) for name, one in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.clean(one) for one in value]
            case bool() | int() | float() | None:
                return value
        return self.clean(str(value))

    def _hidden(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, STARS)
        for shape, stars in SECRET_SHAPES:
            text = shape.sub(stars, text)
        return text


def _names_a_secret(name: str, value: Any) -> bool:
    return bool(value) and not isinstance(value, bool | int | float) and SECRET_NAMES.search(name) is not None


def configure(level: str, *, json: bool = False, secrets: Iterable[str] = ()) -> None:
    """Send structlog's and the standard library's events to stderr from `level` on; `secrets` never appear in them."""
    redactor = Redactor(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True)
        if json
        else structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        structlog.processors.format_exc_info,
        redactor,
    ]
    structlog.configure(
        processors=[*shared, *_rendering(json)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    _configure_foreign(level, shared, _rendering(json))


def _rendering(json: bool) -> list[Processor]:  # noqa: FBT001  # the setting's own name
    if json:
        return [structlog.processors.JSONRenderer()]
    if not sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, sort_keys=False)]
    colours = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return [for_people, structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0, pad_level=False, sort_keys=False)]


def for_people(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Say where and what first, and leave out what programs look for: a person watches this line go by on a terminal."""
    station, title = event.get("station", ""), event.get("title", "")
    left_out = {"action", "station", "title", *(["key"] if title else []), *(["level"] if event.get("level") == "info" else [])}
    what = f"{station} {SAID.get(event['event'], event['event'])}".lstrip()
    shown = {name: value for name, value in event.items() if name not in left_out and value not in NOTHING}
    return {**shown, "event": f"{what}: {title}" if title else what}


def _configure_foreign(level: str, shared: list[Processor], rendering: list[Processor]) -> None:
    """Bring what libraries log through the standard library into the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("flower.inspector").setLevel(logging.ERROR)  # it warns of each worker that has not started yet
    for name in FOREIGN:
        logging.getLogger(name).setLevel(logging.NOTSET if level == "DEBUG" else logging.WARNING)
