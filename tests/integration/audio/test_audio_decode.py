import struct
import subprocess

import numpy as np
import pytest

from crateline.audio import decode, ffmpeg
from crateline.errors import MediaError, ServiceStopped

RATE = 44_100


def sine(seconds=3.0, pitch=440.0, level=0.5):
    return (level * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def raw(studio, name, samples, *, channels=1):
    """A float WAV, which can hold what 16 bits cannot."""
    source = studio.folder / f"{name}.raw"
    source.write_bytes(np.asarray(samples, "<f4").tobytes())
    path = studio.folder / f"{name}.wav"
    form = ["-f", "f32le", "-ar", str(RATE), "-ac", str(channels)]
    command = [ffmpeg.executable(), "-loglevel", "error", "-y", *form, "-i", str(source), "-c:a", "pcm_f32le", str(path)]
    subprocess.run(command, check=True)
    return path


def test_mono_is_the_mean_of_both_channels_and_no_louder(studio):
    # Given
    left, right = sine(level=0.9), sine(level=0.7)

    # When
    sound = decode.decode(studio.wav("mean", left, right))

    # I expect
    assert np.abs(sound.samples - (left + right) / 2).max() < 1e-4
    assert sound.count == len(left)


def test_a_mono_file_sounds_exactly_like_its_stereo_twin(studio):
    # Given
    one = studio.wav("one", sine())
    two = studio.wav("two", sine(), sine())

    # When
    mono, stereo = decode.decode(one), decode.decode(two)

    # I expect
    assert mono.digest == stereo.digest
    assert mono.loudness == stereo.loudness


def test_surround_is_mixed_down_with_its_centre(studio):
    # Given
    silence = np.zeros_like(sine())
    path = studio.wav("six", silence, silence, sine(), silence, silence, silence)

    # When
    sound = decode.decode(path)

    # I expect
    assert np.abs(sound.samples).max() > 0.1


def test_the_hash_names_the_sound_and_not_the_file(studio, song):
    # Given
    retagged = studio.press(song, "retagged.flac", "-metadata", "title=Another")

    # When
    first, second = decode.decode(song), decode.decode(retagged)

    # I expect
    assert first.digest == second.digest
    assert first.digest != decode.decode(studio.wav("else", sine())).digest


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_refused_before_essentia_sees_it(studio, poison):
    # Given
    samples = sine(seconds=5)
    samples[100_000] = poison
    path = raw(studio, "poison", samples)

    # When
    with pytest.raises(MediaError, match="not numbers"):
        decode.decode(path)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cut.mp3", ["-b:a", "128k"]),
        ("cut.flac", []),
        ("cut.aiff", []),
        ("cut.m4a", ["-c:a", "aac", "-movflags", "+faststart"]),
        ("cut.webm", ["-c:a", "libopus", "-b:a", "64k"]),
        ("cut.wav", []),
    ],
)
def test_a_truncated_file_is_found_out_though_ffmpeg_is_content(studio, song, name, arguments):
    # Given
    path = studio.press(song, name, *arguments)
    decode.decode(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])

    # When
    with pytest.raises(MediaError, match=r"ends early|damaged"):
        decode.decode(path)


def test_an_mp3_without_a_length_in_its_header_is_given_the_benefit_of_the_doubt(studio, song):
    # Given a variable bit rate, which misleads every estimate
    path = studio.press(song, "bare.mp3", "-q:a", "9", "-write_xing", "0", "-id3v2_version", "0")

    # When
    sound = decode.decode(path)

    # I expect
    assert decode.declared_duration(path) is None
    assert sound.duration == pytest.approx(12, abs=0.1)


def test_what_is_not_sound_is_refused_in_a_sentence(studio, tmp_path):
    # Given
    page = tmp_path / "page.mp3"
    page.write_text("<html>404</html>" * 1000)
    empty = tmp_path / "empty.m4a"
    empty.touch()

    # When
    for path in (page, empty, tmp_path / "missing.wav", tmp_path):
        with pytest.raises(MediaError) as error:
            decode.decode(path)

        # I expect
        assert str(path) in str(error.value)


@pytest.mark.parametrize("channels", [64, 300])
def test_more_channels_than_anybody_hears_are_refused_in_a_sentence(studio, channels):
    # When
    with pytest.raises(MediaError, match="more channels than can be mixed"):
        decode.decode(studio.wav(f"crowd-{channels}", *[sine(seconds=0.5)] * channels))


@pytest.mark.parametrize("content", [b"", bytes(50_000), b"hello\n" * 5000, b"ID3\x04\0\0\0\0\0\0" + bytes(5000)])
@pytest.mark.parametrize("suffix", ["mp3", "wav", "flac", "m4a"])
def test_no_bytes_whatever_make_more_than_an_error(tmp_path, content, suffix):
    # Given
    path = tmp_path / f"junk.{suffix}"
    path.write_bytes(content)

    # When
    with pytest.raises(MediaError) as error:
        decode.decode(path)

    # I expect
    assert str(path) in str(error.value)


