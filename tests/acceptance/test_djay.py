"""`crateline djay` as a user runs it: from a library as djay writes it, killed in the middle, with a Notion that fails."""

import os
import signal
import subprocess
import sys
from collections import Counter

import httpx
import pytest

from crateline.sandbox.djay import truth as imaginary
from crateline.sandbox.djay import writing

pytestmark = pytest.mark.real("redis")

FAULTS = [
    {"kind": "503", "rate": 0.04},
    {"kind": "reset-after", "rate": 0.03, "method": "PATCH"},
    {"kind": "429", "rate": 0.02, "retry_after": 1},
    {"kind": "502-html", "rate": 0.02},
]


def table(operator, title):
    state = httpx.get(f"{operator.world.addresses['notion']}/_sandbox/state", trust_env=False).json()
    return [row["properties"] | {"id": row["id"]} for row in state["databases"][title]["rows"] if not row["in_trash"]]


def switch(operator, name, body):
    httpx.post(f"{operator.world.addresses['notion']}/_sandbox/{name}", json=body, trust_env=False).raise_for_status()


def requests(operator):
    return len(operator.stats("notion")["arrivals"])


@pytest.fixture
def dj(operator):
    """Somebody with a library of 60 tracks, of which 45 have pages, and with six sets."""
    known = writing.generate(
        operator.folder / "djay",
        tracks=60,
        sessions=6,
        plays=60,
        playlists=2,
        seed=3,
        listed=imaginary.listed(operator.world.world),
    )
    tracks = list(known.library.tracks.values())[:45]
    rows = [{"Name": track.title, "Artist": track.artist, "Duration": track.duration} for track in tracks]
    switch(operator, "rows", {"database": operator.environment["TRACKS_DB_ID"], "rows": rows})
    switch(operator, "limits", {"per_minute": 600})
    operator.environment |= {"NOTION_REQUESTS_PER_MINUTE": "600", "LEASE_SECONDS": "3"}
    return operator, known.library


def test_killed_in_the_middle_and_run_again_it_comes_to_the_same_end(dj):
    # Given a Notion that fails every tenth request, and that is slow enough to be killed over
    operator, library = dj
    switch(operator, "limits", {"latency": 0.1})
    switch(operator, "faults", FAULTS)
    command = [sys.executable, "-m", "crateline", "djay", "--from", str(operator.folder / "djay"), "--json"]

    # When it is killed twice, the second time a little later
    for count in (6, 25):
        begun = requests(operator)
        with subprocess.Popen(
            command, env=operator.environment, cwd=operator.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            operator.eventually(lambda begun=begun, count=count: requests(operator) > begun + count)
            os.kill(process.pid, signal.SIGKILL)
    done = operator.crateline("djay", "--from", str(operator.folder / "djay"), "--json")[-1]

    # I expect
    switch(operator, "faults", [])
    assert done["failed"] == 0
    sets = Counter(row["Session ID"] for row in table(operator, "Calendar"))
    assert sets == Counter(session.session_id for session in library.sessions if session.plays)
    pages = {row["djay Pro ID"]: row for row in table(operator, "Music Tracks") if row["djay Pro ID"]}
    assert len(pages) == sum(done["matched"].values()) == 45
    plays = Counter(play.title_id for session in library.sessions for play in session.plays)
    for title_id, row in pages.items():
        assert (row["Play Count (DJ)"] or 0) == plays[title_id]
        played_in = {session.session_id for session in library.sessions if title_id in {play.title_id for play in session.plays}}
        assert len(row["DJ Sessions"]) == len(played_in)
    assert operator.stats("notion")["fullest_window"] <= 600

    # When
    before = requests(operator)
    again = operator.crateline("djay", "--from", str(operator.folder / "djay"), "--json")[-1]

    # I expect
    assert (again["created"], again["updated"], again["failed"]) == (0, 0, 0)
    assert requests(operator) - before <= 8


def test_what_a_killed_command_has_left_is_finished_by_the_workers(dj):
    # Given
    operator, library = dj
    switch(operator, "limits", {"latency": 0.1})
    command = [sys.executable, "-m", "crateline", "djay", "--from", str(operator.folder / "djay")]
    with subprocess.Popen(
        command, env=operator.environment, cwd=operator.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        operator.eventually(lambda: operator.stats("notion")["by_method"].get("PATCH", 0) > 5)
        os.kill(process.pid, signal.SIGKILL)

    # When
    operator.up()

    # I expect
    expected = {session.session_id for session in library.sessions if session.plays}
    operator.eventually(lambda: {row["Session ID"] for row in table(operator, "Calendar")} == expected)
    operator.eventually(lambda: sum(bool(row["djay Pro ID"]) for row in table(operator, "Music Tracks")) == 45)
    assert len(table(operator, "Calendar")) == len(expected)
