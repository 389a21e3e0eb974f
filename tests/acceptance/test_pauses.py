"""What stops the line is said once, with what to do, and is not taken for mended before it is."""

import subprocess
import sys

import pytest

from crateline.sandbox.notion.tables import update_columns

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(300)]


def test_a_schema_that_was_not_applied_pauses_once_until_it_is(operator):
    # Given a database without a place for the key, and somebody who waits
    state = operator.world.notion
    source = state.data_sources[state.databases[operator.environment["TRACKS_DB_ID"]].data_sources[0]]
    with state.lock:
        update_columns(state, source, {"Source ID": None})
    operator.up()
    with subprocess.Popen(
        [sys.executable, "-m", "crateline", "enqueue", operator.world.world.main.url, "--wait"],
        env=operator.environment,
        cwd=operator.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as waiting:
        (pause,) = operator.eventually(lambda: operator.status()["pauses"])
        # When it has been looked at again
        seen = len(state.journal.arrivals)
        operator.eventually(lambda: len(state.journal.arrivals) > seen)
        # I expect the same pause, which says what is missing, where, and what to do
        assert operator.status()["pauses"] == [pause]
        assert (pause["service"], pause["reason"]) == ("notion", "the database «Music Tracks» has no property «Source ID»")
        assert "`crateline schema apply`" in pause["remedy"]
        assert not operator.pages()
        # When the schema is applied
        operator.crateline("schema", "apply", "--json")
        # I expect the end that there always is, and whoever waits to have heard of it once
        _, said = waiting.communicate(timeout=200)
        assert waiting.returncode == 0
        assert said.count("notion is paused: ") == said.count(pause["reason"]) == 1
        assert said.count("notion goes on") == 1
        assert operator.log().count("pause-begins") <= 1
    operator.expect_the_end_state(operator.status()["playlists"][0]["key"])
