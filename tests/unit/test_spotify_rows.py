from hypothesis import given
from hypothesis import strategies as st

from crateline.clients.spotify import rows
from crateline.domain.track import Availability, Platform, Track

ITEM = {
    "id": "4uLU6hMCjMI75M1A2tKUQC",
    "type": "track",
    "name": "Night Drive - Extended Mix",
    "artists": [{"name": "Ines Novak"}, {"name": "Tobias Quist"}],
    "album": {"name": "Night Drive", "images": [{"url": "https://i.scdn.co/image/a"}]},
    "duration_ms": 241_320,
    "external_ids": {"isrc": "deab12600001"},
}
PLAYLIST = {"key": "spotify:playlist:x", "name": "x", "url": "https://open.spotify.com/playlist/x", "source_id": "x"}


def test_a_track_keeps_all_that_spotify_tells():
    assert rows.track(ITEM) == Track(
        key="spotify:track:4uLU6hMCjMI75M1A2tKUQC",
        title="Night Drive - Extended Mix",
        artist="Ines Novak, Tobias Quist",
        url="https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC",
        platform=Platform.SPOTIFY,
        duration=241.32,
        availability=Availability.ELSEWHERE,
        isrc="DEAB12600001",
        album="Night Drive",
        artwork_url="https://i.scdn.co/image/a",
    )


def test_a_track_of_which_little_is_known_is_still_a_track():
    bare = rows.track({"id": "1", "name": None, "artists": None, "album": None, "duration_ms": None, "external_ids": None})
    assert (bare.title, bare.artist, bare.duration, bare.isrc, bare.album) == ("", "", None, "", "")


ROWS = {
    "track": ITEM,
    "missing": None,
    "local": {**ITEM, "id": None, "is_local": True},
    "episodes": {"id": "e", "type": "episode", "name": "Talk"},
}


@given(st.lists(st.sampled_from(sorted(ROWS))))
def test_no_row_is_lost_and_the_order_is_kept(kinds):
    items = [ROWS[kind] if kind != "track" else {**ITEM, "id": str(place)} for place, kind in enumerate(kinds)]
    listing = rows.listing(items, **PLAYLIST)
    assert [track.key for track in listing.tracks] == [f"spotify:track:{p}" for p, kind in enumerate(kinds) if kind == "track"]
    assert (listing.local, listing.episodes, listing.missing) == tuple(map(kinds.count, ("local", "episodes", "missing")))


def test_a_repeated_row_stays_repeated():
    assert len(rows.listing([ITEM, ITEM], **PLAYLIST).tracks) == 2
