import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from crateline.sandbox import music, synthesis
from crateline.sandbox.catalogue import World

WORLD = World.build(tracks=12)
pytestmark = pytest.mark.real("ffmpeg")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return music.Music(tmp_path_factory.mktemp("music"))


def decoded_seconds(path):
    command = [music.ffmpeg(), "-v", "error", "-i", str(path), "-f", "s16le", "-ar", "8000", "-ac", "1", "-"]
    return len(subprocess.run(command, capture_output=True, check=True).stdout) / 16000


def fingerprint(samples):
    command = [music.ffmpeg(), "-v", "error", "-f", "s16le", "-ar", "44100", "-ac", "2", "-i", "pipe:0"]
    command += ["-f", "chromaprint", "-fp_format", "raw", "-"]
    return np.frombuffer(subprocess.run(command, input=samples, capture_output=True, check=True).stdout, np.uint32)


def error_rate(one, other):
    rates = []
    for shift in range(-30, 31):
        left, right = one[max(0, shift) :], other[max(0, -shift) :]
        length = min(len(left), len(right))
        if length >= 40:
            rates.append(np.bitwise_count(left[:length] ^ right[:length]).mean() / 32)
    return min(rates)


@pytest.mark.parametrize(
    ("form", "extension", "codec"),
    [
        ("mp3", ".mp3", "mp3"),
        ("hls-mp3", ".mp3", "mp3"),
        ("m4a", ".m4a", "aac"),
        ("hls-aac", ".mp4", "aac"),
        ("opus", ".opus", "opus"),
        ("webm", ".webm", "opus"),
    ],
)
def test_every_form_holds_the_whole_recording(shelf, form, extension, codec):
    recording = WORLD.recordings[0]
    path = shelf.media(recording, form)
    assert path.suffix == extension
    assert decoded_seconds(path) == pytest.approx(recording.duration, abs=0.06)
    about = subprocess.run([music.ffmpeg(), "-i", str(path)], capture_output=True, text=True, check=False).stderr
    assert re.search(rf"Audio: {codec}\b", about)


def test_an_excerpt_is_the_beginning_of_the_recording(shelf):
    recording = WORLD.recordings[1]
    assert decoded_seconds(shelf.media(recording, "preview")) == pytest.approx(recording.excerpt, abs=0.06)


def test_a_form_that_does_not_exist_is_an_error(shelf):
    with pytest.raises(KeyError):
        shelf.media(WORLD.recordings[0], "shellac")


def test_a_file_is_rendered_once_though_many_ask_at_once(shelf, monkeypatch):
    # Given a count of the renderings
    rendered = []
    render = synthesis.render
    monkeypatch.setattr(music.synthesis, "render", lambda *args: rendered.append(args) or render(*args))
    recording = WORLD.recordings[2]
    # When twelve ask at once
    with ThreadPoolExecutor(12) as pool:
        paths = set(pool.map(lambda _: shelf.media(recording, "mp3"), range(12)))
    # I expect one rendering, one file and nothing half made beside it
    assert len(rendered) == 1
    assert len(paths) == 1
    assert not [path for path in shelf.folder.iterdir() if path.name.startswith(".")]


def test_the_same_recording_is_the_same_bytes_everywhere(shelf, tmp_path):
    recording = WORLD.recordings[0]
    again = music.Music(tmp_path).media(recording, "mp3")
    assert again.read_bytes() == shelf.media(recording, "mp3").read_bytes()


def test_titles_are_in_no_name_and_no_tag(shelf):
    recording = replace(WORLD.recordings[0], title="../../etc/passwd", artist="-o x")
    path = shelf.media(recording, "mp3")
    assert path.parent == shelf.folder
    assert b"passwd" not in path.read_bytes()


def test_different_recordings_are_far_apart_to_chromaprint():
    prints = [fingerprint(synthesis.render(recording).tobytes()) for recording in WORLD.recordings[:10]]
    assert min(error_rate(one, other) for one, other in combinations(prints, 2)) > 0.25


def test_two_encodings_of_one_recording_are_close(shelf):
    paths = [shelf.media(WORLD.recordings[0], form) for form in ("mp3", "hls-aac", "opus")]
    command = [music.ffmpeg(), "-v", "error", "-i", "", "-f", "s16le", "-ar", "44100", "-ac", "2", "-"]
    sounds = []
    for path in paths:
        command[4] = str(path)
        sounds.append(subprocess.run(command, capture_output=True, check=True).stdout)
    prints = [fingerprint(sound) for sound in sounds]
    assert max(error_rate(one, other) for one, other in combinations(prints, 2)) < 0.06


@pytest.mark.real("essentia")
def test_tempo_and_key_are_those_of_the_catalogue():
    essentia = pytest.importorskip("essentia.standard")
    # Given eight recordings as they are rendered
    flats = {"Db": "C#", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb"}
    right = 0
    for recording in WORLD.recordings[:8]:
        mono = (synthesis.render(recording).astype(np.float32).mean(axis=1) / 32768).astype(np.float32)
        # When somebody else listens
        bpm = essentia.PercivalBpmEstimator()(mono)
        while bpm < 90:
            bpm *= 2
        tonic, mode, _ = essentia.KeyExtractor(profileType="bgate")(mono)
        # I expect the tempo always, and the key nearly always
        assert bpm == pytest.approx(recording.bpm, rel=0.04)
        right += flats.get(tonic, tonic) + ("m" if mode == "minor" else "") == recording.key
    assert right >= 7


@pytest.mark.parametrize("form", ["hls-aac", "hls-mp3", "opus"])
def test_the_segments_of_a_stream_make_up_its_file(shelf, form):
    recording = WORLD.recordings[0]
    path = shelf.media(recording, form)
    ranges = music.segments(path, recording.duration)
    data = path.read_bytes()
    assert b"".join(data[start:end] for start, end in ranges) == data
    assert len(ranges) >= 3
    if form == "hls-aac":
        assert data[4:8] == b"ftyp"
        assert all(data[start + 4 : start + 8] == b"moof" for start, _ in ranges[1:])
