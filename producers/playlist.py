"""From a SOURCE to the playlists behind it."""

from collections.abc import Iterator

from crateline.domain.track import Playlist
from crateline.wiring import Wiring
from producers import csv_import, links_file, listing
from producers.patience import Say
from producers.source import Source


def read(wiring: Wiring, source: Source, *, limit: int | None = None, say: Say) -> Iterator[Playlist]:
    """Read a source: one playlist for a link, one or more for a file.

    `limit` is the most distinct tracks taken from each; `say` hears what a person should know meanwhile. Raises
    ConfigurationError for what a setting or another source would mend, and the errors of the platform's client.
    """
    if source.link is not None:
        yield listing.read(wiring, source.link, limit=limit, say=say)
    elif source.file is not None and source.file.suffix.lower() in csv_import.SUFFIXES:
        for one in csv_import.read(source.file, say=say):
            yield listing.first(one, limit)
    elif source.file is not None:
        yield from links_file.read(wiring, source.file, limit=limit, say=say)
