"""A text of links: its tracks are one playlist, named as the text is; its playlists stay playlists of their own."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from crateline.domain import links
from crateline.domain.links import Kind, Link
from crateline.domain.track import Playlist, Track
from crateline.errors import ConfigurationError, NotFound, SourceError
from crateline.wiring import Wiring
from producers import listing, rows
from producers.document import Document
from producers.patience import Say

SINGLE = (Kind.TRACK, Kind.SHORT)


def read(wiring: Wiring, document: Document, lines: Sequence[str], *, limit: int | None = None, say: Say) -> Iterator[Playlist]:
    """Give the playlist of the text's tracks, then every playlist it names, in the text's order.

    A line that cannot be used is said and left out. Raises ConfigurationError if none can be used.
    """
    listed = links.read_lines("\n".join(lines))
    for bad in listed.bad:
        say(f"{document.file}, {bad}")
    places: dict[Link, str] = {}
    for link, number in zip(listed.links, listed.numbers, strict=True):
        places.setdefault(link, f"{document.file}, line {number}")
    if not places:
        raise ConfigurationError(f"{document.label} has no link that can be used: write one a line, or a table with a head")
    singles = {link: place for link, place in places.items() if link.kind in SINGLE}
    if singles:
        yield rows.playlist(document.name, _tracks(wiring, islice(singles.items(), limit), say), prefix="links")
    for link in places:
        if link.kind not in SINGLE:
            yield listing.read(wiring, link, limit=limit, say=say)


def _tracks(wiring: Wiring, singles: Iterable[tuple[Link, str]], say: Say) -> Iterator[Track]:
    for link, place in singles:
        try:
            yield from listing.read(wiring, link, say=say).tracks
        except (SourceError, NotFound) as error:
            if link.key:
                yield rows.gone(link)
            else:
                say(f"{place}: {link.url}: {error}; left out")
        except ConfigurationError as error:
            say(f"{place}: {link.url}: {error}; left out")
