"""Tracks and pages find each other by ids, else by words; a page is given once, and what is not sure is left to a person."""

import random
import subprocess
import sys

import pytest

from crateline.domain import identity
from crateline.domain.identity import PageWords, Way
from crateline.domain.library import LibraryTrack
from crateline.sandbox.djay import planting

A, B, C = "a" * 32, "b" * 32, "c" * 32


def a_track(title_id=A, title="Crimson Horizon", artist="Ines Novak", duration=200.0, **more):
    return LibraryTrack(title_id=title_id, title=title, artist=artist, duration=duration, **more)


def a_page(page_id="1", title="Crimson Horizon", artist="Ines Novak", duration=200.4, **more):
    return PageWords(page_id=page_id, title=title, artist=artist, duration=duration, **more)


def matched(tracks, pages):
    return {one: (found.page_id, found.way) for one, found in identity.match(tracks, pages).matched.items()}


# --- ids


@pytest.mark.parametrize(
    ("track", "page", "way"),
    [
        ({}, {"djay_id": A}, Way.DJAY_ID),
        ({}, {"djay_id": f"djay:{A}"}, Way.DJAY_ID),
        ({"uris": ("spotify:track:X",)}, {"spotify_id": "X"}, Way.SPOTIFY_ID),
        ({"uris": ("spotify:track:X",)}, {"spotify_id": "spotify:track:X"}, Way.SPOTIFY_ID),
        ({"uris": ("soundcloud:tracks:5",)}, {"soundcloud_url": "https://api.soundcloud.com/tracks/5"}, Way.SOUNDCLOUD_URL),
        ({"uris": ("soundcloud:tracks:5",)}, {"soundcloud_url": "soundcloud:tracks:5"}, Way.SOUNDCLOUD_URL),
        (
            {"uris": ("https://soundcloud.com/Name/Title?si=1",)},
            {"soundcloud_url": "http://m.soundcloud.com/name/title/"},
            Way.SOUNDCLOUD_URL,
        ),
        ({"uris": ("com.apple.iTunes:3", "beatport:track:8")}, {"source_id": "beatport:track:8"}, Way.SOURCE_ID),
        ({}, {"source_id": f"djay:{A}"}, Way.SOURCE_ID),
        ({"isrc": "QZ-ABC-26-00001"}, {"isrc": "qzabc2600001", "title": "Crimson Horizn"}, Way.ISRC),
    ],
)
def test_an_id_in_common_is_enough(track, page, way):
    # Given a page whose words say something else, unless the words have to agree too
    page = {"title": "Untitled", "artist": "", "duration": None} | page
    if way is Way.ISRC:
        page["artist"] = "Ines Novak"

    # I expect
    assert matched([a_track(**track)], [a_page(**page)]) == {A: ("1", way)}


def test_the_surer_way_wins():
    # Given a page with the track's id, and another one with its Spotify id
    track = a_track(uris=("spotify:track:X",))
    pages = [a_page("spotify", spotify_id="X"), a_page("djay", djay_id=A)]

    # I expect
    assert matched([track], pages) == {A: ("djay", Way.DJAY_ID)}


@pytest.mark.parametrize(
    "page",
    [
        {"title": "Crimson Horizon (Live)"},
        {"title": "Crimson Horizon (sped up)"},
        {"duration": 260.0},
        {"title": "Velvet Engine"},
    ],
)
def test_an_isrc_is_not_believed_where_version_length_or_words_disagree(page):
    found = identity.match([a_track(isrc="QZABC2600001")], [a_page(isrc="QZABC2600001", **page)])
    assert found.matched == {}


def test_several_pages_with_one_id_are_left_to_a_person():
    found = identity.match([a_track(uris=("spotify:track:X",))], [a_page("1", spotify_id="X"), a_page("2", spotify_id="X")])
    assert found.matched == {}
    assert [(one.title_id, [page.page_id for page in one.candidates]) for one in found.doubts] == [(A, ["1", "2"])]


def test_of_two_tracks_with_one_id_the_better_words_get_the_page_and_the_other_is_asked_about():
    # Given
    uris = ("soundcloud:tracks:5",)
    tracks = [a_track(A, title="Crimson Horizon (1)", artist="", uris=uris), a_track(B, uris=uris)]

    # When
    found = identity.match(tracks, [a_page(source_id="soundcloud:tracks:5")])

    # I expect
    assert {one: match.page_id for one, match in found.matched.items()} == {B: "1"}
    assert [(one.title_id, one.candidates[0].page_id) for one in found.doubts] == [(A, "1")]


# --- words


@pytest.mark.parametrize(
    "title",
    [
        "Ines Novak - Crimson Horizon",
        "Ines Novak - Crimson Horizon (1)_processed",
        "Ines Novak Crimson Horizon",
        "Crimson Horizon Ines Novak",
        "03 Ines Novak - Crimson Horizon",
    ],
)
def test_a_files_name_finds_the_page_whose_artist_it_holds(title):
    assert matched([a_track(title=title, artist="")], [a_page()]) == {A: ("1", Way.TITLE_ARTIST)}


def test_several_artists_are_found_at_a_titles_end_as_well_as_at_its_beginning():
    page = a_page(artist="Ines Novak & Emil Quist")
    assert matched([a_track(title="Ines Novak and Emil Quist Crimson Horizon (1)", artist="")], [page]) == {
        A: ("1", Way.TITLE_ARTIST)
    }
    assert matched([a_track(title="Crimson Horizon - Ines Novak & Emil Quist", artist="")], [page]) == {
        A: ("1", Way.TITLE_ARTIST)
    }


