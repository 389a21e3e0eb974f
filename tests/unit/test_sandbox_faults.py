"""Faults on demand: which request is hit, before or after its work, and what the client then sees."""

import asyncio
import re
import time
from contextlib import contextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crateline.sandbox.faults import Faults, Rule
from crateline.sandbox.serving import serve

ANSWER = {"hello": "x" * 1000}


@contextmanager
def service(*rules, words=None):
    """A service with one door, whose work is to count; gives a client, the list of work done, and the faults."""
    faults = Faults(rules)
    done = []

    async def door(request: Request) -> Response:
        async def commit() -> Response:
            done.append(await request.json() if request.method == "POST" else request.method)
            return JSONResponse(ANSWER)

        return await faults.strike(request, commit, words=words)

    routes = [
        Route("/_sandbox/faults", faults.endpoint, methods=["POST"]),
        Route("/{rest:path}", door, methods=["GET", "POST"]),
    ]
    with serve(Starlette(routes=routes)) as url, httpx.Client(base_url=url, trust_env=False, timeout=5) as client:
        yield client, done, faults


def draws(rules, requests, seed=0):
    faults = Faults(rules, seed=seed)
    return [faults.draw(method, path, write=method != "GET") is not None for method, path in requests]


@pytest.mark.parametrize(
    ("rule", "hit", "spared"),
    [
        ({"kind": "500"}, ("GET", "/a"), None),
        ({"kind": "500", "writes": True}, ("POST", "/a"), ("GET", "/a")),
        ({"kind": "500", "method": "GET|PUT"}, ("PUT", "/a"), ("POST", "/a")),
        ({"kind": "500", "path": "^/v1/pages$"}, ("POST", "/v1/pages"), ("POST", "/v1/pages/7")),
        ({"kind": "500", "path": "pages"}, ("POST", "/v1/pages/7"), ("POST", "/v1/databases")),
    ],
)
def test_a_rule_hits_what_it_names_and_spares_the_rest(rule, hit, spared):
    # Given a rule / When both requests come / I expect one strike
    assert draws([rule], [hit]) == [True]
    assert spared is None or draws([rule], [spared]) == [False]


def test_the_same_seed_brings_the_same_faults():
    # Given a rule that hits one request in three
    rules = [{"kind": "503", "rate": 0.33}]
    requests = [("GET", "/")] * 300

    # When the same requests come twice, and once with other dice
    first, again, other = draws(rules, requests, 5), draws(rules, requests, 5), draws(rules, requests, 6)

    # I expect the same strikes, about as many as asked for
    assert first == again != other
    assert 70 < sum(first) < 130


def test_a_rule_waits_for_its_turn_and_ends_after_its_times():
    # Given a rule for the third and fourth request
    rules = [{"kind": "500", "skip": 2, "times": 2}]

    # When six come / I expect the two in the middle hit
    assert draws(rules, [("GET", "/")] * 6) == [False, False, True, True, False, False]


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "nonsense"},
        {"kind": "reset-html"},
        {"kind": "500", "rate": 2},
        {"kind": "500", "path": "("},
        {"kind": "500", "rat": 0.1},
        {"rate": 1},
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(entry):
    with pytest.raises(ValueError):
        Rule.parse(entry)


@pytest.mark.parametrize(("kind", "committed"), [("503", 0), ("503-before", 0), ("503-after", 1), ("429", 0), ("504-after", 1)])
def test_a_status_strikes_before_or_after_the_work(kind, committed):
    # Given a fault / When a write meets it
    with service({"kind": kind, "retry_after": 17, "headers": {"X-Mark": "1"}, "body": {"code": "no"}}) as (client, done, faults):
        answer = client.post("/", json=1)

    # I expect its status, its words, and the work done only by the "after" kinds
    assert answer.status_code == int(kind[:3])
    assert (answer.headers["Retry-After"], answer.headers["X-Mark"]) == ("17", "1")
    assert answer.json() == {"code": "no"}
    assert len(done) == committed
    assert faults.struck == {kind: 1}


