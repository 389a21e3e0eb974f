import itertools

import numpy as np
import pytest

from crateline.audio import decode, ear, fingerprint
from crateline.sandbox.catalogue import World
from crateline.sandbox.music import Music

RATE = 44_100


def printed(path):
    sound = decode.decode(path)
    return fingerprint.decompress(ear.chromaprint(sound.samples)), sound.duration


@pytest.fixture(scope="module")
def recordings():
    return World.build(tracks=12, seed=7, seconds=(6, 9)).recordings[:10]


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    return Music(tmp_path_factory.mktemp("music"))


def test_every_encoding_of_a_recording_is_that_recording(recordings, music):
    for recording in recordings[:5]:
        # Given
        mp3 = printed(music.media(recording, "mp3"))

        # When
        others = [printed(music.media(recording, form)) for form in ("m4a", "opus", "webm", "hls-aac")]

        # I expect
        assert all(fingerprint.likeness(*mp3, *other) is fingerprint.Likeness.SAME for other in others)
        assert all(fingerprint.compare(mp3[0], other[0]) < 0.06 for other in others)


def test_different_recordings_are_never_the_same_and_not_even_akin(recordings, music):
    # Given
    prints = [printed(music.media(recording, "mp3")) for recording in recordings]

    # I expect
    for one, other in itertools.combinations(prints, 2):
        assert fingerprint.likeness(*one, *other) is fingerprint.Likeness.DIFFERENT


def test_a_recording_trimmed_or_padded_or_made_louder_is_the_same(studio):
    # Given
    song = studio.music(seconds=15, seed=5)
    original = printed(studio.wav("original", song))
    changed = {
        "padded": np.concatenate([np.zeros(2 * RATE), song]),
        "trimmed": song[RATE:],
        "quiet": song * 0.25,
    }

    # When
    for name, samples in changed.items():
        other = printed(studio.wav(name, samples))

        # I expect
        assert fingerprint.likeness(*original, *other) is fingerprint.Likeness.SAME, name


def test_a_radio_edit_is_akin_and_left_to_a_person(studio):
    # Given
    song = studio.music(seconds=20, seed=6)
    long, short = printed(studio.wav("extended", song)), printed(studio.wav("edit", song[: 12 * RATE]))

    # I expect
    assert fingerprint.likeness(*long, *short) is fingerprint.Likeness.AKIN


@pytest.mark.parametrize("pitch", [55, 440])
def test_pure_tones_and_silence_are_nobodys_duplicates(studio, pitch):
    # Given
    tone = 0.5 * np.sin(2 * np.pi * pitch * np.arange(20 * RATE) / RATE)
    silence = np.zeros(20 * RATE)

    # When
    for samples in (tone, silence):
        one = printed(studio.wav("plain", samples))

        # I expect
        assert not fingerprint.informative(one[0])
        assert fingerprint.likeness(*one, *one) is not fingerprint.Likeness.SAME
