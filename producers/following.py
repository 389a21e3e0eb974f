"""Following many links, one after another: one that leads nowhere costs itself, a service that is away is asked once."""

from dataclasses import dataclass, field

from crateline.domain.links import Kind, Link
from crateline.domain.track import Platform, Playlist
from crateline.errors import ConfigurationError, CratelineError, NotFound, Rejected, SourceError
from crateline.wiring import Wiring
from producers import listing
from producers.patience import Say

LASTING = (SourceError, NotFound, Rejected)
"""What is so of this one link, today and tomorrow."""


@dataclass(kw_only=True, slots=True)
class Following:
    """The links of one list. `away` is what stood in the way where another try may help, by platform and kind of link."""

    wiring: Wiring
    say: Say
    away: dict[tuple[Platform, Kind], CratelineError] = field(default_factory=dict)

    def read(self, link: Link, limit: int | None = None) -> Playlist:
        """What a link leads to. Raises what its platform's client raises; at once, if it has raised it for another such link."""
        where = (link.platform, link.kind)
        if where in self.away:
            raise self.away[where]
        try:
            return listing.read(self.wiring, link, limit=limit, say=self.say)
        except (*LASTING, ConfigurationError):
            raise
        except CratelineError as error:
            self.away[where] = error
            raise

    def end(self) -> None:
        """Raise what stood in the way first, if anything did: the list has to be enqueued once more."""
        for error in self.away.values():
            raise error
