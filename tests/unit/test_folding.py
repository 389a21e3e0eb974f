"""Words of any script made comparable, Chinese characters among them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import folding, han

LATIN_NAMES = [
    ("細野晴臣", "Haruomi Hosono"),
    ("坂本龍一", "Ryuichi Sakamoto"),
    ("宇多田ヒカル", "Hikaru Utada"),
    ("竹内まりや", "Mariya Takeuchi"),
    ("周杰倫", "Zhou Jielun"),
]
LATIN_TITLES = [
    ("夜に駆ける", "Yoru ni Kakeru"),
    ("夜に駆ける", "よるにかける"),
    ("千本桜", "Senbonzakura"),
    ("真夜中のドア", "Mayonaka no Door"),
    ("七里香", "Qi Li Xiang"),
    ("月亮代表我的心", "Yue Liang Dai Biao Wo De Xin"),
    ("海闊天空", "Hai Kuo Tian Kong"),
    ("東京", "Tōkyō"),
]


@pytest.mark.parametrize(("characters", "latin"), [*LATIN_NAMES, *LATIN_TITLES])
def test_chinese_characters_are_read_aloud(characters, latin):
    # Given a name in Chinese characters, and as it is said in China or Japan
    # When they are compared, either way round
    # I expect that one is taken for the other, but never for the same letters
    assert folding.comparable(characters, latin)
    assert folding.comparable(latin, characters)
    assert folding.READ_ALOUD <= folding.likeness(characters, latin) < 1
    assert folding.likeness(characters, latin) == folding.likeness(latin, characters)


@pytest.mark.parametrize(
    ("traditional", "simplified"), [("想見你", "想见你"), ("鄧麗君", "邓丽君"), ("海闊天空", "海阔天空"), ("青花瓷", "青花瓷")]
)
def test_simplified_and_traditional_characters_are_one(traditional, simplified):
    assert folding.fold(traditional) == folding.fold(simplified)
    assert folding.likeness(traditional, simplified) == 1


@pytest.mark.parametrize(
    ("characters", "latin"), [("夜曲", "Nocturne"), ("海闊天空", "Broad Seas, Clear Skies"), ("周杰倫", "Jay Chou"), ("愛", "Ai")]
)
def test_a_translation_says_nothing_either_way(characters, latin):
    # Given a name and its translation, or one that is too short to be told by its sound
    # I expect that they are not said to be two names, nor one
    assert not folding.comparable(characters, latin)
    assert folding.likeness(characters, latin) < folding.READ_ALOUD


def test_two_names_in_characters_are_not_compared_by_sound():
    # Given two titles that sound the same in Mandarin and are written with other characters
    # I expect that they are two
    assert folding.comparable("事实", "试试")
    assert folding.likeness("事实", "试试") == 0


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12))
def test_any_characters_can_be_read(text):
    # Given characters in any order, as hostile titles have them
    # I expect that they are folded once and for all, and that what they are read as holds Latin letters or what cannot be read
    assert folding.fold(folding.fold(text)) == folding.fold(text)
    assert len(han.readings(text)) == 2
    assert 0 <= folding.likeness(text, "Any Title At All") <= 1


def test_titles_in_latin_letters_load_no_dictionaries():
    # Given a process that compares titles in Latin, Cyrillic, Greek and Korean letters
    compared = "from crateline.domain import folding; folding.likeness('Кино', 'Kino'); folding.likeness('아이유', 'IU Ευδοκία')"
    asked = f"{compared}; import sys; print({{'opencc', 'pypinyin', 'pykakasi'}} & set(sys.modules))"
    # When it is asked what it has loaded
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    # I expect none of the dictionaries of Chinese characters
    assert said.stdout.strip() == "set()"
