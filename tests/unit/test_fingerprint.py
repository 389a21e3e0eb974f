import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.audio import fingerprint
from crateline.audio.fingerprint import Likeness
from crateline.errors import MediaError


def compress(numbers):
    """Chromaprint's own form, written the plain way round."""
    normal, extra = [], []
    last = 0
    for number in numbers:
        difference, previous = int(number) ^ last, -1
        last = int(number)
        for position in range(32):
            if difference >> position & 1:
                gap = position - previous
                normal.append(min(gap, 7))
                if gap >= 7:
                    extra.append(gap - 7)
                previous = position
        normal.append(0)
    data = bytes([1]) + len(numbers).to_bytes(3, "big") + pack(normal, 3) + pack(extra, 5)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def pack(values, width):
    bits = [value >> place & 1 for value in values for place in range(width)]
    return np.packbits(np.array(bits, np.uint8), bitorder="little").tobytes()


def raw(numbers):
    return np.asarray(numbers, "<u4").tobytes()


def tune(seed, items=200):
    return np.random.default_rng(seed).integers(0, 1 << 32, items, dtype=np.uint64).astype("<u4")


def damaged(numbers, share, seed=9):
    """Flip a share of the bits."""
    bits = np.unpackbits(numbers.view(np.uint8))
    flips = np.random.default_rng(seed).permutation(len(bits))[: round(len(bits) * share)]
    bits[flips] ^= 1
    return np.packbits(bits).view("<u4")


@given(st.lists(st.integers(0, 2**32 - 1), max_size=60))
def test_what_chromaprint_compresses_is_read_back_exactly(numbers):
    assert fingerprint.decompress(compress(numbers)) == raw(numbers)


def test_no_text_is_no_fingerprint():
    assert fingerprint.decompress("") == b""


@pytest.mark.parametrize("text", ["é", "A", "AQAAAg", "AQAABP__", compress([2**32 - 1] * 40)[:-9], "AQAAAv////////8"])
def test_damaged_text_is_refused(text):
    with pytest.raises(MediaError):
        fingerprint.decompress(text)


@given(st.text(alphabet="ABCDwxyz0189-_", max_size=80))
def test_no_text_upsets_the_reader(text):
    try:
        found = fingerprint.decompress(text)
    except MediaError:
        return
    assert len(found) % 4 == 0


def test_a_fingerprint_equals_itself_and_comparing_is_symmetric():
    # Given
    one, other = raw(tune(1)), raw(damaged(tune(1), 0.07))

    # I expect
    assert fingerprint.compare(one, one) == 0
    assert fingerprint.compare(one, other) == fingerprint.compare(other, one) == pytest.approx(0.07, abs=0.001)


@pytest.mark.parametrize("cut", [1, 7, 40, 80])
def test_silence_put_before_is_aligned_away(cut):
    # Given
    whole = tune(2)

    # I expect
    assert fingerprint.compare(raw(whole), raw(whole[cut:])) == 0
    assert fingerprint.compare(raw(whole[cut:]), raw(whole)) == 0


def test_strangers_differ_in_about_half_their_bits():
    assert fingerprint.compare(raw(tune(3)), raw(tune(4))) > 0.4


@pytest.mark.parametrize("items", [0, 1, 15])
def test_too_little_is_compared_to_nothing(items):
    # Given
    short = raw(tune(5)[:items])

    # I expect
    assert fingerprint.compare(short, short) == 1.0
    assert not fingerprint.informative(short)
    assert fingerprint.likeness(short, 4, short, 4) is not fingerprint.Likeness.SAME


def test_a_held_tone_is_nobodys_duplicate():
    # Given one value throughout, and one that flickers between a few
    tone = raw(np.full(900, 0x5A5A5A5A))
    hum = raw(np.resize(tune(6, items=5), 900))

    # I expect
    assert fingerprint.compare(tone, tone) == 0
    assert fingerprint.likeness(tone, 120, tone, 120) is not fingerprint.Likeness.SAME
    assert fingerprint.likeness(hum, 120, hum, 120) is not fingerprint.Likeness.SAME


@pytest.mark.parametrize(
    ("share", "seconds_apart", "likeness"),
    [
        (0.00, 0.0, Likeness.SAME),
        (0.03, 2.9, Likeness.SAME),
        (0.096, 0.0, Likeness.SAME),
        (0.03, 3.5, Likeness.AKIN),  # the radio edit opens like the extended mix
        (0.13, 0.0, Likeness.AKIN),
        (0.19, 60.0, Likeness.AKIN),
        (0.25, 0.0, Likeness.DIFFERENT),
        (0.45, 0.0, Likeness.DIFFERENT),
    ],
)
def test_the_rule_of_likeness(share, seconds_apart, likeness):
    # Given
    one = tune(7, items=900)
    other = damaged(one, share)

    # When
    judged = fingerprint.likeness(raw(one), 180, raw(other), 180 + seconds_apart)

    # I expect
    assert judged is likeness
