"""A line whose stations are called one by one: real Redis, real wiring, and Notion and Eagle in this process."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crateline import app as application
from crateline import wiring as wired
from crateline.audio.analyser import Analyser
from crateline.cli import session
from crateline.domain import properties
from crateline.domain.properties import PLAYLIST_PROPERTIES, TRACK_PROPERTIES
from crateline.domain.track import Playlist, Track
from crateline.durable import keyspace
from crateline.durable.item import Item
from crateline.durable.ledger import as_fields
from crateline.messages import QUEUES, Hint, Station
from crateline.sandbox.catalogue import World
from crateline.sandbox.faults import Faults
from crateline.sandbox.music import Music
from crateline.sandbox.notion.app import app as notion
from crateline.sandbox.notion.state import State
from crateline.sandbox.serving import serve
from crateline.settings import Settings
from crateline.wiring import Wiring
from givens.heard import ANALYSIS, RESULT
from givens.prints import printed
from givens.workspace import Door, Workspace
from producers import enrolment
from tasks import analyze, download, eagle_import, hearing, notion_write, outcomes, station

PRIORITY = "\x06\x163"
TASKS = {
    Station.PLAYLIST: notion_write.playlist,
    Station.PAGE: notion_write.page,
    Station.DOWNLOAD: download.track,
    Station.ANALYZE: analyze.track,
    Station.EAGLE: eagle_import.track,
    Station.FINALISE: notion_write.finalise,
}


@dataclass(kw_only=True)
class Line:
    """Somebody who calls stations as a worker does, and looks at what is written down."""

    wiring: Wiring
    notion: Workspace
    make: Callable[..., Playlist]
    lists: dict[str, Playlist] = field(default_factory=dict)

    def enqueue(self, *tracks: Track, name: str = "Warm-up", audio: bool = True, page: bool = True) -> str:
        """Put a playlist on the line and, unless told otherwise, have its page made; gives its key."""
        playlist = self.lists[name] = self.make(*tracks, name=name)
        enrolment.enrol(self.wiring, playlist, audio=audio)
        if page:
            assert self.run(Station.PLAYLIST, playlist.key) == "sealed"
        return playlist.key

    def run(self, at: Station, key: str) -> str:
        """Call a station's task; gives what came of it."""
        return str(TASKS[at](key=key, title="Artist - Title"))

    def page(self, key: str) -> str:
        return self.run(Station.PAGE, key)

    def through(self, *keys: str) -> list[str]:
        """Fetch and hear each track; gives what came of each step."""
        return [self.run(station, key) for key in keys for station in (Station.DOWNLOAD, Station.ANALYZE)]

    def finalise(self, key: str) -> str:
        return self.run(Station.FINALISE, key)

    def item(self, key: str) -> Item:
        found = self.wiring.ledger.track(key)
        assert found is not None, key
        return found

    def act(self, at: Station, key: str, outcome: outcomes.Outcome, *, services: tuple[str, ...] = ()) -> str:
        """Let a station come to this."""
        return station.run(Hint(station=at, key=key), lambda _: outcome, services=services)

    def sealed(self, at: Station, key: str, /, **result: Any) -> None:
        """Let a station be done, with this result."""
        assert self.act(at, key, outcomes.Sealed(fields=as_fields(at, result), bump=at is not Station.DOWNLOAD)) == "sealed"

    def heard(self, key: str, /, **values: Any) -> None:
        """Let the track be fetched and analysed."""
        if not self.item(key).sealed(Station.DOWNLOAD):
            self.sealed(Station.DOWNLOAD, key)
        self.sealed(Station.ANALYZE, key, **(RESULT | values))

    def made(self, key: str, /, **values: Any) -> None:
        """Let everything but the last write be done."""
        self.heard(key, **values)
        self.sealed(Station.EAGLE, key, used=False)

    def set(self, key: str, **fields: str) -> None:
        """Write into a track's hash past all rules: what another worker, or a person, has done."""
        self.wiring.redis.hset(keyspace.track(key), mapping=fields)

    def forget(self, key: str, *names: str) -> None:
        self.wiring.redis.hdel(keyspace.track(key), *names)

    def age(self, hashed: str, name: str, seconds: float) -> None:
        """Make an intent older: as if that time had passed."""
        intent = json.loads(str(self.wiring.redis.hget(hashed, name)))
        self.wiring.redis.hset(hashed, name, json.dumps({**intent, "at": intent["at"] - 1000 * seconds}))

    def waits(self, at: Station, key: str) -> float | None:
        """Seconds until a hint is due; None if it is not in the due set."""
        score = self.wiring.redis.zscore(keyspace.DUE, Hint(station=at, key=key).member)
        return None if score is None else (float(score) - self.wiring.ledger.now_ms()) / 1000

    def sent(self, at: Station) -> list[str]:
        """The keys of the messages of a station that lie in its queue."""
        rows = [json.loads(row) for row in self.wiring.redis.lrange(f"{QUEUES[at]}{PRIORITY}", 0, -1)]
        bodies = [(row["headers"]["task"], row["headers"]["kwargsrepr"].split(" · ")[0]) for row in rows]
        return [key for task, key in bodies if task == TASKS[at].name]


@pytest.fixture(scope="session")
def notion_door() -> Iterator[tuple[Door, str]]:
    door = Door()
    with serve(door) as url:
        yield door, url


@pytest.fixture(scope="session")
def eagle_door() -> Iterator[tuple[Door, str]]:
    door = Door()
    with serve(door) as url:
        yield door, url


