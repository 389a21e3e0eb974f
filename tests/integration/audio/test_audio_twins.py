"""The figures that the rule of duplicates rests on: every copy is recognised, no stranger is."""

import itertools

import numpy as np
import pytest

from crateline.audio import decode, ear, ffmpeg, fingerprint
from crateline.audio.fingerprint import Likeness
from crateline.sandbox.catalogue import World
from crateline.sandbox.music import Music

pytestmark = [pytest.mark.real("ffmpeg"), pytest.mark.real("essentia")]

RATE = 44_100
COPIES = {
    "MP3 at 128": ("-c:a", "libmp3lame", "-b:a", "128k", "copy.mp3"),
    "AAC at 128": ("-c:a", "aac", "-b:a", "128k", "copy.m4a"),
    "Opus at 96": ("-c:a", "libopus", "-b:a", "96k", "copy.opus"),
    "1.5 s of silence before": ("-af", "adelay=1500:all=1", "copy.flac"),
    "1.5 s cut away": ("-af", "atrim=start=1.5", "copy.flac"),
    "8 dB less": ("-af", "volume=-8dB", "copy.flac"),
}


def printed(path):
    sound = decode.decode(path)
    return fingerprint.decompress(ear.chromaprint(sound.samples)), sound.duration


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Generated music: files of 20 s, each another song."""
    music = Music(tmp_path_factory.mktemp("songs"))
    return [music.media(recording, "m4a") for recording in World.build(tracks=14, seed=11, seconds=(20, 21)).recordings[:8]]


@pytest.fixture(scope="module")
def prints(songs):
    return [printed(song) for song in songs]


@pytest.mark.parametrize("kind", COPIES)
def test_every_copy_of_a_recording_is_recognised(songs, prints, tmp_path, kind):
    for song, known in zip(songs[:4], prints, strict=False):
        # Given
        *arguments, name = COPIES[kind]
        ffmpeg.run([*ffmpeg.recording(song), *arguments, "-y", str(tmp_path / name)], subject=song, time_limit=60)
        # When
        likeness, found = fingerprint.judge(*known, *printed(tmp_path / name))
        # I expect
        assert likeness is Likeness.SAME
        assert found.distance < 0.06


def test_where_the_other_begins_is_told(songs, prints, tmp_path):
    # Given a song that begins 8 s later in a longer mix
    padded = tmp_path / "mix.flac"
    ffmpeg.run([*ffmpeg.recording(songs[0]), "-af", "adelay=8000:all=1", str(padded)], subject=padded, time_limit=60)
    # When
    likeness, found = fingerprint.judge(*prints[0], *printed(padded))
    # I expect
    assert likeness is Likeness.AKIN
    assert found.offset_s == pytest.approx(-8, abs=0.2)


def test_no_song_is_taken_for_another(prints):
    for one, other in itertools.combinations(prints, 2):
        assert fingerprint.judge(*one, *other)[0] is Likeness.DIFFERENT


def noise(seed, seconds):
    return 0.3 * np.random.default_rng(seed).standard_normal(int(seconds * RATE))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(20 * RATE), np.zeros(21 * RATE)),
        (noise(1, 20), noise(2, 20)),
        (noise(1, 3), noise(1, 3)),
        (0.3 * np.sin(np.arange(20 * RATE) / 20), 0.3 * np.sin(np.arange(20 * RATE) / 20)),
        (np.concatenate([noise(1, 1), np.zeros(19 * RATE)]), np.concatenate([noise(2, 1), np.zeros(19 * RATE)])),
    ],
    ids=["silence", "noise", "very short", "a held tone", "nearly silence"],
)
def test_what_is_no_music_is_nobodys_duplicate(studio, one, other):
    # Given
    first, second = printed(studio.wav("one", one)), printed(studio.wav("other", other))
    # I expect
    assert fingerprint.judge(*first, *second)[0] is Likeness.DIFFERENT


def test_what_exceeds_full_scale_is_cut_off_and_does_not_change_its_sign(studio):
    # Given music, and what a lossy file of it decodes to when it is loud: peaks beyond full scale
    song = studio.music(seconds=20, seed=5)
    plain, loud = decode.decode(studio.wav("plain", song)).samples, 1.6 * song / np.abs(song).max()
    # I expect
    prints = [fingerprint.decompress(ear.chromaprint(samples.astype(np.float32))) for samples in (plain, loud)]
    assert fingerprint.compare(*prints) < 0.06
