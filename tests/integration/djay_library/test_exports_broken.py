"""A bad file is named by its row, and what is no library says what is wanted."""

import shutil

import pytest

from crateline.clients.djay import legacy, reading
from crateline.clients.djay.columns import COLUMNS
from crateline.errors import LibraryUnreadable
from givens.djay_exports import a_folder, a_row, told, track_row


def test_a_row_of_another_length_is_left_out_and_named(tmp_path):
    folder = a_folder(tmp_path, djay_library_tracks=[track_row(1), ["only", "two"], track_row(2)])
    found = legacy.read(folder)
    assert len(found.tracks) == 2
    assert ("skipped", "djay_library_tracks.csv row 3", "2 cells instead of 15") in told(found)


def test_a_row_without_an_id_or_with_one_that_is_taken_is_left_out_and_named(tmp_path):
    folder = a_folder(tmp_path, djay_library_tracks=[track_row(1), track_row(1), track_row(track_id=" ")])
    found = legacy.read(folder)
    assert len(found.tracks) == 1
    assert [where for kind, where, _ in told(found) if kind == "skipped"] == [
        "djay_library_tracks.csv row 3",
        "djay_library_tracks.csv row 4",
    ]


@pytest.mark.parametrize(
    ("column", "text"),
    [("bpm", "fast"), ("bpm", "-3"), ("bpm", "inf"), ("key", "Xm"), ("added_date", "yesterday"), ("play_count", "1e999")],
)
def test_a_cell_that_cannot_be_read_is_unknown_and_named(tmp_path, column, text):
    found = legacy.read(a_folder(tmp_path, djay_library_tracks=[track_row(**{column: text, "title": "T"})]))
    (track,) = found.tracks.values()
    assert (track.bpm, track.key, track.added, track.play_count) == (None, "", None, None)
    assert [where for kind, where, detail in told(found) if kind == "unreadable" and detail.startswith(column)] == [
        "djay_library_tracks.csv row 2"
    ]


def test_plays_of_a_set_without_a_row_are_kept(tmp_path):
    row = a_row("djay_session_tracks", play_id="p", session_id="s", track_id="t", title="T", artist="A", deck_number="0")
    found = legacy.read(a_folder(tmp_path, djay_session_tracks=[row], djay_session_history=[]))
    assert [(one.session_id, one.end, len(one.plays)) for one in found.sessions] == [("s", None, 1)]
    assert any("set s has no row" in one.detail for one in found.findings)


def test_a_cell_that_is_no_number_is_said_to_be_none(tmp_path):
    found = legacy.read(a_folder(tmp_path, djay_library_tracks=[track_row(bpm="12a", title="T")]))
    assert "bpm: 12a is no number" in [one.detail for one in found.findings]


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    (tmp_path / "MediaLibrary.db").touch()
    with pytest.raises(LibraryUnreadable, match=r"MediaLibrary\.db: the file is empty"):
        reading.read(tmp_path / "MediaLibrary.db")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"track_id,title\r\n1,2\r\n", "row 1 has no column artist"),
        (",".join(COLUMNS["djay_library_tracks"]).encode() + b"\r\nab\xff,\r\n", "row 2 is not UTF-8"),
        (",".join(COLUMNS["djay_library_tracks"]).encode() + b'\r\nx\r\ny,"open\r\n', "row 3: unexpected end of data"),
        (b"", "row 1 has no column track_id"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_row(tmp_path, data, words):
    path = tmp_path / "djay_library_tracks.csv"
    path.write_bytes(data)
    with pytest.raises(LibraryUnreadable) as error:
        legacy.read(tmp_path)
    assert str(path) in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize("name", ["absent", "empty", "photo.jpg", "other.csv", "broken.db"])
def test_what_is_no_library_is_an_error_that_says_what_is_wanted(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "other.csv").write_text("price,date\n1,2\n")
    (tmp_path / "broken.db").write_bytes(b"")
    with pytest.raises(LibraryUnreadable, match=r"MediaLibrary\.db") as error:
        reading.read(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)


def test_nothing_that_is_read_is_changed(exported, tmp_path):
    copy = shutil.copytree(exported, tmp_path / "copy")
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in copy.iterdir()}
    reading.read(copy)
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in copy.iterdir()} == before
