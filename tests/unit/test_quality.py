import numpy as np
import pytest

from crateline.audio import quality
from crateline.audio.quality import Source

BEST_FIRST = [
    Source(codec="flac", kbps=900, band_hz=22_000),
    Source(codec="mp3", kbps=320, band_hz=20_000),
    Source(codec="aac", kbps=160, band_hz=19_000),
    Source(codec="mp3", kbps=128, band_hz=16_500),
    Source(codec="aac", kbps=64, band_hz=15_000),
]


def test_better_sources_are_told_from_worse_ones():
    for place, one in enumerate(BEST_FIRST):
        assert not any(quality.better(worse, one) for worse in BEST_FIRST[place:])
        assert all(quality.better(one, worse) for worse in BEST_FIRST[place + 1 :])


@pytest.mark.parametrize("codec", ["flac", "alac", "pcm_s24le", "wavpack"])
def test_lossless_codecs_are_equal(codec):
    one, other = Source(codec=codec, kbps=2000, band_hz=22_000), Source(codec="flac", kbps=700, band_hz=21_500)
    assert not quality.better(one, other)
    assert not quality.better(other, one)


def test_a_lossless_file_made_of_a_lossy_one_counts_as_lossy():
    # Given
    fake, honest = Source(codec="flac", kbps=1900, band_hz=16_500), Source(codec="mp3", kbps=320, band_hz=20_000)
    # I expect
    assert quality.better(honest, fake)
    assert not quality.better(fake, honest)


def test_dark_music_without_loss_is_no_fake():
    dark, small = Source(codec="flac", kbps=500, band_hz=12_000), Source(codec="mp3", kbps=320, band_hz=12_000)
    assert quality.better(dark, small)


def test_a_few_bits_more_change_nothing_unless_the_band_is_wider():
    # Given
    one, other = Source(codec="mp3", kbps=192, band_hz=19_000), Source(codec="mp3", kbps=200, band_hz=19_200)
    # I expect
    assert not quality.better(one, other)
    assert not quality.better(other, one)
    assert quality.better(Source(codec="mp3", kbps=192, band_hz=19_000), Source(codec="mp3", kbps=192, band_hz=16_000))


@pytest.mark.parametrize("edge", [5_000, 16_000, 20_000])
def test_the_band_ends_where_the_spectrum_does(edge):
    # Given noise without what is above the edge
    noise = np.fft.rfft(np.random.default_rng(1).standard_normal(1 << 18))
    noise[round(edge * len(noise) / 22_050) :] = 0
    # I expect
    assert quality.band(np.fft.irfft(noise).astype("<f4")) == pytest.approx(edge, abs=120)


@pytest.mark.parametrize("samples", [0, 100, 100_000])
def test_silence_has_no_band(samples):
    assert quality.band(np.zeros(samples, "<f4")) == 0
