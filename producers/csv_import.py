"""Playlists exported as CSV (Exportify, TuneMyMusic, Soundiiz, djay): the way in for lists that no platform shows us."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from crateline.domain import folding, links
from crateline.domain.links import Kind
from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.errors import ConfigurationError
from producers import csv_table
from producers.csv_table import Row
from producers.patience import Say

SUFFIXES = frozenset({".csv", ".tsv"})

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("track uri", "spotify uri", "spotify - id", "spotify id", "spotify track id", "track id", "uri"),
    "link": ("track url", "track link", "url", "link", "spotify link"),
    "title": ("track name", "title", "name", "track", "song"),
    "artist": ("artist name(s)", "artist name", "artist", "artists"),
    "album": ("album name", "album"),
    "milliseconds": ("track duration (ms)", "duration (ms)", "duration_ms"),
    "time": ("time", "duration", "length"),
    "isrc": ("isrc",),
    "artwork_url": ("album image url",),
    "playlist": ("playlist name", "playlist"),
}
"""What the exporters call each column, in lower case; the first that is there counts."""

PLAYABLE = frozenset({Platform.SOUNDCLOUD, Platform.YOUTUBE})
"""Platforms whose audio can be fetched by the link alone."""

LEAST_MILLISECONDS = 10_000
"""A bare number of so much is no track's length in seconds."""

_ID = re.compile(r"(?:spotify:track:)?([0-9A-Za-z]{22})")
_TIME = re.compile(r"(?:(\d+):)?(\d{1,3}):([0-5]\d)")


def read(path: Path, *, say: Say) -> Iterator[Playlist]:
    """Read an export: one playlist named after the file, or one per name where it has a column of playlists' names.

    Each row that cannot be used is said with its number. Its identity is the playlist's name, so that a newer export of
    the same playlist adds to it. Raises ConfigurationError if the file cannot be read or none of its rows can be used.
    """
    table = csv_table.read(path)
    known = {word: name for word, names in COLUMNS.items() for name in reversed(names) if name in table.columns}
    if not known.keys() & {"id", "link"} and not {"title", "artist"} <= known.keys():
        raise ConfigurationError(
            f"{path} has no columns for tracks («Track URI», or «Title» and «Artist»): export it with Exportify"
        )
    for bad in table.bad:
        say(f"{path.name}, {bad}; left out")
    lists: dict[str, list[Track]] = {}
    for row in table.rows:
        words = {word: row.cells.get(name, "") for word, name in known.items()}
        track = _usable(row, words, path, say)
        if track is not None:
            lists.setdefault(words.get("playlist") or path.stem, []).append(track)
    if not lists:
        raise ConfigurationError(f"{path} names no track")
    for name, tracks in lists.items():
        yield _playlist(name, tracks)


def _playlist(name: str, tracks: list[Track]) -> Playlist:
    digest = hashlib.sha1(folding.fold(name).encode(), usedforsecurity=False).hexdigest()
    platforms = {track.platform for track in tracks}
    platform = platforms.pop() if len(platforms) == 1 else Platform.LOCAL
    return Playlist(key=f"csv:{digest}", name=name, url="", platform=platform, source_id=digest, tracks=tuple(tracks))


def _usable(row: Row, words: Mapping[str, str], path: Path, say: Say) -> Track | None:
    """The row's track; says why it has none, or is not the one that it names."""
    uri = words.get("id", "")
    if uri.startswith("spotify:") and not uri.startswith("spotify:track:"):
        what = "a file on somebody's disk" if uri.startswith("spotify:local:") else f"no track ({uri[:40]})"
        say(f"{path.name}, row {row.line}: {what}; left out")
        return None
    link = _link(uri, words.get("link", ""))
    if link is None and not (words.get("title") and words.get("artist")):
        say(f"{path.name}, row {row.line}: neither a link nor title and artist; left out")
        return None
    if link is None and uri:
        say(f"{path.name}, row {row.line}: «{uri[:40]}» is no id that can be used; taken by its title and artist")
    return _track(words, link)


def _link(uri: str, url: str) -> links.Link | None:
    """The track that an id or a link means, if its key can be told from it."""
    if found := _ID.fullmatch(uri):
        return links.classify(f"spotify:track:{found[1]}")
    for text in filter(None, (uri, url)):
        try:
            link = links.classify(text)
        except ValueError:
            continue
        whole = link.platform is not Platform.SPOTIFY or _ID.fullmatch(link.id)
        if link.kind is Kind.TRACK and link.key and whole:
            return link
    return None


def _track(words: Mapping[str, str], link: links.Link | None) -> Track:
    isrc = words.get("isrc", "").replace("-", "").upper()
    artist = ", ".join(part.strip() for part in words.get("artist", "").split(";") if part.strip())
    title = words.get("title", "")
    return Track(
        key=link.key if link else words_key(artist, title, isrc),
        title=title,
        artist=artist,
        url=link.url if link else "",
        platform=link.platform if link else Platform.LOCAL,
        duration=_seconds(words),
        availability=Availability.PLAYABLE if link and link.platform in PLAYABLE else Availability.ELSEWHERE,
        isrc=isrc,
        album=words.get("album", ""),
        artwork_url=words.get("artwork_url", ""),
    )


def words_key(artist: str, title: str, isrc: str) -> str:
    """The key of a track that is known by its words alone: its ISRC, else what artist and title come to when folded."""
    if isrc:
        return f"isrc:{isrc}"
    said = f"{folding.fold(artist)}\n{folding.fold(title)}"
    return f"words:{hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()}"


def _seconds(words: Mapping[str, str]) -> float | None:
    milliseconds = words.get("milliseconds", "")
    if milliseconds.isdecimal() and int(milliseconds):
        return int(milliseconds) / 1000
    time = words.get("time", "")
    if time.isdecimal():
        return float(time) / (1000 if int(time) >= LEAST_MILLISECONDS else 1) or None
    if (found := _TIME.fullmatch(time)) is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(hours * 3600 + minutes * 60 + seconds) or None
