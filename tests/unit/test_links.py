import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain.links import Kind, classify, read_lines
from crateline.domain.track import Platform

SC, SP, YT, BP = Platform.SOUNDCLOUD, Platform.SPOTIFY, Platform.YOUTUBE, Platform.BEATPORT
LIST22 = "37i9dQZF1DXcBWIGoYBM5M"

READ = [
    # what is pasted, platform, kind, id
    ("https://soundcloud.com/dj-a/sets/warm-up", SC, Kind.PLAYLIST, "dj-a/sets/warm-up"),
    ("https://m.soundcloud.com/dj-a/sets/warm-up?si=1&utm_source=x", SC, Kind.PLAYLIST, "dj-a/sets/warm-up"),
    ("https://soundcloud.com/dj-a/sets/warm-up/s-Ab9", SC, Kind.PLAYLIST, "dj-a/sets/warm-up/s-Ab9"),
    ("https://soundcloud.com/dj-a/sets/warm-up?secret_token=s-Ab9", SC, Kind.PLAYLIST, "dj-a/sets/warm-up/s-Ab9"),
    ("www.soundcloud.com/dj-a/night-drive", SC, Kind.TRACK, "dj-a/night-drive"),
    ("http://soundcloud.com/dj-a/night-drive/?in=dj-a/sets/x#t=1:02", SC, Kind.TRACK, "dj-a/night-drive"),
    ("https://soundcloud.com/dj-a/night-drive/s-Zz1", SC, Kind.TRACK, "dj-a/night-drive/s-Zz1"),
    ("<https://soundcloud.com/dj-a/>", SC, Kind.USER, "dj-a"),
    ("https://soundcloud.com/dj-a/tracks", SC, Kind.USER, "dj-a"),
    ("https://soundcloud.com/dj-a/likes", SC, Kind.LIKES, "dj-a"),
    ("https://api.soundcloud.com/tracks/1150488265", SC, Kind.TRACK, "1150488265"),
    ("soundcloud:tracks:1150488265", SC, Kind.TRACK, "1150488265"),
    ("soundcloud:playlists:77", SC, Kind.PLAYLIST, "77"),
    ("https://on.soundcloud.com/AbC123", SC, Kind.SHORT, "AbC123"),
    (f"https://open.spotify.com/playlist/{LIST22}?si=abc", SP, Kind.PLAYLIST, LIST22),
    (f"https://open.spotify.com/intl-de/track/{LIST22}", SP, Kind.TRACK, LIST22),
    (f"https://open.spotify.com/embed/album/{LIST22}", SP, Kind.ALBUM, LIST22),
    (f"https://open.spotify.com/user/me/playlist/{LIST22}", SP, Kind.PLAYLIST, LIST22),
    (f"spotify:track:{LIST22}", SP, Kind.TRACK, LIST22),
    (f"spotify:user:me:playlist:{LIST22}", SP, Kind.PLAYLIST, LIST22),
    ("https://open.spotify.com/collection/tracks", SP, Kind.LIKES, ""),
    ("spotify:collection", SP, Kind.LIKES, ""),
    (" Liked\n", SP, Kind.LIKES, ""),
    ("https://spotify.link/hRk2", SP, Kind.SHORT, "hRk2"),
    (f"spotify://track/{LIST22}", SP, Kind.TRACK, LIST22),
    (f"spotify:track:{LIST22}?si=abc", SP, Kind.TRACK, LIST22),
    (f"HTTPS://Open.Spotify.COM/intl-pt/embed/track/{LIST22}", SP, Kind.TRACK, LIST22),
    (
        "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/1150488265&auto_play=true",
        SC,
        Kind.TRACK,
        "1150488265",
    ),
    (
        "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/playlists/soundcloud%253Aplaylists%253A77",
        SC,
        Kind.PLAYLIST,
        "77",
    ),
    ("http://www.youtube.com:80/watch?v=dQw4w9WgXcQ", YT, Kind.TRACK, "dQw4w9WgXcQ"),
    ("https://www.youtube.com/embed/videoseries?list=PL123", YT, Kind.PLAYLIST, "PL123"),
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3s", YT, Kind.TRACK, "dQw4w9WgXcQ"),
    ("https://music.youtube.com/watch?v=dQw4w9WgXcQ&list=RDAMVM", YT, Kind.TRACK, "dQw4w9WgXcQ"),
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL123", YT, Kind.TRACK, "dQw4w9WgXcQ"),
    ("https://youtu.be/dQw4w9WgXcQ?si=x", YT, Kind.TRACK, "dQw4w9WgXcQ"),
    ("https://m.youtube.com/shorts/dQw4w9WgXcQ", YT, Kind.TRACK, "dQw4w9WgXcQ"),
    ("https://music.youtube.com/playlist?list=OLAK5uy_abc", YT, Kind.PLAYLIST, "OLAK5uy_abc"),
    ("youtube:video:dQw4w9WgXcQ", YT, Kind.TRACK, "dQw4w9WgXcQ"),
    ("https://www.beatport.com/track/night-drive/8411962", BP, Kind.TRACK, "8411962"),
    ("https://www.beatport.com/de/track/night-drive/8411962", BP, Kind.TRACK, "8411962"),
    ("beatport:track:8411962", BP, Kind.TRACK, "8411962"),
]