@pytest.fixture
def workspace(notion_door) -> Workspace:
    """A user's workspace behind the door, with its schema as `schema apply` leaves it, and a "Reason"."""
    state, faults = State(per_minute=600), Faults()
    made = state.seed_user_workspace()
    door, _ = notion_door
    door.app = notion(state, faults)
    return Workspace(state=state, faults=faults, databases={"tracks": made.tracks, "playlists": made.playlists})


@pytest.fixture
def own_settings(redis_url, workspace, notion_door, tmp_path, clean_environment) -> dict[str, Any]:
    """The settings of a line; a test may change them before it asks for the line."""
    return {
        "redis_url": redis_url,
        "notion_token": workspace.state.token,
        "notion_base_url": notion_door[1],
        "notion_requests_per_minute": 600,
        "tracks_db_id": workspace.databases["tracks"],
        "playlists_db_id": workspace.databases["playlists"],
        "media_root": tmp_path / "media",
        "out_dir": tmp_path / "music",
        "state_dir": tmp_path / "state",
        "minimum_free_gib": 0,
        "lease_seconds": 30,
    }


@pytest.fixture(scope="session")
def ear() -> Iterator[Analyser]:
    """One analyser for all tests; its child starts when one of them really listens."""
    with Analyser(time_limit=60, memory_mib=2048, bpm_lowest=90.0) as analyser:
        yield analyser


@pytest.fixture
def no_playlists_database(own_settings) -> None:
    own_settings["playlists_db_id"] = ""


@pytest.fixture
def short_lease(own_settings) -> None:
    own_settings["lease_seconds"] = 1


@pytest.fixture
def never_bpm(own_settings) -> None:
    own_settings["property_policies"] = {"BPM": "never"}


@pytest.fixture
def line(own_settings, workspace, make_playlist, ear, monkeypatch) -> Iterator[Line]:
    """A line with a wiring of its own, which is this process' wiring while the test runs."""
    monkeypatch.setattr(wired, "_current", None)
    wiring = Wiring(Settings(**own_settings))
    wired.use(wiring)
    application.connect(wiring.redis_url)
    apply_schema(wiring, workspace)
    workspace.fresh()
    wiring._local.analyser = ear
    yield Line(wiring=wiring, notion=workspace, make=make_playlist)
    wiring.stopping.set()
    session.close(wiring)


def apply_schema(wiring: Wiring, workspace: Workspace) -> None:
    """Add what the two databases lack."""
    tracks, playlists = (wiring.notion.data_source(workspace.databases[name]) for name in ("tracks", "playlists"))
    ids = {"tracks": tracks.id, "playlists": playlists.id}
    wanted = properties.missing(tracks.properties, TRACK_PROPERTIES, data_sources=ids, names={})
    after = wiring.notion.add_properties(tracks.id, {**wanted, "Reason": {"rich_text": {}}, "ISRC": {"rich_text": {}}})
    mirrors = properties.mirror_names(after.properties, TRACK_PROPERTIES, {})["playlists"]
    lacks = properties.missing(playlists.properties, PLAYLIST_PROPERTIES, data_sources=ids, names={})
    wiring.notion.add_properties(playlists.id, {**lacks, **mirrors})


@pytest.fixture(scope="session")
def sound(tmp_path_factory) -> Callable[..., Path]:
    """A real file of an imaginary recording, by its number."""
    recordings = World.build(tracks=12, seconds=(6, 7)).recordings
    music = Music(tmp_path_factory.mktemp("recordings"))

    def file(number: int = 0, form: str = "mp3") -> Path:
        return music.media(recordings[number], form)

    return file


@pytest.fixture
def fetched(line, sound) -> Callable[..., Path]:
    """Put a recording into the store as a track's original, and seal its download."""

    def place(key: str, number: int = 0, form: str = "mp3") -> Path:
        source = sound(number, form)
        target = line.wiring.store.folder("originals", key) / f"original{source.suffix}"
        shutil.copyfile(source, target)
        line.wiring.store.seal("originals", key, target, {"provider": "SoundCloud", "matched": False})
        assert line.run(Station.DOWNLOAD, key) == "sealed"
        return target

    return place


@pytest.fixture
def listened(line, fetched) -> Callable[..., str]:
    """Fetch a track whose analysis is kept already, so that nobody has to listen; gives what its station came to."""

    def run(key: str, number: int = 0, **values: Any) -> str:
        if not line.item(key).sealed(Station.DOWNLOAD):
            fetched(key, number)
        original = line.wiring.store.kept("originals", key)
        line.wiring.store.keep_memo(
            "analyses", f"{original.digest}-{hearing.RECIPE}-{hearing.ESSENTIA}", ANALYSIS.to_json() | values
        )
        return line.run(Station.ANALYZE, key)

    return run


@pytest.fixture
def redis_forgets(line) -> Callable[[], None]:
    """Empty Redis, and let the minute of silence towards Notion be over."""

    def forget() -> None:
        line.wiring.redis.flushall()
        line.wiring.epoch.check()
        line.wiring.redis.delete(keyspace.blocked("notion"))

    return forget


@pytest.fixture
def alike(line, listened, make_track) -> None:
    """Two tracks in two playlists that sound alike; a person is asked about the second."""
    line.enqueue(make_track(1), name="Early")
    line.enqueue(make_track(2), name="Late")
    assert listened("soundcloud:tracks:1", 1, fingerprint=printed()) == "sealed"
    assert listened("soundcloud:tracks:2", 2, fingerprint=printed(differing=0.15)) == "ended"
