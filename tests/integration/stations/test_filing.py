"""Filing: one file per track, linked under each of its playlists, and never anywhere else."""

import json
from pathlib import Path

import mutagen
import pytest

from crateline.durable.item import card_of
from crateline.messages import Station

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY, OTHER = "soundcloud:tracks:1", "soundcloud:tracks:2"
HOSTILE = [
    "../../etc",
    "/etc/cron.d",
    "..",
    "a/../../b",
    "C:\\Windows\\..\\..\\x",
    "CON",
    "evil\x00name\n\u202ecod",
    "  ...  ",
    "-rf $(id) `id` ; rm",
    "very " * 100,
]


@pytest.fixture
def music(line) -> Path:
    return Path(line.wiring.settings.out_dir)


@pytest.fixture
def backup(own_settings, tmp_path) -> Path:
    own_settings["backup_dir"] = tmp_path / "volume"
    return tmp_path / "volume"


def files_of(line, key: str) -> list[Path]:
    return [Path(path) for path in line.item(key).result(Station.ANALYZE)["files"]]


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_track_is_filed_under_its_playlist_with_its_tags(line, listened, make_track, music):
    # Given
    line.enqueue(make_track(1, album="First Light", genre="House", isrc="QZCRL2600001"))
    # When
    assert listened(KEY) == "sealed"
    # I expect
    path = music / "Warm-up" / "Artist 1 - Title 1.m4a"
    assert files_of(line, KEY) == [path]
    tags = mutagen.File(path)
    assert tags.info.codec == "alac"
    said = [tags[name][0] for name in ("\xa9nam", "\xa9ART", "\xa9alb", "\xa9gen", "tmpo")]
    assert said == ["Title 1", "Artist 1", "First Light", "House", 124]
    assert tags["----:com.apple.iTunes:initialkey"][0] == b"Am"
    assert path.samefile(line.wiring.store.kept("masters", KEY).path)
    assert line.sent(Station.EAGLE) == [KEY]


def test_two_playlists_have_two_names_for_one_file(line, listened, make_track, music):
    # Given
    track = make_track(1)
    line.enqueue(track)
    line.enqueue(track, name="Late")
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert files_of(line, KEY) == [music / name / "Artist 1 - Title 1.m4a" for name in ("Warm-up", "Late")]
    assert len({path.stat().st_ino for path in files_of(line, KEY)}) == 1
    assert files_of(line, KEY)[0].stat().st_nlink == 3


def test_a_playlist_that_comes_later_gets_a_link_and_no_second_conversion(line, listened, make_track, monkeypatch):
    # Given
    track = make_track(1)
    line.enqueue(track)
    assert listened(KEY) == "sealed"
    inode = files_of(line, KEY)[0].stat().st_ino
    # When
    line.enqueue(track, name="Late")
    monkeypatch.setattr("crateline.audio.convert.to_alac", None)
    assert listened(KEY) == "sealed"
    # I expect
    assert [path.parent.name for path in files_of(line, KEY)] == ["Warm-up", "Late"]
    assert {path.stat().st_ino for path in files_of(line, KEY)} == {inode}


def test_two_playlists_whose_names_make_one_folder_hold_the_file_once(line, listened, make_track, music):
    # Given
    track = make_track(1)
    line.enqueue(track, name="Deep/Dark")
    line.enqueue(track, name="Deep\\Dark")
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert files_of(line, KEY) == [music / "Deep-Dark" / "Artist 1 - Title 1.m4a"]


