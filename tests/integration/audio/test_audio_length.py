"""How much sound a file holds, and whether it holds any."""

import wave

import pytest

from crateline.audio import length
from crateline.errors import MediaError

pytestmark = pytest.mark.real("ffmpeg")
RATE = 8_000


def recording(folder, loudest: int, seconds: int = 3):
    """A square wave of `loudest` of 32768, between a second of nothing and another."""
    beat = [loudest, -loudest] * (RATE // 2)
    samples = [0] * RATE + beat * (seconds - 2) + [0] * RATE
    path = folder / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    return path


@pytest.mark.parametrize(("loudest", "silent"), [(0, True), (100, True), (2000, False), (30000, False)])
def test_silence_is_what_nobody_uploads_for_its_music(tmp_path, loudest, silent):
    assert length.is_silent(recording(tmp_path, loudest)) is silent


def test_the_length_is_that_of_the_sound(tmp_path):
    assert length.decoded_seconds(recording(tmp_path, 2000, seconds=5)) == pytest.approx(5, abs=0.01)


@pytest.mark.parametrize("measure", [length.decoded_seconds, length.is_silent])
def test_what_is_no_sound_is_said_to_be_none(tmp_path, measure):
    (tmp_path / "a.mp3").write_bytes(b"<html>not found</html>")
    with pytest.raises(MediaError):
        measure(tmp_path / "a.mp3")