REFUSED = [
    ("", "is not a link"),
    ("hello there", "is not a link"),
    ("https://example.com/track/1", "is not a link"),
    ("https://soundcloud.com.evil.example/a/b", "is not a link"),
    ("ftp://soundcloud.com/a/b", "is not a link"),
    ("https://[soundcloud.com/a", "not a whole link"),
    ("https://soundcloud.com/discover", "not a set, a track or a profile"),
    ("https://soundcloud.com/dj-a/sets", "a shelf of many things"),
    ("https://soundcloud.com/dj-a/reposts", "a shelf of many things"),
    ("https://soundcloud.com/a/b/c/d", "no SoundCloud set"),
    ("https://on.soundcloud.com/", "not whole"),
    ("soundcloud:tracks:abc", "id of a SoundCloud track"),
    ("https://open.spotify.com/artist/1Xyo", "an artist's page"),
    ("https://open.spotify.com/episode/1Xyo", "podcasts are left out"),
    ("https://open.spotify.com/user/me", "not a playlist, an album or a track"),
    ("https://open.spotify.com/track/cutshort", "id of a Spotify track"),
    ("https://soundcloud.com@evil.example/a/b", "is not a link"),
    ("https://evil.example/https://soundcloud.com/a/b", "is not a link"),
    ("https://me:secret@soundcloud.com/a/b", "a password or a port"),
    ("https://soundcloud.com:8443/a/b", "a password or a port"),
    ("https://soundcloud.com:99999/a/b", "a password or a port"),
    ("https://s\u043eundcloud.com/a/b", "only look like another's"),
    ("javascript:alert(1)//soundcloud.com/a/b", "is not a link"),
    ("https://tidal.com/browse/track/1", "leads to TIDAL, which crateline does not read"),
    ("https://music.apple.com/de/album/x/1?i=2", "Apple Music"),
    ("https://somebody.bandcamp.com/track/x", "Bandcamp.* a CSV with their titles and artists"),
    ("https://www.deezer.com/track/1", "Deezer"),
    ("https://w.soundcloud.com/player/?url=https%3A//evil.example/tracks/1", "does not say what it plays"),
    ("https://open.spotify.com/track/..", "id of a Spotify track"),
    ("spotify:artist:1Xyo", "is not a URI"),
    ("https://www.youtube.com/@somebody", "neither a video nor a playlist"),
    ("https://www.youtube.com/watch?v=short", "id of a YouTube video"),
    ("https://youtu.be/", "id of a YouTube video"),
    ("https://www.youtube.com/playlist?list=RDdQw4w9WgXcQ", "for one person alone"),
    ("https://www.youtube.com/playlist?list=WL", "for one person alone"),
    ("https://www.beatport.com/release/x/1", "not a track"),
    ("https://www.beatport.com/track/x/y", "id of a Beatport track"),
]


def outcome(text):
    try:
        return "", classify(text)
    except ValueError as error:
        return str(error), None


@pytest.mark.parametrize(("pasted", "platform", "kind", "identity"), READ)
def test_a_pasted_link_is_understood(pasted, platform, kind, identity):
    link = classify(pasted)
    assert (link.platform, link.kind, link.id) == (platform, kind, identity)


@pytest.mark.parametrize(("pasted", "sentence"), REFUSED)
def test_what_cannot_be_used_is_refused_with_a_sentence(pasted, sentence):
    with pytest.raises(ValueError, match=sentence):
        classify(pasted)


@pytest.mark.parametrize("pasted", [row[0] for row in READ])
def test_the_canonical_url_is_understood_as_the_same_link(pasted):
    assert classify(classify(pasted).url) == classify(pasted)


def test_tracking_and_the_host_s_variants_disappear_from_the_url():
    assert classify("http://m.soundcloud.com/a/b?si=1&utm_medium=text#x").url == "https://soundcloud.com/a/b"


