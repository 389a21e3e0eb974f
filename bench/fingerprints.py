"""What it costs to recognise a recording among many: the inverted index in Redis beside comparing with every print.

    python bench/fingerprints.py [--tracks 10000] [--asked 60]

The prints are made up like real ones of two minutes: from item to item one bit in seven changes. What is asked for are
other encodings of known recordings (a share of their bits flipped), an excerpt that begins 30 s later, and strangers.
Brute force is done twice: with every print aligned as the index' finds are, and at one alignment only, which misses what
was trimmed or padded.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from crateline.audio import fingerprint
from crateline.durable.connection import connect
from crateline.durable.embedded import Embedded
from crateline.durable.fingerprints import Fingerprints, Print

ITEMS = 948  # what is heard of 120 s
FLIPS = 1 / 7
LATER = 242  # items: 30 s
KINDS = {"re-encoded (.03 of the bits differ)": 0.03, "changed (.10)": 0.10, "doubtful (.18)": 0.18}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=10_000)
    parser.add_argument("--asked", type=int, default=60)
    asked = parser.parse_args()
    chance = np.random.default_rng(1)
    known = [made_up(chance) for _ in range(asked.tracks)]
    with tempfile.TemporaryDirectory() as name:
        redis = Embedded(Path(name))
        client = connect(redis.ensure())
        try:
            facts = measure(client, known, asked.asked, chance)
        finally:
            client.close()
            redis.stop()
    print(json.dumps(facts, indent=2))


def made_up(chance):
    """A print of two minutes of no music."""
    flips = chance.random((ITEMS, 32)) < FLIPS
    flips[0] = chance.random(32) < 0.5
    bits = np.bitwise_xor.accumulate(flips, axis=0)
    return np.packbits(bits, axis=1, bitorder="little").view("<u4").ravel()


def damaged(numbers, share, chance):
    flips = np.packbits(chance.random((len(numbers), 32)) < share, axis=1, bitorder="little").view("<u4").ravel()
    return numbers ^ flips


def measure(client, known, count, chance):
    prints = [Print(key=str(number), raw=one.tobytes(), seconds=300, at=number) for number, one in enumerate(known)]
    before = client.info("memory")["used_memory"]
    register = Fingerprints(client, lambda: prints)
    began = time.perf_counter()
    register.fill()
    built = time.perf_counter() - began
    memory = client.info("memory")["used_memory"] - before
    facts = {
        "tracks": len(known),
        "built_s": round(built, 2),
        "redis_bytes_per_track": round(memory / len(known)),
        "kinds": {},
    }
    chosen = chance.integers(0, len(known), count)
    for name, share in KINDS.items():
        facts["kinds"][name] = ask(register, [(known[i], damaged(known[i], share, chance)) for i in chosen], chosen)
    excerpts = [(known[i], damaged(known[i][LATER:], 0.03, chance)) for i in chosen]
    facts["kinds"]["excerpt from 0:30 (.03)"] = ask(register, excerpts, chosen)
    facts["kinds"]["stranger"] = ask(register, [(None, made_up(chance)) for _ in chosen], chosen)
    facts["registered_ms"] = put(register, [made_up(chance) for _ in range(count)])
    facts["brute_force_ms"] = brute(prints, damaged(known[7], 0.03, chance).tobytes())
    facts["one_alignment_ms"] = at_one(np.stack(known), damaged(known[7], 0.03, chance))
    looked_up = facts["kinds"]["re-encoded (.03 of the bits differ)"]["ms"]
    facts["times_quicker"] = {
        "than comparing with all": round(facts["brute_force_ms"] / looked_up),
        "than at one alignment": round(facts["one_alignment_ms"] / looked_up, 1),
    }
    return facts


def ask(register, pairs, chosen):
    """Look up and compare what is found; the middle of the times, in ms, and the share that was found."""
    times, found, compared = [], 0, 0
    for index, (_, other) in zip(chosen, pairs, strict=True):
        new, best = Print(key="new", raw=other.tobytes(), seconds=300), []
        began = time.perf_counter()
        for near in register.near(new):
            compared += 1
            if fingerprint.judge(near.raw, near.seconds, new.raw, new.seconds)[0] is not fingerprint.Likeness.DIFFERENT:
                best.append(near.key)
        times.append(1000 * (time.perf_counter() - began))
        found += str(index) in best
    return {
        "ms": round(float(np.median(times)), 2),
        "ms_95": round(float(np.quantile(times, 0.95)), 2),
        "found": round(found / len(pairs), 3),
        "compared": round(compared / len(pairs), 1),
    }


def put(register, strangers):
    began = time.perf_counter()
    for number, one in enumerate(strangers):
        register.put(Print(key=f"file:{number}", raw=one.tobytes(), seconds=300))
    return round(1000 * (time.perf_counter() - began) / len(strangers), 2)


def brute(prints, raw):
    """Compare with every print, aligned; a tenth of them is timed."""
    sample = prints[::10]
    began = time.perf_counter()
    for one in sample:
        fingerprint.compare(one.raw, raw)
    return round(1000 * (time.perf_counter() - began) * len(prints) / len(sample))


def at_one(every, numbers):
    times = []
    for _ in range(5):
        began = time.perf_counter()
        np.bitwise_count(every ^ numbers).sum(axis=1, dtype=np.uint32).argmin()
        times.append(1000 * (time.perf_counter() - began))
    return round(float(np.median(times)), 1)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
