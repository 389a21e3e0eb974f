"""What djay itself has written, on a Mac and on Windows; skipped where the recordings are not there."""

import contextlib
import json
import random
import sqlite3

import pytest

from crateline.clients.djay import bookmarks, database, fields, paths, plain
from crateline.clients.djay.tsaf import TsafError, decode
from givens import folders

BLOBS = folders.SHARED / "djay"

pytestmark = pytest.mark.skipif(not BLOBS.is_dir(), reason="the recorded blobs are not here")

NAMES = sorted(path.name for path in BLOBS.glob("*.bin"))
EXPECTED = json.loads((BLOBS / "expected.json").read_text()) if BLOBS.is_dir() else {}
PLAYS = [name for name in EXPECTED if name.startswith("historySessionItems")]
PLACES = [name for name in EXPECTED if "sourceURIs" in EXPECTED[name]]
MAC = sorted(path.stem for path in BLOBS.glob("mac-*.json"))


def entity(name):
    return decode((BLOBS / name).read_bytes()).value


@pytest.mark.parametrize("name", NAMES)
def test_every_blob_is_read_to_its_last_byte_with_both_counts(name):
    # Given
    blob = (BLOBS / name).read_bytes()

    # When
    found = decode(blob)

    # I expect
    assert found.objects == int.from_bytes(blob[8:16], "little")
    assert found.strings == int.from_bytes(blob[16:20], "little")
    assert found.value.kind.startswith("ADC")
    assert json.dumps(plain.of(found.value, size=len(blob)), allow_nan=False)


@pytest.mark.parametrize("name", PLAYS)
def test_the_plays_are_those_that_djay_has_shown(name):
    # When
    play = entity(name)
    title = play.get("titleID")

    # I expect
    assert {
        "title": fields.text(title, "title"),
        "artist": fields.text(title, "artist"),
        "deckNumber": fields.whole(play, "deckNumber"),
        "durationSeconds": fields.number(title, "duration"),
        "uuid": fields.text(play, "uuid"),
        "sessionUUID": fields.text(play, "sessionUUID"),
        "originSourceID": fields.text(play, "originSourceID"),
        **({"isrc": fields.text(title, "isrc")} if title.get("isrc") else {}),
    } == EXPECTED[name]
    assert fields.instant(play, "startTime").year == 2026


@pytest.mark.parametrize("name", PLACES)
def test_the_places_are_all_there(name):
    assert fields.texts(entity(name), "sourceURIs") == EXPECTED[name]["sourceURIs"]


def test_a_path_of_windows_is_one():
    name = next(name for name in PLACES if name.startswith("local"))
    assert paths.of_uri(EXPECTED[name]["sourceURIs"][0]) == r"D:\NP3-TEST-MP3\14187302_Voodoo_People_(Pendulum_Mix).mp3"


@pytest.mark.parametrize("name", MAC)
def test_a_macs_track_is_analysed_placed_and_bookmarked_as_its_music_app_says(name):
    # Given
    said = json.loads((BLOBS / f"{name}.json").read_text())

    # When
    heard, place = entity(f"{name}-mediaItemAnalyzedData.bin"), entity(f"{name}-localMediaItemLocations.bin")
    title = entity(f"{name}-mediaItemTitleIDs.bin")

    # I expect
    assert fields.number(heard, "bpm") == said["bpm"]
    assert fields.whole(heard, "keySignatureIndex") == said["keySignatureIndex"]
    assert [fields.text(title, "title"), fields.text(title, "artist")] == [said["title"], said["artist"]]
    assert fields.number(title, "duration") == said["duration"]
    assert fields.texts(place, "sourceURIs") == [f"com.apple.iTunes:{said['appleMusicId']}"]
    path = bookmarks.path(place.get("urlBookmarkData"))
    assert path.startswith("/Users/aokeeffe/Music/Music/Media/")
    assert path.endswith(f"{said['title']}.mp3")


