import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import properties
from crateline.domain.properties import PLAYLIST_PROPERTIES, TRACK_PROPERTIES, PlaylistCard, TrackCard, values
from givens import folders

RECORDED = folders.SHARED / "notion" / "recorded"
PAGE_A = "11111111-1111-4111-8111-111111111111"
PAGE_B = "22222222-2222-4222-8222-222222222222"


def schema(**kinds):
    """A schema by seed names, e.g. schema(BPM="number"); spaces as underscores."""
    return {name.replace("_", " "): definition(kind) for name, kind in kinds.items()}


def definition(kind, *options):
    inner = {"options": [{"id": name, "name": name, "color": "default"} for name in options]} if options else {}
    return {"type": kind, kind: inner}


def wanted_schema(table):
    return {prop.name: definition(prop.types[0], *(name for name, _ in prop.options)) for prop in table}


TEXTS = st.text(max_size=60).map(values.clean)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-(10**6), 10**6, allow_nan=False).map(lambda x: round(x, 1))
PAGES = st.lists(st.uuids().map(str), max_size=20, unique=True).map(tuple)
DATES = st.dates().map(str) | st.datetimes(timezones=st.just(values.UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0).isoformat()
)


def value_for(prop):
    if prop.options:
        return st.sampled_from([name for name, _ in prop.options])
    return {"number": NUMBERS, "checkbox": st.booleans(), "relation": PAGES, "date": DATES, "url": TEXTS.map(str.strip)}.get(
        prop.types[0], TEXTS
    )


def cards(kind):
    by_word = {prop.word: st.none() | value_for(prop) for prop in kind.table}
    return st.builds(kind, **by_word)


@given(cards(TrackCard) | cards(PlaylistCard))
def test_a_page_says_what_was_written_into_it(card):
    # Given a database with every property in its wanted type
    said = properties.encode(card, wanted_schema(card.table))

    # When the page is read
    read = properties.decode(said, card.table)

    # I expect what the card says, and nothing of what it does not say
    assert type(card)(**read) == card