def test_an_edge_answers_in_html():
    with service({"kind": "502-html"}) as (client, done, _):
        answer = client.get("/")
    assert answer.status_code == 502
    assert answer.headers["content-type"].startswith("text/html")
    assert done == []


def test_a_service_can_speak_its_own_words_and_name_what_was_committed():
    # Given a service that words its own errors
    def words(rule, truth):
        return JSONResponse({"status": rule.status, "committed": truth is not None}, rule.status)

    # When a fault strikes after the work / I expect the words to know of it
    with service({"kind": "503-after"}, words=words) as (client, _, _):
        assert client.get("/").json() == {"status": 503, "committed": True}


@pytest.mark.parametrize(("kind", "committed"), [("reset", 0), ("reset-before", 0), ("reset-after", 1)])
def test_a_reset_gives_no_answer_at_all(kind, committed):
    with service({"kind": kind, "times": 1}) as (client, done, _):
        # Given a fault of the connection / When a request meets it / I expect no answer
        with pytest.raises(httpx.TransportError):
            client.post("/", json=1)
        assert len(done) == committed
        # I expect the next request to be answered
        assert client.get("/").json() == ANSWER


@pytest.mark.parametrize(("kind", "committed"), [("slow-before", 0), ("slow-after", 1)])
def test_a_slow_answer_comes_late_and_says_nothing_of_when_the_work_was_done(kind, committed):
    with service({"kind": kind, "seconds": 0.4, "times": 2}) as (client, done, _):
        # Given a client less patient than the service is slow / When it has given up
        with pytest.raises(httpx.ReadTimeout):
            client.post("/", json=1, timeout=0.15)
        # I expect the work done already, or not yet
        assert len(done) == committed
        # I expect a patient client to have its answer
        started = time.monotonic()
        assert client.post("/", json=2).json() == ANSWER
        assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize(("kind", "committed"), [("timeout", 0), ("timeout-after", 1)])
def test_a_timeout_never_answers(kind, committed):
    with service({"kind": kind, "seconds": 0.2, "times": 1}) as (client, done, _):
        with pytest.raises(httpx.TransportError):
            client.post("/", json=1)
        assert len(done) == committed


def test_a_truncated_answer_promises_more_than_it_gives():
    with service({"kind": "truncate", "fraction": 0.5}) as (client, done, _):
        with pytest.raises(httpx.RemoteProtocolError, match=re.compile("incomplete|without", re.IGNORECASE)):
            client.get("/")
        assert done == ["GET"]


def test_rules_can_be_replaced_while_the_service_runs():
    with service() as (client, _, _):
        # Given a healthy service / When rules are put in place / I expect them to hold, then to be gone
        assert client.get("/").status_code == 200
        assert client.post("/_sandbox/faults", json=[{"kind": "500"}]).json() == {"rules": 1}
        assert client.get("/").status_code == 500
        assert client.post("/_sandbox/faults", json={"rules": [], "seed": 3}).json() == {"rules": 0}
        assert client.get("/").status_code == 200


def test_a_bad_rule_is_answered_with_a_sentence_and_changes_nothing():
    with service({"kind": "500"}) as (client, _, _):
        answer = client.post("/_sandbox/faults", json=[{"kind": "bad"}])
        assert (answer.status_code, answer.json()["error"]) == (400, "unknown kind of fault: 'bad'")
        assert client.get("/").status_code == 500


def test_the_work_is_never_done_twice():
    # Given every kind there is
    kinds = ["503", "503-after", "slow-before", "slow-after"]
    count = 0

    async def commit() -> Response:
        nonlocal count
        count += 1
        return Response()

    # When each strikes once / I expect at most one piece of work each
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b"", "server": ("x", 1)})
    for kind in kinds:
        count = 0
        asyncio.run(Faults([{"kind": kind, "seconds": 0}]).strike(request, commit))
        assert count == (0 if kind == "503" else 1)
