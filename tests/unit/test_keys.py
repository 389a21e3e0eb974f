import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import keys
from crateline.domain.keys import Key

ANY_KEY = st.sampled_from(Key)
CAMELOT = {
    "C": "8B",
    "Am": "8A",
    "Db": "3B",
    "Bbm": "3A",
    "D": "10B",
    "Bm": "10A",
    "Eb": "5B",
    "Cm": "5A",
    "E": "12B",
    "C#m": "12A",
    "F": "7B",
    "Dm": "7A",
    "F#": "2B",
    "Ebm": "2A",
    "G": "9B",
    "Em": "9A",
    "Ab": "4B",
    "Fm": "4A",
    "A": "11B",
    "F#m": "11A",
    "Bb": "6B",
    "Gm": "6A",
    "B": "1B",
    "Abm": "1A",
}


def test_the_names_and_their_order_are_those_of_djay():
    assert list(Key) == list(CAMELOT)
    assert [keys.at(index) for index in range(24)] == list(CAMELOT)
    assert [key.djay_index for key in Key] == list(range(24))


def test_the_camelot_codes_are_those_of_djay():
    assert {key: key.camelot for key in Key} == CAMELOT


@pytest.mark.parametrize(
    ("name", "code"), [("C", "1d"), ("Am", "1m"), ("G", "2d"), ("Em", "2m"), ("F", "12d"), ("Dm", "12m"), ("Abm", "6m")]
)
def test_the_open_key_code_starts_at_c(name, code):
    assert Key(name).open_key == code


@pytest.mark.parametrize(
    ("tonic", "scale", "name"),
    [
        ("A", "minor", "Am"),
        ("Ab", "minor", "Abm"),
        ("G#", "minor", "Abm"),
        ("C#", "major", "Db"),
        ("C#", "minor", "C#m"),
        ("Eb", "minor", "Ebm"),
        ("F#", "major", "F#"),
        ("Bb", "minor", "Bbm"),
    ],
)
def test_what_essentia_says_becomes_one_of_our_names(tonic, scale, name):
    assert keys.from_scale(tonic, scale) == name


@pytest.mark.parametrize(("tonic", "scale"), [("", ""), ("A", ""), ("H", "minor"), ("A", "majmin"), ("A", "dorian")])
def test_what_is_no_key_stays_unknown(tonic, scale):
    assert keys.from_scale(tonic, scale) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Am", "Am"),
        ("am", "Am"),
        ("A minor", "Am"),
        ("A Minor", "Am"),
        ("Amin", "Am"),
        ("A#m", "Bbm"),
        ("D♭", "Db"),
        ("G♯m", "Abm"),
        ("Cb", "B"),
        ("E#m", "Fm"),
        ("B#", "C"),
        ("bb", "Bb"),
        ("bbm", "Bbm"),
        ("Ebmaj", "Eb"),
        (" F# ", "F#"),
        ("8A", "Am"),
        ("08a", "Am"),
        ("12B", "E"),
        ("1m", "Am"),
        ("6m", "Abm"),
    ],
)
def test_every_common_notation_is_read(text, name):
    assert keys.parse(text) == name


@pytest.mark.parametrize("text", ["", "H", "0A", "13A", "8C", "AM", "Am7", "off key", "A minor!", "٨A"])
def test_other_text_is_not_a_key(text):
    assert keys.parse(text) is None


@given(st.text())
def test_no_text_upsets_the_reader(text):
    assert keys.parse(text) in {*Key, None}


@given(ANY_KEY)
def test_each_notation_leads_back_to_its_key(key):
    assert keys.parse(key) is keys.parse(key.camelot) is keys.parse(key.open_key) is key
    assert keys.of_pitch(key.pitch_class, minor=key.is_minor) is key


@given(ANY_KEY)
def test_a_key_mixes_with_four_keys_and_the_feeling_is_mutual(key):
    # When
    friends = keys.compatible(key)

    # I expect
    assert len(friends) == 4
    assert {key, key.relative} <= friends
    assert all(key in keys.compatible(friend) for friend in friends)


@given(ANY_KEY)
def test_relatives_share_a_number_on_the_wheel(key):
    assert key.relative.relative is key
    assert key.relative.camelot[:-1] == key.camelot[:-1]
    assert key.relative.is_minor is not key.is_minor


def test_the_neighbours_of_a_minor_are_d_minor_e_minor_and_c():
    assert keys.compatible(Key("Am")) == {"Am", "Dm", "Em", "C"}


@pytest.mark.parametrize("index", [-1, 24])
def test_an_index_outside_the_wheel_is_refused(index):
    with pytest.raises(ValueError, match="between 0 and 23"):
        keys.at(index)
