"""A command's access to the parts: settings read, logging set up, and everything closed when the command ends."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click
from pydantic import SecretStr

from crateline import logs, settings

if TYPE_CHECKING:
    from crateline.wiring import Wiring

SAID_EVERY_S = 60.0
CONNECTED = ("notion", "_eagle", "redis")
"""The parts of a wiring that hold connections, where they have been made."""


def load() -> settings.Settings:
    """The settings of this command line; logging follows them. Raises ConfigurationError."""
    ctx = click.get_current_context(silent=True)
    flags = (ctx.find_object(dict) or {}) if ctx else {}
    known = settings.load(**flags)
    logs.configure(known.log_level, secrets=secrets(known))
    return known


def secrets(known: settings.Settings) -> list[str]:
    """The values that must never be shown."""
    values = (getattr(known, name) for name in type(known).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr) and value.get_secret_value()]


@dataclass(slots=True)
class Waits:
    """Says what a command waits for: once a minute and service."""

    said: dict[str, float] = field(default_factory=dict)

    def say(self, service: str, seconds: float) -> None:
        """Say that a service may be asked again in so many seconds."""
        now = time.monotonic()
        if now - self.said.get(service, -SAID_EVERY_S) < SAID_EVERY_S:
            return
        self.said[service] = now
        from crateline.cli import talk  # noqa: PLC0415  # it loads rich, and most commands wait for nothing

        talk.say(f"Waiting for {service}: it may be asked again in {seconds:.0f} s")


@contextmanager
def opened() -> "Iterator[Wiring]":
    """The wiring, for one command. A Redis of our own that this command started ends with it, unless others use it."""
    known = load()
    from crateline.wiring import Wiring  # noqa: PLC0415  # it loads every client: not before the settings are right

    wiring = Wiring(known)
    wiring.on_wait = Waits().say
    try:
        yield wiring
    finally:
        close(wiring)


def close(wiring: "Wiring") -> None:
    """Close what was opened, the way to the queues too if something was published; end our own Redis if nobody needs it."""
    made = vars(wiring)
    for part in (*(made.get(name) for name in CONNECTED), getattr(made.get("spotify"), "session", None)):
        if part is not None:
            part.close()
    if "crateline.app" in sys.modules:
        hang_up()
    if "embedded" in made:
        wiring.embedded.leave()


def hang_up() -> None:
    """Close the connections to the queues; publishing again opens new ones."""
    from kombu import pools  # noqa: PLC0415  # loaded already, since something was published

    from crateline.app import app  # noqa: PLC0415  # as above

    pools.reset()
    app._after_fork()  # type: ignore[attr-defined]  # noqa: SLF001  # the one way to make Celery forget the pools that were closed
