import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crateline.domain import anchors
from crateline.domain.track import Platform

SAME = [
    "https://soundcloud.com/ada/dusk",
    "http://soundcloud.com/ada/dusk",
    "https://www.soundcloud.com/ada/dusk/",
    "https://m.soundcloud.com/Ada/Dusk?si=abc&utm_source=clipboard",
    "soundcloud.com/ada/dusk#t=1:00",
]


@pytest.mark.parametrize("url", SAME)
def test_one_soundcloud_track_has_one_address_however_it_was_copied(url):
    assert anchors.soundcloud_url(url) == "soundcloud.com/ada/dusk"


@pytest.mark.parametrize(
    "url", ["", "https://on.soundcloud.com/xyz", "https://example.com/ada/dusk", "https://soundcloud.com.evil.org/a"]
)
def test_what_is_no_soundcloud_address_is_no_anchor(url):
    assert anchors.soundcloud_url(url) == ""


@given(st.text(max_size=40))
@example("https://[half an address")
@example("//soundcloud.com\u2100/a")
def test_any_text_in_a_link_property_is_survived(text):
    assert anchors.of_page({"url": text, "soundcloud_url": f"https://{text}"}) is not None


def test_a_track_is_looked_for_by_its_surest_identity_first(make_track):
    # When
    found = anchors.of_track(make_track(7, isrc="gbayE0000001"))

    # I expect
    assert found == (
        "source:soundcloud:tracks:7",
        "soundcloud:soundcloud.com/artist/7",
        "url:https://soundcloud.com/artist/7",
        "isrc:GBAYE0000001",
    )


def test_a_spotify_track_has_its_id_as_an_anchor(make_track):
    # Given
    track = make_track(key="spotify:track:4uLU", platform=Platform.SPOTIFY, url="https://open.spotify.com/track/4uLU")

    # I expect
    assert anchors.of_track(track) == ("source:spotify:track:4uLU", "spotify:4uLU", "url:https://open.spotify.com/track/4uLU")


def test_a_page_a_person_made_is_found_by_any_link_on_it(make_track):
    # Given
    page = {
        "url": "https://m.soundcloud.com/artist/7?si=1",
        "soundcloud_url": "",
        "spotify_id": "spotify:track:4uLU",
        "isrc": "gbaye0000001",
        "duration": 360,
        "source_id": None,
    }

    # When
    found = anchors.of_page(page)

    # I expect
    assert set(found) == {
        "soundcloud:soundcloud.com/artist/7",
        "spotify:4uLU",
        "url:https://m.soundcloud.com/artist/7?si=1",
        "isrc:GBAYE0000001",
    }
    assert set(found) & set(anchors.of_track(make_track(7)))


def test_a_page_that_we_wrote_is_found_by_every_anchor_of_its_track(make_track):
    # Given
    track = make_track(7, isrc="GBAYE0000001")
    page = {"source_id": track.key, "soundcloud_url": track.url, "url": track.url, "source_url": track.url, "isrc": track.isrc}

    # I expect
    assert set(anchors.of_track(track)) <= set(anchors.of_page(page))


@pytest.mark.parametrize("title", ["Dusk (Extended Mix)", "DUSK", "Dusk [Original Mix]", "Some Artist - Dusk"])
def test_all_versions_of_a_title_stand_under_one_name(title):
    assert anchors.name_of(title) == anchors.name_of("Dusk")


def test_a_title_of_nothing_but_a_version_still_has_a_name():
    assert anchors.name_of("(Original Mix)")
