"""What other programs find in our files: MediaInfo and ffmpeg read what was written with a third one."""

import dataclasses
import subprocess

import mutagen.mp4
import pymediainfo
import pytest

from crateline.audio import convert, cover, editions, ffmpeg, loudness, render, tags
from crateline.errors import MediaError

LIMIT = 60
FORMS = ["m4a", "aiff", "wav"]
WORDS = tags.Tags(
    title="Nachtfahrt (Extended Mix)",
    artist="Ünder/Gröund & 宇多田",
    album="Warehouse",
    bpm=124.04,
    key="Ebm",
    camelot="2A",
    comment="2A",
    isrc="DEAB12345678",
    source_url="https://soundcloud.com/a/b?x=1&y=2",
    lufs=-8.3,
    true_peak=0.4,
    genre="Techno",
)


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("picture") / "cover.jpg"
    source = ["-f", "lavfi", "-i", "testsrc=size=500x500:duration=1", "-frames:v", "1"]
    subprocess.run([ffmpeg.executable(), "-nostdin", "-loglevel", "error", *source, str(path)], check=True)
    return path.read_bytes()


@pytest.fixture(scope="module")
def files(studio, song, picture, tmp_path_factory):
    """A tagged master and its other editions, by their form."""
    folder = tmp_path_factory.mktemp("editions")
    made = {form: folder / f"file.{form}" for form in FORMS}
    convert.to_alac(song, made["m4a"], time_limit=LIMIT)
    tags.write(made["m4a"], WORDS, picture)
    for form in ("aiff", "wav"):
        editions.make(form, made["m4a"], made[form], time_limit=LIMIT)
    return made


def measured(path):
    """Loudness, by ffmpeg's own filter."""
    command = [ffmpeg.executable(), "-nostdin", "-hide_banner", "-i", str(path), "-map", "0:a:0"]
    ran = subprocess.run(
        [*command, "-af", loudness.FILTER, "-f", "null", "-"], capture_output=True, encoding="utf-8", errors="replace", check=True
    )
    return loudness.parse(ran.stderr)


def seen_by_mediainfo(path):
    return pymediainfo.MediaInfo.parse(path).general_tracks[0].to_data()


def seen_by_ffmpeg(path):
    """The dump of `ffmpeg -i`, which ends with an error because no output is named."""
    command = [ffmpeg.executable(), "-nostdin", "-hide_banner", "-i", str(path)]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False).stderr
    pairs = (line.split(":", 1) for line in said.splitlines() if ":" in line)
    return {name.strip().lower(): value.strip() for name, value in pairs}, said


@pytest.mark.parametrize("form", FORMS)
def test_mediainfo_reads_every_word(files, form):
    # When
    seen = seen_by_mediainfo(files[form])

    # I expect
    assert (seen["title"], seen["performer"], seen["album"]) == (WORDS.title, WORDS.artist, WORDS.album)
    assert (seen["genre"], seen["comment"]) == ("Techno", "2A")
    assert {seen.get("initial_key"), seen.get("initialkey")} >= {"Ebm"}
    assert seen["bpm"] == "124 / 124.04"
    assert seen["isrc"] == "DEAB12345678"
    assert (seen["replaygain_track_gain"], seen["replaygain_track_peak"]) == ("-9.70 dB", "1.047129")
    assert seen["cover"] == "Yes"
    assert WORDS.source_url in seen.values()


@pytest.mark.parametrize("form", FORMS)
def test_ffmpeg_reads_the_same(files, form):
    # When
    seen, dump = seen_by_ffmpeg(files[form])

    # I expect
    assert (seen["title"], seen["artist"], seen["album"]) == (WORDS.title, WORDS.artist, WORDS.album)
    assert {seen.get("initialkey"), seen.get("tkey")} >= {"Ebm"}
    assert seen["replaygain_track_gain"] == "-9.70 dB"
    assert "attached pic" in dump


def test_players_find_pcm_behind_plain_headers(files):
    for form, kind, order in (("aiff", "AIFF", "Big"), ("wav", "Wave", "Little")):
        # When
        parsed = pymediainfo.MediaInfo.parse(files[form])

        # I expect
        assert parsed.general_tracks[0].format == kind
        assert "Extensible" not in (parsed.general_tracks[0].format_settings or "")
        sound = parsed.audio_tracks[0]
        assert (sound.format, sound.bit_depth, sound.sampling_rate, sound.channel_s) == ("PCM", 16, 44_100, 2)
        assert sound.format_settings__endianness == order


def test_all_editions_have_the_masters_words_and_its_cover_to_the_byte(files, picture):
    assert {tags.read(path) for path in files.values()} == {
        dataclasses.replace(WORDS, comment="")
    }  # the wheel code, not said twice
    assert {cover.embedded(path) for path in files.values()} == {picture}


