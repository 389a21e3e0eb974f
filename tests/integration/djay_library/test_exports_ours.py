"""Our own exports are read back as they were."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crateline.clients.djay import outgoing, reading
from crateline.clients.djay.columns import COLUMNS
from crateline.domain import keys
from crateline.domain.library import HotCue, Library, LibraryPlaylist, LibraryTrack, Loop, Play, Session

BEGIN = datetime(2026, 1, 16, 20, 30, tzinfo=UTC)
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


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


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


def test_one_file_of_ours_is_known_to_be_ours(truth, tmp_path):
    outgoing.write(truth.library, tmp_path / "out")
    found = reading.read(tmp_path / "out" / "djay_library_tracks.csv")
    assert found.tracks == truth.library.tracks
    assert {one.kind for one in found.findings} == {"absent"}