@pytest.mark.parametrize("title", ["Title 1", "TITLE 1", "Title  1"], ids=["equal", "by case", "by spaces"])
def test_two_tracks_of_one_name_are_two_files_and_keep_their_names(line, listened, make_track, music, title):
    # Given
    line.enqueue(make_track(1), make_track(2, artist="Artist 1", title=title))
    # When
    assert listened(KEY, 0) == listened(OTHER, 1) == "sealed"
    # I expect names that differ even where case does not count
    first, second = (files_of(line, key)[0] for key in (KEY, OTHER))
    assert first == music / "Warm-up" / "Artist 1 - Title 1.m4a"
    assert second.name.casefold() != first.name.casefold()
    assert not second.samefile(first)
    # When they are filed again, the other way round
    for key in (OTHER, KEY):
        line.forget(key, "s:analyze")
        assert listened(key) == "sealed"
    # I expect
    assert [files_of(line, key)[0] for key in (KEY, OTHER)] == [first, second]
    assert len(everything(music)) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_playlist_is_called_its_files_stay_in_the_music_folder(line, listened, make_track, name, tmp_path):
    # Given
    line.enqueue(make_track(1, title=name, artist=""), name=name, page=False)
    # When
    assert listened(KEY) == "sealed"
    # I expect one folder, and one file in it
    path, music = files_of(line, KEY)[0], line.wiring.settings.out_dir
    assert path.parent.parent == music
    assert path.resolve().is_relative_to(music.resolve())
    assert path.parent.name not in ("", ".", "..")
    assert path.name.endswith(".m4a")
    assert {entry.name for entry in tmp_path.iterdir()} == {"media", "music"}


def test_a_file_of_a_persons_making_stays(line, listened, make_track, music):
    # Given
    line.enqueue(make_track(1))
    mine = music / "Warm-up" / "Artist 1 - Title 1.m4a"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"ripped by hand")
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert mine.read_bytes() == b"ripped by hand"
    assert files_of(line, KEY)[0].parent == mine.parent
    assert files_of(line, KEY)[0] != mine


def test_other_tags_reach_every_link(line, listened, make_track):
    # Given a track in two playlists, and another genre for it
    track = make_track(1)
    line.enqueue(track)
    line.enqueue(track, name="Late")
    assert listened(KEY) == "sealed"
    before = files_of(line, KEY)
    line.set(KEY, card=card_of(make_track(1, genre="Techno")))
    line.forget(KEY, "s:analyze")
    # When
    assert listened(KEY) == "sealed"
    # I expect the same names, and what is behind them to be new and one
    assert files_of(line, KEY) == before
    assert [mutagen.File(path)["\xa9gen"][0] for path in before] == ["Techno", "Techno"]
    assert len({path.stat().st_ino for path in before}) == 1


def test_a_track_that_no_playlist_holds_lies_under_unassigned(line, listened, make_track, music):
    # Given a track that was enqueued on its own
    line.enqueue(make_track(1))
    line.set(KEY, **{"in": json.dumps([f"single:{KEY}"])})
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert files_of(line, KEY) == [music / "Unassigned" / "Artist 1 - Title 1.m4a"]


def test_a_backup_gets_a_copy_of_its_own(backup, line, listened, make_track):
    # Given
    backup.mkdir()
    line.enqueue(make_track(1, genre="House"))
    # When
    assert listened(KEY) == "sealed"
    # I expect
    copy, master = backup / "Warm-up" / "Artist 1 - Title 1.m4a", files_of(line, KEY)[0]
    assert everything(backup) == ["Warm-up/Artist 1 - Title 1.m4a"]
    assert copy.read_bytes() == master.read_bytes()
    assert not copy.samefile(master)
    # When it is filed again, unchanged
    made = copy.stat().st_ino
    line.forget(KEY, "s:analyze")
    assert listened(KEY) == "sealed"
    # I expect
    assert copy.stat().st_ino == made
    # When its tags change, and not its size
    size = copy.stat().st_size
    line.set(KEY, card=card_of(make_track(1, genre="Disco")))
    line.forget(KEY, "s:analyze")
    assert listened(KEY) == "sealed"
    # I expect the copy to have them too
    assert files_of(line, KEY)[0].stat().st_size == size
    assert mutagen.File(copy)["\xa9gen"][0] == "Disco"


def test_a_backup_that_is_not_mounted_is_skipped_with_a_warning(backup, line, listened, make_track, capsys):
    # Given
    line.enqueue(make_track(1))
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert "BACKUP_DIR is not mounted" in capsys.readouterr().out
    assert not backup.exists()
    assert files_of(line, KEY)[0].is_file()
