"""Any history of enqueuing, working, crashing, pausing and losing messages: nothing is lost, and the counts are true."""

import contextlib
import json
import random
from typing import TypeVar

import pytest
import redis

from crateline import wiring as wired
from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.durable import keyspace
from crateline.durable.item import Item
from crateline.durable.ledger import as_fields
from crateline.errors import StaleClaim
from crateline.messages import QUEUES, Hint, Station
from crateline.settings import Settings
from tasks import outcomes, station

pytestmark = pytest.mark.real("redis")

Thing = TypeVar("Thing")
TRACKS = range(4)
LISTS = ("warm-up", "late")
SERVICES = {"notion-write": ("notion",), "download": ("disk",), "analyze": ("disk",), "eagle-import": ("eagle",)}
SEEDS, STEPS = 10, 150
PARKABLE = ("notion", "disk", "eagle")
LEASE_S = 60.0
"""So long that a lease lapses in these histories only when they say so."""


def key_of(number: int) -> str:
    return f"soundcloud:tracks:{number}"


def track(number: int) -> Track:
    """The last one was deleted at its source: nothing is known of it but its key."""
    lost = number == TRACKS[-1]
    return Track(
        key=key_of(number),
        title="" if lost else f"Title {number}",
        artist="",
        url="",
        platform=Platform.SOUNDCLOUD,
        availability=Availability.GONE if lost else Availability.PLAYABLE,
    )


def sealed(job: station.Job) -> outcomes.Outcome:
    """What each station stores when all goes well."""
    if job.hint.station in (Station.PAGE, Station.FINALISE, Station.PLAYLIST):
        return outcomes.Sealed(fields={"s:page": json.dumps({"page_id": "p"})}, written=job.item.version)
    learnt = job.hint.station is not Station.DOWNLOAD
    return outcomes.Sealed(fields=as_fields(job.hint.station, {"lists": job.item.playlists}), bump=learnt)


def parked(job: station.Job) -> outcomes.Outcome:
    return outcomes.Paused(service=SERVICES[QUEUES[job.hint.station]][0], reason="stopped", remedy="wait")


def alias(job: station.Job) -> outcomes.Outcome:
    """Another upload of track 0, as the analysis finds out."""
    first = job.wiring.ledger.track(key_of(0))
    if job.hint.station is not Station.ANALYZE or job.hint.key == key_of(0) or first is None or first.alias:
        return sealed(job)
    for playlist in job.item.playlists:
        job.wiring.ledger.join(key_of(0), playlist)
    return outcomes.Sealed(fields={"alias": key_of(0)}, bump=True)


def verdict(name: str) -> station.Work:
    def work(job: station.Job) -> outcomes.Outcome:
        return sealed(job) if job.hint.station is Station.PLAYLIST else outcomes.Ended(verdict=name, reason=name)

    return work


WORK: dict[str, station.Work] = {
    "sealed": sealed,
    "later": lambda job: outcomes.Later(seconds=30, reason="later"),
    "retry": lambda job: outcomes.Retry(reason="damaged"),
    "refused": verdict("refused"),
    "review": verdict("review"),
    "parked": parked,
    "alias": alias,
    "dropped": lambda job: outcomes.Dropped(reason="the worker was killed"),
}


def settled(fields: dict[str, str]) -> bool:
    """Whether a track is through, by its raw fields: written down apart from the ledger's own words."""
    if int(fields["w"]) < int(fields["v"]):
        return False
    if "verdict" in fields or "alias" in fields:
        return True
    needed = ["s:page"] if fields["want"] == "page" else ["s:download", "s:analyze", "s:eagle"]
    return all(name in fields for name in needed)


