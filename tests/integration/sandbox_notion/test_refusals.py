"""What Notion refuses, the simulated one refuses in its words, and nothing has changed."""

import httpx
import pytest
from notion_client import APIResponseError

from givens.notion_words import refused, rich


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"Nothing": {"number": 1}}, "Nothing is not a property that exists."),
        ({"BPM": {"rich_text": []}}, "BPM is expected to be number."),
        ({"URL": {"url": ""}}, "should be populated or `null`"),
        ({"URL": {"url": "x" * 2001}}, "body.properties.URL.url.length should be ≤ `2000`, instead was `2001`."),
        ({"Artist": rich("x" * 2001)}, "text.content.length should be ≤ `2000`, instead was `2001`."),
        ({"Artist": {"rich_text": rich("x")["rich_text"] * 101}}, "rich_text.length should be ≤ `100`, instead was `101`."),
        ({"Status": {"status": {"name": "Unheard"}}}, 'Status option "Unheard" does not exist'),
        ({"Energy Level": {"select": {"name": "a,b"}}}, "commas not allowed"),
        ({"Energy Level": {"select": {"name": "x" * 101}}}, "should be ≤ `100`, instead was `101`."),
        ({"Last Played (DJ)": {"date": {"start": "yesterday"}}}, "should be a valid ISO 8601 date string"),
        ({"In Eagle": {"checkbox": None}}, "should be a boolean"),
    ],
)
def test_what_notion_refuses_is_refused_in_its_words_and_changes_nothing(world, properties, words):
    page = world.add("Kept", BPM={"number": 5})
    wanted = {"BPM": {"number": 9}, "Duration": {"number": 9}, **properties}
    error = refused(world.client.pages.update, page["id"], properties=wanted)
    assert (error.status, error.code) == (400, "validation_error")
    assert words in str(error)
    kept = world.client.pages.retrieve(page["id"])["properties"]
    assert (kept["BPM"]["number"], kept["Duration"]["number"]) == (5, None)
    assert refused(world.add, "New", **properties).status == 400
    assert world.names() == ["Kept"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("pages", {"parent": None}),
        ("pages", {"properties": ["x"]}),
        ("pages", {"properties": {"Artist": {"rich_text": "x"}}}),
        ("pages", {"properties": {"Artist": {"rich_text": ["x"]}}}),
        ("pages", {"properties": {"DJ Sessions": {"relation": ["x"]}}}),
        ("pages", {"properties": {"DJ Sessions": {"relation": [{"id": "x"}]}}}),
        ("pages", {"properties": {"Energy Level": {"select": "High"}}}),
        ("pages", {"properties": {"Energy Level": {"select": {}}}}),
        ("pages", {"properties": {"Last Played (DJ)": {"date": {"start": "2026-01-01", "time_zone": "Moon/Sea"}}}}),
        ("pages", {"children": ["x"]}),
        ("pages", {"children": [{"type": "paragraph"}]}),
        ("query", {"filter": {"and": {}}}),
        ("query", {"filter": {"or": ["x"]}}),
        ("query", {"filter": {"property": "BPM", "number": 3}}),
        ("query", {"filter": {"property": "BPM", "number": {"near": 3}}}),
        ("query", {"filter": {"property": "DJ Sessions", "relation": {"contains": "x"}}}),
        ("query", {"filter": {"timestamp": "created_time", "created_time": {"after": "noon"}}}),
        ("query", {"sorts": {"direction": "ascending"}}),
        ("query", {"sorts": ["x"]}),
        ("query", {"page_size": "many"}),
    ],
)
def test_a_malformed_request_is_refused_and_never_breaks_the_service(world, path, body):
    at = "pages" if path == "pages" else f"data_sources/{world.tracks}/query"
    whole = {"parent": {"data_source_id": world.tracks}, **body} if path == "pages" else body
    with pytest.raises(APIResponseError) as caught:
        world.client.request(at, method="POST", body=whole)
    assert (caught.value.status, caught.value.code) == (400, "validation_error")
    assert world.names() == []


def test_a_body_above_500_kilobytes_is_refused(world):
    texts = [{"text": {"content": "x" * 2000}}] * 100
    columns = ("Artist", "Key", "Playlist")
    assert refused(world.add, "Big", **{name: {"rich_text": texts} for name in columns}).status == 400


def test_a_revoked_token_and_an_unshared_database_are_refused_until_restored(world):
    world.state.revoke()
    error = refused(world.client.users.me)
    assert (error.status, error.code, str(error)) == (401, "unauthorized", "API token is invalid.")
    world.state.restore()
    page = world.add("Here")["id"]

    world.state.share(world.ids.tracks, shared=False)
    for call, wanted in ((world.client.databases.retrieve, world.ids.tracks), (world.client.pages.retrieve, page)):
        error = refused(call, wanted)
        assert (error.status, error.code) == (404, "object_not_found")
        assert f"with ID: {wanted}. Make sure the relevant pages and databases are shared" in str(error)
    world.state.share(world.ids.tracks)
    assert world.client.pages.retrieve(page)["id"] == page


def test_every_answer_carries_its_request_id_in_body_and_header(world):
    headers = {"Authorization": f"Bearer {world.ids.token}", "Notion-Version": "2025-09-03"}
    for path, status in (("users/me", 200), ("nothing", 400), ("pages/AAA", 400)):
        answer = httpx.get(f"{world.url}/v1/{path}", headers=headers, trust_env=False)
        assert answer.status_code == status
        assert answer.json()["request_id"] == answer.headers["x-notion-request-id"]
    assert httpx.get(f"{world.url}/v1/users/me", trust_env=False).status_code == 401
    del headers["Notion-Version"]
    assert httpx.get(f"{world.url}/v1/users/me", headers=headers, trust_env=False).json()["code"] == "missing_version"
