"""The table of chores: what a scheduler does by itself, and how often.

It stands up here since chores are begun by producers, which workers do not know.
"""

from crateline.settings import Settings
from workers.chores import Chore

LOOK_S = 60.0
"""How often it is asked which playlists are due; each has its own interval."""


def of(settings: Settings) -> tuple[Chore, ...]:
    """The chores that these settings ask for."""
    from producers import sync  # noqa: PLC0415  # loads the clients

    del settings
    return (Chore(name="sync", every_s=LOOK_S, do=sync.chore),)
