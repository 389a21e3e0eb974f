"""Playlists stay in step as a user lives with them: added tracks alone are done, and one track in three lists is one file."""

import os
import signal
import threading
from pathlib import Path

import httpx
import pytest

from crateline.sandbox.catalogue import End

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(420)]


def edit(operator, ids):
    body = {"id": operator.world.world.main.id, "track_ids": list(ids)}
    httpx.post(f"{operator.world.addresses['soundcloud']}/_sandbox/set", json=body, trust_env=False).raise_for_status()


def playable(operator):
    """The ids of the main set's tracks that end as done, in order."""
    done = {e.key for e in operator.world.world.expected() if e.end is End.DONE}
    return [one for one in dict.fromkeys(operator.world.world.main.track_ids) if f"soundcloud:tracks:{one}" in done]


def relations(operator):
    return {row["properties"]["Source ID"]: row["properties"].get("Playlists") or [] for row in operator.pages()}


def test_only_what_was_added_is_done_and_a_kill_in_the_middle_changes_nothing(operator):
    # Given a set of some tracks that is done
    ids = playable(operator)
    before, added = ids[:3], ids[3:6]
    edit(operator, before)
    operator.up()
    key = operator.enqueue()["key"]
    operator.until_finished(key)
    edited = {row["id"]: row["last_edited_time"] for row in operator.pages()}
    # When more are added, and the worker that is at them is killed
    edit(operator, [*added, *before])
    (done,) = operator.crateline("sync", "--json")
    assert (done["state"], done["added"]) == ("changed", len(added))
    threading.Event().wait(1.0)
    for pid in operator.workers()[:1]:
        os.kill(pid, signal.SIGKILL)
    operator.until_finished(key)
    # I expect the new ones to be there in the source's order, and nothing to be fetched twice
    rows = operator.tracks(key)
    assert list(rows) == [f"soundcloud:tracks:{one}" for one in (*added, *before)]
    assert {row["state"] for row in rows.values()} == {"done"}
    downloads = operator.stats("soundcloud")["downloads"]
    assert {int(track): count for track, count in downloads.items()} == dict.fromkeys([*before, *added], 1)
    # And not one page of the others to have been written
    assert {row["id"]: row["last_edited_time"] for row in operator.pages() if row["id"] in edited} == edited
    # When nothing has changed
    writes = len(operator.stats("notion")["arrivals"])
    assert operator.crateline("sync", "--json")[0]["state"] == "unchanged"
    # I expect no request to Notion at all
    assert len(operator.stats("notion")["arrivals"]) == writes


def test_a_track_in_three_playlists_is_one_file_with_three_links_and_three_relations(operator):
    # Given one track in three lists
    world = operator.world.world
    one = playable(operator)[0]
    link = next(track.url for track in world.soundcloud if track.id == one)
    lists = [operator.folder / f"{name}.txt" for name in ("Warm-up", "Peak", "After Hours")]
    for path in lists:
        path.write_text(link)
    operator.up()
    # When all are enqueued
    keys = [row["key"] for row in operator.crateline("enqueue", *map(str, lists), "--json")]
    for key in keys:
        operator.until_finished(key)
    # I expect
    files = [Path(file) for file in operator.tracks(keys[0])[f"soundcloud:tracks:{one}"]["files"]]
    assert sorted(file.parent.name for file in files) == ["After Hours", "Peak", "Warm-up"]
    assert len({file.stat().st_ino for file in files}) == 1
    assert len(relations(operator)[f"soundcloud:tracks:{one}"]) == 3
    assert len(operator.items()) == 1
    assert operator.stats("soundcloud")["downloads"] == {str(one): 1}
