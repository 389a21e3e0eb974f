"""Chinese characters made comparable: simplified alike, and read aloud in Latin letters as Chinese and as Japanese.

How they are written is OpenCC's knowledge, how they are read pypinyin's and pykakasi's. All three are loaded when the first
such character is met.
"""

import re
from functools import lru_cache
from typing import Any

_HAN = re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LONG_VOWELS = (("ou", "o"), ("oh", "o"), ("uu", "u"), ("oo", "o"), ("aa", "a"), ("ii", "i"), ("ee", "e"))
_SIMPLER = str.maketrans("lv", "ru")  # no "l" in Japanese; "ü" is typed as "v"


def written(text: str) -> bool:
    """Whether there is a Chinese character in `text`."""
    return _HAN.search(text) is not None


@lru_cache(maxsize=16384)
def simplified(text: str) -> str:
    """`text` with traditional characters as the simplified ones: "想見你" is "想见你"."""
    return str(_simplifier().convert(text)) if written(text) else text


@lru_cache(maxsize=16384)
def readings(text: str) -> tuple[str, ...]:
    """`text` in Latin letters, as it is read in Mandarin (no tones) and in Japanese; empty without Chinese characters."""
    if not written(text):
        return ()
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its dictionary takes a tenth of a second

    japanese = " ".join(part["hepburn"] for part in _japanese().convert(text))
    return (" ".join(lazy_pinyin(text)), " ".join(japanese.split()))


def sound(latin: str) -> str:
    """Latin letters as they sound, for comparison with a reading: no spaces, no long vowels ("Tōkyō", "Toukyou", "Tokyo")."""
    heard = "".join(filter(str.isalnum, latin.lower()))
    for long, short in _LONG_VOWELS:
        heard = heard.replace(long, short)
    return heard.translate(_SIMPLER)


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    import opencc  # noqa: PLC0415 - for those who have such titles

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _japanese() -> Any:
    import pykakasi  # noqa: PLC0415 - its dictionary takes half a second

    return pykakasi.kakasi()  # type: ignore[no-untyped-call]
