import os
from pathlib import Path

import pytest

from crateline.cli import sounds


@pytest.fixture
def crate(tmp_path):
    """A folder as it comes from a Mac, by way of a stick."""
    for name in (
        "b.mp3",
        "a.FLAC",
        "cover.jpg",
        "notes.txt",
        "._b.mp3",
        ".hidden.wav",
        "set/c.opus",
        "set/deep/d.webm",
        ".Trashes/e.mp3",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def found(*names):
    return list(sounds.find(names))


def test_a_folder_means_all_that_sounds_in_it_but_nothing_hidden(crate):
    assert [path.relative_to(crate).as_posix() for path in found(crate)] == ["a.FLAC", "b.mp3", "set/c.opus", "set/deep/d.webm"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(crate):
    assert found(crate / "notes.txt", crate / ".hidden.wav") == [crate / "notes.txt", crate / ".hidden.wav"]


def test_no_file_is_heard_twice_however_often_it_is_named(crate, monkeypatch):
    # Given
    monkeypatch.chdir(crate)
    (crate / "again.mp3").symlink_to(crate / "b.mp3")

    # I expect
    assert found(crate / "b.mp3", Path("b.mp3"), crate / "set" / ".." / "b.mp3", crate / "again.mp3") == [crate / "b.mp3"]


def test_a_folder_that_holds_itself_is_walked_once(crate):
    (crate / "set" / "loop").symlink_to(crate)
    assert len(found(crate)) == 4


def test_a_name_that_leads_nowhere_is_said_to_be_missing(crate):
    # When
    first, second = found(crate / "nothing.mp3", crate / "a.FLAC")

    # I expect
    assert (first.path, first.missing, first.reason) == (crate / "nothing.mp3", True, "There is no such file or folder")
    assert second == crate / "a.FLAC"


def test_a_pipe_is_no_file_and_is_never_opened(tmp_path):
    # Given
    os.mkfifo(tmp_path / "pipe.wav")

    # When
    (one,) = found(tmp_path / "pipe.wav")

    # I expect
    assert not one.missing
    assert one.reason == "This is neither a file nor a folder"


def test_a_name_that_no_file_system_takes_is_a_reason_and_no_crash(tmp_path):
    (one,) = found(tmp_path / ("x" * 5000))
    assert "too long" in one.reason or one.missing


def test_a_folder_that_cannot_be_read_is_said(crate, monkeypatch):
    # Given
    real = os.scandir

    def closed(path):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)

    # When
    *files, last = found(crate)

    # I expect
    assert len(files) == 3
    assert last.path == crate / "set" / "deep"
    assert last.reason == "Permission denied"
