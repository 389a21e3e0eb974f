"""Doubts as a user lives with them: every kind is asked once, the workers act on the answers, and nobody asks again."""

from dataclasses import replace

import httpx
import pytest

from crateline.durable import keyspace
from crateline.durable.embedded import Embedded
from crateline.sandbox.catalogue import Fate, SoundCloudTrack, Video, World
from crateline.sandbox.djay import imagination, writing

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(420)]

PREVIEW, EDIT, LONG, OWNED = (f"soundcloud:tracks:{number}" for number in (101, 102, 103, 104))
VIDEO = "extendedmix"
SLOW = 60.0
"""Beats per minute: a bar of four seconds, so that an edit and what it is an edit of are drawn from the same bars."""


def doubtful_world() -> World:
    """Three recordings: one whose only match elsewhere is another mix, one uploaded in two lengths, one with a page."""
    world = World.build(tracks=4, seconds=(12.3, 12.4))
    snipped, twice, owned = (replace(one, version="") for one in world.recordings[:3])
    mix = replace(snipped, id=91, version="Extended Mix", duration=snipped.duration + 5, seed=5)
    edit, long = (replace(twice, id=number, bpm=SLOW, duration=seconds) for number, seconds in ((92, 12.3), (93, 15.7)))

    def upload(number, recording, fate=Fate.PLAYABLE):
        words = {"permalink": f"doubt-{number}", "title": recording.title, "artist": recording.artist}
        return SoundCloudTrack(id=number, user=world.users[1], recording=recording, fate=fate, **words)

    tracks = (upload(101, snipped, Fate.PREVIEW), upload(103, long), upload(102, edit), upload(104, owned))
    video = Video(id=VIDEO, title=f"{mix.artist} - {mix.full_title}", channel=mix.artist, recording=mix)
    doubts = replace(world.main, track_ids=tuple(track.id for track in tracks))
    return replace(
        world,
        recordings=(*world.recordings, mix, edit, long),
        soundcloud=tracks,
        soundcloud_sets=(doubts,),
        youtube=(video,),
        ends={},
    )


@pytest.fixture
def dj(operator):
    """Somebody with a page that may be a track of the set, and with a library of djay of which one track may have a page."""
    truth = writing.write(imagination.imagine(tracks=4, sessions=0, plays=0, playlists=0, seed=3), operator.folder / "djay")
    mine = next(iter(truth.library.tracks.values()))
    owned = next(track.recording for track in operator.world.world.soundcloud if track.id == 104)
    rows = [
        {"Name": owned.title, "Artist": owned.artist, "Duration": owned.duration + 9},
        {"Name": f"{mine.title} Dreams", "Artist": mine.artist, "Duration": mine.duration},
    ]
    body = {"database": operator.environment["TRACKS_DB_ID"], "rows": rows}
    httpx.post(f"{operator.world.addresses['notion']}/_sandbox/rows", json=body, trust_env=False).raise_for_status()
    return operator


@pytest.fixture
def other_machine(dj, tmp_path):
    """The same person at another machine, with the same store and a Redis of its own that knows nothing."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    environment = {**dj.environment, "HOME": str(home), "STATE_DIR": str(home / "state"), "OUT_DIR": str(home / "music")}
    person = replace(dj, folder=home, environment=environment, running=[])
    yield person
    person.stop()


def asked(operator):
    rows = operator.crateline("review", "list", "--json")
    assert len({row["kind"] for row in rows}) == len(rows), rows
    return {row["kind"]: row for row in rows}


def accept(operator, question):
    operator.crateline("review", "accept", question["key"], question["candidates"][0]["id"], "--json")


def djay_ids(operator, first):
    return operator.crateline("djay", "ids", "--from", str(first.folder / "djay"), "--json")[-1]


def begin_with_an_empty_redis(operator):
    """Enqueue, and start the workers when the minute is over for which Notion is left in silence then."""
    server = Embedded(operator.folder / "state")
    server.ensure()
    with operator.redis() as client:
        client.flushall()
        operator.enqueue()
        operator.eventually(lambda: client.delete(keyspace.blocked("notion")))
    operator.up()
    operator.eventually(operator.workers)
    server.leave()


@pytest.mark.parametrize("operator", [{"world": doubtful_world()}], indirect=True)
def test_every_kind_of_doubt_is_asked_once_and_never_again(dj, other_machine):
    # Given workers, a set and a library that leave four things in doubt
    dj.up()
    key = dj.enqueue()["key"]
    dj.until_finished(key)
    assert djay_ids(dj, dj)["review"] == 1
    doubts = asked(dj)
    assert set(doubts) == {"source", "fingerprint", "page", "djay"}
    assert doubts["source"]["key"] == PREVIEW
    assert {doubts["fingerprint"]["key"], doubts["fingerprint"]["candidates"][0]["id"]} == {EDIT, LONG}
    # When a person says yes to all of them
    for question in doubts.values():
        accept(dj, question)
    dj.until_finished(key)
    assert djay_ids(dj, dj)["matched"]["accepted"] == 1

    def expect_what_was_answered(operator):
        """The match was fetched, one recording is one file, the pages that were meant are those that are written."""
        rows = operator.tracks(key)
        assert {row["state"] for row in rows.values()} == {"done"}, rows
        alias, main = doubts["fingerprint"]["key"], doubts["fingerprint"]["candidates"][0]["id"]
        assert (rows[alias]["files"], len(rows[main]["files"])) == ([], 1)
        assert len(rows[PREVIEW]["files"]) == 1
        assert rows[OWNED]["page_id"] == doubts["page"]["candidates"][0]["id"]
        pages = {page["id"]: page["properties"] for page in dj.pages()}
        assert pages[doubts["djay"]["candidates"][0]["id"]]["djay Pro ID"] == doubts["djay"]["key"].removeprefix("djay:")
        assert len(pages) == len(rows) + 1
        assert pages[rows[PREVIEW]["page_id"]]["Status"] == "Complete"
        assert asked(operator) == {}

    # I expect
    expect_what_was_answered(dj)
    downloads = {name: dj.stats(name)["downloads"] for name in ("soundcloud", "youtube")}

    # When the set is enqueued and compared again
    dj.enqueue()
    assert dj.crateline("sync", "--json")[0]["state"] == "unchanged"
    dj.until_finished(key)
    # I expect nobody to be asked
    assert asked(dj) == {}

    # When Redis forgets everything
    dj.stop()
    begin_with_an_empty_redis(dj)
    dj.until_finished(key)
    assert djay_ids(dj, dj)["review"] == 0
    # I expect the same, and nothing to be fetched again
    expect_what_was_answered(dj)
    dj.stop()

    # When another machine takes over, with the store alone
    begin_with_an_empty_redis(other_machine)
    other_machine.until_finished(key)
    assert djay_ids(other_machine, dj)["review"] == 0
    # I expect the same once more
    expect_what_was_answered(other_machine)
    assert {name: dj.stats(name)["downloads"] for name in ("soundcloud", "youtube")} == downloads