@given(TEXTS)
def test_text_of_any_length_and_script_comes_back_whole(text):
    long = text * 200
    payload = values.write(long, definition("rich_text"))

    assert values.read(payload) == long
    assert all(len(piece["text"]["content"].encode("utf-16-le")) // 2 <= 2000 for piece in payload["rich_text"])


@pytest.mark.parametrize(
    ("word", "name", "value", "kind", "payload"),
    [
        ("bpm", "BPM", 127.98, "rich_text", [{"type": "text", "text": {"content": "127.98"}}]),
        ("bpm", "BPM", 128.0, "select", {"name": "128"}),
        ("key", "Key", "Am", "select", {"name": "Am"}),
        ("key", "Key", "Am", "rich_text", [{"type": "text", "text": {"content": "Am"}}]),
        ("artist", "Artist", "Kerri Chandler, Jerome", "select", {"name": "Kerri Chandler & Jerome"}),
        ("artist", "Artist", "Kerri Chandler, Jerome", "multi_select", [{"name": "Kerri Chandler"}, {"name": "Jerome"}]),
        ("url", "URL", "", "url", None),
        ("processed", "Processed", True, "select", {"name": "Yes"}),
        ("last_played", "Last Played (DJ)", "2026-01-16", "date", {"start": "2026-01-16", "end": None}),
        ("playlists", "Playlists", (PAGE_A.replace("-", ""), PAGE_A), "relation", [{"id": PAGE_A}]),
    ],
)
def test_a_value_takes_the_type_the_property_really_has(word, name, value, kind, payload):
    said = properties.encode(TrackCard(**{word: value}), {name: definition(kind)})

    assert said == {name: {"type": kind, kind: payload}}


@pytest.mark.parametrize(
    ("word", "name", "value", "kind"),
    [
        ("bpm", "BPM", float("nan"), "number"),
        ("bpm", "BPM", 128.0, "formula"),
        ("bpm", "BPM", 128.0, "checkbox"),
        ("artist", "Artist", "Kerri Chandler", "relation"),
        ("title", "Name", "Untitled", "rollup"),
        ("status", "Status", "Complete", "status"),  # a status that has no such option
        ("url", "URL", "https://example.com/" + "x" * 2000, "url"),
        ("playlists", "Playlists", (PAGE_A,), "rich_text"),
        ("last_played", "Last Played (DJ)", "yesterday", "date"),
    ],
)
def test_what_a_property_cannot_hold_is_left_out(word, name, value, kind):
    assert properties.encode(TrackCard(**{word: value}), {name: definition(kind)}) == {}


def test_an_artist_relation_is_written_once_its_page_is_known():
    # Given an Artist that is a relation
    there = schema(Artist="relation")

    # When the card knows the artist's page
    said = properties.encode(TrackCard(artist="Kerri Chandler", artist_pages=(PAGE_A,)), there)

    # I expect the relation, read back as pages and not as a name
    assert said["Artist"]["relation"] == [{"id": PAGE_A}]
    assert properties.decode(said, TRACK_PROPERTIES) == {"artist_pages": (PAGE_A,)}


def test_options_are_spelt_as_the_database_spells_them():
    # Given options that differ from ours in case
    there = {"Status": definition("status", "READY", "complete"), "Source Platform": definition("select", "soundcloud")}

    # When we write ours
    said = properties.encode(TrackCard(status="Complete", source_platform="SoundCloud"), there)

    # I expect no second option that differs in case alone: Notion would refuse it
    assert said["Status"]["status"] == {"name": "complete"}
    assert said["Source Platform"]["select"] == {"name": "soundcloud"}


def test_numbers_are_rounded_to_what_they_mean():
    said = properties.encode(TrackCard(bpm=127.98765, duration=301.2345), schema(BPM="number", Duration="number"))

    assert (said["BPM"]["number"], said["Duration"]["number"]) == (127.99, 301.2)


def test_properties_can_be_remapped_for_one_database_or_for_both():
    names = {"BPM": "Tempo", "tracks.Source Platform": "From"}
    there = schema(Tempo="number", From="select", Source_Platform="select")

    track = properties.encode(TrackCard(bpm=128.0, source_platform="Spotify"), there, names)
    playlist = properties.encode(PlaylistCard(platform="Spotify"), there, names)

    assert set(track) == {"Tempo", "From"}
    assert set(playlist) == {"Source Platform"}
    assert properties.decode(track, TRACK_PROPERTIES, names) == {"bpm": 128.0, "source_platform": "Spotify"}


def test_the_title_is_found_under_any_name():
    said = properties.encode(TrackCard(title="Atmosphere"), schema(Titel="title"))

    assert set(said) == {"Titel"}


def test_a_number_kept_as_text_is_read_as_a_number():
    assert properties.decode({"BPM": {"type": "rich_text", "rich_text": [{"plain_text": "127,5"}]}}, TRACK_PROPERTIES) == {
        "bpm": 127.5
    }


def test_text_that_json_or_notion_cannot_carry_is_dropped():
    said = properties.encode(TrackCard(title="A\x00\ud83cB\nC"), schema(Name="title"))

    json.dumps(said, ensure_ascii=False).encode()
    assert said["Name"]["title"][0]["text"]["content"] == "AB\nC"


def test_option_names_stay_within_a_hundred_units_and_split_no_character():
    payload = values.write("🎵" * 60, definition("select"))

    assert payload["select"]["name"] == "🎵" * 50


def test_relations_stay_within_a_hundred_pages():
    pages = tuple(f"{number:032x}" for number in range(150))

    assert len(values.write(pages, definition("relation"))["relation"]) == 100


def test_an_id_that_is_none_is_refused():
    with pytest.raises(ValueError):
        properties.page_id("AAA")


@given(st.one_of(TEXTS, NUMBERS, st.booleans(), PAGES, st.none()))
def test_only_empty_values_have_an_empty_digest(value):
    empty = value is None or value is False or value == () or (isinstance(value, str) and not value.strip())

    assert (properties.digest(value) == "") == empty


def test_a_digest_ignores_what_is_no_difference():
    assert properties.digest(128) == properties.digest(128.0)
    assert properties.digest((PAGE_A, PAGE_B)) == properties.digest((PAGE_B, PAGE_A))
    assert properties.digest("Atmosphere ") == properties.digest("Atmosphere")
    assert properties.digest("Atmosphere") != properties.digest("atmosphere")
    assert properties.digest(1) != properties.digest(True)
    assert values.moment("2026-01-16T20:30:00+01:00") == values.moment("2026-01-16T19:30:00.000Z")


def test_every_word_of_the_tables_is_a_field_of_its_card():
    for card in (TrackCard, PlaylistCard):
        words = {prop.word for prop in card.table} | {prop.pages for prop in card.table if prop.pages}
        assert words == {field.name for field in fields(card)}


def test_relations_that_a_page_shows_in_part_are_named():
    page = {
        "Playlists": {"type": "relation", "relation": [{"id": PAGE_A}], "has_more": True},
        "Played With": {"type": "relation", "relation": [{"id": PAGE_A}] * 25},
        "Similar Tracks": {"type": "relation", "relation": [{"id": PAGE_A}] * 25, "has_more": False},
        "Name": {"type": "title", "title": []},
    }

    assert properties.cut_relations(page) == ("Playlists", "Played With")


def recorded_pages():
    for file in sorted(RECORDED.glob("*.json")):
        answer = json.loads(file.read_text())["response"]
        for found in [answer, *(answer.get("results") or [])]:
            if found.get("object") == "page":
                yield pytest.param(found["properties"], id=f"{file.stem}-{found['id'][:8]}")


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings here")
@pytest.mark.parametrize("page", list(recorded_pages()) if RECORDED.is_dir() else [])
def test_every_recorded_page_can_be_read_and_written_back(page):
    plain = properties.plain_values(page)

    for name, payload in page.items():
        kind = payload["type"]
        if kind in values.WRITERS:
            options = [plain[name]] if kind == "status" else []
            again = values.write(plain[name], definition(kind, *options))
            assert again is None or properties.digest(values.read(again)) == properties.digest(plain[name])


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recordings here")
def test_a_recorded_update_is_read_the_same_from_request_and_answer():
    exchange = json.loads((RECORDED / "update_page_all.json").read_text())
    asked, answered = exchange["request"]["body"]["properties"], exchange["response"]["properties"]

    sent = {name: payload for name, payload in asked.items() if payload["type"] in values.WRITERS}
    assert {name: properties.digest(values.read(one)) for name, one in sent.items()} == {
        name: properties.digest(values.read(answered[name])) for name in sent
    }


def test_the_tables_have_one_property_per_name_and_word():
    for table in (TRACK_PROPERTIES, PLAYLIST_PROPERTIES):
        assert len({prop.name for prop in table}) == len({prop.word for prop in table}) == len(table)
