"""The client against the simulated Eagle: one item per tag, every failure given its meaning, nothing leaked."""

import json
import logging
import pickle
import socket
import time
from pathlib import Path

import httpx
import pytest
from starlette.responses import JSONResponse

from crateline.clients import eagle as clients
from crateline.clients.eagle import Eagle
from crateline.errors import (
    CredentialsRefused,
    NotFound,
    OutcomeUnknown,
    Rejected,
    ServiceStopped,
    Unavailable,
)
from crateline.sandbox import eagle as sandbox
from crateline.sandbox.eagle.service import API_TOKEN
from crateline.sandbox.serving import serve

ONE_VERSION = pytest.mark.parametrize("url", [True], indirect=True, ids=["v2"])  # what both versions share is tried once
TAG = "crateline:soundcloud:tracks:115"


@pytest.fixture(params=[True, False], ids=["v2", "v1"])
def url(request, tmp_path):
    with serve(sandbox.app(tmp_path / "eagle", v2=request.param, copy_delay=0.1)) as base:
        yield base


@pytest.fixture
def eagle(url):
    with Eagle(url=url) as client:
        yield client


@pytest.fixture
def master(tmp_path):
    path = tmp_path / "master.m4a"
    path.write_bytes(b"sound" * 20_000)
    return path


