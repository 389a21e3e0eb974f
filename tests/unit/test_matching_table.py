"""The table of traps as a whole: what the rules are worth, and that every penalty is named as documented."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from crateline.domain import bylines, cases, matching, people, sides
from crateline.domain.track import Candidate, Platform, Track
from crateline.domain.vocabulary import HARD, SOFT

ROOT = Path(__file__).parents[2]
TRAPS = [row for name in ("traps.json", "blind.json") for row in json.loads((ROOT / "bench" / "matching" / name).read_text())]
DOCUMENT = (ROOT / "docs" / "explanation" / "matching.md").read_text()


def verdict(total):
    return "accept" if total >= matching.ACCEPT else "review" if total >= matching.REVIEW else "none"


def counted():
    count = Counter()
    for row in TRAPS:
        case = cases.read(row)
        for one, said in zip(case.candidates, row["candidates"], strict=True):
            count[said["label"], verdict(matching.score(case.song, one).total)] += 1
    return count


def test_the_table_is_large_and_says_what_each_trap_is():
    assert len(TRAPS) >= 800
    assert len({(row["family"], row["trap"]) for row in TRAPS}) == len(TRAPS)
    for row in TRAPS:
        assert row["accepted"] == [one["id"] for one in row["candidates"] if one["label"] == "same"]


def test_of_what_is_accepted_99_of_100_are_right_and_hardly_anything_is_lost():
    # When
    count = counted()
    same = sum(count["same", one] for one in ("accept", "review", "none"))
    # I expect
    assert count["same", "accept"] >= 0.99 * (count["same", "accept"] + count["other", "accept"])
    assert count["same", "accept"] >= 0.85 * same
    assert count["same", "none"] <= 0.02 * same


def test_no_song_of_the_table_gets_another_recording():
    for row in TRAPS:
        case = cases.read(row)
        decision = matching.decide(matching.rank(case.song, case.candidates))
        if decision.kind == "accept":
            assert decision.best.candidate.id in row["accepted"], (row["trap"], decision.best)


def test_every_penalty_that_occurs_is_documented():
    # Given
    documented = set(re.findall(r"`(\w+)`", DOCUMENT.partition("| penalty |")[2].partition("\n\n")[0]))
    # When
    found = {penalty.name for row in TRAPS for case in [cases.read(row)] for one in case.candidates
             for penalty in matching.score(case.song, one).penalties}  # fmt: skip
    # I expect
    assert found <= documented
    assert {kind.name.lower() for kind in HARD | SOFT} <= documented


def test_every_feature_is_documented():
    score = matching.score(
        Track(key="x", title="Glue", artist="Bicep", url="", platform=Platform.SPOTIFY),
        Candidate(id="a", title="Glue", artist="Bicep", url="", platform=Platform.YOUTUBE),
    )
    section = DOCUMENT.partition("## Features")[2].partition("| penalty |")[0]
    documented = [name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert documented == list(score.features())


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        ("Model 500", "Model 600", False),
        ("The Field", "The Fields", False),
        ("Nightmares on Wax", "Nightmares", False),
        ("Hell", "DJ Hell", True),
        ("Jorge Ben Jor", "Jorge Ben", True),
        ("Chemical Brothers", "The Chemical Brothers", True),
        ("Trentemøller", "Trentemoeller", True),
    ],
)
def test_artists_are_told_apart_by_more_than_letters(ours, theirs, alike):
    assert (people.name_likeness(ours, theirs) >= bylines.SURE) is alike


@pytest.mark.parametrize("name", ["Karaoke", "Remix", "Live", "Demo", "Acoustic", "Instrumental"])
def test_a_piece_may_be_called_like_a_version(name):
    # Given
    track = Track(key="x", title=name, artist="Nora Belle", url="", platform=Platform.SPOTIFY, duration=200)
    upload = Candidate(
        id="a", title=f"Nora Belle - {name}", artist="", channel="fan", url="", platform=Platform.YOUTUBE, duration=200
    )
    # I expect
    assert matching.score(track, upload).total >= matching.ACCEPT
    assert sides.pair(track, upload)[1].title.segments == ("Nora Belle", name)


def test_an_isrc_does_not_vouch_against_the_words():
    # Given a candidate with the ISRC and length of the track, and other words
    track = Track(key="x", title="Born Slippy", artist="Underworld", url="", platform=Platform.SPOTIFY, duration=580, isrc="GB1")
    lie = Candidate(
        id="a", title="Summer Rain", artist="Various", url="", platform=Platform.YOUTUBE, duration=580, isrc="GB1", topic=True
    )
    half = Candidate(
        id="b", title="Rez", artist="Underworld", url="", platform=Platform.YOUTUBE, duration=580, isrc="GB1", topic=True
    )
    # I expect nothing, and a question
    assert matching.score(track, lie).total < matching.REVIEW
    assert matching.REVIEW <= matching.score(track, half).total < matching.ACCEPT
