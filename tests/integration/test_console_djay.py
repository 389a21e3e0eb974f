"""`crateline djay` at the console: what it answers, what it shows, and how it ends."""

import contextlib
import sqlite3

import pytest

from crateline.sandbox.djay import truth as imaginary
from crateline.sandbox.djay import writing
from crateline.sandbox.notion import pages

ANSWER = {"read", "matched", "created", "updated", "unchanged", "review", "failed"}


@pytest.fixture
def folder(world, settled_in, crateline, tmp_path):
    """A library of thirty tracks, of which twenty have pages, and a workspace that is ready for it."""
    known = writing.generate(
        tmp_path / "djay", tracks=30, sessions=3, plays=20, playlists=1, listed=imaginary.listed(world.world)
    )
    database = world.notion.databases[world.environment["TRACKS_DB_ID"]]
    source = world.notion.data_sources[database.data_sources[0]]
    rows = [
        {"Name": one.title, "Artist": one.artist, "Duration": one.duration} for one in list(known.library.tracks.values())[:20]
    ]
    with world.notion.lock:
        pages.add_rows(world.notion, source, rows)
    crateline("schema", "apply")
    return str(tmp_path / "djay")


def test_an_answer_has_the_words_of_the_contract_and_nothing_else_is_on_stdout(folder, crateline):
    # When
    ended = crateline("djay", "--from", folder, "--json")

    # I expect
    (row,) = ended.rows
    assert ended.code == 0
    assert set(row) >= ANSWER
    assert row["read"]["tracks"] == 30
    assert row["pages"]["sessions"]["created"] == row["created"] > 0
    assert sum(row["matched"].values()) + row["review"] + row["absent"] == 30

    # When it is asked for in parts
    answers = [crateline("djay", part, "--from", folder, "--json").rows[0] for part in ("ids", "sessions", "activity")]

    # I expect
    assert [(answer["created"], answer["updated"]) for answer in answers] == [(0, 0)] * 3


def test_people_see_the_match_rate_by_way_of_matching(folder, crateline):
    # When
    ended = crateline("djay", "ids", "--from", folder, "--dry-run")

    # I expect
    assert "would be written" in ended.out
    assert "without a page" in ended.out
    assert " %" in ended.out
    assert "30 tracks, 3 sets" in ended.err


def test_what_cannot_be_read_is_said_before_the_rest_goes_on(folder, crateline):
    # Given
    with contextlib.closing(sqlite3.connect(f"{folder}/MediaLibrary.db")) as connection, connection:
        connection.execute("UPDATE database2 SET data = x'00' WHERE collection = 'mediaItemUserData'")
        connection.execute("UPDATE database2 SET data = x'00' WHERE rowid = (SELECT max(rowid) FROM database2)")

    # When
    ended = crateline("djay", "ids", "--from", folder, "--dry-run")

    # I expect
    assert ended.code == 0
    assert "Not everything in it can be read" in ended.err


def test_streams_that_nobody_knows_are_listed(folder, crateline):
    # When
    ended = crateline("djay", "unmatched", "--from", folder, "--dry-run")

    # I expect
    assert ended.code == 0
    assert "streams were played that Notion or Eagle does not know" in ended.err


def test_without_a_library_or_a_setting_it_says_what_is_missing(settled_in, crateline, tmp_path):
    # When
    absent = crateline("djay", "--from", str(tmp_path / "nowhere"))
    settled_in.setenv("CALENDAR_DB_ID", "")
    unset = crateline("djay", "sessions", "--from", str(tmp_path))

    # I expect
    assert absent.code == 1
    assert "nowhere" in absent.err
    assert unset.code == 2
    assert "CALENDAR_DB_ID" in unset.err


def test_an_option_before_a_command_is_not_swallowed(settled_in, crateline):
    ended = crateline("djay", "--dry-run", "ids")
    assert ended.code == 2
    assert "crateline djay ids" in ended.err
