"""`crateline djay activity`, and everything together: what the sums are, and how few requests they cost."""

import json
from collections import Counter
from datetime import timedelta
from itertools import combinations

import pytest

from crateline.domain.library import HotCue, Loop
from crateline.domain.properties.values import moment

DAY = timedelta(days=1)


@pytest.fixture
def season(booth):
    """Ten tracks with pages, an eleventh without, and four sets, some of whose plays sound together."""
    for number in range(1, 12):
        booth.track(number, bpm=120.0 + number / 10, key="Am")
    cues = (HotCue(position=2, time=30.5, name="Drop", color="red"), HotCue(position=1, time=0.5))
    booth.track(1, bpm=120.1, key="Am", hot_cues=cues, loops=(Loop(number=1, start=10, end=18, name="Intro"),))
    for number in range(1, 11):
        booth.page(number)
    begun = booth.plays(1, 2, 3, name="first").start
    booth.plays(2, 1, 4, 11, name="second", at=begun + DAY, every=20)
    booth.plays(1, 1, 2, name="third", at=begun + 2 * DAY)
    booth.plays(5, 6, name="fourth", at=begun + 3 * DAY)
    return booth


def recomputed(booth):
    """Plays, sets and pairs, counted anew from the plays alone."""
    plays, sets, pairs = Counter(), Counter(), Counter()
    for held in booth.sessions:
        ids = [play.title_id for play in held.plays]
        plays.update(ids)
        sets.update(set(ids))
        for (at, one), (beside, other) in combinations(enumerate(held.plays), 2):
            if one.title_id == other.title_id:
                continue
            together = one.deck != other.deck and abs(other.started - one.started) < timedelta(seconds=30)
            pairs[frozenset({one.title_id, other.title_id})] += 1 + 2 * (beside == at + 1) + 4 * together
    return plays, sets, pairs


def test_ids_sets_and_activity_go_out_together_in_one_request_per_page(season):
    # When
    done = season.sync()

    # I expect
    assert done["pages"]["tracks"]["updated"] == 10
    assert done["pages"]["sessions"]["created"] == 4
    assert len(season.writes) == 10 + 4
    assert len(season.requests()) == done["requests"]

    # When
    season.fresh()
    again = season.sync()

    # I expect
    assert season.writes == []
    assert (again["created"], again["updated"], again["failed"]) == (0, 0, 0)


def test_the_sums_are_those_of_an_independent_count(season):
    # When
    season.sync()

    # I expect
    plays, sets, pairs = recomputed(season)
    rows = {row["djay Pro ID"]: row for row in season.rows()}
    for title_id, row in rows.items():
        assert (row["Play Count (DJ)"] or 0, row["Session Count"] or 0) == (plays[title_id], sets[title_id])
        started = [play.started for held in season.sessions for play in held.plays if play.title_id == title_id]
        for name, wanted in (("First Played (DJ)", min(started, default=None)), ("Last Played (DJ)", max(started, default=None))):
            assert (moment(row[name]["start"]) if row[name] else None) == (moment(wanted.isoformat()) if wanted else None)
        partners = {other: score for pair, score in pairs.items() if title_id in pair for other in pair - {title_id}}
        assert set(row["Played With"]) == {rows[other]["id"] for other in partners if other in rows}
        assert len(row["Similar Tracks"]) == 9


def test_hot_cues_and_loops_are_said_as_json_and_taken_back_when_they_are_gone(season):
    # Given
    season.sync()
    row = next(row for row in season.rows() if row["Name"] == "Title 1")

    # I expect
    assert [(cue["position"], cue["name"], cue["time"]) for cue in json.loads(row["Hot Cues"])] == [
        (1, "", 0.5),
        (2, "Drop", 30.5),
    ]
    assert json.loads(row["Loops"]) == [{"start": 10, "end": 18, "name": "Intro"}]

    # When
    season.track(1, bpm=120.1, key="Am")
    season.sync("activity")

    # I expect
    assert season.shown(row["id"])["Hot Cues"] is None or season.shown(row["id"])["Hot Cues"] == ""


def test_one_more_set_changes_the_pages_it_concerns(season):
    # Given
    season.sync()
    season.fresh()

    # When
    season.plays(7, 8, name="fifth", at=season.sessions[-1].start + DAY)
    done = season.sync()

    # I expect
    assert done["pages"]["tracks"]["updated"] == 2
    assert len(season.writes) == 2 + 1


def test_how_many_partners_there_are_is_a_setting(season):
    # Given
    season.settings(djay_played_with=1, djay_similar=0)

    # When
    season.sync()

    # I expect
    assert max(len(row["Played With"]) for row in season.rows()) == 1
    assert not any(row["Similar Tracks"] for row in season.rows())


def test_a_track_that_was_removed_from_the_library_and_added_again_keeps_its_history(season):
    # Given a play of a title id that the library does not have, of a track that it has under another
    held = season.plays(9, name="old")
    lost = "f" * 32
    season.plays(9, name="old", plays=tuple(type(p)(**{**_fields(p), "title_id": lost}) for p in held.plays))

    # When
    season.sync()

    # I expect
    row = next(row for row in season.rows() if row["Name"] == "Title 9")
    assert row["Play Count (DJ)"] == 1
    assert season.set_page("old")["Tracks Played"] == [row["id"]]
    assert row["djay Pro ID"] != lost


def _fields(play):
    return {name: getattr(play, name) for name in type(play).__dataclass_fields__}
