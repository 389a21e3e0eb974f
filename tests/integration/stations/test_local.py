"""Local files that were indexed: recognised by their sound, taken if they are better, tagged if they are Eagle's."""

import os
import shutil

import httpx
import pytest

from crateline.audio import ffmpeg
from crateline.audio.analysis import Analysis
from crateline.durable import prints
from crateline.durable.store import digest_of
from crateline.messages import Station
from crateline.sandbox import eagle as simulated
from tasks import hearing, local

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia")]

KEY = "soundcloud:tracks:1"
NUMBER = 4


@pytest.fixture
def eagle(eagle_door, own_settings, tmp_path):
    """The URL of an Eagle with a library on this machine; ask for it before the line."""
    door, url = eagle_door
    door.app = simulated.app(tmp_path / "eagle", copy_delay=0.1)
    own_settings["eagle_url"] = url
    return url


@pytest.fixture
def index(line):
    """Index a file as the console does: nothing is heard of one that is indexed."""

    def run(path) -> bool:
        if local.indexed(line.wiring, path):
            return False
        store = line.wiring.store
        heard = hearing.hear(store, line.wiring.analyser, path, digest_of(path), cancelled=lambda: False)
        local.index_file(line.wiring, path, heard)
        return True

    return run


@pytest.fixture
def on_disk(sound, tmp_path):
    """A file of a recording in the user's own folder, as FLAC or as it comes."""

    def make(name: str, number: int = NUMBER):
        path = tmp_path / "own" / name
        path.parent.mkdir(exist_ok=True)
        if path.suffix == ".flac":
            ffmpeg.run([*ffmpeg.recording(sound(number, "m4a")), str(path)], subject=path, time_limit=30)
        else:
            shutil.copyfile(sound(number, path.suffix.removeprefix(".")), path)
        return path

    return make


@pytest.fixture
def arrive(line, fetched, make_track):
    """Let the line bring the recording, and analyse it; gives where its original lies."""

    def bring(form: str):
        line.enqueue(make_track(1))
        path = fetched(KEY, NUMBER, form)
        assert line.run(Station.ANALYZE, KEY) == "sealed"
        return path

    return bring


@pytest.fixture
def in_eagle(eagle, on_disk, index, tmp_path, eventually):
    """An item that a person has put into Eagle, with its file indexed; gives both."""

    def put():
        path = on_disk("own.mp3")
        asked = {"path": str(path), "name": "My own", "tags": ["mine"]}
        httpx.post(f"{eagle}/api/v2/item/add", json=asked, trust_env=False).raise_for_status()
        item = eventually(lambda: next((one for one in items(eagle) if one["file_size"] == path.stat().st_size), None))
        inside = tmp_path / "eagle" / "Sandbox.library" / "images" / f"{item['id']}.info" / "My own.mp3"
        assert index(inside)
        return item, inside

    return put


def items(url: str) -> list[dict]:
    found = httpx.get(f"{url}/_sandbox/state", trust_env=False).json()["items"]
    return [item for item in found if not item["isDeleted"]]


def near(line) -> set[str]:
    """The keys of the files that are known to sound like the track."""
    note = line.wiring.store.memo(prints.KIND, KEY)
    return {one.key for one in local._register(line.wiring).near(prints._read(note))}


def test_a_better_file_of_the_users_own_becomes_the_original(line, arrive, index, on_disk):
    # Given a FLAC on the disk
    own = on_disk("own.flac")
    content = own.read_bytes()
    assert index(own)
    # When the line brings an MP3 of the same recording
    arrive("mp3")
    # I expect a copy of it to be the source, and the file to be as it was
    original = line.wiring.store.kept("originals", KEY)
    assert (original.path.read_bytes(), original.facts["file"]) == (content, str(own))
    assert not original.path.samefile(own)
    assert own.read_bytes() == content
    assert len(list(original.path.parent.glob("original*"))) == 1
    master = line.wiring.store.kept("masters", KEY)
    assert master.facts["original"] == original.digest
    assert line.item(KEY).result(Station.ANALYZE)["files"]
    # When it is analysed again
    line.forget(KEY, "s:analyze")
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    # I expect nothing to change
    assert line.wiring.store.kept("masters", KEY) == master


def test_a_worse_file_or_another_recording_changes_nothing(line, arrive, index, on_disk):
    # Given
    index(on_disk("worse.mp3"))
    index(on_disk("other.flac", number=5))
    # When
    before = arrive("m4a")
    # I expect
    assert line.wiring.store.kept("originals", KEY).path == before


def test_what_crateline_has_filed_itself_is_no_other_source(line, arrive, index, tmp_path):
    # Given a finished track, and a copy of its file on a stick
    before = arrive("mp3")
    placed = line.item(KEY).result(Station.ANALYZE)["files"][0]
    copied = tmp_path / "stick.m4a"
    shutil.copyfile(placed, copied)
    index(copied)
    heard = Analysis.kept(next(iter(line.wiring.store.memos("analyses"))))
    assert not local.index_file(line.wiring, line.wiring.settings.out_dir / placed, heard)
    # When it is filed again
    line.forget(KEY, "s:analyze")
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    # I expect the lossless copy not to be taken for a better source
    assert line.wiring.store.kept("originals", KEY).path == before
    assert near(line) == {local.key_of(copied)}


