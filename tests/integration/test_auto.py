"""Without an argument: the track that plays, else the newest like, else the newest row, and why not the ones before."""

from datetime import timedelta

import httpx
import pytest

from crateline.durable import keyspace
from crateline.messages import Station

pytestmark = pytest.mark.real("redis")

ANSWER = {"link", "key", "playlist", "title", "passed", "dry_run"}


def post(world, service, door, **body):
    answer = httpx.post(f"{world.addresses[service]}/_sandbox/{door}", json=body, trust_env=False)
    return answer.raise_for_status().json()


@pytest.fixture
def plays(world):
    """Let a track play; afterwards it is silent."""
    yield lambda track: post(world, "spotify", "playing", track=track)
    post(world, "spotify", "playing", track=None)


@pytest.fixture
def profile(settled_in, world):
    settled_in.setenv("SOUNDCLOUD_PROFILE", world.world.listener.url)
    return world.world.listener


@pytest.fixture
def row(world):
    """Let a person make a row in Music Tracks; afterwards it lies in the bin."""
    made = []

    def make(**values):
        body = {"database": world.environment["TRACKS_DB_ID"], "rows": [{k.replace("_", " "): v for k, v in values.items()}]}
        made.extend(post(world, "notion", "rows", **body)["ids"])
        return made[-1]

    yield make
    for page in made:
        post(world, "notion", "edit", page=page, properties={}, in_trash=True)


def done(wiring, key):
    """Let a track be done."""
    fields = {f"s:{one}": "{}" for one in (Station.DOWNLOAD, Station.ANALYZE, Station.EAGLE)}
    wiring.redis.hset(keyspace.track(key), mapping={**fields, "w": "99"})


def taken(ended):
    (answer,) = ended.rows
    assert set(answer) == ANSWER
    assert ended.code == 0
    return answer


def test_nothing_to_do_is_said_link_by_link_and_is_no_failure(settled_in, crateline):
    # Given nothing that is set up
    for name in ("SPOTIPY_CLIENT_ID", "SPOTIPY_CLIENT_SECRET", "SPOTIFY_REFRESH_TOKEN"):
        settled_in.delenv(name)
    # When
    ended = crateline("auto", "--json")
    # I expect
    answer = taken(ended)
    assert (answer["link"], answer["key"]) == (None, "")
    assert [one["link"] for one in answer["passed"]] == ["spotify-playing", "soundcloud-likes", "spotify-liked", "music-tracks"]
    assert "Not what Spotify plays: not set up: `crateline login spotify`" in ended.err
    assert "Nothing is to be done" in ended.err


def test_the_track_that_plays_comes_first_with_all_of_its_playlists(crateline, wiring, world, plays, profile):
    # Given
    owned = next(one for one in world.world.spotify_playlists if one.owned)
    playing = world.world.spotify[0]
    plays(playing.id)
    # When
    answer = taken(crateline("auto", "--json"))
    # I expect
    assert (answer["link"], answer["key"], answer["passed"]) == ("spotify-playing", playing.key, [])
    assert set(wiring.ledger.track(playing.key).playlists) == {f"single:{playing.key}", f"spotify:playlist:{owned.id}"}


def test_a_track_that_plays_and_is_done_makes_way_for_the_newest_like(crateline, wiring, world, plays, profile):
    # Given
    playing = world.world.spotify[0]
    plays(playing.id)
    crateline("auto")
    done(wiring, playing.key)
    # When
    answer = taken(crateline("auto", "--json"))
    # I expect
    assert answer["link"] == "soundcloud-likes"
    assert answer["key"] == f"soundcloud:tracks:{profile.likes[0]}"
    assert [one["link"] for one in answer["passed"]] == ["spotify-playing"]
    assert answer["passed"][0]["reason"].endswith("is done")
    assert wiring.ledger.track(answer["key"]).playlists == (f"single:{answer['key']}",)


def test_a_track_that_plays_and_was_given_up_gets_another_chance(crateline, wiring, world, plays):
    # Given
    playing = world.world.spotify[0]
    plays(playing.id)
    crateline("auto")
    wiring.redis.hset(keyspace.track(playing.key), mapping={"verdict": "refused", "reason": "no match"})
    # When
    assert taken(crateline("auto", "--json"))["link"] == "spotify-playing"
    # I expect
    assert wiring.ledger.track(playing.key).verdict == ""


def test_likes_that_are_on_the_line_are_not_taken_again(crateline, wiring, world, profile):
    # When it is asked once for each like that counts, and once more
    keys = [taken(crateline("auto", "--json"))["key"] for _ in range(6)]
    # I expect them from the newest on, then the songs that are liked on Spotify
    assert keys[:5] == [f"soundcloud:tracks:{one}" for one in profile.likes[:5]]
    assert keys[5] == f"spotify:track:{world.world.spotify_liked[0]}"


def test_a_link_that_fails_is_passed_over(settled_in, crateline, world):
    # Given
    settled_in.setenv("SOUNDCLOUD_PROFILE", "https://soundcloud.com/nobody-of-this-name")
    # When
    answer = taken(crateline("auto", "--json"))
    # I expect
    assert answer["link"] == "spotify-liked"
    assert [one["link"] for one in answer["passed"]] == ["spotify-playing", "soundcloud-likes"]
    assert answer["passed"][0]["reason"] == "nothing plays"


def test_the_newest_row_comes_last(settled_in, crateline, wiring, world, row):
    # Given no Spotify, and two rows of which the newer has a link that leads nowhere
    for name in ("SPOTIPY_CLIENT_ID", "SPOTIPY_CLIENT_SECRET", "SPOTIFY_REFRESH_TOKEN"):
        settled_in.delenv(name)
    track = world.world.soundcloud[0]
    good = row(Name="", SoundCloud_URL=track.url)
    world.notion.pages[good].created -= timedelta(minutes=5)  # Notion tells minutes apart, and no less
    bad = row(Name="Mistyped", URL="https://example.com/track")
    row(Name="Old and done", URL=world.world.soundcloud[1].url, Processed=True)
    # When
    answer = taken(crateline("auto", "--json"))
    # I expect
    assert (answer["link"], answer["key"]) == ("music-tracks", track.key)
    assert wiring.store.memo("inbox", good) == {"key": track.key}
    pages = httpx.get(f"{world.addresses['notion']}/_sandbox/state", trust_env=False).json()["databases"]["Music Tracks"]["rows"]
    assert next(one["properties"]["Status"] for one in pages if one["id"] == bad) == "Failed"


def test_a_dry_run_changes_nothing(crateline, wiring, world, plays):
    # Given
    plays(world.world.spotify[0].id)
    # When
    answer = taken(crateline("auto", "--dry-run", "--json"))
    # I expect
    assert (answer["link"], answer["dry_run"]) == ("spotify-playing", True)
    assert wiring.register.keys() == []
    assert wiring.redis.zcard(keyspace.DUE) == 0
