"""Pages: looked up, created, updated, and their relations read whole."""

import json

import pytest

from crateline import errors
from givens import folders
from givens.notion_answers import DATABASE, PAGE, SOURCE, listed, page

RECORDED = folders.SHARED / "notion" / "recorded"


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


def test_what_is_no_page_id_is_not_even_sent(notion, server):
    with pytest.raises(errors.Rejected, match="AAA"):
        notion.page("AAA/../users")
    assert server.asked == []


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
