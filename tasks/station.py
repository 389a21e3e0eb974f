"""The way of every task through its station: open → do → settle → hand on."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
import structlog
from kombu.exceptions import OperationalError

from crateline import app as application
from crateline.domain import causes
from crateline.durable import budget, keyspace
from crateline.durable.claims import Claim
from crateline.durable.item import Item
from crateline.errors import Interrupted, StaleClaim
from crateline.messages import LIBRARY, Hint, Station
from crateline.wiring import Wiring, current, slot_in_hand
from tasks import line, outcomes, trials

log = structlog.get_logger("crateline.station")

GRACE_S = 15.0
FAULT_MEMORY_S = 120
FAULT_WAIT_CAP_S = 45.0
EAGLE = "eagle"
EAGLE_PATIENCE = 5
"""So many faults in a row, and Eagle counts as away: pages are finished without it, and it is only probed."""
EAGLE_REMEDY = "See what Eagle shows, or start it again; the line goes on by itself"
MENDED = {
    Station.PLAYLIST: ("notion",),
    Station.PAGE: ("notion",),
    Station.DOWNLOAD: ("soundcloud-api", "soundcloud-media", "youtube", "machine"),
    Station.ANALYZE: ("machine",),
    Station.EAGLE: (EAGLE,),
    Station.FINALISE: ("notion",),
    **dict.fromkeys(LIBRARY, ("notion",)),
}
"""The services that are well, as far as one can tell, when a station is sealed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One station of one item while it is ours. `trials` are the paused services of which it shows how they are."""

    hint: Hint
    item: Item
    claim: Claim
    wiring: Wiring
    trials: tuple[str, ...] = ()

    def cancelled(self) -> bool:
        """Whether the work should stop: the claim is lost, or the worker is."""
        return self.claim.lost.is_set() or self.wiring.stopping.is_set()

    def check(self) -> None:
        """Raise StaleClaim or Interrupted if the work should stop. Called before anything that cannot be undone."""
        if self.claim.lost.is_set():
            raise StaleClaim(f"{self.hint.member} was taken over by another worker")
        if self.wiring.stopping.is_set():
            raise Interrupted("the worker is stopping")

    def well(self, service: str) -> None:
        """Note that a service has answered as it should: its faults are in a row no more."""
        self.wiring.redis.delete(keyspace.faults(service))

    def redo(self, station: Station) -> None:
        """Have an earlier station done again, because what it had made is gone."""
        self.wiring.ledger.forget(self.claim, (f"s:{station}",))
        again = Hint(station=station, key=self.hint.key, title=self.item.title)
        self.wiring.ledger.due({again: self.wiring.ledger.now_ms()})


Work = Callable[[Job], outcomes.Outcome]


def run(hint: Hint, work: Work, *, services: tuple[str, ...]) -> str:
    """Do a hint's work if it is still to be done; gives what came of it, for the worker's log."""
    wiring = current()
    opening = wiring.ledger.open(hint, services=services)
    if opening.claim is None:
        if opening.status in ("sealed", "closed", "paused"):
            _hand_on(wiring, hint, opening.item, settled=opening.status != "paused")
        return opening.status
    job = Job(hint=hint, item=opening.item, claim=opening.claim, wiring=wiring, trials=opening.trials)
    with wiring.heartbeat.keep(job.claim), _accounted(job):
        outcome = _attempt(job, work)
    return _settle(job, outcome)


def _attempt(job: Job, work: Work) -> outcomes.Outcome:
    try:
        return work(job)
    except Exception as error:  # the table decides, and what it does not know spends an attempt
        if not outcomes.known(error):
            log.exception("unexpected error", action="failed", station=job.hint.station, key=job.hint.key)
        return outcomes.of(error)
    finally:
        slot_in_hand.set(False)  # a slot that was not used is lost, never kept for later


@contextmanager
def _accounted(job: Job) -> Iterator[None]:
    token = budget.account.set(_account(job))
    try:
        yield
    finally:
        budget.account.reset(token)


def _account(job: Job) -> str:
    """For whom requests are counted: the playlist, or the DJ program."""
    if job.hint.station in LIBRARY:
        return budget.DJAY
    return job.hint.key if job.hint.station is Station.PLAYLIST else next(iter(job.item.playlists), "")


def _settle(job: Job, outcome: outcomes.Outcome) -> str:
    said = {"station": str(job.hint.station), "key": job.hint.key, "title": job.item.title}
    try:
        outcome = trials.judged(job, outcome)
        _write(job, outcome)
        trials.over(job, outcome)
    except StaleClaim as error:
        outcome = outcomes.Dropped(reason=str(error))
    except redis.RedisError as error:
        outcome = outcomes.Dropped(reason=f"Redis: {error}")
    words = {name: value for name in ("verdict", "reason", "service") if (value := getattr(outcome, name, ""))}
    name = type(outcome).__name__.lower()
    log.info(name, action=name, **said, **words)
    return name


def _write(job: Job, outcome: outcomes.Outcome) -> None:
    ledger, claim = job.wiring.ledger, job.claim
    match outcome:
        case outcomes.Sealed():
            item = ledger.seal(
                claim,
                fields=outcome.fields,
                drop=outcome.drop,
                bump=outcome.bump,
                written=outcome.written,
                mended=MENDED[job.hint.station],
            )
            _hand_on(job.wiring, job.hint, item)
        case outcomes.Later():
            row = _another_fault(job, outcome.fault) if outcome.fault else 0
            if outcome.fault == EAGLE and row >= EAGLE_PATIENCE:
                _pause(job, outcomes.Paused(service=EAGLE, reason=outcome.reason, remedy=EAGLE_REMEDY, cause=causes.WORK))
                return
            ledger.later(claim, max(outcome.seconds, _fault_wait(row)), outcome.reason, fields=outcome.fields)
        case outcomes.Retry():
            _spend_attempt(job, outcome.reason)
        case outcomes.Ended():
            item = ledger.close(claim, outcome.verdict, outcome.reason, fields=outcome.fields)
            _hand_on(job.wiring, job.hint, item)
        case outcomes.Silenced():
            if (limited := job.wiring.budgets.get(outcome.service)) is not None:
                limited.block(outcome.seconds)
            ledger.later(claim, outcome.seconds, outcome.reason)
        case outcomes.Paused():
            _pause(job, outcome)
        case outcomes.Dropped():
            pass


def _pause(job: Job, outcome: outcomes.Paused) -> None:
    trials.begin(job, outcome)
    item = job.wiring.ledger.park(job.claim, outcome.service)
    _hand_on(job.wiring, job.hint, item, settled=False)


def _spend_attempt(job: Job, reason: str) -> None:
    attempt = job.item.attempts(job.hint.station) + 1
    if attempt < outcomes.ATTEMPTS:
        job.wiring.ledger.retry(job.claim, outcomes.backoff(attempt), reason, attempt)
        return
    item = job.wiring.ledger.close(job.claim, "failed", f"{reason} (after {attempt} attempts)")
    _hand_on(job.wiring, job.hint, item)


def _hand_on(wiring: Wiring, hint: Hint, item: Item, *, settled: bool = True) -> None:
    """Publish what may begin now. First it is due, then it is sent: a message lost on the way is found again."""
    if hint.station is Station.PLAYLIST or hint.station in LIBRARY:
        next_hints: list[Hint] = []
    else:
        following = (s for s in line.following(item, hint.station) if settled or s is not hint.station)
        next_hints = [Hint(station=s, key=item.key, title=item.title) for s in following]
    if settled:
        wiring.ledger.hand_on(item, hint, next_hints, grace_s=GRACE_S)
    else:
        wiring.ledger.due(dict.fromkeys(next_hints, wiring.ledger.now_ms() + GRACE_S * 1000))
    try:
        application.publish(next_hints)
    except OperationalError as error:
        log.warning("hints were not sent: the due set finds them", action="unsent", key=hint.key, reason=str(error))


def _another_fault(job: Job, service: str) -> int:
    """Count a passing fault of a service; gives how many there were in a row."""
    name = keyspace.faults(service)
    row = int(job.wiring.redis.incr(name))
    job.wiring.redis.expire(name, FAULT_MEMORY_S)
    return row


def _fault_wait(row: int) -> float:
    """Seconds to stay away after so many faults in a row: 1 s doubling with each, to 45 s; a quarter more or less."""
    doubled = min(FAULT_WAIT_CAP_S, float(1 << min(row - 1, 6))) if row else 0.0
    return doubled * (0.75 + 0.5 * random.random())
