"""The old script's exports are repaired, and nothing is made up."""

from collections import Counter
from dataclasses import replace

import pytest

from crateline.clients.djay import cells, legacy, reading, repairs
from crateline.clients.djay.columns import COLUMNS
from crateline.domain import keys, origins
from crateline.sandbox.djay import csv_exports
from givens import folders
from givens.djay_exports import a_folder, track_row


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
    page = (folders.DOCS / "how-to" / "djay.md").read_text()
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
