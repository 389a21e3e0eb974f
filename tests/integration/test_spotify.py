import contextlib
import threading
import time

import httpx
import pytest

from crateline import errors
from crateline.clients.spotify import Spotify, tokens
from crateline.domain.track import Availability
from crateline.sandbox import spotify as sandbox
from crateline.sandbox.catalogue import World
from crateline.sandbox.proxy import Proxy
from crateline.sandbox.serving import serve
from crateline.sandbox.spotify import shapes
from givens import proxied

WORLD = World.build(tracks=12)
OWNED, FOREIGN = WORLD.spotify_playlists
SINGLE = WORLD.spotify[0]


def playlist_url(playlist):
    return f"https://open.spotify.com/playlist/{playlist.id}?si=1"


@contextlib.contextmanager
def service(**arguments):
    with serve(sandbox.app(WORLD, **arguments)) as base:
        yield base


@pytest.fixture
def base():
    with service() as url:
        yield url


def client(base, **changes):
    arguments = {"client_id": sandbox.CLIENT_ID, "client_secret": sandbox.CLIENT_SECRET, "refresh_token": sandbox.CONSENT}
    return Spotify(**{"ask": lambda: None, "base_url": base, **arguments, **changes})


def order(base, *rules):
    httpx.post(f"{base}/_sandbox/faults", json=list(rules)).raise_for_status()


def arrivals(base, kind=""):
    return [at for at, one in httpx.get(f"{base}/_sandbox/stats").json()["arrivals"] if kind in one]


# Listings


def test_a_playlist_keeps_order_and_repeats_and_counts_what_it_skips(base):
    # Given a playlist with tracks, one of them twice, and a null row, a local file and an episode among them
    # When it is read
    listing = client(base).playlist(playlist_url(OWNED))
    # I expect the tracks in order, and each skipped row counted
    wanted = [row for row in OWNED.rows if row not in {"null", "local", "episode"}]
    assert [track.key for track in listing.tracks] == [f"spotify:track:{row}" for row in wanted]
    assert (listing.missing, listing.local, listing.episodes) == (1, 1, 1)
    assert (listing.key, listing.name) == (f"spotify:playlist:{OWNED.id}", "Peak Time")
    assert {track.availability for track in listing.tracks} == {Availability.ELSEWHERE}
    assert all(track.isrc for track in listing.tracks)


def test_a_long_list_is_read_in_pages_of_fifty(base):
    # Given a playlist of 120 rows
    rows = [SINGLE.id] * 120
    httpx.post(f"{base}/_sandbox/playlist", json={"id": OWNED.id, "rows": rows})
    # When it is read
    asked = []
    listing = client(base, ask=lambda: asked.append(time.time())).playlist(playlist_url(OWNED))
    # I expect all of them for a token, the head and three pages, each asked for within the budget
    assert len(listing.tracks) == 120
    assert len(asked) == len(arrivals(base)) == 5


def test_a_playlist_of_somebody_else_is_refused_with_a_way_out(base):
    with pytest.raises(errors.ConfigurationError, match=r"only of playlists you own .* CSV"):
        client(base).playlist(playlist_url(FOREIGN))


def test_the_snapshot_changes_with_the_playlist(base):
    spotify = client(base)
    before = [spotify.playlist_snapshot(playlist_url(OWNED)) for _ in range(2)]
    httpx.post(f"{base}/_sandbox/playlist", json={"id": OWNED.id, "rows": [SINGLE.id]})
    assert before[0] == before[1] != spotify.playlist_snapshot(playlist_url(OWNED))
    assert before[0][1] == OWNED.name


def test_liked_songs_stop_at_the_limit(base):
    liked = client(base).liked()
    assert [track.key for track in liked.tracks] == [f"spotify:track:{identity}" for identity in WORLD.spotify_liked]
    assert client(base).liked(limit=2).tracks == liked.tracks[:2]
    assert liked.key == "spotify:liked"


def test_what_plays_is_a_track_or_nothing(base):
    # Given silence
    assert client(base).playing() is None
    # When a track plays
    httpx.post(f"{base}/_sandbox/playing", json={"track": SINGLE.id})
    asked = []
    playing = client(base, ask=lambda: asked.append(1)).playing()
    # I expect it, for one request and one for the token
    assert (playing.key, playing.title) == (f"spotify:track:{SINGLE.id}", SINGLE.title)
    assert len(asked) == 2


