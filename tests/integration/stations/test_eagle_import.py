"""The station before Eagle: one item per track, whatever Eagle does, and no track that waits for it in vain."""

import socket
import threading

import httpx
import pytest

from crateline.durable import keyspace
from crateline.messages import Station
from crateline.sandbox import eagle as simulated
from crateline.sandbox.serving import serve
from tasks import station
from workers.probe import Prober

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
BOTH = pytest.mark.parametrize("eagle", [{"v2": True}, {"v2": False}, {"v2": False, "answers_id": False}], indirect=True, ids=str)
ADD = {"method": "POST", "path": "item/add", "times": 1}
SOUND = b"sound" * 20_000


def items(url: str) -> list[dict]:
    found = httpx.get(f"{url}/_sandbox/state", trust_env=False).json()["items"]
    return [item for item in found if not item["isDeleted"]]


def folders(url: str) -> list[str]:
    return [folder["name"] for folder in httpx.get(f"{url}/_sandbox/state", trust_env=False).json()["folders"]]


def order(url: str, *rules: dict) -> None:
    httpx.post(f"{url}/_sandbox/faults", json=list(rules), trust_env=False).raise_for_status()


def adds(url: str) -> int:
    kinds = httpx.get(f"{url}/_sandbox/stats", trust_env=False).json()["kinds"]
    return sum(count for kind, count in kinds.items() if kind.startswith("item/add"))


@pytest.fixture
def eagle(request, eagle_door, own_settings, tmp_path):
    """The URL of an Eagle that takes a moment to copy; ask for it before the line."""
    door, url = eagle_door
    door.app = simulated.app(tmp_path / "eagle", **({"copy_delay": 0.15} | getattr(request, "param", {})))
    own_settings["eagle_url"] = url
    return url


@pytest.fixture
def mastered(line, make_track):
    """Put tracks on the line and give each a master."""

    def tracks(*numbers: int, name: str = "Warm-up") -> None:
        line.enqueue(*map(make_track, numbers), name=name)
        for number in numbers:
            key = f"soundcloud:tracks:{number}"
            path = line.wiring.store.folder("masters", key) / f"Artist {number} - Title {number}.m4a"
            path.write_bytes(SOUND + bytes([number]) * number)
            line.wiring.store.seal("masters", key, path, {})
            line.heard(key, master=str(path))

    return tracks


@BOTH
def test_a_track_is_one_item_with_its_tags_its_folder_and_all_its_bytes(eagle, line, mastered, eventually):
    # Given
    mastered(1)
    # When
    said = []
    eventually(lambda: said.append(line.run(Station.EAGLE, KEY)) or said[-1] == "sealed")
    # I expect it to have been sealed when its file was whole, and not before
    item, *others = items(eagle)
    assert (others, adds(eagle)) == ([], 1)
    assert set(said[:-1]) == {"later"}
    assert item["file_size"] == line.wiring.store.kept("masters", KEY).size
    assert item["folder_names"] == ["Warm-up"]
    assert item["tags"] == ["124 BPM", "Am", "8A", "Warm-up", "source:SoundCloud", f"crateline:{KEY}"]
    assert (item["name"], item["annotation"]) == ("Artist 1 - Title 1", KEY)
    result = line.item(KEY).result(Station.EAGLE)
    assert (result["used"], result["item"]) == (True, item["id"])
    assert line.sent(Station.FINALISE) == [KEY]
    # When the page is written
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert (line.notion.row()["In Eagle"], line.notion.row()["Eagle ID"]) == (True, item["id"])


@pytest.mark.parametrize("kind", ["timeout-after", "reset-after", "500-after", "truncate"])
@pytest.mark.parametrize("eagle", [{"v2": True}, {"v2": False}], indirect=True, ids=str)
def test_an_item_whose_adding_was_not_confirmed_is_not_added_again(eagle, line, mastered, eventually, kind):
    # Given
    mastered(1)
    order(eagle, {"kind": kind, "seconds": 0.2, **ADD})
    # When
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    # I expect
    assert (len(items(eagle)), adds(eagle)) == (1, 1)
    assert line.item(KEY).attempts(Station.EAGLE) == 0


@pytest.mark.parametrize("kind", ["500", "timeout", "200-html"])
def test_an_item_that_was_not_added_is_added_when_it_has_had_time_to_appear(eagle, line, mastered, eventually, kind):
    # Given an Eagle that did nothing
    mastered(1)
    order(eagle, {"kind": kind, "seconds": 0.1, **ADD})
    # When
    assert line.run(Station.EAGLE, KEY) == "later"
    assert line.run(Station.EAGLE, KEY) == "later"
    # I expect it to be looked for during half a minute
    assert (items(eagle), adds(eagle)) == ([], 1)
    line.age(keyspace.track(KEY), "intent:eagle", 31)
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    assert (len(items(eagle)), adds(eagle)) == (1, 2)


