"""How well and how cheaply we listen, beside the programs that others use. `make bench-audio` installs those.

    python bench/audio [--songs N] [--generated N] [--folder DIR] [--peers DIR] [--json FILE]

Every file goes through every program before the next file, so that all ratios are from the same minutes of the machine.
"""

import argparse
import json
import sys
from pathlib import Path

import peers
import report
import songs

ALL = 1000


def main():
    asked = arguments()
    music = corpus(asked)
    pythons = peers.pythons(asked.peers, say)
    results = side_by_side(music, pythons)
    memory = {name: peak(name, pythons, asked.folder, music[0]) for name in results}
    if asked.json:
        asked.json.write_text(json.dumps({"results": results, "memory_mib": memory}, indent=1))
    print(report.whole(results, memory))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=ALL, help="of LMMS; each is heard at its own speed and at another")
    parser.add_argument("--generated", type=int, default=24)
    parser.add_argument("--folder", type=Path, default=Path(".crateline-bench/music"), help="where music is kept between runs")
    parser.add_argument("--peers", type=Path, default=Path(".crateline-bench/venv"), help="the environment of the others")
    parser.add_argument("--json", type=Path, help="write every answer to this file")
    return parser.parse_args()


def corpus(asked):
    asked.folder.mkdir(parents=True, exist_ok=True)
    made = list(songs.generated(asked.folder, asked.generated))
    return made + list(songs.rendered(asked.folder / "lmms", asked.songs, say))


def side_by_side(music, pythons):
    """The rows of every program, song by song. A song that one of them cannot take counts for none."""
    running = peers.start(pythons)
    try:
        for peer in running:
            peer.hear(music[0].path.absolute())  # compiled, loaded and warm: what a worker is
        results = {peer.name: [] for peer in running}
        for number, song in enumerate(music):
            say(f"{number + 1}/{len(music)} {song.name}")
            order = running[number % len(running) :] + running[: number % len(running)]
            answers = {peer.name: peer.hear(song.path.absolute()) for peer in order}
            take(results, song, answers)
        return results
    finally:
        for peer in running:
            peer.close()


def take(results, song, answers):
    failed = {name: answer["error"] for name, answer in answers.items() if "error" in answer}
    if failed:
        say(f"{song.name} is left out: {failed}")
        return
    known = {"name": song.name, "kind": song.kind, "of": song.of, "shift": song.shift, "seconds": song.seconds}
    for name, answer in answers.items():
        results[name].append({**known, "true_bpm": song.bpm, "true_key": song.key, **answer})


def peak(name, pythons, folder, song):
    """MiB that a fresh process takes for one file of ten minutes."""
    (peer,) = peers.start(pythons, (name,))
    try:
        return peer.hear(songs.ten_minutes(folder, song).path.absolute()).get("mib", float("nan"))
    finally:
        peer.close()


def say(words):
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
