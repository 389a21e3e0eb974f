import pytest

from crateline.audio import ffmpeg, quality
from crateline.errors import MediaError
from crateline.sandbox.catalogue import World
from crateline.sandbox.music import Music

pytestmark = pytest.mark.real("ffmpeg")


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    """One recording in several forms."""
    folder = tmp_path_factory.mktemp("forms")
    recording = World.build(tracks=12, seconds=(8, 9)).recordings[0]
    found = {form: Music(folder).media(recording, form) for form in ("mp3", "m4a", "webm", "opus")}
    for name in ("fake.flac", "real.flac", "real.wav"):
        source = found["mp3"] if name.startswith("fake") else found["webm"]
        found[name] = folder / name
        ffmpeg.run([*ffmpeg.recording(source), str(found[name])], subject=source, time_limit=60)
    return found


@pytest.mark.parametrize(
    ("form", "codec", "kbps"),
    [
        ("mp3", "mp3", 128),
        ("m4a", "aac", 160),
        ("webm", "opus", 110),
        ("real.flac", "flac", None),
        ("real.wav", "pcm_s16le", 1536),
    ],
)
def test_a_file_is_known_by_its_codec_and_bit_rate(forms, form, codec, kbps):
    source = quality.probe(forms[form])
    assert source.codec == codec
    assert not kbps or source.kbps == pytest.approx(kbps, rel=0.15)


def test_what_was_lossy_once_is_found_out(forms):
    # Given
    source = {form: quality.probe(path) for form, path in forms.items()}
    # I expect
    assert quality.better(source["real.flac"], source["mp3"])
    assert quality.better(source["webm"], source["fake.flac"])
    assert not quality.better(source["fake.flac"], source["webm"])


def test_what_is_no_recording_is_refused(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"no sound" * 100)
    with pytest.raises(MediaError):
        quality.probe(tmp_path / "a.mp3")
