"""The measures of `make bench-audio`: a bench that counts wrongly praises the wrong one."""

import importlib.util
import sys
import zlib

import pytest

from givens import folders

BENCH = folders.ROOT / "bench" / "audio"


def load(name):
    """A module of the bench, which is no package."""
    spec = importlib.util.spec_from_file_location(f"bench_audio_{name}", BENCH / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


measures = load("measures")


@pytest.mark.parametrize(
    ("bpm", "true", "acc1", "acc2", "exact"),
    [
        (128.0, 128.0, True, True, True),
        (128.09, 128.0, True, True, True),
        (128.2, 128.0, True, True, False),
        (133.1, 128.0, True, True, False),
        (133.2, 128.0, False, False, False),
        (64.0, 128.0, False, True, True),
        (64.06, 128.0, False, True, False),  # 0.12 BPM off, in the true octave
        (174.0, 87.0, False, True, True),
        (384.0, 128.0, False, True, False),
        (42.7, 128.0, False, True, False),
        (192.0, 128.0, False, False, False),
        (None, 128.0, False, False, False),
    ],
)
def test_a_tempo_is_measured_as_the_contests_do(bpm, true, acc1, acc2, exact):
    assert measures.acc1(bpm, true) == acc1
    assert measures.acc2(bpm, true) == acc2
    assert measures.exact(bpm, true) == exact


@pytest.mark.parametrize(
    ("key", "true", "score"),
    [
        ("Am", "Am", 1.0),
        ("G#m", "Abm", 1.0),
        ("Em", "Am", 0.5),
        ("Dm", "Am", 0.5),
        ("C", "Am", 0.3),
        ("A", "Am", 0.2),
        ("F", "Am", 0.0),
        ("E", "Am", 0.0),
        (None, "Am", 0.0),
    ],
)
def test_a_key_is_weighted_as_mirex_does(key, true, score):
    assert measures.key_score(key, true) == score


def test_a_key_moves_with_the_pitch():
    assert measures.same_key(measures.moved("Am", 2), "Bm")
    assert measures.same_key(measures.moved("C", -1), "B")
    assert measures.moved(None, 1) is None
    assert not measures.same_key(None, None)


def test_cost_is_counted_over_all_music_together():
    rows = [{"cpu": {"a": 1.0, "b": 1.0}, "seconds": 60.0}, {"cpu": {"a": 1.0}, "seconds": 120.0}]
    assert measures.per_minute(rows) == 1.0


def test_ratios_are_taken_file_by_file():
    ours = [{"cpu": {"all": cost}} for cost in (1.0, 2.0, 3.0)]
    theirs = [{"cpu": {"tempo": 2.0, "key": 2.0}}] * 3
    assert measures.ratios(ours, theirs)[0] == 0.5


def test_the_listeners_need_nothing_of_ours_to_be_loaded():
    # Given
    before = set(sys.modules)

    # When
    listeners = load("listeners")

    # I expect
    assert set(listeners.LISTENERS) == {"crateline", "naive", "shared", "librosa", "aubio"}
    assert not {name for name in set(sys.modules) - before if name.split(".")[0] in {"librosa", "aubio", "essentia"}}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-aubio.txt"])
def test_the_others_are_pinned_by_hash_and_no_address_is_named(name):
    text = (BENCH / name).read_text()
    packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert packages
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert "://" not in text


@pytest.mark.parametrize(
    ("head", "bpm"),
    [
        ('<head bpm="128" timesig_numerator="4"/>', 128),
        ('<head timesig_numerator="4" bpm="87">\n<mastervol value="99"/></head>', 87),
        ('<head timesig_numerator="4"><bpm value="128" id="7"/></head>', None),
        ('<head bpm="128"><bpm value="128" id="7"/></head>', None),
        ("<song/>", None),
    ],
    ids=["plain", "longer", "automated", "both", "none"],
)
def test_a_song_whose_tempo_is_automated_has_no_single_one(head, bpm, tmp_path, monkeypatch):
    # Given
    monkeypatch.syspath_prepend(str(BENCH))
    monkeypatch.delitem(sys.modules, "sound", raising=False)
    lmms = load("lmms")
    plain, packed = tmp_path / "song.mmp", tmp_path / "song.mmpz"
    xml = f"<lmms-project>{head}<song/></lmms-project>".encode()
    plain.write_bytes(xml)
    packed.write_bytes(len(xml).to_bytes(4, "big") + zlib.compress(xml))

    # I expect
    assert lmms.tempo(plain) == lmms.tempo(packed) == bpm
