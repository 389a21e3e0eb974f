"""A track that is taken out of a playlist: its page loses that relation and no other, its folder the file."""

from pathlib import Path

import pytest

from crateline.durable import keyspace
from crateline.messages import Station
from tasks import outcomes

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"


@pytest.fixture
def in_two(line, make_track):
    """A finished track in two playlists, and in a third by a person's hand; gives the ids of their pages."""
    track = make_track(1)
    lists = [line.enqueue(track, name=name) for name in ("Warm-up", "Peak")]
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    by_hand = line.notion.person_makes("playlists", Name="My own bag")
    pages = [line.wiring.register.item(key).page_id for key in lists]
    line.notion.person_edits(line.notion.row()["id"], Playlists=[*pages, by_hand])
    line.enqueue(track, name="Peak")
    assert line.finalise(KEY) == "sealed"
    line.notion.fresh()
    return lists, pages, by_hand


def test_its_page_loses_the_relation_and_keeps_the_others(line, in_two):
    # Given
    lists, pages, by_hand = in_two
    # When
    assert line.wiring.register.leave(lists[0], [KEY]) == 1
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert set(line.notion.row()["Playlists"]) == {pages[1], by_hand}
    assert len(line.notion.writes) == 1
    assert line.item(KEY).left == ()
    # And nothing more to be written
    line.notion.fresh()
    line.enqueue(line.lists["Peak"].tracks[0], name="Peak", page=False)
    assert line.finalise(KEY) == "sealed"
    assert line.notion.writes == []


def test_taking_it_out_twice_is_taking_it_out_once(line, in_two):
    lists, pages, _ = in_two
    assert line.wiring.register.leave(lists[0], [KEY]) == 1
    assert line.wiring.register.leave(lists[0], [KEY]) == 0
    line.made(KEY)
    line.finalise(KEY)
    assert pages[0] not in line.notion.row()["Playlists"]


def test_one_that_comes_back_before_its_page_was_written_stays(line, in_two):
    # Given
    lists, pages, by_hand = in_two
    line.wiring.register.leave(lists[0], [KEY])
    # When
    line.enqueue(line.lists["Warm-up"].tracks[0], name="Warm-up", page=False)
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert set(line.notion.row()["Playlists"]) == {*pages, by_hand}


def test_a_refused_track_is_taken_out_too(line, make_track):
    # Given
    key = line.enqueue(make_track(1))
    assert line.page(KEY) == "sealed"
    line.act(Station.DOWNLOAD, KEY, outcomes.Ended(verdict="refused", reason="gone"))
    assert line.finalise(KEY) == "sealed"
    # When
    line.wiring.register.leave(key, [KEY])
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert not line.notion.row()["Playlists"]


@pytest.mark.real("ffmpeg")
def test_its_file_leaves_the_folder_and_stays_in_the_others(line, listened, make_track):
    # Given
    track, music = make_track(1), Path(line.wiring.settings.out_dir)
    lists = [line.enqueue(track, name=name) for name in ("Warm-up", "Peak")]
    assert listened(KEY) == "sealed"
    assert {path.parent.name for path in music.rglob("*.m4a")} == {"Warm-up", "Peak"}
    # When
    line.wiring.register.leave(lists[0], [KEY])
    assert listened(KEY) == "sealed"
    # I expect
    assert {path.parent.name for path in music.rglob("*.m4a")} == {"Peak"}
    # And without any playlist it is kept, unassigned
    line.wiring.register.leave(lists[1], [KEY])
    assert listened(KEY) == "sealed"
    assert {path.parent.name for path in music.rglob("*.m4a")} == {"Unassigned"}
    # And as soon as a playlist holds it, it is there alone
    line.enqueue(track, name="Late")
    assert listened(KEY) == "sealed"
    assert {path.parent.name for path in music.rglob("*.m4a")} == {"Late"}


