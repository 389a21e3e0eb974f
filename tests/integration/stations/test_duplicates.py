"""Two uploads that may be one recording: a person is asked once, and the answer holds; the better source is kept."""

import json

import pytest

from crateline.audio import ffmpeg
from crateline.durable.answers import Answers
from crateline.errors import ConfigurationError
from crateline.messages import Station
from givens.prints import printed
from tasks import duplicates

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY, OTHER, THIRD = "soundcloud:tracks:1", "soundcloud:tracks:2", "soundcloud:tracks:3"


@pytest.fixture
def doubtful(line, listened, make_track):
    """Two tracks that sound alike: the first is filed, a person is asked about the second."""
    line.enqueue(make_track(1), make_track(2))
    assert listened(KEY, 1, fingerprint=printed()) == "sealed"
    assert listened(OTHER, 2, fingerprint=printed(differing=0.15)) == "ended"


def candidates(line, key: str = OTHER) -> list[dict]:
    return json.loads(line.item(key).fields["candidates"])


def test_a_doubtful_pair_is_asked_about_and_both_files_are_kept_meanwhile(line, doubtful):
    # I expect the second to wait for a person, with its file and its values
    item = line.item(OTHER)
    assert (item.verdict, item.fields["kind"]) == ("review", "fingerprint")
    assert item.reason == "sounds much like Artist 1 - Title 1: is it the same recording?"
    (candidate,) = candidates(line)
    distance = candidate["features"].pop("distance")
    assert candidate == {
        "id": KEY,
        "title": "Artist 1 - Title 1",
        "score": pytest.approx(1 - distance, abs=0.001),
        "features": {"offset_s": 0.0, "seconds": 361.5, "other_seconds": 361.5},
    }
    assert distance == pytest.approx(0.15, abs=0.01)
    assert all((line.wiring.settings.out_dir / "Warm-up" / f"Artist {n} - Title {n}.m4a").is_file() for n in (1, 2))
    # I expect Eagle to wait for the answer, and the page to say all
    assert line.run(Station.EAGLE, OTHER) == "closed"
    assert line.finalise(OTHER) == "sealed"
    row = line.notion.row()
    assert (row["Source ID"], row["Status"], row["Reason"]) == (OTHER, "Ready", item.reason)
    assert (row["BPM"], row["Key"], row["Downloaded"]) == (124, "Am", True)
    assert line.wiring.register.unfinished(line.lists["Warm-up"].key) == {KEY}


def test_the_same_sound_of_another_length_is_asked_about(line, listened, make_track):
    # Given
    line.enqueue(make_track(1), make_track(2))
    assert listened(KEY, 1, fingerprint=printed(), duration=405.0) == "sealed"
    # When
    assert listened(OTHER, 2, fingerprint=printed(), duration=200.0) == "ended"
    # I expect
    assert (
        line.item(OTHER).reason
        == "the same sound as Artist 1 - Title 1, but 3:20 long instead of 6:45: is it the same recording?"
    )
    (candidate,) = candidates(line)
    assert candidate["score"] == 1.0


def test_a_pair_is_asked_about_once_and_only_at_the_later_one(line, doubtful, make_track):
    # When the first comes into another playlist, and is filed again
    line.enqueue(make_track(1), name="Late")
    # I expect
    assert line.through(KEY) == ["sealed", "sealed"]
    assert line.item(KEY).verdict == ""


def test_who_is_not_on_the_line_or_ended_there_is_not_asked_about(line, listened, make_track):
    # Given one that was refused
    line.enqueue(make_track(1), make_track(2))
    assert listened(KEY, 1, fingerprint=printed()) == "sealed"
    line.set(KEY, verdict="refused", reason="gone")
    # I expect
    assert listened(OTHER, 2, fingerprint=printed(differing=0.15)) == "sealed"


def test_a_no_is_remembered_and_the_track_goes_on(line, doubtful, redis_forgets):
    # When
    duplicates.reject(line.wiring, OTHER, KEY)
    # I expect
    assert line.run(Station.ANALYZE, OTHER) == "sealed"
    item = line.item(OTHER)
    assert (item.verdict, item.alias, "candidates" in item.fields) == ("", "", False)
    assert sorted(line.sent(Station.EAGLE)) == [KEY, OTHER]
    # When Redis forgets everything, and the other comes first
    redis_forgets()
    line.enqueue(*line.lists["Warm-up"].tracks)
    # I expect the pair not to be asked about again
    assert line.through(OTHER, KEY) == ["sealed"] * 4
    assert Answers(line.wiring.store).rejected(OTHER) == (KEY,)


def test_one_no_of_two_leaves_the_other_question(line, listened, make_track):
    # Given a track that two others sound like
    line.enqueue(*map(make_track, (1, 2, 3)))
    assert listened(KEY, 1, fingerprint=printed()) == "sealed"
    assert listened(OTHER, 2, fingerprint=printed(differing=0.11)) == "ended"
    duplicates.reject(line.wiring, OTHER, KEY)
    assert line.run(Station.ANALYZE, OTHER) == "sealed"
    assert listened(THIRD, 3, fingerprint=printed(differing=0.08, noise=7), duration=380.0) == "ended"
    assert [one["id"] for one in candidates(line, THIRD)] == [KEY, OTHER]
    # When
    duplicates.reject(line.wiring, THIRD, KEY)
    assert line.run(Station.ANALYZE, THIRD) == "ended"
    # I expect
    assert [one["id"] for one in candidates(line, THIRD)] == [OTHER]


