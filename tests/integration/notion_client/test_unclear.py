"""What is made of an answer that is no, or none: nothing is tried twice, and a create may have been carried out."""

import socket
from contextlib import contextmanager

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from crateline import errors
from crateline.clients.notion import Notion
from givens.notion_answers import PAGE, SOURCE, TOKEN, error, reset

ARCHIVED = "Can't edit block that is archived. You must unarchive the block before editing."


@contextmanager
def hush():
    """A listener that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_create_that_was_carried_out_in_spite_of_its_error_gives_the_page(notion, server):
    server.will(error(503, "service_unavailable", committed_resource_id=PAGE, retry_guidance="Do not repeat the write."))

    assert notion.create(SOURCE, {}) == {"object": "page", "id": PAGE}


@pytest.mark.parametrize(
    "answer",
    [
        reset,
        HTMLResponse("<html>502</html>", status_code=502),
        HTMLResponse("<html>welcome</html>", status_code=200),
        JSONResponse(None),
        Response(b"\xff\xfe\xfa", status_code=200, headers={"content-type": "application/json"}),
        Response(b"no gzip", status_code=200, headers={"content-encoding": "gzip"}),
        error(409, "conflict_error"),
        error(500, "internal_server_error"),
        error(503, "service_unavailable"),
        error(504, "gateway_timeout"),
    ],
)
def test_an_unclear_answer_is_unknown_for_a_create_and_a_hand_back_for_the_rest(notion, server, answer):
    server.will(answer, answer, answer)

    with pytest.raises(errors.OutcomeUnknown):
        notion.create(SOURCE, {})
    with pytest.raises(errors.Unavailable):
        notion.update(PAGE, {})
    with pytest.raises(errors.Unavailable):
        notion.page(PAGE)


def test_an_answer_that_never_comes_is_unknown_for_a_create(served, server):
    with hush() as port, Notion(token=TOKEN, ask=lambda: None, base_url=f"http://127.0.0.1:{port}", timeout_s=0.3) as notion:
        with pytest.raises(errors.OutcomeUnknown):
            notion.create(SOURCE, {})
        with pytest.raises(errors.Unavailable):
            notion.me()


def test_a_refused_connection_has_changed_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with (
        Notion(token=TOKEN, ask=lambda: None, base_url=f"http://127.0.0.1:{port}") as notion,
        pytest.raises(errors.Unavailable),
    ):
        notion.create(SOURCE, {})


def test_nothing_is_tried_twice(notion, server, slots):
    server.will(JSONResponse({}, status_code=429, headers={"retry-after": "17"}))

    with pytest.raises(errors.Throttled) as raised:
        notion.me()

    assert (raised.value.retry_after, len(server.asked), len(slots)) == (17, 1, 1)


def test_whoever_asked_for_silence_is_heard_at_once_even_outside_of_the_line(served, server):
    told = []
    server.will(JSONResponse({}, status_code=529, headers={"retry-after": "9"}))

    with (
        Notion(token=TOKEN, ask=lambda: None, hush=told.append, base_url=served[1]) as notion,
        pytest.raises(errors.Throttled),
    ):
        notion.me()

    assert told == [9]


def test_a_page_in_the_bin_is_that_pages_affair(notion, server):
    server.will(error(400, "validation_error", ARCHIVED))

    with pytest.raises(errors.NotFound):
        notion.update(PAGE, {})
