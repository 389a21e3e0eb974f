"""The client and the mapping against the simulated Notion: a DJ's workspace that has not met crateline yet."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crateline import errors
from crateline.clients.notion import DataSource, Notion
from crateline.domain import properties
from crateline.domain.properties import PLAYLIST_PROPERTIES, TRACK_PROPERTIES, PlaylistCard, TrackCard
from crateline.sandbox.faults import Faults
from crateline.sandbox.notion import app, pages, workspace
from crateline.sandbox.notion.state import State
from crateline.sandbox.proxy import Proxy
from crateline.sandbox.serving import serve

MORNING = datetime(2026, 1, 16, 9, 0, tzinfo=UTC)
KEY = "soundcloud:tracks:1150488265"


@dataclass
class Scene:
    """A workspace, its faults, and our client in front of it. `clock` is moved by hand."""

    state: State
    faults: Faults
    ids: workspace.Workspace
    notion: Notion
    base_url: str

    def source(self, name: str) -> DataSource:
        return self.notion.data_source(getattr(self.ids, name))

    def rows(self, name: str, rows: list[dict[str, Any]]) -> list[str]:
        by_id = {one.database: one for one in self.state.data_sources.values()}
        with self.state.lock:
            return pages.add_rows(self.state, by_id[getattr(self.ids, name)], rows)


class Clock:
    def __init__(self):
        self.moment = MORNING

    def __call__(self):
        return self.moment


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def scene(clock):
    state, faults = State(per_minute=100_000, clock=clock), Faults()
    ids = workspace.seed(state)
    with serve(app.app(state, faults)) as base_url, Notion(token=ids.token, ask=lambda: None, base_url=base_url) as notion:
        yield Scene(state, faults, ids, notion, base_url)


@pytest.fixture
def applied(scene):
    """The workspace once `schema apply` has been run over it."""
    tracks, playlists = scene.source("tracks"), scene.source("playlists")
    known = {"tracks": tracks.id, "playlists": playlists.id}
    tracks = scene.notion.add_properties(tracks.id, properties.missing(tracks.properties, TRACK_PROPERTIES, data_sources=known))
    for target, renames in properties.mirror_names(tracks.properties, TRACK_PROPERTIES).items():
        scene.notion.add_properties(known[target], renames)
    wanted = properties.missing(playlists.properties, PLAYLIST_PROPERTIES, data_sources=known)
    if wanted:
        scene.notion.add_properties(playlists.id, wanted)
    return scene.source("tracks"), scene.source("playlists")


def test_a_users_databases_become_complete_and_stay_so(applied):
    tracks, playlists = applied
    known = {"tracks": tracks.id, "playlists": playlists.id}

    for source, table in ((tracks, TRACK_PROPERTIES), (playlists, PLAYLIST_PROPERTIES)):
        states = {finding.name: finding.state for finding in properties.check(source.properties, table, {}, known)}
        assert set(states.values()) <= {"ok", "optional"}, states
        assert properties.missing(source.properties, table, data_sources=known) == {}
    assert playlists.properties["Tracks"]["relation"]["dual_property"]["synced_property_name"] == "Playlists"


CARD = TrackCard(
    title="Atmosphere (Original Mix)",
    artist="Kerri Chandler, Jérôme",
    bpm=123.4,
    key="Am",
    duration=412.3,
    source_platform="YouTube",
    source_id=KEY,
    source_url="https://soundcloud.com/kerri/atmosphere",
    soundcloud_url="https://soundcloud.com/kerri/atmosphere",
    status="Complete",
    processed=True,
    downloaded=True,
    in_eagle=False,
    file_path="Crate/" + "x" * 3000,
    energy_level="Peak",
    last_played="2026-01-16T20:30:00+00:00",
    hot_cues='[{"name": "Drop", "position": 61.2, "color": 1}]',
)


def test_what_is_written_is_what_the_page_says(scene, applied):
    # Given a playlist's page, and everything about a track
    tracks, playlists = applied
    crate = scene.notion.create(playlists.id, properties.encode(PlaylistCard(name="Crate", count=1), playlists.properties))
    said = properties.encode(CARD, tracks.properties) | {"Playlists": {"type": "relation", "relation": [{"id": crate["id"]}]}}

    # When the track's page is made
    page = scene.notion.create(tracks.id, said)

    # I expect each value in the answer and in the page, and nothing to write any more
    answered, read = page["properties"], scene.notion.page(page["id"])["properties"]
    digests = {name: properties.digest(value) for name, value in properties.plain_values(said).items()}
    for shown in (answered, read):
        assert {name: properties.digest(properties.plain_values(shown)[name]) for name in said} == digests
    again = properties.keep_hands_off(said, properties.plain_values(read), {}, {})
    assert set(again.left.values()) == {"same"}
    assert scene.notion.relation(crate["id"], playlists.properties["Tracks"]["id"]) == [page["id"]]


def test_a_page_is_found_by_its_very_key(scene, applied):
    tracks, _ = applied
    scene.rows("tracks", [{"Name": "Other", "Source ID": KEY.upper()}])
    page = scene.notion.create(tracks.id, properties.encode(CARD, tracks.properties))

    assert [found["id"] for found in scene.notion.find(tracks.id, "Source ID", "rich_text", [KEY, "x"])] == [page["id"]]
    assert [found["id"] for found in scene.notion.find(tracks.id, "SoundCloud URL", "url", [CARD.soundcloud_url])] == [page["id"]]


def test_a_long_relation_is_read_whole_and_its_short_form_is_known_to_be_cut(scene, applied):
    # Given a playlist of thirty tracks
    _, playlists = applied
    tracks = scene.rows("tracks", [{"Name": f"Track {number}"} for number in range(30)])
    card = PlaylistCard(name="Crate", tracks=tuple(tracks))
    page = scene.notion.create(playlists.id, properties.encode(card, playlists.properties))

    # When its page is read
    shown = scene.notion.page(page["id"])["properties"]
    write = properties.keep_hands_off(
        {"Tracks": {"type": "relation", "relation": [{"id": page["id"]}]}},
        properties.plain_values(shown),
        {},
        {},
        cut=properties.cut_relations(shown),
    )

    # I expect no write over what was not seen, and the whole list for the asking
    assert write.cut == ("Tracks",)
    assert sorted(scene.notion.relation(page["id"], playlists.properties["Tracks"]["id"])) == sorted(tracks)


def test_all_pages_are_read_past_the_silent_stop(scene, clock):
    # Given a Notion that stops at 120 rows: 250 pages over days, and an import of 200 in one minute
    scene.state.query_rows = 120
    for number in range(250):
        clock.moment += timedelta(minutes=7)
        scene.rows("tracks", [{"Name": f"Track {number}"}])
    clock.moment += timedelta(days=1)
    scene.rows("tracks", [{"Name": f"Import {number:03}"} for number in range(200)])
    clock.moment += timedelta(days=1)
    scene.rows("tracks", [{"Name": "Last"}])

    # When they are read
    found = list(scene.notion.pages(scene.source("tracks").id, only=["Name"]))

    # I expect every one of them, once
    assert len(found) == len({page["id"] for page in found}) == 451
    assert set(found[0]["properties"]) == {"Name"}


def test_only_what_was_edited_is_read(scene, clock):
    scene.rows("tracks", [{"Name": "Old"}])
    clock.moment += timedelta(hours=1)
    scene.rows("tracks", [{"Name": "New"}])

    found = list(
        scene.notion.pages(
            scene.source("tracks").id, edited_since=clock.moment, filter={"property": "Name", "title": {"is_not_empty": True}}
        )
    )

    assert [properties.decode(page["properties"], TRACK_PROPERTIES)["title"] for page in found] == ["New"]


def test_a_create_that_was_carried_out_and_answered_503_gives_its_page(scene):
    tracks = scene.source("tracks")
    scene.faults.replace([{"kind": "503-after", "method": "POST", "path": "/v1/pages$", "times": 1}])

    page = scene.notion.create(tracks.id, properties.encode(CARD, tracks.properties))

    assert page == {"object": "page", "id": page["id"]}
    assert properties.decode(scene.notion.page(page["id"])["properties"], TRACK_PROPERTIES)["title"] == CARD.title


@pytest.mark.parametrize(("kind", "made"), [("reset-after", 1), ("reset-before", 0), ("502-html", 0), ("truncate", 1)])
def test_a_create_without_a_clear_answer_is_unknown_and_can_be_looked_up(scene, applied, kind, made):
    # Given a fault that hits before or after the work
    tracks, _ = applied
    scene.faults.replace([{"kind": kind, "method": "POST", "path": "/v1/pages$", "times": 1}])

    # When a page is created
    with pytest.raises(errors.OutcomeUnknown):
        scene.notion.create(tracks.id, properties.encode(CARD, tracks.properties))

    # I expect the truth to be found by its key
    assert len(scene.notion.find(tracks.id, "Source ID", "rich_text", [KEY])) == made


def test_a_refused_token_and_an_unshared_database_stop_the_service(scene):
    scene.state.token_valid = False
    with pytest.raises(errors.CredentialsRefused):
        scene.notion.me()

    scene.state.token_valid = True
    scene.state.share(scene.ids.tracks, shared=False)
    with pytest.raises(errors.ServiceStopped) as raised:
        scene.source("tracks")
    assert "share it with the integration" in raised.value.remedy


def test_a_page_in_the_bin_can_be_seen_but_not_written(scene):
    [page] = scene.rows("tracks", [{"Name": "Gone"}])
    scene.notion.update(page, {}, in_trash=True)

    assert scene.notion.page(page)["in_trash"]
    with pytest.raises(errors.NotFound):
        scene.notion.update(page, {"Name": {"title": []}})
    with pytest.raises(errors.NotFound):
        scene.notion.page("00000000-0000-0000-0000-000000000000")


def test_notions_silence_is_asked_for_in_seconds(scene):
    scene.faults.replace([{"kind": "529", "retry_after": 9}, {"kind": "429", "retry_after": 17}])

    with pytest.raises(errors.Throttled) as raised:
        scene.notion.me()

    assert raised.value.retry_after == 9


def test_the_real_address_is_reached_through_the_environments_proxy_and_certificates(scene, tmp_path, monkeypatch):
    with Proxy({"api.notion.com": scene.base_url}, tmp_path) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(proxy.ca_file))
        monkeypatch.setenv("NO_PROXY", "")

        with Notion(token=scene.ids.token, ask=lambda: None) as notion:
            assert notion.me()["type"] == "bot"
