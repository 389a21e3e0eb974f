"""From a SOURCE to the playlists behind it."""

from collections.abc import Iterator, Sequence

from crateline.domain import links
from crateline.domain.track import Playlist
from crateline.wiring import Wiring
from producers import csv_import, csv_table, listing, m3u
from producers.document import Document
from producers.following import Following
from producers.links_file import LinksFile
from producers.patience import Say
from producers.rows import Rows
from producers.source import Source

LOOKED_AT = 50
"""So many lines show whether a table without a head is a list of links."""


def read(wiring: Wiring, source: Source, *, limit: int | None = None, say: Say) -> Iterator[Playlist]:
    """Read a source: one playlist for a link, one or more for a list.

    `limit` is the most distinct tracks taken from each; `say` hears what a person should know meanwhile. Raises
    ConfigurationError for what a setting or another source would mend, and the errors of the platform's client.
    """
    if source.link is not None:
        yield listing.read(wiring, source.link, limit=limit, say=say)
    elif source.document is not None:
        for one in _listed(wiring, source.document, limit=limit, say=say):
            yield listing.first(one, limit)


def _listed(wiring: Wiring, document: Document, *, limit: int | None, say: Say) -> Iterator[Playlist]:
    """What a list holds is told by its lines, not by its name: Apple Music calls its tables `.txt`."""
    lines, following = document.lines(), Following(wiring=wiring, say=say)
    rows = Rows(label=document.file, name=document.name, say=say)
    table = csv_table.find(lines)
    if m3u.is_one(document.suffix, lines):
        m3u.read(lines, rows)
    elif table is not None:
        csv_import.read(table, rows)
    elif document.suffix in csv_import.SUFFIXES and not _has_links(lines):
        raise csv_import.refuse(document.label, lines)
    else:
        yield from LinksFile(document=document, following=following, say=say).read(lines, limit)
        return
    del lines, table  # a list may be large, and what follows takes its time
    yield from rows.playlists(following, limit)


def _has_links(lines: Sequence[str]) -> bool:
    return bool(links.read_lines("\n".join(lines[:LOOKED_AT])).links)
