"""One `crateline djay`: the library is read, compared with what Notion says, and what is news is written."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from redis.exceptions import LockError

from crateline import logs
from crateline.cli import djay_import, lending, session, talk
from crateline.domain.library import Library
from crateline.domain.pairing import Matches
from crateline.durable import budget, keyspace, locks
from crateline.durable.answers import Answers
from crateline.durable.item import Item
from crateline.durable.streams import Stream, Streams
from crateline.durable.wishes import DID, Wishes
from crateline.errors import ConfigurationError, CratelineError
from crateline.messages import Hint, Station
from crateline.wiring import Wiring
from producers import checks, djay, patience, unmatched
from tasks import activity, identities, library, recordings, tables
from tasks.identities import Identified

IDS, SESSIONS, ACTIVITY, UNMATCHED = "ids", "sessions", "activity", "unmatched"
ALL = frozenset({IDS, SESSIONS, ACTIVITY})
LEASE_S = 4.0
LOCK_WAIT_S = 10.0
"""A command that was killed is succeeded after four seconds; one that lives is not waited for."""
KINDS = {Station.LIBRARY: "tracks", Station.SESSION: "sessions", Station.PLAY: "plays"}
NEVER_RUN = "`crateline djay ids` has never run (no page has a djay Pro ID): sets cannot be linked to tracks yet"
WRITTEN = ("created", "updated", "unchanged", "refused", "failed")


@dataclass(kw_only=True)
class Sync:
    """One run: which parts of it are wanted, and what has come of it so far."""

    wiring: Wiring
    parts: frozenset[str]
    dry_run: bool = False
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS.values()})
    library: Library | None = None
    found: Identified | None = None
    linked: int = 0
    requests: int = 0
    limit: int | None = None
    streams: dict[str, int] | None = None
    listed: tuple[Stream, ...] = ()

    def run(self, path: Path | None) -> dict[str, Any]:
        """Read, compare and write; gives the answer of `--json`.

        Raises ConfigurationError if something is missing, and CratelineError if another run does not end.
        """
        whole = self.parts == ALL and not self.dry_run
        self._ready()
        talk.say("Reading djay's library")
        file = djay.find(self.wiring.settings, path)
        mark = djay.mark(file)
        done = self.take(djay.read(self.wiring.settings, path))
        if whole:  # what djay has written since is news for whoever watches
            self.wiring.redis.hset(keyspace.LIBRARY_SYNCED, str(file), str(mark))
        return done

    def take(self, read: Library) -> dict[str, Any]:
        """Compare a library with what Notion says, and write what is news."""
        self.library = read
        talk.say(f"{read.source}: {talk.counted(len(read.tracks), 'track')}, {talk.counted(len(read.sessions), 'set')}")
        if faults := read.faults:
            talk.say(f"Not everything in it can be read ({faults}); the rest goes on. `crateline djay import` says what")
        with self._alone(), self._counted():
            hints = self._prepare(read)
            if not self.dry_run and hints:
                self._write(hints)
            if self._wants_streams():
                self._take_streams(read)
        return self.public()

    def _ready(self) -> None:
        settings = self.wiring.settings
        checks.settings_complete(settings)
        if SESSIONS in self.parts and not settings.calendar_db_id:
            if self.parts == {SESSIONS}:
                raise ConfigurationError(
                    "CALENDAR_DB_ID is not set: copy the link of your calendar database in Notion and write it "
                    "in the environment, in .env or in crateline.toml"
                )
            talk.say("CALENDAR_DB_ID is not set: no pages for DJ sets")
            self.parts -= {SESSIONS}
        if settings.log_level == "INFO":  # each page that is written is news for a worker's log, not for a person
            logs.configure("WARNING", secrets=session.secrets(settings))
        self.wiring.epoch.check()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self.dry_run:
            yield
            return
        try:
            with locks.alone(self.wiring.redis, "djay", wait_s=LOCK_WAIT_S, lease_s=LEASE_S):
                yield
        except LockError as error:
            if self.found is not None:
                raise
            raise CratelineError("another `crateline djay` is at work: wait until it has ended") from error

    @contextmanager
    def _counted(self) -> Iterator[None]:
        token, before = budget.account.set(budget.DJAY), self._requests()
        try:
            yield
        finally:
            self.requests = self._requests() - before
            budget.account.reset(token)

    def _requests(self) -> int:
        return int(self.wiring.redis.hget(keyspace.playlist(budget.DJAY), "requests:notion") or 0)

    def _ask(self, ask: Callable[[], Any]) -> Any:
        return patience.patiently(self.wiring, ask, talk.say)

    def _prepare(self, read: Library) -> list[Hint]:
        """Work out what has to be written, and put it where it is not forgotten."""
        answers = Answers(self.wiring.store)
        talk.say("Reading what has changed in Notion")
        if IDS in self.parts:
            self._ask(lambda: tables.having(self.wiring, tables.tracks(self.wiring), "djay_id"))
        pages = self._ask(lambda: identities.read(self.wiring, lambda: None))
        found = self.found = identities.identify(self.wiring, read, pages, answers)
        ever = found.ever or IDS in self.parts
        if not ever and self.parts & {SESSIONS, ACTIVITY}:
            talk.say(NEVER_RUN)
        parts: dict[str, dict[str, Any]] = {}
        if IDS in self.parts:
            _add(parts, library.IDS, identities.wants(self.wiring, read, found))
            if not self.dry_run:
                identities.review(self.wiring, read, found.matches.doubts, answers)
        if ACTIVITY in self.parts and ever:
            _add(parts, library.ACTIVITY, activity.wants(self.wiring.settings, tables.tracks(self.wiring), read, found))
        first = self._sets(read, found.page_of if ever else {}, parts) if SESSIONS in self.parts else []
        shelved = library.shelve(self.wiring, pages, parts, dry_run=self.dry_run)
        self.counts["tracks"]["unchanged"] += shelved.unchanged
        if self.dry_run:
            self.counts["tracks"]["updated"] += len(shelved.hints)
        return [*first, *shelved.hints]

    def _sets(self, read: Library, page_of: Mapping[str, str], parts: dict[str, dict[str, Any]]) -> list[Hint]:
        calendar = self._ask(partial(tables.calendar, self.wiring))
        desk = recordings.Desk(
            wiring=self.wiring, calendar=calendar, plays=self._ask(partial(tables.plays, self.wiring)), ask=self._ask
        )
        recorded = desk.record(read, page_of)
        self.linked = recorded.linked
        self.counts["sessions"]["unchanged"] += recorded.unchanged
        _add(parts, library.SESSIONS, recorded.rest)
        if not self.dry_run:
            return Wishes(self.wiring.redis).put(recorded.wishes)
        for wish in recorded.wishes:
            self.counts[KINDS[wish.hint.station]]["updated" if wish.hint.key in recorded.there else "created"] += 1
        return []

    def _write(self, hints: list[Hint]) -> None:
        """Lend a hand until everything of this run is settled."""
        every_minute = self.wiring.settings.notion_requests_per_minute
        talk.say(f"{talk.counted(len(hints), 'page')} to look at, within Notion's {every_minute} requests a minute")
        try:
            with _progress(len(hints)) as show:
                items = lending.work(self.wiring, hints, show=show)
        except KeyboardInterrupt:
            talk.say("What is left stays due: run the same command again, or let `crateline up` do it")
            raise
        for hint in hints:
            self.counts[KINDS[hint.station]][_end(items[hint.key])] += 1
            if (reason := items[hint.key].reason) and items[hint.key].verdict == "failed":
                talk.say(f"{items[hint.key].title}: {reason}")

    def _wants_streams(self) -> bool:
        automatic = SESSIONS in self.parts and self.wiring.settings.djay_auto_process_streaming
        return UNMATCHED in self.parts or automatic

    def _take_streams(self, read: Library) -> None:
        """Put streams that nobody knows on the line: as many as there is room for, and the rest into the queue."""
        found = self.found
        if found is None:
            return
        self.listed = tuple(unmatched.unknown(read, found.page_of, self._without_item(found)))
        lined = {item.key for item in self.wiring.ledger.tracks(one.track.key for one in self.listed)}
        fresh = [one for one in self.listed if one.track.key not in lined]
        self.streams = {"found": len(self.listed), "on_the_line": len(lined), "enqueued": 0, "waiting": len(fresh)}
        if self.dry_run:
            return
        queue = Streams(self.wiring.redis)
        queue.add(fresh)
        self.streams["enqueued"] = len(unmatched.next_batch(self.wiring, self.limit))
        self.streams["waiting"] = sum(not one.begun for one in queue.all())

    def _without_item(self, found: Identified) -> frozenset[str]:
        """The pages of tracks that Eagle does not have, if there is an Eagle."""
        flag = tables.tracks(self.wiring).real("in_eagle")
        if flag is None or self.wiring.eagle is None:
            return frozenset()
        return frozenset(page_id for page_id, page in found.pages.items() if not page.values.get(flag))

    def public(self) -> dict[str, Any]:
        """The answer of `--json`."""
        matches = self.found.matches if self.found else Matches()
        total: Counter[str] = sum(self.counts.values(), Counter())
        return {
            "read": djay_import.contents(self.library or Library(source="")),
            "matched": self.found.ways() if self.found else {},
            **{name: total[name] for name in ("created", "updated", "unchanged")},
            "review": len(matches.doubts),
            "failed": total["failed"],
            "absent": len(matches.absent),
            "refused": total["refused"],
            "linked": self.linked,
            "unmatched": self.streams,
            "pages": {kind: {name: count[name] for name in WRITTEN} for kind, count in self.counts.items()},
            "requests": self.requests,
            "dry_run": self.dry_run,
        }


def _add(parts: dict[str, dict[str, Any]], name: str, wanted: Mapping[str, Any]) -> None:
    for page_id, want in wanted.items():
        parts.setdefault(page_id, {})[name] = want


def _end(item: Item) -> str:
    return item.verdict or item.fields.get(DID, "unchanged")


@contextmanager
def _progress(total: int) -> Iterator[lending.Show]:
    """A bar on a terminal, and nothing anywhere else."""
    console = talk.margin()
    if not console.is_terminal:
        yield lambda _settled: None
        return
    from rich.progress import Progress  # noqa: PLC0415  # wanted only on a terminal

    with Progress(console=console) as progress:
        bar = progress.add_task("Notion", total=total)
        yield lambda settled: progress.update(bar, completed=settled)
