"""Lending a hand: a command works its own items through the stations, whether workers are running or not.

Every item goes through the same door as in a worker: it is claimed, written, sealed. So a worker may take any of them
meanwhile, and a command that is killed leaves what is due to whoever comes next.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import redis

from crateline import app as application
from crateline import wiring as wired
from crateline.cli import stops, waiting
from crateline.durable import keyspace
from crateline.durable.item import Item
from crateline.durable.wishes import Wishes, settled
from crateline.errors import CratelineError
from crateline.messages import Hint, Station
from crateline.wiring import Wiring
from tasks import library, plays, sessions
from workers.probe import EVERY_S, Prober

DOORS: dict[Station, Callable[..., str]] = {
    Station.LIBRARY: library.page,
    Station.SESSION: sessions.session,
    Station.PLAY: plays.play,
}
OVER = frozenset({"sealed", "ended", "closed"})
LOOK_EVERY_S = 0.25
Show = Callable[[int], None]
"""Told how many items are settled."""


def work(wiring: Wiring, hints: Iterable[Hint], *, show: Show = lambda _: None) -> dict[str, Item]:
    """Work these items until nothing more will be done about any of them; gives them as they are then.

    Raises CratelineError if Redis has forgotten them, KeyboardInterrupt as it comes: what is left stays due.
    """
    hand = Hand(wiring=wiring, show=show)
    hand.take(hints)
    hand.run()
    found = Wishes(wiring.redis).items(hand.keys)
    if len(found) < len(hand.keys):
        raise CratelineError("Redis has lost its memory: run the same command again, and it goes on where it was")
    return found


@dataclass(kw_only=True, slots=True)
class Hand:
    """One command's items: those that were never tried, those that somebody is at, and those that rest until they are due."""

    wiring: Wiring
    show: Show
    fresh: deque[Hint] = field(default_factory=deque)
    after: deque[Hint] = field(default_factory=deque)
    keys: set[str] = field(default_factory=set)
    busy: dict[Future[str], Hint] = field(default_factory=dict)
    resting: set[Hint] = field(default_factory=set)
    settled: int = 0
    said: stops.Stops = field(default_factory=stops.Stops)
    looked: float = 0.0
    probed: float = field(default_factory=time.monotonic)

    def take(self, hints: Iterable[Hint]) -> None:
        """Take items on: the sets first, since plays and tracks are related to their pages."""
        for hint in hints:
            self.keys.add(hint.key)
            (self.fresh if hint.station is Station.SESSION else self.after).append(hint)

    def run(self) -> None:
        """Work until nothing is left."""
        wired.use(self.wiring)
        application.connect(self.wiring.redis_url).finalize()  # tasks are made on first use, and not by several threads at once
        writers = self.wiring.settings.notion_writers
        pool = ThreadPoolExecutor(writers, thread_name_prefix="hand")
        try:
            while self.fresh or self.after or self.busy or self.resting:
                if not self.fresh and not self.busy:
                    self.fresh, self.after = self.after, self.fresh
                while self.fresh and len(self.busy) < writers:
                    hint = self.fresh.popleft()
                    self.busy[pool.submit(_attempt, hint)] = hint
                self._turn()
        except BaseException:
            self.wiring.stopping.set()  # whoever waits for a slot or for the index gives it up
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _turn(self) -> None:
        if self.busy:
            self._collect(wait(self.busy, timeout=LOOK_EVERY_S, return_when=FIRST_COMPLETED).done)
        else:
            time.sleep(LOOK_EVERY_S)
        if self.resting and time.monotonic() - self.looked >= LOOK_EVERY_S:
            waiting.patiently(self._look)
            self.looked = time.monotonic()
        self.show(self.settled)

    def _collect(self, done: Iterable[Future[str]]) -> None:
        for future in done:
            hint = self.busy.pop(future)
            if future.result() in OVER:
                self.settled += 1
            else:
                self.resting.add(hint)

    def _look(self) -> bool:
        """See which of those that rest are settled by now, and which are due again."""
        self._say_pauses()
        hints = list(self.resting)
        items = Wishes(self.wiring.redis).items(hint.key for hint in hints)
        due = self.wiring.redis.zmscore(keyspace.DUE, [hint.member for hint in hints])
        now = self.wiring.ledger.now_ms()
        for hint, at in zip(hints, due, strict=True):
            if settled(items.get(hint.key)):
                self.settled += 1
            elif at is not None and float(at) <= now:
                self.fresh.append(hint)
            else:
                continue
            self.resting.discard(hint)
        return True

    def _say_pauses(self) -> None:
        paused = self.wiring.pauses.all()
        self.said.look(paused)
        if paused and time.monotonic() - self.probed >= EVERY_S:  # no worker need be there to do it
            prober = Prober(self.wiring, among={hint.member for hint in self.resting})
            for pause in paused:
                prober.probe(pause)
            self.probed = time.monotonic()


def _attempt(hint: Hint) -> str:
    try:
        return DOORS[hint.station](key=hint.key, title=hint.title)
    except redis.RedisError:
        return "dropped"  # Redis is away: whoever looks waits for it, and the item is still due