def test_a_page_that_is_written_first_does_not_keep_the_file_in_the_folder(line, listened, make_track):
    # Given a track that is filed in two playlists
    track, music = make_track(1), Path(line.wiring.settings.out_dir)
    lists = [line.enqueue(track, name=name) for name in ("Warm-up", "Peak")]
    assert listened(KEY) == "sealed"
    # When it leaves one, and its page is written before it is filed anew
    line.wiring.register.leave(lists[0], [KEY])
    assert line.finalise(KEY) == "sealed"
    assert listened(KEY) == "sealed"
    # I expect
    assert {path.parent.name for path in music.rglob("*.m4a")} == {"Peak"}
    # And nothing to be remembered of it in the end
    line.sealed(Station.EAGLE, KEY, used=False)
    assert line.finalise(KEY) == "sealed"
    assert line.item(KEY).left == ()


@pytest.mark.parametrize("change", ["leaves", "joins"])
def test_a_track_whose_audio_nobody_wanted_is_not_fetched_because_its_playlists_change(line, make_track, change):
    # Given
    key = line.enqueue(make_track(1), audio=False)
    assert line.page(KEY) == "sealed"
    line.wiring.redis.delete(keyspace.DUE)
    # When
    if change == "leaves":
        line.wiring.register.leave(key, [KEY])
    else:
        line.wiring.ledger.join(KEY, line.enqueue(make_track(2), name="Peak", audio=False))
    # I expect its page alone to be written
    assert line.waits(Station.DOWNLOAD, KEY) is None
    assert line.waits(Station.FINALISE, KEY) == pytest.approx(0, abs=5)
    assert line.finalise(KEY) == "sealed"
    assert len(line.notion.row()["Playlists"]) == (0 if change == "leaves" else 2)


def test_the_other_playlists_are_not_finished_before_it_is_filed_anew(line, in_two):
    # Given two playlists with all done
    lists, _, _ = in_two
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    assert [line.wiring.register.finished(key) for key in lists] == [True, True]
    # When the track leaves one of them
    line.wiring.register.leave(lists[0], [KEY])
    # I expect the other to wait for its page and its file
    assert [line.wiring.register.finished(key) for key in lists] == [True, False]
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    assert [line.wiring.register.finished(key) for key in lists] == [True, True]


# What a person takes away


def related(line):
    """The playlists that stand on the track's page."""
    return {one for row in line.notion.rows() if row["Source ID"] == KEY for one in row["Playlists"] or ()}


@pytest.mark.parametrize("change", ["joins", "leaves"])
def test_a_playlist_that_a_person_took_off_the_page_is_not_put_back_by_another_one(line, make_track, change):
    # Given a track in two playlists of ours, and a person who takes one of them off its page
    track = make_track(1)
    lists = [line.enqueue(track, name=name) for name in ("Warm-up", "Peak")]
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    pages = [line.wiring.register.item(key).page_id for key in lists]
    line.notion.person_edits(line.notion.row()["id"], Playlists=[pages[1]])
    # When it joins a third one, or leaves the other
    wanted = set()
    if change == "joins":
        wanted = {pages[1], line.wiring.register.item(line.enqueue(track, name="Late")).page_id}
    else:
        line.enqueue(make_track(2), name="Else")  # what was edited in Notion is read again
        line.wiring.register.leave(lists[1], [KEY])
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert related(line) == wanted
    # And when it joins one more
    more = line.wiring.register.item(line.enqueue(track, name="Later still")).page_id
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    assert related(line) == wanted | {more}


def test_a_playlist_that_a_track_comes_back_to_is_on_its_page_again(line, make_track):
    # Given a track that has left a playlist
    track = make_track(1)
    lists = [line.enqueue(track, name=name) for name in ("Warm-up", "Peak")]
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    line.wiring.register.leave(lists[0], [KEY])
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # When it is put into it again
    line.enqueue(track, name="Warm-up")
    line.made(KEY)
    assert line.finalise(KEY) == "sealed"
    # I expect
    assert set(line.notion.row()["Playlists"]) == {line.wiring.register.item(key).page_id for key in lists}
