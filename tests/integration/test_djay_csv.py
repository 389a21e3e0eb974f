"""The old script's exports are repaired and nothing is made up; our own are read back as they were; bad ones are named by row."""

import csv
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crateline.clients.djay import cells, exports, legacy, outgoing, reading, repairs, sealed
from crateline.clients.djay.columns import COLUMNS
from crateline.domain import keys, origins
from crateline.domain.library import HotCue, Library, LibraryPlaylist, LibraryTrack, Loop, Play, Session
from crateline.errors import ConfigurationError, LibraryUnreadable
from crateline.sandbox.djay import csv_exports, imagine

BEGIN = datetime(2026, 1, 16, 20, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def truth():
    return imagine(tracks=400, sessions=12, plays=180, playlists=6, seed=4)


@pytest.fixture(scope="module")
def exported(truth, tmp_path_factory):
    return csv_exports.write_legacy(truth, tmp_path_factory.mktemp("legacy"))


@pytest.fixture(scope="module")
def read(exported):
    return reading.read(exported)


def a_folder(tmp_path, **rows):
    """A folder of exports: for each stem the rows as cells."""
    for stem, lines in rows.items():
        with (tmp_path / f"{stem}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS[stem], *lines])
    return tmp_path


def a_row(stem, **cells_of):
    return [cells_of.get(name, "") for name in COLUMNS[stem]]


def track_row(number=1, **more):
    return a_row("djay_library_tracks", **({"track_id": f"{number:032x}", "source_type": "local"} | more))


# --- the old script's exports


def test_every_track_set_play_and_playlist_is_there_by_its_id(truth, read):
    assert list(read.tracks) == list(truth.library.tracks)
    assert [one.session_id for one in read.sessions] == [one.session_id for one in truth.library.sessions]
    ids = [[(play.play_id, play.title_id, play.title, play.artist) for play in one.plays] for one in truth.library.sessions]
    assert [[(play.play_id, play.title_id, play.title, play.artist) for play in one.plays] for one in read.sessions] == ids
    assert [(one.playlist_id, one.tracks) for one in read.playlists] == [
        (one.playlist_id, one.tracks) for one in truth.library.playlists if one.tracks
    ]


def test_the_keys_are_djays_again(truth, read):
    assert any(track.key for track in read.tracks.values())
    assert {one: track.key for one, track in read.tracks.items()} == {
        one: track.key for one, track in truth.library.tracks.items()
    }


@pytest.mark.parametrize("index", range(24))
def test_each_of_the_scripts_names_leads_back_to_its_index(index):
    hand = repairs.Repairing(notes=cells.Notes())
    assert hand.key(repairs.SCRIPT_KEYS[index]) == keys.at(index).value


def test_what_the_script_called_the_start_is_the_end_and_the_start_is_not_known(truth, read):
    for found, true in zip(read.sessions, truth.library.sessions, strict=True):
        assert found.start is None
        assert found.end == (true.end and true.end.replace(microsecond=0))


def test_decks_starts_and_names_of_playlists_are_unknown_not_wrong(read):
    assert {(play.deck, play.started) for one in read.sessions for play in one.plays} == {(None, None)}
    assert {one.name for one in read.playlists} == {""}


def test_a_stream_has_its_words_from_a_set_or_none(truth, read):
    played = {play.title_id: play.title for one in truth.library.sessions for play in one.plays}
    streams = [track for track in read.tracks.values() if origins.streams(track.uris)]
    assert streams
    assert all(track.title == played.get(track.title_id, "") for track in streams)


def test_a_files_name_is_taken_apart_only_where_it_is_certain(tmp_path):
    # Given
    names = ["Ines Novak - Horizon (1)_processed", "Ines Novak - Album - Horizon", "Horizon - Radio Edit", "Horizon"]
    rows = [track_row(at, title=name, file_path=f"{name}.mp3") for at, name in enumerate(names)]

    # When
    found = legacy.read(a_folder(tmp_path, djay_library_tracks=rows)).tracks.values()

    # I expect
    assert [(track.artist, track.title) for track in found] == [("Ines Novak", "Horizon"), *(("", name) for name in names[1:])]


def test_every_repair_is_reported_once_per_file_with_how_often(read):
    # Given
    said = Counter(one.detail.partition(":")[0] for one in read.findings if one.kind == "repaired")

    # I expect
    assert set(said) == set(repairs.REPAIRS)
    plays = sum(len(one.plays) for one in read.sessions)
    assert any(one.detail.startswith("deck 0") and f"({plays} times)" in one.detail for one in read.findings)


def test_every_repair_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "djay.md").read_text()
    assert all(f"| `{name}` |" in page for name in repairs.REPAIRS)


def test_of_several_exports_the_newest_counts(truth, tmp_path):
    # Given three of them, the newest by its name not the newest on disk
    old, new = replace(truth, library=replace(truth.library, sessions=())), truth
    csv_exports.write_legacy(new, tmp_path, stamp="20260116_203000", mark=True)
    csv_exports.write_legacy(old, tmp_path, stamp="20250116_203000")
    (tmp_path / "djay_session_history_99999999_999999.csv").write_text("no time\n")

    # I expect
    assert len(reading.read(tmp_path).sessions) == len(truth.library.sessions)


def test_one_file_is_enough_and_the_others_are_said_to_be_absent(exported):
    found = reading.read(exported / "djay_session_tracks.csv")
    assert found.tracks == {}
    assert sum(len(one.plays) for one in found.sessions) == 180
    assert [one.where for one in found.findings if one.kind == "absent"][:4] == sorted(set(COLUMNS) - {"djay_session_tracks"})


# --- what is wrong with a file or a row


def test_a_row_of_another_length_is_left_out_and_named(tmp_path):
    folder = a_folder(tmp_path, djay_library_tracks=[track_row(1), ["only", "two"], track_row(2)])
    found = legacy.read(folder)
    assert len(found.tracks) == 2
    assert ("skipped", "djay_library_tracks.csv row 3", "2 cells instead of 15") in told(found)


def test_a_row_without_an_id_or_with_one_that_is_taken_is_left_out_and_named(tmp_path):
    folder = a_folder(tmp_path, djay_library_tracks=[track_row(1), track_row(1), track_row(track_id=" ")])
    found = legacy.read(folder)
    assert len(found.tracks) == 1
    assert [where for kind, where, _ in told(found) if kind == "skipped"] == [
        "djay_library_tracks.csv row 3",
        "djay_library_tracks.csv row 4",
    ]


@pytest.mark.parametrize(
    ("column", "text"),
    [("bpm", "fast"), ("bpm", "-3"), ("bpm", "inf"), ("key", "Xm"), ("added_date", "yesterday"), ("play_count", "1e999")],
)
def test_a_cell_that_cannot_be_read_is_unknown_and_named(tmp_path, column, text):
    found = legacy.read(a_folder(tmp_path, djay_library_tracks=[track_row(**{column: text, "title": "T"})]))
    (track,) = found.tracks.values()
    assert (track.bpm, track.key, track.added, track.play_count) == (None, "", None, None)
    assert [where for kind, where, detail in told(found) if kind == "unreadable" and detail.startswith(column)] == [
        "djay_library_tracks.csv row 2"
    ]


def test_plays_of_a_set_without_a_row_are_kept(tmp_path):
    row = a_row("djay_session_tracks", play_id="p", session_id="s", track_id="t", title="T", artist="A", deck_number="0")
    found = legacy.read(a_folder(tmp_path, djay_session_tracks=[row], djay_session_history=[]))
    assert [(one.session_id, one.end, len(one.plays)) for one in found.sessions] == [("s", None, 1)]
    assert any("set s has no row" in one.detail for one in found.findings)


def test_a_cell_that_is_no_number_is_said_to_be_none(tmp_path):
    found = legacy.read(a_folder(tmp_path, djay_library_tracks=[track_row(bpm="12a", title="T")]))
    assert "bpm: 12a is no number" in [one.detail for one in found.findings]


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    (tmp_path / "MediaLibrary.db").touch()
    with pytest.raises(LibraryUnreadable, match=r"MediaLibrary\.db: the file is empty"):
        reading.read(tmp_path / "MediaLibrary.db")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"track_id,title\r\n1,2\r\n", "row 1 has no column artist"),
        (",".join(COLUMNS["djay_library_tracks"]).encode() + b"\r\nab\xff,\r\n", "row 2 is not UTF-8"),
        (",".join(COLUMNS["djay_library_tracks"]).encode() + b'\r\nx\r\ny,"open\r\n', "row 3: unexpected end of data"),
        (b"", "row 1 has no column track_id"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_row(tmp_path, data, words):
    path = tmp_path / "djay_library_tracks.csv"
    path.write_bytes(data)
    with pytest.raises(LibraryUnreadable) as error:
        legacy.read(tmp_path)
    assert str(path) in str(error.value)
    assert words in str(error.value)


def told(library):
    return [(one.kind, one.where, one.detail) for one in library.findings]


# --- our own exports

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WHEN = st.none() | st.datetimes(datetime(2001, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
NUMBERS = st.none() | st.floats(0.001, 1e6)
IDS = st.integers(0, 2**128 - 1).map("{:032x}".format)
URIS = st.lists(
    st.sampled_from(
        [
            "file:///a.mp3",
            "com.apple.iTunes:3",
            "beatport:track:2",
            "soundcloud:tracks:1",
            "spotify:track:X",
            "apple-music:library:track:i.X",
        ]
    ),
    unique=True,
    max_size=4,
).map(tuple)
TRACKS = st.builds(
    LibraryTrack,
    title_id=IDS,
    title=TEXTS,
    artist=TEXTS,
    album=TEXTS,
    genre=TEXTS,
    duration=NUMBERS,
    bpm=NUMBERS,
    manual_bpm=NUMBERS,
    key=st.sampled_from(["", *keys.Key]).map(str),
    uris=URIS,
    path=TEXTS,
    isrc=TEXTS,
    added=WHEN,
    play_count=st.none() | st.integers(0, 999),
    rating=st.none() | st.integers(0, 5),
    hot_cues=st.lists(st.builds(HotCue, position=st.integers(1, 8), time=st.floats(0, 999), name=TEXTS), max_size=2).map(tuple),
    loops=st.lists(st.builds(Loop, number=st.integers(1, 8), start=st.floats(0, 9), end=st.floats(9, 99)), max_size=2).map(tuple),
)
PLAYS = st.builds(
    Play,
    play_id=IDS,
    session_id=st.just(""),
    title_id=IDS,
    title=TEXTS,
    artist=TEXTS,
    duration=NUMBERS,
    deck=st.none() | st.integers(1, 4),
    started=WHEN,
    origin=TEXTS,
    bpm=NUMBERS,
    isrc=TEXTS,
)


def library_of(tracks, sets, playlists):
    sessions = tuple(
        Session(
            session_id=f"s{at}",
            device=device,
            start=start,
            end=end,
            plays=tuple(replace(play, session_id=f"s{at}", play_id=f"{at}{play.play_id}") for play in plays),
        )
        for at, (device, start, end, plays) in enumerate(sets)
    )
    lists = tuple(
        LibraryPlaylist(playlist_id=f"l{at}", name=name, parent_id=parent, tracks=tuple(ids))
        for at, (name, parent, ids) in enumerate(playlists)
    )
    return Library(source="made up", tracks={one.title_id: one for one in tracks}, sessions=sessions, playlists=lists)


LIBRARIES = st.builds(
    library_of,
    st.lists(TRACKS, max_size=5, unique_by=lambda one: one.title_id),
    st.lists(st.tuples(TEXTS, WHEN, WHEN, st.lists(PLAYS, max_size=4, unique_by=lambda one: one.play_id)), max_size=3),
    st.lists(st.tuples(TEXTS, TEXTS, st.lists(IDS, max_size=4)), max_size=3),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(LIBRARIES)
def test_an_export_that_is_read_back_is_the_same_library(tmp_path, library):
    outgoing.write(library, tmp_path / "out")
    found = reading.read(tmp_path / "out")
    assert found.tracks == library.tracks
    assert list(found.tracks) == list(library.tracks)
    assert found.sessions == library.sessions
    assert found.playlists == library.playlists
    assert found.findings == ()


def test_an_export_has_the_old_columns_and_this_time_they_are_right(tmp_path):
    # Given
    play = Play(play_id="p", session_id="s", title_id="a" * 32, title="T", deck=3, started=BEGIN + timedelta(seconds=5))
    library = Library(
        source="",
        tracks={
            "a" * 32: LibraryTrack(
                title_id="a" * 32, bpm=64.0, manual_bpm=128.0, key="Ebm", uris=("beatport:track:8",), path="/a.mp3"
            )
        },
        sessions=(Session(session_id="s", start=BEGIN, end=BEGIN + timedelta(minutes=90), plays=(play,)),),
        playlists=(LibraryPlaylist(playlist_id="l", name="Warm-up", tracks=("b" * 32, "a" * 32)),),
    )

    # When
    outgoing.write(library, tmp_path / "out")

    # I expect
    rows = {stem: rows_of(tmp_path / "out" / f"{stem}.csv") for stem in COLUMNS}
    assert all(tuple(one) == COLUMNS[stem] for stem, listed in rows.items() for one in listed)
    track, (session,), (played,) = rows["djay_library_tracks"][0], rows["djay_session_history"], rows["djay_session_tracks"]
    assert (track["bpm"], track["key"], track["key_camelot"], track["source_type"], track["source_id"]) == (
        "128.0",
        "Ebm",
        "2A",
        "beatport",
        "8",
    )
    assert (session["start_time"], session["duration_min"]) == ("2026-01-16T20:30:00+00:00", "90.0")
    assert (played["deck_number"], played["play_start"]) == ("3", "2026-01-16T20:30:05+00:00")
    assert [(one["playlist_name"], one["position"]) for one in rows["djay_playlists"]] == [("Warm-up", "1"), ("Warm-up", "2")]
    assert rows["djay_library_streaming"][0]["source_url"] == "https://www.beatport.com/track/-/8"
    assert (tmp_path / "out" / "djay_library_tracks.csv").read_bytes().count(b"\r\n") == 2


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_export_takes_the_place_of_an_earlier_one_and_of_nothing_else(truth, tmp_path):
    # Given
    out = tmp_path / "out"
    outgoing.write(Library(source=""), out)
    outgoing.write(truth.library, out)
    assert len(reading.read(out).tracks) == 400

    # When something else lies there
    (out / "notes.txt").write_text("mine")

    # I expect
    with pytest.raises(ConfigurationError, match="holds other files"):
        outgoing.write(truth.library, out)
    assert (out / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_old_scripts_folder_is_never_written_into(truth, exported):
    before = {path: path.read_bytes() for path in exported.iterdir()}
    with pytest.raises(ConfigurationError, match="holds other files"):
        outgoing.write(truth.library, exported)
    assert {path: path.read_bytes() for path in exported.iterdir()} == before


def test_an_export_that_fails_leaves_the_earlier_one(truth, tmp_path, monkeypatch):
    # Given
    out = tmp_path / "out"
    outgoing.write(truth.library, out)

    # When the disk is full at the last file
    def full(*_anything):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sealed, "written", full)
    with pytest.raises(OSError, match="No space"):
        outgoing.write(Library(source=""), out)

    # I expect
    assert len(reading.read(out).tracks) == 400
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_was_edited_after_the_export_is_not_read_on_a_guess(truth, tmp_path):
    outgoing.write(truth.library, tmp_path / "out")
    with (tmp_path / "out" / "djay_playlists.csv").open("ab") as file:
        file.write(b"x,y,z,1,\r\n")
    with pytest.raises(LibraryUnreadable, match="changed since crateline wrote it"):
        reading.read(tmp_path / "out")


def test_an_old_export_among_ours_is_not_mistaken_for_one(truth, tmp_path):
    outgoing.write(truth.library, tmp_path / "out")
    csv_exports.write_legacy(truth, tmp_path / "out", stamp="20990101_000000")
    (tmp_path / "out" / "djay_playlists_20990101_000000.csv").unlink()
    with pytest.raises(LibraryUnreadable, match="not part of it"):
        reading.read(tmp_path / "out")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x"}', '{"format": "crateline djay export 1", "files": {}}'])
def test_a_broken_seal_is_an_error_or_no_seal(truth, tmp_path, text):
    csv_exports.write_legacy(truth, tmp_path)
    (tmp_path / sealed.NAME).write_text(text)
    if text.endswith("{}}"):  # it seals none of these files: they are the old script's
        assert reading.read(tmp_path).findings
        return
    with pytest.raises(LibraryUnreadable, match="seal"):
        reading.read(tmp_path)


def test_one_file_of_ours_is_known_to_be_ours(truth, tmp_path):
    outgoing.write(truth.library, tmp_path / "out")
    found = reading.read(tmp_path / "out" / "djay_library_tracks.csv")
    assert found.tracks == truth.library.tracks
    assert {one.kind for one in found.findings} == {"absent"}


# --- djay's own exports


@pytest.mark.parametrize("camelot", [True, False])
def test_a_playlist_of_djays_keeps_its_order_and_its_keys(truth, tmp_path, camelot):
    # Given
    playlist = max(truth.library.playlists, key=lambda one: len(one.tracks))
    path = csv_exports.write_playlist(truth, playlist, tmp_path, camelot=camelot)

    # When
    found = reading.read(path)

    # I expect
    true = [truth.library.tracks[one] for one in playlist.tracks if one in truth.library.tracks]
    assert found.playlists[0].name == playlist.name.replace("/", "-")
    listed = [found.tracks[one] for one in found.playlists[0].tracks]
    assert [(one.title, one.artist, one.key) for one in listed] == [(one.title, one.artist, one.key) for one in true]
    assert [one.duration for one in listed] == [one.duration and round(one.duration) for one in true]


def test_a_row_of_djays_tells_length_tempo_key_and_place(tmp_path):
    # Given
    path = tmp_path / "Sunday.csv"
    rows = [
        '"A","B","","1:02:03","128,5","8A","file:///Music/A%20%231.mp3"',
        '"C","D","","05:30","","Bbm","soundcloud:tracks:5"',
        '"E","","","soon","120","H","D:\\\\Music\\\\E.mp3"',
    ]
    path.write_text("\r\n".join(['"Title","Artist","Album","Time","BPM","Key","URL"', *rows]), encoding="utf-8-sig")

    # When
    found = reading.read(tmp_path)
    a, c, e = (found.tracks[one] for one in found.playlists[0].tracks)

    # I expect
    assert (a.duration, a.bpm, a.key, a.path) == (3723.0, 128.5, "Am", "/Music/A #1.mp3")
    assert (c.duration, c.bpm, c.key, c.uris, c.path) == (330.0, None, "Bbm", ("soundcloud:tracks:5",), "")
    assert (e.duration, e.key, e.path) == (None, "", "D:\\\\Music\\\\E.mp3")
    assert [where for _, where, _ in told(found)] == ["Sunday.csv row 4", "Sunday.csv row 4"]
    assert not any(len(one) == 32 for one in found.tracks)


def test_a_history_is_a_set_whatever_else_stands_in_it(truth, tmp_path):
    # Given
    session = max(truth.library.sessions, key=lambda one: len(one.plays))
    path = csv_exports.write_history(session, tmp_path)

    # When
    (found,) = reading.read(path).sessions

    # I expect
    true = sorted(session.plays, key=lambda play: play.started)
    assert [(one.title, one.deck, one.started) for one in found.plays] == [
        (one.title, one.deck, one.started.replace(microsecond=0)) for one in true
    ]


def test_a_history_that_says_less_is_read_as_far_as_it_goes(tmp_path):
    path = tmp_path / "History.csv"
    path.write_text("Name;Played At\nOne;2026/01/16 20:30:00\nTwo;later\n")
    found = reading.read(path)
    assert [(play.title, play.started is None) for play in found.sessions[0].plays] == [("One", False), ("Two", True)]
    assert [kind for kind, _, _ in told(found)] == ["repaired", "unreadable"]
    assert found.sessions[0].plays[0].started.tzinfo is not None


def test_now_playing_is_one_track_or_none(truth, tmp_path):
    track = next(one for one in truth.library.tracks.values() if one.duration)
    path = csv_exports.write_now_playing(track, tmp_path)
    (found,) = reading.read(path).tracks.values()
    assert (found.title, found.artist, found.duration) == (track.title, track.artist, round(track.duration))
    path.write_text("Title: \nArtist: \n")
    assert exports.now_playing(path) is None
    path.write_text("shopping list")
    with pytest.raises(LibraryUnreadable, match="Title:"):
        reading.read(path)


# --- what is none of these


@pytest.mark.parametrize("name", ["absent", "empty", "photo.jpg", "other.csv", "broken.db"])
def test_what_is_no_library_is_an_error_that_says_what_is_wanted(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "other.csv").write_text("price,date\n1,2\n")
    (tmp_path / "broken.db").write_bytes(b"")
    with pytest.raises(LibraryUnreadable, match=r"MediaLibrary\.db") as error:
        reading.read(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)


def test_nothing_that_is_read_is_changed(exported, tmp_path):
    copy = shutil.copytree(exported, tmp_path / "copy")
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in copy.iterdir()}
    reading.read(copy)
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in copy.iterdir()} == before
