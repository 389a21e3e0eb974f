"""What `status` says of a playlist and of a track, from plain values."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.cli import report
from crateline.durable.item import Item

WORDS = {
    "key", "name", "url", "state", "total", "done", "failed", "review", "refused", "waiting", "stations", "requests",
    "started_at", "updated_at", "eta_seconds", "sync",
}  # fmt: skip
TRACK_WORDS = {"key", "title", "artist", "state", "station", "reason", "attempts", "page_id", "eagle_id", "files"}
NOW = 1_800_000_000.0
HOUR_S = 3600.0


def playlist(**fields: str) -> Item:
    card = json.dumps({"name": "Lo Collective", "url": "https://soundcloud.com/lo/sets/all"})
    return Item(
        "soundcloud:playlists:1", {"card": card, "started": str(int(NOW - 100)), "enqueued": str(int(NOW - 50)), **fields}
    )


def track(**fields: str) -> Item:
    card = json.dumps({"key": "soundcloud:tracks:1", "title": "Night", "artist": "Ada", "platform": "SoundCloud"})
    return Item("soundcloud:tracks:1", {"card": card, "v": "1", "w": "0", "want": "all", **fields})


def test_a_playlists_object_has_the_words_of_the_contract():
    # Given
    census = {"total": 10, "done": 4, "failed": 1, "review": 1, "refused": 2, "open": 2, "station:page": 7, "station:finalise": 8}

    # When
    row = report.playlist(playlist(**{"requests:notion": "12"}), census, NOW, HOUR_S)

    # I expect
    assert set(row) == WORDS
    assert row["waiting"] == 2
    assert row["stations"] == {"page": 7, "download": 0, "analyze": 0, "eagle": 0, "finalise": 8}
    assert row["requests"] == {"notion": 12}
    assert row["started_at"] == "2027-01-15T07:58:20+00:00"
    assert row["updated_at"] == "2027-01-15T07:59:10+00:00"
    assert json.loads(json.dumps(row)) == row


@pytest.mark.parametrize(
    ("census", "state"),
    [
        ({"total": 3, "done": 3}, "done"),
        ({"total": 3, "done": 2, "refused": 1}, "done"),
        ({"total": 3, "done": 2, "review": 1}, "done"),
        ({"total": 3, "done": 2, "failed": 1}, "done_with_failures"),
        ({"total": 3, "open": 2}, "running"),
        ({"total": 3, "open": 2, "parked": 1}, "running"),
        ({"total": 3, "open": 2, "parked": 2}, "paused"),
        ({"total": 3, "open": 2, "parked": 2, "busy": 1}, "running"),
        ({"total": 3, "open": 1, "failed": 2}, "running"),
        ({}, "done"),
    ],
)
def test_a_playlists_state_follows_from_its_counts(census, state):
    assert report.state(census) == state


@pytest.mark.parametrize(
    ("census", "elapsed", "eta"),
    [
        ({"total": 10, "open": 5, "done": 5}, 100, 100.0),
        ({"total": 10, "open": 8, "done": 1, "review": 1}, 100, 400.0),
        ({"total": 10, "open": 9, "refused": 1}, 100, None),  # refused as it was enqueued: that is no rate
        ({"total": 10, "open": 10}, 100, None),
        ({"total": 10, "open": 5, "done": 5, "parked": 5}, 100, None),
        ({"total": 10, "open": 5, "done": 5}, 0, None),
        ({"total": 10, "done": 10}, 100, 0.0),
    ],
)
def test_the_time_to_go_is_told_only_when_it_is_known(census, elapsed, eta):
    assert report.eta(census, elapsed) == eta


@pytest.mark.parametrize(
    ("fields", "sync"),
    [
        ({}, None),
        ({"sync:followed": "0"}, None),
        (
            {"sync:followed": "1", "sync:at": str(int(NOW)), "sync:next": str(int(NOW + 3600)), "sync:status": "synced"},
            {"status": "synced", "reason": "", "every_minutes": 60, "looked_at": "2027-01-15T08:00:00+00:00",
             "next_at": "2027-01-15T09:00:00+00:00"},
        ),
        (
            {"sync:followed": "1", "sync:every": "0", "sync:next": "0"},
            {"status": "", "reason": "", "every_minutes": 0, "looked_at": None, "next_at": None},
        ),
        (
            {"sync:followed": "1", "sync:every": "1800", "sync:next": "0"},
            {"status": "", "reason": "", "every_minutes": 30, "looked_at": None, "next_at": None},
        ),
    ],
)  # fmt: skip
def test_how_a_playlist_is_kept_in_step_is_told(fields, sync):
    assert report.playlist(playlist(**fields), {"total": 1}, NOW, HOUR_S)["sync"] == sync


@given(
    done=st.integers(0, 20),
    failed=st.integers(0, 20),
    review=st.integers(0, 20),
    refused=st.integers(0, 20),
    rest=st.integers(0, 20),
)
def test_the_counts_always_add_up_to_the_total(done, failed, review, refused, rest):
    # Given
    total = done + failed + review + refused + rest
    census = {"total": total, "done": done, "failed": failed, "review": review, "refused": refused, "open": rest}

    # When
    row = report.playlist(playlist(), census, NOW, HOUR_S)

    # I expect
    assert sum(row[name] for name in ("done", "failed", "review", "refused", "waiting")) == row["total"] == total


def test_a_finished_track_shows_its_page_its_item_and_its_files():
    # Given
    item = track(
        w="1",
        **{
            "s:page": '{"page_id": "p-1"}',
            "s:download": "{}",
            "s:analyze": '{"files": ["/music/a.m4a"]}',
            "s:eagle": '{"used": true, "item": "E1"}',
        },
    )

    # When
    row = report.track(item, NOW * 1000)

    # I expect
    assert set(row) == TRACK_WORDS
    assert row["state"] == "done"
    assert (row["page_id"], row["eagle_id"], row["files"]) == ("p-1", "E1", ["/music/a.m4a"])


@pytest.mark.parametrize(
    ("fields", "state", "station", "reason"),
    [
        ({}, "waiting", "download", ""),
        ({"c:download": f"token {int((NOW + 5) * 1000)} host:1"}, "running", "download", ""),
        ({"c:download": f"token {int((NOW - 5) * 1000)} host:1"}, "waiting", "download", ""),
        ({"note:download": "the server is busy"}, "waiting", "download", "the server is busy"),
        ({"p:download": "youtube"}, "waiting", "download", "youtube is paused"),
        ({"verdict": "refused", "reason": "deleted", "at": "download"}, "refused", "download", "deleted"),
        ({"verdict": "review", "reason": "a doubtful match", "at": "download"}, "review", "download", "a doubtful match"),
        ({"alias": "soundcloud:tracks:2", "w": "1"}, "done", "download", "the same recording as soundcloud:tracks:2"),
        ({"want": "page"}, "waiting", "page", ""),
    ],
)
def test_a_track_says_where_it_is_and_why(fields, state, station, reason):
    # When
    row = report.track(track(**fields), NOW * 1000)

    # I expect
    assert (row["state"], row["station"], row["reason"]) == (state, station, reason)


def test_attempts_are_those_of_the_station_where_the_track_is():
    assert report.track(track(**{"tries:download": "3", "tries:analyze": "1"}), NOW * 1000)["attempts"] == 3
