"""`crateline login spotify`: one consent in the browser, kept for all workers, and asked for again in time."""

import json
import socket
import stat
import threading
import time
from pathlib import Path

import httpx
import pytest

from crateline import settings
from crateline.cli import redirect, session
from crateline.durable import consent
from crateline.durable.consent import Consent
from crateline.errors import ConfigurationError
from crateline.wiring import Wiring

pytestmark = pytest.mark.real("redis")


@pytest.fixture
def address(settled_in):
    """A redirect URI whose port is free; no consent in the settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uri = f"http://127.0.0.1:{port}/callback"
    settled_in.setenv("SPOTIPY_REDIRECT_URI", uri)
    settled_in.setenv("SPOTIFY_REFRESH_TOKEN", "")
    return uri


@pytest.fixture
def wiring(address):
    made = Wiring(settings.load())
    yield made
    session.close(made)


@pytest.fixture
def browser(monkeypatch):
    """A browser whose user agrees at once; gives the pages it has seen."""
    seen: list[httpx.Response] = []
    threads: list[threading.Thread] = []

    def go(url: str) -> None:
        seen.append(httpx.get(url, follow_redirects=True))

    def launch(links: list[str]) -> bool:
        threads.append(threading.Thread(target=go, args=links))
        threads[-1].start()
        return True

    monkeypatch.setattr("crateline.cli.browser.show", launch)
    yield seen
    for thread in threads:
        thread.join()


def test_a_consent_in_the_browser_opens_the_users_playlists(crateline, wiring, browser):
    # Given no consent
    with pytest.raises(ConfigurationError, match="login spotify"):
        wiring.spotify.liked(1)
    # When
    ended = crateline("login", "spotify", "--json")
    # I expect
    assert ended.code == 0, ended.err
    (row,) = ended.rows
    assert row["name"] == "Crate Digger"
    assert 180 <= row["days"] <= 183
    assert "Close this page" in browser[0].text
    assert wiring.spotify.liked(1).tracks


def test_no_code_and_no_token_is_ever_shown(crateline, wiring, browser):
    # When
    ended = crateline("login", "spotify")
    # I expect
    kept = Consent(wiring.redis).get_cached_token()
    assert kept is not None
    for secret in (kept["access_token"], kept["refresh_token"]):
        assert secret not in ended.out + ended.err


def test_the_consent_outlives_redis_in_a_file_that_is_for_its_owner_alone(crateline, wiring, browser):
    # Given
    crateline("login", "spotify")
    file = wiring.settings.state_dir / "spotify.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(json.loads(file.read_text())) == {"refresh_token", "consented_at", "renewed"}
    # When Redis forgets
    wiring.redis.flushall()
    # I expect
    assert wiring.spotify.liked(1).tracks
    assert 180 * 86400 < wiring.consent.ends_in() < 183 * 86400


def test_somebody_elses_request_at_the_door_is_passed_over(address, crateline, wiring, monkeypatch):
    # Given a stranger who knocks first
    def launch(links: list[str]) -> bool:
        def go() -> None:
            httpx.get(f"{address}?code=stolen&state=wrong")
            httpx.get(address.replace("callback", "favicon.ico"))
            httpx.get(links[0], follow_redirects=True)

        threading.Thread(target=go).start()
        return True

    monkeypatch.setattr("crateline.cli.browser.show", launch)
    # When
    ended = crateline("login", "spotify")
    # I expect
    assert ended.code == 0, ended.err
    assert wiring.spotify.liked(1).tracks


def test_a_user_who_says_no_is_told_what_that_means(address, crateline, monkeypatch):
    # Given
    pages: list[httpx.Response] = []

    def launch(links: list[str]) -> bool:
        state = httpx.URL(links[0]).params["state"]
        pages.append(httpx.get(f"{address}?error=access_denied&state={state}"))
        return True

    monkeypatch.setattr("crateline.cli.browser.show", launch)
    # When
    ended = crateline("login", "spotify")
    # I expect
    assert ended.code == 4
    assert "access_denied" in ended.err
    assert "Nothing was agreed" in pages[0].text


def test_where_no_browser_can_be_opened_it_says_what_else_there_is(address, crateline, monkeypatch):
    # Given a machine without a screen, and nobody who comes
    monkeypatch.setattr("crateline.cli.browser.show", lambda _links: False)
    monkeypatch.setattr("crateline.cli.login.PATIENCE_S", 0.1)
    # When
    ended = crateline("login", "spotify")
    # I expect
    assert ended.code == 2
    assert "No browser can be opened from here" in ended.err
    assert "--paste" in ended.err


def test_a_machine_without_a_browser_takes_the_address_by_hand(crateline, wiring, monkeypatch):
    # Given what the browser elsewhere was sent to
    def prompt(*_words: object, **_more: object) -> str:
        return pasted[0]

    pasted: list[str] = []
    say = __import__("crateline.cli.talk", fromlist=["say"]).say

    def listen(words: str) -> None:
        if "Open this address" in words:
            pasted.append(httpx.get(words.splitlines()[1]).headers["location"])
        say(words)

    monkeypatch.setattr("crateline.cli.talk.say", listen)
    monkeypatch.setattr("click.prompt", prompt)
    # When
    ended = crateline("login", "spotify", "--paste")
    # I expect
    assert ended.code == 0, ended.err
    assert wiring.spotify.liked(1).tracks


@pytest.mark.parametrize("uri", ["https://example.org/callback", "http://192.0.2.1:8888/callback", "http://127.0.0.1/callback"])
def test_an_address_where_nobody_can_listen_is_refused_with_a_way_out(settled_in, crateline, uri):
    # Given
    settled_in.setenv("SPOTIPY_REDIRECT_URI", uri)
    # When
    ended = crateline("login", "spotify", "--no-browser")
    # I expect
    assert ended.code == 2
    assert "--paste" in ended.err
    assert "Open this address" not in ended.err


def test_a_port_that_is_taken_is_named(address, crateline):
    # Given
    with redirect.listening(address):
        # When
        ended = crateline("login", "spotify", "--no-browser")
    # I expect
    assert ended.code == 2
    assert address.split(":")[2].split("/")[0] in ended.err


def test_an_end_that_is_near_is_told_by_the_doctor(crateline, wiring, browser):
    # Given a consent of five and a half months ago
    crateline("login", "spotify")
    kept = json.loads(wiring.redis.get(consent.TOKEN))
    wiring.redis.set(consent.TOKEN, json.dumps({**kept, "consented_at": time.time() - 165 * 86400}))
    # When
    (answer,) = crateline("doctor", "--json").rows
    # I expect
    row = next(one for one in answer["checks"] if one["name"] == "Spotify")
    assert (row["state"], "17 days" in row["detail"], "login spotify" in row["remedy"]) == ("warn", True, True)


def test_a_refreshed_token_keeps_the_day_of_its_consent(client, tmp_path: Path):
    # Given
    kept = Consent(client, tmp_path / "spotify.json")
    kept.save_token_to_cache({"access_token": "a", "refresh_token": "r", "consented_at": 1000})
    # When
    kept.save_token_to_cache({"access_token": "b", "refresh_token": "rotated"})
    # I expect
    client.delete(consent.TOKEN)
    found = Consent(client, tmp_path / "spotify.json").get_cached_token()
    assert found == {"refresh_token": "rotated", "consented_at": 1000, "renewed": 2}


@pytest.mark.parametrize("wrong", [-7200.0, 7200.0])
def test_a_machine_whose_clock_is_wrong_knows_a_fresh_token_as_well(client, monkeypatch, wrong):
    # Given a token for an hour, fetched by a machine whose clock is right
    now = time.time()
    Consent(client).save_token_to_cache({"access_token": "a", "expires_at": now + 3600})
    # When another machine's clock is hours off
    monkeypatch.setattr(consent.time, "time", lambda: now + wrong)
    kept = Consent(client).get_cached_token()
    # I expect it to last an hour there, too
    assert kept["expires_at"] - (now + wrong) == pytest.approx(3600, abs=5)
    # And one that was found to have ended to stay so
    Consent(client).save_token_to_cache({**kept, "expires_at": 0})
    assert Consent(client).get_cached_token()["expires_at"] == 0
