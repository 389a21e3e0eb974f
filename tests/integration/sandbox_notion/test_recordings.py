"""The simulated Notion against recordings of the real one: the same requests give the same shapes."""

import json
import re
from collections import defaultdict

import httpx
import pytest

from crateline.sandbox.notion import app
from crateline.sandbox.notion.state import State
from crateline.sandbox.serving import serve
from givens import folders

FOLDER = folders.SHARED / "notion" / "recorded"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings are not on this machine")

UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
# What the real one has learnt to say since the older recordings were made, and what depends on the workspace.
NEWER = {"is_archived", "is_locked", "archived", "in_trash", "database_id", "has_more", "description", "workspace_id"}
PARTICULAR = {"public_url", "icon", "cover", "avatar_url"}
SAMPLE_TYPES = {
    "checkbox": {"checkbox": True},
    "date": {"date": {"start": "2022-02-25T01:23:00.000+09:00"}},
    "email": {"email": "a@example.com"},
    "multi_select": {"multi_select": [{"name": "one"}, {"name": "two"}]},
    "number": {"number": 1.41421356},
    "phone_number": {"phone_number": "xx"},
    "rich_text": {"rich_text": [{"text": {"content": "def"}}]},
    "select": {"select": {"name": "Select 3"}},
    "status": {"status": {"name": "In progress"}},
    "url": {"url": "https://hkob.hatenablog.com/"},
    "files": {"files": [{"name": "a", "type": "external", "external": {"url": "https://a.example"}}]},
    "created_time": None,
    "last_edited_time": None,
    "unique_id": None,
}


