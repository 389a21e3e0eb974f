import re
import ssl
from collections import Counter

import httpx
import pytest

from crateline import errors
from crateline.clients.soundcloud import SoundCloud
from crateline.domain.track import Availability, Platform
from crateline.sandbox import soundcloud
from crateline.sandbox.catalogue import Fate, World
from crateline.sandbox.music import Music
from crateline.sandbox.proxy import Proxy
from crateline.sandbox.serving import serve
from givens import proxied

EXPECTED = {
    Fate.PLAYABLE: Availability.PLAYABLE,
    Fate.PREVIEW: Availability.PREVIEW,
    Fate.DRM: Availability.PROTECTED,
    Fate.BLOCKED: Availability.BLOCKED,
    Fate.DELETED: Availability.GONE,
}


class Box:
    """A simulated SoundCloud behind a proxy, and the asks that our client made."""

    def __init__(self, world, base, proxy, folder):
        self.world, self.base, self.proxy, self.folder = world, base, proxy, folder
        self.asked = Counter()

    def client(self, **changes):
        asks = {"ask_api": lambda: self.asked.update(["api"]), "ask_media": lambda: self.asked.update(["media"])}
        return SoundCloud(**{**asks, "cache_dir": self.folder / "cache", **changes})

    def post(self, what, body=None):
        httpx.post(f"{self.base}/_sandbox/{what}", json=body, trust_env=False).raise_for_status()

    def kinds(self):
        return Counter(httpx.get(f"{self.base}/_sandbox/stats", trust_env=False).json()["kinds"])


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    with Proxy({}, tmp_path_factory.mktemp("ca")) as running:
        yield running


def boxed(world, folder, patch, proxy):
    proxied.through(patch, proxy)
    with serve(soundcloud.app(world, Music(folder / "music"))) as base:
        proxy.routes.update(dict.fromkeys(soundcloud.HOSTS, base))
        yield Box(world, base, proxy, folder)
    assert proxy.refused == []


@pytest.fixture
def box(tmp_path, monkeypatch, proxy):
    yield from boxed(World.build(tracks=60), tmp_path, monkeypatch, proxy)


@pytest.fixture
def big(tmp_path, monkeypatch, proxy):
    yield from boxed(World.build(tracks=500), tmp_path, monkeypatch, proxy)


def test_a_set_is_read_in_its_order_with_repeated_rows_and_what_can_be_had_of_each(box):
    # Given a set with every kind of trouble in it
    tracks = {track.id: track for track in box.world.soundcloud}
    rows = [tracks[number] for number in box.world.main.track_ids]
    # When it is read
    playlist = box.client().playlist(box.world.main.url)
    # I expect every row in its place
    assert [track.key for track in playlist.tracks] == [row.key for row in rows]
    assert [track.availability for track in playlist.tracks] == [EXPECTED[row.fate] for row in rows]
    # and the set's own words
    assert (playlist.key, playlist.name) == (box.world.main.key, "Warehouse Selection")
    assert (playlist.platform, playlist.source_id) == (Platform.SOUNDCLOUD, str(box.world.main.id))
    # and the whole length of an excerpt, for the search elsewhere
    excerpt = next(track for track, row in zip(playlist.tracks, rows, strict=True) if row.fate is Fate.PREVIEW)
    assert excerpt.duration == tracks[int(excerpt.key.rpartition(":")[2])].full_duration


def test_the_artist_is_found_whoever_has_uploaded_the_track(box):
    by_key = {track.key: track for track in box.world.soundcloud}
    listed = box.client().playlist(box.world.main.url).tracks
    known = [(one.artist, by_key[one.key].recording.artist) for one in listed if one.availability is not Availability.GONE]
    assert all(found.casefold() == real.casefold() for found, real in known)


def test_five_hundred_tracks_cost_at_most_fourteen_requests(big):
    playlist = big.client().playlist(big.world.main.url)
    assert len(playlist.tracks) == 500
    assert big.asked["api"] <= 14
    assert sum(big.kinds().values()) <= 14
    assert big.kinds()["tracks"] == 10
    assert big.asked["media"] == 0


def test_every_request_to_the_api_is_asked_for_first(box):
    client = box.client()
    client.playlist(box.world.main.url)
    client.likes("crate-digger")
    client.search("avenue")
    kinds = box.kinds()
    assert box.asked["api"] == sum(count for kind, count in kinds.items() if kind != "script")


def test_a_changed_client_id_is_found_out_and_kept(box):
    # Given a client that knows a client_id
    client = box.client()
    client.playlist(box.world.main.url)
    # When the site changes it
    box.post("rotate")
    # I expect the next listing to work, and the one after to know the new one
    assert len(client.playlist(box.world.main.url).tracks) == 60
    before = box.kinds()
    client.search("avenue")
    assert box.kinds() - before == Counter(search=1)


def test_a_kept_client_id_spares_the_next_process_the_page(box):
    box.client().search("avenue")
    before = box.kinds()
    box.client().search("avenue")
    assert box.kinds() - before == Counter(search=1)


def test_a_profiles_sets_are_known_by_name_from_its_link_or_its_last_part(big):
    world = big.world
    expected = tuple((one.title, one.url) for one in world.soundcloud_sets if one.user.id == world.listener.id)
    for profile in (world.listener.url, world.listener.permalink, f"soundcloud.com/{world.listener.permalink}/likes"):
        assert big.client().sets(profile) == expected


