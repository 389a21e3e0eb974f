"""How well recordings are matched: our scheme, on traps that a DJ knows and on what YouTube Music really returned.

    python bench/matching/run.py [--peer] [--recorded recorded.json]

Two questions. Of *pairs*: each candidate alone, is it accepted, asked about or dropped? Of *songs*: what is done with the
list? The traps of the first two batches are split in halves by a hash of the song; thresholds are chosen on one and
reported on the other. Two later batches, and those of blind.json by people who had not seen the rules or not tuned them
to it yet, show what the rules are worth on new traps; what was seen at first sight stands in docs/explanation/matching.md,
as the rules have learnt from them since.

With --peer the same candidates go through spotDL, which is installed in bench/matching/.peer first.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
import venv
from collections import Counter
from pathlib import Path

from crateline.domain import cases, matching

HERE = Path(__file__).parent
RECORDED = HERE.parents[1].parent / "shared" / "data" / "matching" / "recorded.json"
PEER = HERE / ".peer"
SPOTDL = "spotdl==4.5.2"
LATER = ("fresh", "last")
BLIND = tuple(sorted({row["family"] for row in json.loads((HERE / "blind.json").read_text())}, key=lambda name: int(name[6:])))
GRID = [round(0.75 + step / 100, 2) for step in range(20)]


def half_of(row):
    """The part of the table that a case belongs to: tuning or held-out, by a stable hash of the song, or a later batch."""
    if row["family"] in LATER + BLIND:
        return row["family"]
    words = f"{', '.join(row['song']['artists'])} - {row['song']['name']}"
    return "held-out" if hashlib.sha256(words.encode()).digest()[0] % 2 else "tuning"


def scored(row):
    """The case with our score of each candidate, by id."""
    case = cases.read(row)
    return case, {one.id: matching.score(case.song, one).total for one in case.candidates}


def pairs_of(rows, score_of, accept=matching.ACCEPT, review=matching.REVIEW):
    """Counts of (label, verdict) over all candidates."""
    count = Counter()
    for row in rows:
        scores = score_of(row)
        for one in row["candidates"]:
            total = scores.get(one["id"], 0.0)
            count[one["label"], "accept" if total >= accept else "review" if total >= review else "none"] += 1
    return count


def line_of_pairs(count):
    same = sum(count["same", verdict] for verdict in ("accept", "review", "none"))
    taken = count["same", "accept"] + count["other", "accept"]
    asked = count["same", "review"] + count["other", "review"]
    return (
        f"precision {count['same', 'accept'] / max(taken, 1):6.1%} ({count['other', 'accept']} wrong of {taken})   "
        f"recall {count['same', 'accept'] / same:6.1%}   lost {count['same', 'none'] / same:5.1%}   "
        f"review {asked / count.total():5.1%} of all pairs"
    )


def songs_of(rows, decide):
    """Counts of what is done with each song: right, wrong, asked (or asked though nothing is right), lost, rightly none."""
    count = Counter()
    for row in rows:
        verdict, chosen = decide(row)
        right, offered = set(row["accepted"]), {one["id"] for one in row["candidates"]}
        if verdict == "accept":
            count["right" if chosen in right else "wrong"] += 1
        elif verdict == "review":
            count["asked" if right & offered else "asked of nothing"] += 1
        else:
            count["lost" if right & offered else "rightly none"] += 1
    return count


def line_of_songs(count):
    taken = count["right"] + count["wrong"]
    there = count["right"] + count["lost"] + count["asked"]
    return (
        f"precision {count['right'] / max(taken, 1):6.1%} ({count['wrong']} wrong of {taken})   "
        f"recall {count['right'] / max(there, 1):6.1%}   lost {count['lost']}   "
        f"review {(count['asked'] + count['asked of nothing']) / count.total():5.1%} of songs"
    )


def ours(row):
    case = cases.read(row)
    decision = matching.decide(matching.rank(case.song, case.candidates))
    return str(decision.kind), decision.best.candidate.id if decision.best else None


def our_scores(row):
    return scored(row)[1]


class Peer:
    """spotDL's answers. It has no review: what it does not throw out is taken; of pairs, what it scores at all."""

    def __init__(self, rows):
        python = PEER / "bin" / "python"
        if not python.exists():
            print(f"installing {SPOTDL} into {PEER} …", file=sys.stderr)
            venv.create(PEER, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", SPOTDL], check=True)
        asked = json.dumps(rows)
        said = subprocess.run([python, HERE / "peer.py"], input=asked, stdout=subprocess.PIPE, text=True, check=True).stdout
        self._answers = {id(row): answer for row, answer in zip(rows, json.loads(said), strict=True)}

    def scores(self, row):
        return {name: score / 100 for name, score in self._answers[id(row)]["scores"].items()}

    def decide(self, row):
        chosen = self._answers[id(row)]["chosen"]
        return ("accept" if chosen else "none"), chosen


def best_threshold(rows):
    """The lowest threshold on a grid at which 99 % of what is accepted is right."""
    for accept in GRID:
        count = pairs_of(rows, our_scores, accept=accept)
        taken = count["same", "accept"] + count["other", "accept"]
        if count["same", "accept"] >= 0.99 * taken:
            return accept
    return GRID[-1]


def milliseconds(rows, size=50):
    """Ranking `size` candidates, warm: the median of many, in milliseconds of processor time."""
    offered = [one for row in rows for one in cases.read(row).candidates][:size]
    song = cases.read(rows[0]).song
    matching.rank(song, offered)
    took = []
    for _ in range(51):
        start = time.process_time()
        matching.rank(song, offered)
        took.append(time.process_time() - start)
    return sorted(took)[25] * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="store_true", help="compare with spotDL")
    parser.add_argument("--recorded", type=Path, default=RECORDED, help="recorded candidates, in the same form")
    asked = parser.parse_args()
    traps = [row for name in ("traps.json", "blind.json") for row in json.loads((HERE / name).read_text())]
    halves = {name: [row for row in traps if half_of(row) == name] for name in ("tuning", "held-out", *LATER, *BLIND)}
    known = json.loads(asked.recorded.read_text()) if asked.recorded.exists() else []
    recorded = [row for row in known if row["candidates"]]
    peer = Peer([*traps, *recorded]) if asked.peer else None
    print(f"{len(traps)} songs, {sum(len(row['candidates']) for row in traps)} labelled pairs; accept {matching.ACCEPT}")
    print(f"the lowest threshold with 99 % precision on the tuning half: {best_threshold(halves['tuning'])}")
    for name, rows in halves.items():
        print(f"\n{name}: {len(rows)} songs")
        print(f"  pairs   ours    {line_of_pairs(pairs_of(rows, our_scores))}")
        if peer:
            print(f"          spotDL  {line_of_pairs(pairs_of(rows, peer.scores, accept=1e-9, review=1e-9))}")
        print(f"  songs   ours    {line_of_songs(songs_of(rows, ours))}")
        if peer:
            print(f"          spotDL  {line_of_songs(songs_of(rows, peer.decide))}")
    if recorded:
        print(f"\nrecorded: {len(recorded)} songs with candidates; an id that nobody accepted may still be the recording")
        print(f"  exact   ours    {line_of_songs(songs_of(recorded, ours))}")
        if peer:
            print(f"          spotDL  {line_of_songs(songs_of(recorded, peer.decide))}")
    print(f"\n50 candidates, warm: {milliseconds(traps):.1f} ms of processor time")


main()
