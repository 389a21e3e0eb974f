"""The table of chores: what a scheduler does by itself, and how often.

It stands up here since chores are begun by producers, which workers do not know.
"""

from crateline.settings import Settings
from workers.chores import Chore


def of(settings: Settings) -> tuple[Chore, ...]:
    """The chores that these settings ask for."""
    del settings  # none yet
    return ()
