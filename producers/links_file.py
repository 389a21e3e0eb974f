"""A text file of links: its tracks are one playlist named after the file, its playlists stay playlists of their own."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from crateline.domain import folding, links
from crateline.domain.links import Kind, Link
from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.errors import ConfigurationError, NotFound, SourceError
from crateline.wiring import Wiring
from producers import listing
from producers.patience import Say

LARGEST_BYTES = 4 << 20
SINGLE = (Kind.TRACK, Kind.SHORT)


def read(wiring: Wiring, path: Path, *, limit: int | None = None, say: Say) -> Iterator[Playlist]:
    """Give the playlist of the file's tracks, then every playlist it names, in the file's order.

    A line that cannot be used is said and left out. Raises ConfigurationError if none can be used.
    """
    listed = links.read_lines(_text(path))
    for bad in listed.bad:
        say(f"{path.name}, {bad}")
    wanted = list(dict.fromkeys(listed.links))
    if not wanted:
        raise ConfigurationError(f"{path} has no link that can be used: write one a line")
    singles = [link for link in wanted if link.kind in SINGLE]
    if singles:
        yield _gathered(path, _tracks(wiring, singles[:limit], say))
    for link in wanted:
        if link.kind not in SINGLE:
            yield listing.read(wiring, link, limit=limit, say=say)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigurationError(f"{path} is larger than {LARGEST_BYTES >> 20} MiB: it is no list of links")
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None


def _tracks(wiring: Wiring, singles: Iterable[Link], say: Say) -> Iterator[Track]:
    for link in singles:
        try:
            yield from listing.read(wiring, link, say=say).tracks
        except (SourceError, NotFound) as error:
            if link.key:
                yield _gone(link)
            else:
                say(f"{link.url}: {error}; left out")
        except ConfigurationError as error:
            say(f"{link.url}: {error}; left out")


def _gone(link: Link) -> Track:
    """A track that is known by its key alone: it is refused at once, and seen to be."""
    return Track(key=link.key, title="", artist="", url=link.url, platform=link.platform, availability=Availability.GONE)


def _gathered(path: Path, tracks: Iterable[Track]) -> Playlist:
    """The playlist is known by its name, so that lines that are added to the file are added to it."""
    digest = hashlib.sha1(folding.fold(path.stem).encode(), usedforsecurity=False).hexdigest()
    rows = tuple(tracks)
    platforms = {track.platform for track in rows}
    platform = platforms.pop() if len(platforms) == 1 else Platform.LOCAL
    return Playlist(key=f"links:{digest}", name=path.stem, url="", platform=platform, source_id=digest, tracks=rows)
