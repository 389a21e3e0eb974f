"""`crateline analyze` as a person types it, on files as they are found on old disks."""

import signal
import struct
import subprocess
import sys
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crateline.cli import analyze_view
from crateline.durable.store import Store, digest_of
from givens.heard import ANALYSIS
from tasks import hearing

pytestmark = [pytest.mark.real("ffmpeg"), pytest.mark.real("essentia")]

RATE = 44_100
HOURS = 3


@pytest.fixture
def mix(tmp_path):
    """Three hours of sound that take no time to make: 8-bit mono at 8 kHz, a second over and over."""
    path = tmp_path / "three hours.wav"
    second = (128 + 100 * np.sin(np.arange(8000) / 8000 * 2 * np.pi * 220)).astype(np.uint8).tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(second * 3600 * HOURS)
    return path


@pytest.fixture(scope="module")
def crate(studio, song, tmp_path_factory):
    """A folder with everything that can go wrong in it."""
    folder = tmp_path_factory.mktemp("crate")
    whole = studio.press(song, "whole.flac").read_bytes()
    files = {
        "whole.flac": whole,
        "cut off.flac": whole[: len(whole) // 3],
        "nothing.mp3": b"",
        "letter.mp3": b"Dear DJ, this is no music at all. " * 200,
        "a picture.wav": b"\x89PNG\r\n\x1a\n" + bytes(4000),
        "not a number.wav": with_nan(studio.music(seconds=6)),
        "._whole.flac": b"\x00\x05\x16\x07" + bytes(100),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    for name, arguments in {
        "eight bits.wav": ("-ac", "1", "-c:a", "pcm_u8", "-ar", "11025"),
        "192 kHz.wav": ("-ar", "192000", "-c:a", "pcm_s24le"),
        "phone.opus": ("-c:a", "libopus", "-b:a", "64k"),
        "video.webm": ("-c:a", "libopus", "-f", "webm"),
    }.items():
        (folder / name).write_bytes(studio.press(song, f"pressed {name}", *arguments).read_bytes())
    return folder


def with_nan(samples):
    """A WAV of 32-bit floats, one of which is not a number."""
    samples = samples.astype("<f4")
    samples[len(samples) // 2] = np.nan
    data = samples.tobytes()
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, RATE, 4 * RATE, 4, 32)
    return (
        b"RIFF"
        + struct.pack("<I", 4 + len(layout) + 8 + len(data))
        + b"WAVE"
        + layout
        + b"data"
        + struct.pack("<I", len(data))
        + data
    )


def test_every_hostile_file_ends_in_one_clear_line_and_the_others_go_on(crateline, crate, clean_environment):
    # When
    ended = crateline("analyze", "--json", str(crate))
    rows = {Path(row["path"]).name: row for row in ended.rows}

    # I expect
    assert ended.code == 3
    refused = {name: row["error"] for name, row in rows.items() if "error" in row}
    assert refused.pop("nothing.mp3") == "The file is empty"
    assert refused.pop("cut off.flac").startswith("The file ends early")
    assert refused.pop("not a number.wav") == "The sound holds samples that are not numbers"
    assert refused.pop("letter.mp3").startswith("This is none of the formats that are read")
    assert refused.pop("a picture.wav").startswith("This is none of the formats that are read")
    assert refused == {}
    heard = {name: row for name, row in rows.items() if "error" not in row}
    assert set(heard) == {"whole.flac", "eight bits.wav", "192 kHz.wav", "phone.opus", "video.webm"}
    for name, row in heard.items():
        assert row["duration"] == pytest.approx(12, abs=0.2), name
        assert row["bpm"] == pytest.approx(124, abs=2), name
        assert row["fingerprint"].startswith("AQAA"), name
    assert ended.err.splitlines()[-1] == "5 analysed, 5 could not be"


def test_names_that_lead_nowhere_are_said_and_the_others_are_heard(crateline, song, clean_environment):
    # When
    ended = crateline("analyze", "--json", "nowhere.mp3", str(song))

    # I expect
    assert ended.code == 2
    assert [row.get("error") for row in ended.rows] == ["There is no such file or folder", None]


def test_what_was_heard_is_not_heard_again(crateline, song, clean_environment, monkeypatch):
    # Given
    first = crateline("analyze", "--json", str(song))
    assert first.code == 0

    # When
    monkeypatch.setattr(sys, "executable", "/nowhere/python")  # no analyser can start
    again = crateline("analyze", "--json", str(song))

    # I expect
    assert again.rows == first.rows


def test_people_get_a_table(crateline, song, clean_environment):
    # When
    ended = crateline("analyze", str(song))

    # I expect
    heading, line = ended.out.splitlines()
    assert heading.split() == ["length", "bpm", "key", "wheel", "LUFS", "peak", "energy", "file"]
    assert line.split()[0] == "0:12"
    assert line.endswith(str(song))
    assert ended.err == "1 analysed\n"


def test_a_mark_behind_a_tempo_is_explained(crateline, song, clean_environment, tmp_path):
    # Given a song whose tempo hardly stood out when it was heard
    clean_environment.setenv("MEDIA_ROOT", str(tmp_path / "media"))
    hearing.keep(Store(tmp_path / "media"), digest_of(song), replace(ANALYSIS, bpm_confidence=2.0))

    # When
    ended = crateline("analyze", str(song))

    # I expect
    assert "124.00?" in ended.out
    assert ended.err == f"{analyze_view.LEGEND}\n1 analysed\n"


def test_a_folder_without_sound_is_no_failure(crateline, tmp_path, clean_environment):
    ended = crateline("analyze", str(tmp_path))
    assert (ended.code, ended.out, ended.err) == (0, "", "There are no sound files\n")


def test_a_mix_that_takes_too_long_is_one_line(crateline, mix, song, clean_environment):
    # Given
    assert crateline("analyze", str(song)).code == 0
    clean_environment.setenv("ANALYSIS_TIME_LIMIT", "1")

    # When
    ended = crateline("analyze", "--json", str(mix), str(song))

    # I expect
    assert ended.code == 3
    rows = {row["path"]: row for row in ended.rows}
    assert rows[str(mix)]["error"] == "The analysis was stopped: it took longer than 1 s"
    assert "bpm" in rows[str(song)]


@pytest.mark.real("redis")
def test_an_index_says_which_files_are_one_recording(crateline, studio, tmp_path, redis_url, clean_environment):
    # Given
    clean_environment.setenv("REDIS_URL", redis_url)
    folder = tmp_path / "crate"
    folder.mkdir()
    first = studio.wav("indexed", studio.music(bpm=126, key="Dm", seconds=20, seed=4)).rename(folder / "a.wav")
    other = studio.wav("stranger", studio.music(bpm=98, key="F", seconds=20, seed=9)).rename(folder / "other.wav")
    assert [row["duplicate_of"] for row in crateline("analyze", "--json", "--index", str(folder)).rows] == [None, None]

    # When
    copy = studio.press(first, "b.mp3", "-b:a", "128k").rename(folder / "b.mp3")
    cut = studio.press(first, "c.flac", "-t", "14").rename(folder / "c.flac")
    ended = crateline("analyze", "--json", "--index", str(folder))

    # I expect
    assert ended.code == 0
    rows = {row["path"]: row for row in ended.rows}
    assert rows[str(copy)]["duplicate_of"] == str(first)
    assert rows[str(first)]["duplicate_of"] in {None, str(copy)}  # it may have been heard before its copy
    assert rows[str(cut)]["duplicate_of"] is None
    assert rows[str(cut)]["similar_to"] in {str(first), str(copy)}
    assert rows[str(other)]["duplicate_of"] is rows[str(other)]["similar_to"] is None

    # When a file has gone
    other.unlink()
    # I expect it to be forgotten, and said
    assert "1 known before is gone or changed" in crateline("analyze", "--json", "--index", str(folder)).err


@pytest.mark.real("redis")
def test_what_an_index_has_heard_is_not_heard_again_when_it_is_repeated(crateline, song, redis_url, clean_environment):
    # Given
    clean_environment.setenv("REDIS_URL", redis_url)
    first = crateline("analyze", "--json", "--index", str(song))
    assert first.code == 0

    # When
    clean_environment.setattr(sys, "executable", "/nowhere/python")  # no analyser can start
    again = crateline("analyze", "--json", "--index", str(song))

    # I expect
    assert again.rows == first.rows


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--dry-run",),
        ("--dry-run", "a.mp3"),
        ("--outdated", "a.mp3"),
        ("--outdated", "--recalibrate"),
        ("--index", "a", "b.mp3"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_wrong_usage(crateline, words, clean_environment):
    assert crateline("analyze", *words).code == 2


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes under /proc")
def test_an_interrupt_ends_everything_and_is_said(mix, clean_environment, eventually):
    # Given
    command = [sys.executable, "-m", "crateline", "analyze", "--json", str(mix)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            listener = eventually(lambda: next(iter(children(running.pid)), None), 60)
            eventually(lambda: children(listener), 60)  # its ffmpeg is at work

            # When
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
        finally:
            running.kill()

    # I expect
    assert running.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "interrupted"
    eventually(lambda: not Path(f"/proc/{listener}/cmdline").exists() or not alive(listener), 10)


def children(pid):
    try:
        lists = [task.joinpath("children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
    return [int(child) for text in lists for child in text.split()]


def alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
