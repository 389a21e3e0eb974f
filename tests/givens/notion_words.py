"""What is sent to Notion and what comes back, in its own words."""

import pytest
from notion_client import APIResponseError


def title(words):
    return {"title": [{"text": {"content": words}}]}


def rich(words):
    return {"rich_text": [{"text": {"content": words}}]}


def relation(ids):
    return {"relation": [{"id": one} for one in ids]}


def plain(parts):
    return "".join(one["plain_text"] for one in parts)


def refused(call, *args, **kwargs):
    """Notion's refusal of a call that must be refused."""
    with pytest.raises(APIResponseError) as caught:
        call(*args, **kwargs)
    return caught.value
