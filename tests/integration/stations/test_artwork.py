"""Covers: what the original carries, else the picture of the listing, fetched from known hosts; and none is no fault."""

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import mutagen
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import mutagen.oggopus
import pytest
import trustme

from crateline.audio import cover, ffmpeg
from crateline.clients import pictures
from crateline.durable.item import card_of
from crateline.errors import MediaError, NotFound, Rejected, Unavailable
from crateline.messages import Station
from crateline.sandbox import artwork, soundcloud
from crateline.sandbox.catalogue import World
from crateline.sandbox.faults import Faults
from crateline.sandbox.music import Music
from crateline.sandbox.proxy import Proxy
from crateline.sandbox.serving import serve

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY = "soundcloud:tracks:1"


def address(number: int) -> str:
    return f"https://i1.sndcdn.com/artworks-{number:012d}-0-t500x500.jpg"


@pytest.fixture(scope="session")
def soundcloud_door(tmp_path_factory) -> Iterator[tuple[Faults, Proxy]]:
    folder, faults = tmp_path_factory.mktemp("artwork"), Faults()
    app = soundcloud.app(World.build(tracks=12), Music(folder), faults=faults)
    with serve(app) as base, Proxy(dict.fromkeys((*soundcloud.HOSTS, "scdn.co"), base), folder) as proxy:
        yield faults, proxy


@pytest.fixture
def hosts(soundcloud_door, clean_environment) -> Faults:
    """The hosts of pictures, reached through a proxy and known by its certificates."""
    faults, proxy = soundcloud_door
    faults.replace(())
    proxy.refused.clear()
    clean_environment.setenv("HTTPS_PROXY", proxy.url)
    clean_environment.setenv("NO_PROXY", "127.0.0.1,localhost")
    clean_environment.setenv("SSL_CERT_FILE", str(proxy.ca_file))
    return faults


def drawn(folder: Path, name: str, size: str = "600x400", *how: str) -> bytes:
    """A picture of some kind."""
    source = ["-f", "lavfi", "-i", f"testsrc=size={size}:duration=1", "-frames:v", "1"]
    command = [ffmpeg.executable(), "-nostdin", "-loglevel", "error", "-y", *source, *how, str(folder / name)]
    subprocess.run(command, check=True)
    return (folder / name).read_bytes()


def covers(line) -> list[bytes]:
    """The cover inside each file of the track."""
    return [cover.embedded(Path(path)) for path in line.item(KEY).result(Station.ANALYZE)["files"]]


def filed_again(line, listened) -> None:
    line.forget(KEY, "s:analyze")
    assert listened(KEY) == "sealed"


def test_the_picture_of_the_listing_gets_into_every_file(hosts, line, listened, make_track):
    # Given
    line.wiring.settings.extra_formats = ("aiff", "wav")
    line.enqueue(make_track(1, artwork_url=address(1)))
    # When
    assert listened(KEY) == "sealed"
    # I expect
    expected = artwork.response("artworks-000000000001-0").body
    assert covers(line) == [expected] * 3
    # When it is filed again
    hosts.replace([{"kind": "500", "path": "artworks"}])
    struck = hosts.struck.total()
    filed_again(line, listened)
    # I expect it not to be asked for
    assert hosts.struck.total() == struck
    # When it changes at its source
    hosts.replace([])
    line.set(KEY, card=card_of(make_track(1, artwork_url=address(2))))
    filed_again(line, listened)
    # I expect it in all of them, and the PNG that it is to be a JPEG
    assert cover.kind_of(artwork.response("artworks-000000000002-0").body) == "png"
    second = covers(line)
    assert {cover.kind_of(one) for one in second} == {"jpeg"}
    assert second == second[:1] * 3 != [expected] * 3


@pytest.mark.parametrize(
    "rule", [{"kind": "404"}, {"kind": "500"}, {"kind": "reset"}, {"kind": "200", "body": "<html>no picture</html>"}], ids=str
)
def test_a_picture_that_cannot_be_had_costs_no_track_and_takes_none_away(hosts, line, listened, make_track, rule):
    # Given a track with a cover
    line.enqueue(make_track(1, artwork_url=address(1)))
    assert listened(KEY) == "sealed"
    first = covers(line)
    # When its new one cannot be fetched
    hosts.replace([{**rule, "path": "artworks"}])
    line.set(KEY, card=card_of(make_track(1, artwork_url=address(3))))
    filed_again(line, listened)
    # I expect
    assert covers(line) == first != [None]
    assert line.item(KEY).attempts(Station.ANALYZE) == 0
    # When it can
    hosts.replace([])
    filed_again(line, listened)
    # I expect
    assert covers(line) == [artwork.response("artworks-000000000003-0").body]


def test_a_foreign_host_is_never_asked(hosts, soundcloud_door, line, listened, make_track):
    # Given
    del hosts
    line.enqueue(make_track(1, artwork_url="https://tracker.example/pixel.jpg"))
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert covers(line) == [None]
    assert soundcloud_door[1].refused == []


def test_what_the_original_carries_goes_before_the_listing(hosts, line, fetched, listened, make_track, tmp_path):  # noqa: PLR0917  # fixtures
    # Given
    hosts.replace([{"kind": "500", "path": "artworks"}])
    struck = hosts.struck.total()
    line.enqueue(make_track(1, artwork_url=address(1)))
    original, mine = fetched(KEY), drawn(tmp_path, "mine.jpg")
    file = mutagen.File(original)
    if file.tags is None:
        file.add_tags()
    file.tags.add(mutagen.id3.APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=mine))
    file.save()
    line.wiring.store.seal("originals", KEY, original, {})
    # When
    assert listened(KEY) == "sealed"
    # I expect
    assert covers(line) == [mine]
    assert hosts.struck.total() == struck


