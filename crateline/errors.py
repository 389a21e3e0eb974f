"""Everything that can go wrong, by what has to be done about it.

    CratelineError
    ├── ConfigurationError            a setting is missing or wrong; nothing was started (exit code 2)
    ├── ServiceError                  a foreign system; carries `service`
    │   ├── CredentialsRefused        401, 403, invalid_grant: the service is paused, no track fails
    │   ├── ServiceStopped            bot check, disk full, library switched: paused; carries the `remedy`
    │   │   └── NotAllowed            403 of a service that knows us: it does not let us do this
    │   ├── Throttled                 429, 529: nobody asks the service again for `retry_after` seconds
    │   ├── BudgetSpent               our own limit: the next slot is `retry_after` seconds away
    │   ├── Unavailable               5xx, 409, connection refused, time-out of a read: hand the task back
    │   ├── OutcomeUnknown            a create was sent and its fate is not known: look before repeating
    │   ├── NotFound                  this one object is gone, or in the bin
    │   └── Rejected                  400: the request itself is wrong; repeating it changes nothing
    ├── SourceError                   this track cannot be had from its own source; look elsewhere
    │   ├── Gone                      deleted or private
    │   ├── RegionBlocked
    │   ├── Protected                 DRM; never decrypted
    │   ├── Preview                   only an excerpt is offered
    │   └── AnotherRecording          what came is not what a search had listed
    ├── MediaError                    the bytes are there and are not a usable recording
    ├── LibraryUnreadable             a DJ program's library is there, and cannot be read (a single blob: djay.values.TsafError)
    ├── StaleClaim                    somebody else has taken this station over; drop the work
    └── Interrupted                   this worker is shutting down; not an error of the track

Every class passes its arguments to `Exception`, so that it survives pickling.
"""


class CratelineError(Exception):
    """The root: whatever crateline raises on purpose. `str()` is a sentence for a person."""


class ConfigurationError(CratelineError):
    """A setting is missing or wrong. The sentence names the setting and what to write there."""


class ServiceError(CratelineError):
    """A foreign system could not do what was asked. `service` is its name in budgets and pauses."""

    def __init__(self, service: str, detail: str) -> None:
        super().__init__(service, detail)
        self.service = service
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.service}: {self.detail}"


class CredentialsRefused(ServiceError):
    """The service does not accept our credentials, or no longer lets us in."""


class ServiceStopped(ServiceError):
    """The service cannot go on before somebody acts. `remedy` says what to do.

    `cause` is what has to be looked at to see whether it is over: a word of `domain.causes`, or nothing for what is
    usual with that service.
    """

    def __init__(self, service: str, detail: str, remedy: str, cause: str = "") -> None:
        super().__init__(service, detail)
        self.args = (service, detail, remedy, cause)
        self.remedy = remedy
        self.cause = cause


class NotAllowed(ServiceStopped):
    """The service knows us, and does not let us do this."""


class Throttled(ServiceError):
    """The service asked for silence: no new request to it for `retry_after` seconds."""

    def __init__(self, service: str, detail: str, retry_after: float) -> None:
        super().__init__(service, detail)
        self.args = (service, detail, retry_after)
        self.retry_after = retry_after


class BudgetSpent(ServiceError):
    """Our own budget has no slot for the next `retry_after` seconds; nothing was sent."""

    def __init__(self, service: str, retry_after: float) -> None:
        super().__init__(service, f"the next request may go out in {retry_after:.0f} s")
        self.args = (service, retry_after)
        self.retry_after = retry_after


class Unavailable(ServiceError):
    """A passing fault: the request had no effect, or may be repeated without harm."""


class OutcomeUnknown(ServiceError):
    """A create was sent and no clear answer came: it may or may not have been carried out."""


class NotFound(ServiceError):
    """One object does not exist, is not shared with us, or lies in the bin."""


class Rejected(ServiceError):
    """The request is wrong in itself (validation); the same request will always be refused."""


class SourceError(CratelineError):
    """A track's own source does not give the whole recording. `key` is the track's."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(key, detail)
        self.key = key
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class Gone(SourceError):
    """Deleted or made private at its source."""


class RegionBlocked(SourceError):
    """Not offered in this country."""


class Protected(SourceError):
    """Offered under DRM only, which crateline never decrypts."""


class Preview(SourceError):
    """Offered as an excerpt only."""


class AnotherRecording(SourceError):
    """A match that sounds otherwise than its search said: longer, shorter, or silent."""


class MediaError(CratelineError):
    """A file is damaged, too short, silent or not audio. `detail` says which; `path` may be empty."""

    def __init__(self, detail: str, path: str = "") -> None:
        super().__init__(detail, path)
        self.detail = detail
        self.path = path

    def __str__(self) -> str:
        return f"{self.detail}: {self.path}" if self.path else self.detail


class LibraryUnreadable(CratelineError):
    """A DJ program's library cannot be read at all. `path` is its file, `detail` says why."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}"


class StaleClaim(CratelineError):
    """The claim on a station has lapsed and was given to another worker: the result is dropped."""


class Interrupted(CratelineError):
    """This worker is stopping; the station goes back to the queue and costs no attempt."""
