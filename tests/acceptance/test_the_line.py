"""A playlist's URL becomes catalogued tracks."""

import httpx
import pytest

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(300)]


def test_every_playable_track_gets_one_page_one_item_and_one_tagged_file(operator):
    # Given workers, and a set with previews, DRM, deleted rows, doubles and hostile titles
    operator.up()
    # When it is enqueued
    answer = operator.enqueue()
    operator.until_finished(answer["key"])
    # I expect every track where it belongs, and every refusal explained
    operator.expect_the_end_state(answer["key"])
    assert answer["total"] == len({e.key for e in operator.world.world.expected()})


def test_enqueuing_again_asks_nothing_twice(operator):
    # Given a set that is done
    operator.up()
    key = operator.enqueue()["key"]
    operator.until_finished(key)
    pages, requests = len(operator.pages()), len(operator.stats("notion")["arrivals"])
    downloads = operator.stats("soundcloud")["downloads"]
    # When it is enqueued again
    again = operator.enqueue()
    operator.until_finished(key)
    # I expect nothing new, no download, and a handful of requests for the playlist's own page and what changed
    assert again["new"] == 0
    assert len(operator.pages()) == pages
    assert operator.stats("soundcloud")["downloads"] == downloads
    assert len(operator.stats("notion")["arrivals"]) - requests <= 4


def test_two_playlists_share_a_track_its_page_and_its_file(operator):
    # Given a set that is done
    operator.up()
    first = operator.enqueue()["key"]
    operator.until_finished(first)
    # When a second set with some of the same tracks is enqueued
    other = operator.world.world.soundcloud_sets[1]
    second = operator.enqueue(other.url)["key"]
    operator.until_finished(second)
    operator.until_finished(first)
    # I expect shared tracks with both playlists on one page, and one file linked into both folders
    rows = operator.tracks(second)
    shared = [row for key, row in rows.items() if row["state"] == "done" and key in operator.tracks(first) and row["files"]]
    assert shared
    pages = {page["properties"]["Source ID"]: page["properties"] for page in operator.pages()}
    for row in shared:
        assert len(pages[row["key"]]["Playlists"]) == 2, row
        assert len(row["files"]) == 2, row
        one, two = (operator.folder / path for path in row["files"])
        assert one.samefile(two)


def test_a_revoked_token_pauses_and_loses_nothing(operator):
    # Given work that is going on
    operator.up()
    key = operator.enqueue()["key"]
    operator.eventually(operator.pages)
    door = f"{operator.world.addresses['notion']}/_sandbox/token"
    # When the token is revoked
    httpx.post(door, json={"valid": False}, trust_env=False)
    # I expect a pause with its reason and remedy, and no failed track
    paused = operator.eventually(lambda: operator.status()["pauses"])
    assert paused[0]["service"] == "notion"
    assert paused[0]["remedy"]
    assert operator.status()["playlists"][0]["failed"] == 0
    # When it is valid again
    httpx.post(door, json={"valid": True}, trust_env=False)
    # I expect the work to go on by itself, to the same end
    operator.until_finished(key)
    assert operator.status()["pauses"] == []
    operator.expect_the_end_state(key)


def test_enqueue_waits_and_ends_with_the_playlists_status(operator):
    # Given workers
    operator.up()
    # When a set is enqueued with --wait
    lines = operator.crateline("enqueue", operator.world.world.main.url, "--wait", "--json")
    # I expect the last line to be its status, finished
    assert lines[-1]["key"] == lines[0]["key"]
    assert lines[-1]["state"] == "done"
    assert lines[-1]["done"] + lines[-1]["refused"] + lines[-1]["review"] == lines[-1]["total"]
