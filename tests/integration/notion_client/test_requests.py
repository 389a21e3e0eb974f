"""What every request carries, which way it takes, and who sees its token."""

import logging
import socket
import threading
import time

import pytest
from starlette.responses import JSONResponse

from crateline import errors
from crateline.clients.notion import Notion
from givens.notion_answers import SOURCE, TOKEN, error, reset


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


def test_a_budget_that_refuses_keeps_the_request_from_being_sent(served, server):
    def ask():
        raise errors.Throttled("notion", "paused", 5)

    with Notion(token=TOKEN, ask=ask, base_url=served[1]) as notion, pytest.raises(errors.Throttled):
        notion.create(SOURCE, {})

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


def test_a_client_that_was_closed_sends_nothing(served, server):
    notion = Notion(token=TOKEN, ask=lambda: None, base_url=served[1])
    notion.close()

    with pytest.raises(RuntimeError, match="closed"):
        notion.me()
    assert server.asked == []
