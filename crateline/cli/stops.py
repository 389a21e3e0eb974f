"""Saying which services are paused, for a command that waits: each trouble once, and once that it is over."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crateline.cli import talk

if TYPE_CHECKING:
    from crateline.durable.pauses import Pause


class Stops:
    """What a person was told. `told`: pauses that were said before."""

    def __init__(self, told: "Iterable[Pause]" = ()) -> None:
        self._told = {pause.service: pause for pause in told}

    def look(self, pauses: "Iterable[Pause]") -> None:
        """Say what is news."""
        now = {pause.service: pause for pause in pauses}
        for service, pause in now.items():
            if (before := self._told.get(service)) is None or not pause.like(before):
                talk.say(sentence(pause))
        for service in self._told.keys() - now.keys():
            talk.say(f"{service} goes on")
        self._told = now


def sentence(pause: "Pause", state: str = "is paused") -> str:
    """A pause in words: what is stopped, why, and what to do."""
    return f"{pause.service} {state}: {pause.reason.rstrip('.')}. {pause.remedy.rstrip('.')}"