def test_a_film_without_sound_is_refused(studio):
    # Given
    path = studio.folder / "silent-film.mp4"
    source = ["-f", "lavfi", "-i", "color=size=32x32:duration=1"]
    subprocess.run([ffmpeg.executable(), "-loglevel", "error", "-y", *source, str(path)], check=True)

    # When
    with pytest.raises(MediaError, match="no sound in this file"):
        decode.decode(path)


def test_a_playlist_in_disguise_cannot_reach_another_file(studio, song, tmp_path):
    # Given
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXTINF:12,\nfile://{song}\n#EXT-X-ENDLIST\n"
    concat = f"ffconcat version 1.0\nfile 'file:{song}'\n"

    # When
    for content in (hls, concat):
        path = tmp_path / "disguised.mp3"
        path.write_text(content)

        # I expect
        with pytest.raises(MediaError):
            decode.decode(path)


@pytest.mark.parametrize(
    "name", ["-i", "pipe:0", "http:evil.wav", "a%03d.wav", "with\nbreak.wav", "día ♫ 'quoted'.wav", "x" * 250]
)
def test_no_file_name_is_an_option_or_a_protocol(song, tmp_path, monkeypatch, name):
    # Given a name relative to the folder, the most dangerous way to say it
    monkeypatch.chdir(tmp_path)
    path = tmp_path.__class__(name)
    path.write_bytes(song.read_bytes())

    # When
    sound = decode.decode(path)

    # I expect
    assert sound.duration == pytest.approx(12, abs=0.01)


def test_a_long_mix_is_measured_whole_and_kept_in_part(studio, song, monkeypatch):
    # Given
    monkeypatch.setattr(decode, "HEARD_SECONDS", 5)

    # When
    sound = decode.decode(song)

    # I expect
    assert sound.duration == pytest.approx(12, abs=0.01)
    assert len(sound.samples) == 5 * RATE


def test_ffmpeg_is_killed_when_it_takes_too_long(song):
    # When: half real speed
    with pytest.raises(MediaError, match=r"longer than 0\.3 s"):
        ffmpeg.run(["-re", "-i", str(song), "-f", "null", "-"], subject=song, time_limit=0.3)


def test_a_reader_that_gives_up_takes_ffmpeg_with_it(song):
    # Given
    def give_up(chunk):
        raise ZeroDivisionError

    # When
    with pytest.raises(ZeroDivisionError):
        ffmpeg.run(["-re", "-i", str(song), "-f", "s16le", "pipe:1"], subject=song, time_limit=60, sink=give_up)


def test_a_full_disk_is_nobodys_track(song):
    # When
    with pytest.raises(ServiceStopped) as stopped:
        ffmpeg.run(["-i", str(song), "-f", "wav", "-y", "/dev/full"], subject=song, time_limit=60)

    # I expect
    assert stopped.value.service == "disk"


@pytest.mark.parametrize("size", [1e38, 40_000.0, -40_000.0])
def test_sound_far_beyond_full_scale_is_refused_before_essentia_sees_it(studio, size):
    # Given: squares of the first overflow, and essentia would never return
    samples = sine()
    samples[RATE] = size

    # When / I expect
    with pytest.raises(MediaError, match="beyond full scale"):
        decode.decode(raw(studio, "absurd", samples))


def test_sound_that_is_merely_too_loud_is_heard(studio):
    # When
    sound = decode.decode(raw(studio, "hot", sine(level=8.0)))

    # I expect
    assert sound.loudness.true_peak == pytest.approx(18, abs=0.2)


@pytest.mark.parametrize("said", [0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000 - 36])
def test_a_wav_that_was_written_into_a_pipe_is_as_long_as_it_is(studio, said):
    # Given: its length was not known when its header was written
    path = studio.wav("pipe", sine())
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = said.to_bytes(4, "little")
    path.write_bytes(content)

    # When / I expect
    assert decode.decode(path).duration == pytest.approx(3, abs=0.01)


def test_24_bits_in_words_of_32_are_whole_numbers(studio):
    # Given a WAV as some recorders and editors write it
    words = (sine().astype(np.float64) * (2**23 - 1)).astype("<i4") << 8
    subformat = bytes.fromhex("0100000000001000800000aa00389b71")
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, RATE, 4 * RATE, 4, 32, 22, 24, 4) + subformat
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", words.nbytes) + words.tobytes()
    path = studio.folder / "recorder.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)

    # When
    sound = decode.decode(path)

    # I expect
    assert np.abs(sound.samples - sine()).max() < 1e-4


def test_the_loudness_of_surround_is_that_of_the_stereo_that_is_filed(studio):
    # Given
    path = studio.wav("cinema", *(sine(pitch=pitch, level=0.15) for pitch in (220, 330, 440, 60, 550, 660)))
    filed = studio.press(path, "filed.wav", "-af", "aformat=channel_layouts=stereo")

    # When
    six, two = decode.decode(path).loudness, decode.decode(filed).loudness

    # I expect
    assert six.lufs == pytest.approx(two.lufs, abs=0.1)
    assert six.true_peak == pytest.approx(two.true_peak, abs=0.1)
