import json
import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from notion_client.errors import InvalidPathParameterError, RequestTimeoutError, build_request_error

from crateline import errors
from crateline.clients import notion_errors
from crateline.domain import causes
from givens import folders

RECORDED = folders.SHARED / "notion" / "recorded"
HTML = "<html><head><title>502 Bad Gateway</title></head></html>"


def answered(status, code="", message="", *, data=None, headers=None, text=None):
    """The exception notion-client makes of an answer."""
    body = {"object": "error", "status": status, "code": code, "message": message, "request_id": "r-1"}
    if data is not None:
        body["additional_data"] = data
    text = json.dumps(body) if text is None else text
    return build_request_error(httpx.Response(status, headers=headers, text=text), text)


def timed_out(cause):
    """The exception notion-client makes of a time-out: the kind is only in its context."""
    try:
        try:
            raise cause
        except httpx.TimeoutException:
            raise RequestTimeoutError  # noqa: B904 - as the library does
    except RequestTimeoutError as error:
        return error


DONE = {"retry_guidance": "Do not repeat the write.", "committed_resource_id": "p-1"}
GUIDANCE = {"retry_guidance": "Do not repeat the write."}
UNSHARED = "Make sure the relevant pages and databases are shared with your integration."

Unknown, Unavailable, Rejected = errors.OutcomeUnknown, errors.Unavailable, errors.Rejected
Refused, Stopped, NotFound, Throttled = errors.CredentialsRefused, errors.ServiceStopped, errors.NotFound, errors.Throttled
NotAllowed = errors.NotAllowed
Committed = notion_errors.CommittedAnyway

# what came back, what a create makes of it, what every other request makes of it
ROWS = {
    "400 validation": (answered(400, "validation_error", "BPM is not a property that exists."), Rejected, Rejected),
    "400 invalid json": (answered(400, "invalid_json", "Error parsing JSON body."), Rejected, Rejected),
    "400 missing version": (answered(400, "missing_version", "Notion-Version header"), Rejected, Rejected),
    "400 archived": (
        answered(400, "validation_error", "Can't edit block that is archived. You must unarchive the block before editing."),
        NotFound,
        NotFound,
    ),
    "400 of an edge": (answered(400, text=HTML), Unknown, Unavailable),
    "401": (answered(401, "unauthorized", "API token is invalid."), Refused, Refused),
    "401 of an edge": (answered(401, text=HTML), Refused, Refused),
    "403": (answered(403, "restricted_resource", "Insufficient permissions"), NotAllowed, NotAllowed),
    "403 full": (answered(403, "restricted_resource", "Block limit", data={"block_limit": 1000}), Stopped, Stopped),
    "404 database": (answered(404, "object_not_found", f"Could not find database with ID: d. {UNSHARED}"), Stopped, Stopped),
    "404 data source": (
        answered(404, "object_not_found", f"Could not find data_source with ID: d. {UNSHARED}"),
        Stopped,
        Stopped,
    ),
    "404 page": (answered(404, "object_not_found", f"Could not find page with ID: p. {UNSHARED}"), NotFound, NotFound),
    "404 of an edge": (answered(404, text=HTML), Unknown, Unavailable),
    "408 of an edge": (answered(408, text=""), Unknown, Unavailable),
    "409": (answered(409, "conflict_error", "Conflict occurred while saving. Please try again."), Unknown, Unavailable),
    "413": (answered(413, text=HTML), Rejected, Rejected),
    "422 unheard of": (answered(422, "some_new_code", "?"), Rejected, Rejected),
    "429": (answered(429, "rate_limited", "?"), Throttled, Throttled),
    "429 of an edge": (answered(429, text=HTML), Throttled, Throttled),
    "429 blocked": (
        answered(429, "rate_limited", "?", data={"rate_limit_reason": "public_api_request_blocked"}),
        Stopped,
        Stopped,
    ),
    "500": (answered(500, "internal_server_error", "Unexpected error"), Unknown, Unavailable),
    "502 of an edge": (answered(502, text=HTML), Unknown, Unavailable),
    "503": (answered(503, "service_unavailable", "?"), Unknown, Unavailable),
    "503 of a database": (answered(503, "database_connection_unavailable", "?"), Unknown, Unavailable),
    "503 committed": (answered(503, "service_unavailable", "?", data=DONE), Committed, Unavailable),
    "503 committed, page not named": (answered(503, "service_unavailable", "?", data=GUIDANCE), Unknown, Unavailable),
    "504": (answered(504, "gateway_timeout", "?"), Unknown, Unavailable),
    "504 committed": (answered(504, "gateway_timeout", "?", data=DONE), Committed, Unavailable),
    "529": (answered(529, "service_overload", "?"), Throttled, Throttled),
    "302": (answered(302, text=""), Unknown, Unavailable),
    "200, not JSON": (json.JSONDecodeError("Expecting value", HTML, 0), Unknown, Unavailable),
    "200, not text": (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), Unknown, Unavailable),
    "read time-out": (timed_out(httpx.ReadTimeout("")), Unknown, Unavailable),
    "write time-out": (timed_out(httpx.WriteTimeout("")), Unknown, Unavailable),
    "connect time-out": (timed_out(httpx.ConnectTimeout("")), Unavailable, Unavailable),
    "pool time-out": (timed_out(httpx.PoolTimeout("")), Unavailable, Unavailable),
    "a time-out without a kind": (RequestTimeoutError(), Unknown, Unavailable),
    "connection refused": (httpx.ConnectError("Connection refused"), Unavailable, Unavailable),
    "proxy refuses": (httpx.ProxyError("502 Bad Gateway"), Unavailable, Unavailable),
    "reset while reading": (httpx.ReadError("Connection reset by peer"), Unknown, Unavailable),
    "reset while writing": (httpx.WriteError("Broken pipe"), Unknown, Unavailable),
    "ended without an answer": (httpx.RemoteProtocolError("Server disconnected"), Unknown, Unavailable),
    "an answer that cannot be unpacked": (httpx.DecodingError("incorrect header check"), Unknown, Unavailable),
    "a request that cannot be written": (httpx.LocalProtocolError("Illegal header"), Unavailable, Unavailable),
    "an address that is none": (httpx.InvalidURL("Invalid port"), Unavailable, Unavailable),
    "an id that changes the address": (InvalidPathParameterError(), Rejected, Rejected),
}


