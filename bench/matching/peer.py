"""spotDL's own ranking on our cases: runs in an environment where spotdl 4.5.2 is installed, and nothing of ours.

    python bench/matching/peer.py < cases.json > answers.json

It scores every candidate with spotdl.utils.matching.order_results and takes the best, a catalogue's from 80 first, as
spotdl.providers.audio.base.AudioProvider.search does; 0 is what it has thrown out. Without two of its steps: an ISRC
search that finds one upload alone is not taken unseen, and views (+15 for the most seen) are not known here.
"""

import json
import sys

from spotdl.types.result import Result
from spotdl.types.song import Song
from spotdl.utils.matching import order_results

SURE = 80


def song_of(said):
    artists = said.get("artists") or [""]
    return Song.from_missing_data(
        name=said["name"],
        artists=artists,
        artist=artists[0],
        duration=said.get("duration") or 0,
        song_id="x",
        isrc=said.get("isrc"),
        album_name=said.get("album") or "",
        explicit=said.get("explicit"),
        url="",
    )


def result_of(said):
    artists = said.get("artists") or [said.get("channel") or ""]
    return Result(
        source="YouTubeMusic",
        url=said["id"],
        verified=said["kind"] == "song",
        name=said["title"],
        duration=said.get("duration") or 0,
        author=artists[0],
        artists=tuple(artists),
        result_id=said["id"],
        album=said.get("album"),
    )


def scores_of(case):
    """The score of each candidate by id, 0 to 100; those that are thrown out are not there."""
    if not case["candidates"]:
        return {}
    ranked = order_results([result_of(one) for one in case["candidates"]], song_of(case["song"]))
    return {result.result_id: score for result, score in ranked.items()}


def chosen(case, scores):
    catalogue = {one["id"]: scores[one["id"]] for one in case["candidates"] if one["kind"] == "song" and one["id"] in scores}
    if catalogue and max(catalogue.values()) >= SURE:
        return max(catalogue, key=catalogue.get)
    return max(scores, key=scores.get) if scores else None


def main():
    answers = []
    for case in json.load(sys.stdin):
        scores = scores_of(case)
        answers.append({"scores": scores, "chosen": chosen(case, scores)})
    json.dump(answers, sys.stdout)


main()