def test_likes_are_read_over_several_pages_and_stop_at_the_limit(big):
    likes = big.client().likes(big.world.listener.url)
    assert [track.key for track in likes.tracks] == [f"soundcloud:tracks:{number}" for number in big.world.listener.likes]
    assert len(likes.tracks) > 200
    assert likes.key == f"soundcloud:likes:{big.world.listener.id}"
    before = big.kinds()["likes"]
    assert len(big.client().likes("crate-digger", limit=5).tracks) == 5
    assert big.kinds()["likes"] == before + 1


def test_a_single_track_is_a_playlist_of_its_own(box):
    single = box.world.singles[0]
    playlist = box.client().track(single.url)
    assert (playlist.key, playlist.name) == (f"single:{single.key}", "Unassigned")
    assert [track.key for track in playlist.tracks] == [single.key]


def test_a_search_gives_candidates_in_one_request(box):
    recording = box.world.recordings[0]
    found = box.client().search(f"{recording.artist} {recording.title}", limit=3)
    assert len(found) <= 3
    listed = next(track for track in box.world.soundcloud if track.recording is recording)
    assert all(candidate.platform is Platform.SOUNDCLOUD for candidate in found)
    assert listed.user.username in {candidate.channel for candidate in found}
    assert box.kinds()["search"] == 1


def test_any_link_to_soundcloud_is_read(box):
    client, world = box.client(), box.world
    assert client.read(world.main.url).key == world.main.key
    assert client.read(world.main.url.replace("https://soundcloud", "https://m.soundcloud") + "?si=x").key == world.main.key
    assert client.read(f"{world.listener.url}/likes").key == f"soundcloud:likes:{world.listener.id}"
    assert client.read(world.singles[0].url).key == f"single:{world.singles[0].key}"
    assert client.read(f"https://api.soundcloud.com/tracks/{world.singles[0].id}").key == f"single:{world.singles[0].key}"
    artist = world.singles[0].user
    uploads = client.read(artist.url)
    assert uploads.key == f"soundcloud:users:{artist.id}"
    assert world.singles[0].key in {track.key for track in uploads.tracks}


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("https://soundcloud.com/nobody/sets/nothing", errors.NotFound),
        ("https://soundcloud.com/nobody/nothing", errors.NotFound),
        ("https://soundcloud.com/nobody/likes", errors.NotFound),
        ("https://open.spotify.com/playlist/37i9dQZF1DXcBWIGoYBM5M", errors.Rejected),
        ("https://evil.example.com/crate-digger/sets/x", errors.Rejected),
    ],
)
def test_a_link_that_leads_nowhere_says_so(box, link, kind):
    with pytest.raises(kind):
        box.client().read(link)


def test_a_set_where_a_track_was_wanted_is_told_apart(box):
    with pytest.raises(errors.Rejected, match="leads to a playlist, not to a track"):
        box.client().track(box.world.main.url)


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"kind": "429", "path": "^/resolve", "retry_after": 7}, errors.Throttled),
        ({"kind": "503", "path": "^/tracks"}, errors.Unavailable),
        ({"kind": "502-html", "path": "^/resolve"}, errors.Unavailable),
        ({"kind": "200-html", "path": "^/resolve"}, errors.Unavailable),
        ({"kind": "200", "path": "^/resolve", "body": []}, errors.Unavailable),
        ({"kind": "200", "path": "^/tracks", "body": {}}, errors.Unavailable),
        ({"kind": "403", "path": "^/resolve"}, errors.CredentialsRefused),
        ({"kind": "reset", "path": "^/tracks"}, errors.Unavailable),
        ({"kind": "truncate", "path": "^/tracks"}, errors.Unavailable),
        ({"kind": "500", "path": "^/assets"}, errors.Unavailable),
        ({"kind": "503", "path": "^/$"}, errors.Unavailable),
    ],
)
def test_a_fault_of_the_service_has_its_name_and_is_never_half_a_list(box, rule, kind):
    # Given a SoundCloud with a fault
    box.post("faults", [rule])
    # When a set is read, I expect an error that names the service
    with pytest.raises(kind) as caught:
        box.client().playlist(box.world.main.url)
    assert caught.value.service == "soundcloud-api"
    assert getattr(caught.value, "retry_after", 7) == 7
    # and the whole list as soon as the fault is gone
    box.post("faults", [])
    assert len(box.client().playlist(box.world.main.url).tracks) == 60


def test_a_budget_that_refuses_stops_the_listing_with_its_own_error(box):
    def refuse():
        raise errors.ServiceStopped("soundcloud-api", "paused by hand", "crateline unpause soundcloud-api")

    with pytest.raises(errors.ServiceStopped, match="paused by hand"):
        box.client(ask_api=refuse).playlist(box.world.main.url)
    assert box.kinds() == Counter()


def test_more_than_fifty_ids_are_refused_as_by_the_real_one(box):
    # Given today's client_id
    page = {"host": "a-v2.sndcdn.com"}
    script = httpx.get(f"{box.base}/assets/{soundcloud.service.SCRIPTS[-1]}", headers=page, trust_env=False).text
    client_id = re.search(r'client_id:"(\w{32})"', script)[1]
    api = {"host": "api-v2.soundcloud.com"}
    for count, status in ((50, 200), (51, 400)):
        ids = ",".join(str(number) for number in range(count))
        answer = httpx.get(f"{box.base}/tracks", params={"ids": ids, "client_id": client_id}, headers=api, trust_env=False)
        assert answer.status_code == status


def test_the_sandbox_cannot_be_reached_through_the_proxy(box):
    context = ssl.create_default_context(cafile=str(box.proxy.ca_file))
    with httpx.Client(verify=context) as client:
        assert client.get("https://api-v2.soundcloud.com/_sandbox/stats").status_code == 404