def test_a_search_gives_ten_at_most_for_one_request(base):
    # Given
    asked = []
    spotify = client(base, ask=lambda: asked.append(1))
    # When
    by_isrc = spotify.search(f"isrc:{SINGLE.recording.isrc}")
    by_words = spotify.search(f"{SINGLE.title} {SINGLE.artists[0]}")
    # I expect
    assert [track.key for track in by_isrc] == [f"spotify:track:{SINGLE.id}"]
    assert by_words[0].isrc == SINGLE.recording.isrc
    assert spotify.search("nothing is called that") == ()
    assert len(asked) == 4


def test_an_album_and_a_track_need_no_consent(base):
    # Given a client with the app's credentials alone
    spotify = client(base, refresh_token="")
    # When an album and a track are read
    album = spotify.album(f"https://open.spotify.com/intl-de/album/{SINGLE.album_id}")
    single = spotify.track(f"spotify:track:{SINGLE.id}")
    # I expect both, for one token
    assert (album.key, album.tracks[0].album) == (f"spotify:album:{SINGLE.album_id}", SINGLE.album)
    assert (single.key, single.name) == (f"single:spotify:track:{SINGLE.id}", "Unassigned")
    assert len(arrivals(base, "token")) == 1


@pytest.mark.parametrize("url", [playlist_url(OWNED), "liked"])
def test_without_consent_the_user_s_own_lists_say_what_is_needed(base, url):
    with pytest.raises(errors.ConfigurationError, match="crateline login spotify"):
        client(base, refresh_token="").read(url)
    assert not arrivals(base)


def test_without_an_app_the_setting_is_named(base):
    with pytest.raises(errors.ConfigurationError, match="SPOTIPY_CLIENT_ID"):
        client(base, client_id="").read(f"spotify:track:{SINGLE.id}")


def test_any_link_is_read_by_its_kind(base):
    spotify = client(base)
    links = [playlist_url(OWNED), f"spotify:album:{SINGLE.album_id}", f"spotify:track:{SINGLE.id}", "liked"]
    assert [spotify.read(link).key.rsplit(":", 1)[0] for link in links] == [
        "spotify:playlist",
        "spotify:album",
        "single:spotify:track",
        "spotify",
    ]
    with pytest.raises(ValueError, match="is not a Spotify"):
        spotify.read("https://youtu.be/dQw4w9WgXcQ")


# Tokens


def test_a_rotated_consent_is_kept_for_the_next_process(base):
    # Given an app without a secret, whose refresh token works once
    cache = tokens.MemoryCache()
    first = client(base, client_secret="", token_cache=cache)
    first.liked()
    cache.token = {**cache.token, "expires_at": 0}
    # When another process shares the cache after the access token has expired
    second = client(base, client_secret="", token_cache=cache)
    # I expect it to go on with the successor
    assert second.liked().tracks
    assert cache.token["refresh_token"] not in {sandbox.CONSENT, ""}


def test_many_threads_renew_a_token_once(base):
    # Given eight threads that share one client and find no token
    spotify = client(base, client_secret="")
    barrier = threading.Barrier(8)
    results = []

    def read():
        barrier.wait()
        results.append(len(spotify.track(f"spotify:track:{SINGLE.id}").tracks))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # I expect one renewal, and eight answers
    assert results == [1] * 8
    assert len(arrivals(base, "token")) == 1


def test_a_consent_that_has_ended_is_said_to_have_ended(base):
    httpx.post(f"{base}/_sandbox/consent", json={"consent": True})
    with pytest.raises(errors.CredentialsRefused, match="crateline login spotify"):
        client(base).liked()


def test_a_new_consent_in_the_settings_replaces_a_dead_one_in_the_cache(base):
    cache = tokens.MemoryCache()
    cache.save_token_to_cache({"access_token": "x", "refresh_token": "dead", "expires_at": 0})
    assert client(base, token_cache=cache).liked().tracks
    assert cache.token["refresh_token"] == sandbox.CONSENT


def test_a_refused_access_token_is_not_offered_twice(base):
    # Given a token that the service has dropped before its time
    spotify = client(base)
    spotify.liked()
    httpx.post(f"{base}/_sandbox/consent", json={"consent": False})
    # When it is refused
    with pytest.raises(errors.CredentialsRefused):
        spotify.liked()
    # I expect the next question to come with a new one
    assert spotify.liked().tracks


