import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crateline.audio import ffmpeg
from crateline.audio.analyser import Analyser
from crateline.errors import ConfigurationError, Interrupted, MediaError, Unavailable


@pytest.fixture
def analyser():
    with Analyser(time_limit=30, memory_mib=2048, bpm_lowest=90) as one:
        yield one


@pytest.fixture
def fake_ffmpeg(tmp_path, monkeypatch):
    """Put a shell script in ffmpeg's place; an empty one stands for the real ffmpeg."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def write(script):
        path = tmp_path / "ffmpeg"
        path.write_text("#!/bin/sh\n" + (script or f'exec {ffmpeg.executable()} "$@"') + "\n")
        path.chmod(0o755)

    ffmpeg.executable()  # the real one is remembered first
    return write


def child_of(analyser):
    analyser._ready(lambda: False)
    return analyser._child.pid


def alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def until(condition, limit=10.0):
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time"
        time.sleep(0.02)


def test_one_warm_child_serves_many_files(analyser, song, studio):
    # When
    first = analyser.analyse(song)
    pid = analyser._child.pid
    second = analyser.analyse(studio.press(song, "warm.flac"))

    # I expect
    assert analyser._child.pid == pid
    assert first.bpm == second.bpm == pytest.approx(124, abs=0.02)


def test_the_worker_itself_never_loads_essentia():
    # When
    code = "import sys, crateline.audio.analyser; print('essentia' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    # I expect
    assert said == "False\n"


def test_a_bad_file_is_told_in_a_sentence_and_the_child_lives_on(analyser, song, tmp_path):
    # Given
    page = tmp_path / "page\n\udcff.mp3"
    page.write_text("not a sound")
    pid = child_of(analyser)

    # When
    with pytest.raises(MediaError) as error:
        analyser.analyse(page)

    # I expect
    assert error.value.path == str(page)
    assert analyser.analyse(song).key == "Am"
    assert analyser._child.pid == pid


def test_a_crash_names_its_signal_and_costs_one_file(song, fake_ffmpeg):
    # Given a child that is hit in the midst of its work
    fake_ffmpeg("kill -SEGV $PPID; sleep 60")

    with Analyser(time_limit=30, memory_mib=2048, bpm_lowest=90) as analyser:
        # When
        with pytest.raises(MediaError, match="SIGSEGV"):
            analyser.analyse(song)

        # I expect
        fake_ffmpeg("")
        assert analyser.analyse(song).key == "Am"


@pytest.mark.parametrize("script", ["kill -KILL $PPID; sleep 60", "kill -KILL $$", "kill -TERM $$"])
def test_whoever_is_killed_from_outside_no_file_is_blamed(song, fake_ffmpeg, script):
    # Given a child, or its ffmpeg, that somebody kills in the midst of its work
    fake_ffmpeg(script)

    with Analyser(time_limit=30, memory_mib=2048, bpm_lowest=90) as analyser:
        # When
        with pytest.raises(Unavailable) as error:
            analyser.analyse(song)

        # I expect the machine to be named, and the next analysis to work
        assert error.value.service == "machine"
        fake_ffmpeg("")
        assert analyser.analyse(song).key == "Am"


def test_an_endless_loop_is_ended_from_outside_with_all_it_has_started(song, fake_ffmpeg, tmp_path):
    # Given
    note = tmp_path / "pid"
    fake_ffmpeg(f"echo $$ > {note}; exec sleep 60")

    # When
    with Analyser(time_limit=1, memory_mib=2048, bpm_lowest=90) as analyser:
        pid = child_of(analyser)
        with pytest.raises(MediaError, match="longer than 1 s"):
            analyser.analyse(song)

    # I expect
    assert not alive(pid)
    until(lambda: not alive(int(note.read_text())))


def test_a_worker_that_stops_takes_its_work_back_at_once(analyser, song):
    # Given
    pid = child_of(analyser)

    # When
    with pytest.raises(Interrupted):
        analyser.analyse(song, cancelled=lambda: True)

    # I expect
    assert not alive(pid)
    assert analyser.analyse(song).key == "Am"


def test_a_child_that_died_in_its_sleep_is_replaced_unnoticed(analyser, song):
    # Given
    pid = child_of(analyser)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))

    # When
    heard = analyser.analyse(song)

    # I expect
    assert heard.key == "Am"


def test_a_child_with_nothing_to_do_gives_its_memory_back_and_the_next_file_starts_another(song):
    # Given
    with Analyser(time_limit=30, memory_mib=2048, bpm_lowest=90, idle_s=0.3) as analyser:
        first = analyser.analyse(song)
        pid = analyser._child.pid

        # When
        until(lambda: not alive(pid))

        # I expect
        assert analyser.analyse(song) == first
        assert analyser._child.pid != pid


def test_the_lowest_tempo_reaches_the_child(song):
    with Analyser(time_limit=30, memory_mib=2048, bpm_lowest=60) as analyser:
        assert analyser.analyse(song).bpm == pytest.approx(62, abs=0.02)


def test_too_little_memory_is_told_as_such(studio):
    # Given
    path = studio.wav("ten-minutes", studio.music(seconds=6).repeat(2))
    path = studio.press(path, "ten-minutes.flac", "-af", "aloop=loop=49:size=529200")

    # When
    with (
        Analyser(time_limit=60, memory_mib=16, bpm_lowest=90) as analyser,
        pytest.raises(MediaError, match="ANALYSIS_MEMORY_MIB"),
    ):
        analyser.analyse(path)


def test_a_child_that_cannot_start_is_no_tracks_fault(song, monkeypatch):
    # Given
    monkeypatch.setenv("PYTHONHOME", "/nowhere")

    # When
    with Analyser(time_limit=30, memory_mib=2048, bpm_lowest=90) as analyser, pytest.raises(ConfigurationError):
        analyser.analyse(song)


@pytest.mark.skipif(sys.platform != "linux", reason="parent-death signals are Linux's")
def test_the_child_dies_with_its_parent():
    # Given a worker that is killed without a word
    code = (
        "import sys; from crateline.audio.analyser import Analyser\n"
        "one = Analyser(time_limit=9, memory_mib=2048, bpm_lowest=90)\n"
        "one._ready(lambda: False); print(one._child.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        pid = int(worker.stdout.readline())
        assert alive(pid)

        # When
        worker.kill()

        # I expect
        until(lambda: not alive(pid))
