"""Notion's budget under load: a set of short tracks into an empty database, watched from Notion's side.

    python bench/budget.py [--tracks 500] [--per-minute 180] [--latency 0.4]

Prints arrivals in the fullest 60 s, 429s, the share of the budget used in every full minute of the run, and requests
per new track (index, schema and playlist included).
"""

import argparse
import bisect
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from crateline.cli import demo
from crateline.sandbox import outside


def main():
    asked = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = (asked.seconds, asked.seconds + 2)
        with outside.run(
            folder=folder, tracks=asked.tracks, seconds=seconds, per_minute=asked.per_minute, latency=asked.latency
        ) as world:
            environment = demo.environment(folder, world.environment)
            run = demo.Run(folder=folder, tracks=asked.tracks, environment=environment, addresses=world.addresses)
            run.ask("schema", "apply", "--json")
            before = len(arrivals(world))
            print(json.dumps(measure(run, world, before), indent=2))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=500)
    parser.add_argument("--per-minute", type=int, default=180)
    parser.add_argument("--latency", type=float, default=0.4)
    parser.add_argument("--seconds", type=float, default=6)
    return parser.parse_args()


def measure(run, world, before):
    log = (run.folder / "workers.log").open("w")
    up = run.crateline("up", "--no-flower", stdout=log, stderr=log)
    try:
        began = time.time()
        key = run.ask("enqueue", world.world.main.url, "--json")["key"]
        while not (status := run.ask("status", key, "--json")["playlists"][0])["state"].startswith("done"):
            print(f"{time.time() - began:6.0f} s  {status['stations']}  {status['requests']}", file=sys.stderr)
            time.sleep(5)
    finally:
        up.terminate()
        up.wait(60)
        log.close()
    return figures(arrivals(world)[before:], status, world, time.time() - began)


def arrivals(world):
    stats = httpx.get(f"{world.addresses['notion']}/_sandbox/stats", trust_env=False).json()
    return stats["arrivals"]


def figures(rows, status, world, seconds):
    times = sorted(row["at"] for row in rows)
    fullest = max(bisect.bisect_right(times, at + 60) - i for i, at in enumerate(times))
    whole = int((times[-1] - times[0]) // 60)
    minutes = [
        bisect.bisect_left(times, times[0] + 60 * (m + 1)) - bisect.bisect_left(times, times[0] + 60 * m) for m in range(whole)
    ]
    limit = world.notion.window.per_minute
    return {
        "tracks": status["total"],
        "done": status["done"],
        "failed": status["failed"],
        "seconds": round(seconds, 1),
        "requests": len(rows),
        "requests_per_track": round(len(rows) / status["total"], 3),
        "fullest_60_s": fullest,
        "answered_429": sum(1 for row in rows if row["status"] == 429),
        "full_minutes": [round(n / limit, 3) for n in minutes],
    }


if __name__ == "__main__":
    try:
        main()
    except subprocess.TimeoutExpired:
        sys.exit("the run took too long")
