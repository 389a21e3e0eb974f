"""The programs that are compared: a process that listens to one file after another. Runs under any Python that has its library.

    python listeners.py NAME        then a path per line; an answer {"bpm", "key", "line", "cpu": {part: s}, "mib"} per line

`bpm` is the program's own answer; `line` the tempo of a straight line through the beats that it gives, which is the best that
can be made of them without listening again (None for us, who give no beats).
`cpu` is user and system time of this process and of the programs that it starts, import and start left out; `mib` is the
largest of it and of those programs, so far.
"""

import itertools
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

RATE = 44_100
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
CAP_SECONDS = 120
FEWEST = 4
REGULAR = 0.15
# Krumhansl and Kessler 1982: how well each tone fits a major and a minor key.
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


class Clock:
    """What each part of a job costs."""

    def __init__(self):
        self.parts = {}
        self._last = self._now()

    def part(self, name):
        """End a part: all since the last one is its."""
        now = self._now()
        self.parts[name] = self.parts.get(name, 0.0) + now - self._last
        self._last = now

    @staticmethod
    def _now():
        return sum(os.times()[:4])


def crateline():
    """All that we learn of a file."""
    from crateline.audio import analysis, ear

    assert ear.VERSION

    def hear(path, clock):
        heard = analysis.analyse(Path(path))
        clock.part("all")
        return heard.bpm, heard.key, None

    return hear


def naive():
    """As a script puts it together from the manual: every algorithm with its own loader."""
    standard = _essentia()

    def hear(path, clock):
        bpm, ticks, *_ = standard.RhythmExtractor2013(method="multifeature")(_mono(standard, path))
        clock.part("tempo")
        tonic, scale, _ = standard.KeyExtractor()(_mono(standard, path))
        clock.part("key")
        standard.LoudnessEBUR128(sampleRate=RATE)(_stereo(standard, path))
        clock.part("loudness")
        standard.Chromaprinter(maxLength=CAP_SECONDS)(_mono(standard, path))
        clock.part("fingerprint")
        return float(bpm), _key(tonic, scale), line(ticks)

    return hear


def shared():
    """The same algorithms, and the file is decoded once for all of them."""
    standard = _essentia()

    def hear(path, clock):
        stereo = _stereo(standard, path)
        mono = standard.MonoMixer()(stereo, 2)
        clock.part("decode")
        bpm, ticks, *_ = standard.RhythmExtractor2013(method="multifeature")(mono)
        clock.part("tempo")
        tonic, scale, _ = standard.KeyExtractor()(mono)
        clock.part("key")
        standard.LoudnessEBUR128(sampleRate=RATE)(stereo)
        clock.part("loudness")
        standard.Chromaprinter(maxLength=CAP_SECONDS)(mono)
        clock.part("fingerprint")
        return float(bpm), _key(tonic, scale), line(ticks)

    return hear


def librosa():
    """Its beat tracker as it comes, and a key from its chroma by Krumhansl's profiles."""
    import librosa as rosa
    import numpy as np

    keys = [(name, np.roll(MAJOR, tone)) for tone, name in enumerate(NOTES)]
    keys += [(f"{name}m", np.roll(MINOR, tone)) for tone, name in enumerate(NOTES)]

    def hear(path, clock):
        samples, rate = rosa.load(path)
        clock.part("decode")
        bpm, beats = rosa.beat.beat_track(y=samples, sr=rate, units="time")
        clock.part("tempo")
        chroma = rosa.feature.chroma_cqt(y=samples, sr=rate).mean(axis=1)
        key = max(keys, key=lambda pair: np.corrcoef(chroma, pair[1])[0, 1])[0]
        clock.part("key")
        return float(np.atleast_1d(bpm)[0]), key, line(beats)

    return hear


def aubio():
    """Its beat tracker as its own example uses it: the middle one of the tempi between two beats. It knows no keys.

    A hop of 256 instead of the example's 512: it finds two songs more with that.
    """
    import aubio as bio
    import numpy as np

    hop = 256

    def hear(path, clock):
        samples = _decoded(path, np)
        clock.part("decode")
        tracker = bio.tempo("default", 4 * hop, hop, RATE)
        hops = (samples[start : start + hop] for start in range(0, len(samples) - hop, hop))
        beats = [tracker.get_last_s() for one in hops if tracker(one)]
        clock.part("tempo")
        return (float(np.median(60 / np.diff(beats))) if len(beats) > FEWEST else None), None, line(beats)

    return hear


def line(beats):
    """The tempo of a straight line through the longest run of beats with regular distances; None if there are too few."""
    import numpy as np

    beats = np.asarray(beats, float)
    if len(beats) <= FEWEST:
        return None
    gaps = np.diff(beats)
    breaks = np.flatnonzero(np.abs(gaps / np.median(gaps) - 1) > REGULAR)
    edges = [-1, *breaks, len(gaps)]
    first, last = max(itertools.pairwise(edges), key=lambda pair: pair[1] - pair[0])
    run = beats[first + 1 : last + 1]
    return float(60 / np.polyfit(range(len(run)), run, 1)[0]) if len(run) > FEWEST else None


def _essentia():
    import essentia

    essentia.log.infoActive = essentia.log.warningActive = False
    from essentia import standard

    return standard


def _mono(standard, path):
    return standard.MonoLoader(filename=path, sampleRate=RATE)()


def _stereo(standard, path):
    return standard.AudioLoader(filename=path)()[0]


def _key(tonic, scale):
    return tonic + ("m" if scale == "minor" else "")


def _decoded(path, np):
    command = [os.environ["FFMPEG"], "-v", "error", "-i", f"file:{path}", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "pipe:1"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)


LISTENERS = {listener.__name__: listener for listener in (crateline, naive, shared, librosa, aubio)}


def main(name):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    hear = LISTENERS[name]()
    print("ready", file=answers, flush=True)
    for path in sys.stdin:
        clock = Clock()
        try:
            bpm, key, through = hear(path.rstrip("\n"), clock)
            answer = {"bpm": bpm, "key": key, "line": through, "cpu": clock.parts, "mib": _peak()}
        except Exception as error:  # noqa: BLE001  # one file that a program cannot take says something about it, not about us
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def _peak():
    """Largest resident size in MiB. Linux counts in KiB, macOS in bytes."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / unit


if __name__ == "__main__":
    main(sys.argv[1])
