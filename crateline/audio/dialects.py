# mypy: allow-untyped-calls
# mutagen is typed in its outline only.
"""How each kind of file spells the same words: M4A atoms, ID3v2.3 frames (AIFF, WAV, MP3), Vorbis comments (FLAC).

A dialect reads and writes plain text by our own names (`NAMES`); what else a file says, other programs' cue points
among it, is left alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import mutagen.aiff
import mutagen.flac
import mutagen.id3
import mutagen.mp3
import mutagen.mp4
import mutagen.wave

NAMES = ("title", "artist", "album", "genre", "comment", "beats", "bpm", "key", "isrc", "source", "gain", "peak", "rendered")
"""beats: BPM as a whole number, bpm: exactly; gain, peak: of ReplayGain; source: the URL that the sound came from; rendered:
how the loudness was changed by us."""

RENDERED = "CRATELINE_RENDERED"

Words = Mapping[str, str]
_FRONT = 3  # front cover, in ID3's list of pictures
_JPEG = "image/jpeg"


class Dialect(Protocol):
    """One spelling. `put` sets the words that are given and removes those of NAMES that are not; `cover` is a JPEG."""

    def put(self, file: Any, words: Words, cover: bytes | None) -> None:
        """Change the tags in memory."""

    def get(self, file: Any) -> Words:
        """Read the words that are there."""

    def save(self, file: Any) -> None:
        """Write the file."""


def of(file: Any) -> Dialect | None:
    """Give the dialect of an opened file; None for a kind that we do not tag."""
    for kinds, dialect in _DIALECTS:
        if isinstance(file, kinds):
            return dialect
    return None


class _Mp4:
    _ATOMS = (("title", "©nam"), ("artist", "©ART"), ("album", "©alb"), ("genre", "©gen"), ("comment", "©cmt"))
    _FREE = (
        ("bpm", "BPM"),
        ("key", "initialkey"),
        ("isrc", "ISRC"),
        ("source", "SOURCEURL"),
        ("gain", "replaygain_track_gain"),
        ("peak", "replaygain_track_peak"),
        ("rendered", RENDERED),
    )
    _BEATS = "tmpo"  # holds a whole number and nothing else

    def put(self, file: Any, words: Words, cover: bytes | None) -> None:
        tags = _tags(file)
        for name, atom in self._ATOMS:
            _set(tags, atom, words.get(name))
        for name, label in self._FREE:
            value = words.get(name)
            _set(tags, _free(label), value and mutagen.mp4.MP4FreeForm(value.encode()))
        _set(tags, self._BEATS, int(words["beats"]) if "beats" in words else None)
        if cover is not None:
            tags["covr"] = [mutagen.mp4.MP4Cover(cover, mutagen.mp4.MP4Cover.FORMAT_JPEG)]

    def get(self, file: Any) -> Words:
        tags = file.tags or {}
        words = {name: tags.get(atom) for name, atom in (*self._ATOMS, ("beats", self._BEATS))}
        words |= {name: tags.get(_free(label)) for name, label in self._FREE}
        return {name: _text(values) for name, values in words.items() if values}

    def save(self, file: Any) -> None:
        file.save()


class _Id3:
    _FRAMES = (
        ("title", "TIT2"),
        ("artist", "TPE1"),
        ("album", "TALB"),
        ("genre", "TCON"),
        ("beats", "TBPM"),  # a whole number, by the standard
        ("key", "TKEY"),  # three characters at most
        ("isrc", "TSRC"),
    )
    _FREE = (
        ("bpm", "BPM"),
        ("gain", "REPLAYGAIN_TRACK_GAIN"),
        ("peak", "REPLAYGAIN_TRACK_PEAK"),
        ("rendered", RENDERED),
    )
    _UTF16 = mutagen.id3.Encoding.UTF16

    def put(self, file: Any, words: Words, cover: bytes | None) -> None:
        tags = _tags(file)
        for name, frame in self._FRAMES:
            self._replace(tags, frame, _made(getattr(mutagen.id3, frame), words.get(name), encoding=self._UTF16))
        for name, label in self._FREE:
            made = _made(mutagen.id3.TXXX, words.get(name), encoding=self._UTF16, desc=label)
            self._replace(tags, f"TXXX:{label}", made)
        self._replace(tags, "COMM::eng", _made(mutagen.id3.COMM, words.get("comment"), encoding=self._UTF16, lang="eng"))
        self._replace(tags, "WOAS", mutagen.id3.WOAS(url=words["source"]) if "source" in words else None)
        if cover is not None:
            picture = mutagen.id3.APIC(encoding=self._UTF16, mime=_JPEG, type=_FRONT, desc="", data=cover)
            self._replace(tags, "APIC", picture)

    def get(self, file: Any) -> Words:
        tags = file.tags or {}
        words = {name: tags.get(frame) for name, frame in self._FRAMES}
        words |= {name: tags.get(f"TXXX:{label}") for name, label in self._FREE}
        words["comment"] = tags.get("COMM::eng")
        found = {name: _text(frame.text) for name, frame in words.items() if frame is not None and frame.text}
        return found | ({"source": tags["WOAS"].url} if "WOAS" in tags else {})

    def save(self, file: Any) -> None:
        file.save(v2_version=3)

    def _replace(self, tags: Any, name: str, frame: Any) -> None:
        tags.delall(name)
        if frame is not None:
            tags.add(frame)


class _Vorbis:
    _COMMENTS = (
        ("title", "TITLE"),
        ("artist", "ARTIST"),
        ("album", "ALBUM"),
        ("genre", "GENRE"),
        ("comment", "COMMENT"),
        ("bpm", "BPM"),
        ("key", "INITIALKEY"),  # never KEY, where Mixed In Key keeps data of its own
        ("isrc", "ISRC"),
        ("source", "SOURCEURL"),
        ("gain", "REPLAYGAIN_TRACK_GAIN"),
        ("peak", "REPLAYGAIN_TRACK_PEAK"),
        ("rendered", RENDERED),
    )

    def put(self, file: Any, words: Words, cover: bytes | None) -> None:
        tags = _tags(file)
        for name, comment in self._COMMENTS:
            _set(tags, comment, words.get(name))
        if cover is not None:
            picture = mutagen.flac.Picture()
            picture.type, picture.mime, picture.data = _FRONT, _JPEG, cover
            file.clear_pictures()
            file.add_picture(picture)

    def get(self, file: Any) -> Words:
        tags = file.tags or {}
        return {name: _text(tags[comment]) for name, comment in self._COMMENTS if tags.get(comment)}

    def save(self, file: Any) -> None:
        file.save()


_DIALECTS: tuple[tuple[Any, Dialect], ...] = (
    (mutagen.mp4.MP4, _Mp4()),
    ((mutagen.aiff.AIFF, mutagen.wave.WAVE, mutagen.mp3.MP3), _Id3()),
    (mutagen.flac.FLAC, _Vorbis()),
)


def _tags(file: Any) -> Any:
    if file.tags is None:
        file.add_tags()
    return file.tags


def _set(tags: Any, name: str, value: Any) -> None:
    if value:
        tags[name] = [value]
    elif name in tags:
        del tags[name]


def _made(frame: Any, value: str | None, **details: Any) -> Any:
    return frame(text=[value], **details) if value else None


def _free(label: str) -> str:
    return f"----:com.apple.iTunes:{label}"


def _text(values: Iterable[Any]) -> str:
    """Give the first of a tag's values as text."""
    first = next(iter(values), "")
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
