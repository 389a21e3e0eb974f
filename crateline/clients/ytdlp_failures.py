"""What yt-dlp's failures mean, as a table: the first row that fits decides.

yt-dlp wraps a cause several times (DownloadError around ExtractorError around HTTPError), and some failures are told
apart by their text alone; so a row looks at the whole chain and at all of its text.
"""

import errno
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yt_dlp.networking import exceptions as networking
from yt_dlp.utils import DownloadCancelled, GeoRestrictedError, UnsupportedError

from crateline import errors
from crateline.clients import ytdlp_words
from crateline.domain import causes

DEFAULT_PAUSE_S = 60.0
HOUR_S = 3600.0
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES})
FREE_HOSTS = re.compile(
    r"https?://[^/]*\.(?:sndcdn\.com|soundcloud\.cloud|googlevideo\.com)/"
)  # signed links die: ask for new ones


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What is known of one failure. `status` is 0 and `url` empty when no HTTP answer was the cause."""

    chain: tuple[BaseException, ...]
    text: str
    service: str
    key: str
    status: int = 0
    url: str = ""
    retry_after: float = DEFAULT_PAUSE_S

    @property
    def brief(self) -> str:
        """What was said, for a person."""
        return ytdlp_words.status(self.status) if self.status else ytdlp_words.brief(self.chain)

    def has(self, *kinds: type[BaseException]) -> bool:
        """Whether any cause is of one of these kinds."""
        return any(isinstance(error, kinds) for error in self.chain)


def _always(_: Failure) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: a failure that has one of `kinds` (if any), a `status`, and says so (if anything)."""

    name: str
    becomes: Callable[[Failure], errors.CratelineError]
    kinds: tuple[type[BaseException], ...] = ()
    statuses: frozenset[int] | range = frozenset()
    says: str = ""
    when: Callable[[Failure], bool] = _always

    def fits(self, failure: Failure) -> bool:
        """Whether this row speaks of that failure."""
        return (
            (not self.kinds or failure.has(*self.kinds))
            and (not self.statuses or failure.status in self.statuses)
            and (not self.says or re.search(self.says, failure.text, re.IGNORECASE) is not None)
            and self.when(failure)
        )


def _own(failure: Failure) -> errors.CratelineError:
    return next(error for error in failure.chain if isinstance(error, errors.CratelineError))


def _source(kind: type[errors.SourceError], detail: str) -> Callable[[Failure], errors.CratelineError]:
    return lambda failure: kind(failure.key, detail)


def _service(kind: type[errors.ServiceError], detail: str) -> Callable[[Failure], errors.CratelineError]:
    return lambda failure: kind(failure.service, f"{detail} ({failure.brief})")


def _stopped(service: str, detail: str, remedy: str) -> Callable[[Failure], errors.CratelineError]:
    return lambda failure: errors.ServiceStopped(service or failure.service, detail, remedy)


def _unwritable(failure: Failure) -> errors.CratelineError:
    error = next(one for one in failure.chain if isinstance(one, OSError) and one.errno in DISK_FULL)
    folder = causes.about(causes.FOLDER, Path(error.filename).parent) if isinstance(error.filename, str) else causes.FOLDER
    remedy = "Free some space, or make the media folder writable; the line goes on by itself."
    return errors.ServiceStopped("disk", f"a file could not be written: {error.strerror or failure.brief}", remedy, folder)


def _missing(failure: Failure) -> errors.CratelineError:
    if failure.key:
        return errors.Gone(failure.key, "deleted or made private at its source")
    return errors.NotFound(failure.service, f"there is nothing at this address, or it is private ({failure.brief})")


