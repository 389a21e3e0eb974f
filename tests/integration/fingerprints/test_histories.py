"""In any order of what can happen to three uploads of one recording, exactly one of them is the track."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from crateline.durable import keyspace
from crateline.durable.fingerprints import Fingerprints
from crateline.durable.rework import Rework
from crateline.errors import StaleClaim
from crateline.messages import Station
from givens.uploads import Uploads, equal, made

pytestmark = pytest.mark.real("redis")
KEYS = ("a", "b", "c")


class History(RuleBasedStateMachine):
    """Any order of enqueuing, analysing, failing, retrying, forgetting; a store that remembers, now and then too late."""

    client = None

    def __init__(self):
        super().__init__()
        self.client.flushall()
        self.uploads = Uploads(self.client)
        self.memos, self.late, self.running = {}, [], {}
        self.uploads.prints = Fingerprints(self.client, lambda: list(self.memos.values()))

    @rule(key=st.sampled_from(KEYS), want=st.sampled_from(["all", "all", "page"]))
    def enqueue(self, key, want):
        if not self.client.exists(keyspace.track(key)):
            self.uploads.enqueue(key, want=want)
        elif want == "all":
            self.client.hset(keyspace.track(key), "want", "all")

    @rule(key=st.sampled_from(KEYS))
    def begin(self, key):
        item = self.uploads.ledger.track(key)
        if item is not None and item.want_audio and (claim := self.uploads.claim(key)):
            self.running.setdefault(key, []).append([claim, None])

    @precondition(lambda self: any(self.running.values()))
    @rule(data=st.data())
    def register(self, data):
        job = data.draw(st.sampled_from([job for jobs in self.running.values() for job in jobs]))
        key = job[0].hint.key
        try:
            job[1] = self.uploads.prints.register(job[0], made(key), equal)
        except StaleClaim:
            self.running[key].remove(job)
            return
        self.late.append((key, job[1]))

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def remember(self, data):
        """The store is written some time after, or never."""
        one = data.draw(st.sampled_from(self.late))
        self.late.remove(one)
        key, first = one
        if first.key == key:
            self.memos[key] = made(key, at=first.at)
        for gone in first.gone:
            self.memos.pop(gone, None)

    @precondition(lambda self: any(job[1] for jobs in self.running.values() for job in jobs))
    @rule(data=st.data(), ends=st.sampled_from(["seal", "seal", "seal", "failed", "later"]))
    def settle(self, data, ends):
        job = data.draw(st.sampled_from([job for jobs in self.running.values() for job in jobs if job[1]]))
        claim, first = job
        self.running[claim.hint.key].remove(job)
        try:
            if ends == "failed":
                self.uploads.ledger.close(claim, "failed", "damaged")
            elif ends == "later" or not first.made:
                self.uploads.ledger.later(claim, 0, "later")
            else:
                self.uploads.seal(claim, "" if first.key == claim.hint.key else first.key)
        except StaleClaim:
            pass

    @rule(key=st.sampled_from(KEYS))
    def retry(self, key):
        item = self.uploads.ledger.track(key)
        if item is not None and item.verdict:
            Rework(self.uploads.ledger).reopen(item)

    @rule(key=st.sampled_from(KEYS))
    def lapse(self, key):
        """A worker hangs: its claim ends, and it does not know."""
        held = self.client.hget(keyspace.track(key), "c:analyze")
        if held:
            self.client.hset(keyspace.track(key), "c:analyze", f"{held.split()[0]} 1 somewhere")

    @rule(key=st.sampled_from(KEYS))
    def refuse(self, key):
        """Another station ends the track."""
        item = self.uploads.ledger.track(key)
        if item is not None and not item.verdict and not item.alias:
            self.client.hset(keyspace.track(key), mapping={"verdict": "refused", "reason": "gone"})

    @rule(key=st.sampled_from(KEYS))
    def join(self, key):
        """It comes into another playlist: it is filed again."""
        self.uploads.ledger.join(key, f"list {self.client.incr('lists')}")

    @rule()
    def flush(self):
        self.client.flushall()

    @invariant()
    def exactly_one_is_the_track(self):
        items = self.uploads.ledger.tracks(KEYS)
        mains = [item.key for item in items if item.sealed(Station.ANALYZE) and not item.alias]
        assert len(mains) <= 1
        by_key = {item.key: item for item in items}
        for item in items:
            steps = 0
            while item.alias:
                item, steps = by_key[item.alias], steps + 1  # noqa: PLW2901 - it leads to the last one
                assert steps < len(KEYS)
            assert not mains or item.key in mains or not item.sealed(Station.ANALYZE)

    def teardown(self):
        """Left alone, the line comes to its end."""
        for key in KEYS:
            if (item := self.uploads.ledger.track(key)) is not None and item.verdict:
                Rework(self.uploads.ledger).reopen(item)
        for _ in KEYS:
            for key in KEYS:
                self.lapse(key)
                self.finish(key)
        self.exactly_one_is_the_track()
        for item in self.uploads.ledger.tracks(KEYS):
            assert not item.want_audio or item.alias or item.sealed(Station.ANALYZE)

    def finish(self, key):
        item = self.uploads.ledger.track(key)
        if item is None or not item.want_audio or (claim := self.uploads.claim(key)) is None:
            return
        first = self.uploads.prints.register(claim, made(key), equal)
        if first.made:
            self.uploads.seal(claim, "" if first.key == key else first.key)
        else:
            self.uploads.ledger.later(claim, 0, "later")


def test_in_any_history_exactly_one_upload_is_the_track(client):
    History.client = client
    quick = settings(
        max_examples=80, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    run_state_machine_as_test(History, settings=quick)
