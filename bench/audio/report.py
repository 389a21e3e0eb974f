"""What was measured, for people: tables in Markdown."""

import datetime as dt
import os
import platform
from importlib import metadata

import measures

TITLES = {
    "crateline": "crateline",
    "naive": "essentia multifeature + KeyExtractor, a decode each",
    "shared": "essentia multifeature + KeyExtractor, one decode",
    "librosa": "librosa",
    "aubio": "aubio",
}
TARGETS = {"naive": 0.65, "shared": 0.75}
CPU_TARGET = 0.65
MEMORY_TARGET = 450
SUBJECTS = {"lmms": "LMMS songs", "shifted": "LMMS songs at another speed", "generated": "generated tracks"}


def whole(results, memory):
    """The whole report. `results`: per program the rows of all songs, in one order; `memory`: MiB per program."""
    parts = [
        conditions(results),
        tempo(results),
        key(results),
        costs(results, memory),
        *ratios(results),
        *verdicts(results, memory),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def conditions(results):
    rows = next(iter(results.values()))
    minutes = sum(row["seconds"] for row in rows) / 60
    kinds = ", ".join(f"{sum(row['kind'] == kind for row in rows)} {words}" for kind, words in SUBJECTS.items())
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    version = metadata.version("essentia")
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}: {kinds}; {minutes:.0f} minutes of audio; {machine}; "
        f"essentia {version}; load at the end {load}. One process and one thread per "
        "program; program after program for each file."
    )


def tempo(results):
    lines = [
        "| tempo | music | files | Acc1 | Acc2 | within 0.1 BPM | by a line through its beats |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for name, rows in results.items():
        if name == "naive":
            continue  # the same algorithms as `shared`
        for kind, words in SUBJECTS.items():
            some = [row for row in rows if row["kind"] == kind]
            if some:
                lines.append(f"| {TITLES[name]} | {words} | {len(some)} | {_tempo(some)} |")
    return "\n".join(lines)


def _tempo(rows):
    tests = (measures.acc1, measures.acc2, measures.exact)
    cells = [f"{measures.percent(test(row['bpm'], row['true_bpm']) for row in rows):.0f} %" for test in tests]
    by_line = [measures.exact(row["line"], row["true_bpm"]) for row in rows]
    gives_beats = any(row["line"] for row in rows)
    return " | ".join([*cells, f"{measures.percent(by_line):.0f} %" if gives_beats else ""])


def key(results):
    lines = ["| key | exact | MIREX weighted | moves with the pitch | as crateline says |", "|---|--:|--:|--:|--:|"]
    for name, rows in results.items():
        if name == "naive" or not any(row["key"] for row in rows):
            continue
        known = [row for row in rows if row["true_key"]]
        score = [measures.key_score(row["key"], row["true_key"]) for row in known]
        cells = (
            measures.percent(value == 1 for value in score),
            measures.percent(score),
            measures.percent(_moves(rows)),
            measures.percent(_agrees(rows, results["crateline"])),
        )
        shown = [f"{cell:.0f} %" for cell in cells]
        if name == "crateline":
            shown[-1] = ""
        lines.append(f"| {TITLES[name]} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def _moves(rows):
    """For each song at another speed: whether its key is that of the song, moved as far."""
    plain = {row["name"]: row["key"] for row in rows}
    for row in rows:
        if row["kind"] == "shifted" and row["of"] in plain:
            yield measures.same_key(row["key"], measures.moved(plain[row["of"]], row["shift"]))


def _agrees(rows, ours):
    for row, mine in zip(rows, ours, strict=True):
        if row["kind"] == "lmms":
            yield measures.same_key(row["key"], mine["key"])


def costs(results, memory):
    lines = ["| cost | CPU s per minute of audio | of these | peak memory, a file of 10 minutes |", "|---|--:|---|--:|"]
    for name, rows in results.items():
        lines.append(f"| {TITLES[name]} | {measures.per_minute(rows):.2f} | {_parts(rows)} | {memory.get(name, 0):.0f} MiB |")
    return "\n".join(lines)


def _parts(rows):
    minutes = sum(row["seconds"] for row in rows) / 60
    parts = {part: sum(row["cpu"].get(part, 0) for row in rows) / minutes for part in rows[0]["cpu"]}
    return ", ".join(f"{part} {value:.2f}" for part, value in parts.items()) if len(parts) > 1 else ""


def ratios(results):
    ours = results["crateline"]
    for name, target in TARGETS.items():
        if name in results:
            middle, low, high = measures.ratios(ours, results[name])
            total = measures.per_minute(ours) / measures.per_minute(results[name])
            yield (
                f"Our CPU over that of multifeature + KeyExtractor + EBU R128 + Chromaprint ({_decodes(name)}): {total:.2f} over "
                f"all music, {middle:.2f} for the middle file, {low:.2f} to {high:.2f} for eight in ten (target {target})."
            )


def _decodes(name):
    return "a decode each" if name == "naive" else "one decode for all"


def verdicts(results, memory):
    cost = measures.per_minute(results["crateline"])
    yield f"{cost:.2f} CPU s per minute of audio: {_met(cost, CPU_TARGET)}."
    if "crateline" in memory:
        used = memory["crateline"]
        yield f"{used:.0f} MiB for a file of ten minutes: {_met(used, MEMORY_TARGET)}."


def _met(value, target):
    return f"the target of {target} is {'met' if value <= target else 'missed'}"