def counted(tracks: list[dict[str, str]], now: float) -> dict[str, int]:
    """A playlist's census, counted in the plainest way."""
    count: dict[str, int] = {}

    def add(name: str, true: object = 1) -> None:
        if true:
            count[name] = count.get(name, 0) + 1

    for fields in tracks:
        is_open = not settled(fields)
        live = any(float(value.split()[1]) > now for name, value in fields.items() if name.startswith("c:"))
        add("total")
        for name in ("page", "download", "analyze", "eagle"):
            add(f"station:{name}", f"s:{name}" in fields)
        add("station:finalise", not is_open)
        add("open", is_open)
        add("busy", is_open and live)
        add("parked", is_open and any(name.startswith("p:") for name in fields))
        add(fields.get("verdict") or ("done" if not is_open else "running" if live else "waiting"))
    return count


class History:
    """Producers, workers, the rescuer, a person and bad luck, in the order that `chance` gives them."""

    def __init__(self, wiring: wired.Wiring, chance: random.Random) -> None:
        self.wiring, self.chance = wiring, chance
        self.redis: redis.Redis = wiring.redis
        self.queue: list[Hint] = []
        self.stalled: list[station.Job] = []
        self.slow: list[tuple[Hint, Item]] = []
        self.done: list[str] = []

    def step(self) -> None:
        """Do one of the things that can happen, by weight."""
        weights = {
            self.enqueue: 4,
            self.time_passes: 3,
            self.work: 16 if self.queue else 0,
            self.stall: 6 if self.queue else 0,
            self.double_a_message: 1 if self.queue else 0,
            self.lose_a_message: 1 if self.queue else 0,
            self.thaw: 4 if self.stalled else 0,
            self.hand_on_at_last: 3 if self.slow else 0,
            self.pause: 1,
            self.unpause: 2,
            self.retry: 1,
        }
        (what,) = self.chance.choices(list(weights), list(weights.values()))
        self.done.append(f"{what.__name__} {what() or ''}")

    def one_of(self, things: list[Thing]) -> Thing:
        """Take one out."""
        return things.pop(self.chance.randrange(len(things)))

    def enqueue(self) -> str:
        name, audio = self.chance.choice(LISTS), self.chance.random() < 0.8
        numbers = self.chance.choices(TRACKS, k=self.chance.randint(1, 4))
        playlist = Playlist(
            key=name, name=name, url="", platform=Platform.SOUNDCLOUD, source_id=name, tracks=tuple(map(track, numbers))
        )
        for _, main in self.wiring.register.enrol(playlist, audio=audio).aliases:
            self.wiring.ledger.join(main, name)
        return f"{name} {numbers} audio={audio}"

    def work(self) -> str:
        hint = self.one_of(self.queue)
        work = "sealed" if self.chance.random() < 0.75 else self.chance.choice(list(WORK))
        return f"{hint.member} {work}: {station.run(hint, WORK[work], services=SERVICES[QUEUES[hint.station]])}"

    def stall(self) -> str:
        """A worker takes a station and freezes over it."""
        hint = self.one_of(self.queue)
        opening = self.wiring.ledger.open(hint, services=SERVICES[QUEUES[hint.station]])
        if opening.claim is not None:
            self.stalled.append(station.Job(hint=hint, item=opening.item, claim=opening.claim, wiring=self.wiring))
        elif opening.status in ("sealed", "closed"):
            self.slow.append((hint, opening.item))
        return f"{hint.member}: {opening.status}"

    def thaw(self) -> str:
        """A frozen worker comes back and settles; perhaps it is killed, or frozen again, before it hands on."""
        job, fate = self.one_of(self.stalled), self.chance.choice(["settles", "is killed", "is slow"])
        outcome = sealed(job)
        if fate == "settles":
            station._settle(job, outcome)
        else:
            with contextlib.suppress(StaleClaim):
                item = self.wiring.ledger.seal(job.claim, fields=outcome.fields, bump=outcome.bump, written=outcome.written)
                if fate == "is slow":
                    self.slow.append((job.hint, item))
        return f"{job.hint.member} {fate}"

    def hand_on_at_last(self) -> str:
        hint, item = self.one_of(self.slow)
        station._hand_on(self.wiring, hint, item)
        return hint.member

    def double_a_message(self) -> None:
        self.queue.append(self.chance.choice(self.queue))

    def lose_a_message(self) -> None:
        self.one_of(self.queue)

    def time_passes(self) -> None:
        """Every lease lapses, every rest is over, everything is due; the rescuer publishes it."""
        for prefix in (keyspace.track(""), keyspace.playlist("")):
            for name in self.redis.scan_iter(match=f"{prefix}*"):
                self._age(name)
        for member in self.redis.zrange(keyspace.DUE, 0, -1):
            self.redis.zadd(keyspace.DUE, {member: 1})
        self.redis.delete(keyspace.lock("sweep"))
        self.queue.extend(one.hint for one in self.wiring.due.sweep())

    def _age(self, name: str) -> None:
        for field, value in self.redis.hgetall(name).items():
            if field.startswith("c:"):
                self.redis.hset(name, field, f"{value.split()[0]} 1 host:1")
            if field.startswith("n:"):
                self.redis.hset(name, field, "1")

    def pause(self) -> None:
        self.wiring.pauses.begin(self.chance.choice(PARKABLE), reason="by hand", remedy="unpause", by_hand=True)

    def unpause(self) -> None:
        self.wiring.pauses.end(self.chance.choice(PARKABLE))

    def retry(self) -> None:
        item = self.wiring.ledger.track(key_of(self.chance.choice(TRACKS)))
        if item is not None and item.verdict:
            self.wiring.rework.reopen(item)

    def known(self) -> dict[str, dict[str, str]]:
        """The raw fields of every track."""
        rows = {key_of(number): self.redis.hgetall(keyspace.track(key_of(number))) for number in TRACKS}
        return {key: fields for key, fields in rows.items() if fields}

    def check(self) -> None:
        """What must hold after every step."""
        known, now = self.known(), self.wiring.ledger.now_ms()
        for name in LISTS:
            members = self.redis.zrange(keyspace.members(name), 0, -1)
            assert self.wiring.register.census(name) == counted([known[key] for key in members], now)
            in_it = {key for key, fields in known.items() if name in json.loads(fields["in"])}
            assert self.wiring.register.unfinished(name) == {key for key in in_it if not settled(known[key])}
        for fields in known.values():
            for name in ("s:analyze", "s:eagle"):
                assert name not in fields or json.loads(fields[name])["lists"] == json.loads(fields["in"])
        hints = set(self.redis.zrange(keyspace.DUE, 0, -1))
        hints = hints.union(*(self.redis.smembers(keyspace.parked(pause.service)) for pause in self.wiring.pauses.all()))
        assert {key for key, fields in known.items() if not settled(fields)} <= {hint.partition("|")[2] for hint in hints}

    def work_off(self) -> None:
        """Luck is good again."""
        for service in PARKABLE:
            self.wiring.pauses.end(service)
        for _ in range(12):
            self.time_passes()
            while self.queue:
                hint = self.queue.pop()
                station.run(hint, sealed, services=SERVICES[QUEUES[hint.station]])


@pytest.fixture
def wiring(clean_environment, redis_url, tmp_path, monkeypatch):
    known = wired.Wiring(Settings(redis_url=redis_url, state_dir=tmp_path, media_root=tmp_path / "media", lease_seconds=LEASE_S))
    monkeypatch.setattr(wired, "_current", known)
    yield known
    known.redis.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_is_lost_and_the_counts_are_true_in_any_history(wiring, monkeypatch, seed):
    # Given
    history = History(wiring, random.Random(seed))
    monkeypatch.setattr(station.application, "publish", lambda hints, **_: history.queue.extend(hints))

    # When anything happens
    for _ in range(STEPS):
        history.step()
        try:
            history.check()
        except AssertionError:
            pytest.fail("\n".join(["this history breaks a promise:", *history.done]))

    # I expect everything to be worked off in the end, and nothing to go on for ever
    history.work_off()
    history.check()
    assert all(settled(fields) for fields in history.known().values())
    assert all(wiring.register.finished(name) for name in LISTS)
    assert wiring.redis.zrange(keyspace.DUE, 0, -1) == []