def test_a_field_that_occurs_twice_is_kept_twice():
    # When
    name = next(name for name in NAMES if name.endswith("mediaItemUserData.bin"))
    prints = [value for field, value in entity(name).fields if field == "timestampIdentifier"]

    # I expect the second to be a reference to the first
    assert len(prints) == 2
    assert prints[0] is prints[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_blob_ends_in_a_value_or_an_error(name):
    # Given
    chance, blob = random.Random(name), (BLOBS / name).read_bytes()
    head = blob[:600]  # where the structure is; the rest is one piece of data

    # I expect nothing but the two
    for _ in range(150):
        hostile = bytearray(head if chance.random() < 0.5 else blob)
        for _ in range(chance.randrange(1, 6)):
            hostile[chance.randrange(min(len(hostile), 600))] = chance.choice(
                (0x00, 0x02, 0x05, 0x0B, 0x18, 0xFF, chance.randrange(256))
            )
        cut = chance.randrange(len(hostile)) if chance.random() < 0.3 else len(hostile)
        try:
            found = decode(bytes(hostile[:cut])).value
        except TsafError:
            continue
        assert len(json.dumps(plain.of(found, size=cut), allow_nan=False)) < 6 * (plain.UNFOLDED * cut + plain.SPARE)


@pytest.mark.parametrize("name", NAMES)
def test_a_blob_that_is_cut_short_is_refused(name):
    blob = (BLOBS / name).read_bytes()
    for end in {*range(0, len(blob), 7), len(blob) - 1}:
        with pytest.raises(TsafError):
            decode(blob[:end])


@pytest.mark.parametrize("name", MAC)
def test_a_damaged_bookmark_ends_in_a_path_or_an_error(name):
    # Given
    chance, whole = random.Random(name), entity(f"{name}-localMediaItemLocations.bin").get("urlBookmarkData")

    # I expect
    for _ in range(500):
        hostile = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            hostile[chance.randrange(len(hostile))] = chance.randrange(256)
        try:
            found = bookmarks.path(bytes(hostile))
        except ValueError:
            continue
        assert len(found) <= bookmarks.LONGEST


def test_a_library_of_real_blobs_is_read(tmp_path):
    # Given the recorded rows in a database of djay's
    with contextlib.closing(sqlite3.connect(tmp_path / "MediaLibrary.db")) as connection, connection:
        connection.execute("CREATE TABLE database2 (rowid INTEGER PRIMARY KEY, collection, key, data, metadata)")
        for name in NAMES:
            *_, collection, key = name.removesuffix(".bin").split("-", 1 if not name.startswith("mac") else 2)
            if name.startswith("mac"):
                collection, key = key, collection.removeprefix("bulk_")
            cells = (collection, key, (BLOBS / name).read_bytes())
            connection.execute("INSERT INTO database2 (collection, key, data) VALUES (?, ?, ?)", cells)

    # When
    library = database.read(tmp_path)

    # I expect
    (session,) = library.sessions
    played = {play.play_id: (play.title, play.artist, play.deck, play.duration, play.origin) for play in session.plays}
    names = ("title", "artist", "deckNumber", "durationSeconds", "originSourceID")
    assert played == {EXPECTED[name]["uuid"]: tuple(EXPECTED[name][field] for field in names) for name in PLAYS}
    assert [play.started for play in session.plays] == sorted(play.started for play in session.plays)
    both = library.tracks["dd4e91fdf5dc9a469c5e3b9588de228b"]
    assert both.uris == ("soundcloud:tracks:1150488265", "beatport:track:15949981")
    assert both.isrc == "QZS632171838"
    mac = {track.title: (track.bpm, track.key, track.play_count) for track in library.tracks.values() if track.bpm}
    assert mac == {
        "The Space Of Two Weeks": (122.0, "Am", None),
        "Confusion": (120.0, "Gm", 43),
        "Upside Down": (102.5, "E", None),
    }
    assert not [finding for finding in library.findings if finding.kind == "unreadable"]
