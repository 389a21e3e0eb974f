"""How fast a djay library is read: one of a real size, made up, written as djay writes it, and compared with its truth.

    python bench/djay.py [--tracks 15540] [--times 3]

Prints seconds and CPU seconds of one reading, the most memory that a process of its own took for it, and blobs per second.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crateline.clients.djay import database
from crateline.sandbox import djay

READING = """
import resource, sys, time
from pathlib import Path
from crateline.clients.djay import database
began, cpu = time.perf_counter(), time.process_time()
database.read(Path(sys.argv[1]))
print(time.perf_counter() - began, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def main():
    asked = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        truth = djay.generate(folder, tracks=asked.tracks)
        made = time.perf_counter() - began
        found = database.read(folder)
        right = all(getattr(found, part) == getattr(truth.library, part) for part in ("tracks", "sessions", "playlists"))
        readings = [reading(folder) for _ in range(asked.times)]
        blobs = sum(1 for _ in database.rows(folder / "MediaLibrary.db"))
        size = (folder / "MediaLibrary.db").stat().st_size
    fastest = min(readings)
    report = {
        "tracks": len(found.tracks),
        "sessions": len(found.sessions),
        "plays": sum(len(session.plays) for session in found.sessions),
        "blobs": blobs,
        "megabytes": round(size / 2**20, 1),
        "equal_to_the_truth": right,
        "made_in_seconds": round(made, 2),
        "read_in_seconds": [round(seconds, 2) for seconds, _, _ in readings],
        "cpu_seconds": [round(cpu, 2) for _, cpu, _ in readings],
        "most_memory_mebibytes": round(max(memory for _, _, memory in readings) / unit(), 1),
        "blobs_per_second": round(blobs / fastest[0]),
    }
    print(json.dumps(report, indent=2))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=15_540)
    parser.add_argument("--times", type=int, default=3)
    return parser.parse_args()


def reading(folder):
    """Seconds, CPU seconds and memory of one reading in a process of its own."""
    done = subprocess.run([sys.executable, "-c", READING, str(folder)], capture_output=True, text=True, check=True)
    return tuple(float(word) for word in done.stdout.split())


def unit():
    """What the system counts memory in, per mebibyte."""
    return 2**20 if sys.platform == "darwin" else 2**10


if __name__ == "__main__":
    main()
