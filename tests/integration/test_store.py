"""The store: a file counts only when its note is written; names have one owner; links replace at once."""

import errno
import json
import os
import threading
from pathlib import Path

import pytest

from crateline.durable import store as room
from crateline.durable.store import Store, link, read_note, write_note

KEY = "soundcloud:tracks:1"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "media")


@pytest.fixture
def original(store) -> Path:
    path = store.folder("originals", KEY) / "original.m4a"
    path.write_bytes(b"music" * 1000)
    return path


@pytest.fixture
def no_hard_links(monkeypatch):
    """A file system like exFAT."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


def note_of(store: Store) -> Path:
    return store.folder("originals", KEY) / room.NOTE


def test_a_sealed_file_is_kept_with_what_its_station_learnt(store, original):
    # When
    sealed = store.seal("originals", KEY, original, {"codec": "aac"})

    # I expect another process to find it
    kept = Store(store.root).kept("originals", KEY)
    assert kept == sealed
    assert (kept.path, kept.size, kept.facts) == (original, 5000, {"codec": "aac"})
    assert kept.digest == room.digest_of(original)
    assert len(kept.digest) == 64


def test_a_file_without_a_note_does_not_count(store, original):
    assert store.kept("originals", KEY) is None


@pytest.mark.parametrize("half", ["", "{", '{"file": "original.m4a", "dig', "[]", "null", "\x00\x00"])
def test_a_half_written_note_does_not_count(store, original, half):
    # Given
    store.seal("originals", KEY, original, {})

    # When
    note_of(store).write_text(half)

    # I expect
    assert store.kept("originals", KEY) is None


@pytest.mark.parametrize("cut", [0, 4999, 5001])
def test_a_file_of_another_size_than_was_sealed_does_not_count(store, original, cut):
    # Given
    store.seal("originals", KEY, original, {})

    # When
    original.write_bytes(b"x" * cut)

    # I expect
    assert store.kept("originals", KEY) is None


def test_a_file_that_is_gone_does_not_count(store, original):
    store.seal("originals", KEY, original, {})
    original.unlink()
    assert store.kept("originals", KEY) is None


def test_a_store_that_was_moved_still_knows_its_files(store, original, tmp_path):
    # Given
    store.seal("originals", KEY, original, {})

    # When
    moved = Store(store.root.rename(tmp_path / "elsewhere"))

    # I expect
    assert moved.kept("originals", KEY).path.read_bytes() == b"music" * 1000


def test_a_note_cannot_point_out_of_its_folder(store, original, tmp_path):
    # Given
    (tmp_path / "secret").write_bytes(b"x" * 5)
    store.seal("originals", KEY, original, {})
    note = json.loads(note_of(store).read_text())
    note_of(store).write_text(json.dumps(note | {"file": str(tmp_path / "secret"), "size": 5}))

    # I expect
    assert store.kept("originals", KEY) is None


def test_tracks_and_kinds_have_folders_of_their_own(store):
    # Given keys that differ in case or in what a file system does not allow
    keys = ["soundcloud:tracks:1", "spotify:track:AbC", "spotify:track:aBc", "djay:../../etc", "a/b", "a:b"]

    # I expect
    folders = {store.folder(kind, key) for kind in ("originals", "masters") for key in keys}
    assert len({str(folder).casefold() for folder in folders}) == 2 * len(keys)
    assert all(store.root in folder.resolve().parents for folder in folders)


def test_what_is_unsealed_is_gone(store, original):
    store.seal("originals", KEY, original, {})
    store.unseal("originals", KEY)
    assert store.kept("originals", KEY) is None
    assert not original.exists()


def test_memos_are_kept_by_name(store):
    # Given
    assert store.memo("analyses", "digest-1") is None

    # When
    store.keep_memo("analyses", "digest-1", {"bpm": 124.0, "key": "A♭m"})

    # I expect
    assert Store(store.root).memo("analyses", "digest-1") == {"bpm": 124.0, "key": "A♭m"}
    assert store.memo("analyses", "digest-2") is None


def test_all_memos_of_a_kind_are_read_and_broken_ones_left_out(store):
    # Given
    for number in range(3):
        store.keep_memo("analyses", f"{number}-digest", {"n": number})
    next((store.root / "analyses").glob("0-/*.json")).write_text("{")

    # I expect
    assert list(store.memos("analyses")) == [{"n": 1}, {"n": 2}]
    assert list(store.memos("never")) == []


def test_a_note_is_read_whole_or_as_it_was_before(tmp_path):
    # Given a writer that never stops, and values of very different lengths
    path, stop = tmp_path / "note.json", threading.Event()
    write_note(path, {"text": ""})

    def write():
        for number in range(400):
            write_note(path, {"text": "x" * (number % 7) * 5000})
        stop.set()

    thread = threading.Thread(target=write)
    thread.start()

    # I expect
    while not stop.is_set():
        assert read_note(path) is not None
    thread.join()
    assert [name.name for name in tmp_path.iterdir()] == ["note.json"]


def test_the_first_track_owns_a_name_and_keeps_it(store, tmp_path):
    # Given
    path = tmp_path / "music" / "Warm-up" / "Ada - Dusk.m4a"

    # I expect
    assert store.own_name(path, KEY)
    assert store.own_name(path, KEY)
    assert not store.own_name(path, "soundcloud:tracks:2")
    assert store.own_name(path.with_name("Ada - Dawn.m4a"), "soundcloud:tracks:2")


def test_names_that_differ_in_case_alone_are_one_name(store, tmp_path):
    assert store.own_name(tmp_path / "Ada - DUSK.m4a", KEY)
    assert not store.own_name(tmp_path / "ada - dusk.m4a", "soundcloud:tracks:2")


def owners(store: Store, tmp_path: Path) -> list[str]:
    """Who gets a name that eight tracks want at once."""
    won, start = [], threading.Barrier(8)

    def want(number: int) -> None:
        name = "ada - dusk.m4a" if number % 2 else "Ada - Dusk.m4a"
        start.wait()
        if store.own_name(tmp_path / name, f"soundcloud:tracks:{number}"):
            won.append(f"soundcloud:tracks:{number}")

    threads = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


def test_of_many_that_want_a_name_at_once_one_gets_it(store, tmp_path):
    assert len(owners(store, tmp_path)) == 1


def test_a_name_is_owned_on_a_file_system_without_hard_links_too(store, tmp_path, no_hard_links):
    # When
    (winner,) = owners(store, tmp_path)

    # I expect
    assert store.own_name(tmp_path / "Ada - Dusk.m4a", winner)
    assert not store.own_name(tmp_path / "Ada - Dusk.m4a", "soundcloud:tracks:99")


def test_a_link_shares_its_bytes_with_the_master(original, tmp_path):
    # When
    target = tmp_path / "music" / "Warm-up" / "a.m4a"
    link(original, target)
    link(original, target)

    # I expect
    assert target.samefile(original)


def test_a_link_replaces_what_is_there_at_once(original, tmp_path):
    # Given a reader that looks all the time
    target, missing, stop = tmp_path / "a.m4a", [], threading.Event()
    target.write_bytes(b"old")
    other = tmp_path / "other.m4a"
    other.write_bytes(b"other")

    def look():
        while not stop.is_set():
            if not target.exists():
                missing.append(True)

    thread = threading.Thread(target=look)
    thread.start()

    # When
    for _ in range(100):
        link(original, target)
        link(other, target)
    stop.set()
    thread.join()

    # I expect
    assert not missing
    assert target.read_bytes() == b"other"
    assert {path.name for path in tmp_path.iterdir()} == {"a.m4a", "other.m4a", "media"}


def test_where_links_fail_a_copy_is_made(original, tmp_path, no_hard_links):
    # When
    target = tmp_path / "a.m4a"
    target.write_bytes(b"old")
    link(original, target)

    # I expect
    assert target.read_bytes() == original.read_bytes()
    assert not target.samefile(original)


def test_a_copy_that_fails_leaves_nothing_behind(original, tmp_path, no_hard_links, monkeypatch):
    # Given
    def full(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(room.shutil, "copyfile", full)
    target = tmp_path / "a.m4a"
    target.write_bytes(b"old")

    # When
    with pytest.raises(OSError, match="No space left"):
        link(original, target)

    # I expect
    assert target.read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"a.m4a", "media"}


def test_a_kill_in_the_midst_of_a_copy_leaves_nothing_that_stays(original, tmp_path, no_hard_links, monkeypatch):
    # Given a process that is killed before its copy is whole
    def killed(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise KeyboardInterrupt

    target = tmp_path / "a.m4a"
    with monkeypatch.context() as patched:
        patched.setattr(room.shutil, "copyfile", killed)
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            link(original, target)
    [left] = [path for path in tmp_path.iterdir() if path.name != "media"]
    assert left.suffix == ".part"

    # When
    link(original, target)

    # I expect
    assert {path.name for path in tmp_path.iterdir()} == {"a.m4a", "media"}


def test_a_kill_in_the_midst_of_linking_leaves_nothing_among_the_music(original, tmp_path, monkeypatch):
    # Given a process that is killed between its two steps
    def killed(*_: Path) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "music" / "a.m4a"
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            link(original, target)

    # I expect
    assert not list(target.parent.iterdir())


def test_free_space_is_that_of_the_store_even_before_it_exists(tmp_path):
    assert Store(tmp_path / "not" / "yet").free_bytes() > 0
