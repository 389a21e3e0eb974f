"""A text of links: its tracks are one playlist, named as the text is; its playlists stay playlists of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from crateline.domain import links
from crateline.domain.links import Kind, Link
from crateline.domain.track import Playlist, Track
from crateline.errors import ConfigurationError, CratelineError
from producers import enrolment, rows
from producers.document import Document
from producers.following import LASTING, Following
from producers.patience import Say

SINGLE = (Kind.TRACK, Kind.SHORT)


@dataclass(kw_only=True, slots=True)
class LinksFile:
    """One text as it is read. `places` says where in it each link stands first; `lists` are what short links led to."""

    document: Document
    following: Following
    say: Say
    places: dict[Link, str] = field(default_factory=dict)
    lists: dict[Link, Playlist] = field(default_factory=dict)

    def read(self, lines: Sequence[str], limit: int | None = None) -> Iterator[Playlist]:
        """Give the playlist of the text's tracks, then every playlist it names, in the text's order.

        What cannot be used is said and left out. Raises ConfigurationError if nothing can be used; and in the end what stood
        in the way, if one of its playlists could not be read, or a service was away.
        """
        self._find(lines)
        singles = [link for link in self.places if link.kind in SINGLE]
        tracks = tuple(track for link in islice(singles, limit) for track in self._tracks(link))
        if tracks:
            yield rows.playlist(self.document.name, tracks, prefix="links")
        others = [link for link in self.places if link.kind not in SINGLE or link in self.lists]
        if not tracks and not others:
            self.following.end()
            raise ConfigurationError(f"{self.document.label} names no track")
        yield from self._others(others, limit)
        self.following.end()

    def _find(self, lines: Sequence[str]) -> None:
        listed = links.read_lines("\n".join(lines))
        for bad in listed.bad:
            self.say(f"{self.document.file}, {bad}")
        for link, number in zip(listed.links, listed.numbers, strict=True):
            self.places.setdefault(link, f"{self.document.file}, line {number}")
        if not self.places:
            raise ConfigurationError(
                f"{self.document.label} has no link that can be used: write one a line, or a table with a head"
            )

    def _tracks(self, link: Link) -> Sequence[Track]:
        """The track behind a link. A short link may lead to a playlist, which stays one."""
        try:
            found = self.following.read(link)
        except CratelineError as error:
            if link.key and isinstance(error, LASTING):
                return (rows.gone(link),)
            self._leave(link, error)
            return ()
        if link.kind is Kind.TRACK or found.key.startswith(enrolment.SINGLE):
            return found.tracks
        self.lists[link] = found
        return ()

    def _others(self, others: Sequence[Link], limit: int | None) -> Iterator[Playlist]:
        problem: CratelineError | None = None
        for link in others:
            try:
                found = self.lists.get(link) or self.following.read(link, limit)
            except CratelineError as error:
                self._leave(link, error)
                problem = problem or error
                continue
            yield found
        if problem is not None:
            raise problem

    def _leave(self, link: Link, error: CratelineError) -> None:
        self.say(f"{self.places[link]}: {link.url}: {error}; left out")