def test_a_page_without_an_artist_is_read_the_same_way():
    assert matched([a_track()], [a_page(title="Ines Novak Crimson Horizon", artist="")]) == {A: ("1", Way.TITLE_ARTIST)}


def test_a_title_alone_is_never_enough():
    found = identity.match([a_track(artist="")], [a_page()])
    assert found.matched == {}
    assert [one.candidates[0].page_id for one in found.doubts] == ["1"]


def test_each_version_gets_its_own_page():
    # Given a piece with a dozen versions on both sides
    names = [
        "",
        " (Live)",
        " (Instrumental)",
        " (Acapella)",
        *(f" ({name} Remix)" for name in ("Quist", "Romero", "Kowal", "Thorne", "Dimov", "Gruber")),
    ]
    tracks = [a_track(f"{at:032x}", title=f"Crimson Horizon{name}") for at, name in enumerate(names)]
    pages = [a_page(f"p{at}", title=f"Crimson Horizon{name}") for at, name in enumerate(names)]

    # I expect
    assert {one: page for one, (page, _) in matched(tracks, pages).items()} == {
        f"{at:032x}": f"p{at}" for at in range(len(names))
    }


def test_a_page_belongs_to_one_track_at_most():
    # Given the same file twice, once as a copy
    tracks = [a_track(A, title="Crimson Horizon (1)"), a_track(B)]

    # When
    found = identity.match(tracks, [a_page()])

    # I expect the one that needed no cleaning to have it
    assert {one: match.page_id for one, match in found.matched.items()} == {B: "1"}
    assert [(one.title_id, one.reason) for one in found.doubts] == [(A, "its page already belongs to another track")]


def test_two_equal_tracks_and_two_equal_pages_are_two_pairs():
    found = matched([a_track(A), a_track(B)], [a_page("1"), a_page("2")])
    assert sorted(page for page, _ in found.values()) == ["1", "2"]


def test_a_page_that_an_id_has_given_away_is_not_given_again():
    found = identity.match([a_track(A), a_track(B)], [a_page(djay_id=A)])
    assert {one: match.page_id for one, match in found.matched.items()} == {A: "1"}
    assert [one.title_id for one in found.doubts] == [B]


def test_a_doubt_says_why_in_json():
    doubt = identity.match([a_track(artist="")], [a_page()]).doubts[0].public()
    assert doubt["key"] == f"djay:{A}"
    assert set(doubt["candidates"][0]) == {"id", "title", "score", "features"}
    assert doubt["candidates"][0]["title"] == "Ines Novak - Crimson Horizon"


def test_nothing_matches_nothing():
    assert identity.match([], []).rate == 0.0
    assert identity.match([a_track()], []).absent == (A,)
    assert identity.match([], [a_page()]).matched == {}
    assert identity.match([a_track(title="", artist="")], [a_page(title="", artist="")]).matched == {}


def test_every_way_is_counted_even_if_it_found_nothing():
    assert identity.match([a_track()], [a_page(djay_id=A)]).ways() == {
        "djay_id": 1, "spotify_id": 0, "soundcloud_url": 0, "source_id": 0, "isrc": 0, "title_artist": 0,
    }  # fmt: skip


# --- a whole library


@pytest.fixture(scope="module")
def planted():
    return planting.plant(tracks=2500, seed=11)


@pytest.fixture(scope="module")
def found(planted):
    return identity.match(planted.tracks, planted.pages)


def share(planted, found, table):
    ours = [one for one, kind in planted.planted.items() if kind in table]
    right = [one for one in ours if one in found.matched and found.matched[one].page_id == planted.truth[one]]
    return len(right) / len(ours)


def test_99_of_100_pairs_with_an_id_are_found_by_it(planted, found):
    assert share(planted, found, planting.EXACT) >= 0.99
    ways = {found.matched[one].way for one, kind in planted.planted.items() if kind == "soundcloud_url"}
    assert ways == {Way.SOUNDCLOUD_URL}


def test_95_of_100_pairs_are_found_by_their_words(planted, found):
    assert share(planted, found, planting.FUZZY) >= 0.95


def test_no_more_than_5_in_1000_are_wrong(planted, found):
    wrong = [one for one, match in found.matched.items() if match.page_id != planted.truth[one]]
    assert len(wrong) <= 0.005 * len(found.matched)


@pytest.mark.parametrize("trap", planting.TRAPS)
def test_a_near_miss_is_never_taken(planted, found, trap):
    assert not [one for one, kind in planted.planted.items() if kind == trap and one in found.matched]


def test_every_track_has_one_fate_and_every_page_one_track(planted, found):
    fates = [*found.matched, *(one.title_id for one in found.doubts), *found.absent]
    assert sorted(fates) == sorted(track.title_id for track in planted.tracks)
    pages = [match.page_id for match in found.matched.values()]
    assert len(pages) == len(set(pages))


def test_the_order_of_tracks_and_pages_changes_nothing():
    # Given
    planted = planting.plant(tracks=300, seed=4)
    chance = random.Random(4)

    # When
    turned = identity.match(chance.sample(planted.tracks, 300), chance.sample(planted.pages, 300))

    # I expect
    assert identity.match(planted.tracks, planted.pages) == turned


def test_who_only_imports_it_does_not_load_numpy():
    code = "import sys; import crateline.domain.identity; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
