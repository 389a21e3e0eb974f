"""`crateline match`: candidates ranked and explained, from a file, without a network."""

import json

import pytest
from click.testing import CliRunner

from crateline.cli import console

GLUE = {"name": "Glue", "artists": ["Bicep"], "duration": 269}
RIGHT = {"id": "right", "title": "Glue", "artists": ["Bicep"], "duration": 269, "kind": "song"}
LIVE = {"id": "live", "title": "Bicep - Glue (Live)", "artists": ["fan"], "duration": 340, "kind": "video"}
LONGER = {"id": "longer", "title": "Bicep - Glue", "channel": "fan", "duration": 280}


@pytest.fixture
def ask(tmp_path, clean_environment):
    clean_environment.chdir(tmp_path)

    def run(document, *options):
        (tmp_path / "cases.json").write_text(document if isinstance(document, str) else json.dumps(document))
        return CliRunner().invoke(console.console, ["match", "cases.json", *options], standalone_mode=False)

    return run


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_song_is_an_object_with_all_candidates_best_first(ask):
    # When
    result = ask([{"song": GLUE, "candidates": [LIVE, RIGHT, LONGER]}], "--json", "--top", "1")
    # I expect
    (said,) = lines(result)
    assert (said["song"], said["decision"]) == (GLUE, "accept")
    assert [one["id"] for one in said["ranked"]] == ["right", "longer", "live"]
    assert said["ranked"][2]["features"]["penalties"][0] == {"name": "live", "reason": "live on one side only", "factor": 0.35}
    assert "verdict" not in said


@pytest.mark.parametrize(
    ("offered", "accepted", "decision", "verdict"),
    [
        ([RIGHT], ["right"], "accept", "right"),
        ([RIGHT], ["another"], "accept", "wrong"),
        ([LONGER], ["longer"], "review", "asked"),
        ([LIVE], ["live"], "none", "lost"),
        ([LIVE], [], "none", "rightly none"),
        ([], ["right"], "none", "rightly none"),
    ],
)
def test_a_decision_is_compared_with_what_people_accepted(ask, offered, accepted, decision, verdict):
    result = ask({"cases": [{"song": GLUE, "candidates": offered, "accepted": accepted}]}, "--json")
    assert [(said["decision"], said["verdict"]) for said in lines(result)] == [(decision, verdict)]
    assert "to review" in result.stderr


def test_a_summary_counts_them(ask):
    # Given
    offered = [([RIGHT], ["right"]), ([LONGER], ["longer"]), ([LIVE], [])]
    # When
    result = ask([{"song": GLUE, "candidates": one, "accepted": right} for one, right in offered])
    # I expect
    assert "precision 100.0% (1 of 1 accepted); recall 50.0% (0 lost); to review 33.3% of 3 songs" in result.stderr


def test_a_bad_case_is_named_and_the_rest_goes_on(ask):
    # When
    result = ask([{"song": GLUE, "candidates": 7}, {"song": GLUE, "candidates": [RIGHT]}, None], "--json")
    # I expect
    assert [said["decision"] for said in lines(result)] == ["accept"]
    assert 'Case 1 (Glue): "candidates" must be a list. It was left out' in result.stderr
    assert "Case 3: the case must be an object" in result.stderr
    assert result.return_value == console.FAILED


@pytest.mark.parametrize("document", ["{", "7", '{"songs": []}', "[" * 100_000])
def test_a_file_without_cases_is_said_to_be_one(ask, document):
    result = ask(document)
    assert "holds no cases" in str(result.exception)


def test_people_see_bars_and_what_speaks_against_a_candidate(ask):
    # When
    result = ask([{"song": GLUE, "candidates": [RIGHT, LIVE], "accepted": ["right"]}], "--top", "2")
    # I expect
    assert "Bicep - Glue  4:29  accept (right)" in result.stdout
    assert "1.00 ✓ Bicep - Glue" in result.stdout
    assert "0.35  live on one side only" in result.stdout
    assert "71 s longer or shorter" in result.stdout
    # And of more candidates only how many there are
    assert "and 1 more" in ask([{"song": GLUE, "candidates": [RIGHT, LIVE]}], "--top", "1").stdout
    assert "no candidates" in ask([{"song": GLUE}]).stdout


def test_the_thresholds_are_the_lines_own(ask, clean_environment):
    clean_environment.setenv("MATCH_ACCEPT", "0.7")
    assert lines(ask([{"song": GLUE, "candidates": [LONGER]}], "--json"))[0]["decision"] == "accept"
