"""djay's database: what was written is read, whatever is missing is said, and nothing of djay's is ever touched."""

import contextlib
import hashlib
import os
import sqlite3
import stat
import struct
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from crateline.clients.djay import database, snapshot
from crateline.clients.djay.values import EPOCH, Date, Entity, Url
from crateline.domain.library import Finding
from crateline.errors import ConfigurationError, LibraryUnreadable
from crateline.sandbox import djay
from crateline.sandbox.catalogue import World
from crateline.sandbox.djay.blobs import title_id
from crateline.sandbox.djay.encoding import Number, encode

SIZE = {"tracks": 150, "sessions": 6, "plays": 80, "playlists": 8}


@contextlib.contextmanager
def edited(file):
    """The database, to change something in it."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection


def fingerprint(folder):
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.iterdir()
    }


def put(connection, collection, key, value):
    """Write one row; gives its rowid."""
    blob = value if isinstance(value, bytes) else encode(value)
    return connection.execute(
        "INSERT OR REPLACE INTO database2 (collection, key, data) VALUES (?, ?, ?)", (collection, key, blob)
    ).lastrowid


def entity(kind, **fields):
    return Entity(kind, tuple(fields.items()))


def data_of(connection, collection, key):
    return connection.execute("SELECT data FROM database2 WHERE collection = ? AND key = ?", (collection, key)).fetchone()[0]


def detail(library, where):
    return [finding.detail for finding in library.findings if finding.where == where]


@pytest.mark.parametrize("windows", [False, True], ids=["mac", "windows"])
@pytest.mark.parametrize("media_items", [False, True], ids=["without media items", "with media items"])
@pytest.mark.parametrize("live", [False, True], ids=["at rest", "in use"])
def test_what_was_written_is_read(tmp_path, windows, media_items, live):
    # Given
    truth = djay.generate(tmp_path, **SIZE, windows=windows, media_items=media_items, live=live, seed=5)

    # When
    library = database.read(tmp_path)

    # I expect
    assert library.tracks == truth.library.tracks
    assert library.sessions == truth.library.sessions
    assert library.playlists == truth.library.playlists
    assert library.source == truth.library.source
    assert {finding.kind for finding in library.findings} <= {"absent"}


def test_the_truth_is_worth_comparing_with(tmp_path):
    # Given
    truth = djay.generate(tmp_path, **SIZE, seed=5)
    tracks = truth.library.tracks.values()

    # I expect some of everything
    assert all(
        any(getattr(track, name) for track in tracks) for name in ("manual_bpm", "hot_cues", "loops", "rating", "play_count")
    )
    assert any(len(track.uris) > 1 for track in tracks)
    assert truth.bookmarked
    assert any(len(playlist.tracks) > 100 for playlist in truth.library.playlists), "more than two pages of a view"
    assert any(playlist.parent_id for playlist in truth.library.playlists)
    plays = [play for session in truth.library.sessions for play in session.plays]
    assert {play.title_id for play in plays} - set(truth.library.tracks) == set(truth.strangers)


def test_a_real_librarys_mix_is_the_default():
    # When
    truth = djay.imagine()

    # I expect
    origins = list(truth.origins.values())
    counts = {origin: origins.count(origin) for origin in set(origins)}
    assert counts == {"local": 13_365, "unknown": 234, "beatport": 1_026, "soundcloud": 913, "spotify": 2}
    plays = [play for session in truth.library.sessions for play in session.plays]
    assert (len(truth.library.sessions), len(plays), len(truth.library.playlists)) == (114, 2_027, 37)
    played = {play.title_id for play in plays}
    assert (len(played), len(played & set(truth.library.tracks))) == (673, 561)
    assert max(len(session.plays) for session in truth.library.sessions) == 150
    assert any(session.end is None for session in truth.library.sessions)


def test_what_the_sandbox_lists_is_in_the_library_and_in_the_sets():
    # Given
    world = World.build(tracks=20)

    # When
    truth = djay.imagine(**SIZE, listed=djay.listed(world))

    # I expect
    uris = {track.key for track in world.soundcloud}
    streamed = {one: track for one, track in truth.library.tracks.items() if uris.intersection(track.uris)}
    played = {play.title_id: play for session in truth.library.sessions for play in session.plays}
    assert len(streamed) == list(truth.origins.values()).count("soundcloud")
    assert {played[one].origin for one in streamed if one in played} == {"soundcloud"}


# Nothing is touched


@pytest.mark.parametrize("live", [False, True], ids=["at rest", "in use"])
def test_reading_leaves_no_trace_beside_the_database_nor_in_it(tmp_path, live):
    # Given
    djay.generate(tmp_path, **SIZE, live=live)
    before = fingerprint(tmp_path)

    # When
    database.read(tmp_path)
    list(database.rows(tmp_path / "MediaLibrary.db"))

    # I expect
    assert fingerprint(tmp_path) == before


def test_a_database_that_may_not_be_written_to_is_read(tmp_path):
    # Given
    truth = djay.generate(tmp_path, **SIZE, live=True)
    for path in tmp_path.iterdir():
        path.chmod(stat.S_IRUSR)
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)

    # I expect
    try:
        assert database.read(tmp_path).sessions == truth.library.sessions
    finally:
        tmp_path.chmod(stat.S_IRWXU)


DJAY_AT_WORK = """
import sqlite3, sys, threading
from crateline.clients.djay.values import Entity
from crateline.sandbox.djay.encoding import encode

told = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
own = sqlite3.connect(sys.argv[1], isolation_level=None)
own.execute("PRAGMA synchronous = OFF")
for number in range(1_000_000):
    blob = encode(Entity("ADCMediaItemTitleID", (("uuid", f"{number:032x}"), ("title", str(number)))))
    own.execute("INSERT INTO database2 (collection, key, data) VALUES ('mediaItemTitleIDs', ?, ?)", (f"{number:032x}", blob))
    if number % 20 == 0:
        own.execute("PRAGMA wal_checkpoint(PASSIVE)")
        print(number, flush=True)
    if told.wait(0.005):
        break
"""


def test_a_database_is_read_while_djay_writes_to_it(tmp_path):
    # Given djay at work: a process that adds titles, and folds its WAL into the database now and then
    truth = djay.generate(tmp_path, **SIZE)
    file = tmp_path / "MediaLibrary.db"
    with subprocess.Popen([sys.executable, "-c", DJAY_AT_WORK, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        worker.stdout.readline()

        # When
        libraries = [database.read(tmp_path) for _ in range(20)]
        worker.stdin.close()
        worker.stdout.read()

    # I expect each to be one moment of it
    for library in libraries:
        assert {one: library.tracks[one] for one in truth.library.tracks} == dict(truth.library.tracks)
        numbers = [int(track.title) for track in library.tracks.values() if track.title_id not in truth.library.tracks]
        assert numbers == list(range(len(numbers)))
        assert numbers


def test_a_copy_of_a_database_that_changes_meanwhile_does_not_count(tmp_path, monkeypatch):
    # Given
    truth = djay.generate(tmp_path, **SIZE)
    file, copied = tmp_path / "MediaLibrary.db", []

    def copy(source, target):
        copied.append(source)
        if len(copied) == 1:
            os.utime(file, ns=(1, 1))  # djay writes while the first copy is made
        return original(source, target)

    original = snapshot.shutil.copyfile
    monkeypatch.setattr(snapshot.shutil, "copyfile", copy)

    # When
    library = database.read(tmp_path)

    # I expect
    assert copied.count(file) == 2
    assert library.tracks == truth.library.tracks


def test_a_commit_while_the_database_is_copied_costs_no_second_copy(tmp_path, monkeypatch):
    # Given djay at work, which adds a title to its WAL whenever a file is copied
    truth = djay.generate(tmp_path, **SIZE)
    file, copied = tmp_path / "MediaLibrary.db", []
    original = snapshot.shutil.copyfile

    def copy(source, target):
        copied.append(source)
        put(own, "mediaItemTitleIDs", f"{len(copied):032x}", titled(title="new"))
        return original(source, target)

    monkeypatch.setattr(snapshot.shutil, "copyfile", copy)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as own:
        put(own, "mediaItemTitleIDs", ONE, titled(title="T"))

        # When
        library = database.read(tmp_path)

    # I expect
    assert copied.count(file) == 1
    assert library.tracks[ONE].title == "T"
    assert {one: library.tracks[one] for one in truth.library.tracks} == dict(truth.library.tracks)


def test_a_database_that_never_rests_is_given_up(tmp_path, monkeypatch):
    # Given
    djay.generate(tmp_path, **SIZE)
    monkeypatch.setattr(snapshot, "_copy", lambda *_: False)

    # I expect
    with pytest.raises(LibraryUnreadable, match="all the time"):
        database.read(tmp_path)


# What is missing or broken


@pytest.mark.parametrize(
    "collection",
    [
        "mediaItemTitleIDs",
        "mediaItemAnalyzedData",
        "mediaItemUserData",
        "localMediaItemLocations",
        "globalMediaItemLocations",
        "historySessions",
        "historySessionItems",
        "mediaItemPlaylists",
        "mediaItemPlaylistItems",
    ],
)
def test_without_a_collection_the_others_are_read(tmp_path, collection):
    # Given
    truth = djay.generate(tmp_path, **SIZE)
    with edited(tmp_path / "MediaLibrary.db") as connection:
        connection.execute("DELETE FROM database2 WHERE collection = ? AND key != 'mediaItemPlaylist-root'", (collection,))

    # When
    library = database.read(tmp_path)

    # I expect
    assert any(finding.where.startswith(collection) for finding in library.findings) or collection == "mediaItemPlaylists"
    assert set(library.tracks) == set(truth.library.tracks)
    assert (library.sessions == truth.library.sessions) == (not collection.startswith("history"))
    assert (library.playlists == truth.library.playlists) == (not collection.startswith("mediaItemPlaylist"))
    titles = {one: track.title for one, track in library.tracks.items()}
    assert titles == {one: track.title for one, track in truth.library.tracks.items()}


@pytest.mark.parametrize(
    "table",
    [
        "secondaryIndex_mediaItemAnalyzedDataIndex",
        "secondaryIndex_mediaItemUserDataIndex",
        "view_mediaItemPlaylistView_page",
        "view_mediaItemPlaylistView_map",
        "yap2",
    ],
)
def test_without_a_table_the_others_are_read(tmp_path, table):
    # Given
    truth = djay.generate(tmp_path, **SIZE)
    with edited(tmp_path / "MediaLibrary.db") as connection:
        connection.execute(f"DROP TABLE {table}")

    # When
    library = database.read(tmp_path)

    # I expect
    assert library.tracks == truth.library.tracks
    assert library.sessions == truth.library.sessions
    members = {playlist.playlist_id: sorted(playlist.tracks) for playlist in library.playlists}
    assert members == {playlist.playlist_id: sorted(playlist.tracks) for playlist in truth.library.playlists}
    used = {
        "secondaryIndex_mediaItemAnalyzedDataIndex",
        "secondaryIndex_mediaItemUserDataIndex",
        "view_mediaItemPlaylistView_page",
    }
    assert any(finding.where in table and finding.kind == "absent" for finding in library.findings) == (table in used)


def test_a_blob_that_cannot_be_read_costs_nothing_else(tmp_path):
    # Given
    truth = djay.generate(tmp_path, **SIZE)
    victim = next(one for one, track in truth.library.tracks.items() if track.play_count and track.bpm)
    play = truth.library.sessions[0].plays[0]
    with edited(tmp_path / "MediaLibrary.db") as connection:
        for collection, key in (("mediaItemUserData", victim), ("historySessionItems", play.play_id)):
            put(connection, collection, key, data_of(connection, collection, key)[:-1] + b"\x99")

    # When
    library = database.read(tmp_path)

    # I expect
    for where in (f"mediaItemUserData {victim}", f"historySessionItems {play.play_id}"):
        (finding,) = [finding for finding in library.findings if finding.where == where]
        assert finding.kind == "unreadable"
        assert "byte" in finding.detail
    others = {one: track for one, track in library.tracks.items() if one != victim}
    assert others == {one: track for one, track in truth.library.tracks.items() if one != victim}
    assert library.tracks[victim].title == truth.library.tracks[victim].title
    assert library.sessions[1:] == truth.library.sessions[1:]
    assert [one.play_id for one in library.sessions[0].plays] == [one.play_id for one in truth.library.sessions[0].plays]


@pytest.mark.parametrize("blob", [b"", None, "text", encode("a string alone"), encode([1]), b"bplist00"])
def test_a_row_that_holds_no_object_is_a_finding(tmp_path, blob):
    # Given
    djay.generate(tmp_path, **SIZE)
    with edited(tmp_path / "MediaLibrary.db") as connection:
        connection.execute("INSERT INTO database2 (collection, key, data) VALUES ('historySessions', 'X', ?)", (blob,))

    # When
    library = database.read(tmp_path)

    # I expect
    assert [finding.kind for finding in library.findings if finding.where == "historySessions X"] == ["unreadable"]


def test_a_field_that_many_rows_lack_is_said_once(tmp_path):
    # Given
    truth = djay.generate(tmp_path, **SIZE)
    without = [session for session in truth.library.sessions if session.end is None]
    bare = replace(truth.library.sessions[0], end=None, start=None, device="")
    with edited(tmp_path / "MediaLibrary.db") as connection:
        named = [play.play_id for play in bare.plays]
        put(connection, "historySessions", bare.session_id, entity("ADCHistorySession", uuid=bare.session_id, itemUUIDs=named))

    # When
    library = database.read(tmp_path)

    # I expect
    count = len({*(session.session_id for session in without), bare.session_id})
    assert f"endDate: in {count} of {len(truth.library.sessions)} rows" in detail(library, "historySessions")
    found = next(session for session in library.sessions if session.session_id == bare.session_id)
    assert (found.start, found.end, found.plays) == (None, None, bare.plays)


def test_plays_without_their_session_make_one_up(tmp_path):
    # Given
    truth = djay.generate(tmp_path, **SIZE)
    gone = truth.library.sessions[2]
    with edited(tmp_path / "MediaLibrary.db") as connection:
        connection.execute("DELETE FROM database2 WHERE key = ?", (gone.session_id,))

    # When
    library = database.read(tmp_path)

    # I expect them in order of time, where the session was
    found = library.sessions[2]
    assert (found.session_id, found.start, found.device) == (gone.session_id, None, "")
    assert {play.play_id for play in found.plays} == {play.play_id for play in gone.plays}
    assert [play.started for play in found.plays] == sorted(play.started for play in gone.plays)
    assert detail(library, f"historySessions {gone.session_id}") == [f"{len(gone.plays)} plays name it"]


def test_a_session_orders_its_plays_and_names_those_that_are_not_there(tmp_path):
    # Given a session whose order is not that of time, with one play too many and one that it does not name
    truth = djay.generate(tmp_path, **SIZE)
    session = max(truth.library.sessions, key=lambda one: len(one.plays))
    named = [play.play_id for play in session.plays[:-1]][::-1]
    with edited(tmp_path / "MediaLibrary.db") as connection:
        fields = entity("ADCHistorySession", uuid=session.session_id, itemUUIDs=[*named, "GONE"])
        put(connection, "historySessions", session.session_id, fields)

    # When
    library = database.read(tmp_path)

    # I expect
    found = next(one for one in library.sessions if one.session_id == session.session_id)
    assert [play.play_id for play in found.plays] == [*named, session.plays[-1].play_id]
    assert detail(library, f"historySessions {session.session_id}") == ["plays that it names: GONE"]


def test_a_play_that_nobody_claims_is_said(tmp_path):
    djay.generate(tmp_path, **SIZE)
    with edited(tmp_path / "MediaLibrary.db") as connection:
        put(connection, "historySessionItems", "ALONE", entity("ADCHistorySessionItem", uuid="ALONE"))
    library = database.read(tmp_path)
    assert [finding.kind for finding in library.findings if finding.where == "historySessionItems ALONE"] == ["skipped"]


# What is where


ONE = "0123456789abcdef0123456789abcdef"


def bare(folder, *blobs):
    """A library of nothing but these rows."""
    djay.generate(folder, tracks=0, sessions=0, plays=0, playlists=0)
    with edited(folder / "MediaLibrary.db") as connection:
        return [put(connection, *blob) for blob in blobs]


def titled(**fields):
    return entity("ADCMediaItemTitleID", uuid=ONE, **fields)


def test_tempo_and_key_come_from_the_index_of_the_analysis_row_and_of_no_other(tmp_path):
    # Given an analysis whose blob says nothing, and an index with entries under the rowids of all three rows
    rowids = bare(
        tmp_path,
        ("mediaItems", ONE, entity("ADCMediaItem", title="T", titleID=ONE)),
        ("mediaItemTitleIDs", ONE, titled(title="T", artist="A")),
        ("mediaItemAnalyzedData", ONE, entity("ADCMediaItemAnalyzedData", uuid=ONE)),
    )
    with edited(tmp_path / "MediaLibrary.db") as connection:
        for rowid, bpm, key in zip(rowids, (66.0, 77.0, 128.0), (2, 4, 17), strict=True):
            connection.execute("INSERT INTO secondaryIndex_mediaItemAnalyzedDataIndex VALUES (?, ?, 1.0, ?)", (rowid, bpm, key))

    # When
    track = database.read(tmp_path).tracks[ONE]

    # I expect
    assert (track.bpm, track.key, track.manual_bpm) == (128.0, "Fm", None)


def test_the_manual_tempo_is_that_of_the_index(tmp_path):
    # Given
    (rowid,) = bare(tmp_path, ("mediaItemUserData", ONE, entity("ADCMediaItemUserData", titleIDs=[titled()], manualBPM=90.0)))
    with edited(tmp_path / "MediaLibrary.db") as connection:
        connection.execute("INSERT INTO secondaryIndex_mediaItemUserDataIndex VALUES (?, '', 87.5)", (rowid,))

    # I expect
    assert database.read(tmp_path).tracks[ONE].manual_bpm == 87.5


@pytest.mark.parametrize(("index", "key"), [(0, "C"), (1, "Am"), (2, "Db"), (17, "Fm"), (21, "Gm"), (23, "Abm"), (17.0, "Fm")])
def test_a_keys_index_is_djays(tmp_path, index, key):
    bare(tmp_path, ("mediaItemAnalyzedData", ONE, entity("ADCMediaItemAnalyzedData", keySignatureIndex=index)))
    assert database.read(tmp_path).tracks[ONE].key == key


@pytest.mark.parametrize("index", [24, 255, 3.5])
def test_the_index_of_no_key_is_a_finding(tmp_path, index):
    bare(tmp_path, ("mediaItemAnalyzedData", ONE, entity("ADCMediaItemAnalyzedData", keySignatureIndex=index, bpm=120)))
    library = database.read(tmp_path)
    assert (library.tracks[ONE].key, library.tracks[ONE].bpm) == ("", 120.0)
    assert (
        Finding(kind="skipped", where=f"ADCMediaItemAnalyzedData {ONE}", detail=f"{index:g} is the index of no key")
        in library.findings
    )


def test_what_was_heard_counts_before_a_files_tag(tmp_path):
    bare(
        tmp_path,
        ("mediaItems", ONE, entity("ADCMediaItem", titleID=titled(), musicalKeySignatureIndex=4)),
        ("mediaItemAnalyzedData", ONE, entity("ADCMediaItemAnalyzedData", keySignatureIndex=1)),
    )
    assert database.read(tmp_path).tracks[ONE].key == "Am"


def test_a_tempo_of_32_bits_is_rounded_and_one_of_zero_is_none(tmp_path):
    bare(tmp_path, ("mediaItemAnalyzedData", ONE, entity("ADCMediaItemAnalyzedData", bpm=Number(0x13, 127.97), manualBPM=0)))
    track = database.read(tmp_path).tracks[ONE]
    assert (track.bpm, track.manual_bpm) == (127.97, None)


def test_pads_are_places_and_empty_ones_are_skipped(tmp_path):
    # Given
    cues = [entity("ADCCuePoint", time=time, number=0) for time in (-1.0, 12.5, -1.0, 0.0)]
    loops = [entity("ADCLoopRegion", startTime=1.0, endTime=3.0, number=7), entity("ADCLoopRegion", startTime=-1.0, endTime=-1.0)]
    bare(
        tmp_path,
        ("mediaItemUserData", ONE, entity("ADCMediaItemUserData", titleIDs=[titled()], cuePoints=cues, loopRegions=loops)),
    )

    # When
    track = database.read(tmp_path).tracks[ONE]

    # I expect
    assert [(cue.position, cue.time, cue.color) for cue in track.hot_cues] == [(2, 12.5, "orange"), (4, 0.0, "amber")]
    assert [(loop.number, loop.start, loop.end) for loop in track.loops] == [(7, 1.0, 3.0)]


def test_a_track_has_all_its_places_once(tmp_path):
    # Given
    both = [Url("soundcloud:tracks:1"), Url("beatport:track:2")]
    files = [Url("file:///Users/a.mp3"), Url("soundcloud:tracks:1")]
    bare(
        tmp_path,
        (
            "globalMediaItemLocations",
            ONE,
            entity("ADCMediaItemLocation", titleIDs=[titled(title="T", isrc="X")], sourceURIs=both),
        ),
        ("localMediaItemLocations", ONE, entity("ADCMediaItemLocation", titleIDs=[titled(title="Other")], sourceURIs=files)),
    )

    # When
    track = database.read(tmp_path).tracks[ONE]

    # I expect
    assert track.uris == ("file:///Users/a.mp3", "soundcloud:tracks:1", "beatport:track:2")
    assert (track.path, track.title, track.isrc) == ("/Users/a.mp3", "Other", "X")


def test_a_place_with_two_titles_is_that_of_both(tmp_path):
    other = "f" * 32
    titles = [titled(title="T"), entity("ADCMediaItemTitleID", uuid=other, title="T (Original Mix)")]
    place = entity("ADCMediaItemLocation", titleIDs=titles, sourceURIs=[Url("beatport:track:2")])
    bare(tmp_path, ("globalMediaItemLocations", "e" * 32, place))
    tracks = database.read(tmp_path).tracks
    assert {one: track.uris for one, track in tracks.items()} == {ONE: ("beatport:track:2",), other: ("beatport:track:2",)}


def test_a_damaged_bookmark_is_a_finding(tmp_path):
    place = entity("ADCMediaItemLocation", titleIDs=[titled()], sourceURIs=[Url("com.apple.iTunes:5")], urlBookmarkData=b"book")
    bare(tmp_path, ("localMediaItemLocations", ONE, place))
    library = database.read(tmp_path)
    assert (library.tracks[ONE].path, library.tracks[ONE].uris) == ("", ("com.apple.iTunes:5",))
    assert detail(library, f"localMediaItemLocations {ONE}") == ["urlBookmarkData: this bookmark is damaged"]


def test_a_date_that_no_calendar_has_is_unknown(tmp_path):
    bare(
        tmp_path,
        ("historySessions", "S", entity("ADCHistorySession", startDate=Date(1e300), endDate=Date(0.0), deviceType="ipad")),
    )
    (session,) = database.read(tmp_path).sessions
    assert (session.start, session.end, session.device_type) == (None, EPOCH, "ipad")


# Playlists


def playlist(folder, pages, items=6):
    """A playlist of some items with these pages of its view: (key, previous, positions from 0)."""
    tracks = [f"{number:032x}" for number in range(items)]
    rowids = bare(
        folder,
        *[
            ("mediaItemPlaylistItems", f"I{number}", entity("ADCMediaItemPlaylistItem", playlistUUID="P", mediaItemUUID=track))
            for number, track in enumerate(tracks)
        ],
        ("mediaItemPlaylists", "P", entity("ADCMediaItemPlaylist", uuid="P", name="Mine", parentUUID="mediaItemPlaylist-root")),
    )
    with edited(folder / "MediaLibrary.db") as connection:
        for key, previous, positions in pages:
            chosen = [rowids[one] if one < items else 999_999 for one in positions]
            cells = (key, "P", previous, len(chosen), struct.pack(f"<{len(chosen)}q", *chosen))
            connection.execute("INSERT INTO view_mediaItemPlaylistView_page VALUES (?, ?, ?, ?, ?)", cells)
    library = database.read(folder)
    (made,) = library.playlists
    assert (made.name, made.parent_id) == ("Mine", "")
    return [int(track, 16) for track in made.tracks], library.findings


@pytest.mark.parametrize(
    ("pages", "order", "kinds"),
    [
        ([("b", "a", [3, 1]), ("a", None, [5, 0])], [5, 0, 3, 1], []),
        ([("c", "b", [2]), ("a", None, [0]), ("b", "a", [1])], [0, 1, 2], []),
        ([("a", None, [0, 0, 1])], [0, 0, 1], []),
        ([("a", None, [])], [], []),
        ([], [0, 1, 2, 3, 4, 5], ["repaired"]),
        ([("a", None, [4, 999, 2])], [4, 2], ["absent"]),
        ([("a", None, [1]), ("b", "lost", [0])], [1, 0], ["repaired"]),
        ([("a", "b", [1]), ("b", "a", [0])], [1, 0], ["repaired"]),
        ([("a", None, [1]), ("b", "a", [2]), ("c", "a", [3])], [1, 2, 3], ["repaired"]),
    ],
    ids=[
        "two pages",
        "any order of pages",
        "a track twice",
        "empty",
        "no pages",
        "a row gone",
        "a page astray",
        "a circle",
        "a fork",
    ],
)
def test_a_playlists_order_is_that_of_its_pages(tmp_path, pages, order, kinds):
    found, findings = playlist(tmp_path, pages)
    assert found == order
    assert [finding.kind for finding in findings if finding.where == "mediaItemPlaylists P"] == kinds


def test_a_page_may_name_the_tracks_own_rows(tmp_path):
    # Given a page of rowids of user data, and a media item whose title id is not its key
    rowids = bare(
        tmp_path,
        ("mediaItemUserData", ONE, entity("ADCMediaItemUserData", titleIDs=[titled()])),
        ("mediaItems", "d" * 32, entity("ADCMediaItem", titleID=entity("ADCMediaItemTitleID", uuid="e" * 32))),
        ("mediaItemPlaylists", "P", entity("ADCMediaItemPlaylist", uuid="P", name="Mine")),
    )
    with edited(tmp_path / "MediaLibrary.db") as connection:
        cells = ("a", "P", None, 2, struct.pack("<2q", *rowids[:2]))
        connection.execute("INSERT INTO view_mediaItemPlaylistView_page VALUES (?, ?, ?, ?, ?)", cells)

    # I expect
    (made,) = database.read(tmp_path).playlists
    assert made.tracks == (ONE, "e" * 32)


# What is no library


@pytest.mark.parametrize("content", [b"", b"TSAF", b"SQLite format 3\0", b"SQLite format 3\0" + bytes(5000)])
def test_a_file_that_is_no_database_is_unreadable(tmp_path, content):
    file = tmp_path / "MediaLibrary.db"
    file.write_bytes(content)
    with pytest.raises(LibraryUnreadable, match=r"MediaLibrary\.db"):
        database.read(file)


def test_another_programs_database_is_unreadable(tmp_path):
    with edited(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE songs (title)")
    with pytest.raises(LibraryUnreadable, match="no library of djay's"):
        database.read(tmp_path / "other.db")


def test_a_damaged_database_is_read_as_far_as_it_goes_or_refused(tmp_path):
    # Given pages of zeros in the middle
    djay.generate(tmp_path, **SIZE)
    file = tmp_path / "MediaLibrary.db"
    for begin in range(3, file.stat().st_size // 4096 - 1, 17):
        content = bytearray(file.read_bytes())
        content[begin * 4096 : begin * 4096 + 4096] = bytes(4096)
        (tmp_path / "damaged.db").write_bytes(content)

        # I expect
        try:
            library = database.read(tmp_path / "damaged.db")
        except LibraryUnreadable:
            continue
        assert library.findings


def test_nothing_at_the_path_is_a_matter_of_settings(tmp_path):
    with pytest.raises(ConfigurationError, match="does not exist"):
        database.read(tmp_path / "absent")


# djay writes the play first and the rest half a second later


def second_half(file, play):
    """What djay adds half a second after the play."""
    with edited(file) as connection:
        put(connection, "mediaItemTitleIDs", play.title_id, title_id(play))
        put(connection, "mediaItemAnalyzedData", play.title_id, entity("ADCMediaItemAnalyzedData", bpm=124, keySignatureIndex=1))


@pytest.fixture
def half_written(tmp_path):
    """A library whose newest play is of a track that djay has not described yet."""
    truth = djay.generate(tmp_path, **SIZE)
    session = truth.library.sessions[-1]
    start = session.plays[-1].started + timedelta(seconds=1)
    play = replace(session.plays[-1], play_id="NEW", title_id=ONE, started=start)
    with edited(tmp_path / "MediaLibrary.db") as connection:
        fields = entity(
            "ADCHistorySessionItem",
            uuid="NEW",
            sessionUUID=session.session_id,
            titleID=title_id(play),
            startTime=Date((start - EPOCH).total_seconds()),
            deckNumber=1,
        )
        put(connection, "historySessionItems", "NEW", fields)
    return tmp_path / "MediaLibrary.db", play


def test_a_library_that_is_just_written_to_is_read_once_more(half_written):
    # Given
    file, play = half_written
    waited = []

    def wait(seconds):
        waited.append(seconds)
        second_half(file, play)

    # When
    library = database.read(file, wait=wait)

    # I expect
    assert waited == [database.LATER]
    assert (library.tracks[ONE].bpm, library.tracks[ONE].key) == (124.0, "Am")


def test_what_never_comes_is_waited_for_once(half_written):
    file, _ = half_written
    waited = []
    library = database.read(file, wait=waited.append)
    assert waited == [database.LATER]
    assert ONE not in library.tracks
    assert library.sessions[-1].plays[-1].title_id == ONE


def test_an_old_library_is_not_waited_for(half_written):
    file, _ = half_written
    os.utime(file, (1, 1))
    waited = []
    database.read(file, wait=waited.append)
    assert waited == []