def recorded(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def groups():
    """The SDK's recordings as runs of requests that build on each other."""
    runs = defaultdict(list)
    for path in sorted(FOLDER.glob("sdk_*.json"), key=lambda one: int(one.stem.rpartition("_")[2])):
        runs[path.stem.rpartition("_")[0]].append(path.stem)
    return dict(runs)


def kind(value):
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def differences(real, simulated, at="", *, exact=False):
    """List where two answers differ in keys, types, or null against not null."""
    if isinstance(real, dict) and isinstance(simulated, dict):
        missing = [f"{at}.{key} is missing" for key in sorted(real.keys() - simulated.keys())]
        extra = simulated.keys() - real.keys() - (set() if exact else NEWER)
        found = missing + [f"{at}.{key} is made up" for key in sorted(extra)]
        for key in real.keys() & simulated.keys():
            if exact or key not in PARTICULAR:
                found += differences(real[key], simulated[key], f"{at}.{key}", exact=exact)
        return found
    if kind(real) != kind(simulated):
        return [f"{at} is {kind(simulated)}, in reality {kind(real)}"]
    if isinstance(real, list) and real and simulated:
        return differences(real[0], simulated[0], f"{at}[0]", exact=exact)
    return []


def masked(message):
    """A sentence without its ids and without the integration's name, which older ones do not have."""
    return re.sub(r' "[^"`]*"\.$', ".", UUID.sub("<id>", message))


class Replay:
    """Sends recorded requests to the simulated one, with ids led from theirs to ours."""

    def __init__(self, url, state):
        headers = {"Authorization": f"Bearer {state.token}", "Notion-Version": "2025-09-03"}
        self.http = httpx.Client(base_url=url, headers=headers, trust_env=False)
        self.state = state
        self.ids = {}

    def learn(self, real, ours):
        """Pair the ids of two answers to the same request."""
        if isinstance(real, dict) and isinstance(ours, dict):
            for key in real.keys() & ours.keys():
                self.learn(real[key], ours[key])
        elif isinstance(real, list) and isinstance(ours, list):
            for one, other in zip(real, ours, strict=False):
                self.learn(one, other)
        elif isinstance(real, str) and isinstance(ours, str) and UUID.fullmatch(real) and UUID.fullmatch(ours):
            self.ids[real.replace("-", "")] = ours

    def translate(self, words):
        return UUID.sub(lambda match: self.ids.get(match[0].replace("-", ""), match[0]), words)

    def send(self, request, *, method=None, **headers):
        """Send one recorded request; pages that it names as parents and that we do not have are our root."""
        parent = (request["body"] or {}).get("parent", {})
        if "page_id" in parent:
            self.ids.setdefault(parent["page_id"].replace("-", ""), self.state.root)
        body = json.loads(self.translate(json.dumps(request["body"]))) if request["body"] is not None else None
        path = self.translate(request["path"]).rstrip("/")
        return self.http.request(method or request["method"], path, json=body, headers=headers)


@pytest.fixture(scope="module")
def replay():
    state = State(per_minute=100_000)
    with serve(app.app(state)) as url:
        made = Replay(url, state)
        yield made
        made.http.close()


@pytest.fixture(scope="module")
def tables(replay):
    """The recorded data source "Sample table", and "Parent", to which it is related, made anew from what was read."""
    made = {}
    for name in ("parent", "data_source", "created"):
        real = recorded(f"retrieve_data_source_{name}")["response"]
        columns = {key: column_request(one, made) for key, one in real["properties"].items()}
        columns = {key: one for key, one in columns.items() if one is not None}
        body = {
            "parent": {"page_id": replay.state.root},
            "title": real["title"],
            "initial_data_source": {"properties": columns},
        }
        database = replay.http.post("/v1/databases", json=body).raise_for_status().json()
        made[name] = database["data_sources"][0]["id"]
        replay.learn(real["parent"]["database_id"], database["id"])
        replay.learn(real["id"], made[name])
    return made


def column_request(column, made):
    """Turn a column as it was read into the request that makes it; mirrors make themselves."""
    kind_, settings = column["type"], column[column["type"]]
    if kind_ == "relation":
        if column["name"].startswith("Related to") or "parent" not in made:
            return None
        dual = "dual_property" if settings["type"] == "dual_property" else "single_property"
        return {"relation": {"data_source_id": made["parent"], "type": dual, dual: {}}}
    if kind_ in {"select", "multi_select", "status"}:
        return {kind_: {"options": [{"name": one["name"], "color": one["color"]} for one in settings["options"]]}}
    if kind_ in {"button", "verification", "place"}:
        return None
    return {kind_: settings}


@pytest.mark.parametrize("run", groups() if FOLDER.is_dir() else [])
def test_a_recorded_run_of_the_sdk_gives_the_same_answers(replay, run):
    for name in groups()[run]:
        # Given a recorded exchange / When the same is asked of the simulated one
        real = recorded(name)
        headers = {"Authorization": "Bearer wrong"} if real["status"] == 401 else {}
        ours = replay.send(real["request"], **headers)

        # I expect the same status, the same shape to the last key, and the same words
        assert ours.status_code == real["status"], ours.text
        replay.learn(real["response"], ours.json())
        assert differences(real["response"], ours.json(), exact=True) == [], name
        for key in ("object", "type", "code", "has_more", "in_trash"):
            assert ours.json().get(key) == real["response"].get(key), name
        assert masked(ours.json().get("message", "")) == masked(real["response"].get("message", ""))


@pytest.mark.parametrize(
    "name",
    [f"retrieve_{thing}_{case}" for thing in ("page", "database", "data_source") for case in ("wrong_format",)]
    + ["retrieve_page_unpermitted_page", "retrieve_database_unpermitted_database"]
    + ["retrieve_data_source_unpermitted_data_source"],
)
def test_a_recorded_refusal_is_worded_the_same(replay, name):
    real = recorded(name)["response"]
    ours = replay.send(recorded(name)["request"])
    assert (ours.status_code, ours.json()["code"]) == (real["status"], real["code"])
    assert masked(ours.json()["message"]) == masked(real["message"])


@pytest.mark.parametrize("name", ["parent", "data_source", "created"])
def test_a_data_source_has_the_recorded_shape_in_every_column(replay, tables, name):
    real = recorded(f"retrieve_data_source_{name}")["response"]
    ours = replay.http.get(f"/v1/data_sources/{tables[name]}").json()
    shared = real["properties"].keys() & ours["properties"].keys()
    assert len(shared) >= min(len(real["properties"]), 3)
    for column in shared:
        assert differences(real["properties"][column], ours["properties"][column], column) == []
    assert differences({**real, "properties": {}}, {**ours, "properties": {}}) == []


@pytest.mark.parametrize("name", ["created", "database", "parent"])
def test_a_database_has_the_recorded_shape_and_no_columns(replay, tables, name):
    real = recorded(f"retrieve_database_{name}")["response"]
    database = replay.state.data_sources[tables["parent"]].database
    assert differences(real, replay.http.get(f"/v1/databases/{database}").json()) == []


@pytest.mark.parametrize("type_", SAMPLE_TYPES)
def test_a_property_item_has_the_recorded_shape(replay, type_):
    # Given a page with a value of this type
    config = {type_: {"prefix": "ST"} if type_ == "unique_id" else {}}
    body = {"parent": {"page_id": replay.state.root}, "initial_data_source": {"properties": {"T": {"title": {}}, "P": config}}}
    source = replay.http.post("/v1/databases", json=body).raise_for_status().json()["data_sources"][0]["id"]
    properties = {"P": SAMPLE_TYPES[type_]} if SAMPLE_TYPES[type_] else {}
    page = replay.http.post("/v1/pages", json={"parent": {"data_source_id": source}, "properties": properties}).json()

    # When the property alone is read / I expect what the real one answers
    ours = replay.http.get(f"/v1/pages/{page['id']}/properties/{page['properties']['P']['id']}").json()
    real = recorded(f"retrieve_property_{type_ + '_external' if type_ == 'files' else type_}")["response"]
    assert differences(real, ours, exact=True) == []

    # I expect the page to carry the same value as the recorded page
    recorded_page = recorded("retrieve_page_db_first")["response"]["properties"].values()
    shown = next((one for one in recorded_page if one["type"] == type_), None)
    assert shown is None or differences(shown, page["properties"]["P"], exact=True) == []


@pytest.mark.parametrize("name", ["create_page_parent_data_source", "create_page_parent_database"])
def test_a_created_page_has_the_recorded_shape(replay, tables, name):
    real = recorded(name)
    ours = replay.send(real["request"])
    assert ours.status_code == 200, ours.text
    shared = [key for key in real["response"]["properties"] if not key.startswith("Related to")]
    for answer in (real["response"], made := ours.json()):
        answer["properties"] = {key: answer["properties"][key] for key in shared}
    assert differences(real["response"], made) == []
    assert ours.json()["url"].rpartition("-")[0].endswith(real["response"]["url"].rpartition("/")[2].rpartition("-")[0])


def test_a_relation_is_cut_at_25_on_the_page_and_whole_in_the_property(replay, tables):
    # Given a page with 30 related ones
    parent = {"data_source_id": tables["parent"]}
    others = [replay.http.post("/v1/pages", json={"parent": parent}).json()["id"] for _ in range(30)]
    body = {
        "parent": {"data_source_id": tables["data_source"]},
        "properties": {"RelationTitle": {"relation": [{"id": one} for one in others]}},
    }
    page = replay.http.post("/v1/pages", json=body).json()

    # When page and property are read / I expect the recorded forms
    real = recorded("retrieve_page_with_many_relations")["response"]["properties"]["Children"]
    ours = page["properties"]["RelationTitle"]
    assert differences(real, ours, exact=True) == []
    assert (len(ours["relation"]), ours["has_more"]) == (len(real["relation"]), real["has_more"]) == (25, True)
    real = recorded("retrieve_property_relation_with_many_relations")["response"]
    items = replay.http.get(f"/v1/pages/{page['id']}/properties/{ours['id']}").json()
    assert differences(real, items, exact=True) == []
    assert [one["relation"]["id"] for one in items["results"]] == others


def test_a_long_text_is_paged_like_the_recorded_one(replay, tables):
    parts = [{"text": {"content": f"{number} ", "link": None}} for number in range(7)]
    body = {"parent": {"data_source_id": tables["data_source"]}, "properties": {"TextTitle": {"rich_text": parts}}}
    page = replay.http.post("/v1/pages", json=body).raise_for_status().json()
    path = f"/v1/pages/{page['id']}/properties/{page['properties']['TextTitle']['id']}"
    first = replay.http.get(path, params={"page_size": 5}).json()
    last = replay.http.get(path, params={"page_size": 5, "start_cursor": first["next_cursor"]}).json()
    for real, ours in (("limit_5", first), ("last_5", last)):
        assert differences(recorded(f"retrieve_property_rich_text_{real}")["response"], ours, exact=True) == []
    assert (len(first["results"]), len(last["results"])) == (5, 2)


@pytest.mark.parametrize("name", ["limit_2", "last_2", "select_multi_values"])
def test_a_query_has_the_recorded_shape(replay, tables, name):
    # Given three pages / When they are queried as recorded
    for _ in range(3):
        selected = {"SelectTitle": {"select": {"name": "Select 1"}}}
        body = {"parent": {"data_source_id": tables["data_source"]}, "properties": selected}
        replay.http.post("/v1/pages", json=body).raise_for_status()
    real = recorded(f"query_data_source_{name}")
    if name == "last_2":
        del real["request"]["body"]["start_cursor"]
        real["request"]["body"]["filter"] = {"timestamp": "created_time", "created_time": {"before": "2020-01-01"}}
    ours = replay.send(real["request"]).json()

    # I expect the list, and its pages, in the recorded shape
    assert differences({**real["response"], "results": []}, {**ours, "results": []}, exact=name != "limit_2") == []
    for page in ours["results"][:1]:
        assert differences({**real["response"]["results"][0], "properties": {}}, {**page, "properties": {}}) == []


def test_a_schema_changes_as_recorded(replay, tables):
    for name in ("add_property", "rename_properties", "remove_properties"):
        # Given a recorded change / When it is made / I expect the same columns to be there, or gone
        real = recorded(f"update_data_source_{name}")
        before = replay.http.get(f"/v1/data_sources/{tables['created']}").json()["properties"]
        ours = replay.send(real["request"], method="PATCH")
        assert ours.status_code == 200, ours.text
        for column, one in real["response"]["properties"].items():
            if column in ours.json()["properties"] and column not in before:
                assert differences(one, ours.json()["properties"][column], column) == []
        asked = real["request"]["body"]["properties"]
        for column, config in asked.items():
            kept = config is not None and "name" not in config
            assert (column in ours.json()["properties"]) == kept == (column in real["response"]["properties"])


def test_the_bot_has_the_recorded_shape(replay):
    ours = replay.http.get("/v1/users/me").json()
    assert differences(recorded("retrieve_user_token_bot")["response"], ours) == []
