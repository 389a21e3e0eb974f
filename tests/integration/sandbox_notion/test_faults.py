"""The limits and faults of the simulated Notion, as the real client meets them; and the door that orders them."""

import time

import httpx
import pytest
from notion_client.errors import HTTPResponseError, RequestTimeoutError

from crateline.sandbox.notion import admin
from givens.notion_words import plain, refused, rich, title


def spend(client, requests):
    for _ in range(requests):
        client.users.me()


def test_the_window_may_be_spent_in_a_burst_and_then_asks_for_silence(make):
    # Given room for eight requests
    world = make(per_minute=8)

    # When more come / I expect a 429 with whole seconds, in the header and in the body
    error = refused(spend, world.client, 20)
    wait = error.headers["Retry-After"]
    assert (error.status, error.code) == (429, "rate_limited")
    assert 1 <= int(wait) <= 60
    assert error.additional_data == {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": wait}

    # When somebody asks on / I expect the sandbox to have seen it
    time.sleep(0.05)
    refused(world.client.users.me)
    report = admin.stats(world.state, world.faults, grace=0.02)
    assert report["in_silence"] == 1
    assert report["fullest_window"] <= 8


@pytest.mark.parametrize(
    ("kind", "status", "code", "committed"),
    [
        ("429", 429, "rate_limited", 0),
        ("500", 500, "internal_server_error", 0),
        ("503-before", 503, "service_unavailable", 0),
        ("503-after", 503, "service_unavailable", 1),
        ("504-after", 504, "gateway_timeout", 1),
        ("409", 409, "conflict_error", 0),
        ("403", 403, "restricted_resource", 0),
    ],
)
def test_a_fault_strikes_a_create_before_or_after_it_is_committed(make, kind, status, code, committed):
    world = make([{"kind": kind, "writes": True, "times": 1}])
    error = refused(world.add, "Once")
    assert (error.status, error.code) == (status, code)
    assert len(world.names()) == committed
    assert error.request_id


def test_a_committed_create_names_its_page_in_the_503(make):
    # Given a create that commits and answers 503
    world = make([{"kind": "503-after", "writes": True, "times": 2}])
    error = refused(world.add, "Once")

    # I expect the guidance and the very page
    assert "Do not repeat the write." in error.additional_data["retry_guidance"]
    page = error.additional_data["committed_resource_id"]
    assert plain(world.client.pages.retrieve(page)["properties"]["Name"]["title"]) == "Once"

    # When an update meets the same / I expect the guidance alone
    error = refused(world.client.pages.update, page, properties={"BPM": {"number": 7}})
    assert set(error.additional_data) == {"retry_guidance"}
    assert world.client.pages.retrieve(page)["properties"]["BPM"]["number"] == 7


def test_a_refused_write_is_not_said_to_be_committed(make):
    world = make([{"kind": "503-after", "writes": True}])
    error = refused(world.add, "Wrong", Nothing={"number": 1})
    assert error.status == 400


@pytest.mark.parametrize(("kind", "status"), [("502-html", 502), ("529", 529)])
def test_answers_that_the_client_does_not_know(make, kind, status):
    world = make([{"kind": kind, "retry_after": 3, "path": "/query$"}])
    with pytest.raises(HTTPResponseError) as caught:
        world.names()
    assert caught.value.status == status
    assert caught.value.headers["Retry-After"] == "3"


@pytest.mark.parametrize(("kind", "committed"), [("reset-before", 0), ("reset-after", 1)])
def test_a_reset_gives_the_client_a_raw_transport_error(make, eventually, kind, committed):
    world = make([{"kind": kind, "writes": True, "times": 1}])
    with pytest.raises(httpx.TransportError):
        world.add("Lost")
    assert len(world.names()) == committed
    eventually(lambda: world.arrivals("POST")[0].status == 0)


def test_a_slow_answer_is_committed_while_the_client_gives_up(make):
    world = make([{"kind": "slow-after", "seconds": 0.6, "writes": True, "times": 1}])
    with world.speaker(timeout_ms=200) as impatient, pytest.raises(RequestTimeoutError):
        impatient.pages.create(parent={"data_source_id": world.tracks}, properties={"Name": title("Slow")})
    assert world.names() == ["Slow"]


def test_reads_are_spared_by_a_rule_for_writes(make):
    world = make([{"kind": "500", "writes": True}])
    assert world.names() == []
    assert world.client.users.me()["type"] == "bot"


def test_the_door_shows_and_switches(world):
    # Given a track
    page = world.add("Song", BPM={"number": 120}, **{"Source ID": rich("k:1")})["id"]
    with httpx.Client(base_url=f"{world.url}/_sandbox", trust_env=False) as door:
        # When its state is asked for / I expect plain values by name
        row = door.get("/state").json()["databases"]["Music Tracks"]["rows"][0]
        assert (row["id"], row["in_trash"], row["edited_by"]) == (page, False, "bot")
        assert {"Name": "Song", "BPM": 120, "Source ID": "k:1", "Status": None}.items() <= row["properties"].items()

        # When a person edits it / I expect Notion to know who did
        edited = door.post("/edit", json={"page": page, "properties": {"BPM": 121, "Status": "Ready"}}).json()
        assert (edited["edited_by"], edited["properties"]["BPM"]) == ("person", 121)
        shown = world.client.pages.retrieve(page)
        assert shown["last_edited_by"]["id"] != shown["created_by"]["id"]

        # When switches are set / I expect them to hold
        assert door.post("/token", json={"valid": False}).json() == {"valid": False}
        assert refused(world.client.users.me).status == 401
        door.post("/token", json={"valid": True})
        assert door.post("/limits", json={"per_minute": 9, "latency": 0.2}).json()["per_minute"] == 9
        world.state.window.per_minute = 1000
        started = time.monotonic()
        world.client.users.me()
        assert time.monotonic() - started >= 0.2
        assert door.post("/rows", json={"database": world.ids.tracks, "rows": [{"Name": "By hand"}]}).status_code == 200
        assert door.post("/rows", json={"database": world.ids.tracks, "rows": [{"No": 1}]}).status_code == 400
        assert door.post("/faults", json=[{"kind": "500", "path": "users"}]).json() == {"rules": 1}
        assert refused(world.client.users.me).status == 500

        # When the stats are asked for / I expect every arrival with its status
        report = door.get("/stats").json()
        assert report["by_status"]["401"] == 1
        assert report["faults"] == {"500": 1}
        assert report["arrivals"][-1]["path"] == "/v1/users/me"
        assert report["arrivals"][-1]["wall"] == pytest.approx(time.time(), abs=5)