# Pictures


@pytest.mark.parametrize("form", ["mp3", "m4a", "flac", "opus"])
def test_a_picture_is_found_in_every_kind_of_original(sound, tmp_path, form):
    # Given a picture of the back, and one of the front
    front, back = drawn(tmp_path, "front.jpg"), drawn(tmp_path, "back.png", "20x20")
    path = tmp_path / f"original.{form}"
    subprocess.run([ffmpeg.executable(), "-loglevel", "error", "-i", str(sound(0)), "-vn", str(path)], check=True)
    assert cover.embedded(path) is None
    pictured(path, ((4, back), (3, front)))
    # I expect
    assert cover.embedded(path) == front


def pictured(path: Path, listed: tuple[tuple[int, bytes], ...]) -> None:
    file = mutagen.File(path)
    blocks = []
    for kind, data in listed:
        block = mutagen.flac.Picture()
        block.type, block.data = kind, data
        blocks.append(block)
    match file:
        case mutagen.flac.FLAC():
            for block in blocks:
                file.add_picture(block)
        case mutagen.oggopus.OggOpus():
            written = [base64.b64encode(block.write()).decode() for block in blocks]
            file["metadata_block_picture"] = ["no base64!", base64.b64encode(b"\0\0").decode(), *written]
        case mutagen.mp4.MP4():
            file["covr"] = [mutagen.mp4.MP4Cover(data) for kind, data in listed if kind == 3]
        case _:
            for kind, data in listed:
                file.tags.add(mutagen.id3.APIC(encoding=3, mime="image/jpeg", type=kind, desc=str(kind), data=data))
    file.save()


def test_no_recording_has_no_picture(tmp_path):
    text = tmp_path / "words.m4a"
    text.write_text("words")
    assert cover.embedded(text) is None


def test_a_picture_that_players_show_stays_as_it_is(tmp_path):
    picture = drawn(tmp_path, "a.jpg")
    assert cover.for_players(picture) == picture


@pytest.mark.parametrize(("name", "size"), [("a.png", "600x400"), ("wide.jpg", "2400x1600"), ("wide.png", "2400x1600")])
def test_others_become_a_baseline_jpeg_of_sensible_size(tmp_path, name, size):
    # When
    shown = cover.for_players(drawn(tmp_path, name, size))
    # I expect
    assert cover.kind_of(shown) == "jpeg"
    assert shown[shown.index(b"\xff\xc0") :][5:9] in (b"\x01\x90\x02\x58", b"\x03\x20\x04\xb0")  # 400 by 600, 800 by 1200


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"<html>",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\xff\xff" + bytes(100),
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\1\0\0" * 2 + b"\x08\2\0\0\0",
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(8) + b"\x08\2\0\0\0",
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\x10" * 2 + b"\x08\2\0\0\0",
    ],
    ids=["nothing", "a page", "webp", "gif", "a start", "a lie", "a bomb", "no size", "no content"],
)
def test_what_is_no_picture_for_players_is_refused(picture):
    with pytest.raises(MediaError):
        cover.for_players(picture)


# Fetching


def test_a_picture_is_fetched_through_the_proxy_with_its_certificates(hosts):
    del hosts
    assert pictures.fetch(address(7)) == artwork.response("artworks-000000000007-0").body


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"kind": "404"}, NotFound),
        ({"kind": "302", "headers": {"Location": "https://tracker.example/"}}, NotFound),
        ({"kind": "429"}, Unavailable),
        ({"kind": "503"}, Unavailable),
        ({"kind": "reset"}, Unavailable),
        ({"kind": "200", "body": "x" * (pictures.LIMIT_BYTES + 1)}, Rejected),
    ],
    ids=["404", "redirect", "429", "503", "reset", "too large"],
)
def test_what_a_host_answers_is_told_apart(hosts, soundcloud_door, rule, error):
    # Given
    hosts.replace([{**rule, "path": "artworks"}])
    # When
    with pytest.raises(error):
        pictures.fetch(address(1))
    # I expect
    assert soundcloud_door[1].refused == []


def test_a_certificate_that_is_not_trusted_is_not_accepted(hosts, clean_environment, tmp_path):
    # Given
    del hosts
    trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
    clean_environment.setenv("SSL_CERT_FILE", str(tmp_path / "another.pem"))
    # I expect
    with pytest.raises(Unavailable):
        pictures.fetch(address(1))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://i1.sndcdn.com/a.jpg",
        "https://sndcdn.com.tracker.example/a.jpg",
        "https://notsndcdn.com/a.jpg",
        "https://user:word@i1.sndcdn.com/a.jpg",
        "https://i1.sndcdn.com:8443/a.jpg",
        "https://i1.sndcdn.com:port/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://[::1/a.jpg",
        "file:///etc/passwd",
    ],
)
def test_no_other_address_is_asked(url):
    with pytest.raises(Rejected):
        pictures.plain(url)


def test_of_a_thumbnail_the_jpeg_is_asked_for():
    assert pictures.plain("https://i.ytimg.com/vi_webp/abc/max.webp") == "https://i.ytimg.com/vi/abc/max.jpg"
    assert pictures.plain("https://i.ytimg.com/vi/abc/hq.jpg?sqp=x") == "https://i.ytimg.com/vi/abc/hq.jpg?sqp=x"
