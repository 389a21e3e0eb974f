import shutil
import subprocess
from pathlib import Path

import mutagen
import mutagen.id3
import pytest

from crateline.audio import convert, decode, ffmpeg, tags
from crateline.audio.tags import Tags
from crateline.errors import MediaError

FORMS = ["m4a", "aiff", "wav", "flac", "mp3"]
FULL = Tags(
    title="Nachtfahrt (Extended Mix)",
    artist="Ünder/Gröund, AC/DC & 宇多田",
    album="Warehouse",
    bpm=124.04,
    key="Ebm",
    camelot="2A",
    comment="from the set",
    isrc="DEAB12345678",
    source_url="https://soundcloud.com/a/b?x=1&y=2",
    lufs=-8.3,
    true_peak=0.4,
    genre="Techno",
)
HOSTILE = [
    "",
    "nul\0in the middle",
    "two\nlines\r\nand\ttabs",
    "\u202egnp.exe\u202c",
    "half \ud800 a surrogate",
    "\x1b[31mred\x07",
    "x" * 10_000,
    "🎛️ עברית العربية",
    "/../../etc/passwd",
    ";FFMETADATA1=\\#",
]


@pytest.fixture(scope="module")
def untagged(studio, song, tmp_path_factory):
    """One file of each kind without any tags."""
    folder = tmp_path_factory.mktemp("untagged")
    for maker, suffix in ((convert.to_alac, "m4a"), (convert.to_aiff, "aiff"), (convert.to_wav, "wav")):
        maker(song, folder / f"file.{suffix}", time_limit=60)
    for suffix in ("flac", "mp3"):
        studio.press(song, f"plain.{suffix}", "-map_metadata", "-1").rename(folder / f"file.{suffix}")
    return folder


@pytest.fixture(params=FORMS)
def file(request, untagged, tmp_path):
    """A file of each kind."""
    return Path(shutil.copy(untagged / f"file.{request.param}", tmp_path))


def by_ffmpeg(path):
    """What another program reads."""
    command = [ffmpeg.executable(), "-loglevel", "error", "-i", str(path), "-f", "ffmetadata", "pipe:1"]
    said = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    pairs = (line.split("=", 1) for line in said.replace("\\\n", "\n").splitlines() if "=" in line)
    return {name.lower(): value.replace("\\", "") for name, value in pairs}


def test_what_is_written_is_read_back(file):
    # When
    tags.write(file, FULL, None)

    # I expect
    assert tags.read(file) == FULL


def test_another_program_reads_the_same(file):
    # When
    tags.write(file, FULL, None)
    said = by_ffmpeg(file)

    # I expect
    assert said["title"] == FULL.title
    assert said["artist"] == FULL.artist
    assert said["album"] == "Warehouse"
    assert said["genre"] == "Techno"
    assert said["comment"] == "2A - from the set"
    assert {said.get("initialkey"), said.get("tkey")} >= {"Ebm"}
    assert "124.04" in said["bpm"]
    assert {said.get("isrc"), said.get("tsrc")} >= {"DEAB12345678"}
    assert said["replaygain_track_gain"] == "-9.70 dB"
    assert said["replaygain_track_peak"] == "1.047129"


def test_the_sound_is_untouched_by_tagging(file):
    # Given
    before = decode.decode(file).digest

    # When
    tags.write(file, FULL, b"\xff\xd8\xff\xe0 a picture")

    # I expect
    assert decode.decode(file).digest == before


def test_writing_twice_changes_nothing_and_less_takes_away(file):
    # Given
    tags.write(file, FULL, None)
    once = file.read_bytes()

    # When
    tags.write(file, FULL, None)
    assert tags.read(file) == FULL
    assert len(file.read_bytes()) == len(once)
    tags.write(file, Tags(title="T", artist="A"), None)

    # I expect
    assert tags.read(file) == Tags(title="T", artist="A")


def test_the_tempo_of_an_m4a_is_a_whole_number_beside_the_exact_one(untagged, tmp_path):
    # Given
    path = Path(shutil.copy(untagged / "file.m4a", tmp_path))

    # When
    tags.write(path, FULL, None)

    # I expect
    atoms = mutagen.File(path).tags
    assert atoms["tmpo"] == [124]
    assert atoms["----:com.apple.iTunes:BPM"] == [b"124.04"]
    assert atoms["----:com.apple.iTunes:initialkey"] == [b"Ebm"]


@pytest.mark.parametrize("suffix", ["aiff", "wav"])
def test_aiff_and_wav_carry_the_older_id3_that_players_know(untagged, tmp_path, suffix):
    # Given
    path = Path(shutil.copy(untagged / f"file.{suffix}", tmp_path))

    # When
    tags.write(path, FULL, None)

    # I expect
    frames = mutagen.File(path).tags
    assert frames.version == (2, 3, 0)
    assert frames["TBPM"].text == ["124"]
    assert frames["TKEY"].text == ["Ebm"]
    assert frames["COMM::eng"].text == ["2A - from the set"]


