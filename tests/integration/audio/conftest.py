"""A small studio: music whose tempo and key are known, and ffmpeg to press it into any form."""

import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from crateline.audio import ffmpeg

RATE = 44_100
MINOR, MAJOR = (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11)
TONICS = {"C": 0, "Db": 1, "D": 2, "Eb": 3, "E": 4, "F": 5, "F#": 6, "G": 7, "Ab": 8, "A": 9, "Bb": 10, "B": 11, "C#": 1}
PROGRESSION = (0, 3, 4, 0)  # tonic, fourth, fifth, tonic: the plainest way to say a key


class Studio:
    """Makes files in one folder; the same order gives the same bytes."""

    def __init__(self, folder: Path):
        self.folder = folder

    def music(self, *, bpm=124.0, key="Am", seconds=12.0, seed=0):
        """Mono float music: drums on the beat, a bass and chords in the key, and a riff drawn by the seed."""
        dice = np.random.default_rng(seed)
        beat, length = 60 / bpm, round(seconds * RATE)
        tonic, scale = TONICS[key.removesuffix("m")], MINOR if key.endswith("m") else MAJOR
        riff, plays = dice.integers(0, 7, 16), dice.random(16) < 0.5
        track = np.zeros(length + 4 * RATE)
        noise = dice.standard_normal(RATE // 4) * np.exp(-np.arange(RATE // 4) / 900)

        def put(sound, at, gain):
            start = round(at * RATE)
            if start < length:
                track[start : start + len(sound)] += gain * sound

        def note(degree, octave, duration, fade):
            semitones = tonic + scale[degree % 7] + 12 * (degree // 7)
            time = np.arange(round(duration * RATE)) / RATE
            pitch = 261.63 * 2 ** (semitones / 12 + octave)
            return sum(np.sin(2 * np.pi * pitch * n * time) / n for n in (1, 2, 3)) * np.exp(-fade * time)

        fall = np.arange(RATE // 4) / RATE
        kick = np.sin(2 * np.pi * (50 * fall + 1 - np.exp(-30 * fall))) * np.exp(-14 * fall)
        for bar in range(int(seconds / beat / 4) + 1):
            start, root = bar * 4 * beat, PROGRESSION[bar % 4]
            for third in (0, 2, 4):
                put(note(root + third, 0, 4 * beat, 0.5), start, 0.07)
            for step in range(16):
                at = start + step * beat / 4
                put(kick, at, 0.8 * (step % 4 == 0))
                put(noise, at, 0.2 * (step in (4, 12)) + 0.08 * (step % 4 == 2))
                if plays[step]:
                    put(note(root, -2, beat / 3, 6), at, 0.25)
                    put(note(root + int(riff[step]), 1, beat / 2, 8), at, 0.05)
        track = track[:length]
        return (0.7 * track / np.abs(track).max()).astype(np.float32)

    def wav(self, name, *channels):
        """Write channels of float samples as 16-bit WAV."""
        path = self.folder / f"{name}.wav"
        samples = (np.clip(np.stack(channels, axis=1), -1, 1) * 32767).astype("<i2")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(len(channels))
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())
        return path

    def press(self, source, name, *arguments):
        """Encode a file with ffmpeg."""
        path = self.folder / name
        command = [ffmpeg.executable(), "-nostdin", "-loglevel", "error", "-y", "-i", str(source), *arguments, str(path)]
        subprocess.run(command, check=True)
        return path


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    return Studio(tmp_path_factory.mktemp("studio"))


@pytest.fixture(scope="session")
def song(studio):
    """Twelve seconds of stereo in A minor at 124 BPM."""
    mono = studio.music()
    return studio.wav("song", mono, mono * 0.8)
