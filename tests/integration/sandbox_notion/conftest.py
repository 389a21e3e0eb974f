"""The simulated Notion, served, with a workspace in it and the real client before it."""

import logging
from types import SimpleNamespace

import pytest
from notion_client import Client

from crateline.sandbox.faults import Faults
from crateline.sandbox.notion import app
from crateline.sandbox.notion.state import State
from crateline.sandbox.serving import serve
from givens.notion_words import plain, title

QUIET = logging.getLogger("tests.sandbox.notion")
TO_ADD = {
    "Source ID": {"rich_text": {}},
    "In Eagle": {"checkbox": {}},
    "Energy Level": {"select": {"options": [{"name": "Low"}, {"name": "High", "color": "red"}]}},
}


class World:
    """A served workspace with a client for it."""

    def __init__(self, url, state, faults, workspace, version):
        self.url, self.state, self.faults, self.ids = url, state, faults, workspace
        self.client = self.speaker(notion_version=version, timeout_ms=5000)
        self.tracks = self.source(workspace.tracks)
        self.playlists = self.source(workspace.playlists)

    def speaker(self, **options):
        """Somebody who speaks to this Notion, asks once, and keeps quiet about it."""
        return Client(auth=self.ids.token, base_url=self.url, retry=False, logger=QUIET, **options)

    def source(self, database):
        return self.client.databases.retrieve(database)["data_sources"][0]["id"]

    def add(self, name, source=None, **properties):
        parent = {"type": "data_source_id", "data_source_id": source or self.tracks}
        return self.client.pages.create(parent=parent, properties={"Name": title(name), **properties})

    def names(self, **query):
        found = self.client.data_sources.query(self.tracks, **query)
        return [plain(page["properties"]["Name"]["title"]) for page in found["results"]]

    def arrivals(self, method):
        return [one for one in self.state.journal.arrivals if one.method == method]

    def extend(self):
        """Do what `schema apply` does: add what is missing, and link tracks to playlists both ways."""
        both = {"data_source_id": self.playlists, "type": "dual_property", "dual_property": {}}
        self.client.data_sources.update(self.tracks, properties={**TO_ADD, "Playlists": {"relation": both}})
        self.client.data_sources.update(self.playlists, properties={"Related to Music Tracks (Playlists)": {"name": "Tracks"}})


current = SimpleNamespace()


@pytest.fixture(scope="module")
def served():
    async def whatever_is_current(scope, receive, send):
        await current.app(scope, receive, send)

    with serve(whatever_is_current) as url:
        yield url


@pytest.fixture
def make(served):
    """Put a fresh workspace behind the one server of this module."""
    clients = []

    def build(rules=(), version="2025-09-03", **options):
        state, faults = State(**{"per_minute": 100_000, **options}), Faults(rules)
        current.app = app.app(state, faults)
        made = World(served, state, faults, state.seed_user_workspace(), version)
        clients.append(made.client)
        return made

    yield build
    for one in clients:
        one.close()


@pytest.fixture
def world(make):
    made = make()
    made.extend()
    return made
