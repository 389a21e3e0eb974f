"""Whatever dies, nothing is lost and nothing is done twice."""

import os
import random
import signal
import threading
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(420)]


def kill(pid):
    """End a process as a crash would; it may have ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.mark.parametrize("operator", [{"tracks": 16}], indirect=True)
def test_killed_workers_and_a_killed_redis_lose_no_track(operator):
    # Given a set on its way
    operator.up()
    key = operator.enqueue()["key"]
    chance, tick = random.Random(3), threading.Event()
    # When a worker is killed every few seconds, and Redis once
    for round_ in range(8):
        tick.wait(3.5)
        if operator.finished(key):
            break
        if round_ == 2:
            kill(operator.redis_pid())
        elif workers := operator.workers():
            kill(chance.choice(workers))
    # I expect the same end as without the killing, and no second complete download
    operator.until_finished(key, 240)
    operator.expect_the_end_state(key)
    downloads = operator.stats("soundcloud")["downloads"]
    assert not {track: count for track, count in downloads.items() if count > 1}


def test_a_killed_supervisor_takes_its_workers_along_and_its_successor_goes_on(operator):
    # Given a set on its way
    first = operator.up()
    key = operator.enqueue()["key"]
    operator.eventually(lambda: operator.stats("soundcloud")["downloads"])
    orphans = operator.workers()
    # When the supervisor is killed
    kill(first.pid)
    first.wait()
    # I expect its workers to end
    operator.eventually(lambda: not [pid for pid in orphans if Path(f"/proc/{pid}").exists()], 30)
    # When it is started again
    operator.up()
    # I expect the set to be finished
    operator.until_finished(key)
    operator.expect_the_end_state(key)


def test_a_redis_that_lost_everything_costs_no_second_page_item_or_download(operator):
    # Given a set that is half done
    operator.up()
    key = operator.enqueue()["key"]
    operator.eventually(lambda: len(operator.items()) >= 3)
    # When Redis forgets everything
    operator.forget_everything()
    # And the set is enqueued again
    assert operator.enqueue()["new"] > 0
    # I expect the same end, pages found by their Source ID, originals in the store, items by their tag
    operator.until_finished(key, 300)
    operator.expect_the_end_state(key)
    downloads = operator.stats("soundcloud")["downloads"]
    assert not {track: count for track, count in downloads.items() if count > 1}
