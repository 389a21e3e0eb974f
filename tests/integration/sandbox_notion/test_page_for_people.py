"""The page for people: what it shows, and that nothing in a title can break out of it."""

import re
import time

import httpx
import pytest

from crateline.sandbox.notion import app, page, pages, tables
from crateline.sandbox.notion.state import State
from crateline.sandbox.serving import serve

HOSTILE = "<script>alert(1)</script>\"'>{{ 7*7 }}"


@pytest.fixture
def state():
    made = State()
    made.seed_user_workspace()
    return made


def source(state, title):
    return page._source(state, title)


def link(state):
    relation = {"relation": {"data_source_id": source(state, page.PLAYLISTS).id, "dual_property": {}}}
    tables.update_columns(state, source(state, page.TRACKS), {"Playlists": relation, "In Eagle": {"checkbox": {}}})


def test_a_workspace_without_tracks_says_so(state):
    # Given the user's databases as they are at first / When shown / I expect words, not an error
    assert "No tracks here yet" in page.render(state)
    assert "No tracks here yet" in page.render(State())


def test_hostile_titles_stay_words(state):
    # Given a track and a playlist with markup in their names
    link(state)
    playlist = pages.add_rows(state, source(state, page.PLAYLISTS), [{"Name": HOSTILE}])
    pages.add_rows(state, source(state, page.TRACKS), [{"Name": HOSTILE, "Artist": HOSTILE, "Playlists": playlist}])

    # When they are shown / I expect no tag of theirs, and nothing evaluated
    for shown in (page.render(state), page.render(state, playlist[0]), page.render(state, HOSTILE)):
        assert "<script" not in shown
        assert "{{ 7*7 }}" in shown
    assert page.render(state).count("&lt;script&gt;") >= 3


def test_the_policy_lets_in_the_pages_own_style_and_nothing_else(state):
    with serve(app.app(state)) as url:
        answers = [httpx.get(url, trust_env=False) for _ in range(2)]
    policies = [one.headers["content-security-policy"] for one in answers]
    nonces = [re.search(r"style-src 'nonce-([\w-]+)'", one)[1] for one in policies]
    assert nonces[0] != nonces[1]
    assert f'<style nonce="{nonces[0]}">' in answers[0].text
    assert policies[0].startswith("default-src 'none'; style-src 'nonce-")
    assert "style=" not in answers[0].text


def test_a_playlist_shows_its_tracks_and_counts_without_the_bin(state):
    # Given three tracks of which one lies in the bin
    link(state)
    first, second = pages.add_rows(state, source(state, page.PLAYLISTS), [{"Name": "First"}, {"Name": "Second"}])
    rows = [
        {"Name": "Kept", "Status": "Complete", "BPM": 120.5, "Duration": 251.2, "In Eagle": True, "Playlists": [first]},
        {"Name": "Other", "Status": "Failed", "Playlists": [first, second]},
        {"Name": "Binned", "Playlists": [first]},
    ]
    binned = pages.add_rows(state, source(state, page.TRACKS), rows)[2]
    state.pages[binned].in_trash = True

    # When the second playlist is shown / I expect its one track
    shown = page.render(state, second)
    assert ("Other" in shown, ">Kept<" in shown, "Binned" in shown) == (True, False, False)
    assert "1 track<" in shown

    # When all are shown / I expect counts, a length in minutes and the colour of the status
    shown = page.render(state)
    assert re.search(r"<span>First</span><em>2</em>", shown)
    assert "4:11" in shown
    assert "120.5" in shown
    assert '<span class="tag pill green">Complete</span>' in shown


def test_a_full_library_is_shown_quickly(state):
    # Given 15,540 tracks
    rows = [{"Name": f"T{number}", "Status": "Complete"} for number in range(15_540)]
    pages.add_rows(state, source(state, page.TRACKS), rows)

    # When the page is made / I expect the newest of them, soon
    started = time.perf_counter()
    shown = page.render(state)
    assert time.perf_counter() - started < 1.5
    assert "15540 tracks" in shown
    assert f"The newest {page.ROWS_SHOWN} are shown." in shown


def test_the_sets_in_the_calendar_have_a_page_of_their_own_and_other_dates_are_none(state):
    # Given two sets, a date that is none, and a set in the bin
    calendar = source(state, page.CALENDAR)
    assert "DJ sets" not in page.render(state)
    rows = [
        {
            "Name": HOSTILE,
            "Session ID": "A-1",
            "Date": "2023-01-22T21:55:00+00:00",
            "Average BPM": 148.8,
            "Keys Used": ["Dm", "E"],
        },
        {"Name": "Friday", "Session ID": "A-2", "Device": HOSTILE},
        {"Name": "Dentist"},
        {"Name": "Binned", "Session ID": "A-3"},
    ]
    state.pages[pages.add_rows(state, calendar, rows)[3]].in_trash = True

    # When
    shown = page.render_sets(state)

    # I expect
    assert "<script" not in shown
    assert ("2 sets" in shown, "148.8" in shown, ">Dm<" in shown, "2023-01-22 21:55" in shown) == (True, True, True, True)
    assert ("Dentist" in shown, "Binned" in shown) == (False, False)
    assert 'href="/?sets=all"' in page.render(state)
    with serve(app.app(state)) as url:
        assert "2 sets" in httpx.get(f"{url}/?sets=all", trust_env=False).text