def test_a_worker_that_dies_after_the_adding_leaves_one_item(eagle, line, mastered, eventually, monkeypatch):
    # Given a worker that is killed before it can say that the file was added
    mastered(1)
    with monkeypatch.context() as patched:
        patched.setattr(station, "_settle", lambda *_: "killed")
        assert line.run(Station.EAGLE, KEY) == "killed"
    line.forget(KEY, "c:eagle")  # its lease lapses
    # When
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    # I expect
    assert (len(items(eagle)), adds(eagle)) == (1, 1)


@pytest.mark.parametrize("eagle", [{"v2": False, "answers_id": False, "copy_delay": 0.6}], indirect=True, ids=str)
def test_a_ledger_that_forgets_while_eagle_copies_costs_no_second_item(eagle, line, mastered, eventually):
    # Given a file that Eagle has promised to copy, and a Redis that forgets it
    mastered(1)
    assert line.run(Station.EAGLE, KEY) == "later"
    line.forget(KEY, "intent:eagle", "t:eagle")
    # When
    assert line.run(Station.EAGLE, KEY) == "later"
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    # I expect one item, sealed when it was whole
    [item] = items(eagle)
    assert adds(eagle) == 1
    assert item["file_size"] == line.wiring.store.kept("masters", KEY).size


@pytest.mark.parametrize("copied", ["before", "after"])
def test_a_master_that_is_made_anew_while_eagle_copies_is_not_waited_for(eagle, line, mastered, eventually, copied):
    # Given a file that Eagle was handed, and a master that has other words in it by now
    mastered(1)
    assert line.run(Station.EAGLE, KEY) == "later"
    if copied == "before":
        eventually(lambda: items(eagle))
    handed = line.wiring.store.kept("masters", KEY)
    fresh = handed.path.with_suffix(".new")
    fresh.write_bytes(handed.path.read_bytes() + b"other words")
    fresh.replace(handed.path)
    line.wiring.store.seal("masters", KEY, handed.path, handed.facts)
    # When
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    # I expect
    assert (len(items(eagle)), adds(eagle)) == (1, 1)


def test_an_eagle_that_never_tells_a_files_size_is_not_waited_for_for_ever(eagle, line, mastered, eventually, monkeypatch):
    # Given
    mastered(1)
    monkeypatch.setattr("crateline.clients.eagle.Eagle.file_size", lambda *_: None)
    assert line.run(Station.EAGLE, KEY) == "later"
    eventually(lambda: items(eagle))
    assert line.run(Station.EAGLE, KEY) == "later"
    # When
    line.age(keyspace.track(KEY), "intent:eagle", 91)
    # I expect
    assert line.run(Station.EAGLE, KEY) == "sealed"
    assert adds(eagle) == 1


@pytest.mark.parametrize("size", [1, 10**9])
def test_a_file_whose_size_never_agrees_is_not_waited_for_for_ever(eagle, line, mastered, eventually, monkeypatch, size):  # noqa: PLR0917  # fixtures
    # Given an Eagle that counts otherwise than we do
    mastered(1)
    monkeypatch.setattr("crateline.clients.eagle.Eagle.file_size", lambda *_: size)
    assert line.run(Station.EAGLE, KEY) == "later"
    eventually(lambda: items(eagle))
    assert [line.run(Station.EAGLE, KEY) for _ in range(3)] == ["later"] * 3
    # When a minute and a half has passed, and Redis has forgotten that we wait
    line.age(keyspace.track(KEY), "intent:eagle", 91)
    memo = line.wiring.store.memo("eagle", KEY)
    line.wiring.store.keep_memo("eagle", KEY, {**memo, "at": memo["at"] - 91_000})
    line.forget(KEY, "intent:eagle", "t:eagle")
    # I expect the item that is there to do
    assert line.run(Station.EAGLE, KEY) == "sealed"
    assert (len(items(eagle)), adds(eagle)) == (1, 1)


def test_a_track_that_is_being_filed_anew_comes_to_eagle_when_it_is(eagle, line, mastered, eventually):
    # Given a track whose words have changed
    mastered(1)
    line.forget(KEY, "s:analyze")
    # When
    assert line.run(Station.EAGLE, KEY) == "later"
    # I expect it to wait for its values
    assert adds(eagle) == 0
    line.heard(KEY)
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    assert "124 BPM" in items(eagle)[0]["tags"]


