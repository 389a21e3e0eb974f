"""A track whose words have changed: new tags and names on the same sound, without a download, an analysis or a conversion."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import mutagen
import mutagen.mp4
import pytest

from crateline.audio import convert, tags
from crateline.durable import keyspace, store
from crateline.durable.item import card_of
from crateline.messages import Station

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY = "soundcloud:tracks:1"


@pytest.fixture
def filed(line, listened, make_track) -> Callable[..., list[Path]]:
    """A finished track, as the ledger and the files have it; gives its files."""

    def finish(*names: str, **words: str) -> list[Path]:
        for name in names or ("Warm-up",):
            line.enqueue(make_track(1, **words), name=name)
        assert listened(KEY) == "sealed"
        line.sealed(Station.EAGLE, KEY, used=False)
        assert line.finalise(KEY) == "sealed"
        return files(line)

    return finish


def files(line) -> list[Path]:
    return [Path(path) for path in line.item(KEY).result(Station.ANALYZE)["files"]]


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def called_otherwise(line, listened, make_track, **words: str) -> list[Path]:
    """Give the track other words, as if they had been enqueued, and file it; gives its files."""
    line.set(KEY, card=card_of(make_track(1, **words)))
    line.forget(KEY, "s:analyze")
    assert listened(KEY) == "sealed"
    return files(line)


@pytest.fixture
def all_forms(own_settings) -> None:
    own_settings["extra_formats"] = ("aiff", "wav")


def test_a_row_with_a_new_title_is_filed_and_written_anew_in_one_go(line, listened, filed, make_track):
    # Given
    old = filed("Warm-up", "Late")
    master = line.wiring.store.kept("masters", KEY)
    line.notion.fresh()
    # When its playlist is enqueued again, and its uploader has given it another title
    line.enqueue(make_track(1, title="Dusk", genre="House"), page=False)
    # I expect it to wait for nothing but its filing
    item = line.item(KEY)
    assert (item.sealed(Station.DOWNLOAD), item.sealed(Station.ANALYZE), item.track.title) == (True, False, "Dusk")
    assert line.waits(Station.DOWNLOAD, KEY) is not None
    assert line.waits(Station.FINALISE, KEY) is None
    assert not line.wiring.register.finished(line.lists["Warm-up"].key)
    # When
    assert line.run(Station.DOWNLOAD, KEY) == "sealed"
    assert listened(KEY) == "sealed"
    assert line.run(Station.EAGLE, KEY) == line.finalise(KEY) == "sealed"
    # I expect
    assert [path.name for path in files(line)] == ["Artist 1 - Dusk.m4a"] * 2
    assert not any(path.exists() for path in old)
    now = line.wiring.store.kept("masters", KEY)
    assert (now.facts["sound"], now.path) == (master.facts["sound"], master.path)
    assert now.digest != master.digest
    assert all(path.samefile(now.path) for path in files(line))
    assert (line.notion.row()["Name"], line.notion.row()["Status"]) == ("Dusk", "Complete")
    assert len(line.notion.requests("^PATCH /v1/pages/")) == 1
    assert line.wiring.register.finished(line.lists["Warm-up"].key)


def test_two_playlists_that_call_a_track_differently_do_not_quarrel(line, filed, make_track):
    # Given a track in two playlists, the first of which names it
    filed("Warm-up")
    line.enqueue(make_track(1, title="Title 1 (Official Video)"), name="Late")
    assert line.item(KEY).track.title == "Title 1"
    line.made(KEY)
    # When both are enqueued again, as they are
    version = line.item(KEY).version
    line.enqueue(make_track(1, title="Title 1 (Official Video)"), name="Late", page=False)
    line.enqueue(make_track(1), page=False)
    # I expect nothing to have happened
    assert (line.item(KEY).track.title, line.item(KEY).version) == ("Title 1", version)
    # When the second changes its mind
    line.enqueue(make_track(1, title="Title One"), name="Late", page=False)
    # I expect
    assert line.item(KEY).track.title == "Title One"
    assert not line.item(KEY).sealed(Station.ANALYZE)


@pytest.mark.parametrize("words", [{"duration": 200.0}, {"artwork_url": ""}, {"album": ""}], ids=str)
def test_what_says_nothing_new_files_nothing(line, filed, make_track, words):
    # Given
    filed(album="First Light", artwork_url="https://elsewhere.example/a.jpg")
    # When a listing knows less, or another length
    plain = {"album": "First Light", "artwork_url": "https://elsewhere.example/a.jpg"}
    line.enqueue(make_track(1, **(plain | words)), page=False)
    # I expect
    assert line.item(KEY).sealed(Station.ANALYZE)
    assert line.item(KEY).track.album == "First Light"


def test_a_change_during_the_filing_is_not_overlooked(line, filed, listened, make_track, monkeypatch):
    # Given a worker that has just read the old words
    filed()
    line.forget(KEY, "s:analyze")
    real = tags.write

    def meanwhile(*args: object) -> None:
        monkeypatch.setattr(tags, "write", real)
        line.enqueue(make_track(1, title="Dusk"), page=False)
        real(*args)

    monkeypatch.setattr(tags, "write", meanwhile)
    line.set(KEY, card=card_of(make_track(1, genre="House")))
    # When
    assert listened(KEY) == "dropped"
    # I expect it to be due at once
    assert line.waits(Station.ANALYZE, KEY) <= 0
    assert listened(KEY) == "sealed"
    assert files(line)[0].name == "Artist 1 - Dusk.m4a"
    assert everything(Path(line.wiring.settings.out_dir)) == ["Warm-up/Artist 1 - Dusk.m4a"]


def test_a_track_without_audio_has_its_page_written(line, make_track):
    # Given
    line.enqueue(make_track(1), audio=False)
    assert line.page(KEY) == "sealed"
    assert line.wiring.register.finished(line.lists["Warm-up"].key)
    # When
    line.enqueue(make_track(1, title="Dusk"), audio=False)
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert line.notion.row()["Name"] == "Dusk"


def test_another_upload_is_filed_under_the_firsts_words(line, filed, make_track):
    # Given a track that is another upload of a finished one
    filed()
    line.enqueue(make_track(2), name="Late")
    line.set("soundcloud:tracks:2", alias=KEY)
    # When
    line.enqueue(make_track(2, title="FREE DL"), name="Late", page=False)
    # I expect
    assert line.item(KEY).track.title == "Title 1"


# Files


@pytest.mark.usefixtures("all_forms")
def test_an_aiff_and_a_wav_stand_beside_the_m4a(line, filed, listened, make_track, monkeypatch):
    # When
    placed = filed("Warm-up", "Late", album="First Light")
    # I expect the M4A first, and each form stored once
    stem = "Artist 1 - Title 1"
    music = Path(line.wiring.settings.out_dir)
    assert placed == [music / name / f"{stem}.{form}" for form in ("m4a", "aiff", "wav") for name in ("Warm-up", "Late")]
    assert len({path.stat().st_ino for path in placed}) == 3
    assert {tags.read(path).album for path in placed} == {"First Light"}
    before = {path.suffix: convert.sound(path) for path in placed}
    # When its words change
    monkeypatch.setattr(convert, "to_alac", None)
    now = called_otherwise(line, listened, make_track, title="Dusk", album="Second")
    # I expect
    assert {path.suffix: convert.sound(path) for path in now} == before
    assert {(tags.read(path).title, tags.read(path).album) for path in now} == {("Dusk", "Second")}
    assert everything(music) == sorted(str(path.relative_to(music)) for path in now)
    assert len(now) == 6


def test_a_format_that_is_not_wanted_any_more_is_left_alone(line, filed, listened, make_track):
    # Given an AIFF
    line.wiring.settings.extra_formats = ("aiff",)
    aiff = filed()[1]
    # When
    line.wiring.settings.extra_formats = ()
    called_otherwise(line, listened, make_track, title="Dusk")
    # I expect
    assert aiff.is_file()


def test_an_old_name_that_holds_somebody_elses_file_stays(line, filed, listened, make_track, sound):
    # Given a person's own rip under the name of ours
    old = filed()[0]
    old.unlink()
    old.write_bytes(sound(5).read_bytes())
    # When
    called_otherwise(line, listened, make_track, title="Dusk")
    # I expect
    assert old.read_bytes() == sound(5).read_bytes()
    # When another track gets that name
    line.enqueue(make_track(2, artist="Artist 1", title="Title 1"))
    assert listened("soundcloud:tracks:2", 3) == "sealed"
    # I expect
    assert old.read_bytes() == sound(5).read_bytes()


def test_a_name_that_was_given_up_can_be_another_tracks(line, filed, listened, make_track):
    # Given
    old = filed()[0]
    called_otherwise(line, listened, make_track, title="Dusk")
    # When
    line.enqueue(make_track(2, artist="Artist 1", title="Title 1"))
    assert listened("soundcloud:tracks:2", 3) == "sealed"
    # I expect
    assert line.item("soundcloud:tracks:2").result(Station.ANALYZE)["files"] == [str(old)]


def test_another_spelling_of_a_name_is_the_only_one_afterwards(line, filed, listened, make_track):
    # Given
    filed()
    # When
    called_otherwise(line, listened, make_track, title="TITLE 1")
    # I expect, whether the disk takes them for one name or for two
    assert everything(Path(line.wiring.settings.out_dir)) == ["Warm-up/Artist 1 - TITLE 1.m4a"]


@pytest.mark.usefixtures("no_conversion_later")
@pytest.mark.parametrize("moment", ["tags", "seal", "link", "memo", "unlink"])
def test_a_kill_at_any_moment_leaves_old_or_new_and_is_finished_later(line, filed, listened, make_track, moment):
    # Given a track in two playlists
    old = filed("Warm-up", "Late")
    sound_of = line.wiring.store.kept("masters", KEY).facts["sound"]
    line.set(KEY, card=card_of(make_track(1, title="Dusk")))
    line.forget(KEY, "s:analyze")
    # When its worker is killed while it is filed anew
    with killed_at(moment), pytest.raises(KeyboardInterrupt):
        listened(KEY)
    # I expect whole files only, each with its old or its new words
    for path in Path(line.wiring.settings.out_dir).rglob("*.m4a"):
        assert convert.sound(path) == sound_of
        assert tags.read(path).title in ("Title 1", "Dusk")
    # When it is taken up again
    line.forget(KEY, "c:analyze")
    assert listened(KEY) == "sealed"
    # I expect
    music = Path(line.wiring.settings.out_dir)
    assert everything(music) == ["Late/Artist 1 - Dusk.m4a", "Warm-up/Artist 1 - Dusk.m4a"]
    assert {tags.read(path).title for path in files(line)} == {"Dusk"}
    assert not any(path.exists() for path in old)


@pytest.fixture
def no_conversion_later(monkeypatch) -> None:
    """One conversion, and no second."""
    real = convert.to_alac

    def once(*args: object, **named: object) -> None:
        monkeypatch.setattr(convert, "to_alac", None)
        real(*args, **named)

    monkeypatch.setattr(convert, "to_alac", once)


STEPS = {
    "tags": (tags, "write"),
    "seal": (store.Store, "seal"),
    "link": (store.os, "link"),
    "memo": (store.Store, "own_name"),
    "unlink": (Path, "unlink"),
}


@contextmanager
def killed_at(moment: str) -> Iterator[None]:
    """End the process right after a step has been taken."""
    room, name = STEPS[moment]
    real = getattr(room, name)

    def killed(*args: object, **named: object) -> None:
        real(*args, **named)
        if moment != "unlink" or (Path(args[0]).suffix == ".m4a" and not Path(args[0]).name.startswith(".")):
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(room, name, killed)
        yield


@pytest.mark.parametrize("way", ["in place", "by a new file"])
def test_what_a_dj_program_writes_into_the_file_stays(line, filed, listened, make_track, way):
    # Given a program that writes its cue points into the file that it plays
    path = filed()[0]
    if way == "by a new file":
        fresh = path.with_suffix(".new")
        fresh.write_bytes(path.read_bytes())
        fresh.replace(path)
    file = mutagen.mp4.MP4(path)
    file["----:com.serato.dj:markersv2"] = [mutagen.mp4.MP4FreeForm(b"cue points" * 500)]
    file.save()
    # When the track is filed again, as it is
    line.forget(KEY, "s:analyze")
    assert listened(KEY) == "sealed"
    # I expect
    assert "----:com.serato.dj:markersv2" in mutagen.mp4.MP4(path)
    # When its words change
    now = called_otherwise(line, listened, make_track, genre="House")
    # I expect both
    assert tags.read(now[0]).genre == "House"
    assert "----:com.serato.dj:markersv2" in mutagen.mp4.MP4(now[0])
    assert now[0].samefile(line.wiring.store.kept("masters", KEY).path)


def test_a_master_that_is_damaged_is_made_again(line, filed, listened):
    # Given
    filed()
    master = line.wiring.store.kept("masters", KEY)
    master.path.unlink()
    master.path.write_bytes(b"no sound")
    # When
    line.forget(KEY, "s:analyze")
    assert listened(KEY) == "sealed"
    # I expect
    assert line.wiring.store.kept("masters", KEY).facts["sound"] == master.facts["sound"]


def test_a_playlist_that_was_left_loses_the_file(line, filed, listened):
    # Given
    filed("Warm-up", "Late")
    # When
    late = line.lists["Late"].key
    line.set(KEY, **{"in": f'["{line.lists["Warm-up"].key}"]', f"left:{late}": "1"})
    line.wiring.redis.hdel(keyspace.track(KEY), "s:analyze")
    assert listened(KEY) == "sealed"
    # I expect
    assert everything(Path(line.wiring.settings.out_dir)) == ["Warm-up/Artist 1 - Title 1.m4a"]
