import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.audio import onsets, tempo

RATE = 44_100


def clicks(bpm, seconds, *, wobble=0.0, seed=0):
    """A short noise on every beat, each up to `wobble` seconds beside it."""
    dice = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE), np.float32)
    burst = dice.normal(0, 0.3, 2000) * np.exp(-np.arange(2000) / 300)
    for at in np.arange(0.1, seconds - 0.2, 60 / bpm):
        start = round((at + dice.uniform(-wobble, wobble)) * RATE)
        sound[start : start + len(burst)] += burst.astype(np.float32)
    return sound


def refined(sound, estimate, *, lowest=90):
    return tempo.refine(onsets.of(sound).flux, estimate, lowest=lowest)


@given(st.floats(20, 1000), st.floats(30, 140))
def test_a_folded_tempo_lies_in_its_octave_and_is_the_same_tempo(bpm, lowest):
    # When
    folded = tempo.fold(bpm, lowest=lowest)

    # I expect
    assert lowest * (1 - 1e-9) <= folded < 2 * lowest
    assert np.log2(folded / bpm) == pytest.approx(round(np.log2(folded / bpm)), abs=1e-9)


@pytest.mark.parametrize(
    ("bpm", "folded"), [(87, 174), (174, 174), (180, 90), (90, 90), (89.99, 179.98), (62, 124), (45, 90), (348, 174)]
)
def test_the_usual_octave_is_that_of_club_music(bpm, folded):
    assert tempo.fold(bpm, lowest=90) == pytest.approx(folded)


@pytest.mark.parametrize("bpm", [90.0, 100.37, 124.04, 126.0, 140.25, 177.2])
@pytest.mark.parametrize("off", [0.985, 1.0, 1.015])
def test_a_rough_estimate_becomes_a_tempo_to_a_hundredth(bpm, off):
    # When
    found = refined(clicks(bpm, 60), bpm * off, lowest=90 if bpm > 92 else 70)

    # I expect
    assert found.bpm == pytest.approx(bpm, abs=0.015)
    assert found.confidence > tempo.CERTAIN


def test_what_cannot_be_told_from_a_whole_number_is_one():
    assert refined(clicks(127.99, 60), 128.3).bpm == 128
    assert refined(clicks(124.04, 60), 124.3).bpm == pytest.approx(124.04, abs=0.015)


def test_a_drummer_is_followed_though_he_is_no_machine():
    # When
    found = refined(clicks(112.5, 60, wobble=0.015), 113, lowest=90)

    # I expect
    assert found.bpm == pytest.approx(112.5, abs=0.1)
    assert found.confidence > tempo.CERTAIN


def test_an_estimate_an_octave_off_is_folded_first():
    assert refined(clicks(174, 30), 87.2, lowest=90).bpm == pytest.approx(174, abs=0.02)


def test_without_a_beat_the_estimate_stays_and_is_marked_doubtful():
    # Given
    noise = np.random.default_rng(1).normal(0, 0.2, RATE * 30).astype(np.float32)

    # When
    found = refined(noise, 123.05, lowest=90)

    # I expect
    assert found.bpm == 123.05
    assert found.confidence < tempo.CERTAIN


@pytest.mark.parametrize("samples", [0, 1, 1024, 2000])
def test_hardly_any_sound_is_no_reason_to_fall_over(samples):
    # When
    found = refined(np.zeros(samples, np.float32), 120, lowest=90)

    # I expect
    assert (found.bpm, found.confidence) == (120, 0)


@pytest.mark.parametrize("seconds", [10, 120, 121, 300])
def test_the_section_is_the_middle_and_at_most_two_minutes(seconds):
    # Given
    samples = np.arange(seconds * RATE, dtype=np.float32)

    # When
    section = tempo.middle(samples)

    # I expect
    assert len(section) == min(seconds, 120) * RATE
    assert abs((len(samples) - 1 - section[-1]) - section[0]) <= 1


def test_blocks_leave_no_seam_in_the_envelope(monkeypatch):
    # Given
    sound = clicks(120, 10)
    whole = onsets.of(sound)

    # When
    monkeypatch.setattr(onsets, "_BLOCK", 7)

    # I expect
    assert np.allclose(onsets.of(sound).flux, whole.flux, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("gain", [0.01, 0.3, 3.0])
def test_a_quiet_copy_is_heard_like_a_loud_one(gain):
    # Given
    sound = clicks(126, 20)

    # When
    one, other = onsets.of(sound), onsets.of(sound * np.float32(gain))

    # I expect
    assert np.allclose(one.flux, other.flux, rtol=1e-3, atol=1e-3)
    assert one.centroid == pytest.approx(other.centroid, rel=1e-4)


@pytest.mark.parametrize("ratio", [2 / 3, 4 / 3])
def test_an_estimate_that_took_triplets_for_beats_is_put_right(ratio):
    assert refined(clicks(128, 40), 128 * ratio).bpm == pytest.approx(128, abs=0.02)


def wandering(first, last, seconds=120, *, wobble=0.0):
    """Clicks whose tempo goes from one value to another."""
    dice = np.random.default_rng(3)
    sound = np.zeros(round(seconds * RATE) + 4000, np.float32)
    burst = (dice.normal(0, 0.3, 2000) * np.exp(-np.arange(2000) / 300)).astype(np.float32)
    at = 0.1
    while at < seconds - 0.2:
        start = round((at + dice.normal(0, wobble)) * RATE)
        sound[start : start + len(burst)] += burst
        at += 60 / (first + (last - first) * at / seconds)
    return onsets.of(sound).flux


@pytest.mark.parametrize(
    ("first", "last", "wobble", "steady"),
    [(120, 120, 0, True), (120, 120, 0.01, True), (174, 174, 0.005, True), (120, 124, 0, False), (128, 122, 0, False)],
)
def test_a_tempo_that_wanders_is_told_from_a_steady_one(first, last, wobble, steady):
    assert tempo.steady(wandering(first, last, wobble=wobble), (first + last) / 2) is steady


def test_a_break_is_no_change_of_tempo():
    # Given forty seconds of beats, of silence, and of beats again
    beats = wandering(126, 126, 40)

    # I expect
    assert tempo.steady(np.concatenate([beats, np.zeros(4000), beats]), 126) is True


@pytest.mark.parametrize("seconds", [0, 5, 40])
def test_of_a_short_or_a_beatless_piece_nothing_is_claimed(seconds):
    # Given
    noise = np.random.default_rng(2).normal(0, 0.2, RATE * seconds).astype(np.float32)

    # I expect
    assert tempo.steady(onsets.of(noise).flux, 120) is None


@pytest.mark.parametrize("tones", [(440.0,), (97.3,), (220.0, 277.18, 329.6), (440.0, 442.0)])
def test_a_held_tone_has_no_beat_however_regular_its_ripple(tones):
    # Given
    time = np.arange(20 * tempo.RATE) / tempo.RATE
    sound = sum(0.2 * np.sin(2 * np.pi * tone * time) for tone in tones).astype(np.float32)

    # When / I expect
    assert not tempo.beats(onsets.of(sound).flux)


def test_a_slow_metronome_in_silence_beats():
    # Given
    sound = np.zeros(20 * tempo.RATE, np.float32)
    for beat in range(20):
        sound[beat * tempo.RATE : beat * tempo.RATE + 400] = 0.5 * np.sin(np.arange(400) / 7)

    # When / I expect
    assert tempo.beats(onsets.of(sound).flux)
