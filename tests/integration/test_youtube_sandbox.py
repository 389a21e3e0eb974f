import contextlib
import dataclasses

import httpx
import pytest
import yt_dlp

from crateline.sandbox import youtube
from crateline.sandbox.catalogue import VideoList, World
from crateline.sandbox.music import Music
from crateline.sandbox.proxy import Proxy
from crateline.sandbox.serving import serve
from givens import proxied

BUILT = World.build(tracks=20, seconds=(2, 3))
LONG = VideoList(id="PLlonglonglong01", title="Long", channel="Crate Digger", video_ids=(BUILT.youtube[0].id,) * 230)
WORLD = dataclasses.replace(BUILT, youtube_lists=(*BUILT.youtube_lists, LONG))
TOPIC = next(video for video in WORLD.youtube if video.topic and not video.gone)
GONE = next(video for video in WORLD.youtube if video.gone)
CLIENTS = ("visionos", "tv_samsung", "android_vr", "ios")


class Silence:
    def debug(self, message):
        pass

    info = warning = error = debug


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    return Music(tmp_path_factory.mktemp("music"))


@contextlib.contextmanager
def sandbox(music, folder, monkeypatch, world=WORLD):
    with serve(youtube.app(world, music)) as base, Proxy(dict.fromkeys(youtube.HOSTS, base), folder) as proxy:
        proxied.through(monkeypatch, proxy)
        yield base
        assert proxy.refused == []


@pytest.fixture
def base(music, tmp_path, monkeypatch):
    with sandbox(music, tmp_path, monkeypatch) as url:
        yield url


def extract(url, tmp_path, *, download=False, **options):
    always = {"compat_opts": {"no-certifi"}, "cachedir": str(tmp_path / "cache"), "outtmpl": str(tmp_path / "%(id)s.%(ext)s")}
    with yt_dlp.YoutubeDL({"logger": Silence(), **always, **options}) as ydl:
        return ydl.sanitize_info(ydl.extract_info(url, download=download))


def stats(base):
    return httpx.get(f"{base}/_sandbox/stats").json()


def kinds(base):
    return [kind for _, kind in stats(base)["arrivals"]]


def order(base, door, asked):
    httpx.post(f"{base}/_sandbox/{door}", json=asked).raise_for_status()


def test_a_video_is_downloaded_by_the_unmodified_extractor_with_its_default_clients(base, music, tmp_path):
    # Given a video of an auto-generated channel
    # When yt-dlp downloads its best audio
    info = extract(TOPIC.url, tmp_path, download=True, format="bestaudio")
    # I expect every byte for one page, one player answer and one file, and artist and title from the description
    sent = tmp_path / f"{TOPIC.id}.webm"
    assert sent.read_bytes() == music.media(TOPIC.recording, "webm").read_bytes()
    assert (info["channel"], info["artists"], info["track"]) == (
        TOPIC.channel,
        [TOPIC.recording.artist],
        TOPIC.recording.full_title,
    )
    assert kinds(base) == ["watch", "player", "media"]
    assert stats(base)["downloads"] == {TOPIC.id: 1}


@pytest.mark.parametrize("client", CLIENTS)
def test_each_player_client_that_asks_by_itself_finds_formats(base, tmp_path, client):
    options = {"extractor_args": {"youtube": {"player_client": [client], "formats": ["missing_pot"]}}}
    info = extract(TOPIC.url, tmp_path, **options)
    assert {one["format_id"] for one in info["formats"]} == {"140", "251"}


def test_with_a_javascript_runtime_the_defaults_work_without_running_it(base, tmp_path):
    info = extract(TOPIC.url, tmp_path, extractor_args={"youtube": {"player_client": ["tv_samsung", "visionos", "web"]}})
    assert {one["format_id"] for one in info["formats"]} == {"140", "251"}


