import dataclasses

import httpx
import pytest

from crateline import errors
from crateline.clients.youtube import YouTube
from crateline.domain.track import Availability, Platform
from crateline.sandbox import youtube as sandbox
from crateline.sandbox.catalogue import VideoList, World
from crateline.sandbox.music import Music
from crateline.sandbox.proxy import Proxy
from crateline.sandbox.serving import serve
from givens import proxied

BUILT = World.build(tracks=20, seconds=(2, 3))
LONG = VideoList(id="PLlonglonglong01", title="Long", channel="Crate Digger", video_ids=(BUILT.youtube[0].id,) * 130)
WORLD = dataclasses.replace(BUILT, youtube_lists=(*BUILT.youtube_lists, LONG))
LIST = WORLD.youtube_lists[0]
TOPIC = next(video for video in WORLD.youtube if video.topic and not video.gone)
UPLOAD = next(video for video in WORLD.youtube if not video.topic and not video.gone)
GONE = next(video for video in WORLD.youtube if video.gone)


@pytest.fixture
def base(tmp_path, monkeypatch):
    app = sandbox.app(WORLD, Music(tmp_path / "music"))
    with serve(app) as url, Proxy(dict.fromkeys(sandbox.HOSTS, url), tmp_path) as proxy:
        proxied.through(monkeypatch, proxy)
        yield url
        assert proxy.refused == []


@pytest.fixture
def asked():
    return []


@pytest.fixture
def youtube(base, tmp_path, asked):
    return YouTube(ask=lambda: asked.append(len(asked)), cache_dir=tmp_path / "cache")


def arrivals(base):
    return httpx.get(f"{base}/_sandbox/stats").json()["requests"]


def order(base, door, wanted):
    httpx.post(f"{base}/_sandbox/{door}", json=wanted).raise_for_status()


def test_a_playlist_keeps_its_order_and_its_hidden_videos(youtube, base, asked):
    # Given a playlist whose last video has become private
    # When it is read
    playlist = youtube.playlist(f"https://music.youtube.com/playlist?list={LIST.id}&si=1")
    # I expect every row, the hidden one as gone, for two requests
    assert [track.key for track in playlist.tracks] == [f"youtube:video:{identity}" for identity in LIST.video_ids]
    assert [track.availability for track in playlist.tracks][-2:] == [Availability.PLAYABLE, Availability.GONE]
    assert (playlist.key, playlist.name, playlist.source_id) == (f"youtube:playlist:{LIST.id}", LIST.title, LIST.id)
    assert len(asked) == arrivals(base) == 2


def test_a_long_playlist_is_read_to_its_end_with_repeated_rows(youtube):
    assert len(youtube.playlist(f"youtube:playlist:{LONG.id}").tracks) == 130


def test_a_video_is_an_unassigned_single(youtube, base, asked):
    playlist = youtube.video(f"https://youtu.be/{TOPIC.id}")
    assert (playlist.key, playlist.name) == (f"single:youtube:video:{TOPIC.id}", "Unassigned")
    track = playlist.tracks[0]
    assert (track.title, track.artist) == (TOPIC.recording.full_title, TOPIC.recording.artist)
    assert track.duration == int(TOPIC.duration)
    assert len(asked) == arrivals(base) <= 3


def test_an_upload_keeps_its_title_and_its_channel_as_artist(youtube):
    track = youtube.read(UPLOAD.url).tracks[0]
    assert (track.title, track.artist, track.platform) == (UPLOAD.title, UPLOAD.channel, Platform.YOUTUBE)


def test_any_link_is_read_by_its_kind(youtube):
    assert youtube.read(f"https://www.youtube.com/playlist?list={LIST.id}").key.startswith("youtube:playlist:")
    with pytest.raises(ValueError, match="is not a YouTube link"):
        youtube.read("spotify:track:4uLU6hMCjMI75M1A2tKUQC")
    with pytest.raises(ValueError, match="is not a YouTube playlist"):
        youtube.playlist(TOPIC.url)


@pytest.mark.parametrize("video", [TOPIC, UPLOAD], ids=["topic", "upload"])
def test_a_search_offers_candidates_for_one_request(youtube, base, asked, video):
    found = youtube.search(f"{video.recording.artist} - {video.recording.title}")
    best = next(candidate for candidate in found if candidate.id == video.id)
    assert (best.title, best.channel, best.duration) == (video.title, video.channel, int(video.duration))
    assert (best.topic, best.artist) == (video.topic, video.recording.artist if video.topic else "")
    assert len(found) <= 5
    assert len(asked) == arrivals(base) == 1


@pytest.mark.parametrize("query", ["", "  \n", "zzzzqqq xxxyyy"])
def test_a_search_may_find_nothing(youtube, query):
    assert youtube.search(query) == ()


@pytest.mark.parametrize(
    "query", ["-o /tmp/x --exec rm", "100% %(title)s", "a\nb", "https://evil.example.com/?a=1", "ytsearch9:x"]
)
def test_whatever_is_searched_stays_a_search(youtube, base, query):
    youtube.search(query)
    assert list(httpx.get(f"{base}/_sandbox/stats").json()["kinds"]) == ["search"]


def test_the_player_clients_of_the_settings_are_used(base, tmp_path):
    client = YouTube(ask=lambda: None, cache_dir=tmp_path / "cache", player_clients=("visionos",))
    assert client.video(UPLOAD.url).tracks
    assert httpx.get(f"{base}/_sandbox/stats").json()["kinds"]["player"] == 1


@pytest.mark.parametrize(
    ("fate", "kind"), [("private", errors.Gone), ("unavailable", errors.Gone), ("blocked", errors.RegionBlocked)]
)
def test_a_video_that_cannot_be_played_is_that_track_s_affair(youtube, base, fate, kind):
    order(base, "fates", {UPLOAD.id: fate})
    with pytest.raises(kind) as caught:
        youtube.video(UPLOAD.url)
    assert caught.value.key == f"youtube:video:{UPLOAD.id}"


def test_the_bot_check_stops_the_service_and_says_what_to_do(youtube, base):
    order(base, "bot-check", {"on": True})
    with pytest.raises(errors.ServiceStopped) as caught:
        youtube.video(UPLOAD.url)
    assert caught.value.service == "youtube"
    assert caught.value.remedy


def test_a_playlist_that_is_not_there_is_not_found(youtube):
    with pytest.raises(errors.NotFound, match="PLnone1234567890"):
        youtube.playlist("https://www.youtube.com/playlist?list=PLnone1234567890")


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"kind": "429", "retry_after": 17}, errors.Throttled),
        ({"kind": "503"}, errors.Unavailable),
        ({"kind": "reset"}, errors.Unavailable),
        ({"kind": "200-html"}, errors.Unavailable),
    ],
)
def test_a_fault_of_the_search_is_raised_as_what_it_means_and_never_repeated(youtube, base, asked, rule, kind):
    order(base, "faults", [{"path": "/search$", **rule}])
    with pytest.raises(kind) as caught:
        youtube.search("anything")
    assert len(asked) == 1
    assert getattr(caught.value, "retry_after", 17) == 17


def test_a_budget_that_raises_is_heard_before_the_request(base, tmp_path):
    def ask():
        raise errors.Interrupted("stopping")

    with pytest.raises(errors.Interrupted):
        YouTube(ask=ask, cache_dir=tmp_path).search("anything")
    assert arrivals(base) == 0
