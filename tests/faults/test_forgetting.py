"""A Redis that forgets everything in the middle: enqueued again it is the same set, with nothing twice."""

import pytest

pytestmark = [
    pytest.mark.real("redis"),
    pytest.mark.real("ffmpeg"),
    pytest.mark.real("essentia"),
    pytest.mark.timeout(900),
    pytest.mark.thorough,
]

OLD_EAGLE = {"copy_delay": 6.0, "eagle_v2": False, "eagle_answers_id": False}


@pytest.mark.parametrize("moment", ["pages are made", "Eagle copies", "a second upload has been told", "all is done"])
def test_forgotten_at_any_moment_the_set_comes_to_the_same_end(enter, moment):
    # Given a set on its way, a slow Notion and an Eagle that copies for seconds
    tester = enter(tracks=16, latency=0.4, **OLD_EAGLE)
    tester.up()
    key = tester.enqueue()["key"]
    reached = {
        "pages are made": lambda: len(tester.pages()) >= 4,
        "Eagle copies": lambda: len(tester.copying()) >= 3,
        "a second upload has been told": lambda: any(row["reason"].startswith("the same") for row in tester.tracks(key).values()),
        "all is done": lambda: tester.finished(key),
    }
    tester.eventually(reached[moment])
    # When Redis forgets everything, while the workers run
    tester.forget_everything()
    # And the set is enqueued again
    assert tester.enqueue()["new"] > 0
    # I expect the same end: pages, items and files once each, nothing fetched again
    tester.until_finished(key, 400)
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)
    tester.expect_no_second_download()
    tester.expect_silence_was_kept()


def test_a_redis_that_forgets_twice_within_a_minute(enter):
    # Given
    tester = enter(tracks=12, latency=0.4, **OLD_EAGLE)
    tester.up()
    key = tester.enqueue()["key"]
    tester.eventually(lambda: len(tester.pages()) >= 3)
    # When
    for _ in range(2):
        tester.forget_everything()
        tester.enqueue()
        tester.quiet(8)
    # I expect
    tester.until_finished(key, 400)
    tester.expect_the_end_state(key)
    tester.expect_no_second_download()
    tester.expect_silence_was_kept()
