"""`crateline djay decode`: blobs and databases as JSON and for people; one bad file does not end the reading."""

import base64
import json
import sqlite3

import pytest

from crateline.cli import console
from crateline.clients.djay.values import Date, Entity, Url
from crateline.sandbox import djay
from crateline.sandbox.djay.encoding import encode

PLACE = Entity(
    "ADCMediaItemLocation",
    (
        ("titleIDs", [Entity("ADCMediaItemTitleID", (("title", "Good\x1b[2J Catch"), ("duration", 215.5)))]),
        ("sourceURIs", [Url("soundcloud:tracks:1150488265"), Url("beatport:track:15949981")]),
        ("addedDate", Date(797499713.736)),
        ("urlBookmarkData", b"book"),
        ("mark", 1),
        ("mark", 2),
        ("rest", Entity("", (("a", True),))),
        ("odd", float("inf")),
    ),
)


@pytest.fixture
def decode(capsys):
    """Run the command; gives the exit code, stdout and stderr."""

    def run(*arguments):
        code = console.run(["djay", "decode", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def place(tmp_path):
    file = tmp_path / "place.bin"
    file.write_bytes(encode(PLACE))
    return file


def test_a_blob_is_one_line_of_json(decode, place):
    # When
    code, out, err = decode("--json", place)

    # I expect
    (line,) = out.splitlines()
    assert json.loads(line) == {
        "file": str(place),
        "value": {
            "class": "ADCMediaItemLocation",
            "fields": {
                "titleIDs": [{"class": "ADCMediaItemTitleID", "fields": {"title": "Good\x1b[2J Catch", "duration": 215.5}}],
                "sourceURIs": [{"url": "soundcloud:tracks:1150488265"}, {"url": "beatport:track:15949981"}],
                "addedDate": "2026-04-10T07:41:53.736000Z",
                "urlBookmarkData": {"base64": base64.b64encode(b"book").decode(), "length": 4},
                "mark": {"repeated": [1, 2]},
                "rest": {"fields": {"a": True}},
                "odd": {"float": "inf"},
            },
        },
    }
    assert (code, err) == (0, "")
    assert line.isascii()


def test_one_bad_file_among_many_is_said_with_its_byte_and_the_rest_goes_on(decode, place, tmp_path):
    # Given
    bad = tmp_path / "bad.bin"
    bad.write_bytes(encode("text")[:-1])
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("no blob")

    # When
    code, out, err = decode("--json", bad, wrong, tmp_path / "absent.bin", tmp_path, place)

    # I expect
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["file"] for row in rows] == [str(path) for path in (bad, wrong, tmp_path / "absent.bin", tmp_path, place)]
    assert [row.get("offset") for row in rows] == [21, 0, None, None, None]
    assert ["error" in row for row in rows] == [True, True, True, True, False]
    assert code == console.FAILED
    assert "4 could not be read" in err


def test_a_database_is_a_line_per_row(decode, tmp_path):
    # Given
    truth = djay.generate(tmp_path, tracks=20, sessions=2, plays=10, playlists=2)

    # When
    code, out, _ = decode("--json", truth.library.source)

    # I expect
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {row["file"] for row in rows} == {truth.library.source}
    held = {row["key"]: row["value"] for row in rows if row["collection"] == "historySessions"}
    assert set(held) == {session.session_id for session in truth.library.sessions}
    titles = {row["key"]: row["value"]["fields"]["title"] for row in rows if row["collection"] == "mediaItemTitleIDs"}
    assert titles == {one: track.title for one, track in truth.library.tracks.items()}
    (own,) = [row["value"] for row in rows if row["collection"] == "databaseInfo"]
    assert base64.b64decode(own["base64"]).startswith(b"bplist00")


def test_the_folder_that_finder_shows_as_a_file_is_its_database(decode, tmp_path):
    truth = djay.generate(tmp_path / "djay Media Library.djayMediaLibrary", tracks=5, sessions=0, plays=0, playlists=0)
    code, out, _ = decode("--json", tmp_path / "djay Media Library.djayMediaLibrary")
    assert code == 0
    assert len([line for line in out.splitlines() if "mediaItemTitleIDs" in line]) == len(truth.library.tracks)


def test_a_row_of_a_database_that_cannot_be_read_keeps_its_bytes(decode, tmp_path):
    # Given
    truth = djay.generate(tmp_path, tracks=5, sessions=0, plays=0, playlists=0)

    connection = sqlite3.connect(truth.library.source)
    with connection:
        connection.execute(
            "INSERT INTO database2 (collection, key, data) VALUES ('queues', 'q', ?)", (b"TSAF\x03\x00\x03\x00\x99",)
        )
    connection.close()

    # When
    code, out, _ = decode("--json", truth.library.source)

    # I expect
    row = json.loads(out.splitlines()[-1])
    assert (row["collection"], row["key"], row["offset"]) == ("queues", "q", 9)
    assert base64.b64decode(row["data"]["base64"]) == b"TSAF\x03\x00\x03\x00\x99"
    assert code == console.FAILED


def test_another_programs_database_is_an_error(decode, tmp_path):
    # Given

    connection = sqlite3.connect(tmp_path / "other.db")
    with connection:
        connection.execute("CREATE TABLE songs (title)")
    connection.close()

    # When
    code, out, _ = decode("--json", tmp_path / "other.db")

    # I expect
    assert "no library of djay's" in json.loads(out)["error"]
    assert code == console.FAILED


def test_people_see_one_field_per_line_and_nothing_that_steers_the_terminal(decode, place):
    # When
    code, out, _ = decode(place)

    # I expect
    assert code == 0
    assert [line.rstrip() for line in out.splitlines()] == [
        str(place),
        "  ADCMediaItemLocation",
        "    titleIDs: 1",
        "      1: ADCMediaItemTitleID",
        "        title: Good[2J Catch",
        "        duration: 215.5",
        "    sourceURIs: 2",
        "      1: soundcloud:tracks:1150488265",
        "      2: beatport:track:15949981",
        "    addedDate: 2026-04-10T07:41:53.736000Z",
        "    urlBookmarkData: 4 bytes of data",
        "    mark: 1",
        "    mark: 2",
        "    rest: (no class)",
        "      a: true",
        "    odd: inf",
    ]


def test_an_error_is_said_to_people_where_it_belongs(decode, tmp_path):
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"nothing")
    code, out, err = decode(bad)
    assert out.replace("\n", " ").startswith(f"{bad}: this is no TSAF")
    assert "(byte 0)" in out
    assert "1 could not be read" in err
    assert code == console.FAILED


def test_without_a_file_it_is_a_mistake_in_usage(decode):
    code, _, err = decode()
    assert code == console.USAGE
    assert "FILE" in err


def test_the_group_helps_without_loading_a_client(decode, capsys):
    assert console.run(["djay", "--help"]) == 0
    assert "decode" in capsys.readouterr().out