def test_an_edition_that_fails_leaves_the_one_before(files, tmp_path):
    # Given
    target, broken = tmp_path / "old.aiff", tmp_path / "broken.m4a"
    target.write_text("the old one")
    broken.write_bytes(files["m4a"].read_bytes()[:100_000])

    # When
    with pytest.raises(MediaError):
        editions.make("aiff", broken, target, time_limit=LIMIT)

    # I expect
    assert target.read_text() == "the old one"
    assert {path.name for path in tmp_path.iterdir()} == {"old.aiff", "broken.m4a"}


# Loudness


@pytest.fixture(scope="module")
def master(studio, song, picture, tmp_path_factory):
    """A master whose tags say how loud it is."""
    path = tmp_path_factory.mktemp("master") / "master.m4a"
    convert.to_alac(song, path, time_limit=LIMIT)
    heard = measured(path)
    tags.write(path, dataclasses.replace(WORDS, lufs=heard.lufs, true_peak=heard.true_peak), picture)
    return path


@pytest.mark.parametrize("target", [-23.0, -18.0])
def test_a_rendered_copy_is_as_loud_as_it_was_asked_to_be(master, tmp_path, target):
    # Given
    before, untouched = measured(master), master.read_bytes()

    # When
    render.render(master, tmp_path / "copy.m4a", target=target, time_limit=LIMIT)

    # I expect the gain to be one and the same everywhere
    after = measured(tmp_path / "copy.m4a")
    assert after.lufs == pytest.approx(target, abs=0.15)
    assert after.true_peak - before.true_peak == pytest.approx(target - before.lufs, abs=0.15)
    assert after.lra == pytest.approx(before.lra, abs=0.1)
    assert master.read_bytes() == untouched


def test_no_peak_is_cut_for_the_sake_of_loudness(master, tmp_path):
    # When
    render.render(master, tmp_path / "copy.m4a", target=-6.0, time_limit=LIMIT)

    # I expect it to be as loud as it can be without a limiter
    before, after = measured(master), measured(tmp_path / "copy.m4a")
    assert after.true_peak == pytest.approx(loudness.CEILING, abs=0.15)
    assert after.lufs - before.lufs == pytest.approx(loudness.CEILING - before.true_peak, abs=0.15)
    assert after.lufs < -6


def test_a_rendered_copy_says_so_and_keeps_the_rest(master, picture, tmp_path):
    # Given what a DJ program has written into the master
    marked = tmp_path / "master.m4a"
    marked.write_bytes(master.read_bytes())
    file = mutagen.mp4.MP4(marked)
    file["----:com.serato.dj:markersv2"] = [mutagen.mp4.MP4FreeForm(b"cue points")]
    file.save()

    # When
    copy = tmp_path / "copy.m4a"
    render.render(marked, copy, target=-23.0, time_limit=LIMIT)

    # I expect
    said, before = tags.read(copy), tags.read(marked)
    assert (said.lufs, said.rendered) == (-23.0, f"{-23.0 - before.lufs:+.2f} dB, for -23 LUFS")
    assert dataclasses.replace(said, lufs=before.lufs, true_peak=before.true_peak, rendered="") == before
    assert cover.embedded(copy) == picture
    assert "----:com.serato.dj:markersv2" in mutagen.mp4.MP4(copy)
    assert said.rendered in seen_by_mediainfo(copy).values()


def test_what_was_rendered_is_never_rendered_again(master, tmp_path):
    # Given
    once, twice = tmp_path / "once.m4a", tmp_path / "twice.m4a"
    render.render(master, once, target=-23.0, time_limit=LIMIT)

    # When
    render.render(once, twice, target=-14.0, time_limit=LIMIT)

    # I expect
    assert twice.read_bytes() == once.read_bytes()


def test_a_24_bit_master_is_rendered_with_24_bits(studio, song, tmp_path):
    # Given
    fine, copy = tmp_path / "fine.m4a", tmp_path / "copy.m4a"
    convert.to_alac(studio.press(song, "rendered.flac", "-sample_fmt", "s32"), fine, time_limit=LIMIT)
    tags.write(fine, tags.Tags(title="T", artist="A", lufs=-10.0, true_peak=-3.0), None)

    # When
    render.render(fine, copy, target=-14.0, time_limit=LIMIT)

    # I expect
    assert convert.bits(copy) == 24


@pytest.mark.parametrize(
    ("lufs", "peak", "rendered", "gain"),
    [
        (-9.5, -0.3, "", -4.5),  # to the target: -14 - -9.5
        (-20.0, -3.0, "", 2.0),  # as far as the peak allows: -1 - -3, and not 6
        (-14.0, -2.0, "", 0.0),  # there already
        (-14.04, -2.0, "", 0.0),  # less than is measured
        (-20.0, 0.5, "", -1.5),  # down, although it is quiet: its peak is too high
        (None, None, "", 0.0),  # silence
        (-9.5, -0.3, "-4.50 dB, for -14 LUFS", 0.0),
    ],
)
def test_the_gain_is_what_the_target_asks_for_or_what_the_peak_allows(lufs, peak, rendered, gain):
    said = tags.Tags(title="T", artist="A", lufs=lufs, true_peak=peak, rendered=rendered)
    assert render.gain_of(said, -14.0) == pytest.approx(gain)
