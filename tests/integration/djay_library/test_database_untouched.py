"""Nothing of djay's is ever touched, and what it writes meanwhile disturbs nobody."""

import contextlib
import hashlib
import os
import sqlite3
import stat
import subprocess
import sys

import pytest

from crateline.clients.djay import database, snapshot
from crateline.errors import LibraryUnreadable
from crateline.sandbox import djay
from givens.djay_database import ONE, SIZE, put, titled


def fingerprint(folder):
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.iterdir()
    }


DJAY_AT_WORK = """
import sqlite3, sys, threading
from crateline.clients.djay.values import Entity
from crateline.sandbox.djay.encoding import encode

told = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
own = sqlite3.connect(sys.argv[1], isolation_level=None)
own.execute("PRAGMA synchronous = OFF")
for number in range(1_000_000):
    blob = encode(Entity("ADCMediaItemTitleID", (("uuid", f"{number:032x}"), ("title", str(number)))))
    own.execute("INSERT INTO database2 (collection, key, data) VALUES ('mediaItemTitleIDs', ?, ?)", (f"{number:032x}", blob))
    if number % 20 == 0:
        own.execute("PRAGMA wal_checkpoint(PASSIVE)")
        print(number, flush=True)
    if told.wait(0.005):
        break
"""


@pytest.mark.parametrize("live", [False, True], ids=["at rest", "in use"])
def test_reading_leaves_no_trace_beside_the_database_nor_in_it(tmp_path, live):
    # Given
    djay.generate(tmp_path, **SIZE, live=live)
    before = fingerprint(tmp_path)

    # When
    database.read(tmp_path)
    list(database.rows(tmp_path / "MediaLibrary.db"))

    # I expect
    assert fingerprint(tmp_path) == before


def test_a_database_that_may_not_be_written_to_is_read(tmp_path):
    # Given
    truth = djay.generate(tmp_path, **SIZE, live=True)
    for path in tmp_path.iterdir():
        path.chmod(stat.S_IRUSR)
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)

    # I expect
    try:
        assert database.read(tmp_path).sessions == truth.library.sessions
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_a_database_is_read_while_djay_writes_to_it(tmp_path):
    # Given djay at work: a process that adds titles, and folds its WAL into the database now and then
    truth = djay.generate(tmp_path, **SIZE)
    file = tmp_path / "MediaLibrary.db"
    with subprocess.Popen([sys.executable, "-c", DJAY_AT_WORK, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        worker.stdout.readline()

        # When
        libraries = [database.read(tmp_path) for _ in range(20)]
        worker.stdin.close()
        worker.stdout.read()

    # I expect each to be one moment of it
    for library in libraries:
        assert {one: library.tracks[one] for one in truth.library.tracks} == dict(truth.library.tracks)
        numbers = [int(track.title) for track in library.tracks.values() if track.title_id not in truth.library.tracks]
        assert numbers == list(range(len(numbers)))
        assert numbers


def test_a_copy_of_a_database_that_changes_meanwhile_does_not_count(tmp_path, monkeypatch):
    # Given
    truth = djay.generate(tmp_path, **SIZE)
    file, copied = tmp_path / "MediaLibrary.db", []

    def copy(source, target):
        copied.append(source)
        if len(copied) == 1:
            os.utime(file, ns=(1, 1))  # djay writes while the first copy is made
        return original(source, target)

    original = snapshot.shutil.copyfile
    monkeypatch.setattr(snapshot.shutil, "copyfile", copy)

    # When
    library = database.read(tmp_path)

    # I expect
    assert copied.count(file) == 2
    assert library.tracks == truth.library.tracks


def test_a_commit_while_the_database_is_copied_costs_no_second_copy(tmp_path, monkeypatch):
    # Given djay at work, which adds a title to its WAL whenever a file is copied
    truth = djay.generate(tmp_path, **SIZE)
    file, copied = tmp_path / "MediaLibrary.db", []
    original = snapshot.shutil.copyfile

    def copy(source, target):
        copied.append(source)
        put(own, "mediaItemTitleIDs", f"{len(copied):032x}", titled(title="new"))
        return original(source, target)

    monkeypatch.setattr(snapshot.shutil, "copyfile", copy)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as own:
        put(own, "mediaItemTitleIDs", ONE, titled(title="T"))

        # When
        library = database.read(tmp_path)

    # I expect
    assert copied.count(file) == 1
    assert library.tracks[ONE].title == "T"
    assert {one: library.tracks[one] for one in truth.library.tracks} == dict(truth.library.tracks)


def test_a_database_that_never_rests_is_given_up(tmp_path, monkeypatch):
    # Given
    djay.generate(tmp_path, **SIZE)
    monkeypatch.setattr(snapshot, "_copy", lambda *_: False)

    # I expect
    with pytest.raises(LibraryUnreadable, match="all the time"):
        database.read(tmp_path)
