"""djay's own exports: playlists, histories and what plays now."""

import pytest

from crateline.clients.djay import exports, reading
from crateline.errors import LibraryUnreadable
from crateline.sandbox.djay import csv_exports
from givens.djay_exports import told


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
