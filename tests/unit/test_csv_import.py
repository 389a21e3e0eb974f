"""Exported playlists: every maker's columns, every broken row named, and no other row lost with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain.track import Availability, Platform
from crateline.errors import ConfigurationError
from producers import csv_table, playlist, rows
from producers.csv_table import BadRow
from producers.document import of_file
from producers.source import Source, expand

ID = "4uLU6hMCjMI75M1A2tKUQC"
HEAD = "Track URI,Track Name,Artist Name(s),Track Duration (ms),ISRC"


def taken(path):
    """The playlists of a file that asks nothing of any platform, and what was said."""
    said: list[str] = []
    return list(playlist.read(None, Source(text=str(path), document=of_file(path)), say=said.append)), said


@pytest.fixture
def imported(tmp_path):
    """Read a text as a file; gives the playlists and what was said."""

    def read(text, name="Friday.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return taken(path)

    return read


def row(number: int) -> str:
    return f"spotify:track:{number:022d},Title {number},Ada,200000,GBARL93{number:05d}"


# Rows


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("spotify:track:x,Only,two", "3 cells and not 5"),
        (f"spotify:track:{ID},Night, with a comma,Ada,1,GB1", "6 cells and not 5"),
        (f'spotify:track:{ID},"Never closed,Ada,1,GB1', "quotation mark"),
        (f'spotify:track:{ID},"Torn" open,Ada,1,GB1', "cannot be read"),
        ("spotify:local:Ada::Night:200,Night,Ada,1,", "somebody's disk"),
        ("spotify:episode:5XcKEpiSode0000000000a,On Digging,Ada,1,", "no track"),
        (",Night,,1,", "neither a link nor title and artist"),
        ("spotify:track:short,,,,", "no id that can be used"),
        ("\x00x\x01,,,,", "neither a link nor title and artist"),
    ],
)
def test_a_broken_row_is_named_and_costs_no_other(imported, broken, reason):
    # Given one among good ones
    text = "\n".join([HEAD, row(1), broken, row(2), row(3)])
    # When
    (mix,), said = imported(text)
    # I expect
    assert [track.title for track in mix.tracks] == ["Title 1", "Title 2", "Title 3"]
    (words,) = said
    assert words.startswith("Friday.csv, row 3: ")
    assert reason in words


@pytest.mark.parametrize("letter", ["\u2028", "\u0085", "\x0b", "\x0c", "\x1c", "\x00"])
def test_only_a_line_break_ends_a_row(imported, letter):
    # Given a title with what some programs take for the end of a line
    text = f"{HEAD}\r\nspotify:track:{ID},Night{letter}Drive,Ada,1,GB1\r\n{row(2)}\r\n"
    # When
    (mix,), said = imported(text)
    # I expect
    assert said == []
    assert [track.title for track in mix.tracks] == ["NightDrive" if letter == "\x00" else "Night Drive", "Title 2"]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "\ufeffsep=;"])
def test_a_first_line_for_excel_names_the_delimiter(imported, first):
    # Given
    text = f"{first}\r\nTrack Name;Artist Name(s)\r\nNight, Drive;Ada\r\n"
    # When
    (mix,), said = imported(text)
    # I expect
    assert said == []
    assert [(track.title, track.artist) for track in mix.tracks] == [("Night, Drive", "Ada")]


def test_a_file_with_a_delimiter_and_nothing_else_has_no_columns(imported):
    with pytest.raises(ConfigurationError, match="has no columns for tracks"):
        imported("sep=;\r\n")


def test_a_field_over_two_lines_is_one_field(imported):
    # Given
    text = "\n".join([HEAD, f'spotify:track:{ID},"Night\nand Day",Ada,1000,', row(2)])
    # When
    (mix,), said = imported(text)
    # I expect
    assert [track.title for track in mix.tracks] == ["Night and Day", "Title 2"]
    assert said == []


def test_an_id_that_is_none_leaves_the_words(imported):
    # When
    (mix,), said = imported(f"{HEAD}\nspotify:track:short,Night,Ada,213573,GB-ARL-93-00135")
    # I expect
    (track,) = mix.tracks
    assert (track.key, track.platform, track.availability) == ("isrc:GBARL9300135", Platform.LOCAL, Availability.ELSEWHERE)
    assert (track.title, track.artist, track.duration) == ("Night", "Ada", 213.573)
    assert "row 2" in said[0]
    assert "taken by its title and artist" in said[0]


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), max_size=20))
def test_whatever_a_file_holds_every_line_of_it_is_accounted_for(tmp_path_factory, lines):
    # Given
    path = tmp_path_factory.mktemp("csv") / "any.csv"
    path.write_text("\n".join([HEAD, *lines, row(1)]), encoding="utf-8")
    # When
    (mix,), said = taken(path)
    # I expect
    assert mix.tracks[-1].title == "Title 1"
    rows = list(csv_table.find(of_file(path).lines()).rows())
    assert len(mix.tracks) + len(said) >= len(rows)
    assert sum(isinstance(row, BadRow) for row in rows) <= len(said)


# Columns


def test_soundiiz_knows_titles_alone(imported):
    # When
    (mix,), said = imported("title,artist,album,isrc\nNight,Ada,First,\nDay,Ada,First,GBARL9300136\n")
    # I expect
    night, day = mix.tracks
    assert night.key.startswith("words:")
    assert day.key == "isrc:GBARL9300136"
    assert (night.album, night.url, said) == ("First", "", [])


def test_one_file_may_hold_several_playlists(imported):
    # Given
    head = "Track name,Artist name,Album,Playlist name,Type,ISRC,Spotify - id"
    rows = [
        f"Night,Ada,First,Warm-up,Playlist,,{ID}",
        "Day,Ada,First,Peak,Playlist,,",
        f"Dusk,Ada,First,Warm-up,Playlist,,{ID[::-1]}",
    ]
    # When
    playlists, _ = imported("\n".join([head, *rows]))
    # I expect
    assert {one.name: len(one.tracks) for one in playlists} == {"Warm-up": 2, "Peak": 1}
    assert len({one.key for one in playlists}) == 2


def test_djays_own_export_keeps_its_sources(imported):
    # Given
    text = (
        '"Title","Artist","Album","Time","BPM","Key","URL"\n'
        '"Night","Ada","","03:33","124","8A","soundcloud:tracks:1150488265"\n'
        '"Day","Ada","","1:02:03","124","8A","beatport:track:8411962"\n'
        '"Dusk","Ada","","00:30","124","8A","file:///Users/ada/Music/Dusk.mp3"\n'
    )
    # When
    (mix,), _ = imported(text)
    # I expect
    night, day, dusk = mix.tracks
    assert (night.key, night.availability, night.duration) == ("soundcloud:tracks:1150488265", Availability.PLAYABLE, 213.0)
    assert (day.key, day.availability, day.duration) == ("beatport:track:8411962", Availability.ELSEWHERE, 3723.0)
    assert dusk.key.startswith("words:")


@pytest.mark.parametrize(
    ("time", "seconds"), [("3:05", 185.0), ("213", 213.0), ("213573", 213.573), ("", None), ("soon", None), ("0:00", None)]
)
def test_a_length_is_read_however_it_is_written(imported, time, seconds):
    (mix,), _ = imported(f"title,artist,duration\nNight,Ada,{time}\n")
    assert mix.tracks[0].duration == seconds


def test_the_same_words_are_the_same_track(imported):
    (mix,), _ = imported("title,artist\nNuit Étoilée,Björk\nNUIT  ETOILEE,Bjork\n")
    assert len({track.key for track in mix.tracks}) == 1


# Files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_encoding_is_read(imported, encoding):
    (mix,), _ = imported(f"title,artist\r\nÜber,Ärzte\r\n{'x' * 40},Ada\r\n".encode(encoding))
    assert mix.tracks[0].title == "Über"


def test_a_newer_export_of_a_playlist_is_the_same_playlist(imported):
    (first,), _ = imported("\n".join([HEAD, row(1)]))
    (second,), _ = imported("\n".join([HEAD, row(1), row(2)]))
    assert first.key == second.key


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("My Deep House", "my_deep_house", True),
        ("Café", "CAFE\u0301", True),
        ("House", "House 🔥", False),
        ("../../x", "~/x", False),
        ("Vol. 1", "Vol. 1!", False),
        ("\udcff", "x", False),
    ],
)
def test_two_names_are_one_playlist_if_only_their_spelling_differs(one, other, same):
    assert (rows.playlist(one, []).key == rows.playlist(other, []).key) is same


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2\n", HEAD + "\n", HEAD + "\nx\n", "Title\nNight\n"])
def test_a_file_without_tracks_is_refused_by_name(imported, text):
    with pytest.raises(ConfigurationError, match=r"Friday\.csv"):
        imported(text)


def test_a_folder_means_all_its_lists(tmp_path):
    # Given
    for name in ("b.csv", "A.TXT", "deep/c.tsv", "cover.jpg", ".hidden/d.csv", "._b.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(HEAD)
    # When
    found = expand(str(tmp_path))
    # I expect
    assert [source.document.file for source in found] == ["A.TXT", "b.csv", "c.tsv"]


def test_a_folder_without_lists_says_what_is_looked_for(tmp_path):
    with pytest.raises(ConfigurationError, match=r"\.csv"):
        expand(str(tmp_path))
