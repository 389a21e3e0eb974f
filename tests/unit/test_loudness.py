import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.audio import loudness
from crateline.audio.loudness import Loudness
from crateline.errors import MediaError

SUMMARY = """[Parsed_ebur128_1 @ 0x7f0c] [info] Summary:

  Integrated loudness:
    I:         {lufs} LUFS
    Threshold: -28.7 LUFS

  Loudness range:
    LRA:         {lra} LU
    Threshold: -38.7 LUFS
    LRA low:   -18.7 LUFS
    LRA high:  -12.1 LUFS

  True peak:
    Peak:      {peak} dBFS
"""


def test_the_summary_is_read():
    # When
    found = loudness.parse("noise\n" + SUMMARY.format(lufs="-8.3", lra="6.6", peak="0.4") + "[out#0] done")

    # I expect
    assert found == Loudness(lufs=-8.3, lra=6.6, true_peak=0.4)


def test_of_two_summaries_the_last_counts():
    # Given what ffmpeg 5 says of a file whose channels it had to guess
    first, last = SUMMARY.format(lufs="-70.0", lra="0.0", peak="-inf"), SUMMARY.format(lufs="-8.3", lra="6.6", peak="0.4")

    # I expect
    assert loudness.parse(first + last) == Loudness(lufs=-8.3, lra=6.6, true_peak=0.4)


def test_silence_has_no_numbers():
    # When
    found = loudness.parse(SUMMARY.format(lufs="-70.0", lra="0.0", peak="-inf"))

    # I expect
    assert found == Loudness(lufs=None, lra=None, true_peak=None)


@pytest.mark.parametrize("messages", ["", "Error opening filters!", "Summary: I: 0.0 LUFS"])
def test_a_missing_summary_is_an_error_and_not_a_loudness_of_zero(messages):
    with pytest.raises(MediaError):
        loudness.parse(messages)


@pytest.mark.parametrize(
    ("lufs", "true_peak", "target", "gain"),
    [
        (-20.0, -9.0, -14.0, 6.0),  # -14 - -20 = 6, and the peak goes to -3
        (-20.0, -3.0, -14.0, 2.0),  # the peak allows -1 - -3 = 2
        (-8.0, 0.5, -14.0, -6.0),  # quieter is always possible
        (-14.0, 0.5, -14.0, -1.5),  # over full scale already
    ],
)
def test_the_gain_reaches_the_target_or_stops_at_the_ceiling(lufs, true_peak, target, gain):
    # Given
    measured = Loudness(lufs=lufs, lra=5, true_peak=true_peak)

    # I expect
    assert loudness.constant_gain(measured, target=target) == pytest.approx(gain)


def test_silence_is_not_amplified():
    assert loudness.constant_gain(Loudness(lufs=None, lra=None, true_peak=None), target=-14) == 0


def test_replaygain_refers_to_minus_18_lufs():
    assert loudness.replaygain(-8.3) == pytest.approx(-9.7)


@given(st.floats(-90, 6))
def test_peaks_go_to_amplitudes_and_back(true_peak):
    assert loudness.to_decibel(loudness.to_amplitude(true_peak)) == pytest.approx(true_peak, abs=1e-9)
