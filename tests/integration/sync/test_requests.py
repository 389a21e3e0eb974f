"""What keeping five hundred tracks in step costs."""

import httpx
import pytest

from crateline.durable import keyspace
from crateline.sandbox import outside

pytestmark = pytest.mark.real("redis")

SIZE = 500


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A world with ten tracks more than that."""
    with outside.run(folder=tmp_path_factory.mktemp("large"), tracks=SIZE + 10, per_minute=600) as running:
        yield running


@pytest.fixture
def large(soundcloud):
    """A set of that many distinct rows, ten more that it might have, and a way to edit it."""
    main, rows, edit = soundcloud
    edit(rows[:SIZE])
    return main, rows[:SIZE], rows[SIZE:], edit


def test_five_hundred_unchanged_rows_cost_one_request_and_ten_new_ones_fourteen(crateline, wiring, large, asked):
    # Given
    main, rows, others, edit = large
    before = asked("soundcloud")
    (row,) = crateline("enqueue", main.url, "--json").rows
    assert row["total"] == SIZE
    enqueued = asked("soundcloud")
    assert enqueued - before <= 16  # the client id, the set, ten times fifty tracks
    wiring.redis.delete(keyspace.DUE)
    # When nothing has changed
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert done["state"] == "unchanged"
    assert asked("soundcloud") - enqueued == 1
    assert wiring.redis.zcard(keyspace.DUE) == 0
    # When some rows are added
    edit([*others, *rows])
    (done,) = crateline("sync", "--json").rows
    # I expect these alone to be on the line
    assert (done["added"], done["moved"], done["gone"]) == (len(others), 0, 0)
    assert asked("soundcloud") - enqueued <= 1 + 14
    assert asked("notion") == 0


def test_five_hundred_unchanged_rows_of_spotifys_cost_one_request(crateline, wiring, world, spotify, asked):
    # Given
    owned, edit = spotify
    real = [row for row in dict.fromkeys(owned.rows) if row not in {"null", "local", "episode"}]
    edit((real * SIZE)[:SIZE])
    (row,) = crateline("enqueue", f"https://open.spotify.com/playlist/{owned.id}", "--json").rows
    before = asked("spotify")
    # When
    (done,) = crateline("sync", "--json").rows
    # I expect
    assert (done["state"], done["total"]) == ("unchanged", row["total"])
    assert asked("spotify") - before == 1
    assert asked("notion") == 0
    statuses = httpx.get(f"{world.addresses['spotify']}/_sandbox/stats", trust_env=False).json()["statuses"]
    assert not [status for status in statuses if not status.endswith("200")]
