"""What a database lacks, or holds damaged, is said, and costs nothing else; what is no library is refused."""

from dataclasses import replace

import pytest

from crateline.clients.djay import database
from crateline.errors import ConfigurationError, LibraryUnreadable
from crateline.sandbox import djay
from crateline.sandbox.djay.encoding import encode
from givens.djay_database import SIZE, data_of, detail, edited, entity, put


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