def test_an_eagle_that_cannot_read_our_files_pauses_and_costs_no_track(eagle, line, mastered):
    # Given an Eagle on a machine that has no such path
    mastered(1)
    gone = {"status": "error", "message": "File not exists: /elsewhere"}
    order(eagle, {"kind": "404", **ADD, "path": "v2/item/add"}, {"kind": "200", "body": gone, **ADD})
    # When
    assert line.run(Station.EAGLE, KEY) == "paused"
    # I expect
    [pause] = line.wiring.pauses.all()
    assert "MEDIA_ROOT" in pause.remedy
    assert not line.item(KEY).verdict
    assert line.sent(Station.FINALISE) == [KEY]


def test_an_eagle_without_folders_takes_the_file_all_the_same(eagle, line, mastered, eventually):
    # Given
    mastered(1)
    order(eagle, {"kind": "404", "path": "folder/"})
    # When
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    # I expect
    assert len(items(eagle)) == 1


def test_an_items_name_is_no_longer_than_a_files_may_be(eagle, line, make_track, mastered, eventually):
    # Given
    line.enqueue(make_track(1, title="t" * 5000, artist="a" * 5000))
    mastered(1, name="Another")
    # When
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    # I expect
    assert len(items(eagle)[0]["name"].encode()) <= 200


def test_an_item_that_is_there_is_used_and_keeps_a_persons_tags(eagle, line, mastered, eventually):
    # Given an item of which the ledger knows nothing any more
    mastered(1)
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    item = items(eagle)[0]
    tags = ["banger", f"crateline:{KEY}"]
    httpx.post(f"{eagle}/api/item/update", json={"id": item["id"], "tags": tags}, trust_env=False)
    line.forget(KEY, "s:eagle")
    mastered(1, name="Late")
    # When
    assert line.run(Station.EAGLE, KEY) == "sealed"
    # I expect
    assert line.item(KEY).result(Station.EAGLE)["item"] == item["id"]
    assert adds(eagle) == 1
    assert items(eagle)[0]["tags"] == [*tags, "124 BPM", "Am", "8A", "Warm-up", "Late", "source:SoundCloud"]


def test_a_playlist_that_is_imported_by_many_threads_gets_one_folder(eagle, line, mastered):
    # Given
    mastered(*range(1, 7), name="Deep, dark")
    # When
    importers = [threading.Thread(target=line.run, args=(Station.EAGLE, f"soundcloud:tracks:{n}")) for n in range(1, 7)]
    for importer in importers:
        importer.start()
    for importer in importers:
        importer.join()
    # I expect
    assert folders(eagle) == ["Deep, dark"]
    assert adds(eagle) == 6


def test_a_master_that_has_vanished_is_made_again(eagle, line, mastered):
    # Given
    mastered(1)
    line.wiring.store.unseal("masters", KEY)
    # When
    assert line.run(Station.EAGLE, KEY) == "later"
    # I expect
    assert not line.item(KEY).sealed(Station.ANALYZE)
    assert line.waits(Station.ANALYZE, KEY) <= 0
    assert adds(eagle) == 0


def test_a_library_that_was_switched_pauses_and_says_what_to_do(eagle, line, mastered, eventually, tmp_path):
    # Given an item in the library that we know
    mastered(1, 2)
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    known = line.item(KEY).result(Station.EAGLE)["library"]
    # When a person opens another
    other = str(tmp_path / "Photos.library")
    switch(eagle, other)
    eventually(lambda: line.wiring.eagle.library().path == other)
    second = "soundcloud:tracks:2"
    assert line.run(Station.EAGLE, second) == "paused"
    # I expect nothing in the wrong library, a reason and a remedy, and a page that does not wait
    pause = line.wiring.pauses.all()[0]
    assert (pause.service, items(eagle)) == ("eagle", [])
    assert known in pause.reason
    assert other in pause.reason
    assert "crateline unpause eagle" in pause.remedy
    assert line.item(second).verdict == ""
    assert line.finalise(second) == "sealed"
    # When it is asked while the wrong one is open, and when the right one is again
    Prober(line.wiring).probe(pause)
    assert line.wiring.pauses.all()
    switch(eagle, known)
    eventually(lambda: line.wiring.eagle.library().path == known)
    line.wiring.redis.delete(keyspace.lock("probe:eagle"))
    Prober(line.wiring).probe(pause)
    # I expect
    assert line.wiring.pauses.all() == ()
    eventually(lambda: line.run(Station.EAGLE, second) == "sealed")
    assert len(items(eagle)) == 2


def switch(url: str, library: str) -> None:
    httpx.post(f"{url}/api/library/switch", json={"libraryPath": library}, trust_env=False).raise_for_status()


