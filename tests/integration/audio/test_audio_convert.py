import errno
import os
import struct
import subprocess
import time

import mutagen
import mutagen.aiff
import mutagen.mp4
import mutagen.wave
import pytest

from crateline.audio import convert, decode, ffmpeg, fingerprint, pcm, tags
from crateline.audio.analysis import analyse
from crateline.audio.replacement import replacing
from crateline.errors import MediaError, ServiceStopped

LIMIT = 60
FORMS = [(convert.to_alac, "m4a"), (convert.to_aiff, "aiff"), (convert.to_wav, "wav")]


@pytest.fixture
def pressed(studio, song):
    """The song in another form."""
    return lambda name, *arguments: studio.press(song, name, *arguments)


def info(path):
    return mutagen.File(path).info


def picture(folder, name):
    path = folder / name
    source = ["-f", "lavfi", "-i", "testsrc=size=1600x900:duration=1", "-frames:v", "1"]
    subprocess.run([ffmpeg.executable(), "-loglevel", "error", "-y", *source, str(path)], check=True)
    return path


@pytest.mark.parametrize(("form", "suffix"), FORMS)
def test_a_lossless_source_arrives_bit_for_bit(song, tmp_path, form, suffix):
    # Given
    target = tmp_path / f"master.{suffix}"

    # When
    form(song, target, time_limit=LIMIT)

    # I expect
    assert decode.decode(target).digest == decode.decode(song).digest
    assert info(target).bits_per_sample == 16


def test_a_master_is_apple_lossless_in_an_m4a(song, tmp_path):
    # When
    convert.to_alac(song, tmp_path / "master.m4a", time_limit=LIMIT)

    # I expect
    file = mutagen.mp4.MP4(tmp_path / "master.m4a")
    assert file.info.codec == "alac"
    assert (file.info.channels, file.info.sample_rate) == (2, 44_100)


@pytest.mark.parametrize("name", ["lossy.mp3", "lossy-aac.m4a", "lossy.webm"])
def test_lossy_sources_get_16_bits_and_no_more(pressed, tmp_path, name):
    # Given
    source = pressed(name)

    for form, suffix in FORMS:
        # When
        target = tmp_path / f"master.{suffix}"
        form(source, target, time_limit=LIMIT)

        # I expect
        assert info(target).bits_per_sample == 16
        assert info(target).length == pytest.approx(12, abs=0.05)


@pytest.mark.parametrize(("form", "suffix"), [(convert.to_alac, "m4a"), (convert.to_aiff, "aiff")])
def test_a_better_lossless_source_keeps_24_bits(pressed, tmp_path, form, suffix):
    # Given
    source, target = pressed("fine.flac", "-sample_fmt", "s32"), tmp_path / f"master.{suffix}"

    # When
    form(source, target, time_limit=LIMIT)

    # I expect
    assert convert.bits(source) == info(target).bits_per_sample == 24


STRANGE = {
    "fine": ["-sample_fmt", "s32", "-ar", "96000"],
    "many": ["-ac", "6", "-sample_fmt", "s32", "-ar", "48000"],
    "double": ["-ar", "88200"],
    "slow": ["-ac", "1", "-ar", "22050"],
}


@pytest.mark.parametrize(
    ("kind", "form"),
    [("fine", (48_000, 2, 24)), ("many", (48_000, 2, 24)), ("double", (44_100, 2, 16)), ("slow", (44_100, 1, 16))],
    ids=str,
)
def test_players_get_plain_headers_and_rates_that_they_know(studio, song, tmp_path, kind, form):
    # Given
    source, aiff, wav = studio.press(song, f"{kind}.flac", *STRANGE[kind]), tmp_path / "m.aiff", tmp_path / "m.wav"

    # When
    convert.to_aiff(source, aiff, time_limit=LIMIT)
    convert.to_wav(source, wav, time_limit=LIMIT)

    # I expect AIFF and no AIFC, a WAV of 44 bytes of header with format tag 1, and all the sound
    rate, channels, depth = form
    outer, size, kind_of, chunk, _ = struct.unpack(">4sI4s4sI", aiff.read_bytes()[:20])
    assert (outer, kind_of, chunk, size) == (b"FORM", b"AIFF", b"COMM", aiff.stat().st_size - 8)
    head = struct.unpack("<4sI4s4sIHHIIHH4sI", wav.read_bytes()[:44])
    block = channels * depth // 8
    plain = (b"WAVE", b"fmt ", 16, 1, channels, rate, rate * block, block, depth, b"data")
    assert head[2:12] == plain
    assert (head[1], head[12]) == (wav.stat().st_size - 8, wav.stat().st_size - 44)
    for path in (aiff, wav):
        said = info(path)
        assert (said.sample_rate, said.channels, said.bits_per_sample) == form
        assert said.length == pytest.approx(12, abs=0.01)


def test_an_odd_number_of_bytes_is_padded_and_what_is_no_wav_is_refused(tmp_path):
    # Given three samples of one channel and 24 bits, behind the extensible header and a chunk of somebody's words
    form = struct.pack("<HHIIHHHHI16s", 0xFFFE, 1, 44_100, 132_300, 3, 24, 22, 24, 4, bytes([1, 0, 0, 0]))
    body = b"WAVE" + b"fmt " + struct.pack("<I", 40) + form + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    body += b"data" + struct.pack("<I", 9) + b"123456789\0"
    odd, text, target = tmp_path / "odd.wav", tmp_path / "text.wav", tmp_path / "plain.wav"
    odd.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    text.write_bytes(b"words, and no sound")

    # When
    pcm.plain(odd, target)

    # I expect
    assert target.read_bytes()[44:] == b"123456789\0"
    assert info(target).bits_per_sample == 24
    with pytest.raises(MediaError):
        pcm.plain(text, target)