@pytest.mark.parametrize(
    ("pasted", "key"),
    [
        (f"spotify:track:{LIST22}", f"spotify:track:{LIST22}"),
        ("https://youtu.be/dQw4w9WgXcQ", "youtube:video:dQw4w9WgXcQ"),
        ("https://www.beatport.com/track/night-drive/8411962", "beatport:track:8411962"),
        ("https://api.soundcloud.com/tracks/1150488265", "soundcloud:tracks:1150488265"),
        ("https://soundcloud.com/dj-a/night-drive", ""),
        (f"spotify:album:{LIST22}", ""),
    ],
)
def test_a_link_tells_the_track_s_key_where_it_carries_one(pasted, key):
    assert classify(pasted).key == key


@given(st.text(max_size=80))
def test_any_text_is_either_understood_or_refused_with_a_sentence(text):
    sentence, link = outcome(text)
    assert sentence.endswith(".") if link is None else link.url.startswith("https://")


@given(st.sampled_from(["soundcloud.com", "open.spotify.com", "www.youtube.com", "www.beatport.com"]), st.text(max_size=40))
def test_any_path_on_a_known_host_reads_the_same_twice(host, path):
    _, link = outcome(f"https://{host}/{path}")
    assert link is None or classify(link.url) == link


@given(st.from_regex(r"[0-9A-Za-z_-]{11}", fullmatch=True))
def test_every_way_to_write_a_video_means_the_same_video(identity):
    ways = ["https://youtu.be/{}", "youtube.com/watch?v={}&list=PLx", "https://www.youtube.com/shorts/{}", "youtube:video:{}"]
    assert len({classify(way.format(identity)) for way in ways}) == 1


def test_a_links_file_keeps_its_order_and_names_its_bad_lines():
    # Given a file as people keep them: a mark at its start, comments, blanks, one mistake
    text = (
        "\ufeff# warm-up\r\n\r\nhttps://soundcloud.com/a/one  # opener\r\nsee you there\r\nhttps://youtu.be/dQw4w9WgXcQ#t=2\r\n"
    )
    # When it is read
    result = read_lines(text)
    # I expect both links in order, and the number of the line that is none
    assert [link.url for link in result.links] == ["https://soundcloud.com/a/one", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"]
    assert [str(line).split(" is not")[0] for line in result.bad] == ["line 4: 'see you there'"]


@given(st.lists(st.sampled_from(["", "   ", "# note", "https://youtu.be/dQw4w9WgXcQ", "liked", "nonsense"]), max_size=30))
def test_no_line_of_a_links_file_is_lost(lines):
    result = read_lines("\n".join(lines))
    said = [line for line in lines if line.strip() and not line.startswith("#")]
    assert len(result.links) + len(result.bad) == len(said)
    assert [line.number for line in result.bad] == [number for number, line in enumerate(lines, 1) if line == "nonsense"]


@pytest.mark.parametrize(
    "line",
    [
        "[the opener](https://soundcloud.com/a/one)",
        "- https://soundcloud.com/a/one,",
        "Listen: https://soundcloud.com/a/one. Great!",
        "(https://soundcloud.com/a/one?utm_source=x&si=1)",
        "**https://m.soundcloud.com/a/one**",
        "1. soundcloud.com/a/one;",
        "spoken of on http://www.soundcloud.com/a/one, in a sentence",
    ],
)
def test_a_link_is_found_in_the_sentence_around_it(line):
    result = read_lines(line)
    assert [link.url for link in result.links] == ["https://soundcloud.com/a/one"]
    assert result.bad == ()


def test_several_links_of_one_line_are_each_read_or_named():
    # When
    result = read_lines("https://soundcloud.com/a/one https://youtu.be/abcdefghij_, https://tidal.com/track/7 liked")

    # I expect
    assert [link.url for link in result.links] == [
        "https://soundcloud.com/a/one",
        "https://www.youtube.com/watch?v=abcdefghij_",
    ]
    assert [(line.number, line.text) for line in result.bad] == [(1, "https://tidal.com/track/7")]


def test_a_row_of_a_table_without_a_head_gives_its_link():
    assert [link.key for link in read_lines(f"spotify:track:{LIST22},Night,Ada\rspotify:track:{LIST22[::-1]};Day;Ada").links] == [
        f"spotify:track:{LIST22}",
        f"spotify:track:{LIST22[::-1]}",
    ]


@pytest.mark.parametrize(
    "host", ["evil.example", "soundcloud.com.evil.example", "soundcloud.com@evil.example", "evilsoundcloud.com"]
)
def test_a_link_inside_a_strangers_link_is_not_taken_for_one(host):
    result = read_lines(f"https://{host}/?to=https://soundcloud.com/a/one\n{host}/soundcloud.com/a/one\n")
    assert result.links == ()
    assert [line.number for line in result.bad] == [1, 2]


@given(st.text(max_size=200))
def test_any_text_is_read_in_time_and_every_line_of_it_is_answered(text):
    result = read_lines(text)
    assert all(link.url.startswith("https://") for link in result.links)
    assert all(line.reason.endswith(".") for line in result.bad)
