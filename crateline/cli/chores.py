"""The table of chores: what a scheduler does by itself, and how often.

It stands up here since chores are begun by producers, which workers do not know.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from crateline.durable import keyspace
from crateline.settings import Settings
from crateline.wiring import Wiring
from workers import copies, watch
from workers.chores import Chore

STREAMS_S = 15.0
DAY_S = 86400.0

LOOK_S = 60.0
"""How often it is asked which playlists are due; each has its own interval."""


def of(settings: Settings) -> tuple[Chore, ...]:
    """The chores that these settings ask for."""
    from crateline.cli import consents  # noqa: PLC0415  # loads the clients
    from producers import intake, sync  # noqa: PLC0415  # loads the clients

    chores = [
        Chore(name="sync", every_s=LOOK_S, do=sync.chore),
        Chore(name="holders", every_s=LOOK_S, do=intake.chore),
        Chore(name="djay-streams", every_s=STREAMS_S, do=_streams),
        Chore(name="consents", every_s=DAY_S, do=consents.chore),
        Chore(name="copies", every_s=copies.EVERY_S, do=copies.deliver, local=True),
    ]
    if settings.notion_token.get_secret_value() and settings.tracks_db_id:
        chores.append(Chore(name="enrichment", every_s=LOOK_S, do=_catch_up))
        if settings.inbox_every_minutes:
            chores.append(Chore(name="inbox", every_s=settings.inbox_every_minutes * 60.0, do=_inbox, at_once=False))
    if settings.djay_sync_on_disconnect:
        chores.append(Chore(name="djay", every_s=watch.LOOK_EVERY_S, do=Eyes(), local=True))
    return tuple(chores)


def _inbox(wiring: Wiring) -> None:
    """Take what people have written into Music Tracks."""
    from crateline.cli import inbox  # noqa: PLC0415  # loads the clients

    inbox.chore(wiring)


def _catch_up(wiring: Wiring) -> None:
    """Ask Spotify about tracks that it could not be asked about."""
    from tasks import enrichment  # noqa: PLC0415  # loads the clients

    enrichment.catch_up(wiring)


def _streams(wiring: Wiring) -> None:
    """Relate streams that have their page by now to the sets that they were played in, and let the next ones begin."""
    from producers import unmatched  # noqa: PLC0415  # loads the clients
    from tasks import arrivals  # noqa: PLC0415  # as above

    with wiring.lock("djay") as mine:  # a sync works out the same sets
        if mine:
            arrivals.link(wiring)
    if wiring.settings.djay_auto_process_streaming:
        unmatched.next_batch(wiring)


@dataclass(slots=True)
class Eyes:
    """Watches djay's library on this machine, if there is one and it is the user's wish: named, or synced once by hand."""

    watching: "watch.Watch | None" = None

    def __call__(self, wiring: Wiring) -> None:
        """Look once."""
        from producers import djay  # noqa: PLC0415  # loads the clients

        file = djay.database(wiring.settings)
        if file is None or not (wiring.settings.djay_pro_db_path or self._synced(wiring, file)):
            return
        if self.watching is None or self.watching.file != file:
            sync = watch.in_a_process(wiring)
            self.watching = watch.Watch(wiring=wiring, file=file, mark=djay.mark, sync=sync, now=time.monotonic)
        self.watching.look()

    @staticmethod
    def _synced(wiring: Wiring, file: Path) -> bool:
        return bool(wiring.redis.hexists(keyspace.LIBRARY_SYNCED, str(file)))
