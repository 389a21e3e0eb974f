import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crateline.audio import structure

RATE = 44_100


def metered(samples, chunk=65_536):
    meter = structure.Meter()
    for start in range(0, len(samples), chunk):
        meter.write(samples[start : start + chunk])
    return meter.powers()


def played(*parts):
    """Seconds at a level each: a bass of 55 Hz under a little noise."""
    dice = np.random.default_rng(0)
    pieces = []
    for seconds, bass, noise in parts:
        time = np.arange(round(seconds * RATE)) / RATE
        pieces.append(bass * np.sin(2 * np.pi * 55 * time) + noise * dice.standard_normal(len(time)))
    return np.concatenate(pieces).astype(np.float32)


def test_intro_and_outro_are_what_lies_before_and_after_the_full_level():
    # Given thirty seconds of hats, a minute of everything, twenty seconds of hats
    body = structure.body(metered(played((30, 0.0, 0.02), (60, 0.5, 0.02), (20, 0.0, 0.02))))

    # I expect
    assert body.intro == pytest.approx(30, abs=3)
    assert body.outro == pytest.approx(20, abs=3)


def test_a_break_in_the_middle_belongs_to_the_body():
    # When
    body = structure.body(metered(played((40, 0.5, 0.05), (20, 0.0, 0.01), (40, 0.5, 0.05))))

    # I expect
    assert (body.intro, body.outro) == (0, 0)


def test_a_hit_in_the_intro_is_not_yet_the_body():
    # When
    body = structure.body(metered(played((10, 0.0, 0.02), (2, 0.5, 0.02), (18, 0.0, 0.02), (60, 0.5, 0.02))))

    # I expect
    assert body.intro == pytest.approx(30, abs=3)


@pytest.mark.parametrize("gain", [0.001, 0.1, 2.0])
def test_the_level_of_a_copy_changes_nothing(gain):
    # Given
    sound = played((20, 0.0, 0.02), (40, 0.5, 0.02))

    # I expect
    assert structure.body(metered(sound * np.float32(gain))) == structure.body(metered(sound))


@pytest.mark.parametrize("seconds", [0, 0.05, 1, 5, 10.9])
def test_a_short_piece_is_all_body(seconds):
    # When
    body = structure.body(metered(played((seconds, 0.5, 0.1))))

    # I expect
    assert (body.intro, body.outro) == (0, 0)


def test_silence_is_all_body():
    body = structure.body(metered(np.zeros(RATE * 30, np.float32)))
    assert (body.intro, body.outro) == (0, 0)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=12))
def test_it_does_not_matter_in_which_pieces_the_sound_comes(sizes):
    # Given
    sound = np.random.default_rng(1).normal(0, 0.1, sum(sizes)).astype(np.float32)
    meter = structure.Meter()

    # When
    for end, size in zip(np.cumsum(sizes), sizes, strict=True):
        meter.write(sound[end - size : end])

    # I expect
    assert np.allclose(meter.powers(), metered(sound))
    assert len(meter.powers()) == len(sound) // (RATE // structure.PER_SECOND)
