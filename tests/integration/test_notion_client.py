"""The client against a small Notion that does what the test says: what is sent, and what is made of each answer."""

import inspect
import json
import logging
import socket
import threading
import time
from collections import deque
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from crateline import errors
from crateline.clients.notion import Notion
from crateline.sandbox.serving import serve

RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "notion" / "recorded"
TOKEN = "ntn_0123456789abcdefghijklmnopqrstuvwxyz"
DATABASE = "27ce7361-6c27-80fb-b40e-fefdd47d6640"
SOURCE = "27ce7361-6c27-80fb-b40e-000000000001"
PAGE = "27ce7361-6c27-80fb-b40e-0000000000ff"
ARCHIVED = "Can't edit block that is archived. You must unarchive the block before editing."


class Scripted:
    """A Notion whose answers are laid out beforehand; it keeps what it was asked."""

    def __init__(self):
        self.answers = deque()
        self.asked = []
        self.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST", "PATCH", "DELETE"])])

    def will(self, *answers):
        self.answers.extend(answers)

    async def answer(self, request):
        body = await request.body()
        self.asked.append(
            {
                "method": request.method,
                "path": request.scope["raw_path"].decode(),
                "query": request.query_params.multi_items(),
                "headers": dict(request.headers),
                "body": json.loads(body) if body else None,
            }
        )
        answer = self.answers.popleft()
        if inspect.isfunction(answer):
            return answer(request)
        return answer if isinstance(answer, Response) else JSONResponse(answer)


def error(status, code, message="?", **data):
    body = {"object": "error", "status": status, "code": code, "message": message, "request_id": "r-1"}
    return JSONResponse(body | ({"additional_data": data} if data else {}), status_code=status)


def reset(request):
    request.scope["crateline.transport"].abort()
    return Response()


def page(number, created="2026-01-16T20:30:00.000Z", **properties):
    return {
        "object": "page",
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "created_time": created,
        "properties": properties,
    }


def listed(*results, cursor=None, **more):
    return {"object": "list", "results": list(results), "next_cursor": cursor, "has_more": cursor is not None, **more}


@pytest.fixture(scope="module")
def served():
    scripted = Scripted()
    with serve(scripted.app) as base_url:
        yield scripted, base_url


@pytest.fixture
def server(served):
    scripted, _ = served
    scripted.answers.clear()
    scripted.asked.clear()
    return scripted


@pytest.fixture
def slots():
    return []


@pytest.fixture
def notion(served, slots):
    with Notion(token=TOKEN, ask=lambda: slots.append(1), base_url=served[1], timeout_s=5) as client:
        yield client


