"""What each answer of Notion means for us: one table, read from the top; the first row that fits decides."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, Literal

import httpx
from notion_client.errors import HTTPResponseError, InvalidPathParameterError, RequestTimeoutError

from crateline.domain import causes
from crateline.errors import (
    CredentialsRefused,
    NotAllowed,
    NotFound,
    OutcomeUnknown,
    Rejected,
    ServiceError,
    ServiceStopped,
    Throttled,
    Unavailable,
)

SERVICE: Final = "notion"
DEFAULT_SILENCE_S: Final = 30.0
DETAIL_LENGTH: Final = 400

Effect = Literal["create", "change", "read"]
"""What a request does: a create must not be repeated blindly; a change to absolute values and a read may be."""

FOREIGN = (HTTPResponseError, RequestTimeoutError, InvalidPathParameterError, httpx.HTTPError, httpx.InvalidURL)
"""Everything notion-client lets through, beside the ValueErrors of a 200 that is not JSON."""

UNREADABLE = (json.JSONDecodeError, UnicodeDecodeError)

# The connection was never made, or httpx refused to write the request: nothing can have happened.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CommittedAnyway:
    """A create answered with an error and was carried out all the same: `page_id` is the page it made."""

    page_id: str


class Meaning(Enum):
    """What an answer means, before it is known what the request was for."""

    COMMITTED = "the create was carried out in spite of the error"
    UNCLEAR = "it may or may not have been carried out"
    NOT_DONE = "it was not carried out; asking again later may help"
    WRONG = "the request is wrong in itself"
    REFUSED = "NOTION_TOKEN is not accepted"
    FORBIDDEN = "the integration may not do this"
    FULL = "the workspace takes no more blocks"
    UNSHARED = "a database is not shared with the integration"
    BLOCKED = "Notion has blocked this integration's requests"
    SILENCE = "no new request for a while"
    ABSENT = "this object is gone, or in the bin"


REMEDIES: Final[Mapping[Meaning, str]] = {
    Meaning.UNSHARED: "Open the database in Notion and share it with the integration (••• → Connections), "
    "or correct its id in the setting that names it (TRACKS_DB_ID, PLAYLISTS_DB_ID, CALENDAR_DB_ID, …).",
    Meaning.FULL: "The free workspace has reached its block limit: upgrade it, or delete content; the line goes on by itself.",
    Meaning.BLOCKED: "Notion blocks this integration's requests: see the integration's page at notion.so/my-integrations, "
    "write to Notion's support; the line goes on by itself.",
    Meaning.FORBIDDEN: "Let the integration read, insert and update content (notion.so/my-integrations → Capabilities), "
    "and see that it may edit the database; the line goes on by itself.",
}
CAUSES: Final[Mapping[Meaning, str]] = {
    Meaning.UNSHARED: causes.DATABASE,
    Meaning.FULL: causes.OWN_WORK,
    Meaning.BLOCKED: causes.WORK,
    Meaning.FORBIDDEN: causes.OWN_WORK,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back. `status` 0: nothing did; `sent` says whether the request can have reached Notion."""

    status: int = 0
    code: str = ""
    message: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    retry_after: str = ""
    request_id: str = ""
    sent: bool = True

    @property
    def detail(self) -> str:
        """Say it in one line, without the request."""
        head = " ".join(part for part in (str(self.status or ""), self.code) if part)
        tail = f" (request {self.request_id})" if self.request_id else ""
        return (": ".join(part for part in (head, self.message) if part))[:DETAIL_LENGTH] + tail


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table: every condition that is given must hold. `code` and `says` are patterns."""

    means: Meaning
    status: range = range(600)
    code: str = ""
    says: str = ""
    data: tuple[str, str] = ("", "")  # a key of additional_data and a pattern for its value
    effect: Effect | None = None
    sent: bool | None = None

    def fits(self, answer: Answer, effect: Effect) -> bool:
        """Say whether this row is about such an answer to such a request."""
        key, pattern = self.data
        return (
            answer.status in self.status
            and bool(re.search(self.code, answer.code))
            and bool(re.search(self.says, answer.message, re.IGNORECASE))
            and (not key or (key in answer.data and bool(re.search(pattern, str(answer.data[key])))))
            and self.effect in {None, effect}
            and self.sent in {None, answer.sent}
        )


def _only(status: int) -> range:
    return range(status, status + 1)


TABLE: Final = (
    # No answer, or none that can be read
    Row(means=Meaning.NOT_DONE, status=_only(0), sent=False),
    Row(means=Meaning.UNCLEAR, status=range(300)),
    # The answer of a failing edge, or of a proxy in front of Notion, that sends us elsewhere
    Row(means=Meaning.UNCLEAR, status=range(300, 400)),
    # A write can be carried out and still answer 503; on creates Notion names the page
    Row(means=Meaning.COMMITTED, status=range(500, 600), data=("committed_resource_id", "."), effect="create"),
    Row(means=Meaning.BLOCKED, status=_only(429), data=("rate_limit_reason", "^public_api_request_blocked$")),
    Row(means=Meaning.SILENCE, status=_only(429)),
    Row(means=Meaning.SILENCE, status=_only(529)),
    Row(means=Meaning.FULL, status=_only(403), data=("block_limit", "")),
    Row(means=Meaning.REFUSED, status=_only(401)),
    Row(means=Meaning.FORBIDDEN, status=_only(403)),
    Row(means=Meaning.UNSHARED, status=_only(404), says=r"could not find (database|data[ _]source)"),
    Row(means=Meaning.ABSENT, status=_only(404), code="^object_not_found$"),
    Row(means=Meaning.ABSENT, status=_only(400), says=r"can't edit (block|page) that is (archived|in the trash)"),
    Row(means=Meaning.UNCLEAR, status=_only(408)),
    Row(means=Meaning.UNCLEAR, status=_only(409)),
    Row(means=Meaning.WRONG, status=_only(413)),
    # A 4xx of Notion's own has a code; any other comes from something in front of it
    Row(means=Meaning.WRONG, status=range(400, 500), code="."),
    Row(means=Meaning.UNCLEAR, status=range(400, 500)),
    Row(means=Meaning.UNCLEAR, status=range(500, 600)),
)


def translate(error: Exception, effect: Effect) -> ServiceError | CommittedAnyway:
    """Give our error for whatever notion-client or httpx raised while a request of this effect was made."""
    return meant(answer_of(error), effect)


def meant(answer: Answer, effect: Effect) -> ServiceError | CommittedAnyway:
    """Read the table and give the error to raise, or the page that was made in spite of the error."""
    means = next(row.means for row in TABLE if row.fits(answer, effect))
    detail = answer.detail
    match means:
        case Meaning.COMMITTED:
            return CommittedAnyway(page_id=str(answer.data["committed_resource_id"]))
        case Meaning.UNCLEAR if effect == "create":
            return OutcomeUnknown(SERVICE, detail)
        case Meaning.UNCLEAR | Meaning.NOT_DONE:
            return Unavailable(SERVICE, detail)
        case Meaning.SILENCE:
            return Throttled(SERVICE, detail, silence(answer))
        case Meaning.WRONG:
            return Rejected(SERVICE, detail)
        case Meaning.REFUSED:
            return CredentialsRefused(SERVICE, f"{means.value}: {detail}")
        case Meaning.ABSENT:
            return NotFound(SERVICE, detail)
        case Meaning.FORBIDDEN | Meaning.FULL | Meaning.UNSHARED | Meaning.BLOCKED:
            kind = NotAllowed if means is Meaning.FORBIDDEN else ServiceStopped
            return kind(SERVICE, f"{means.value}: {detail}", REMEDIES[means], CAUSES[means])


def silence(answer: Answer) -> float:
    """Give the seconds Notion asks us to be silent: header (seconds or a date), else body, else 30."""
    for asked in (answer.retry_after, answer.data.get("retry_after")):
        seconds = _seconds(str(asked)) if asked is not None else None
        if seconds is not None:
            return max(seconds, 1.0)
    return DEFAULT_SILENCE_S


def _seconds(asked: str) -> float | None:
    if re.fullmatch(r"\s*\d+(\.\d+)?\s*", asked):
        return float(asked)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def answer_of(error: Exception) -> Answer:
    """Reduce a foreign exception to what Notion said; nothing of our own request comes along."""
    if isinstance(error, HTTPResponseError):
        return _spoken(error)
    if isinstance(error, InvalidPathParameterError):
        message = "an id contains characters that change the address"
        return Answer(status=int(HTTPStatus.BAD_REQUEST), code="validation_error", message=message)
    if isinstance(error, UNREADABLE):
        return Answer(status=int(HTTPStatus.OK), message="the answer is not JSON")
    cause = error.__context__ if isinstance(error, RequestTimeoutError) and error.__context__ else error
    sent = not isinstance(cause, (*_NEVER_SENT, httpx.InvalidURL))
    return Answer(sent=sent, message=_silent_failure(cause))


def _silent_failure(cause: BaseException) -> str:
    # httpx's words for a request it could not even write repeat the header that was wrong: the token.
    kind = type(cause).__name__
    if isinstance(cause, httpx.LocalProtocolError | httpx.InvalidURL):
        return kind
    return f"{kind}: {cause}" if str(cause) else kind


def _spoken(error: HTTPResponseError) -> Answer:
    body = _json_object(error.body)
    data = body.get("additional_data")
    return Answer(
        status=error.status,
        code=str(body.get("code") or ""),
        message=str(body.get("message") or "") if body else "the answer is not Notion's JSON",
        data=data if isinstance(data, dict) else {},
        retry_after=error.headers.get("retry-after", ""),
        request_id=str(body.get("request_id") or error.headers.get("x-notion-request-id", "")),
    )


def _json_object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
