"""A link that somebody pastes into Notion becomes a catalogued track, with nobody at the console."""

import httpx
import pytest

from crateline.durable import keyspace

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(300)]


def test_a_pasted_link_ends_as_the_very_page_it_was_pasted_into(operator):
    # Given a row with a link, another whose link leads nowhere, and a track that Spotify knows too
    world = operator.world.world
    on_spotify = {track.recording.id: track for track in world.spotify}
    wanted = next(track for track in world.soundcloud if track.recording.id in on_spotify and track.fate == "playable")
    rows = [
        {"Name": "that one from Saturday", "URL": f"{wanted.url}?utm_source=share", "Status": "Ready"},
        {"Name": "mistyped", "URL": "https://soundcloud.com/nobody/nothing", "Status": "Ready"},
    ]
    body = {"database": operator.world.environment["TRACKS_DB_ID"], "rows": rows}
    door = f"{operator.world.addresses['notion']}/_sandbox/rows"
    first, second = httpx.post(door, json=body, trust_env=False).raise_for_status().json()["ids"]
    # When the scheduler runs, and its first turn has come
    operator.up()
    turn = keyspace.turn("chore:inbox")
    with operator.redis() as client:
        operator.eventually(lambda: client.exists(turn))
        client.delete(turn)

    def said():
        pages = {page["id"]: page["properties"] for page in operator.pages()}
        return pages if {pages[first]["Status"], pages[second]["Status"]} == {"Complete", "Failed"} else None

    pages = operator.eventually(said)
    # I expect the page to be the track's, with its file and what Spotify knows, and no other
    page = pages[first]
    assert (page["Name"], page["Source ID"]) == ("that one from Saturday", wanted.key)
    assert page["Spotify ID"] == on_spotify[wanted.recording.id].id
    assert page["Local File"] is True
    assert len(pages) == 2
    # When nobody says what is to be done next
    (answer,) = operator.crateline("auto", "--dry-run", "--json")
    # I expect a liked song: nothing plays, and no profile is named
    assert (answer["link"], answer["key"]) == ("spotify-liked", f"spotify:track:{world.spotify_liked[0]}")
