"""A file's bytes as lines of text, whoever wrote them: UTF-8, UTF-16, Windows' letters or an old Mac's, any line end."""

import re

SAMPLE = 4096
"""So many bytes tell what kind of file it is."""
CONTROLS = 0.05
"""Text has fewer control characters than this part of all; a picture or a recording has more."""
HALF = 0.4
"""Of UTF-16 about half the bytes are NUL, and all of these stand on one side."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_TEXT_END = re.compile(r"\r\n|\n|\r")
"""What ends a line. `splitlines` would end it at a form feed or a U+2028 in a title, too."""
_CONTROL = bytes(sorted({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1a\x1b\x1c")))
_OTHERS = (
    (b"PK\x03\x04", "it is a spreadsheet or an archive, not text: save it as CSV"),
    (b"%PDF", "it is a PDF, not text: export it as CSV"),
    (b"bplist", "it is a property list, not text: export it as CSV"),
    (b"SQLite format 3", "it is a database, not text: export it as CSV"),
    (b"<!doctype html", "it is a web page, not a list: download the export again"),
    (b"<html", "it is a web page, not a list: download the export again"),
    (b"<?xml", "it is XML: export the playlist as CSV or as text instead"),
)
"""How other kinds of files begin, and what to do about them."""


def lines(raw: bytes) -> list[str]:
    """The lines of a text. Raises ValueError with a sentence if it is no text at all."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _TEXT_END.split(raw.decode("utf-16", errors="replace"))
    _known_otherwise(raw[:SAMPLE])
    if sixteen := _without_mark(raw[:SAMPLE]):
        return _TEXT_END.split(raw.decode(sixteen, errors="replace"))
    _only_text(raw[:SAMPLE])
    whole = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return _TEXT_END.split(whole.decode("utf-8"))
    except UnicodeDecodeError:
        # Only an old Mac ends its lines with a CR alone; its letters have other numbers than Windows'.
        older = "cp1252" if b"\n" in whole else "mac-roman"
        return [_line(line, older) for line in _LINE_END.split(whole)]


def _without_mark(sample: bytes) -> str:
    """UTF-16 of mostly Latin letters is known by its NULs, even without a mark at its start."""
    even, odd = (part.count(0) / max(len(part), 1) for part in (sample[::2], sample[1::2]))
    if max(even, odd) < HALF or min(even, odd) > 1 - HALF:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _known_otherwise(sample: bytes) -> None:
    begin = sample.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, sentence in _OTHERS:
        if begin.startswith(mark.lower()):
            raise ValueError(sentence)


def _only_text(sample: bytes) -> None:
    if len(sample) - len(sample.translate(None, _CONTROL)) > max(CONTROLS * len(sample), 4):
        raise ValueError("it is no text")


def _line(line: bytes, older: str) -> str:
    """One line of a file that is not all UTF-8: two files joined by hand may be written in two ways."""
    for encoding in ("utf-8", older):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")
