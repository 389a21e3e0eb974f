"""Words from outside, made harmless for a terminal: a title must not move the cursor, hide text or turn it around."""

import unicodedata

DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that change the direction of the text after them; joiners stay, since emoji and Persian need them."""

BREAKS = frozenset("\t\n\v\f\r\x85\u2028\u2029")


def one_line(text: str) -> str:
    """Give `text` on one line: line breaks become spaces, control characters and directions vanish."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if c in BREAKS else c for c in text if c in BREAKS or _shown(c))


def lines(text: str) -> str:
    """Give `text` with its line breaks, and nothing else that steers a terminal."""
    return "\n".join(one_line(line) for line in text.split("\n"))


def _shown(character: str) -> bool:
    return character not in DIRECTIONS and unicodedata.category(character) not in {"Cc", "Cs"}
