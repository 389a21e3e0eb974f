import re
import signal
import subprocess
import sys
import time
from collections import Counter

import httpx
import pytest

from crateline import errors
from crateline.audio.fetch import fetch
from crateline.sandbox import music, soundcloud, words, youtube
from crateline.sandbox.catalogue import Fate, World
from crateline.sandbox.music import Music
from crateline.sandbox.proxy import Proxy
from crateline.sandbox.serving import serve
from givens import proxied

WORLD = World.build(tracks=60, seconds=(20, 24))
PLAYABLE = [track for track in WORLD.soundcloud if track.fate is Fate.PLAYABLE]
AAC = next(track for track in PLAYABLE if "hls-aac" in track.transcodings)
MP3 = next(track for track in PLAYABLE if track.transcodings == ("hls-mp3", "mp3"))
OPUS = next(track for track in PLAYABLE if track.transcodings == ("opus",))
SEGMENTS = r"^/media/\d"
FILES = r"^/\d+-mp3"
WHOLE = {AAC: "hls-aac", MP3: "mp3", OPUS: "opus"}
pytestmark = pytest.mark.real("ffmpeg")


class Box:
    """A simulated SoundCloud behind a proxy, and a folder to fetch into."""

    def __init__(self, base, shelf, folder):
        self.base, self.shelf, self.folder = base, shelf, folder
        self.asked = Counter()

    def fetch(self, track, **changes):
        asks = {"ask_api": lambda: self.asked.update(["api"]), "ask_media": lambda: self.asked.update(["media"])}
        places = {"folder": self.folder / "work", "cache_dir": self.folder / "cache", "stem": str(track.id)}
        return fetch(track.url, **{"key": track.key, "cancelled": lambda: False, **asks, **places, **changes})

    def post(self, what, body=None):
        httpx.post(f"{self.base}/_sandbox/{what}", json=body, trust_env=False).raise_for_status()

    def stats(self):
        return httpx.get(f"{self.base}/_sandbox/stats", trust_env=False).json()

    def whole(self, track):
        return self.shelf.media(track.recording, WHOLE[track]).read_bytes()

    def files(self):
        work = self.folder / "work"
        return sorted(path.name for path in work.iterdir()) if work.exists() else []


def seconds_of(path):
    command = [music.ffmpeg(), "-v", "error", "-i", str(path), "-f", "s16le", "-ar", "8000", "-ac", "1", "-"]
    return len(subprocess.run(command, capture_output=True, check=True).stdout) / 16000


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return Music(tmp_path_factory.mktemp("music"))


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    with Proxy({}, tmp_path_factory.mktemp("ca")) as running:
        yield running


def boxed(shelf, folder, patch, proxy, *, routes, base):
    proxied.through(patch, proxy)
    proxy.routes.update(routes)
    yield Box(base, shelf, folder)
    assert proxy.refused == []


@pytest.fixture
def box(shelf, tmp_path, monkeypatch, proxy):
    with serve(soundcloud.app(WORLD, shelf)) as base:
        yield from boxed(shelf, tmp_path, monkeypatch, proxy, routes=dict.fromkeys(soundcloud.HOSTS, base), base=base)


@pytest.fixture
def slow(shelf, tmp_path, monkeypatch, proxy):
    with serve(soundcloud.app(WORLD, shelf, pace=400_000)) as base:
        yield from boxed(shelf, tmp_path, monkeypatch, proxy, routes=dict.fromkeys(soundcloud.HOSTS, base), base=base)


@pytest.mark.parametrize(
    ("track", "extension", "codec"), [(AAC, "m4a", "mp4a.40.2"), (MP3, "mp3", "mp3"), (OPUS, "opus", "opus")]
)
def test_a_track_arrives_byte_for_byte_with_what_its_source_says_of_it(box, track, extension, codec):
    # When a track is fetched
    shares = []
    found = box.fetch(track, progress=shares.append)
    # I expect the file as it lies at its source
    assert found.path.read_bytes() == box.whole(track)
    assert found.path.parent == box.folder / "work"
    assert (found.extension, found.codec) == (extension, codec)
    assert found.listed_duration == pytest.approx(track.full_duration)
    assert (found.url, found.title, found.uploader) == (track.url, track.title, track.user.username)
    assert found.bitrate
    # and a progress that ends at the end
    assert shares[-1] == 1.0
    assert all(0 <= share <= 1 for share in shares)


def test_a_track_costs_one_request_of_each_budget(box):
    box.fetch(AAC)
    box.asked.clear()
    box.fetch(MP3)
    box.fetch(OPUS)
    assert box.asked == {"api": 2, "media": 2}


def test_fetching_again_gives_the_same_file_without_a_second_download(box):
    first = box.fetch(AAC)
    again = box.fetch(AAC)
    assert again.path == first.path
    assert box.stats()["downloads"] == {str(AAC.id): 1}


