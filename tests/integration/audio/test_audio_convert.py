import errno
import os
import subprocess
import time

import mutagen
import mutagen.aiff
import mutagen.mp4
import mutagen.wave
import pytest

from crateline.audio import convert, decode, ffmpeg, fingerprint
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


def test_a_wav_is_never_the_extensible_kind_that_cdjs_refuse(studio, song, tmp_path):
    # Given
    source, target = studio.press(song, "fine.flac", "-sample_fmt", "s32"), tmp_path / "master.wav"

    # When
    convert.to_wav(source, target, time_limit=LIMIT)

    # I expect
    assert mutagen.wave.WAVE(target).info.bits_per_sample == 16
    assert target.read_bytes()[20:22] == b"\x01\x00"  # WAVE_FORMAT_PCM


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
    assert fingerprint.same_recording(one.fingerprint, one.duration, two.fingerprint, two.duration)


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