@pytest.mark.parametrize(("came", "create", "other"), ROWS.values(), ids=ROWS)
def test_every_answer_has_one_meaning_for_creates_and_one_for_the_rest(came, create, other):
    assert type(notion_errors.translate(came, "create")) is create
    assert type(notion_errors.translate(came, "change")) is other
    assert type(notion_errors.translate(came, "read")) is other


@pytest.mark.parametrize("came", [row[0] for row in ROWS.values()], ids=ROWS)
def test_every_error_survives_the_way_between_processes(came):
    error = notion_errors.translate(came, "read")

    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert error.service == "notion"


def test_a_committed_create_gives_its_page():
    assert notion_errors.translate(ROWS["503 committed"][0], "create") == Committed(page_id="p-1")


def in_seconds(seconds):
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "data", "seconds"),
    [
        ({"retry-after": "17"}, None, 17),
        ({"retry-after": "17"}, {"retry_after": "5"}, 17),
        ({}, {"retry_after": "5"}, 5),
        ({}, {"retry_after": 5}, 5),
        ({}, {}, 30),
        ({}, None, 30),
        ({"retry-after": "soon"}, {"retry_after": "5"}, 5),
        ({"retry-after": "0"}, None, 1),
        ({"retry-after": "300"}, None, 300),
    ],
)
@pytest.mark.parametrize("status", [429, 529])
def test_silence_lasts_as_long_as_notion_asks(status, headers, data, seconds):
    error = notion_errors.translate(answered(status, "rate_limited", "?", headers=headers, data=data), "read")

    assert error.retry_after == pytest.approx(seconds)


@pytest.mark.parametrize(("ahead", "expected"), [(90, 90), (-90, 1)])
def test_a_silence_until_a_moment_lasts_until_then(ahead, expected):
    until = {"retry-after": in_seconds(ahead)}

    error = notion_errors.translate(answered(429, "rate_limited", "?", headers=until, data=None), "read")

    assert error.retry_after == pytest.approx(expected, abs=3)


def test_a_stopped_service_says_what_to_do():
    unshared = notion_errors.translate(ROWS["404 database"][0], "read")

    assert "share it with the integration" in unshared.remedy
    assert all(notion_errors.translate(came, "read").remedy for came, _, other in ROWS.values() if other is Stopped)


def test_the_sentence_names_status_code_message_and_request():
    error = notion_errors.translate(ROWS["401"][0], "read")

    assert str(error) == "notion: NOTION_TOKEN is not accepted: 401 unauthorized: API token is invalid. (request r-1)"


def test_a_long_message_is_cut():
    error = notion_errors.translate(answered(400, "validation_error", "x" * 5000), "read")

    assert len(str(error)) < 450


def test_a_header_that_cannot_be_written_is_not_repeated():
    error = notion_errors.translate(httpx.LocalProtocolError("Illegal header value b'Bearer ntn_secret'"), "read")

    assert "ntn_secret" not in str(error)


def test_no_row_of_the_table_is_without_use():
    # Given every answer of the rows above, for every effect
    answers = [notion_errors.answer_of(came) for came, _, _ in ROWS.values()]

    # When the table is read
    used = {
        next(row for row in notion_errors.TABLE if row.fits(answer, effect))
        for answer in answers
        for effect in ("create", "change", "read")
    }

    # I expect each row to decide about one of them
    assert used == set(notion_errors.TABLE)


RECORDED_ERRORS = {
    "retrieve_page_unpermitted_page": NotFound,
    "retrieve_page_wrong_format": Rejected,
    "retrieve_data_source_unpermitted_data_source": Stopped,
    "retrieve_data_source_wrong_format": Rejected,
    "retrieve_database_unpermitted_database": Stopped,
    "retrieve_database_wrong_format": Rejected,
    "sdk_api_response_error_0": Rejected,
    "sdk_api_response_error_1": Refused,
    "sdk_build_request_error_integration_0": NotFound,
}


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings here")
@pytest.mark.parametrize(("name", "expected"), RECORDED_ERRORS.items())
def test_recorded_errors_are_understood(name, expected):
    body = json.loads((RECORDED / f"{name}.json").read_text())["response"]

    came = answered(body["status"], text=json.dumps(body))

    assert type(notion_errors.translate(came, "read")) is expected


CAUSES = {"403": causes.OWN_WORK, "403 full": causes.OWN_WORK, "429 blocked": causes.WORK, "404 database": causes.DATABASE}


@pytest.mark.parametrize("name", CAUSES)
def test_what_stops_notion_says_how_its_end_is_seen_and_what_to_do(name):
    # When
    error = notion_errors.translate(ROWS[name][0], "create")

    # I expect
    assert isinstance(error, errors.ServiceStopped)
    assert error.cause == CAUSES[name]
    assert error.remedy
    assert "unpause" not in error.remedy
