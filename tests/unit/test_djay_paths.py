"""Where a file is: bookmarks of a Mac, file URIs of both systems, and djay's own folders."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crateline.clients.djay import bookmarks, paths, places
from crateline.errors import ConfigurationError
from crateline.sandbox.djay import bookmark

parts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=30).filter(
    lambda part: part not in {".", ".."}
)


@given(st.lists(parts, min_size=1, max_size=10))
@settings(deadline=None)
def test_a_bookmark_leads_to_the_path_that_was_marked(names):
    path = "/" + "/".join(names)
    assert bookmarks.path(bookmark.of(path)) == path


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_what_is_no_bookmark_is_refused(data):
    with pytest.raises(ValueError, match="bookmark"):
        bookmarks.path(data)


@given(st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=300)
def test_a_damaged_bookmark_ends_in_a_path_or_an_error(flips):
    hostile = bytearray(bookmark.of("/Users/dj/Music/Artist/Title.mp3"))
    for at, byte in flips:
        hostile[at % len(hostile)] = byte
    try:
        assert bookmarks.path(bytes(hostile)).startswith("/")
    except ValueError as error:
        assert "bookmark" in str(error)  # noqa: PT017  # either is fine, nothing else is


def test_a_bookmark_whose_tables_go_in_circles_ends():
    # Given a table of contents that names itself as the next one
    hostile = bytearray(bookmark.of("/a"))
    (table,) = struct.unpack_from("<I", hostile, bookmark.HEADER)
    at = bookmark.HEADER + table
    struct.pack_into("<I", hostile, at + 12, table)
    struct.pack_into("<I", hostile, at + 20, 0x9999)

    # I expect
    with pytest.raises(ValueError, match="no path"):
        bookmarks.path(bytes(hostile))


def test_a_bookmark_that_repeats_one_long_part_is_refused():
    # Given
    many = bookmark.of("/" + "/".join(["x" * 30] * 2000))

    # I expect
    with pytest.raises(ValueError, match="longer than any path"):
        bookmarks.path(many)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///D:%5CMusic%5Ca_(x).mp3", r"D:\Music\a_(x).mp3"),
        ("file:///C:/Users/x%20y/a.mp3", r"C:\Users\x y\a.mp3"),
        ("file:///Users/dj/a%23b%3F.mp3", "/Users/dj/a#b?.mp3"),
        ("file:///Volumes/USB/%C3%A9.mp3", "/Volumes/USB/é.mp3"),
        ("file://localhost/Users/x", "/Users/x"),
        ("FILE:///Users/x", "/Users/x"),
        ("file://nas/share/x.mp3", r"\\nas\share\x.mp3"),
        ("file://[", ""),
        ("soundcloud:tracks:1", ""),
        ("com.apple.iTunes:5", ""),
        ("", ""),
    ],
)
def test_a_file_uri_is_a_path_of_its_own_system(uri, path):
    assert paths.of_uri(uri) == path


# djay's folders


def library(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / places.FILE).write_bytes(b"")
    return folder / places.FILE


def test_the_library_in_use_comes_first_and_then_the_newest_backup(tmp_path):
    # Given
    djay = tmp_path / "Music" / "djay"
    old = library(djay / "Backups" / "2025-12-31" / "djay Media Library")
    new = library(djay / "Backups" / "2026-01-02" / "djay Media Library")
    (djay / "Backups" / "2026-01-03").mkdir()
    live = library(djay / "djay Media Library.djayMediaLibrary")

    # I expect
    assert places.locate(tmp_path) == [live, new, old]


def test_windows_has_another_name_for_the_folder(tmp_path):
    live = library(tmp_path / "Music" / "djay" / "djay Media Library")
    assert places.locate(tmp_path) == [live]


@pytest.mark.parametrize(
    "named", [".", "djay Media Library.djayMediaLibrary", "djay Media Library.djayMediaLibrary/MediaLibrary.db"]
)
def test_a_library_is_found_by_its_file_and_by_the_folders_around_it(tmp_path, named):
    file = library(tmp_path / "djay Media Library.djayMediaLibrary")
    assert places.resolve(tmp_path / named).samefile(file)


def test_a_backup_is_found_by_its_day(tmp_path):
    file = library(tmp_path / "2026-01-02" / "djay Media Library")
    library(tmp_path / "2026-01-01" / "djay Media Library")
    assert places.resolve(tmp_path / "2026-01-02") == file
    assert places.resolve(tmp_path) == file


def test_a_library_that_is_not_there_is_a_matter_of_settings(tmp_path, clean_environment):
    clean_environment.setenv("HOME", str(tmp_path))
    for path in (None, tmp_path, tmp_path / "absent"):
        with pytest.raises(ConfigurationError):
            places.resolve(path)


def test_the_usual_place_is_that_of_whoever_asks(tmp_path, clean_environment):
    clean_environment.setenv("HOME", str(tmp_path))
    file = library(tmp_path / "Music" / "djay" / "djay Media Library.djayMediaLibrary")
    assert places.resolve(None) == file
