"""A row of Music Tracks without a file: what a person has written there, as far as it says which track is meant."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row. `links` are its links and ids as they stand there, the likeliest first; `playlists` are pages' ids.

    `source_id` is the key that the line has written, if it has begun with this row; `created` is ISO 8601, to the minute.
    """

    page_id: str
    title: str = ""
    artist: str = ""
    duration: float | None = None
    links: tuple[str, ...] = ()
    status: str = ""
    reason: str = ""
    source_id: str = ""
    playlists: tuple[str, ...] = ()
    created: str = ""

    @property
    def name(self) -> str:
        """The row for people."""
        return " - ".join(filter(None, (self.artist, self.title))) or next(iter(self.links), self.page_id)