def test_a_flac_never_gets_a_plain_key(untagged, tmp_path):
    # Given
    path = Path(shutil.copy(untagged / "file.flac", tmp_path))

    # When
    tags.write(path, FULL, None)

    # I expect
    comments = mutagen.File(path).tags
    assert comments["INITIALKEY"] == ["Ebm"]
    assert "KEY" not in comments


def test_the_key_can_be_spelt_for_the_wheel(file):
    # Given
    wheel = Tags(title="T", artist="A", key="Ebm", camelot="2A", key_notation="camelot")

    # When
    tags.write(file, wheel, None)

    # I expect
    assert tags.read(file) == wheel
    assert "2A" in by_ffmpeg(file).values()


def test_a_comment_that_is_the_wheel_code_is_not_said_twice(file):
    # When
    tags.write(file, Tags(title="T", artist="A", camelot="2A", comment="2A", key="Ebm"), None)

    # I expect
    assert by_ffmpeg(file)["comment"] == "2A"


def test_a_cover_is_kept_until_another_comes(file):
    # Given
    first, second = b"\xff\xd8\xff first", b"\xff\xd8\xff second"

    # When
    tags.write(file, FULL, first)
    tags.write(file, FULL, None)
    kept = first in file.read_bytes()
    tags.write(file, FULL, second)

    # I expect
    assert kept
    assert second in file.read_bytes()
    assert tags.read(file) == FULL


def test_what_other_programs_have_written_is_left_alone(file):
    # Given
    opened = mutagen.File(file)
    if opened.tags is None:
        opened.add_tags()
    if isinstance(opened.tags, mutagen.id3.ID3):
        opened.tags.add(mutagen.id3.GEOB(desc="Serato Markers2", data=b"cue points"))
    elif file.suffix == ".m4a":
        opened.tags["----:com.serato.dj:markersv2"] = [b"cue points"]
    else:
        opened.tags["SERATO_MARKERS_V2"] = ["cue points"]
    opened.save()

    # When
    tags.write(file, FULL, None)

    # I expect
    assert any("erato" in name.lower() for name in mutagen.File(file).tags.keys())  # noqa: SIM118 - ID3 is no plain dict
    assert tags.read(file) == FULL


def test_hard_links_keep_the_old_tags_until_they_are_made_anew(file, tmp_path):
    # Given
    linked = tmp_path / f"linked{file.suffix}"
    linked.hardlink_to(file)

    # When
    tags.write(file, FULL, None)

    # I expect
    assert not linked.samefile(file)
    assert tags.read(linked).title == ""
    assert len(list(tmp_path.iterdir())) == 2


def test_hostile_words_become_plain_ones(file):
    for text in HOSTILE:
        # When
        hostile = Tags(title=f"a{text}", artist=f"b{text}", comment=f"c{text}", genre=text, isrc=text, source_url=text)
        tags.write(file, hostile, None)

        # I expect
        found = tags.read(file)
        assert found.title == tags.clean(f"a{text}")
        assert found.artist == tags.clean(f"b{text}")
        assert found.isrc == ""


def test_another_program_reads_the_hostile_words_too(file):
    # When
    tags.write(file, Tags(title="".join(HOSTILE), artist="[a]=b;c#d\\"), None)

    # I expect
    assert by_ffmpeg(file)["title"].startswith("nulin the middletwo")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  a \n\t b  ", "a b"),
        ("a\0b", "ab"),
        ("\u202egpj.exe", "gpj.exe"),
        ("e\u0301", "é"),
        ("\ud83d alone", "alone"),
        ("👩‍🎤 עברית", "👩‍🎤 עברית"),
        ("x" * 300, "x" * 250),
    ],
)
def test_cleaning_keeps_letters_and_drops_tricks(text, clean):
    assert tags.clean(text) == clean


@pytest.mark.parametrize("bpm", [float("nan"), float("inf"), 0.0, -3.0, 1e9])
def test_an_impossible_number_is_not_written(untagged, tmp_path, bpm):
    # Given
    path = Path(shutil.copy(untagged / "file.m4a", tmp_path))

    # When
    tags.write(path, Tags(title="T", artist="A", bpm=bpm, lufs=bpm if bpm != bpm else None, key="H"), None)  # noqa: PLR0124

    # I expect
    assert tags.read(path) == Tags(title="T", artist="A")


def test_a_file_of_another_kind_is_refused_in_a_sentence(studio, song, tmp_path):
    # Given
    opus = studio.press(song, "file.opus", "-c:a", "libopus")
    broken = tmp_path / "broken.m4a"
    broken.write_bytes(b"\0\0\0\x18ftypM4A broken")
    text = tmp_path / "text.txt"
    text.write_text("words")

    # When
    for path in (opus, broken, text):
        before = path.read_bytes()
        for attempt in (lambda path=path: tags.write(path, FULL, None), lambda path=path: tags.read(path)):
            with pytest.raises(MediaError) as error:
                attempt()

            # I expect
            assert error.value.path == str(path)
        assert path.read_bytes() == before
