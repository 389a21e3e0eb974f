"""Make sure of a playlist by its name: on the line, in Notion, at Spotify, at SoundCloud; then nothing of it is missing."""

import httpx
import pytest

from crateline.durable import keyspace

pytestmark = pytest.mark.real("redis")


@pytest.fixture
def main(settled_in, world):
    """The main set, and a way to edit it; afterwards it is as it was."""
    found = world.world.main

    def edit(rows):
        body = {"id": found.id, "track_ids": list(rows)}
        httpx.post(f"{world.addresses['soundcloud']}/_sandbox/set", json=body, trust_env=False).raise_for_status()

    yield found, edit
    edit(found.track_ids)


@pytest.fixture
def listed(settled_in, world):
    """Let a person make a page in Music Playlists; afterwards it lies in the bin."""
    made = []

    def make(**values):
        body = {"database": world.environment["PLAYLISTS_DB_ID"], "rows": [values]}
        answer = httpx.post(f"{world.addresses['notion']}/_sandbox/rows", json=body, trust_env=False).raise_for_status()
        made.extend(answer.json()["ids"])

    yield make
    for page in made:
        body = {"page": page, "properties": {}, "in_trash": True}
        httpx.post(f"{world.addresses['notion']}/_sandbox/edit", json=body, trust_env=False).raise_for_status()


def test_what_is_on_the_line_is_brought_in_step_and_what_was_given_up_comes_back(crateline, wiring, main):
    # Given a set that has grown, with a track that was refused
    found, edit = main
    edit(found.track_ids[:4])
    crateline("enqueue", found.url)
    first = f"soundcloud:tracks:{found.track_ids[0]}"
    wiring.redis.hset(keyspace.track(first), mapping={"verdict": "failed", "reason": "damaged"})
    edit(found.track_ids)
    # When
    ended = crateline("ensure", "warehouse selection", "--json")
    # I expect
    (row,) = ended.rows
    assert (ended.code, row["key"], row["total"]) == (0, found.key, len(set(found.track_ids)))
    assert wiring.ledger.track(first).verdict == ""
    assert "1 given another chance" in ended.err


def test_a_name_that_is_nearly_right_is_said(crateline, wiring, main):
    # Given
    crateline("enqueue", main[0].url)
    # When
    ended = crateline("ensure", "Warehuose Selection", "--json")
    # I expect
    assert ended.rows[0]["key"] == main[0].key
    assert "«Warehuose Selection» is taken for «Warehouse Selection», from the line" in ended.err


def test_a_name_in_notion_leads_to_its_link(crateline, wiring, main, listed):
    # Given
    listed(Name="all:Lo Collective", URL=main[0].url)
    # When
    ended = crateline("ensure", "all:lo collective", "--json")
    # I expect
    assert (ended.code, ended.rows[0]["key"]) == (0, main[0].key)


def test_the_users_own_playlists_on_spotify_and_soundcloud_are_known_by_name(settled_in, crateline, wiring, world):
    # Given
    settled_in.setenv("SOUNDCLOUD_PROFILE", world.world.listener.permalink)
    # When
    first, second = (crateline("ensure", name, "--json") for name in ("peak time", "After Hours"))
    # I expect
    owned = next(one for one in world.world.spotify_playlists if one.owned)
    assert first.rows[0]["key"] == f"spotify:playlist:{owned.id}"
    assert second.rows[0]["key"] == world.world.soundcloud_sets[1].key


def test_several_of_one_name_are_listed(crateline, world, listed):
    # Given
    for one in world.world.soundcloud_sets[:2]:
        listed(Name="Twice", URL=one.url)
    # When
    ended = crateline("ensure", "Twice")
    # I expect
    assert ended.code == 2
    assert all(one.url in ended.err for one in world.world.soundcloud_sets[:2])


def test_a_number_in_a_name_is_not_spelling(crateline, world, listed):
    # Given
    listed(Name="Summer Closing Sets 2025", URL=world.world.main.url)
    # When
    ended = crateline("ensure", "Summer Closing Sets 2026")
    # I expect
    assert ended.code == 2
    assert "No playlist «Summer Closing Sets 2026» is known" in ended.err


def test_a_link_that_nobody_has_enqueued_is_enqueued(crateline, main):
    ended = crateline("ensure", main[0].url, "--json")
    assert (ended.code, ended.rows[0]["key"]) == (0, main[0].key)


def test_one_that_is_here_in_part_or_without_audio_becomes_whole(crateline, wiring, main):
    # Given
    crateline("enqueue", main[0].url, "--no-download", "--max-tracks", "2")
    # When
    crateline("ensure", "Warehouse Selection")
    # I expect
    keys = wiring.register.members(main[0].key)
    assert len(keys) == len(set(main[0].track_ids))
    assert all(item.want_audio for item in wiring.ledger.tracks(keys))
    assert wiring.follows.of(main[0].key).limit is None


def test_a_dry_run_changes_nothing(crateline, wiring, main):
    # Given
    ended = crateline("ensure", main[0].url, "--dry-run", "--json")
    # I expect
    assert (ended.code, ended.rows) == (0, [])
    assert wiring.register.keys() == []
    assert f"{len(set(main[0].track_ids))} would go on the line" in ended.err


def test_a_source_that_cannot_be_looked_at_is_a_failure_that_keeps_what_is_known(crateline, wiring, main, world):
    # Given
    crateline("enqueue", main[0].url)
    world.faults["soundcloud"].replace([{"kind": "404", "path": "/(resolve|playlists)"}])
    # When
    try:
        ended = crateline("ensure", "Warehouse Selection", "--json")
    finally:
        world.faults["soundcloud"].replace([])
    # I expect
    assert (ended.code, ended.rows[0]["key"]) == (1, main[0].key)
    assert "its source could not be looked at" in ended.err
