import io

import pytest
from yt_dlp.networking import Response
from yt_dlp.networking import exceptions as networking

from crateline import errors
from crateline.audio import segments

BASE = "https://cdn.example/a/playlist.m3u8?token=1"
HEAD = "#EXTM3U\n#EXT-X-VERSION:7\n"
END = "#EXT-X-ENDLIST\n"


class Opener:
    """Answers by address: bytes, or exceptions to raise one after the other."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def urlopen(self, req):
        self.asked.append(req.url)
        answer = self.answers[req.url]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Response(io.BytesIO(answer), req.url, {"Content-Length": str(len(answer))})


def http(status):
    return networking.HTTPError(Response(io.BytesIO(b""), BASE, {}, status=status))


def stream(*segment_answers):
    links = [f"https://cdn.example/s{number}" for number in range(len(segment_answers))]
    lines = "".join(f"#EXTINF:10,\n{link}\n" for link in links)
    return Opener({BASE: (HEAD + lines + END).encode(), **dict(zip(links, segment_answers, strict=True))})


def run(opener, path, moved=lambda share: None):
    segments.download(opener, {"url": BASE, "http_headers": {}}, path, moved=moved)


def test_the_initialisation_comes_first_and_addresses_are_absolute():
    playlist = HEAD + '#EXT-X-MAP:URI="init.mp4"\n#EXTINF:10,\n/x/1.m4s\n#EXTINF:10,\nhttps://other.example/2.m4s?b\n' + END
    assert segments.addresses(playlist, BASE) == [
        "https://cdn.example/a/init.mp4",
        "https://cdn.example/x/1.m4s",
        "https://other.example/2.m4s?b",
    ]


@pytest.mark.parametrize(
    "playlist",
    [
        "",
        "<html>Sorry</html>",
        HEAD + END,
        HEAD + "#EXTINF:10,\n1.ts\n",
        HEAD + "#EXT-X-STREAM-INF:BANDWIDTH=1\nhigh.m3u8\n" + END,
        HEAD + "#EXT-X-BYTERANGE:10@0\n1.ts\n" + END,
        HEAD + '#EXT-X-MAP:URI="x",BYTERANGE="10@0"\n1.ts\n' + END,
    ],
)
def test_a_playlist_that_is_not_whole_or_not_known_is_an_error(playlist):
    with pytest.raises(errors.MediaError):
        segments.addresses(playlist, BASE)


def test_encrypted_segments_are_never_fetched():
    keyed = HEAD + '#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:10,\n1.ts\n' + END
    with pytest.raises(errors.Protected):
        segments.addresses(keyed, BASE)
    assert segments.addresses(keyed.replace('AES-128,URI="k"', "NONE"), BASE) == ["https://cdn.example/a/1.ts"]


def test_what_has_arrived_is_not_fetched_again_and_nothing_is_left_behind(tmp_path):
    # Given a stream whose second segment fails for good the first time
    opener = stream(b"one", [http(404), b"two"], b"three")
    with pytest.raises(networking.HTTPError):
        run(opener, tmp_path / "a.m4a")
    assert opener.asked.count("https://cdn.example/s0") == 1
    assert not (tmp_path / "a.m4a").exists()
    # When it is fetched again
    shares = []
    run(opener, tmp_path / "a.m4a", shares.append)
    # I expect the rest alone to be asked for, and one whole file
    assert opener.asked.count("https://cdn.example/s0") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.m4a"]
    assert (tmp_path / "a.m4a").read_bytes() == b"onetwothree"
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("fault", [http(503), networking.TransportError("reset"), networking.IncompleteRead(1, 2)])
def test_a_passing_fault_of_one_segment_is_tried_again_but_not_for_ever(tmp_path, fault):
    run(stream(b"one", [fault, fault, b"two"]), tmp_path / "a.m4a")
    assert (tmp_path / "a.m4a").read_bytes() == b"onetwo"
    with pytest.raises(type(fault)):
        run(stream([fault, fault, fault, b"one"]), tmp_path / "b.m4a")


def test_a_segment_that_has_arrived_is_kept_whoever_stops_the_work(tmp_path):
    # Given work that is to stop from the moment on at which the last segment arrives
    opener, path = stream(b"one", b"two"), tmp_path / "original.mp3"

    def stopped(share):
        if opener.asked[-1].endswith("s1"):
            raise errors.Interrupted("the download was interrupted")

    with pytest.raises(errors.Interrupted):
        run(opener, path, stopped)
    # When it is done again
    run(opener, path)
    # I expect that no segment was fetched a second time
    assert path.read_bytes() == b"onetwo"
    assert [url for url in opener.asked if url != BASE] == ["https://cdn.example/s0", "https://cdn.example/s1"]


def test_an_empty_segment_is_a_fault():
    opener = stream(b"")
    with pytest.raises(networking.IncompleteRead):
        segments._fetched(lambda url: opener.urlopen(segments.Request(url)), "https://cdn.example/s0", lambda: None)


def test_a_stream_that_has_changed_is_not_joined_with_what_was_there(tmp_path):
    # Given a segment of a stream of two
    with pytest.raises(networking.HTTPError):
        run(stream(b"old", http(404)), tmp_path / "a.m4a")
    # When the stream has become one of three
    run(stream(b"1", b"2", b"3"), tmp_path / "a.m4a")
    # I expect none of the old
    assert (tmp_path / "a.m4a").read_bytes() == b"123"


def test_a_half_written_segment_is_no_segment(tmp_path):
    folder = tmp_path / "a.m4a.parts1"
    folder.mkdir()
    (folder / "00000.part").write_bytes(b"ha")
    run(stream(b"whole"), tmp_path / "a.m4a")
    assert (tmp_path / "a.m4a").read_bytes() == b"whole"
