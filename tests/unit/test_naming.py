"""Hostile titles become names that every file system accepts."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import naming

FORBIDDEN = set('/\\:*?"<>|')
TEXT = st.text(max_size=300) | st.text(alphabet='./\\:*?"<>| -CONAUX\u202e\u200d👩é\n', max_size=60)
KEYS = st.text(max_size=240) | st.from_regex(r"\A[a-zA-Z]{1,8}(:[A-Za-z0-9._-]{1,24}){1,3}\Z")


def decoded(name):
    """The key that a store name was made of: what can be undone cannot map two keys to one name."""
    plain = re.sub(r"\+([a-z])", lambda found: found[1].upper(), name.replace(".", ":"))
    octets = re.sub(rb"=([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), plain.encode())
    return octets.decode(errors="surrogatepass")


def expect_portable(name, limit):
    assert name
    assert len(name.encode()) <= limit
    assert not FORBIDDEN & set(name)
    assert name == name.strip(" .")
    assert name == unicodedata.normalize("NFC", name)
    assert not any(unicodedata.category(letter) == "Cc" for letter in name)
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name)


@pytest.mark.parametrize(
    ("artist", "title", "stem"),
    [
        ("Slushii", "Twinbow", "Slushii - Twinbow"),
        ("AC/DC", "T.N.T.", "AC-DC - T.N.T"),
        ("", "Untitled #3", "Untitled #3"),
        ("Burial", "", "Burial"),
        ("Oasis", "oasis - Live Forever", "oasis - Live Forever"),
        ("..", "../../etc/passwd", "-..-etc-passwd"),
        ("Björk", "Jo\u0301ga", "Björk - Jóga"),
        ("evil\u202egpj", "song\x00\n\u200b.exe", "evilgpj - song .exe"),
        ("Who", "What?", "Who - What"),
        ("", "CON", "_CON"),
        ("", "aux.txt", "_aux.txt"),
        ("", "???", "untitled"),
        ("Fred again..", "Marea (We\u2019ve Lost Dancing)", "Fred again - Marea (We\u2019ve Lost Dancing)"),
        ("👩‍👩‍👧", "🏳️‍🌈 day", "👩‍👩‍👧 - 🏳️‍🌈 day"),
        ("נועה קירל", "מיליון דולר", "נועה קירל - מיליון דולר"),
    ],
)
def test_a_stem_reads_as_the_record_does(artist, title, stem):
    assert naming.file_stem(artist, title) == stem


@pytest.mark.parametrize(
    ("name", "folder"),
    [("all:Lo Collective", "all-Lo Collective"), ("Peak / Time", "Peak - Time"), ("~ warm up ~", "~ warm up ~"), ("nul", "_nul")],
)
def test_a_playlist_is_one_folder(name, folder):
    assert naming.folder_name(name) == folder


def test_a_name_without_a_usable_character_is_made_of_the_key():
    assert naming.file_stem("?", "***", key="soundcloud:tracks:7") == "soundcloud.tracks.7"
    assert naming.folder_name("...", key="youtube:playlist:PLx") == "youtube.playlist.+p+lx"


def test_a_long_list_of_artists_leaves_room_for_the_title():
    # Given
    artists = ", ".join(f"Artist Number {n}" for n in range(40))
    # When
    stem = naming.file_stem(artists, "The Title Everybody Looks For")
    # I expect
    assert stem.endswith(" - The Title Everybody Looks For")
    assert len(stem.encode()) <= 180


def test_a_cut_never_splits_what_a_reader_sees_as_one_character():
    # Given families of 18 bytes each, and flags of 8
    assert naming.folder_name("👩‍👩‍👧" * 20, limit_bytes=40) == "👩‍👩‍👧" * 2
    assert naming.folder_name("🇩🇪🇫🇷🇮🇹", limit_bytes=20) == "🇩🇪🇫🇷"
    assert naming.folder_name("q\u0323\u0307" * 3, limit_bytes=9) == "q\u0323\u0307"


@given(TEXT, TEXT, st.integers(40, 200))
def test_no_title_leaves_its_folder(artist, title, limit):
    expect_portable(naming.file_stem(artist, title, limit_bytes=limit), limit)
    expect_portable(naming.folder_name(title, limit_bytes=limit), limit)


@given(TEXT)
def test_a_name_is_its_own_name(text):
    once = naming.folder_name(text)
    assert naming.folder_name(once) == once


@given(TEXT, KEYS, KEYS)
def test_two_tracks_of_one_name_get_two_names(title, key, other):
    # Given
    stem = naming.file_stem("", title, key="x:y:z")
    # When
    first = naming.unique(stem, key)
    second = naming.unique(stem, other)
    # I expect
    expect_portable(first, 180)
    assert (first == second) == (key == other)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("soundcloud:tracks:1150488265", "soundcloud.tracks.1150488265"),
        ("youtube:video:_IS-Tvbvjn0", "youtube.video._+i+s-+tvbvjn0"),
        ("con:x", "=63on.x"),
        ("a::b:", "a.=3ab=3a"),
        ("../x", "=2e=2e=2fx"),
        ("links:é", "links.=c3=a9"),
    ],
)
def test_a_store_name_can_be_read_and_undone(key, name):
    assert naming.store_name(key) == name
    assert decoded(name) == key


@given(KEYS)
def test_different_keys_never_share_a_store_name(key):
    # When
    name = naming.store_name(key)
    # I expect
    expect_portable(name, 200)
    assert name == name.lower()
    assert name.startswith("=hash-") or decoded(name) == key


def test_a_very_long_key_becomes_a_hash():
    assert naming.store_name("x" * 199) == "x" * 199
    assert naming.store_name("x" * 200) != naming.store_name("x" * 201)
    assert naming.store_name("x" * 200).startswith("=hash-")


def test_names_that_differ_in_case_alone_collide():
    assert naming.collision_key("STRASSE Jo\u0301ga") == naming.collision_key("straße jóga")


ENDINGS = (".m4a", ".aiff", ".wav")
DECOMPOSING = st.text(alphabet="\u0390\u03b0\u1f82\u1ffc한국\u01d5ệ\u0958", min_size=100, max_size=200)


@given(TEXT | DECOMPOSING, KEYS)
def test_a_files_whole_name_fits_everywhere_whatever_its_ending(title, key):
    # Given the longest forms: with the mark of its track, and with the part that is written first
    for ending in ENDINGS:
        for name in (naming.file_stem("", title, key="x:y:z"), naming.unique(naming.file_stem(title, title, key="x:y:z"), key)):
            whole = name + ending
            # I expect room in ext4 and APFS (bytes), in FAT, exFAT and NTFS (UTF-16), and in HFS+ (UTF-16, taken apart)
            assert len(whole.encode()) <= 255
            assert len(whole.encode("utf-16-le")) // 2 <= 255
            assert len(unicodedata.normalize("NFD", whole).encode("utf-16-le")) // 2 <= 255
            # I expect nothing that Windows would cut off or take for a device, and what a Mac decomposes to come back
            assert not name.endswith((" ", "."))
            assert whole.split(".")[0].upper() not in DEVICES
            assert unicodedata.normalize("NFC", unicodedata.normalize("NFD", whole)) == whole


DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}


@pytest.mark.parametrize("device", sorted(DEVICES))
@pytest.mark.parametrize("form", ["{}", "{}.", "{} ", "{}.txt", "{} .txt", " {}"])
def test_no_file_is_called_like_a_device_of_windows(device, form):
    for spelt in (device, device.lower()):
        stem = naming.file_stem("", form.format(spelt))
        assert stem.split(".")[0].strip().upper() not in DEVICES


@pytest.mark.parametrize("title", ["Ends...", "Ends. . .", "Ends \u00a0", "Ends .", "...Ends"])
def test_dots_and_spaces_at_the_ends_go(title):
    assert naming.file_stem("", title) == "Ends"
    assert naming.folder_name(title) == "Ends"


def test_one_title_in_two_compositions_is_one_name():
    assert naming.file_stem("Bjo\u0308rk", "Jo\u0301ga") == naming.file_stem("Björk", "Jóga")
