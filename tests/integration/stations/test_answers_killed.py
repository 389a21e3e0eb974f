"""A person answers, and whoever carries the answer out is killed, or somebody else answers at the same moment."""

import contextlib
import itertools
import threading

import pytest

from crateline.durable import prints
from crateline.durable.answers import Answers
from crateline.errors import ConfigurationError
from givens.mortality import Memory, dying
from tasks import duplicates, retraction, review

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY, OTHER = "soundcloud:tracks:1", "soundcloud:tracks:2"


def files(line) -> list[str]:
    music = line.wiring.settings.out_dir
    return sorted(str(path.relative_to(music)) for path in music.rglob("*.m4a"))


def forget_locks(line) -> None:
    """Let the time pass after which the dead hold nothing."""
    Memory(line.wiring.redis, line.wiring.redis_url).forget_locks()


def test_a_yes_holds_whenever_its_carrying_out_was_killed(line, alike, monkeypatch):
    # When a person says yes, and who carries it out dies at each step; the person sees what is asked still, and says it again
    for step in itertools.count():
        try:
            with dying(monkeypatch, step):
                review.accept(line.wiring, OTHER, KEY)
            break
        except KeyboardInterrupt:
            forget_locks(line)
            assert (step, OTHER in {one.key for one in review.questions(line.wiring)}) == (step, not line.item(OTHER).alias)
            if line.item(OTHER).alias:
                break
    # I expect what a yes comes to
    line.through(KEY, OTHER)
    assert step > 5
    assert line.item(OTHER).alias == KEY
    assert files(line) == ["Early/Artist 1 - Title 1.m4a", "Late/Artist 1 - Title 1.m4a"]
    assert line.wiring.store.kept("masters", OTHER) is None
    assert line.wiring.store.memo(prints.KIND, OTHER) is None
    assert [one.key for one in prints.kept(line.wiring.store)] == [KEY]


def test_a_yes_that_is_taken_back_by_somebody_who_is_killed_can_be_taken_back_again(line, alike, monkeypatch):
    # Given
    duplicates.accept(line.wiring, OTHER, KEY)
    assert line.through(KEY) == ["sealed", "sealed"]
    # When
    for step in itertools.count():
        try:
            with dying(monkeypatch, step):
                retraction.forget(line.wiring, OTHER, KEY)
            break
        except KeyboardInterrupt:
            forget_locks(line)
        except ConfigurationError:
            break  # it was killed when all was done
    # I expect two tracks
    assert step > 5
    assert line.item(OTHER).alias == ""
    line.through(KEY, OTHER)
    assert files(line) == ["Early/Artist 1 - Title 1.m4a", "Late/Artist 2 - Title 2.m4a"]


def test_of_two_answers_at_the_same_moment_none_is_lost(line, alike, monkeypatch):
    # Given two people who say of two candidates, at the same moment, that they are not it
    store, barrier = line.wiring.store, threading.Barrier(2, timeout=1)
    kept = type(store).keep_memo

    def together(self, kind, name, value):
        with contextlib.suppress(threading.BrokenBarrierError):  # one after the other
            barrier.wait()
        kept(self, kind, name, value)

    asked = review.question(line.wiring, OTHER)
    line.set(OTHER, kind="source", candidates='[{"id": "one"}, {"id": "two"}]')
    monkeypatch.setattr(type(store), "keep_memo", together)
    refused = []

    def reject(candidate):
        try:
            review.reject(line.wiring, asked.key, candidate)
        except ConfigurationError as error:
            refused.append(error)  # the question was answered already, and is asked anew

    people = [threading.Thread(target=reject, args=(candidate,)) for candidate in ("one", "two")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    # I expect each answer to be kept, or its giver to be told
    assert len(Answers(store).rejected(OTHER)) + len(refused) == 2