TABLE: tuple[Row, ...] = (
    Row(name="our own error, wrapped", kinds=(errors.CratelineError,), becomes=_own),
    Row(
        name="cancelled",
        kinds=(DownloadCancelled,),
        becomes=lambda _: errors.Interrupted("the download was interrupted"),
    ),
    Row(
        name="disk full or not writable",
        kinds=(OSError,),
        when=lambda failure: any(isinstance(error, OSError) and error.errno in DISK_FULL for error in failure.chain),
        becomes=_unwritable,
    ),
    Row(
        name="bot check",
        says=r"confirm you[\u2019']re not a bot",
        becomes=_stopped(
            "youtube",
            "YouTube asks to confirm that this is not a bot",
            "Wait an hour or use another network; keep yt-dlp up to date and install deno or node.",
        ),
    ),
    Row(
        name="YouTube's session limit",
        says=r"rate-limited by YouTube|content isn[\u2019']t available, try again later",
        becomes=lambda failure: errors.Throttled("youtube", failure.brief, HOUR_S),
    ),
    Row(
        name="certificate",
        kinds=(networking.CertificateVerifyError,),
        becomes=_stopped("", "its certificate is not trusted", "Write the CA of your proxy in SSL_CERT_FILE."),
    ),
    Row(
        name="region",
        kinds=(GeoRestrictedError,),
        becomes=_source(errors.RegionBlocked, "not offered in this country"),
    ),
    Row(
        name="region, by text",
        says=r"not (?:made this video )?available (?:in your country|from your location)|blocked it in your country",
        becomes=_source(errors.RegionBlocked, "not offered in this country"),
    ),
    Row(
        name="region, by status", statuses=frozenset({451}), becomes=_source(errors.RegionBlocked, "not offered in this country")
    ),
    Row(name="DRM", says=r"DRM[ -]protected", becomes=_source(errors.Protected, "offered under DRM only")),
    Row(
        name="a fragment is missing",
        says=r"fragment \d+ not found",
        becomes=_service(errors.Unavailable, "a part of the file could not be fetched"),
    ),
    Row(
        name="client_id",
        says=r"unable to extract client id",
        becomes=_service(errors.Unavailable, "SoundCloud's page gave no client_id"),
    ),
    Row(
        name="a signed link has died",
        statuses=frozenset({401, 403, 404, 410}),
        when=lambda failure: FREE_HOSTS.match(failure.url) is not None,
        becomes=_service(errors.Unavailable, "the link to the audio is no longer valid"),
    ),
    Row(
        name="too many requests",
        statuses=frozenset({429}),
        becomes=lambda failure: errors.Throttled(failure.service, "too many requests", failure.retry_after),
    ),
    Row(name="not found", statuses=frozenset({404, 410}), becomes=_missing),
    Row(
        name="not let in",
        statuses=frozenset({401, 403, 407}),
        becomes=_service(errors.CredentialsRefused, "the service does not let us in"),
    ),
    Row(
        name="conflict or server fault",
        statuses=frozenset({408, 409, 425, *range(500, 600)}),
        becomes=_service(errors.Unavailable, "the service has a fault"),
    ),
    Row(name="bad request", statuses=range(400, 500), becomes=_service(errors.Rejected, "the service refuses the request")),
    Row(
        name="removed",
        says=r"private video|video unavailable|video is unavailable|has been removed|been terminated|no longer available"
        r"|account .*closed|does not exist",
        becomes=_source(errors.Gone, "deleted or made private at its source"),
    ),
    Row(
        name="for signed-in people",
        says=r"confirm your age|members[- ]only|join this channel|requires payment|music premium|sign in|log ?in to",
        becomes=_source(errors.Gone, "shown to signed-in people only"),
    ),
    Row(
        name="no audio",
        says=r"requested format is not available|no video formats found|premieres in|live event will begin",
        becomes=_source(errors.SourceError, "its page offers no audio"),
    ),
    Row(
        name="an answer that is not JSON",
        says=r"failed to parse (?:json|xml)",
        becomes=_service(errors.Unavailable, "the service sent no usable answer"),
    ),
    Row(
        name="connection",
        kinds=(networking.TransportError, TimeoutError, ConnectionError),
        becomes=_service(errors.Unavailable, "the connection failed"),
    ),
    Row(
        name="content too short",
        says=r"content too short|\d+ more expected|did not get any data blocks|downloaded file is empty|got error:",
        becomes=_service(errors.Unavailable, "the file broke off"),
    ),
    Row(name="unsupported", kinds=(UnsupportedError,), becomes=_service(errors.Rejected, "not a link that can be read")),
    Row(
        name="another request error", kinds=(networking.RequestError, OSError), becomes=_service(errors.Unavailable, "no answer")
    ),
    Row(name="anything else", becomes=_service(errors.Rejected, "yt-dlp could not read it")),
)


def translate(
    error: BaseException, *, service: str, key: str = "", service_of: Callable[[str], str] = lambda _: ""
) -> errors.CratelineError:
    """Find what a failure means. `service_of` names the service behind the URL that failed; else `service` is named."""
    failure = _failure(error, service, key, service_of)
    return next(row for row in TABLE if row.fits(failure)).becomes(failure)


def _failure(error: BaseException, service: str, key: str, service_of: Callable[[str], str]) -> Failure:
    chain = tuple(ytdlp_words.causes(error))
    text = ytdlp_words.whole(chain)
    answer = next((one for one in chain if isinstance(one, networking.HTTPError)), None)
    if answer is None:
        said = re.search(r"HTTP Error (5\d\d)", text)  # a downloader that gives up keeps the words alone
        return Failure(chain=chain, text=text, service=service, key=key, status=int(said[1]) if said else 0)
    url = str(answer.response.url)
    named = service_of(url) or service
    pause = _seconds(answer.response.headers.get("Retry-After") or "")
    return Failure(chain=chain, text=text, service=named, key=key, status=int(answer.status), url=url, retry_after=pause)


def _seconds(header: str) -> float:
    """A Retry-After in seconds; the default where it is absent or a date."""
    return float(header) if re.fullmatch(r"\d+(?:\.\d+)?", header) else DEFAULT_PAUSE_S