@pytest.fixture
def absent(own_settings) -> int:
    """The port where an Eagle is configured that does not run."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own_settings["eagle_url"] = f"http://127.0.0.1:{port}"
    return int(port)


def test_tracks_are_finished_without_an_eagle_that_is_away_and_their_pages_told_later(
    absent, line, mastered, eventually, tmp_path
):
    # Given
    mastered(1, 2)
    keys = [KEY, "soundcloud:tracks:2"]
    # When: the first finds out, the second is told
    assert [line.run(Station.EAGLE, key) for key in keys] == ["paused", "paused"]
    # I expect both to wait for Eagle and neither for its page
    assert line.wiring.pauses.waiting("eagle") == 2
    assert line.sent(Station.FINALISE)[::-1] == keys
    for key in keys:
        assert line.finalise(key) == "sealed"
        assert line.item(key).state(line.wiring.ledger.now_ms()) == "waiting"
    assert {(row["Status"], row["In Eagle"]) for row in line.notion.rows()} == {("Complete", False)}
    assert not line.wiring.register.finished(line.lists["Warm-up"].key)
    # When Eagle comes
    with serve(simulated.app(tmp_path / "eagle", copy_delay=0.1), port=absent) as url:
        Prober(line.wiring).probe(line.wiring.pauses.all()[0])
        assert all(line.waits(Station.EAGLE, key) <= 0 for key in keys)
        for key in keys:
            eventually(lambda key=key: line.run(Station.EAGLE, key) == "sealed")
            assert line.finalise(key) == "sealed"
        # I expect
        assert len(items(url)) == 2
    assert {(row["Status"], row["In Eagle"]) for row in line.notion.rows()} == {("Complete", True)}
    assert line.wiring.register.finished(line.lists["Warm-up"].key)


def test_an_eagle_that_fails_again_and_again_counts_as_away(eagle, line, mastered):
    # Given
    mastered(1)
    order(eagle, {"kind": "500", "path": "library/info"})
    # When
    said = [line.run(Station.EAGLE, KEY) for _ in range(station.EAGLE_PATIENCE)]
    # I expect
    assert said == ["later"] * station.EAGLE_PATIENCE
    assert [pause.service for pause in line.wiring.pauses.all()] == ["eagle"]
    assert line.run(Station.EAGLE, KEY) == "paused"
    assert line.item(KEY).attempts(Station.EAGLE) == 0
    assert line.finalise(KEY) == "sealed"


def test_without_an_eagle_the_station_is_not_used(line, mastered):
    # Given
    mastered(1)
    # When
    assert line.run(Station.EAGLE, KEY) == "sealed"
    # I expect
    assert line.item(KEY).result(Station.EAGLE) == {"used": False}
    assert line.finalise(KEY) == "sealed"
    assert line.wiring.register.finished(line.lists["Warm-up"].key)


def test_what_eagle_does_not_take_is_said(eagle, line, mastered):
    # Given a master that this Eagle cannot reach
    mastered(1)
    order(eagle, {"kind": "200", "body": {"status": "error", "message": "File type is not supported"}, **ADD})
    # When
    assert line.run(Station.EAGLE, KEY) == "ended"
    # I expect
    assert line.item(KEY).verdict == "failed"
    assert "File type is not supported" in line.item(KEY).reason


@pytest.mark.parametrize("eagle", [{"v2": True}, {"v2": False}], indirect=True, ids=str)
def test_a_track_that_a_playlist_holds_by_now_is_unassigned_no_more(eagle, line, mastered, make_track, eventually):
    # Given an item of a track that no playlist held
    mastered(1)
    line.wiring.register.leave(line.lists["Warm-up"].key, [KEY])
    line.heard(KEY)
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    item = items(eagle)[0]
    assert (item["folder_names"], "Unassigned" in item["tags"]) == (["Unassigned"], True)
    # When a playlist holds it
    line.enqueue(make_track(1), name="Late")
    line.heard(KEY)
    assert line.run(Station.EAGLE, KEY) == "sealed"
    # I expect the tag to be that of the playlist, and the folder where this Eagle can
    item = items(eagle)[0]
    assert ("Unassigned" in item["tags"], "Late" in item["tags"]) == (False, True)
    assert item["folder_names"] in (["Late"], ["Unassigned"])
    assert adds(eagle) == 1


def test_an_unassigned_item_that_a_person_has_put_elsewhere_stays_there(eagle, line, mastered, make_track, eventually):
    # Given
    mastered(1)
    line.wiring.register.leave(line.lists["Warm-up"].key, [KEY])
    line.heard(KEY)
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    item, mine = items(eagle)[0], line.wiring.eagle.folder("Mine")
    line.wiring.eagle.update(item["id"], tags=item["tags"], folder_ids=[mine])
    assert items(eagle)[0]["folder_names"] == ["Mine"]
    # When
    line.enqueue(make_track(1), name="Late")
    line.heard(KEY)
    assert line.run(Station.EAGLE, KEY) == "sealed"
    # I expect
    assert items(eagle)[0]["folder_names"] == ["Mine"]
