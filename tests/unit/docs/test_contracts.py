"""What others build upon is documented: JSON, Notion's properties, the keys in Redis."""

import inspect
import re

import pytest

from crateline.cli import report
from crateline.domain.properties import CALENDAR_PROPERTIES, PLAY_PROPERTIES, PLAYLIST_PROPERTIES, TRACK_PROPERTIES
from crateline.domain.track import Platform, Track
from crateline.durable import consent, fingerprints, holdings, index, keyspace, postings
from crateline.durable.item import Item, card_of
from crateline.durable.register import Enrolment
from givens.documentation import coded, rows, sections
from givens.folders import DOCS

TRACK = Track(key="soundcloud:tracks:1", title="Title", artist="Artist", url="", platform=Platform.SOUNDCLOUD)
CONTRACTS = {
    "A playlist": report.playlist(Item("soundcloud:playlists:1"), {}, 0.0, 0.0),
    "A track": report.track(Item(TRACK.key, {"card": card_of(TRACK)}), 0.0),
    "Enqueuing": Enrolment(key="soundcloud:playlists:1", total=1, new=1, known=0, refused=0).public(),
}


@pytest.mark.parametrize("heading", CONTRACTS)
def test_every_field_of_the_json_is_documented_in_its_order(heading):
    documented = [coded(row[0])[0] for row in rows(sections((DOCS / "reference" / "json.md").read_text())[heading])]
    assert documented == list(CONTRACTS[heading])


def test_the_board_is_documented():
    # Given
    documented = [coded(row[0])[0] for row in rows(sections((DOCS / "reference" / "json.md").read_text())["The board"])]

    # When
    literal = inspect.getsource(report.board).partition("return {")[2]

    # I expect
    assert documented == re.findall(r'^        "(\w+)":', literal, re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("Music Tracks", TRACK_PROPERTIES),
        ("Music Playlists", PLAYLIST_PROPERTIES),
        ("Calendar", CALENDAR_PROPERTIES),
        ("Plays", PLAY_PROPERTIES),
    ],
    ids=["tracks", "playlists", "calendar", "plays"],
)
def test_every_property_is_documented_with_its_types_and_its_rule(heading, table):
    # Given
    words = {"rich_text": "text", "url": "URL"}
    expected = [(prop.name, " or ".join(words.get(one, one) for one in prop.types), prop.policy, prop.optional) for prop in table]

    # When
    documented = rows(sections((DOCS / "reference" / "notion-properties.md").read_text())[heading])

    # I expect
    assert [(coded(row[0])[0], row[1], row[2], row[3].startswith("If it is there")) for row in documented] == expected


def test_everything_kept_in_redis_is_documented():
    # Given
    shown = {coded(row[0])[0] for row in rows((DOCS / "reference" / "redis.md").read_text())}

    # When
    modules = (keyspace, index, fingerprints, postings, consent, holdings)
    fixed = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, str) and value.startswith(keyspace.PREFIX) and value != keyspace.PREFIX
    }
    made = {
        function(f"<{next(iter(inspect.signature(function).parameters))}>")
        for function in vars(keyspace).values()
        if inspect.isfunction(function)
    }

    # I expect
    assert fixed | made <= shown