def test_the_sound_has_one_name_whatever_the_tags(song, tmp_path):
    # Given
    master = tmp_path / "master.m4a"
    convert.to_alac(song, master, time_limit=LIMIT)
    before = convert.sound(master)

    # When
    tags.write(master, tags.Tags(title="T", artist="A"), b"\xff\xd8\xff a picture")

    # I expect
    assert convert.sound(master) == before
    assert convert.sound(song) != before


def test_the_same_source_gives_the_same_bytes(studio, song, tmp_path):
    # Given
    source = studio.press(song, "same.mp3")

    # When
    for name in ("one.m4a", "two.m4a"):
        convert.to_alac(source, tmp_path / name, time_limit=LIMIT)

    # I expect
    assert (tmp_path / "one.m4a").read_bytes() == (tmp_path / "two.m4a").read_bytes()


def test_no_tag_of_the_source_comes_along(studio, song, tmp_path):
    # Given
    source = studio.press(song, "talkative.mp3", "-metadata", "title=FREE DL", "-metadata", "comment=buy followers")

    # When
    convert.to_alac(source, tmp_path / "master.m4a", time_limit=LIMIT)

    # I expect
    assert not mutagen.File(tmp_path / "master.m4a").tags


@pytest.mark.parametrize("name", ["cover.png", "cover.jpg", "cover.webp"])
def test_a_cover_of_any_kind_becomes_a_jpeg_of_sensible_size(song, tmp_path, name):
    # When
    convert.to_alac(song, tmp_path / "master.m4a", cover=picture(tmp_path, name), time_limit=LIMIT)

    # I expect
    covers = mutagen.mp4.MP4(tmp_path / "master.m4a")["covr"]
    assert [cover.imageformat for cover in covers] == [mutagen.mp4.MP4Cover.FORMAT_JPEG]
    said = subprocess.run(
        [ffmpeg.executable(), "-hide_banner", "-i", str(tmp_path / "master.m4a")], capture_output=True, text=True, check=False
    ).stderr
    assert "mjpeg" in said
    assert "1200x675" in said
    assert "attached pic" in said


def test_what_is_no_picture_is_refused_before_anything_is_made(song, tmp_path):
    # When
    with pytest.raises(MediaError) as error:
        convert.to_alac(song, tmp_path / "master.m4a", cover=song, time_limit=LIMIT)

    # I expect
    assert error.value.path == str(song)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("form", "suffix"), FORMS)
def test_a_source_that_ends_early_leaves_no_master_and_the_old_one_in_peace(studio, song, tmp_path, form, suffix):
    # Given
    cut = studio.press(song, "early.flac")
    cut.write_bytes(cut.read_bytes()[:200_000])
    target = tmp_path / f"master.{suffix}"
    target.write_text("the old one")

    # When
    with pytest.raises(MediaError):
        form(cut, target, time_limit=LIMIT)

    # I expect
    assert target.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_stops_the_service_and_not_the_track(song, tmp_path, monkeypatch):
    # Given a folder on which every write fails
    monkeypatch.setattr(ffmpeg, "output", lambda _: "file:/dev/full")

    # When
    with pytest.raises(ServiceStopped):
        convert.to_wav(song, tmp_path / "master.wav", time_limit=LIMIT)


def test_a_disk_that_fills_up_at_the_last_moment_is_noticed(tmp_path):
    # When
    with pytest.raises(ServiceStopped) as stopped, replacing(tmp_path / "a.m4a"):
        raise OSError(errno.ENOSPC, "No space left on device")

    # I expect
    assert stopped.value.service == "disk"


def test_a_name_of_full_length_and_any_letters_can_be_written(song, tmp_path):
    # Given a name near 255 bytes, the limit of most file systems
    target = tmp_path / ("-i 'é%d♫ " + "x" * 237 + ".m4a")
    assert len(target.name.encode()) == 253

    # When
    convert.to_alac(song, target, time_limit=LIMIT)

    # I expect
    assert list(tmp_path.iterdir()) == [target]


def test_a_master_is_the_same_recording_to_the_fingerprint(studio, song, tmp_path):
    # Given
    source, target = studio.press(song, "print.mp3"), tmp_path / "master.m4a"
    convert.to_alac(source, target, time_limit=LIMIT)

    # When
    one, two = analyse(source), analyse(target)

    # I expect
    assert fingerprint.likeness(one.fingerprint, one.duration, two.fingerprint, two.duration) is fingerprint.Likeness.SAME


def test_what_a_killed_conversion_left_is_swept_by_the_next_for_the_same_target(tmp_path):
    # Given what was abandoned long ago, what somebody may be at work on, and a stranger's
    target = tmp_path / "a.m4a"
    with replacing(target) as part:
        part.touch()
    kin = part.name.rsplit("-", 1)[0]
    old, fresh, foreign = (tmp_path / name for name in (f"{kin}-old.m4a", f"{kin}-new.m4a", ".crateline-else-old.m4a"))
    for left in (old, fresh, foreign):
        left.touch()
    for left in (old, foreign):
        os.utime(left, (time.time() - 86_400,) * 2)

    # When
    with replacing(target) as part:
        part.write_text("new")

    # I expect
    assert target.read_text() == "new"
    assert set(tmp_path.iterdir()) == {target, fresh, foreign}


def test_an_interrupted_change_leaves_no_trace(tmp_path):
    # Given
    def stop(part):
        part.write_text("half")
        raise KeyboardInterrupt

    # When
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "a.m4a") as part:
        stop(part)

    # I expect
    assert not list(tmp_path.iterdir())
