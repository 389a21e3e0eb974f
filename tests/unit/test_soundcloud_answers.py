import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.clients import soundcloud_streams, soundcloud_tracks
from crateline.domain.track import Availability


def stream(preset="mp3_1_0", protocol="progressive", *, snipped=False):
    return {"url": "https://x", "preset": preset, "snipped": snipped, "format": {"protocol": protocol, "mime_type": "audio/mpeg"}}


def listed(**changes):
    track = {
        "id": 7,
        "title": "Amber Avenue",
        "permalink": "amber-avenue",
        "permalink_url": "https://soundcloud.com/marlo/amber-avenue",
        "user": {"username": "Marlo", "permalink": "marlo"},
        "duration": 200_000,
        "full_duration": 200_000,
        "policy": "ALLOW",
        "publisher_metadata": None,
        "media": {"transcodings": [stream()]},
    }
    return {**track, **changes}


@pytest.mark.parametrize(
    ("title", "publisher", "artist", "expected"),
    [
        ("Amber Avenue", "", "Marlo", "Amber Avenue"),
        ("Ines Gruber - Amber Avenue", "", "Ines Gruber", "Amber Avenue"),
        ("Ines Gruber \u2013 Amber Avenue (Dub)", "", "Ines Gruber", "Amber Avenue (Dub)"),
        ("Ines Gruber \u2014 Amber - Avenue", "", "Ines Gruber", "Amber - Avenue"),
        ("Ines Gruber - Amber Avenue", "Ines Gruber", "Ines Gruber", "Amber Avenue"),
        ("INES GRUBER - Amber Avenue", "Ines Gruber", "Ines Gruber", "Amber Avenue"),
        ("Amber Avenue - Edit", "Ines Gruber", "Ines Gruber", "Amber Avenue - Edit"),
        ("Re-Entry", "", "Marlo", "Re-Entry"),
        ("-o /tmp/x.mp3 --exec rm", "", "Marlo", "-o /tmp/x.mp3 --exec rm"),
        (" - Amber", "", "Marlo", "- Amber"),
        ("Two\nLines\tand\0 a null", "", "Marlo", "Two Lines and a null"),
        ("", "", "Marlo", "amber-avenue"),
        ("../../etc/passwd", "", "Marlo", "../../etc/passwd"),
    ],
)
def test_artist_and_title_are_the_publishers_else_split_else_the_uploaders(title, publisher, artist, expected):
    info = listed(title=title, publisher_metadata={"artist": publisher} if publisher else None)
    assert soundcloud_tracks.names_of(info) == (artist, expected)


@given(st.text(max_size=80), st.text(max_size=40))
def test_no_title_breaks_the_reading_and_none_keeps_a_line_break(title, name):
    track = soundcloud_tracks.track_of(listed(title=title, user={"username": name, "permalink": "x"}))
    assert track.title
    assert not {"\n", "\r", "\0", "\u2028"} & set(track.title + track.artist)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Availability.PLAYABLE),
        ({"policy": "MONETIZE"}, Availability.PLAYABLE),
        ({"policy": "BLOCK", "media": {"transcodings": []}}, Availability.BLOCKED),
        ({"policy": "SNIP"}, Availability.PREVIEW),
        ({"media": {"transcodings": [stream(snipped=True), stream(snipped=True)]}}, Availability.PREVIEW),
        ({"duration": 30_000}, Availability.PREVIEW),
        ({"duration": 199_500}, Availability.PLAYABLE),
        ({"media": {"transcodings": [stream("aac_160k", "ctr-encrypted-hls")]}}, Availability.PROTECTED),
        ({"media": {"transcodings": [stream("aac_160k", "cbc-encrypted-hls"), stream()]}}, Availability.PLAYABLE),
        ({"policy": "SNIP", "media": {"transcodings": [stream("aac_160k", "ctr-encrypted-hls")]}}, Availability.PREVIEW),
        ({"media": None}, Availability.PLAYABLE),
        ({"media": {"transcodings": []}, "full_duration": None}, Availability.PLAYABLE),
    ],
)
def test_what_can_be_had_is_known_from_the_listing(changes, expected):
    assert soundcloud_streams.availability(listed(**changes)) is expected


def test_aac_comes_before_mp3_and_what_cannot_be_used_is_left_out():
    streams = [
        stream("abr_sq", "hls"),
        stream("mp3_1_0", "hls"),
        stream("mp3_1_0", "progressive"),
        stream("opus_0_0", "hls"),
        stream("aac_160k", "ctr-encrypted-hls"),
        stream("aac_96k", "hls"),
        stream("aac_160k", "hls"),
        stream("mp3_1_0", "progressive", snipped=True),
    ]
    ranked = soundcloud_streams.ranked(listed(media={"transcodings": streams}))
    assert [(one["preset"], one["format"]["protocol"]) for one in ranked] == [
        ("aac_160k", "hls"),
        ("mp3_1_0", "progressive"),
        ("mp3_1_0", "hls"),
        ("opus_0_0", "hls"),
        ("aac_96k", "hls"),
    ]


def test_a_track_carries_what_the_publisher_says():
    info = listed(
        publisher_metadata={"artist": "Ines Gruber", "isrc": "qz-crl-26-00001", "album_title": "First"},
        genre="Techno",
        artwork_url="https://i1.sndcdn.com/artworks-1-0-large.jpg",
        full_duration=201_500,
        duration=201_400,
        permalink_url="https://soundcloud.com/marlo/amber-avenue?utm_source=x",
    )
    track = soundcloud_tracks.track_of(info, album="The set's name")
    assert track.key == "soundcloud:tracks:7"
    assert (track.artist, track.isrc, track.album, track.genre) == ("Ines Gruber", "QZCRL2600001", "First", "Techno")
    assert track.duration == 201.5
    assert track.artwork_url == "https://i1.sndcdn.com/artworks-1-0-t500x500.jpg"
    assert track.url == "https://soundcloud.com/marlo/amber-avenue"
