import numpy as np
import pytest

from crateline.audio import tonality
from crateline.domain import keys
from crateline.domain.keys import Key

RATE = 44_100
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


def chords(key, seconds=16, *, cents=0.0):
    """Triads on the tonic, the fourth, the fifth and the tonic, with a bass."""
    scale = SCALES["minor" if key.is_minor else "major"]
    time = np.arange(seconds // 8 * RATE) / RATE
    bars = []
    for root in (0, 3, 4, 0) * 2:
        degrees = [root, root + 2, root + 4, root - 14]
        steps = [key.pitch_class + scale[degree % 7] + 12 * (degree // 7) for degree in degrees]
        notes = (261.63 * 2 ** ((step + cents / 100) / 12) for step in steps)
        bars.append(sum(np.sin(2 * np.pi * note * time * n) / n for note in notes for n in (1, 2, 3)))
    return (0.05 * np.concatenate(bars)).astype(np.float32)


@pytest.mark.parametrize("key", list(Key))
def test_the_plainest_cadence_says_its_key(key):
    # When
    found = tonality.of(chords(key))

    # I expect
    assert found.key == key
    assert found.confidence > 0.6
    assert found.runner_up != key
    assert 0 < found.runner_up_strength < 1


@pytest.mark.parametrize("cents", [-45, -20, 30, 45])
def test_an_instrument_out_of_tune_is_forgiven(cents):
    assert tonality.of(chords(Key.E_FLAT, cents=cents)).key is Key.E_FLAT


@pytest.mark.parametrize("gain", [0.001, 30.0])
def test_the_level_does_not_matter(gain):
    # Given
    sound = chords(Key.F_SHARP_MINOR)

    # I expect
    assert tonality.of(sound * np.float32(gain)).key is Key.F_SHARP_MINOR


@pytest.mark.parametrize("seconds", [1, 5, 30])
def test_noise_has_no_key(seconds):
    assert tonality.of(np.random.default_rng(seconds).normal(0, 0.2, seconds * RATE).astype(np.float32)) is None


def test_drums_alone_have_no_key():
    # Given a falling kick, a snare and hats at 125 beats per minute
    dice, sound = np.random.default_rng(4), np.zeros(RATE * 24, np.float32)
    time = np.arange(RATE // 4) / RATE
    kick = np.sin(2 * np.pi * (48 * time + 2 * (1 - np.exp(-40 * time)))) * np.exp(-12 * time)
    for step, start in enumerate(range(0, len(sound) - RATE // 4, round(0.12 * RATE))):
        noise = dice.standard_normal(len(time)) * np.exp(-time * (25 if step % 8 == 4 else 90))
        sound[start : start + len(time)] += kick * (step % 4 == 0) + noise * (0.4 if step % 8 == 4 else 0.1)

    # I expect
    assert tonality.of(sound) is None


@pytest.mark.parametrize("samples", [0, 1, 4, 4096, 16_383])
def test_hardly_any_sound_and_silence_have_no_key(samples):
    assert tonality.of(np.zeros(samples, np.float32)) is None
    assert tonality.of(np.ones(samples, np.float32)) is None


def test_where_two_keys_are_nearly_alike_others_decide_and_nowhere_else():
    # Given notes of C major and A minor alike, and a clear cadence
    both = chords(Key.C) + np.float32(1.8) * chords(Key.A_MINOR)
    assert tonality.of(both).runner_up_strength > 0.95
    found = {tonality.of(both, said=[key, key]).key for key in (Key.C, Key.A_MINOR)}

    # I expect
    assert found == {Key.C, Key.A_MINOR}
    assert tonality.of(chords(Key.C), said=[Key.F_SHARP_MINOR] * 2).key is Key.C


def test_a_transposed_song_is_in_a_transposed_key():
    assert {tonality.of(chords(keys.of_pitch(tonic, minor=True))).key.pitch_class for tonic in range(12)} == set(range(12))