@pytest.mark.parametrize("secret", [sandbox.CLIENT_SECRET, ""], ids=["with a secret", "without"])
def test_a_consent_given_in_the_browser_is_kept_and_used(still, secret):
    # Given a client that has no consent
    cache = tokens.MemoryCache()
    spotify = client(still, refresh_token="", client_secret=secret, token_cache=cache)
    # When the user agrees in the browser, which is sent back
    asked = spotify.ask_consent("http://127.0.0.1:8888/callback")
    spotify.accept_consent(asked, httpx.get(asked.url).headers["location"])
    # I expect another client with the same cache to read the user's songs, now and after the token has ended
    other = client(still, refresh_token="", client_secret=secret, token_cache=cache)
    assert other.liked().tracks
    cache.token = {**cache.token, "expires_at": 0}
    assert other.liked().tracks


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("state={state}&error=access_denied", errors.CredentialsRefused, "not given"),
        ("state=other&code=c", ValueError, "does not belong"),
        ("code=c", ValueError, "does not belong"),
        ("state={state}", ValueError, "no code"),
    ],
)
def test_an_answer_that_is_no_consent_is_not_taken_for_one(still, answer, kind, words):
    spotify = client(still)
    asked = spotify.ask_consent("http://127.0.0.1:8888/callback")
    with pytest.raises(kind, match=words):
        spotify.accept_consent(asked, "http://127.0.0.1:8888/callback?" + answer.format(state=asked.state))


def test_renewing_happens_under_the_shared_guard(base):
    entered = []

    @contextlib.contextmanager
    def guard():
        entered.append(len(arrivals(base, "token")))
        yield

    client(base, refresh_guard=guard).liked()
    assert entered == [0]


# Faults


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"kind": "429", "retry_after": 17}, errors.Throttled),
        ({"kind": "503"}, errors.Unavailable),
        ({"kind": "502-html"}, errors.Unavailable),
        ({"kind": "reset"}, errors.Unavailable),
        ({"kind": "truncate"}, errors.Unavailable),
        ({"kind": "404"}, errors.NotFound),
        ({"kind": "200-html"}, errors.Unavailable),
    ],
)
def test_a_fault_is_raised_at_once_as_what_it_means_and_never_repeated(base, rule, kind):
    order(base, {"path": "^/v1/", **rule})
    with pytest.raises(kind) as caught:
        client(base).track(f"spotify:track:{SINGLE.id}")
    assert len(arrivals(base, "/tracks")) == 1
    assert getattr(caught.value, "retry_after", 17) == 17


def test_the_service_s_own_rate_limit_names_the_seconds():
    with service(requests_per_window=2) as base:
        spotify = client(base)
        for _ in range(2):
            spotify.track(f"spotify:track:{SINGLE.id}")
        with pytest.raises(errors.Throttled) as caught:
            spotify.track(f"spotify:track:{SINGLE.id}")
    assert 1 <= caught.value.retry_after <= 30


def test_a_service_that_is_not_there_is_unavailable():
    with service() as base:
        pass
    with pytest.raises(errors.Unavailable, match="no answer"):
        client(base).track(f"spotify:track:{SINGLE.id}")


# The world outside, set by the environment alone


def test_the_real_hosts_are_reached_through_the_environment_s_proxy_and_authority(base, tmp_path, monkeypatch):
    # Given an environment with proxy and authority, and another bundle that requests would prefer
    with Proxy(dict.fromkeys(sandbox.HOSTS, base), tmp_path) as proxy:
        proxied.through(monkeypatch, proxy)
        (tmp_path / "other.pem").write_text("")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
        # When the client asks Spotify's real addresses
        spotify = client("https://api.spotify.com")
        # I expect the sandbox to answer, for tokens too, and its back door to be closed on that way
        assert spotify.liked().tracks
        assert len(arrivals(base, "token")) == 1
        assert httpx.get("https://api.spotify.com/_sandbox/stats").status_code == 404


@pytest.mark.parametrize(("code", "asked"), [(SINGLE.id, 1), (f"hop{OWNED.id}", 2)])
def test_a_short_link_is_followed_to_what_it_means(base, tmp_path, monkeypatch, code, asked):
    with Proxy(dict.fromkeys(sandbox.HOSTS, base), tmp_path) as proxy:
        proxied.through(monkeypatch, proxy)
        # When
        listing = client(base).read(f"https://spotify.link/{code}")
    # I expect
    assert listing.source_id == code.removeprefix("hop")
    assert len(arrivals(base, "short")) == asked