@pytest.mark.parametrize(
    ("fate", "kind"),
    [
        (Fate.PREVIEW, errors.Preview),
        (Fate.DRM, errors.Protected),
        (Fate.BLOCKED, errors.RegionBlocked),
        (Fate.DELETED, errors.Gone),
    ],
)
def test_what_cannot_be_had_is_told_without_a_media_request_and_leaves_nothing(box, fate, kind):
    # Given a track of that fate
    track = next(track for track in WORLD.soundcloud if track.fate is fate)
    # When it is fetched, even under the key of a track elsewhere
    with pytest.raises(errors.SourceError) as caught:
        box.fetch(track, key="spotify:track:x")
    # I expect the reason under the key that was asked for
    assert (type(caught.value), caught.value.key) == (kind, "spotify:track:x")
    assert box.asked["media"] == 0
    assert box.files() == []


def test_a_hostile_title_reaches_no_path(box):
    for title in words.HOSTILE:
        # Given a track with a title that no path and no shell must see
        track = next(track for track in PLAYABLE if track.title == title)
        # When it is fetched
        found = box.fetch(track, stem="plain", folder=box.folder / "work" / str(track.id))
        # I expect the title in the answer and nowhere else
        assert found.title == title
        assert re.fullmatch(r"plain\.[0-9a-f]{8}\.\w+", found.path.name)
        assert list(found.path.parent.iterdir()) == [found.path]
    assert len(box.files()) == len(words.HOSTILE)


@pytest.mark.parametrize("stem", ["", ".", "..", "a/b", "../x", "/etc/x", "a\0b"])
def test_a_stem_that_is_no_plain_name_is_an_error(box, stem):
    with pytest.raises(ValueError, match="plain file name"):
        box.fetch(AAC, stem=stem)


@pytest.mark.parametrize("track", [AAC, MP3], ids=["hls", "progressive"])
def test_a_killed_download_goes_on_where_it_stopped(slow, track):
    # Given a process that fetches a track slowly
    code = (
        "import sys; from pathlib import Path; from crateline.audio.fetch import fetch; nothing = lambda: None\n"
        "fetch(sys.argv[1], key='k', folder=Path(sys.argv[2]) / 'work', stem=sys.argv[3], ask_api=nothing,"
        " ask_media=nothing, cache_dir=Path(sys.argv[2]) / 'cache', cancelled=lambda: False)"
    )
    slow.whole(track)
    process = subprocess.Popen([sys.executable, "-c", code, track.url, str(slow.folder), str(track.id)])
    # When it is killed in the middle
    deadline = time.monotonic() + 30
    while sum(path.stat().st_size for path in slow.folder.glob("work/**/*") if path.is_file()) < 200_000:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = slow.stats()["bytes"].get(str(track.id), 0)
    # I expect the next attempt to complete the same file
    found = slow.fetch(track)
    assert found.path.read_bytes() == slow.whole(track)
    assert slow.files() == [found.path.name]
    # and to fetch only what was missing
    assert slow.stats()["bytes"][str(track.id)] - before < len(slow.whole(track)) - 100_000


@pytest.mark.parametrize("track", [AAC, MP3], ids=["hls", "progressive"])
def test_an_interrupted_download_stops_soon_and_is_not_an_error_of_the_track(slow, track):
    # Given somebody who stops us when a third has arrived
    seen = []
    with pytest.raises(errors.Interrupted):
        slow.fetch(track, progress=seen.append, cancelled=lambda: bool(seen) and seen[-1] > 0.3)
    assert seen[-1] < 0.9
    # I expect the rest to arrive later
    assert slow.fetch(track).path.read_bytes() == slow.whole(track)


def test_nothing_is_asked_when_we_are_stopping_already(box):
    with pytest.raises(errors.Interrupted):
        box.fetch(AAC, cancelled=lambda: True)
    assert box.stats()["requests"] == 0


@pytest.mark.parametrize(
    ("track", "rule"),
    [
        (AAC, {"kind": "404", "path": SEGMENTS, "skip": 2, "rate": 1}),
        (AAC, {"kind": "503", "path": SEGMENTS, "skip": 3}),
        (AAC, {"kind": "truncate", "path": SEGMENTS, "skip": 2}),
        (AAC, {"kind": "reset", "path": SEGMENTS, "skip": 2}),
        (AAC, {"kind": "403", "path": r"playlist\.m3u8$"}),
        (MP3, {"kind": "truncate", "path": FILES}),
        (MP3, {"kind": "reset", "path": FILES}),
        (MP3, {"kind": "403", "path": FILES}),
        (MP3, {"kind": "500", "path": FILES}),
    ],
)
def test_a_fault_of_the_audio_hosts_never_leaves_a_damaged_file(box, track, rule):
    # Given a host of audio with a fault that does not go away
    box.post("faults", [rule])
    # When a track is fetched
    with pytest.raises(errors.Unavailable) as caught:
        box.fetch(track)
    # I expect a passing fault of that service, and no file that looks whole
    assert caught.value.service == "soundcloud-media"
    assert not [name for name in box.files() if ".part" not in name]
    # and the whole file when the fault is gone
    box.post("faults", [])
    assert box.fetch(track).path.read_bytes() == box.whole(track)


