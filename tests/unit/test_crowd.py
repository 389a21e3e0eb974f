"""Many listeners at once, with an analyser that does as its file is called."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from crateline.cli import crowd
from crateline.durable.store import Store
from crateline.errors import ConfigurationError, Interrupted, MediaError, Unavailable
from crateline.settings import Settings
from givens.heard import ANALYSIS
from tasks import hearing

HEARD = replace(ANALYSIS, analyser=hearing.ANALYSER)
TROUBLE = {
    "damaged": MediaError("The file ends early", "damaged"),
    "killed": Unavailable("machine", "the analysing process was killed"),
    "unreadable": PermissionError(13, "Permission denied", "unreadable"),
    "unusable": ConfigurationError("ffmpeg was not found"),
    "mistaken": ZeroDivisionError("a mistake of ours"),
}


class Listener:
    """In the analyser's place."""

    def __init__(self, **limits):
        self.limits = limits

    def __enter__(self):
        return self

    def __exit__(self, *_):
        Listener.closed += 1

    def analyse(self, path, *, cancelled):
        Listener.asked.append(path.name)
        if path.name == "endless":
            Listener.inside.set()
            while not cancelled():
                Listener.stop.wait(0.01)
            raise Interrupted("stopping")
        if path.name in TROUBLE:
            raise TROUBLE[path.name]
        return HEARD


@pytest.fixture
def listeners(tmp_path, monkeypatch, clean_environment):
    """A crowd whose store is in the test's folder."""
    Listener.closed, Listener.asked = 0, []
    Listener.inside, Listener.stop = threading.Event(), threading.Event()
    monkeypatch.setattr(crowd, "Analyser", Listener)
    monkeypatch.setattr(crowd.os, "cpu_count", lambda: 3)
    return crowd.Crowd(Settings(), Store(tmp_path / "media"))


@pytest.fixture
def files(tmp_path):
    def make(*names: str) -> list[Path]:
        for name in names:
            (tmp_path / name).write_text(f"the sound of {name}")
        return [tmp_path / name for name in names]

    return make


def test_what_costs_one_file_its_answer_costs_no_other(listeners, files):
    # When
    answers = dict(listeners.hear(files("good", "damaged", "killed", "better", "unreadable")))

    # I expect
    said = {path.name: answer for path, answer in answers.items()}
    assert said["good"] == said["better"] == HEARD
    assert said["damaged"] == "The file ends early"
    assert said["killed"] == "machine: the analysing process was killed"
    assert "Permission denied" in said["unreadable"]
    assert Listener.closed == 3


def test_a_file_that_has_gone_meanwhile_or_is_empty_says_so(listeners, files):
    # Given
    gone, empty = files("gone", "empty")
    gone.unlink()
    empty.write_bytes(b"")

    # When
    answers = dict(listeners.hear([gone, empty]))

    # I expect
    assert "No such file" in answers[gone]
    assert answers[empty] == "The file is empty"
    assert Listener.asked == []


def test_a_file_is_heard_once_wherever_it_is_moved(listeners, files, tmp_path):
    # Given
    (song,) = files("song")
    assert dict(listeners.hear([song])) == {song: HEARD}

    # When
    moved = song.rename(tmp_path / "moved")
    again = dict(crowd.Crowd(Settings(), Store(tmp_path / "media")).hear([moved]))

    # I expect
    assert again == {moved: HEARD}
    assert Listener.asked == ["song"]


def test_an_analyser_that_cannot_work_ends_the_command_and_not_the_files(listeners, files):
    with pytest.raises(ConfigurationError):
        list(listeners.hear(files("unusable", "endless")))
    assert Listener.closed == 2


def test_a_mistake_of_ours_is_not_taken_for_a_fault_of_the_file(listeners, files):
    with pytest.raises(ZeroDivisionError):
        list(listeners.hear(files("mistaken")))


def test_whoever_stops_listening_leaves_no_analyser_behind(listeners, files):
    # Given
    answers = listeners.hear(files("good", "endless"))
    next(answers)
    assert Listener.inside.wait(30)

    # When
    answers.close()

    # I expect
    assert Listener.closed == 2


def test_an_answer_that_cannot_be_kept_is_an_answer(listeners, files, monkeypatch):
    # Given
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(hearing, "keep", full)

    # When
    (song,) = files("song")
    answers = dict(listeners.hear([song]))

    # I expect
    assert answers == {song: HEARD}
    assert "No space left" in listeners.unkept


def test_nothing_to_hear_starts_nothing(listeners):
    assert list(listeners.hear([])) == []
    assert Listener.closed == 0


def test_what_is_called_like_a_song_and_is_a_pipe_or_a_loop_is_not_waited_for(listeners, tmp_path):
    # Given
    pipe, loop = tmp_path / "pipe.mp3", tmp_path / "loop.mp3"
    os.mkfifo(pipe)
    loop.symlink_to(loop)

    # When
    answers = dict(listeners.hear([pipe, loop]))

    # I expect
    assert answers[pipe] == "This is neither a file nor a folder"
    assert answers[loop] == "Too many levels of symbolic links"
    assert Listener.asked == []