def test_requests_carry_the_token_the_version_and_a_slot_of_the_budget(notion, server, slots):
    server.will({"object": "user", "id": "u"})

    assert notion.me() == {"object": "user", "id": "u"}

    asked = server.asked[0]
    assert (asked["method"], asked["path"]) == ("GET", "/v1/users/me")
    assert asked["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert asked["headers"]["notion-version"] == "2025-09-03"
    assert len(slots) == 1


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/"])
def test_the_base_url_may_be_written_with_or_without_its_end(served, server, tail):
    server.will({"object": "user", "id": "u"})

    with Notion(token=TOKEN, ask=lambda: None, base_url=served[1] + tail) as notion:
        notion.me()

    assert server.asked[0]["path"] == "/v1/users/me"


def test_a_notion_on_loopback_is_asked_without_a_proxy(served, server, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.will({"object": "user", "id": "u"})

    with Notion(token=TOKEN, ask=lambda: None, base_url=served[1]) as notion:
        assert notion.me()["id"] == "u"


def test_a_budget_that_refuses_keeps_the_request_from_being_sent(served, server):
    def ask():
        raise errors.Throttled("notion", "paused", 5)

    with Notion(token=TOKEN, ask=ask, base_url=served[1]) as notion, pytest.raises(errors.Throttled):
        notion.create(SOURCE, {})

    assert server.asked == []


SCHEMA = {
    "object": "data_source",
    "id": SOURCE,
    "title": [{"plain_text": "Music "}, {"plain_text": "Tracks"}],
    "parent": {"type": "database_id", "database_id": DATABASE},
    "properties": {"Name": {"id": "title", "type": "title", "title": {}}},
}


@pytest.mark.parametrize(
    "written",
    [
        DATABASE,
        DATABASE.replace("-", ""),
        f"https://www.notion.so/me/Tracks-Cafe-{DATABASE.replace('-', '')}?v=20ee73616c27819cb0b3e691f104d5e6",
    ],
)
def test_a_database_leads_to_its_data_source(notion, server, slots, written):
    server.will({"object": "database", "id": DATABASE, "data_sources": [{"id": SOURCE, "name": "Tracks"}]}, SCHEMA)

    found = notion.data_source(written)

    assert (found.id, found.database_id, found.title, found.properties) == (
        SOURCE,
        DATABASE,
        "Music Tracks",
        SCHEMA["properties"],
    )
    assert [asked["path"] for asked in server.asked] == [f"/v1/databases/{DATABASE}", f"/v1/data_sources/{SOURCE}"]
    assert len(slots) == 2


def test_the_id_of_a_data_source_is_good_as_well(notion, server):
    server.will(error(404, "object_not_found", f"Could not find database with ID: {SOURCE}."), SCHEMA)

    assert notion.data_source(SOURCE).id == SOURCE


def test_an_unshared_database_stops_the_service_with_a_remedy(notion, server):
    missing = error(404, "object_not_found", f"Could not find database with ID: {DATABASE}.")
    server.will(missing, missing)

    with pytest.raises(errors.ServiceStopped) as raised:
        notion.data_source(DATABASE)

    assert "share it with the integration" in raised.value.remedy


def test_a_database_in_the_bin_stops_the_service(notion, server):
    server.will({"object": "database", "id": DATABASE, "data_sources": [{"id": SOURCE}]}, SCHEMA | {"in_trash": True})

    with pytest.raises(errors.ServiceStopped):
        notion.data_source(DATABASE)


def test_what_is_no_id_is_a_mistake_in_the_configuration(notion, server):
    with pytest.raises(errors.ConfigurationError, match="my tracks"):
        notion.data_source("my tracks")
    assert server.asked == []


def test_properties_are_added_in_one_request(notion, server):
    server.will(SCHEMA)

    notion.add_properties(SOURCE, {"BPM": {"number": {}}})

    assert server.asked[0]["method"] == "PATCH"
    assert server.asked[0]["body"] == {"properties": {"BPM": {"number": {}}}}


def test_pages_are_read_to_the_end_each_once(notion, server, slots):
    server.will(listed(page(1), page(2), cursor="c1"), listed(page(2), page(3)))

    found = list(notion.pages(SOURCE, only=["Name", "Source ID"]))

    assert [one["id"][:8] for one in found] == ["00000001", "00000002", "00000003"]
    assert [asked["body"].get("start_cursor") for asked in server.asked] == [None, "c1"]
    assert server.asked[1]["query"] == [("filter_properties", "Name"), ("filter_properties", "Source ID")]
    assert server.asked[0]["body"]["page_size"] == 100
    assert len(slots) == 2


STOPPED = {"request_status": {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}}


def test_reading_goes_on_where_notion_silently_stops(notion, server):
    # Given a query that Notion ends before its end, and a window after it
    server.will(
        listed(page(1, "2026-01-16T20:20:00.000Z"), page(2, "2026-01-16T20:31:00.000Z"), **STOPPED),
        listed(page(2, "2026-01-16T20:31:00.000Z"), page(3, "2026-01-16T20:40:00.000Z"), **STOPPED),
        listed(page(3, "2026-01-16T20:40:00.000Z")),
    )

    # When all pages are read, with a condition
    found = list(notion.pages(SOURCE, filter={"and": [{"a": 1}, {"b": 2}]}))

    # I expect each page once, and windows that overlap by a minute and stay two levels deep
    assert len(found) == 3
    windows = [asked["body"]["filter"]["and"] for asked in server.asked]
    assert windows[0] == [{"a": 1}, {"b": 2}]
    assert [window[2]["created_time"]["on_or_after"] for window in windows[1:]] == [
        "2026-01-16T20:30:00+00:00",
        "2026-01-16T20:39:00+00:00",
    ]


def test_a_minute_that_holds_more_than_notion_shows_is_read_from_both_ends(notion, server):
    # Given five pages of one minute, of which a query shows three, and one of a later minute
    server.will(
        listed(page(2), page(1), page(3), **STOPPED),
        listed(page(1), page(2), page(3), **STOPPED),
        listed(page(5), page(4), page(3), **STOPPED),
        listed(page(6, "2026-01-16T20:31:00.000Z")),
    )

    # When all are read
    found = list(notion.pages(SOURCE))

    # I expect all of them, once, at once by title within the minute, and the next window after it
    assert sorted(one["id"][:8] for one in found) == [f"{n:08x}" for n in range(1, 7)]
    assert [asked["body"]["sorts"][0].get("property") for asked in server.asked] == [None, "title", "title", None]
    assert server.asked[-1]["body"]["filter"]["created_time"] == {"on_or_after": "2026-01-16T20:31:00+00:00"}


def test_a_minute_that_cannot_be_read_whole_is_said_and_not_passed_over(notion, server):
    stuck = listed(page(1), page(2), **STOPPED)
    server.will(stuck, stuck, listed(page(5), page(4), **STOPPED))

    with pytest.raises(errors.ServiceStopped, match="20,000 pages"):
        list(notion.pages(SOURCE))


def test_only_what_was_edited_is_read_with_a_minutes_overlap(notion, server):
    server.will(listed())

    assert list(notion.pages(SOURCE, edited_since=datetime(2026, 1, 16, 20, 30, 40, tzinfo=UTC))) == []

    assert server.asked[0]["body"]["filter"] == {
        "timestamp": "last_edited_time",
        "last_edited_time": {"on_or_after": "2026-01-16T20:29:00+00:00"},
    }


def text(value):
    return {"type": "rich_text", "rich_text": [{"plain_text": value}]}


def test_a_hundred_keys_are_looked_up_in_one_query(notion, server, slots):
    # Given an answer in which Notion has ignored case
    key = "soundcloud:tracks:Ab"
    server.will(listed(page(1, **{"Source ID": text(key)}), page(2, **{"Source ID": text(key.lower())})))

    # When a hundred keys are looked up, some of them twice
    found = notion.find(SOURCE, "Source ID", "rich_text", [key, *(f"soundcloud:tracks:{n}" for n in range(99)), key])

    # I expect one request, and the page that has the very key
    assert [one["id"][:8] for one in found] == ["00000001"]
    conditions = server.asked[0]["body"]["filter"]["or"]
    assert len(conditions) == 100
    assert conditions[0] == {"property": "Source ID", "rich_text": {"equals": key}}
    assert len(slots) == 1


def test_nothing_to_look_up_costs_nothing_and_too_much_is_refused(notion, server):
    assert notion.find(SOURCE, "Source ID", "rich_text", []) == []
    with pytest.raises(ValueError, match="101"):
        notion.find(SOURCE, "Source ID", "rich_text", [str(n) for n in range(101)])
    assert server.asked == []


def test_a_page_is_created_under_its_data_source(notion, server):
    server.will(page(1))

    notion.create(SOURCE.replace("-", ""), {"Name": {"title": []}}, children=[{"type": "paragraph"}])

    assert server.asked[0]["body"] == {
        "parent": {"type": "data_source_id", "data_source_id": SOURCE},
        "properties": {"Name": {"title": []}},
        "children": [{"type": "paragraph"}],
    }


def test_a_page_is_updated_and_put_into_the_bin(notion, server):
    server.will(page(1), page(1))

    notion.update(PAGE, {"BPM": {"number": 128}})
    notion.update(PAGE, {}, in_trash=True)

    assert [asked["body"] for asked in server.asked] == [
        {"properties": {"BPM": {"number": 128}}},
        {"properties": {}, "in_trash": True},
    ]


def test_a_relation_is_read_whole(notion, server):
    def item(number):
        return {"object": "property_item", "type": "relation", "relation": {"id": page(number)["id"]}}

    server.will(listed(item(1), item(2), cursor="c1"), listed(item(3)))

    assert len(notion.relation(PAGE, "%3CnJT")) == 3
    assert server.asked[1]["path"] == f"/v1/pages/{PAGE}/properties/%3CnJT"
    assert server.asked[1]["query"] == [("page_size", "100"), ("start_cursor", "c1")]


def test_an_empty_relation_is_no_list(notion, server):
    server.will({"object": "property_item", "id": "a", "type": "relation", "relation": [], "has_more": False})

    assert notion.relation(PAGE, "a") == []


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


@contextmanager
def hush():
    """A listener that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


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


def test_what_is_no_page_id_is_not_even_sent(notion, server):
    with pytest.raises(errors.Rejected, match="AAA"):
        notion.page("AAA/../users")
    assert server.asked == []


@pytest.mark.parametrize("token", ["", "  ", "ntn_a b", "ntn_a\nb", "ntn_ä"])
def test_a_token_that_cannot_be_one_is_a_mistake_in_the_configuration(token):
    with pytest.raises(errors.ConfigurationError) as raised:
        Notion(token=token, ask=lambda: None)

    assert not token.strip() or token.strip() not in str(raised.value)


def test_the_token_is_seen_by_notion_alone(notion, server, caplog, capfd):
    # Given everything logged
    caplog.set_level(logging.DEBUG)
    server.will({"object": "user", "id": "u"}, error(401, "unauthorized", "API token is invalid."), reset)

    # When requests succeed, are refused, and break
    notion.me()
    raised = []
    for _ in range(2):
        with pytest.raises(errors.ServiceError) as caught:
            notion.me()
        raised.append(caught.value)

    # I expect it neither in the logs nor in what an error, or what lies behind it, says
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(notion)
    assert all(TOKEN not in f"{one!r} {one} {vars(one)}" for one in raised)
    assert all(one.__context__ is None and one.__cause__ is None for one in raised)
    assert TOKEN not in "".join(capfd.readouterr())


def test_eight_writers_share_one_client(served, server):
    # Given answers that come in while other requests are under way
    def slowly(request):
        time.sleep(0.01)
        return JSONResponse({"object": "user", "id": "u"})

    server.will(*[slowly] * 40)
    answers, slots = [], []
    with Notion(token=TOKEN, ask=lambda: slots.append(1), base_url=served[1]) as notion:
        threads = [threading.Thread(target=lambda: answers.extend(notion.me() for _ in range(5))) for _ in range(8)]

        # When eight threads ask five times each
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

    # I expect forty answers for forty slots
    assert len(answers) == len(slots) == len(server.asked) == 40


def test_the_environments_proxy_is_used_and_its_refusal_changes_nothing(monkeypatch):
    # Given a proxy that refuses every tunnel
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard = []

        def refuse():
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "")

        # When a page is created
        with Notion(token=TOKEN, ask=lambda: None) as notion, pytest.raises(errors.Unavailable):
            notion.create(SOURCE, {})
        thread.join(10)

    # I expect the tunnel asked for, and the token not shown to the proxy
    assert heard[0].startswith(b"CONNECT api.notion.com:443")
    assert TOKEN.encode() not in heard[0]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings here")
def test_recorded_answers_are_read(notion, server):
    def recorded(name):
        return json.loads((RECORDED / f"{name}.json").read_text())["response"]

    server.will(recorded("retrieve_database_parent"), recorded("retrieve_data_source_parent"))
    assert notion.data_source(DATABASE).properties

    server.will(recorded("query_data_source_limit_2") | {"has_more": True, "next_cursor": "c"})
    server.will(recorded("query_data_source_next_2") | {"has_more": False, "next_cursor": None})
    assert len(list(notion.pages(SOURCE))) == 4

    server.will(recorded("retrieve_property_relation_with_many_relations") | {"has_more": False})
    assert len(notion.relation(PAGE, "%60%5B%3E%7B")) > 25


def test_the_client_can_be_closed(served):
    notion = Notion(token=TOKEN, ask=lambda: None, base_url=served[1])
    notion.close()

    assert isinstance(notion._http, httpx.Client)
    assert notion._http.is_closed
