"""Who waits for whom: uploads of one recording that are analysed at the same time."""

import threading

import pytest

from crateline.durable import keyspace
from crateline.durable.fingerprints import Fingerprints, Standing
from crateline.durable.rework import Rework
from crateline.errors import StaleClaim
from givens.uploads import RECORDING, equal, made, sound

pytestmark = pytest.mark.real("redis")


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
    Rework(uploads.ledger).reopen(uploads.ledger.track("a"))
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
