"""A playlist exported as CSV (Exportify, TuneMyMusic): the way in for Spotify playlists that belong to somebody else."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.errors import ConfigurationError
from producers.patience import Say

SUFFIXES = frozenset({".csv", ".tsv"})
LARGEST_BYTES = 32 << 20

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("track uri", "spotify uri", "spotify - id", "spotify id", "track id", "uri"),
    "title": ("track name", "title", "name", "track"),
    "artist": ("artist name(s)", "artist name", "artist", "artists"),
    "album": ("album name", "album"),
    "milliseconds": ("track duration (ms)", "duration (ms)", "duration_ms"),
    "isrc": ("isrc",),
    "artwork_url": ("album image url",),
}
"""What the exporters call each column, in lower case; the first that is there counts."""

_ID = re.compile(r"(?:spotify:track:|https://open\.spotify\.com/track/)?([0-9A-Za-z]{22})(?:\?.*)?")


def read(path: Path, *, say: Say) -> Playlist:
    """Read an exported playlist, named after the file. Its tracks are Spotify's, so their audio is matched elsewhere.

    Rows without a Spotify track (local files, episodes) are counted and left out. Raises ConfigurationError if the file
    cannot be read or has no column of Spotify ids.
    """
    rows = list(_rows(_text(path), path))
    tracks = tuple(track for row in rows if (track := _track(row)) is not None)
    if len(tracks) < len(rows):
        say(f"{path.name}: {len(rows) - len(tracks)} rows without a Spotify track left out")
    if not tracks:
        raise ConfigurationError(f"{path} names no Spotify track")
    digest = hashlib.sha1("\n".join(track.key for track in tracks).encode(), usedforsecurity=False).hexdigest()
    return Playlist(key=f"links:{digest}", name=path.stem, url="", platform=Platform.SPOTIFY, source_id=digest, tracks=tracks)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigurationError(f"{path} is larger than {LARGEST_BYTES >> 20} MiB: it is no playlist")
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None


def _rows(text: str, path: Path) -> Iterator[dict[str, str]]:
    """Each row by our words for its columns."""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    table = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    there = {name.strip().casefold(): name for name in table.fieldnames or ()}
    known = {word: there[name] for word, names in COLUMNS.items() for name in reversed(names) if name in there}
    if not {"id", "title"} <= set(known):
        raise ConfigurationError(f"{path} has no columns «Track URI» and «Track Name»: export it with Exportify")
    try:
        yield from ({word: (row[name] or "").strip() for word, name in known.items()} for row in table)
    except csv.Error as error:
        raise ConfigurationError(f"{path} is no CSV that can be read: {error}") from None


def _track(row: Mapping[str, str]) -> Track | None:
    found = _ID.fullmatch(row["id"])
    if found is None:
        return None
    milliseconds = row.get("milliseconds", "")
    return Track(
        key=f"spotify:track:{found[1]}",
        title=row["title"],
        artist=", ".join(part.strip() for part in row.get("artist", "").split(";") if part.strip()),
        url=f"https://open.spotify.com/track/{found[1]}",
        platform=Platform.SPOTIFY,
        duration=int(milliseconds) / 1000 if milliseconds.isdecimal() and int(milliseconds) else None,
        availability=Availability.ELSEWHERE,
        isrc=row.get("isrc", "").replace("-", "").upper(),
        album=row.get("album", ""),
        artwork_url=row.get("artwork_url", ""),
    )
