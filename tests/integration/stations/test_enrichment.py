"""What Spotify knows of other platforms' tracks: asked once, filled in where nothing stands, and never waited for."""

import time

import pytest

from crateline.audio import tags
from crateline.clients import pictures
from crateline.domain.track import Platform
from crateline.durable import keyspace
from crateline.errors import NotFound
from crateline.messages import Station
from crateline.sandbox import spotify
from crateline.sandbox.catalogue import World
from crateline.sandbox.faults import Faults
from crateline.sandbox.serving import serve
from crateline.sandbox.spotify import service
from tasks import enrichment

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY = "soundcloud:tracks:1"
WORLD = World.build(tracks=12, seconds=(6, 7))
KNOWN = WORLD.spotify[0]


class Catalogue:
    """The simulated Spotify, and what it was asked."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.pictures: list[str] = []
        self.service = service.Service(WORLD, self.faults, None, 3600.0)

    def picture(self, url: str) -> bytes:
        """Nobody here has pictures; which were asked for is what counts."""
        self.pictures.append(url)
        raise NotFound("artwork", url)

    @property
    def searches(self) -> list[str]:
        return [one for _, one in self.service.journal.stats()["arrivals"] if "/search" in one]


@pytest.fixture
def catalogue(own_settings, monkeypatch):
    made = Catalogue()
    monkeypatch.setattr(pictures, "fetch", made.picture)
    with serve(made.service.app) as url:
        own_settings |= {
            "spotipy_client_id": spotify.CLIENT_ID,
            "spotipy_client_secret": spotify.CLIENT_SECRET,
            "spotify_base_url": url,
        }
        yield made


@pytest.fixture
def known(make_track):
    """An upload of a recording that Spotify has too."""

    def make(number=1, **fields):
        words = {"title": KNOWN.title, "artist": KNOWN.artists[0], "duration": KNOWN.duration}
        return make_track(number, **(words | fields))

    return make


def finished(line, listened, key=KEY, number=0, **heard):
    """Fetch, hear and write a track; gives its page."""
    assert listened(key, number, **heard) == "sealed"
    line.sealed(Station.EAGLE, key, used=False)
    assert line.finalise(key) == "sealed"
    return next(row for row in line.notion.rows() if row["Source ID"] == key)


def test_a_track_that_spotify_has_too_gets_what_it_lacks_for_one_search_and_no_request_to_notion(
    catalogue, line, listened, known
):
    # Given
    line.enqueue(known())
    line.notion.fresh()
    # When
    row = finished(line, listened)
    # I expect
    assert (row["Spotify ID"], row["ISRC"]) == (KNOWN.id, KNOWN.recording.isrc)
    assert (row["Name"], row["Artist"], row["Source ID"]) == (KNOWN.title, KNOWN.artists[0], KEY)
    assert len(catalogue.searches) == 1
    assert line.notion.writes == ["POST /v1/pages"]
    # And its file to say the same
    written = tags.read(line.wiring.store.kept("masters", KEY).path)
    assert (written.album, written.isrc) == (KNOWN.album, KNOWN.recording.isrc)
    assert catalogue.pictures == [f"https://i.scdn.co/image/{KNOWN.album_id}"]


def test_an_isrc_is_searched_for_by_itself(catalogue, line, listened, known):
    # Given a track whose title alone would find nothing
    line.enqueue(known(title=f"{KNOWN.title} (Original Mix)", isrc=KNOWN.recording.isrc))
    # When
    row = finished(line, listened)
    # I expect
    assert row["Spotify ID"] == KNOWN.id
    assert len(catalogue.searches) == 1


def test_what_the_listing_says_stays(catalogue, line, listened, known):
    # Given
    line.enqueue(known(album='White Label 12"', isrc="", artist=KNOWN.artists[0].upper()))
    # When
    finished(line, listened)
    # I expect
    item = line.item(KEY)
    assert enrichment.filled(item).album == 'White Label 12"'
    assert item.track.artist == KNOWN.artists[0].upper()
    assert line.notion.row()["Artist"] == KNOWN.artists[0].upper()


@pytest.mark.parametrize(
    "other", [{"duration": 200.0}, {"title": f"{KNOWN.title} (Live at Zeltlager)"}, {"artist": "Else"}], ids=str
)
def test_a_doubtful_match_fills_nothing_in(catalogue, line, listened, known, other):
    # Given
    line.enqueue(known(**other))
    # When
    row = finished(line, listened)
    # I expect
    assert (row["Spotify ID"], row["ISRC"]) == ("", "")


def test_a_track_of_spotify_is_not_asked_about(catalogue, line, listened, known):
    # Given
    key = "spotify:track:4uLU6hMCjMI75M1A2tKUQC"
    line.enqueue(known(key=key, platform=Platform.SPOTIFY))
    # When
    row = finished(line, listened, key)
    # I expect
    assert row["Spotify ID"] == "4uLU6hMCjMI75M1A2tKUQC"
    assert catalogue.searches == []


@pytest.mark.parametrize("setting", [{"enrich_from_spotify": False}, {"spotipy_client_secret": ""}], ids=str)
def test_it_can_be_turned_off_and_needs_credentials(catalogue, own_settings, request, setting, known):
    # Given
    own_settings |= setting
    line, listened = request.getfixturevalue("line"), request.getfixturevalue("listened")
    line.enqueue(known())
    # When
    row = finished(line, listened)
    # I expect
    assert (row["Status"], row["Spotify ID"]) == ("Complete", "")
    assert catalogue.searches == []


# Once


def test_the_answer_outlives_redis(catalogue, line, listened, known):
    # Given
    line.enqueue(known())
    finished(line, listened)
    # When Redis forgets all, and the playlist comes again
    line.wiring.redis.flushall()
    line.wiring.epoch.check()
    line.wiring.redis.delete(keyspace.blocked("notion"))
    line.enqueue(known())
    assert line.run(Station.DOWNLOAD, KEY) == "sealed"
    row = finished(line, listened)
    # I expect
    assert row["Spotify ID"] == KNOWN.id
    assert len(catalogue.searches) == 1


def test_nothing_found_is_believed_for_a_month(catalogue, line, listened, known):
    # Given
    line.enqueue(known(title="Nobody Knows This"))
    finished(line, listened)
    assert len(catalogue.searches) == 1
    # When it is filed in another playlist
    line.enqueue(known(title="Nobody Knows This"), name="Late")
    finished(line, listened)
    # I expect
    assert len(catalogue.searches) == 1
    # When a month has passed
    memo = line.wiring.store.memo(enrichment.KIND, KEY)
    line.wiring.store.keep_memo(enrichment.KIND, KEY, memo | {"at": time.time() - enrichment.NOTHING_HOLDS_S - 1})
    line.enqueue(known(title="Nobody Knows This"), name="Later")
    finished(line, listened)
    # I expect
    assert len(catalogue.searches) == 2


# Whatever Spotify does


@pytest.mark.parametrize("trouble", ["503 /v1/search", "429 /v1/search", "401 /v1/search", "503 /api/token"])
def test_a_spotify_in_trouble_holds_nothing_up_and_is_made_up_for_once(catalogue, line, listened, known, trouble):
    # Given
    kind, path = trouble.split()
    catalogue.faults.replace([{"kind": kind, "path": path}])
    line.enqueue(known(1), known(2, title="Another One"), name="Both")
    # When
    row = finished(line, listened)
    other = finished(line, listened, "soundcloud:tracks:2", 1, fingerprint="00" * 64)
    # I expect both pages complete, after one question
    assert (row["Status"], row["Spotify ID"]) == (other["Status"], other["Spotify ID"]) == ("Complete", "")
    assert len(catalogue.searches) <= 1
    # When nothing has changed
    asked = len(catalogue.searches)
    assert enrichment.catch_up(line.wiring) == 0
    assert len(catalogue.searches) == asked
    # When Spotify is well
    catalogue.faults.replace([])
    line.wiring.redis.delete(keyspace.ENRICHMENT_RESTS, keyspace.blocked("spotify"))
    line.notion.fresh()
    assert enrichment.catch_up(line.wiring) == 2
    # I expect the one that it knows to be filed and written again, once
    row = finished(line, listened)
    assert (row["Status"], row["Spotify ID"]) == ("Complete", KNOWN.id)
    assert len(line.notion.writes) == 1
    assert enrichment.catch_up(line.wiring) == 0


def test_a_paused_spotify_is_not_asked(catalogue, line, listened, known):
    # Given
    line.wiring.pauses.begin("spotify", reason="the consent has ended", remedy="Sign in again")
    line.enqueue(known())
    # When
    row = finished(line, listened)
    # I expect
    assert row["Status"] == "Complete"
    assert catalogue.searches == []


def test_a_page_without_audio_is_enriched_in_its_first_request(catalogue, line, known):
    # Given
    line.enqueue(known(), audio=False)
    line.notion.fresh()
    # When
    assert line.page(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Spotify ID"] == KNOWN.id
    assert line.notion.writes == ["POST /v1/pages"]


def test_a_page_without_audio_that_could_not_be_asked_about_is_written_once_more(catalogue, line, known):
    # Given
    catalogue.faults.replace([{"kind": "503", "path": "/v1/search"}])
    line.enqueue(known(), audio=False)
    assert line.page(KEY) == "sealed"
    # When
    catalogue.faults.replace([])
    line.wiring.redis.delete(keyspace.ENRICHMENT_RESTS)
    assert enrichment.catch_up(line.wiring) == 1
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Spotify ID"] == KNOWN.id


def test_spotifys_own_row_of_the_same_recording_shares_the_page_and_leaves_it_as_it_is(catalogue, line, listened, known):
    # Given a track that is done, and known by its id on Spotify
    sound = {"fingerprint": "".join(f"{n * 2654435761 % 2**32:08x}" for n in range(600)), "duration": KNOWN.duration}
    line.enqueue(known())
    assert finished(line, listened, **sound)["Status"] == "Complete"
    # When that id comes in the same playlist, finds the page, and turns out to be the same recording
    key = f"spotify:track:{KNOWN.id}"
    line.enqueue(known(), known(key=key, platform=Platform.SPOTIFY, url=f"https://open.spotify.com/track/{KNOWN.id}"))
    assert line.page(key) == "sealed"
    assert line.notion.row()["Status"] == "Processing"
    assert listened(key, 0, **sound) == "sealed"
    assert line.item(key).alias == KEY
    assert line.finalise(key) == "sealed"
    # I expect the first to say what stands there
    assert line.finalise(KEY) == "sealed"
    row = line.notion.row()
    assert (row["Status"], row["Source ID"], row["Spotify ID"]) == ("Complete", KEY, KNOWN.id)
