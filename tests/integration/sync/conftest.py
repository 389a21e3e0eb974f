"""A followed set and a followed playlist that a test may edit, and what the services have seen."""

import httpx
import pytest


@pytest.fixture
def soundcloud(world):
    """The main set, and a way to edit it; afterwards it is as it was."""
    main = world.world.main

    def edit(rows):
        body = {"id": main.id, "track_ids": list(rows)}
        httpx.post(f"{world.addresses['soundcloud']}/_sandbox/set", json=body, trust_env=False).raise_for_status()

    main_rows = tuple(dict.fromkeys(main.track_ids))
    yield main, main_rows, edit
    edit(main.track_ids)


@pytest.fixture
def spotify(world):
    """The user's playlist, and a way to edit it; afterwards it is as it was."""
    owned = next(one for one in world.world.spotify_playlists if one.owned)

    def edit(rows, **more):
        body = {"id": owned.id, "rows": list(rows), **more}
        httpx.post(f"{world.addresses['spotify']}/_sandbox/playlist", json=body, trust_env=False).raise_for_status()

    yield owned, edit
    edit(owned.rows, name=owned.name, owned=True)


@pytest.fixture
def asked(world):
    """How many requests a service has seen."""

    def count(service):
        return len(httpx.get(f"{world.addresses[service]}/_sandbox/stats", trust_env=False).json()["arrivals"])

    return count
