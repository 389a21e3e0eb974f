import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.audio import drive, energy, onsets, structure
from crateline.audio.energy import Limits
from crateline.audio.loudness import Loudness
from crateline.errors import ConfigurationError

RATE = 44_100
MEASURED = Loudness(lufs=-9.0, lra=4.0, true_peak=-0.5)


def driven(samples, loudness=MEASURED):
    meter = structure.Meter()
    meter.write(samples)
    return drive.of(onsets.of(samples), meter.powers(), loudness)


def beats(bpm, seconds=20, *, pad=0.0):
    """A low thump on every beat over a held chord."""
    time = np.arange(seconds * RATE) / RATE
    since = time % (60 / bpm)
    thump = np.sin(2 * np.pi * 55 * since) * np.exp(-12 * since)
    chord = sum(np.sin(2 * np.pi * pitch * time) for pitch in (220, 277, 330))
    return (0.6 * thump + pad * chord).astype(np.float32)


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_drive_is_never_a_lower_level(one, other):
    # Given
    low, high = sorted((one, other))

    # I expect
    assert 1 <= energy.level(low) <= energy.level(high) <= energy.LEVELS


@pytest.mark.parametrize(
    ("level", "word"),
    [(1, "Low"), (3, "Low"), (4, "Medium"), (6, "Medium"), (7, "High"), (8, "High"), (9, "Peak"), (10, "Peak")],
)
def test_every_level_has_a_word_of_notions(level, word):
    assert energy.name(level) == word


@given(st.lists(st.floats(0, 1), min_size=200, max_size=400, unique=True))
def test_own_limits_give_each_level_a_tenth_of_the_library(values):
    # Given
    limits = Limits.of(values)

    # When
    levels = [energy.level(value, limits) for value in values]

    # I expect
    assert set(levels) <= set(range(1, 11))
    assert energy.level(min(values) - 0.1, limits) == 1
    assert energy.level(max(values) + 0.1, limits) == 10


def test_a_spread_library_fills_every_level_alike():
    # Given
    values = [number / 1000 for number in range(1000)]

    # When
    levels = [energy.level(value, Limits.of([*values, None])) for value in values]

    # I expect
    assert {levels.count(level) for level in range(1, 11)} <= set(range(98, 103))


def test_a_handful_of_recordings_is_no_library():
    with pytest.raises(ConfigurationError, match="49 analysed recordings are too few"):
        Limits.of([0.5] * 49)


def test_limits_survive_json():
    # Given
    limits = Limits.of(number / 100 for number in range(100))

    # I expect
    assert Limits.read(limits.to_json()) == limits


@pytest.mark.parametrize(
    "note", [None, {}, {"levels": None}, {"levels": [1, 2]}, {"levels": "loud"}, {"levels": list(range(9, 0, -1))}]
)
def test_without_usable_limits_the_shipped_ones_hold(note):
    assert Limits.read(note) == energy.SHIPPED


def test_level_does_not_depend_on_how_loud_a_copy_is():
    # Given
    sound = beats(124, pad=0.05)

    # When
    quiet = driven(sound * np.float32(0.05), Loudness(lufs=-35.0, lra=4.0, true_peak=-26.5))

    # I expect
    assert quiet == pytest.approx(driven(sound), abs=0.01)


def test_beats_drive_more_than_a_pad_and_fast_ones_more_than_slow_ones():
    # When
    pad, slow, fast = driven(beats(1, pad=0.2)), driven(beats(90, pad=0.05)), driven(beats(174, pad=0.05))

    # I expect
    assert pad < slow < fast


def test_of_silence_and_of_nothing_no_drive_is_claimed():
    assert driven(np.zeros(RATE * 5, np.float32), Loudness(lufs=None, lra=None, true_peak=None)) is None
    assert driven(np.zeros(0, np.float32)) is None
