"""What the line knows of its tracks, brought up to today's analyser."""

import json
from dataclasses import replace

import pytest

from crateline.cli import reanalyze
from crateline.errors import ConfigurationError, StaleClaim
from crateline.messages import Hint, Station
from givens.heard import ANALYSIS
from tasks import hearing, levels

pytestmark = pytest.mark.real("redis")

OLD = "crateline 1, essentia of old"
KEY = "soundcloud:tracks:1"
HEARD = replace(ANALYSIS, analyser=hearing.ANALYSER)


@pytest.fixture
def done(line, make_track, sound):
    """A finished track that an older analyser has heard, with its original."""

    def make(number: int = 1, *, original: bool = True, **values) -> str:
        key = f"soundcloud:tracks:{number}"
        line.enqueue(make_track(number), name=f"Set {number}")
        line.made(key, **{"analyser": OLD, "bpm": 62.0, "files": ["a.m4a"]} | values)
        if original:
            store = line.wiring.store
            target = store.folder("originals", key) / "original.mp3"
            target.write_bytes(sound(number).read_bytes())
            store.seal("originals", key, target, {})
        assert line.finalise(key) == "sealed"
        return key

    return make


def outdated(line, capsys, **how):
    assert reanalyze.outdated(line.wiring, **{"dry_run": False, "as_json": True} | how) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def recalibrated(line, capsys, **how):
    assert reanalyze.recalibrate(line.wiring, **{"dry_run": False, "as_json": True} | how) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def library(line, energies):
    """Keep an analysis for each of these energies."""
    for number, raw in enumerate(energies):
        one = replace(HEARD, energy_raw=raw, audio_hash=f"{number:032}")
        hearing.keep(line.wiring.store, f"{number:064x}", one)


def test_only_what_an_older_analyser_has_heard_is_outdated(line, done, capsys):
    # Given
    done(1)
    done(2, analyser=hearing.ANALYSER)

    # When
    said = outdated(line, capsys)

    # I expect
    assert (said["outdated"], said["without_original"]) == (1, [])
    assert line.waits(Station.ANALYZE, KEY) <= 0
    assert line.waits(Station.ANALYZE, "soundcloud:tracks:2") is None
    assert outdated(line, capsys)["outdated"] == 0


def test_a_dry_run_says_how_many_and_changes_nothing(line, done, capsys):
    # Given
    before = line.item(done()).fields

    # When
    said = outdated(line, capsys, dry_run=True)

    # I expect
    assert (said["outdated"], said["dry_run"]) == (1, True)
    assert line.item(KEY).fields == before


def test_the_old_values_stay_until_the_new_ones_are_there(line, done, capsys):
    # Given
    done()
    outdated(line, capsys)

    # When
    item = line.item(KEY)
    line.wiring.rework.rewrite([item])
    line.notion.fresh()
    assert line.finalise(KEY) == "sealed"

    # I expect
    assert not item.sealed(Station.ANALYZE)
    assert item.result(Station.ANALYZE)["bpm"] == 62.0
    assert line.notion.writes == []
    assert (line.notion.row()["BPM"], line.notion.row()["Status"]) == (62.0, "Complete")


def test_the_new_values_take_the_old_ones_place_everywhere(line, done, capsys):
    # Given
    done()
    outdated(line, capsys)

    # When
    line.sealed(Station.ANALYZE, KEY, bpm=124.0, analyser=hearing.ANALYSER, files=["a.m4a"])
    line.sealed(Station.EAGLE, KEY, used=False)
    line.finalise(KEY)

    # I expect
    assert line.notion.row()["BPM"] == 124.0
    assert not [name for name in line.item(KEY).fields if name.startswith("was:")]
    assert line.item(KEY).state(0) == "done"
    assert line.wiring.register.finished(line.item(KEY).playlists[0])


def test_the_station_hears_the_original_that_is_kept_and_fetches_nothing(line, done, listened, capsys):
    # Given
    done()
    asked = line.sent(Station.DOWNLOAD)
    outdated(line, capsys)

    # When
    ended = listened(KEY, analyser=hearing.ANALYSER)

    # I expect
    assert ended == "sealed"
    assert line.item(KEY).result(Station.ANALYZE)["analyser"] == hearing.ANALYSER
    assert line.sent(Station.DOWNLOAD) == asked
    assert outdated(line, capsys)["outdated"] == 0


def test_whoever_works_on_the_track_meanwhile_does_not_seal_what_is_asked_for_anew(line, done, capsys):
    # Given
    key = done()
    line.forget(key, "s:analyze", "s:eagle")
    opening = line.wiring.ledger.open(Hint(station=Station.ANALYZE, key=key))
    line.set(key, **{"s:analyze": json.dumps({"analyser": OLD})})

    # When
    outdated(line, capsys)

    # I expect
    with pytest.raises(StaleClaim):
        line.wiring.ledger.seal(opening.claim, fields={"s:analyze": "{}"})
    assert not line.item(key).sealed(Station.ANALYZE)


def test_a_track_whose_original_is_gone_keeps_what_it_has_and_is_named(line, done, capsys):
    # Given
    key = done(original=False)

    # When
    said = outdated(line, capsys)

    # I expect
    assert (said["outdated"], said["without_original"]) == (0, [key])
    assert line.item(key).sealed(Station.ANALYZE)


def test_ones_own_limits_are_the_tenths_of_ones_own_library(line, done, capsys):
    # Given
    done(energy_raw=0.05)
    assert line.notion.row()["Energy Level"] == levels.word(line.item(KEY), levels.limits(line.wiring.store))
    library(line, [number / 1000 for number in range(100)])

    # When
    said = recalibrated(line, capsys)
    line.finalise(KEY)

    # I expect
    assert said["recordings"] == 100
    assert said["new"] == list(levels.limits(line.wiring.store).levels)
    assert said["new"] == pytest.approx([number / 100 for number in range(1, 10)], abs=0.001)
    assert line.notion.row()["Energy Level"] == "Medium"


def test_limits_that_change_no_word_cost_no_request(line, done, capsys):
    # Given
    done(energy_raw=-5.0)
    assert line.notion.row()["Energy Level"] == "Low"
    library(line, [number / 1000 for number in range(100)])
    line.notion.fresh()

    # When
    said = recalibrated(line, capsys)
    line.finalise(KEY)

    # I expect
    assert said["pages"] == 0
    assert line.notion.requests() == []


def test_a_recording_in_two_files_counts_once(line):
    # Given
    for number in range(60):
        hearing.keep(line.wiring.store, f"{number:064x}", replace(HEARD, energy_raw=number / 60))

    # I expect
    with pytest.raises(ConfigurationError, match="1 analysed"):
        reanalyze.recalibrate(line.wiring, dry_run=False, as_json=True)


def test_a_dry_run_shows_the_limits_and_keeps_none(line, capsys):
    # Given
    library(line, [number / 1000 for number in range(100)])
    before = levels.limits(line.wiring.store)

    # When
    said = recalibrated(line, capsys, dry_run=True)

    # I expect
    assert said["old"] == list(before.levels) != said["new"]
    assert levels.limits(line.wiring.store) == before
