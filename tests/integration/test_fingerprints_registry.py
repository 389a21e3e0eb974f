"""The register of fingerprints: of all uploads of a recording that are on the line, exactly one is the track."""

import random
import threading

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from crateline.durable import fingerprints, keyspace
from crateline.durable.fingerprints import Fingerprints, Print, Standing
from crateline.durable.ledger import Ledger, as_fields
from crateline.errors import StaleClaim
from crateline.messages import Hint, Station

pytestmark = pytest.mark.real("redis")


def sound(seed):
    """Something like a print."""
    return random.Random(seed).randbytes(4 * 40)


RECORDING = sound("recording")


def made(key, raw=RECORDING, seconds=300.0, at=0.0):
    return Print(key=key, raw=raw, seconds=seconds, at=at)


def equal(one, other):
    return one.raw == other.raw


class Uploads:
    """Tracks on a line, and their analyses, step by step."""

    def __init__(self, client):
        self.client = client
        self.ledger = Ledger(client)
        self.prints = Fingerprints(client)

    def enqueue(self, *keys, want="all"):
        for key in keys:
            self.client.hset(keyspace.track(key), mapping={"card": "{}", "in": '["list"]', "want": want, "v": 1, "w": 0})

    def claim(self, key):
        return self.ledger.open(Hint(station=Station.ANALYZE, key=key)).claim

    def seal(self, claim, alias=""):
        fields = {"alias": alias} if alias else as_fields(Station.ANALYZE, {"files": []})
        return self.ledger.seal(claim, fields=fields, bump=True)

    def register(self, key, **print_):
        """As an analysis does it, from its claim to its seal, for a track that is put on the line now."""
        self.enqueue(key)
        claim = self.claim(key)
        first = self.prints.register(claim, made(key, **print_), equal)
        self.seal(claim, "" if first.key == key else first.key)
        return first.key


@pytest.fixture
def uploads(client):
    return Uploads(client)


def test_the_first_upload_is_its_own_and_stays_it(uploads):
    assert uploads.register("a") == "a"
    uploads.client.hdel(keyspace.track("a"), "s:analyze")  # it came into another playlist: it is filed again
    assert uploads.register("a") == "a"


def test_a_second_upload_leads_to_the_first(uploads):
    # Given
    uploads.register("a")
    # I expect it not to be registered itself
    assert uploads.register("b", seconds=301) == "a"
    assert uploads.client.zrange(fingerprints.BY_INSTANT, 0, -1) == ["a"]


def test_another_recording_of_the_same_length_is_another_track(uploads):
    uploads.register("a")
    assert uploads.register("b", raw=sound("else")) == "b"


def test_the_bytes_come_back_as_they_were(uploads):
    # Given
    raw = bytes(range(256))
    uploads.register("a", raw=raw, seconds=123.456)
    # I expect
    assert uploads.prints.near(made("b", raw=raw)) == [made("a", raw=raw, seconds=123.456)]


def test_only_prints_that_are_like_it_are_compared_whatever_their_length(uploads):
    # Given many strangers, a part of the recording, and a noisy copy of it
    whole = RECORDING
    for number in range(30):
        uploads.register(f"stranger {number}", raw=sound(number))
    uploads.register("part", raw=whole[80:], seconds=20)
    uploads.register("noisy", raw=bytes(byte ^ (place % 19 == 0) for place, byte in enumerate(whole)), seconds=900)
    # I expect the likeliest first
    assert [one.key for one in uploads.prints.near(made("new", raw=whole))] == ["noisy", "part"]


def test_a_track_whose_file_was_replaced_is_found_by_its_new_print_alone(uploads):
    # Given
    uploads.register("a")
    uploads.client.hdel(keyspace.track("a"), "s:analyze")
    # When
    assert uploads.register("a", raw=sound("better")) == "a"
    # I expect
    assert uploads.prints.near(made("b")) == []
    assert [one.key for one in uploads.prints.near(made("b", raw=sound("better")))] == ["a"]


