"""`crateline djay import`: what a library holds, wherever it is read from, and clean CSVs of it."""

import json

import pytest

from crateline.cli import console
from crateline.sandbox import djay
from crateline.sandbox.djay import csv_exports

SIZE = {"tracks": 120, "sessions": 5, "plays": 60, "playlists": 4}


@pytest.fixture
def run(capsys, clean_environment):
    """Run the command; gives the exit code, stdout and stderr."""

    def run(*arguments):
        code = console.run(["djay", "import", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a library of djay's and an older backup; gives it and the truth."""
    home = tmp_path_factory.mktemp("home")
    place = home / "Music" / "djay"
    truth = djay.generate(place / "djay Media Library.djayMediaLibrary", **SIZE)
    djay.generate(place / "Backups" / "2025-01-01" / "djay Media Library", **SIZE | {"tracks": 50, "plays": 20})
    return home, truth


def test_everything_in_a_database_is_counted(run, home):
    # Given
    folder, truth = home

    # When
    code, out, _ = run("--from", folder / "Music" / "djay", "--json")

    # I expect
    read = json.loads(out)["read"]
    assert code == console.OK
    assert (read["tracks"], read["sessions"], read["plays"]) == (120, len(truth.library.sessions), 60)
    assert read["playlists"] == len(truth.library.playlists)
    assert sum(read["by_source"].values()) == 120
    assert read["played_in_library"] <= read["played_tracks"]


@pytest.mark.parametrize(
    ("place", "tracks"),
    [
        ("Music/djay/djay Media Library.djayMediaLibrary", 120),
        ("Music/djay/djay Media Library.djayMediaLibrary/MediaLibrary.db", 120),
        ("Music/djay/Backups/2025-01-01", 50),
        ("Music/djay/Backups/2025-01-01/djay Media Library", 50),
    ],
)
def test_a_library_and_its_backups_are_found_by_any_name(run, home, place, tracks):
    code, out, _ = run("--from", home[0] / place, "--json")
    assert (code, json.loads(out)["read"]["tracks"]) == (console.OK, tracks)


def test_without_a_path_the_library_of_the_settings_is_read(run, home, clean_environment):
    clean_environment.setenv("DJAY_PRO_DB_PATH", str(home[0] / "Music" / "djay"))
    code, out, _ = run("--json")
    assert (code, json.loads(out)["read"]["tracks"]) == (console.OK, 120)


def test_without_any_path_djays_own_place_is_read(run, home, clean_environment):
    clean_environment.setenv("HOME", str(home[0]))
    code, out, _ = run("--json")
    assert (code, json.loads(out)["read"]["tracks"]) == (console.OK, 120)


def test_a_person_sees_what_was_found_and_what_was_repaired(run, home, tmp_path):
    # Given
    csv_exports.write_legacy(home[1], tmp_path)

    # When
    code, out, _ = run("--from", tmp_path)

    # I expect
    assert code == console.OK
    assert "the start of 5 is not known" in out
    assert "key map" in out
    assert "60 times" in out


def test_an_export_of_a_database_gives_the_same_library_again(run, home, tmp_path):
    # When
    first = json.loads(run("--from", home[0] / "Music" / "djay", "--export", tmp_path / "out", "--json")[1])
    again = json.loads(run("--from", tmp_path / "out", "--json")[1])

    # I expect
    assert first["exported"]["djay_session_tracks.csv"] == 60
    assert again["read"] == first["read"] | {"source": str(tmp_path / "out")}
    assert again["findings"] == []


def test_a_dry_run_says_what_it_would_write_and_writes_nothing(run, home, tmp_path):
    code, out, err = run("--from", home[0] / "Music" / "djay", "--export", tmp_path / "out", "--dry-run")
    assert code == console.OK
    assert "Would write" in err
    assert "Would" not in out
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_of_nothing_is_wrong_usage(run):
    code, _, err = run("--dry-run")
    assert code == console.USAGE
    assert "--export" in err


def test_many_findings_are_cut_for_people_and_whole_in_json(run, home, tmp_path):
    # Given
    csv_exports.write_legacy(home[1], tmp_path)
    with (tmp_path / "djay_playlists.csv").open("a") as file:
        file.write("odd\r\n" * 40)

    # When
    shown, told = run("--from", tmp_path)[1], json.loads(run("--from", tmp_path, "--json")[1])

    # I expect
    assert "and 28 more; --json shows all" in shown
    assert sum(one["kind"] == "skipped" for one in told["findings"]) == 40


@pytest.mark.parametrize("arguments", [("--from", "nowhere"), ()])
def test_no_library_is_a_sentence_that_says_what_to_name(run, arguments, clean_environment, tmp_path):
    clean_environment.setenv("HOME", str(tmp_path))
    code, out, err = run(*arguments)
    assert code in {console.FAILED, console.USAGE}
    assert out == ""
    assert "name" in err.lower()


def test_a_title_cannot_steer_the_terminal(run, tmp_path):
    path = tmp_path / "Evil\x1b[2J.csv"
    path.write_text('"Title","Artist","Album","Time","BPM","Key","URL"\n"A","B","","x\x1b[2J","","",""\n')
    _, out, _ = run("--from", path)
    assert "\x1b" not in out