def test_a_part_that_fails_once_is_fetched_again_at_once(box):
    box.post("faults", [{"kind": "503", "path": SEGMENTS, "skip": 1, "times": 2}])
    assert box.fetch(AAC).path.read_bytes() == box.whole(AAC)


@pytest.mark.parametrize(
    ("rule", "kind", "service"),
    [
        ({"kind": "429", "path": "^/media/soundcloud", "retry_after": 33}, errors.Throttled, "soundcloud-media"),
        ({"kind": "429", "path": "^/resolve", "retry_after": 33}, errors.Throttled, "soundcloud-api"),
        ({"kind": "503", "path": "^/media/soundcloud"}, errors.Unavailable, "soundcloud-media"),
        ({"kind": "reset", "path": "^/resolve"}, errors.Unavailable, "soundcloud-api"),
    ],
)
def test_a_fault_of_the_api_has_the_right_name(box, rule, kind, service):
    box.post("faults", [rule])
    with pytest.raises(kind) as caught:
        box.fetch(AAC)
    assert caught.value.service == service
    assert getattr(caught.value, "retry_after", 33) == 33


def test_a_stream_that_is_missing_is_replaced_by_the_next_best(box):
    # Given a track whose first stream is gone
    box.post("faults", [{"kind": "404", "path": "^/media/soundcloud", "times": 1}])
    # I expect the next one
    found = box.fetch(AAC)
    assert found.extension == "mp3"
    assert found.path.read_bytes() == box.shelf.media(AAC.recording, "mp3").read_bytes()


def test_links_that_have_died_meanwhile_are_asked_for_anew(slow):
    # Given a download that was interrupted in the middle
    seen = []
    with pytest.raises(errors.Interrupted):
        slow.fetch(MP3, progress=seen.append, cancelled=lambda: bool(seen) and seen[-1] > 0.3)
    # When every link has died
    slow.post("expire")
    # I expect new links and the rest of the file
    assert slow.fetch(MP3).path.read_bytes() == slow.whole(MP3)


def test_the_parts_of_another_stream_are_not_mixed_in_and_are_cleared_away(box):
    # Given what a killed attempt with another stream has left, and the files of other tracks
    work = box.folder / "work"
    work.mkdir()
    (work / f"{AAC.id}.deadbeef.m4a.part").write_bytes(b"another stream")
    (work / f"{AAC.id}.deadbeef.m4a.parts7").mkdir()
    (work / f"{AAC.id}.deadbeef.m4a.parts7" / "00000").write_bytes(b"a segment")
    (work / f"{AAC.id}.notes.txt").write_bytes(b"not ours")
    (work / f"{AAC.id}9.deadbeef.m4a.part").write_bytes(b"another track")
    # When the track is fetched
    found = box.fetch(AAC)
    # I expect its own bytes, and only its own parts gone
    assert found.path.read_bytes() == box.whole(AAC)
    assert set(box.files()) == {found.path.name, f"{AAC.id}.notes.txt", f"{AAC.id}9.deadbeef.m4a.part"}


def test_no_ffmpeg_is_needed_to_fetch(box, monkeypatch):
    box.whole(AAC)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **kwargs: pytest.fail(f"started {args}"))
    assert box.fetch(AAC).path.exists()


def test_the_file_of_a_stream_decodes_to_its_listed_length(box):
    found = box.fetch(AAC)
    assert seconds_of(found.path) == pytest.approx(found.listed_duration, abs=0.1)


@pytest.fixture
def tube(shelf, tmp_path, monkeypatch, proxy):
    with serve(youtube.app(WORLD, shelf)) as base:
        yield from boxed(shelf, tmp_path, monkeypatch, proxy, routes=dict.fromkeys(youtube.HOSTS, base), base=base)


@pytest.mark.parametrize("topic", [True, False], ids=["topic", "upload"])
def test_a_video_is_fetched_by_the_same_call(tube, topic):
    # Given a video
    video = next(video for video in WORLD.youtube if video.topic is topic and not video.gone)
    # When its audio is fetched
    found = tube.fetch(video, stem="video")
    # I expect the audio alone, whole, for YouTube's budget alone
    assert found.extension in {"webm", "m4a"}
    assert found.title == video.title
    assert found.listed_duration == pytest.approx(video.duration, abs=1)
    assert seconds_of(found.path) == pytest.approx(video.duration, abs=0.1)
    assert tube.asked["media"] == 0
    assert 1 <= tube.asked["api"] <= 3


def test_a_private_video_is_gone(tube):
    video = next(video for video in WORLD.youtube if video.gone)
    with pytest.raises(errors.Gone):
        tube.fetch(video, stem="video")
    assert tube.files() == []
