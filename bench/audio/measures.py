"""How good an answer is, and what it costs."""

import math
import statistics

from crateline.domain import keys

NEAR = 0.04  # Gouyon et al. 2006
OCTAVES = (1 / 3, 1 / 2, 1, 2, 3)
EXACT_BPM = 0.1
FIFTH, RELATIVE, PARALLEL = 0.5, 0.3, 0.2  # MIREX audio key detection


def acc1(bpm, true):
    """Whether a tempo is within 4 %."""
    return bool(bpm) and abs(bpm / true - 1) <= NEAR


def acc2(bpm, true):
    """The same, if a half, a double, a third and a triple count."""
    return any(acc1(bpm, true * octave) for octave in OCTAVES)


def exact(bpm, true):
    """Whether a tempo is within 0.1 BPM, a half and a double counting: measured in the true one's octave."""
    if not bpm:
        return False
    return abs(bpm * 2 ** round(math.log2(true / bpm)) - true) <= EXACT_BPM


def key_score(key, true):
    """MIREX: 1 for the key, 0.5 for a perfect fifth from it, 0.3 for its relative, 0.2 for its parallel."""
    if key is None:
        return 0.0
    heard, real = keys.parse(key), keys.parse(true)
    if heard is real:
        return 1.0
    if heard.is_minor == real.is_minor and (heard.pitch_class - real.pitch_class) % 12 in (5, 7):
        return FIFTH
    if heard is real.relative:
        return RELATIVE
    return PARALLEL if heard.pitch_class == real.pitch_class else 0.0


def same_key(key, other):
    """Whether two names mean one key; nothing is no key."""
    return key is not None and other is not None and keys.parse(key) is keys.parse(other)


def moved(key, semitones):
    """A key as it must be after the pitch has changed."""
    if key is None:
        return None
    heard = keys.parse(key)
    return str(keys.of_pitch(heard.pitch_class + semitones, minor=heard.is_minor))


def per_minute(rows):
    """CPU seconds per minute of audio, over all files together."""
    return sum(sum(row["cpu"].values()) for row in rows) / (sum(row["seconds"] for row in rows) / 60)


def percent(hits):
    hits = list(hits)
    return 100 * statistics.fmean(hits) if hits else math.nan


def ratios(ours, theirs):
    """Median, and first and last decile, of our cost over theirs, file by file."""
    each = sorted(sum(a["cpu"].values()) / sum(b["cpu"].values()) for a, b in zip(ours, theirs, strict=True))
    return statistics.median(each), each[len(each) // 10], each[-1 - len(each) // 10]
