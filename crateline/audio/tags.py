"""What a file says of itself to DJ programs: written once after conversion, and again whenever something is learnt."""

import math
import re
import shutil
import unicodedata
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import mutagen

from crateline.audio import dialects, loudness
from crateline.audio.replacement import replacing
from crateline.domain import keys
from crateline.errors import MediaError

_WORDS_LIMIT = 250  # characters; file browsers of players show far fewer
_COMMENT_LIMIT = 2_000
_BPM_RANGE = (1.0, 1_000.0)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", re.ASCII)
_OF_URLS = "%:/?#[]@!$&'()*+,;="  # ID3 wants URLs in ASCII: everything else is percent-encoded
_BREAK = re.compile(r"\s+")
_COMMENT = re.compile(r"((?:[1-9]|1[0-2])[AB])(?: - (.*))?", re.DOTALL)
# Marks that turn the direction of the text around them: with these a name can be made to look like another.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSPEAKABLE = {"Cc", "Cs", "Co"}  # control characters, half surrogates, private ones


@dataclass(frozen=True, kw_only=True, slots=True)
class Tags:
    """The words for one recording; empty text and None are not written.

    bpm: 0.01. key: one of the 24 names. camelot: stands before the comment. lufs, true_peak: become ReplayGain 2.0.
    key_notation: how the key field itself is spelt. rendered: how we have changed the loudness, see `render`.
    """

    title: str
    artist: str
    album: str = ""
    bpm: float | None = None
    key: str | None = None
    camelot: str | None = None
    comment: str = ""
    isrc: str = ""
    source_url: str = ""
    lufs: float | None = None
    true_peak: float | None = None
    genre: str = ""
    key_notation: Literal["musical", "camelot"] = "musical"
    rendered: str = ""


def write(path: Path, tags: Tags, cover: bytes | None) -> None:
    """Tag an M4A, AIFF, WAV, MP3 or FLAC file; `cover` is a JPEG, None keeps the picture that is there.

    A tagged copy takes the file's place: it is a new inode, so that hard links to the old one keep the old tags.
    Raises MediaError if the file is of another kind, or damaged; ServiceStopped if the disk is full.
    """
    with replacing(path) as part:
        shutil.copy(path, part)
        try:
            file, dialect = _open(part, path)
            dialect.put(file, _words(tags), cover)
            dialect.save(file)
        except mutagen.MutagenError as error:
            if error.args and isinstance(error.args[0], OSError):
                raise error.args[0] from None  # mutagen wraps what the disk says
            raise MediaError(f"The file cannot be tagged ({error})", str(path)) from None


def read(path: Path) -> Tags:
    """Read the tags back, whoever wrote them. Raises MediaError as `write` does."""
    try:
        file, dialect = _open(path, path)
    except mutagen.MutagenError as error:
        raise MediaError(f"The file's tags cannot be read ({error})", str(path)) from None
    return _understood(dialect.get(file))


def clean(text: str, *, limit: int = _WORDS_LIMIT) -> str:
    """Make foreign text fit for a tag: one line, no invisible control, nothing that reverses what stands around it."""
    text = _BREAK.sub(" ", unicodedata.normalize("NFC", text))
    kept = (letter for letter in text if letter not in _DIRECTIONS and unicodedata.category(letter) not in _UNSPEAKABLE)
    return "".join(kept).strip()[:limit].rstrip()


def _open(path: Path, subject: Path) -> tuple[Any, dialects.Dialect]:
    file = mutagen.File(path)
    dialect = dialects.of(file)
    if dialect is None:
        raise MediaError("This kind of file is not tagged (M4A, AIFF, WAV, MP3 and FLAC are)", str(subject))
    return file, dialect


def _words(tags: Tags) -> dialects.Words:
    words = {
        "title": clean(tags.title),
        "artist": clean(tags.artist),
        "album": clean(tags.album),
        "genre": clean(tags.genre),
        "comment": _comment(tags),
        "key": _key(tags),
        "isrc": tags.isrc if _ISRC.fullmatch(tags.isrc) else "",
        "rendered": clean(tags.rendered),
        "source": urllib.parse.quote(clean(tags.source_url, limit=_COMMENT_LIMIT), safe=_OF_URLS),
    }
    if tags.bpm is not None and _BPM_RANGE[0] <= tags.bpm < _BPM_RANGE[1]:
        words |= {"beats": str(round(tags.bpm)), "bpm": f"{tags.bpm:.2f}"}
    if tags.lufs is not None and math.isfinite(tags.lufs):
        words["gain"] = f"{loudness.replaygain(tags.lufs):.2f} dB"
    if tags.true_peak is not None and math.isfinite(tags.true_peak):
        words["peak"] = f"{loudness.to_amplitude(tags.true_peak):.6f}"
    return {name: value for name, value in words.items() if value}


def _comment(tags: Tags) -> str:
    comment = clean(tags.comment, limit=_COMMENT_LIMIT)
    key = keys.parse(tags.camelot or "")
    if key is None or comment == key.camelot:
        return comment
    return f"{key.camelot} - {comment}" if comment else key.camelot


def _key(tags: Tags) -> str:
    key = keys.parse(tags.key or "") or keys.parse(tags.camelot or "")
    if key is None:
        return ""
    return key.camelot if tags.key_notation == "camelot" else key.value


def _understood(words: dialects.Words) -> Tags:
    spelt = words.get("key", "")
    key = keys.parse(spelt)
    noted = _COMMENT.fullmatch(words.get("comment", ""))
    gain, peak = _number(words.get("gain", "").removesuffix("dB")), _number(words.get("peak", ""))
    return Tags(
        title=words.get("title", ""),
        artist=words.get("artist", ""),
        album=words.get("album", ""),
        genre=words.get("genre", ""),
        bpm=_number(words.get("bpm", "")) or _number(words.get("beats", "")),
        key=key.value if key else None,
        camelot=noted[1] if noted else None,
        comment=(noted[2] or "") if noted else words.get("comment", ""),
        isrc=words.get("isrc", ""),
        source_url=words.get("source", ""),
        lufs=None if gain is None else round(loudness.REPLAYGAIN_REFERENCE - gain, 2),
        true_peak=round(loudness.to_decibel(peak), 2) if peak and peak > 0 else None,
        rendered=words.get("rendered", ""),
        key_notation="camelot" if key and key.camelot == spelt else "musical",
    )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