def test_an_interrupted_download_goes_on_where_it_stopped(base, music, tmp_path):
    # Given half a file
    whole = music.media(TOPIC.recording, "webm").read_bytes()
    (tmp_path / f"{TOPIC.id}.webm.part").write_bytes(whole[: len(whole) // 2])
    # When the download is started again
    extract(TOPIC.url, tmp_path, download=True, format="bestaudio")
    # I expect the same file, and only its second half to have been sent
    assert (tmp_path / f"{TOPIC.id}.webm").read_bytes() == whole
    assert stats(base)["bytes"] == {TOPIC.id: len(whole) - len(whole) // 2}


def test_an_expired_link_is_forbidden(base, tmp_path):
    link = extract(TOPIC.url, tmp_path)["formats"][0]["url"]
    assert httpx.get(link).status_code == 200
    order(base, "expire", {})
    assert httpx.get(link).status_code == 403
    assert httpx.get(extract(TOPIC.url, tmp_path)["formats"][0]["url"]).status_code == 200


def test_a_search_gives_title_channel_and_length_in_one_request(base, tmp_path):
    options = {"extract_flat": True, "extractor_args": {"youtubetab": {"skip": ["webpage"]}}}
    found = extract(f"ytsearch5:{TOPIC.recording.artist} {TOPIC.recording.title}", tmp_path, **options)["entries"][0]
    assert (found["id"], found["title"], found["channel"]) == (TOPIC.id, TOPIC.title, TOPIC.channel)
    assert found["duration"] == int(TOPIC.duration)
    assert kinds(base) == ["search"]


def test_a_playlist_lists_its_videos_and_those_that_are_hidden(base, tmp_path):
    listed = WORLD.youtube_lists[0]
    info = extract(f"https://www.youtube.com/playlist?list={listed.id}", tmp_path, extract_flat=True)
    assert info["title"] == listed.title
    assert [entry["id"] for entry in info["entries"]] == list(listed.video_ids)
    assert info["entries"][-1]["title"] == "[Private video]"


def test_a_long_playlist_is_read_to_its_end(base, tmp_path):
    info = extract(f"https://www.youtube.com/playlist?list={LONG.id}", tmp_path, extract_flat=True)
    assert len(info["entries"]) == 230


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        ("private", "Private video"),
        ("unavailable", "Video unavailable"),
        ("blocked", "not made this video available in your country"),
        ("bot-check", "confirm you\u2019re not a bot"),
    ],
)
def test_a_video_that_cannot_be_played_says_why(base, tmp_path, fate, words):
    order(base, "fates", {TOPIC.id: fate})
    with pytest.raises(yt_dlp.utils.DownloadError, match=words):
        extract(TOPIC.url, tmp_path)


def test_the_bot_check_meets_every_visitor_until_it_is_lifted(base, tmp_path):
    order(base, "bot-check", {"on": True})
    with pytest.raises(yt_dlp.utils.DownloadError, match="not a bot"):
        extract(TOPIC.url, tmp_path)
    order(base, "bot-check", {"on": False})
    assert extract(TOPIC.url, tmp_path)["id"] == TOPIC.id


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (GONE.url, "Private video"),
        ("https://www.youtube.com/watch?v=aaaaaaaaaaa", "Video unavailable"),
        ("https://www.youtube.com/playlist?list=PLnone1234567890", "playlist does not exist"),
    ],
)
def test_what_is_not_there_is_said_not_to_be_there(base, tmp_path, url, words):
    with pytest.raises(yt_dlp.utils.DownloadError, match=words):
        extract(url, tmp_path)


def test_titles_cannot_break_out_of_a_page(music, tmp_path, monkeypatch):
    hostile = dataclasses.replace(TOPIC, title='</script><script>alert("x")</script> \u2028 {"a": 1};')
    world = dataclasses.replace(WORLD, youtube=(hostile,), youtube_lists=())
    with sandbox(music, tmp_path, monkeypatch, world):
        assert extract(hostile.url, tmp_path)["title"] == hostile.title


def test_the_back_door_does_not_exist_under_the_real_name(base):
    assert httpx.get("https://www.youtube.com/_sandbox/stats").status_code == 404
