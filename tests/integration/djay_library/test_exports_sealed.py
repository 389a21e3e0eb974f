"""An export takes the place of an earlier one and of nothing else; one that was changed is not read on a guess."""

import pytest

from crateline.clients.djay import outgoing, reading, sealed
from crateline.domain.library import Library
from crateline.errors import ConfigurationError, LibraryUnreadable
from crateline.sandbox.djay import csv_exports


def test_an_export_takes_the_place_of_an_earlier_one_and_of_nothing_else(truth, tmp_path):
    # Given
    out = tmp_path / "out"
    outgoing.write(Library(source=""), out)
    outgoing.write(truth.library, out)
    assert len(reading.read(out).tracks) == 400

    # When something else lies there
    (out / "notes.txt").write_text("mine")

    # I expect
    with pytest.raises(ConfigurationError, match="holds other files"):
        outgoing.write(truth.library, out)
    assert (out / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_old_scripts_folder_is_never_written_into(truth, exported):
    before = {path: path.read_bytes() for path in exported.iterdir()}
    with pytest.raises(ConfigurationError, match="holds other files"):
        outgoing.write(truth.library, exported)
    assert {path: path.read_bytes() for path in exported.iterdir()} == before


def test_an_export_that_fails_leaves_the_earlier_one(truth, tmp_path, monkeypatch):
    # Given
    out = tmp_path / "out"
    outgoing.write(truth.library, out)

    # When the disk is full at the last file
    def full(*_anything):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sealed, "written", full)
    with pytest.raises(OSError, match="No space"):
        outgoing.write(Library(source=""), out)

    # I expect
    assert len(reading.read(out).tracks) == 400
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_was_edited_after_the_export_is_not_read_on_a_guess(truth, tmp_path):
    outgoing.write(truth.library, tmp_path / "out")
    with (tmp_path / "out" / "djay_playlists.csv").open("ab") as file:
        file.write(b"x,y,z,1,\r\n")
    with pytest.raises(LibraryUnreadable, match="changed since crateline wrote it"):
        reading.read(tmp_path / "out")


def test_an_old_export_among_ours_is_not_mistaken_for_one(truth, tmp_path):
    outgoing.write(truth.library, tmp_path / "out")
    csv_exports.write_legacy(truth, tmp_path / "out", stamp="20990101_000000")
    (tmp_path / "out" / "djay_playlists_20990101_000000.csv").unlink()
    with pytest.raises(LibraryUnreadable, match="not part of it"):
        reading.read(tmp_path / "out")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x"}', '{"format": "crateline djay export 1", "files": {}}'])
def test_a_broken_seal_is_an_error_or_no_seal(truth, tmp_path, text):
    csv_exports.write_legacy(truth, tmp_path)
    (tmp_path / sealed.NAME).write_text(text)
    if text.endswith("{}}"):  # it seals none of these files: they are the old script's
        assert reading.read(tmp_path).findings
        return
    with pytest.raises(LibraryUnreadable, match="seal"):
        reading.read(tmp_path)
