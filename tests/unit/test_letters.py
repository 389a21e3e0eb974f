"""A file's bytes as lines: whoever wrote them, no letter is lost, and what is no text is named as what it is."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import letters

TEXT = "Título\tInterprète\nCafé del Mar\tÉnergie 52"
LINES = TEXT.split("\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_usual_encoding_and_line_end_is_read(encoding, end):
    assert letters.lines(TEXT.replace("\n", end).encode(encoding)) == LINES


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "mac-roman"])
def test_an_old_macs_lines_and_letters_are_read(encoding):
    assert letters.lines(TEXT.replace("\n", "\r").encode(encoding)) == LINES


def test_windows_own_signs_are_read():
    assert letters.lines("Björk’s – €\n".encode("cp1252")) == ["Björk’s – €", ""]  # noqa: RUF001  # the signs meant


def test_one_line_in_other_letters_does_not_spoil_the_rest():
    # Given two files joined by hand
    raw = "Café,Björk\n".encode() + "Über,Ärzte\n".encode("cp1252") + "日本,Ryūichi\n".encode()
    # I expect
    assert letters.lines(raw) == ["Café,Björk", "Über,Ärzte", "日本,Ryūichi", ""]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "a spreadsheet or an archive"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"SQLite format 3\x00", "a database"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><html>", "a web page"),
        (b"<HTML>\n", "a web page"),
        (b'<?xml version="1.0"?><DJ_PLAYLISTS/>', "XML"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no text"),
        (bytes(5000), "no text"),
    ],
)
def test_what_is_no_text_is_named(raw, sentence):
    with pytest.raises(ValueError, match=sentence):
        letters.lines(raw)


def test_a_few_control_characters_make_no_picture():
    assert letters.lines(b"Tw\x00o,\x07B\n") == ["Tw\x00o,\x07B", ""]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_whatever_is_written_in_utf_8_comes_back(rows):
    text = "title\n" + "\n".join(rows)
    assert letters.lines(text.encode()) == text.split("\n")


def outcome(raw):
    try:
        return letters.lines(raw), ""
    except ValueError as error:
        return [], str(error)


@given(st.binary(max_size=300))
def test_any_bytes_are_lines_or_a_sentence(raw):
    lines, sentence = outcome(b"title,artist\n" + raw)
    assert lines or sentence.startswith("it is ")


def test_noise_is_told_in_no_time():
    with pytest.raises(ValueError, match="no text"):
        letters.lines(b"\x01" + os.urandom(1 << 20))
