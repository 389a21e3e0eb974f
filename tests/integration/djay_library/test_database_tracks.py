"""Which of djay's rows a track's tempo, key, pads and places come from."""

import pytest

from crateline.clients.djay import database
from crateline.clients.djay.values import Url
from crateline.domain.library import Finding
from crateline.sandbox.djay.encoding import Number
from givens.djay_database import ONE, bare, detail, edited, entity, titled


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
