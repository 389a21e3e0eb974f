"""The music of the bench, and what is known of it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import lmms
import sound

from crateline.audio import ffmpeg
from crateline.domain.keys import Key
from crateline.sandbox.catalogue import Recording
from crateline.sandbox.music import Music

TEMPI = (
    70,
    87,
    92.5,
    98,
    102,
    110,
    118,
    120,
    122,
    124,
    124.5,
    125,
    126,
    127.35,
    128,
    130,
    132,
    138,
    140,
    145,
    150,
    160,
    172,
    174,
)
SECONDS = 150.0
SHIFTS = (-2, -1, 1, 2)
LONG_S = 600


@dataclass(frozen=True, kw_only=True)
class Song:
    """One file. `bpm` and `key` are true; key is None where nobody knows it. `of`: what it was made from by `shift` semitones."""

    name: str
    path: Path
    seconds: float
    bpm: float
    key: str | None = None
    kind: str
    of: str = ""
    shift: int = 0


def generated(folder, count):
    """Tracks by arithmetic, in every key and in tempi from 70 to 174, as MP3."""
    music, keys = Music(folder), list(Key)
    for number in range(count):
        bpm, key = TEMPI[number % len(TEMPI)], keys[number * 7 % len(keys)]
        made = Recording(id=number, title="", artist="", duration=SECONDS, bpm=bpm, key=_spelt(key), seed=9000 + number, isrc="")
        path = music.media(made, "mp3")
        yield Song(
            name=f"generated {number} ({bpm:g} {key})", path=path, seconds=SECONDS, bpm=bpm, key=str(key), kind="generated"
        )


def _spelt(key):
    """A key as the synthesiser spells it: one name for each of the twelve tones."""
    tones = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    return tones[key.pitch_class] + ("m" if key.is_minor else "")


def rendered(folder, count, say):
    """The songs of LMMS as FLAC, and each once more at another speed."""
    if not lmms.installed():
        say(lmms.HOW_TO_GET)
        return
    for number, (name, path, bpm) in enumerate(lmms.songs(folder, say)[:count]):
        yield Song(name=name, path=path, seconds=length(path), bpm=bpm, kind="lmms")
        shift = SHIFTS[number % len(SHIFTS)]
        other = folder / f"{name}{shift:+d}.flac"
        sound.shifted(path, other, shift)
        tempo = bpm * sound.factor(shift)
        yield Song(name=f"{name} {shift:+d}", path=other, seconds=length(other), bpm=tempo, kind="shifted", of=name, shift=shift)


def ten_minutes(folder, song):
    """A file of ten minutes, to see what it takes of memory."""
    path = folder / "ten-minutes.flac"
    sound.repeated(song.path, path, LONG_S)
    return Song(name=path.stem, path=path, seconds=length(path), bpm=song.bpm, kind="long")


def length(path):
    """Seconds of sound; asked once, then kept beside the file."""
    note = path.with_suffix(".json")
    if note.exists():
        return json.loads(note.read_text())["seconds"]
    command = [ffmpeg.executable(), "-v", "error", "-i", f"file:{path}", "-ac", "1", "-ar", "8000", "-f", "u8", "pipe:1"]
    seconds = len(subprocess.run(command, check=True, capture_output=True).stdout) / 8000
    note.write_text(json.dumps({"seconds": seconds}))
    return seconds
