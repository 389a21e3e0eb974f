"""Files of sound, made by ffmpeg for the bench."""

import subprocess

from crateline.audio import ffmpeg

RATE = 44_100


def encode(source, target, *filters):
    """Make `target` (its suffix says how) from `source`; a file that is there is whole."""
    part = target.with_name(f".{target.name}.part{target.suffix}")
    command = [ffmpeg.executable(), "-v", "error", "-nostdin", "-y", "-i", f"file:{source}", *filters]
    command += ["-ar", str(RATE), "-sample_fmt", "s16", "-map_metadata", "-1", f"file:{part}"]
    subprocess.run(command, check=True, capture_output=True)
    part.replace(target)


def shifted(source, target, semitones):
    """Play a recording faster or slower, as a turntable does: pitch and tempo change by the same factor."""
    if not target.exists():
        encode(source, target, "-af", f"aresample={RATE},asetrate={RATE * factor(semitones):.0f}")


def factor(semitones):
    return 2 ** (semitones / 12)


def repeated(source, target, seconds):
    """A recording over and over until it is `seconds` long."""
    if not target.exists():
        encode(source, target, "-af", f"aloop=loop=-1:size={RATE * 600},atrim=end={seconds}")
