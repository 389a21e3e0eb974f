"""Anything below `up` is killed every few seconds, Redis dies once: the same end as without it, and nothing twice."""

import pytest

pytestmark = [
    pytest.mark.real("redis"),
    pytest.mark.real("ffmpeg"),
    pytest.mark.real("essentia"),
    pytest.mark.timeout(900),
    pytest.mark.thorough,
]

BUSY = {"tracks": 40, "pace": 24_000, "latency": 0.4, "copy_delay": 4.0, "eagle_v2": False, "eagle_answers_id": False}


def settled(tester, key):
    return tester.playlist(key)["total"] - tester.playlist(key)["waiting"]


def expect_the_same_end(tester, key):
    tester.until_finished(key, 420)
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)
    tester.expect_no_second_download()
    tester.expect_silence_was_kept()


def test_a_monkey_among_all_processes_and_a_redis_of_our_own_that_dies(enter):
    # Given a large set, slow media, a slow Notion and an old Eagle
    tester = enter(**BUSY)
    up = tester.up()
    key = tester.enqueue()["key"]
    # When a process is killed every few seconds, and Redis in the middle
    with tester.monkey(up) as monkey:
        tester.eventually(lambda: settled(tester, key) >= 15, 240)
        tester.crash(tester.redis_pid())
        tester.eventually(lambda: tester.finished(key), 400)
    # I expect the same end
    assert len(monkey.killed) > 10
    expect_the_same_end(tester, key)


def test_a_monkey_among_all_processes_and_the_users_redis_away_for_seconds(enter, external_redis):
    # Given a Redis that the user runs, with a password
    tester = enter(environment={"REDIS_URL": external_redis.url}, **BUSY)
    up = tester.up()
    key = tester.enqueue()["key"]
    # When a process is killed every few seconds, and Redis is killed and away for longer than a command is repeated
    with tester.monkey(up, seed=2) as monkey:
        tester.eventually(lambda: settled(tester, key) >= 12, 240)
        external_redis.crash()
        tester.quiet(14)
        external_redis.start()
        tester.eventually(lambda: tester.finished(key), 400)
    # I expect the same end
    assert len(monkey.killed) > 10
    expect_the_same_end(tester, key)


def test_a_killed_station_is_claimed_again_within_half_a_minute(enter):
    # Given a download that is going on
    tester = enter(tracks=4, pace=4_000)
    up = tester.up()
    key = tester.enqueue()["key"]
    running = tester.eventually(lambda: [row for row in tester.tracks(key).values() if row["state"] == "running"], 60)
    track = running[0]["key"]
    # When its worker is killed
    before = tester.claims(track)
    assert before
    for pid, words in tester.below(up):
        if "worker download" in words:
            tester.crash(pid)
    # I expect another to be at it within half a minute
    tester.eventually(lambda: tester.claims(track) - before, 30)
    tester.until_finished(key)
    tester.expect_no_second_download()