def test_a_file_on_no_line_is_found_and_stands_for_no_track(uploads):
    # Given
    uploads.prints.put(made("file:/music/a.flac"))
    # I expect
    assert [one.key for one in uploads.prints.near(made("a"))] == ["file:/music/a.flac"]
    assert uploads.register("a") == "a"
    assert uploads.register("b") == "a"
    assert [one.key for one in uploads.prints.near(made("c"))] == ["file:/music/a.flac", "a"]
    # When
    uploads.prints.forget("file:/music/a.flac")
    # I expect
    assert [one.key for one in uploads.prints.near(made("c"))] == ["a"]


def test_a_register_filled_from_elsewhere_finds_what_one_filled_by_and_by_finds(uploads):
    # Given
    everything = [made(f"{seed} {copy}", raw=sound(seed)) for seed in range(40) for copy in range(2)]
    for one in everything:
        uploads.prints.put(one)
    found = {one.key: {near.key for near in uploads.prints.near(one)} for one in everything}
    # When
    uploads.client.flushall()
    again = Fingerprints(uploads.client, lambda: everything)
    # I expect
    assert {one.key: {near.key for near in again.near(one)} for one in everything} == found
    assert found["7 0"] == {"7 1"}


def test_of_many_uploads_at_once_exactly_one_is_the_first(uploads):
    # Given
    keys, answers, start = [f"track {number}" for number in range(8)], {}, threading.Barrier(8)
    uploads.enqueue(*keys)

    def register(key):
        claim = uploads.claim(key)
        start.wait()
        first = uploads.prints.register(claim, made(key), equal)
        answers[key] = first.key

    # When
    threads = [threading.Thread(target=register, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # I expect
    assert len(answers) == 8
    assert len(set(answers.values())) == 1


def test_an_upload_waits_until_the_first_one_has_its_file(uploads):
    # Given the first one at its analysis
    uploads.enqueue("a", "b")
    mine, other = uploads.claim("a"), uploads.claim("b")
    assert uploads.prints.register(mine, made("a"), equal).key == "a"
    # I expect
    assert uploads.prints.register(other, made("b"), equal) == Standing(key="a", made=False)
    # When it has its file
    uploads.seal(mine)
    # I expect
    assert uploads.prints.register(other, made("b"), equal) == Standing(key="a")


def test_a_first_upload_that_ends_without_a_file_stands_back_for_good(uploads):
    # Given
    uploads.enqueue("a", "b")
    mine, other = uploads.claim("a"), uploads.claim("b")
    uploads.prints.register(mine, made("a"), equal)
    uploads.ledger.close(mine, "failed", "damaged")
    # When the second comes
    first = uploads.prints.register(other, made("b"), equal)
    # I expect
    assert (first.key, first.gone) == ("b", ("a",))
    uploads.seal(other)
    # When the first is tried again
    uploads.ledger.reopen(uploads.ledger.track("a"))
    # I expect it to be the later one now
    assert uploads.register("a") == "b"


def test_a_track_wanted_without_its_audio_stands_for_nobody(uploads):
    uploads.prints = Fingerprints(uploads.client, lambda: [made("a", at=1)])
    uploads.enqueue("a", want="page")
    assert uploads.register("b") == "b"


def test_who_stood_back_while_it_was_at_work_cannot_seal(uploads):
    # Given the first, given up by a person while a worker that hangs is at it
    uploads.enqueue("a", "b")
    hanging = uploads.claim("a")
    uploads.prints.register(hanging, made("a"), equal)
    token = uploads.client.hget(keyspace.track("a"), "c:analyze").split()[0]
    uploads.client.hset(keyspace.track("a"), mapping={"verdict": "refused", "c:analyze": f"{token} 1 somewhere"})
    # When the second has taken its place
    assert uploads.register("b") == "b"
    # I expect
    with pytest.raises(StaleClaim):
        uploads.seal(hanging)


def test_a_job_whose_track_is_gone_registers_nothing(uploads):
    # Given an analysis that still runs when Redis forgets everything
    uploads.enqueue("a")
    stale = uploads.claim("a")
    uploads.client.flushall()
    # I expect
    with pytest.raises(StaleClaim):
        uploads.prints.register(stale, made("a"), equal)
    # When both are enqueued again, and the second is quicker
    uploads.enqueue("a", "b")
    with pytest.raises(StaleClaim):
        uploads.prints.register(stale, made("a"), equal)
    # I expect
    assert uploads.register("b") == "b"
    assert uploads.register("a") == "b"


def test_what_was_found_before_redis_forgot_does_not_count_after_it(uploads):
    # Given a search that goes on while Redis forgets, and the track is claimed again by the same worker
    uploads.register("a")
    uploads.enqueue("b")
    claim, calls = uploads.claim("b"), []

    def forgetful(known, new):
        calls.append(known.key)
        if len(calls) == 1:
            uploads.client.flushall()
            uploads.enqueue("b")
            uploads.client.hset(keyspace.track("b"), "c:analyze", f"{claim.token} 99999999999999 here")
        return True

    # I expect it to be asked anew: "a" is not there any more
    assert uploads.prints.register(claim, made("b"), forgetful).key == "b"
    assert calls == ["a"]


def test_a_forgotten_track_is_no_longer_first(uploads):
    uploads.register("a")
    uploads.prints.forget("a")
    assert uploads.register("b") == "b"


def test_a_redis_that_has_forgotten_is_told_who_was_first(uploads):
    # Given an empty Redis, and a memory elsewhere of who was first
    uploads.prints = Fingerprints(uploads.client, lambda: [made("the first", at=5), made("another", raw=sound("else"), at=6)])
    uploads.enqueue("the first", "a later one")
    later, first = uploads.claim("a later one"), uploads.claim("the first")
    # I expect a later upload not to take its place, whoever is quicker
    assert uploads.prints.register(later, made("a later one"), equal) == Standing(key="the first", made=False)
    assert uploads.prints.register(first, made("the first"), equal) == Standing(key="the first", at=5)


@pytest.mark.parametrize("keys", [("a", "b"), ("b", "a")])
def test_two_that_were_both_the_track_at_some_time_do_not_wait_for_each_other(uploads, keys):
    # Given a memory of two epochs
    uploads.prints = Fingerprints(uploads.client, lambda: [made("b", at=6), made("a", at=5)])
    uploads.enqueue("a", "b")
    # When they come in any order, and whoever has to wait comes again
    claims = {key: uploads.claim(key) for key in keys}
    found = {key: uploads.prints.register(claims[key], made(key), equal) for key in keys}
    # I expect the earlier to be the track
    assert found == {"a": Standing(key="a", at=5), "b": Standing(key="a", made=False)}


def test_who_registers_while_another_searches_is_not_overlooked(uploads):
    # Given a stranger's print, so that there is something to compare with
    uploads.register("stranger", raw=RECORDING[:80] + sound("else")[:80])
    uploads.enqueue("b")
    claim, calls = uploads.claim("b"), []

    def slow(known, new):
        calls.append(known.key)
        if len(calls) == 1:
            assert uploads.register("a") == "a"
        return equal(known, new)

    # I expect the search to be done again
    assert uploads.prints.register(claim, made("b"), slow) == Standing(key="a")
    assert sorted(calls) == ["a", "stranger", "stranger"]


def test_one_that_is_remembered_but_not_enqueued_again_stands_back(uploads):
    # Given
    uploads.prints = Fingerprints(uploads.client, lambda: [made("the first", at=5)])
    # I expect the other to be the track, and to stay it when the first comes after all
    assert uploads.register("a later one") == "a later one"
    assert uploads.register("the first") == "a later one"


def test_what_redis_knows_is_not_read_from_elsewhere(uploads):
    # Given
    read = []
    uploads.prints = Fingerprints(uploads.client, lambda: read.append(1) or [])
    # When
    for key in ("a", "b", "c"):
        uploads.register(key)
    # I expect
    assert read == [1]


def test_a_filling_that_is_overtaken_leaves_nothing(uploads):
    # Given a worker that fills the register slowly, while another has done so and the line goes on
    others = Fingerprints(uploads.client, lambda: [made("old", raw=sound("else"), at=1)])
    slow = Fingerprints(uploads.client)

    def kept():
        uploads.prints = others
        others.fill()
        assert uploads.register("b") == "b"
        yield made("a", at=1)

    slow._kept = kept
    # When
    slow.fill()
    # I expect "a", which it brought too late, not to count
    assert uploads.register("a") == "b"


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
            self.uploads.ledger.reopen(item)

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
                self.uploads.ledger.reopen(item)
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