def until(condition, limit=5.0):
    end = time.monotonic() + limit
    while not (result := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return result


def state(url):
    return httpx.get(f"{url}/_sandbox/state", trust_env=False, verify=False).json()


def order(url, *rules):
    httpx.post(f"{url}/_sandbox/faults", json=list(rules), trust_env=False, verify=False).raise_for_status()


def add(eagle, path, *tags, **more):
    return eagle.add(path, name="Slushii - Twinbow", tags=tags or (TAG,), **more)


def test_an_added_file_is_found_by_its_tag_and_whole_after_a_while(eagle, url, master):
    # When
    folder = eagle.folder("Peak Time")
    added = add(eagle, master, TAG, "128 BPM", folder_id=folder, website="https://soundcloud.com/x/y", annotation="note")
    # I expect
    (item,) = until(lambda: eagle.find(TAG))
    assert item.id == added
    assert (item.name, item.ext, item.tags, item.folders) == ("Slushii - Twinbow", "m4a", (TAG, "128 BPM"), (folder,))
    assert (item.website, item.annotation) == ("https://soundcloud.com/x/y", "note")
    until(lambda: eagle.file_size(item) == master.stat().st_size)
    assert [one["folder_names"] for one in state(url)["items"]] == [["Peak Time"]]


def test_the_copy_comes_after_the_answer(tmp_path, master):
    with serve(sandbox.app(tmp_path / "eagle", copy_delay=1)) as base, Eagle(url=base) as eagle:
        # When
        add(eagle, master)
        # I expect
        assert state(base)["items"] == []
        (item,) = until(lambda: eagle.find(TAG))
        assert (item.size, eagle.file_size(item)) == (0, None)
        until(lambda: eagle.file_size(item) == master.stat().st_size)


def test_a_tag_that_only_begins_alike_is_another_track(eagle, master):
    # Given
    add(eagle, master, f"{TAG}0")
    until(lambda: eagle.find(f"{TAG}0"))
    # I expect
    assert eagle.find(TAG) == ()


def test_an_item_in_the_bin_is_not_found(eagle, url, master):
    # Given
    item_id = add(eagle, master)
    until(lambda: eagle.find(TAG))
    # When
    httpx.post(f"{url}/api/item/moveToTrash", json={"itemIds": [item_id]}, trust_env=False, verify=False)
    # I expect
    assert eagle.find(TAG) == ()


def test_eagle_itself_would_take_the_same_file_twice(eagle, master):
    assert add(eagle, master) != add(eagle, master)
    until(lambda: len(eagle.find(TAG)) == 2)


def test_a_folder_is_made_once(eagle, url):
    assert eagle.folder("Warm up") == eagle.folder("Warm up")
    assert [folder["name"] for folder in state(url)["folders"]] == ["Warm up"]


@ONE_VERSION
def test_a_folder_inside_another_is_found(eagle, url):
    # Given
    parent = eagle.folder("2026")
    made = httpx.post(
        f"{url}/api/folder/create", json={"folderName": "June", "parent": parent}, trust_env=False, verify=False
    ).json()
    # I expect
    assert eagle.folder("June") == made["data"]["id"]


def test_tags_are_replaced(eagle, url, master):
    # Given
    item_id = add(eagle, master)
    until(lambda: eagle.find(TAG) and state(url)["copying"] == 0)
    # When
    eagle.update(item_id, tags=(TAG, "8A"))
    # I expect
    (item,) = eagle.find(TAG)
    assert item.tags == (TAG, "8A")


def test_an_item_is_known_by_its_id_unless_it_is_in_the_bin(eagle, url, master):
    # Given
    add(eagle, master)
    (item,) = until(lambda: eagle.find(TAG))
    # I expect
    assert eagle.item(item.id).tags == (TAG,)
    assert eagle.item("NO0SUCH0ITEM0") is None
    httpx.post(f"{url}/api/item/moveToTrash", json={"itemIds": [item.id]}, trust_env=False)
    assert eagle.item(item.id) is None


def test_an_annotation_is_replaced_if_one_is_given(eagle, master):
    # Given
    add(eagle, master, annotation="first")
    (item,) = until(lambda: eagle.find(TAG))
    # When
    eagle.update(item.id, tags=(TAG, "new"))
    assert eagle.item(item.id).annotation == "first"
    eagle.update(item.id, tags=(TAG,), annotation="second")
    # I expect
    assert eagle.item(item.id).annotation == "second"


def test_folders_are_replaced_where_the_api_can(tmp_path, master):
    with serve(sandbox.app(tmp_path / "eagle", copy_delay=0)) as base, Eagle(url=base) as eagle:
        item_id = add(eagle, master)
        until(lambda: eagle.find(TAG) and state(base)["copying"] == 0)
        folders = eagle.folder("a"), eagle.folder("b")
        eagle.update(item_id, tags=(TAG,), folder_ids=folders)
        assert eagle.find(TAG)[0].folders == folders


def test_an_item_that_is_not_there_is_not_found(eagle):
    with pytest.raises(NotFound, match="does not exist"):
        eagle.update("NOSUCHITEM", tags=())


def test_a_file_that_is_not_there_is_refused(eagle, tmp_path):
    with pytest.raises((Rejected, NotFound)):
        add(eagle, tmp_path / "absent.m4a")


@ONE_VERSION
def test_a_tag_with_a_comma_would_be_two_tags(eagle, master):
    with pytest.raises(Rejected, match="comma"):
        add(eagle, master, "a,b")
    with pytest.raises(Rejected, match="comma"):
        eagle.find("a,b")


@ONE_VERSION
def test_the_open_library_is_known_and_a_switch_is_seen(eagle, url, tmp_path):
    assert eagle.library() == clients.Library(name="Sandbox", path=str(tmp_path / "eagle" / "Sandbox.library"))
    # When another program switches
    other = tmp_path / "Other.library"
    httpx.post(f"{url}/api/library/switch", json={"libraryPath": str(other)}, trust_env=False, verify=False)
    # I expect
    until(lambda: eagle.library().path == str(other))


def test_an_older_add_gives_no_id(tmp_path, master):
    with serve(sandbox.app(tmp_path / "eagle", v2=False, answers_id=False, copy_delay=0)) as base, Eagle(url=base) as eagle:
        assert add(eagle, master) is None
        until(lambda: eagle.find(TAG))


def test_v2_is_asked_for_once_and_never_again_where_there_is_none(tmp_path):
    with serve(sandbox.app(tmp_path / "eagle", v2=False)) as base, Eagle(url=base) as eagle:
        for _ in range(3):
            eagle.find(TAG)
        assert httpx.get(f"{base}/_sandbox/stats", trust_env=False, verify=False).json()["kinds"] == {"item/list": 3}
        assert eagle._v2 is False


# --- what goes wrong


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"status": "error", "message": "Not Found"}),
        (405, {"detail": "Method Not Allowed"}),
        (501, {}),
        (400, {"status": "error", "message": "unknown api"}),
        (200, {"status": "error", "message": "api does not exist"}),
    ],
)
def test_however_an_eagle_says_that_it_has_no_v2_the_first_version_is_used(tmp_path, master, status, body):
    # Given
    old = sandbox.app(tmp_path / "eagle", v2=False, copy_delay=0.1)

    async def app(scope, receive, send):
        await (JSONResponse(body, status) if scope["path"].startswith("/api/v2") else old)(scope, receive, send)

    with serve(app) as base, Eagle(url=base) as eagle:
        # When
        assert eagle.find(TAG) == ()
        add(eagle, master)
        # I expect
        until(lambda: eagle.find(TAG))


@pytest.mark.parametrize(
    "kind", ["reset-before", "reset-after", "timeout", "timeout-after", "500-before", "500-after", "truncate"]
)
def test_an_add_without_a_clear_answer_may_have_been_carried_out(eagle, url, master, kind):
    # Given
    order(url, {"kind": kind, "path": "add", "seconds": 30})
    # When
    with Eagle(url=url, timeout_s=0.4) as hasty, pytest.raises(OutcomeUnknown):
        add(hasty, master)
    # I expect
    order(url)
    until(lambda: state(url)["copying"] == 0)
    carried_out = kind.endswith("after") or kind == "truncate"
    if carried_out:
        until(lambda: eagle.find(TAG))
    assert len(eagle.find(TAG)) == carried_out


