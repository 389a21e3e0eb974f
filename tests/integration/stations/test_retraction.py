"""Answers that are taken back: what was done because of them is undone, and the question is asked once more."""

import json

import pytest

from crateline.durable.answers import Answers
from crateline.errors import ConfigurationError
from crateline.messages import Station
from givens.prints import printed
from tasks import duplicates, retraction, review

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY, OTHER = "soundcloud:tracks:1", "soundcloud:tracks:2"
VIDEO = {"id": "video1", "title": "Night", "score": 0.8, "features": {}, "platform": "YouTube", "url": "https://youtu.be/video1"}


def files(line, name: str) -> list[str]:
    return sorted(path.name for path in (line.wiring.settings.out_dir / name).glob("*"))


def test_a_yes_taken_back_makes_two_tracks_of_one_and_asks_again(line, alike):
    # Given a person who has called the second an upload of the first
    duplicates.accept(line.wiring, OTHER, KEY)
    assert line.through(KEY) == ["sealed", "sealed"]
    assert files(line, "Late") == ["Artist 1 - Title 1.m4a"]
    # When
    done = retraction.forget(line.wiring, OTHER)
    # I expect the first to leave the playlist that it had through the second alone
    assert (done.candidates, done.again) == ((KEY,), True)
    assert line.through(KEY) == ["sealed", "sealed"]
    assert line.item(KEY).playlists == (line.lists["Early"].key,)
    # And the second to be asked about, with a file of its own
    assert line.through(OTHER) == ["sealed", "ended"]
    assert (line.item(OTHER).alias, line.item(OTHER).verdict) == ("", "review")
    assert files(line, "Late") == ["Artist 2 - Title 2.m4a"]
    assert files(line, "Early") == ["Artist 1 - Title 1.m4a"]


def test_a_playlist_that_lists_the_first_itself_keeps_it(line, listened, make_track):
    # Given both in one playlist
    line.enqueue(make_track(1), make_track(2))
    assert listened(KEY, 1, fingerprint=printed()) == "sealed"
    assert listened(OTHER, 2, fingerprint=printed(differing=0.15)) == "ended"
    duplicates.accept(line.wiring, OTHER, KEY)
    # When
    retraction.forget(line.wiring, OTHER, KEY)
    # I expect
    assert line.item(KEY).playlists == line.item(OTHER).playlists == (line.lists["Warm-up"].key,)


def test_a_better_file_that_came_with_the_yes_goes_with_it(line, alike):
    # Given a first track whose audio is that of the second
    duplicates.accept(line.wiring, OTHER, KEY)
    original = line.wiring.store.kept("originals", KEY)
    line.wiring.store.seal("originals", KEY, original.path, {**original.facts, "upload": OTHER})
    # When
    retraction.forget(line.wiring, OTHER)
    # I expect it to be fetched from its own source again
    assert line.wiring.store.kept("originals", KEY) is None
    assert not line.item(KEY).sealed(Station.DOWNLOAD)
    assert line.waits(Station.DOWNLOAD, KEY) < 1


def test_a_no_taken_back_is_asked_again(line, alike):
    # Given
    duplicates.reject(line.wiring, OTHER, KEY)
    assert line.through(OTHER) == ["sealed", "sealed"]
    # When
    assert retraction.forget(line.wiring, OTHER).again is True
    # I expect its values and its file to stay meanwhile
    assert line.item(OTHER).result(Station.ANALYZE)["bpm"] == 124.0
    assert files(line, "Late") == ["Artist 2 - Title 2.m4a"]
    assert line.run(Station.ANALYZE, OTHER) == "ended"
    assert [one["id"] for one in json.loads(line.item(OTHER).fields["candidates"])] == [KEY]


def test_a_source_taken_back_is_thrown_away_and_its_files_too(line, fetched, listened, make_track):
    # Given a track that was fetched on a person's word
    line.enqueue(make_track(1))
    Answers(line.wiring.store).accept(KEY, "video1", VIDEO)
    path = fetched(KEY, 1)
    line.wiring.store.seal("originals", KEY, path, {"provider": "YouTube", "matched": True, "match": "video1"})
    assert listened(KEY, 1) == "sealed"
    assert files(line, "Warm-up") == ["Artist 1 - Title 1.m4a"]
    # When
    assert retraction.forget(line.wiring, KEY).again is True
    # I expect nothing of it to count as this track's any more
    item = line.item(KEY)
    assert not any(item.sealed(station) for station in (Station.DOWNLOAD, Station.ANALYZE))
    assert (item.result(Station.ANALYZE), files(line, "Warm-up"), path.exists()) == ({}, [], False)
    assert line.waits(Station.DOWNLOAD, KEY) < 1
    assert line.wiring.register.unfinished(line.lists["Warm-up"].key) == {KEY}


def test_one_that_was_refused_after_a_no_is_looked_for_again(line, make_track):
    # Given
    line.enqueue(make_track(1))
    Answers(line.wiring.store).reject(KEY, "video1")
    line.set(KEY, verdict="refused", reason="no match was found elsewhere", at="download")
    # When
    assert retraction.forget(line.wiring, KEY, "video1").again is True
    # I expect
    assert line.item(KEY).verdict == ""
    assert line.waits(Station.DOWNLOAD, KEY) < 1


def test_what_can_not_be_undone_is_said_to_count_from_now_on(line, make_track):
    # Given a page, and a track that nobody has enqueued since Redis was lost
    line.enqueue(make_track(1))
    Answers(line.wiring.store).accept(KEY, "0" * 32)
    Answers(line.wiring.store).accept(OTHER, KEY)
    # I expect
    assert retraction.forget(line.wiring, KEY).again is False
    assert retraction.forget(line.wiring, OTHER).again is False
    assert Answers(line.wiring.store).confirmed(KEY) == ()


def test_what_was_never_answered_can_not_be_taken_back(line, alike):
    with pytest.raises(ConfigurationError, match="nothing was answered"):
        retraction.forget(line.wiring, OTHER)
    assert [one.key for one in review.questions(line.wiring)] == [OTHER]
