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


def post(operator, door, body):
    url = f"{operator.world.addresses['spotify']}/_sandbox/{door}"
    httpx.post(url, json=body, trust_env=False).raise_for_status()


def test_a_track_in_three_playlists_is_one_file_with_three_links_and_three_relations(operator):
    # Given a track in three Spotify playlists of the user's, and one more track in the last of them
    world = operator.world.world
    owned = next(one for one in world.spotify_playlists if one.owned)
    one, other = (track.id for track in world.spotify[:2])
    lists = {owned.id: owned.name, "d" * 22: "After Hours", "e" * 22: "Sunrise"}
    for identity, name in lists.items():
        post(operator, "playlist", {"id": identity, "rows": [one], "name": name})
    post(operator, "playlist", {"id": "e" * 22, "rows": [other, one]})
    operator.up()
    # When one of them is enqueued
    key = operator.enqueue(f"https://open.spotify.com/playlist/{owned.id}")["key"]
    operator.until_finished(key)
    # I expect three relations, one file with three links, one item, one download, and nothing of the other track
    rows = operator.tracks(key)
    assert list(rows) == [f"spotify:track:{one}"]
    files = [Path(file) for file in rows[f"spotify:track:{one}"]["files"]]
    assert sorted(file.parent.name for file in files) == sorted(lists.values())
    assert len({file.stat().st_ino for file in files}) == 1
    assert {found: len(lists) for found, lists in relations(operator).items()} == {f"spotify:track:{one}": 3}
    assert len(operator.items()) == 1
    assert list(operator.stats("youtube")["downloads"].values()) == [1]
    # And that one playlist alone to be followed
    assert [row["key"] for row in operator.crateline("sync", "--json")] == [key]