@pytest.mark.parametrize("code", ["gone", "hop" * 9 + "x"])
def test_a_short_link_that_leads_nowhere_says_what_to_do(base, tmp_path, monkeypatch, code):
    with Proxy(dict.fromkeys(sandbox.HOSTS, base), tmp_path) as proxy:
        proxied.through(monkeypatch, proxy)
        with pytest.raises(errors.NotFound, match="open it in a browser"):
            client(base).read(f"https://spotify.link/{code}")


def test_a_short_link_that_is_not_answered_is_asked_again_later(base, tmp_path, monkeypatch):
    with Proxy({}, tmp_path) as proxy:
        proxied.through(monkeypatch, proxy)
        with pytest.raises(errors.Unavailable, match=r"spotify\.link"):
            client(base).read("https://spotify.link/gone")


# What the API of 2026 no longer does


@pytest.fixture(scope="module")
def still():
    with service() as url:
        yield url


@pytest.fixture
def api(still):
    answer = httpx.post(
        f"{still}/api/token",
        data={"grant_type": "refresh_token", "refresh_token": sandbox.CONSENT},
        auth=(sandbox.CLIENT_ID, sandbox.CLIENT_SECRET),
    ).json()
    with httpx.Client(base_url=f"{still}/v1", headers={"Authorization": f"Bearer {answer['access_token']}"}) as http:
        yield http


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/playlists/{OWNED.id}/tracks", 403),
        (f"/playlists/{FOREIGN.id}/items", 403),
        (f"/playlists/{FOREIGN.id}", 200),
        ("/playlists/none/items", 404),
        (f"/tracks?ids={SINGLE.id}", 404),
        (f"/audio-features/{SINGLE.id}", 404),
        ("/search?q=a&type=track&limit=11", 400),
        (f"/search?q=isrc:{SINGLE.recording.isrc}&type=track&limit=10", 200),
        ("/me", 200),
        ("/me/playlists", 200),
        ("/me/player/currently-playing", 204),
        ("/me/tracks?limit=51", 400),
    ],
)
def test_the_sandbox_answers_as_the_api_of_2026(api, path, status):
    assert api.get(path).status_code == status


def test_a_foreign_playlist_shows_its_head_alone(api):
    assert "items" in api.get(f"/playlists/{OWNED.id}").json()
    assert "items" not in api.get(f"/playlists/{FOREIGN.id}").json()


def test_what_plays_can_be_set(still, api):
    httpx.post(f"{still}/_sandbox/playing", json={"track": SINGLE.id})
    assert api.get("/me/player/currently-playing").json()["item"]["id"] == SINGLE.id


def test_consent_with_pkce_gives_a_refresh_token_that_works_once(still):
    # Given a consent page answered for an app with PKCE
    redirect = "http://127.0.0.1:8888/callback"
    asked = {"client_id": sandbox.CLIENT_ID, "response_type": "code", "redirect_uri": redirect, "state": "s1"}
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
    answer = httpx.get(f"{still}/authorize", params={**asked, "code_challenge": challenge, "code_challenge_method": "S256"})
    given = httpx.URL(answer.headers["location"]).params
    assert given["state"] == "s1"
    form = {"grant_type": "authorization_code", "client_id": sandbox.CLIENT_ID, "redirect_uri": redirect, "code": given["code"]}
    # When the code is exchanged
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    token = httpx.post(f"{still}/api/token", data={**form, "code_verifier": verifier}).json()
    # I expect a refresh token that is replaced when used, and a code that is used up
    refresh = {"grant_type": "refresh_token", "client_id": sandbox.CLIENT_ID, "refresh_token": token["refresh_token"]}
    assert "refresh_token" in httpx.post(f"{still}/api/token", data=refresh).json()
    assert httpx.post(f"{still}/api/token", data=refresh).json()["error"] == "invalid_grant"
    assert httpx.post(f"{still}/api/token", data=form).json()["error"] == "invalid_grant"


def test_an_insecure_redirect_is_refused(still):
    asked = {"client_id": sandbox.CLIENT_ID, "response_type": "code", "redirect_uri": "http://localhost:8888/callback"}
    assert httpx.get(f"{still}/authorize", params=asked).status_code == 400


def test_errors_are_phrased_as_spotify_phrases_them(api):
    assert api.get("/tracks/none").json() == shapes.error(404, "Resource not found")