@ONE_VERSION
@pytest.mark.parametrize("kind", ["reset", "timeout", "503", "200-html", "truncate"])
def test_a_read_without_a_clear_answer_can_be_repeated(eagle, url, kind):
    # Given
    order(url, {"kind": kind, "seconds": 30})
    # When
    with Eagle(url=url, timeout_s=0.4) as hasty, pytest.raises(Unavailable):
        hasty.library()
    # I expect
    order(url)
    assert eagle.library().name == "Sandbox"


@ONE_VERSION
def test_a_starting_eagle_takes_no_file(eagle, url, master):
    order(url, {"kind": "200-html"})
    with pytest.raises(Unavailable, match="starting"):
        add(eagle, master)
    order(url)
    assert eagle.find(TAG) == ()


def test_no_eagle_is_a_pause_with_a_remedy(master):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with Eagle(url=url) as eagle, pytest.raises(ServiceStopped) as stopped:
            add(eagle, master)
        assert not clients.found(url)
    assert str(stopped.value) == "eagle: Eagle is not running"
    assert "open -a Eagle" in pickle.loads(pickle.dumps(stopped.value)).remedy


def test_something_else_on_the_port_is_not_eagle():
    async def other(scope, receive, send):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with serve(other) as base, Eagle(url=base) as eagle:
        assert not clients.found(base)
        with pytest.raises(Rejected, match="not Eagle"):
            eagle.library()


@ONE_VERSION
def test_a_running_eagle_is_detected(url):
    assert clients.found(url)
    assert not clients.found("not a url")


@ONE_VERSION
def test_proxies_are_bypassed(url, monkeypatch):
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Eagle(url=url) as eagle:
        assert eagle.version() == "4.0.0 (20250821)"
    assert clients.found(url)


# --- secrets


def test_the_token_is_sent_and_never_shown(tmp_path, master, caplog):
    caplog.set_level(logging.DEBUG)
    with serve(sandbox.app(tmp_path / "eagle", token_needed=True, copy_delay=0)) as base:
        # When it is wrong
        with Eagle(url=base, token="wrong-secret") as eagle, pytest.raises(CredentialsRefused) as refused:
            eagle.library()
        # When it is right
        with Eagle(url=base, token=API_TOKEN) as eagle:
            shown = [repr(eagle), eagle.version(), str(refused.value), repr(refused.value)]
            add(eagle, master)
            until(lambda: eagle.find(TAG))
            with pytest.raises(NotFound) as absent:
                eagle.update("NOSUCHITEM", tags=())
            shown.append(repr(absent.value))
    # I expect
    everything = json.dumps(
        [*shown, *(record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn"))]
    )
    assert "wrong-secret" not in everything
    assert API_TOKEN not in everything


def test_eagles_words_are_kept_short_and_free_of_the_token():
    async def chatty(scope, receive, send):
        body = json.dumps({"status": "error", "message": f"bad token my-token {'x' * 900}"}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    with serve(chatty) as base, Eagle(url=base, token="my-token") as eagle, pytest.raises(Rejected) as refused:
        eagle.library()
    assert "my-token" not in str(refused.value)
    assert len(str(refused.value)) < 300


# --- the simulated Eagle itself


def test_a_library_is_read_again_after_a_restart(tmp_path, master):
    # Given
    with serve(sandbox.app(tmp_path / "eagle", copy_delay=0)) as base, Eagle(url=base) as eagle:
        folder = eagle.folder("Peak Time")
        add(eagle, master, folder_id=folder)
        until(lambda: eagle.find(TAG) and state(base)["copying"] == 0)
        before = state(base)
    # When
    with serve(sandbox.app(tmp_path / "eagle", copy_delay=0)) as base:
        after = state(base)
    # I expect
    assert after == before
    (item,) = after["items"]
    assert item["file_size"] == item["size"] == master.stat().st_size
    assert (Path(after["library"]["path"]) / "images" / f"{item['id']}.info" / "metadata.json").is_file()


def test_a_file_taken_away_before_the_copy_never_becomes_an_item(eagle, url, master):
    add(eagle, master)
    master.unlink()
    until(lambda: state(url)["copying"] == 0)
    assert state(url)["items"] == []


def test_ids_begin_with_the_time_in_base_36():
    made = sandbox.library.new_id()
    assert len(made) == 13
    assert abs(int(made[:8], 36) / 1000 - time.time()) < 5


def test_v1_errors_come_with_200_and_its_offset_counts_pages(tmp_path, master):
    with serve(sandbox.app(tmp_path / "eagle", v2=False, copy_delay=0)) as base, Eagle(url=base) as eagle:
        for number in range(3):
            add(eagle, master, f"crateline:x:{number}")
        until(lambda: len(state(base)["items"]) == 3)
        http = httpx.Client(base_url=base, trust_env=False, verify=False)
        absent = http.get("/api/item/info", params={"id": "x"})
        pages = [http.get("/api/item/list", params={"limit": 2, "offset": offset}).json()["data"] for offset in (0, 1, 2)]
        http.close()
    assert (absent.status_code, absent.json()["status"]) == (200, "error")
    assert [len(page) for page in pages] == [2, 1, 0]
