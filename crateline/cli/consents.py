"""Consents that end soon: said before they do, wherever somebody looks."""

import math
from typing import TYPE_CHECKING, Any

import structlog

from crateline.durable.consent import SOON_S

if TYPE_CHECKING:
    from crateline.wiring import Wiring

log = structlog.get_logger("crateline.consent")

DAY_S = 86400.0


def ending(wiring: "Wiring") -> list[dict[str, Any]]:
    """The consents that end within thirty days, or have: the service, and in how many days (0: it has ended)."""
    left = wiring.consent.ends_in()
    return [] if left is None or left >= SOON_S else [{"service": "spotify", "days": max(0, math.ceil(left / DAY_S))}]


def sentence(row: dict[str, Any]) -> str:
    """What a person should know of it."""
    when = f"ends in about {row['days']} days" if row["days"] else "has ended"
    return f"the consent of {row['service']} {when}: `crateline login {row['service']}`"


def chore(wiring: "Wiring") -> None:
    """Say it where the scheduler talks."""
    for row in ending(wiring):
        log.warning(sentence(row), action="consent-ends", **row)