def test_a_yes_makes_it_the_other_upload_with_one_file_in_each_playlist(line, doubtful, make_track, redis_forgets):
    # Given a page for each, and the second in a playlist of its own, too
    line.enqueue(make_track(2), name="Late")
    for key in (KEY, OTHER):
        assert line.finalise(key) == "sealed"
    # When
    assert duplicates.accept(line.wiring, OTHER, KEY) == KEY
    # I expect the first to have both playlists, and to be filed in both
    assert line.through(KEY) == ["sealed", "sealed"]
    music = line.wiring.settings.out_dir
    found = sorted(str(path.relative_to(music)) for path in music.rglob("*.m4a"))
    assert found == ["Late/Artist 1 - Title 1.m4a", "Warm-up/Artist 1 - Title 1.m4a"]
    assert line.wiring.store.kept("masters", OTHER) is None
    assert line.wiring.store.kept("originals", OTHER) is not None
    # I expect the second's page to say so
    line.sealed(Station.EAGLE, KEY, used=False)
    assert line.finalise(KEY) == line.finalise(OTHER) == "sealed"
    assert {row["Source ID"]: row["Status"] for row in line.notion.rows()} == {KEY: "Complete", OTHER: "Duplicate"}
    assert all(line.wiring.register.finished(one.key) for one in line.lists.values())
    # When it is said again, and when Redis forgets everything
    assert duplicates.accept(line.wiring, OTHER, KEY) == KEY
    redis_forgets()
    line.enqueue(*line.lists["Warm-up"].tracks)
    # I expect the answer to hold
    assert line.through(KEY, OTHER) == ["sealed"] * 4
    assert line.item(OTHER).alias == KEY


def test_what_others_lead_to_may_become_another_upload_itself(line, listened, make_track):
    # Given a chain: 3 is 2, and 2 may be 1
    line.enqueue(make_track(1), make_track(2))
    line.enqueue(make_track(3), name="Late")
    assert listened(KEY, 1, fingerprint=printed()) == "sealed"
    assert listened(OTHER, 2, fingerprint=printed(differing=0.15)) == "ended"
    assert listened(THIRD, 3, fingerprint=printed(differing=0.15)) == "sealed"
    assert line.item(THIRD).alias == OTHER
    # When
    duplicates.accept(line.wiring, OTHER, KEY)
    # I expect the last one's playlists, old and new, to come to the first
    line.enqueue(make_track(3), name="Later still")
    assert [line.lists[name].key for name in ("Warm-up", "Late", "Later still")] == list(line.item(KEY).playlists)
    with pytest.raises(ConfigurationError):
        duplicates.accept(line.wiring, KEY, THIRD)


def test_retrying_a_question_asks_it_again(line, doubtful):
    line.wiring.rework.reopen(line.item(OTHER))
    assert line.run(Station.ANALYZE, OTHER) == "ended"
    assert [one["id"] for one in candidates(line)] == [KEY]


def test_answers_about_nothing_are_refused(line, doubtful):
    for key, other in (("soundcloud:tracks:9", KEY), (OTHER, "soundcloud:tracks:9")):
        with pytest.raises(ConfigurationError):
            duplicates.accept(line.wiring, key, other)
    with pytest.raises(ConfigurationError):
        duplicates.reject(line.wiring, "soundcloud:tracks:9", KEY)


@pytest.fixture
def lossless(line, fetched, sound):
    """Put a recording into the store as FLAC."""

    def place(key: str, number: int):
        path = fetched(key, number)
        better = path.with_name("original.flac")
        ffmpeg.run([*ffmpeg.recording(sound(number, "m4a")), str(better)], subject=path, time_limit=30)
        line.wiring.store.seal("originals", key, better, {"provider": "SoundCloud", "matched": False, "seconds": 6.5})
        return better

    return place


@pytest.mark.real("essentia")
def test_the_better_source_becomes_the_tracks_own_without_a_second_download(line, fetched, lossless, make_track):
    # Given an MP3 that is filed, and the same recording without loss
    line.enqueue(make_track(1))
    line.enqueue(make_track(2), name="Late")
    fetched(KEY, 3, "mp3")
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    before = line.wiring.store.kept("masters", KEY)
    better = lossless(OTHER, 3)
    # When
    assert line.run(Station.ANALYZE, OTHER) == "sealed"
    # I expect the first to stay the track, with the other's sound in the files under its name
    assert (line.item(OTHER).alias, line.item(KEY).alias) == (KEY, "")
    assert line.through(KEY) == ["sealed", "sealed"]
    original, master = (line.wiring.store.kept(kind, KEY) for kind in ("originals", "masters"))
    assert (original.path.suffix, original.path.read_bytes()) == (".flac", better.read_bytes())
    assert original.facts["upload"] == OTHER
    assert len(list(original.path.parent.glob("original*"))) == 1
    assert master.facts["sound"] != before.facts["sound"]
    files = line.item(KEY).result(Station.ANALYZE)["files"]
    assert len(files) == 2
    assert all(line.wiring.store.root in master.path.parents and master.path.samefile(file) for file in files)


@pytest.mark.real("essentia")
def test_a_worse_source_changes_nothing(line, fetched, lossless, make_track):
    # Given
    line.enqueue(make_track(1), make_track(2))
    lossless(KEY, 3)
    assert line.run(Station.ANALYZE, KEY) == "sealed"
    before = line.wiring.store.kept("masters", KEY)
    fetched(OTHER, 3, "mp3")
    # When
    assert line.run(Station.ANALYZE, OTHER) == "sealed"
    # I expect
    assert line.item(OTHER).alias == KEY
    assert line.item(KEY).sealed(Station.ANALYZE)
    assert line.wiring.store.kept("masters", KEY) == before
