"""A DJ with a library, a workspace in a simulated Notion, and what comes of bringing the one to the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crateline import wiring as wired
from crateline.cli import djay_run, session
from crateline.cli.schema import Change
from crateline.cli.schema import read as read_schemas
from crateline.domain.library import Library, LibraryTrack, Play, Session
from crateline.durable.item import Item
from crateline.durable.wishes import Wishes
from crateline.sandbox.faults import Faults
from crateline.sandbox.notion import text
from crateline.sandbox.notion.app import app as notion
from crateline.sandbox.notion.state import State
from crateline.sandbox.serving import serve
from crateline.settings import Settings
from crateline.wiring import Wiring
from givens.workspace import Door, Workspace
from tasks import tables as tables_of

EVENING = datetime(2026, 1, 16, 20, 30, tzinfo=UTC)


def title_id(number: int) -> str:
    return f"{number:032x}"


@dataclass(kw_only=True)
class Booth(Workspace):
    """What a DJ has and does: `tracks` and `sessions` are djay's, `state` is Notion's."""

    wiring: Wiring
    tracks: dict[str, LibraryTrack] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)

    # djay

    def track(self, number: int, **fields: Any) -> LibraryTrack:
        """Have a track in the library: of this number, unless told otherwise a local file."""
        plain: dict[str, Any] = {"title": f"Title {number}", "artist": f"Artist {number}", "duration": 240.0 + number}
        plain |= {"bpm": 120.0, "key": "Am", "path": f"/music/{number}.m4a"} if "uris" not in fields else {}
        one = LibraryTrack(title_id=title_id(number), **(plain | fields))
        self.tracks[one.title_id] = one
        return one

    def plays(self, *numbers: int, name: str = "A", at: datetime = EVENING, every: float = 200.0, **fields: Any) -> Session:
        """Play these tracks in a set, on two decks in turn, so many seconds after each other."""
        plays = tuple(
            self._play(name, place, number, at + timedelta(seconds=place * every)) for place, number in enumerate(numbers)
        )
        end = at + timedelta(seconds=len(numbers) * every)
        plain = {"device": "MacBook Pro", "device_type": "1", "start": at, "end": end, "plays": plays}
        held = Session(session_id=f"SESSION-{name}", **(plain | fields))
        self.sessions = [*(one for one in self.sessions if one.session_id != held.session_id), held]
        return held

    def _play(self, name: str, place: int, number: int, started: datetime) -> Play:
        track = self.tracks.get(title_id(number)) or LibraryTrack(title_id=title_id(number), title=f"Title {number}")
        return Play(
            play_id=f"PLAY-{name}-{place}",
            session_id=f"SESSION-{name}",
            title_id=track.title_id,
            title=track.title,
            artist=track.artist,
            duration=track.duration,
            deck=place % 2 + 1,
            started=started,
            origin=track.uris[0].partition(":")[0] if track.uris else "finder",
        )

    @property
    def library(self) -> Library:
        return Library(source="a test", tracks=dict(self.tracks), sessions=tuple(self.sessions))

    # crateline

    def sync(self, *parts: str, dry_run: bool = False) -> dict[str, Any]:
        """Bring the library to Notion; gives what `--json` prints."""
        run = djay_run.Sync(wiring=self.wiring, parts=frozenset(parts) or djay_run.ALL, dry_run=dry_run)
        run._ready()
        return run.take(self.library)

    def item(self, key: str) -> Item:
        found = Wishes(self.wiring.redis).item(key)
        assert found is not None, key
        return found

    def forget(self) -> None:
        """Let Redis have lost what it knew of the library and of Notion's pages (and not the count of requests)."""
        names = [*self.wiring.redis.scan_iter("crateline:library*"), *self.wiring.redis.scan_iter("crateline:notion:*")]
        self.wiring.redis.delete(*names)

    def settings(self, **changes: Any) -> None:
        self.wiring.settings = self.wiring.settings.model_copy(update=changes)

    # Notion

    def page(self, number: int, **values: Any) -> str:
        """Have a page for a track of the library, as a person has made it; gives its id. `Source_ID` is "Source ID"."""
        track = self.tracks[title_id(number)]
        plain = {"Name": track.title, "Artist": track.artist, "Duration": track.duration}
        return self.person_makes("tracks", **(plain | {name.replace("_", " "): value for name, value in values.items()}))

    def shown(self, page_id: str, name: str = "tracks") -> dict[str, Any]:
        return next(row for row in self.rows(name) if row["id"] == page_id)

    def set_page(self, name: str = "A") -> dict[str, Any]:
        """The one page of a set."""
        rows = [row for row in self.rows("calendar") if row["Session ID"] == f"SESSION-{name}"]
        assert len(rows) == 1, rows
        return rows[0]

    def body(self, page_id: str) -> list[tuple[str, str]]:
        """The blocks of a page: their types and their texts."""
        with self.state.lock:
            blocks = [self.state.blocks[one] for one in self.state.pages[page_id].blocks]
        return [(one["type"], text.plain(one["content"].get("rich_text", []))) for one in blocks]

    def written_plays(self, name: str = "A") -> list[dict[str, Any]]:
        """The plays as the body of a set's page tells them."""
        told: list[dict[str, Any]] = json.loads(
            "".join(text for kind, text in self.body(self.set_page(name)["id"]) if kind == "code")
        )
        return told

    def forget_schemas(self) -> None:
        """Let the databases be read as they are now."""
        tables_of.forget(self.wiring)

    def apply_schema(self) -> None:
        """`crateline schema apply`."""
        found = read_schemas(self.wiring)
        change = Change(wiring=self.wiring, ids={one.word: one.source.id for one in found}, dry_run=False)
        for one in found:
            change.add(one, {})
        tables_of.forget(self.wiring)


@pytest.fixture(scope="session")
def door() -> Iterator[tuple[Door, str]]:
    behind = Door()
    with serve(behind) as url:
        yield behind, url


@pytest.fixture
def booth(door, redis_url, tmp_path, clean_environment, monkeypatch) -> Iterator[Booth]:
    """A booth with an empty library, and a workspace as `schema apply` leaves it."""
    state, faults = State(per_minute=6000), Faults()
    made = state.seed_user_workspace()
    behind, url = door
    behind.app = notion(state, faults)
    wiring = Wiring(
        Settings(
            redis_url=redis_url,
            notion_token=state.token,
            notion_base_url=url,
            notion_requests_per_minute=600,
            tracks_db_id=made.tracks,
            calendar_db_id=made.calendar,
            dj_session_type_id=made.session_type,
            media_root=tmp_path / "media",
            state_dir=tmp_path / "state",
            log_level="WARNING",
            lease_seconds=30,
        )
    )
    monkeypatch.setattr(wired, "_current", None)
    databases = {"tracks": made.tracks, "calendar": made.calendar, "plays": made.plays}
    found = read_schemas(wiring)
    change = Change(wiring=wiring, ids={one.word: one.source.id for one in found}, dry_run=False)
    for one in found:
        change.add(one, {})
    made_booth = Booth(wiring=wiring, state=state, faults=faults, databases=databases)
    made_booth.fresh()
    yield made_booth
    wiring.stopping.set()
    session.close(wiring)


@pytest.fixture
def identified(booth: Booth) -> Booth:
    """A library of twelve tracks, of which the first ten have pages that know them."""
    for number in range(1, 13):
        booth.track(number, bpm=118.0 + number, key="Am" if number % 2 else "C")
    for number in range(1, 11):
        booth.page(number)
    booth.sync("ids")
    booth.fresh()
    return booth
