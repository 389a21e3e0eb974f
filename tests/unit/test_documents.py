"""Where lists come from: files, folders, archives and pipes; what is none is named, and nothing hangs or is unpacked."""

import io
import os
import re
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from crateline.errors import ConfigurationError
from producers import archive, document
from producers.source import expand

HEAD = "title,artist\n"


@pytest.fixture
def zipped(tmp_path):
    """Make an archive of these members; gives its path."""

    def make(members, name="spotify_playlists.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for member, text in members.items():
                file.writestr(member, text)
        return path

    return make


# Archives


def test_an_archive_means_every_list_in_it(zipped):
    # Given what Exportify makes of all playlists, and what a Mac puts beside it
    path = zipped(
        {
            "warm-up.csv": f"{HEAD}Night,Ada\n",
            "Spotify/Peak Time.CSV": f"{HEAD}Day,Ada\n",
            "Spotify/": "",
            "__MACOSX/._warm-up.csv": "\0\5\x16\7",
            ".DS_Store": "x",
            "._peak.csv": "x",
            "cover.jpg": "x",
        }
    )
    # When
    found = expand(str(path))
    # I expect
    assert [(one.document.name, one.text.rpartition(": ")[2]) for one in found] == [
        ("Peak Time", "Peak Time.CSV"),
        ("warm-up", "warm-up.csv"),
    ]
    assert [one.document.lines()[1] for one in found] == ["Day,Ada", "Night,Ada"]


@pytest.mark.parametrize("member", ["../../out.csv", "/etc/out.csv", "..\\..\\out.csv", "C:\\out.csv", "a/../../out.csv"])
def test_where_a_member_wants_to_lie_is_nobodys_concern(zipped, tmp_path, member):
    # When
    (found,) = expand(str(zipped({member: f"{HEAD}Night,Ada\n"})))
    # I expect
    assert (found.document.name, found.document.lines()[1]) == ("out", "Night,Ada")
    assert [one.name for one in tmp_path.iterdir()] == ["spotify_playlists.zip"]


def test_no_more_is_unpacked_than_a_list_may_have(zipped, monkeypatch):
    # Given an archive that is much larger inside, and one that says that it is not
    monkeypatch.setattr(document, "LARGEST_BYTES", 1000)
    path = zipped({"bomb.csv": HEAD + "x" * 100_000})
    (honest,) = expand(str(path))
    raw = path.read_bytes()
    path.write_bytes(raw.replace((100_000 + len(HEAD)).to_bytes(4, "little"), (500).to_bytes(4, "little")))
    (liar,) = expand(str(path))
    # I expect
    for one in (honest, liar):
        with pytest.raises(ConfigurationError, match=r"bomb\.csv|spotify_playlists\.zip"):
            one.document.lines()


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "holds no list"),
        ({"cover.jpg": "x", "inner.zip": "x"}, "holds no list"),
        ({"[Content_Types].xml": "x", "xl/sheet.csv": "x"}, "is a spreadsheet: save it as CSV"),
    ],
)
def test_an_archive_of_something_else_is_named(zipped, members, sentence):
    with pytest.raises(ConfigurationError, match=f"spotify_playlists.zip {sentence}"):
        expand(str(zipped(members)))


def test_an_archive_of_too_many_files_is_refused(zipped, monkeypatch):
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    with pytest.raises(ConfigurationError, match="holds 4 files"):
        expand(str(zipped({f"{number}.csv": HEAD for number in range(4)})))


@pytest.mark.parametrize("kept", [0, 10, 60, -30])
def test_a_torn_archive_is_named_and_nothing_of_it_is_taken(zipped, kept):
    # Given
    path = zipped({"a.csv": HEAD + "x" * 200})
    path.write_bytes(path.read_bytes()[:kept])
    # I expect
    with pytest.raises(ConfigurationError, match="no whole archive"):
        expand(str(path))


def test_a_damaged_member_is_named(zipped):
    # Given
    path = zipped({"a.csv": HEAD + os.urandom(500).hex()})
    raw = bytearray(path.read_bytes())
    raw[100] ^= 0xFF
    path.write_bytes(raw)
    (found,) = expand(str(path))
    # I expect
    with pytest.raises(ConfigurationError, match="no whole archive"):
        found.document.lines()


# Folders


def test_a_folder_names_what_it_cannot_read_and_follows_no_circle(tmp_path, zipped):
    # Given
    (tmp_path / "good.csv").write_text(f"{HEAD}Night,Ada\n")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    (tmp_path / "self.csv").symlink_to(tmp_path / "self.csv")
    (tmp_path / "around").symlink_to(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "._good.csv").write_bytes(b"\0\5\x16\7")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe.csv")
    zipped({"inside.csv": f"{HEAD}Day,Ada\n"})
    zipped({"cover.jpg": "x"}, "covers.zip")
    # When
    found = {one.document.file: one.document for one in expand(str(tmp_path))}
    # I expect
    assert set(found) == {"good.csv", "list.m3u8", "gone.csv", "self.csv", "torn.zip", "inside.csv"}
    for name, sentence in {"gone.csv": "No such file", "self.csv": "symbolic links", "torn.zip": "no whole archive"}.items():
        with pytest.raises(ConfigurationError, match=sentence):
            found[name].lines()


def test_a_link_to_a_file_that_is_gone_is_named_as_that(tmp_path):
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.raises(ConfigurationError, match="is a link to a file that is not there"):
        expand(str(tmp_path / "gone.csv"))


@pytest.mark.parametrize("text", ["nofile.csv", "lists/nofile.ZIP", "/tmp/no such folder at all", "./nofile", "no words.m3u8"])
def test_a_file_that_is_not_there_is_named_as_that(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=f"^There is no file {re.escape(str(Path(text)))}$"):
        expand(text)


@pytest.mark.parametrize("text", ["htps://soundcloud.com/a/b", "https://example.com/list.csv", "likd"])
def test_what_looks_like_a_link_or_a_word_is_told_what_to_paste(text):
    with pytest.raises(ConfigurationError, match="is not a link crateline knows"):
        expand(text)


def test_a_pipe_or_a_device_is_never_opened(tmp_path):
    # Given a pipe into which nobody writes
    os.mkfifo(tmp_path / "pipe.csv")
    # I expect
    for path in (str(tmp_path / "pipe.csv"), "/dev/zero"):
        (found,) = expand(path)
        with pytest.raises(ConfigurationError, match="is not a file"):
            found.document.lines()


# What is piped in, or pasted


def test_what_is_piped_in_is_a_list(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xff\xfet\0i\0t\0l\0e\0\n\0")))
    (found,) = expand("-")
    assert (found.text, found.document.name, found.document.lines()) == ("standard input", "Pasted", ["title", ""])


def test_what_is_piped_in_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(document, "LARGEST_BYTES", 1 << 16)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=open("/dev/zero", "rb", buffering=0)))  # noqa: SIM115, PTH123  # closed below
    try:
        with pytest.raises(ConfigurationError, match="standard input is larger"):
            expand("-")[0].document.lines()
    finally:
        sys.stdin.buffer.close()


def test_a_clipboard_of_links_is_taken_as_its_links():
    found = expand("https://soundcloud.com/a/one\n[two](https://soundcloud.com/a/two) https://soundcloud.com/a/one\n")
    assert [one.text for one in found] == ["https://soundcloud.com/a/one", "https://soundcloud.com/a/two"]


def test_a_clipboard_with_one_bad_line_is_refused_whole():
    with pytest.raises(ConfigurationError):
        expand("https://soundcloud.com/a/one\nhttps://tidal.com/track/1\n")
