"""What is heard of a file, where no test listens."""

from crateline.audio.analysis import Analysis

ANALYSIS = Analysis(
    bpm=124.0,
    bpm_confidence=6.0,
    key="Am",
    key_confidence=0.8,
    camelot="8A",
    lufs=-9.5,
    lra=4.0,
    true_peak=-0.3,
    duration=361.5,
    fingerprint=b"",
    audio_hash="0" * 32,
    analyser="a test",
)
"""Too little to recognise a second upload by."""

RESULT = {"bpm": 124.0, "key": "Am", "camelot": "8A", "duration": 361.5, "files": []}
"""The same as the station seals it."""