def test_indexing_again_costs_nothing_and_goes_on_where_it_was_ended(line, index, on_disk):
    # Given one of two files indexed when the machine went down, and Redis lost
    one, other = on_disk("one.mp3"), on_disk("other.mp3", number=5)
    assert index(one)
    line.wiring.redis.flushall()
    # I expect
    assert [index(one), index(other)] == [False, True]
    assert [index(one), index(other)] == [False, False]
    # When one is another file
    shutil.copyfile(on_disk("third.mp3", number=6), one)
    # I expect
    assert [index(one), index(other)] == [True, False]


def test_files_that_have_vanished_or_changed_are_forgotten(line, arrive, index, on_disk):
    # Given three copies of a recording
    gone, touched, there = on_disk("gone.flac"), on_disk("touched.flac"), on_disk("there.mp3")
    for path in (gone, touched, there):
        index(path)
    # When
    gone.unlink()
    os.utime(touched, (1, 1))
    arrive("mp3")
    # I expect neither to be used
    assert line.wiring.store.kept("originals", KEY).path.suffix == ".mp3"
    assert near(line) == {local.key_of(there)}
    # When nobody asks for it, but the console looks, there and elsewhere
    there.unlink()
    folder = there.parent
    assert [local.forget_vanished(line.wiring, [one]) for one in (folder / "unplugged", folder, folder)] == [0, 1, 0]
    # I expect
    assert near(line) == set()


def test_too_little_sound_is_remembered_and_never_found(line, tmp_path, index):
    # Given
    path = tmp_path / "blip.wav"
    ffmpeg.run(["-f", "lavfi", "-i", "sine=frequency=440:duration=3", str(path)], subject=path, time_limit=30)
    # I expect
    assert index(path)
    assert not index(path)
    assert list(prints.kept(line.wiring.store)) == []


def test_an_item_that_the_library_has_gets_our_tags_instead_of_a_twin(eagle, line, arrive, in_eagle):
    # Given a recording in Eagle, put there by a person, and indexed
    item, path = in_eagle()
    before = path.read_bytes()
    # When the line brings it
    arrive("m4a")
    assert line.run(Station.EAGLE, KEY) == "sealed"
    # I expect one item, with its tags and ours, and its file as it was
    (found,) = items(eagle)
    assert found["id"] == item["id"]
    assert {"mine", f"crateline:{KEY}", "Warm-up"} <= set(found["tags"])
    assert path.read_bytes() == before
    assert line.item(KEY).result(Station.EAGLE)["item"] == item["id"]
    # When it is looked at again, found by its tag now
    line.forget(KEY, "s:eagle")
    assert line.run(Station.EAGLE, KEY) == "sealed"
    # I expect
    assert items(eagle) == [found]


def test_an_item_that_is_gone_from_the_library_is_added_as_usual(eagle, line, arrive, in_eagle, eventually):
    # Given an indexed item that its owner has thrown away
    item, _ = in_eagle()
    arrive("m4a")
    httpx.post(f"{eagle}/api/item/moveToTrash", json={"itemIds": [item["id"]]}, trust_env=False).raise_for_status()
    # When
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    # I expect
    (found,) = items(eagle)
    assert found["id"] != item["id"]
    assert f"crateline:{KEY}" in found["tags"]


@pytest.fixture
def filed_in_eagle(eagle, line, arrive, eventually):
    """A track whose MP3 went to Eagle an hour ago."""
    arrive("mp3")
    eventually(lambda: line.run(Station.EAGLE, KEY) == "sealed")
    sent = line.wiring.store.memo("eagle", KEY)
    line.wiring.store.keep_memo("eagle", KEY, {**sent, "at": sent["at"] - 1000 * 3600})


def test_an_item_made_of_a_worse_source_says_so_and_stays(eagle, line, filed_in_eagle, index, on_disk):
    # Given
    (before,) = items(eagle)
    # When a better source turns up
    index(on_disk("own.flac"))
    line.forget(KEY, "s:analyze", "s:eagle")
    assert line.run(Station.ANALYZE, KEY) == line.run(Station.EAGLE, KEY) == "sealed"
    # I expect the one item to stay as it is, but for a word about it
    (after,) = items(eagle)
    assert (after["id"], after["file_size"]) == (before["id"], before["file_size"])
    assert after["annotation"].startswith(f"{KEY}\nA better source")
    assert str(line.wiring.store.kept("masters", KEY).path) in after["annotation"]
    # When it is looked at again
    line.forget(KEY, "s:eagle")
    assert line.run(Station.EAGLE, KEY) == "sealed"
    # I expect it not to be said twice
    assert items(eagle)[0]["annotation"] == after["annotation"]
