"""Build everything from the settings, once per process; the only room that makes clients, budgets and the ledger."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import redis

from crateline import settings as settings_module
from crateline import shelves
from crateline.audio.analyser import Analyser
from crateline.clients.eagle import DEFAULT_URL, Eagle, found
from crateline.clients.notion import Notion
from crateline.clients.soundcloud import SoundCloud
from crateline.clients.spotify import Spotify
from crateline.clients.youtube import YouTube
from crateline.durable import limits, locks
from crateline.durable.budget import Budget
from crateline.durable.claims import Heartbeat
from crateline.durable.connection import connect
from crateline.durable.consent import Consent
from crateline.durable.copies import Copies
from crateline.durable.eagle_library import EagleLibrary
from crateline.durable.embedded import Embedded
from crateline.durable.epoch import Epoch
from crateline.durable.follows import Follows
from crateline.durable.holdings import Holdings
from crateline.durable.index import Index
from crateline.durable.ledger import Ledger
from crateline.durable.pauses import Pauses
from crateline.durable.register import Register
from crateline.durable.rescue import DueSet
from crateline.durable.rework import Rework
from crateline.durable.shelf import Shelf
from crateline.durable.store import Store
from crateline.errors import ConfigurationError

Part = TypeVar("Part")
slot_in_hand: ContextVar[bool] = ContextVar("slot_in_hand", default=False)
"""Whether this thread has taken its slot already: what is sent is then decided after the wait, not before."""


class Wiring:
    """One process' parts, each made when it is first asked for."""

    def __init__(self, settings: settings_module.Settings) -> None:
        self.settings = settings
        self.stopping = threading.Event()
        self.on_wait: Callable[[str, float], object] = lambda _service, _seconds: None
        """Told of a service and its seconds before this process waits for its budget. To be set before anything is asked."""
        self._local = threading.local()

    @cached_property
    def embedded(self) -> Embedded:
        """The Redis of our own, for when REDIS_URL is not set."""
        return Embedded(self.settings.state_dir)

    @cached_property
    def redis_url(self) -> str:
        """Where Redis is: REDIS_URL, else our own, started now."""
        return self.settings.redis_url.get_secret_value() or self.embedded.ensure()

    @cached_property
    def redis(self) -> redis.Redis:
        """The connection pool."""
        return connect(self.redis_url)

    @cached_property
    def ledger(self) -> Ledger:
        """What is done."""
        return Ledger(self.redis, lease_s=self.settings.lease_seconds)

    @cached_property
    def rework(self) -> Rework:
        """What is to be done again."""
        return Rework(self.ledger)

    @cached_property
    def heartbeat(self) -> Heartbeat:
        """What keeps this process' claims alive."""
        return Heartbeat(self.ledger.scripts, self.settings.lease_seconds)

    @cached_property
    def register(self) -> Register:
        """The playlists."""
        return Register(self.redis)

    @cached_property
    def follows(self) -> Follows:
        """Which playlists are kept in step."""
        return Follows(self.redis)

    @cached_property
    def holdings(self) -> Holdings:
        """What the user's Spotify playlists hold."""
        return Holdings(self.redis)

    @cached_property
    def due(self) -> DueSet:
        """When each hint is looked at again."""
        return DueSet(self.redis)

    @cached_property
    def pauses(self) -> Pauses:
        """What is stopped, and why."""
        return Pauses(self.redis)

    @cached_property
    def index(self) -> Index:
        """What Notion holds."""
        return Index(self.redis)

    @cached_property
    def store(self) -> Store:
        """Where files are."""
        return Store(self.settings.media_root)

    @cached_property
    def music(self) -> Shelf:
        """The music folder."""
        return shelves.music(self.settings, self.store)

    @cached_property
    def copies(self) -> Copies:
        """The volumes that get copies, and what is owed to them."""
        return shelves.copies(self.settings, self.store, self.lock)

    @cached_property
    def epoch(self) -> Epoch:
        """Whether Redis remembers."""
        return Epoch(self.redis, self.settings.media_root.absolute())

    @cached_property
    def budgets(self) -> dict[str, Budget]:
        """One budget per limited service."""
        return {
            service: Budget(
                service,
                limit,
                self.redis,
                stopping=self.stopping.is_set,
                on_lost_epoch=self.epoch.check,
                on_wait=self.on_wait,
            )
            for service, limit in limits.of(self.settings).items()
        }

    def ask(self, service: str) -> Callable[[], None]:
        """The budget of a service as its client gets it: call it right before every request."""

        def take_slot() -> None:
            if slot_in_hand.get():
                slot_in_hand.set(False)
            else:
                self.budgets[service]()

        return take_slot

    def slot(self, service: str) -> None:
        """Take a slot now for the request that this thread sends next."""
        self.budgets[service]()
        slot_in_hand.set(True)

    @property
    def cache_dir(self) -> Path:
        """What extractors may keep between runs, shared by all workers of this machine."""
        return (self.settings.state_dir / "cache").absolute()

    @cached_property
    def notion(self) -> Notion:
        """Notion. Raises ConfigurationError without a token."""
        token = self.settings.notion_token.get_secret_value()
        if not token or not self.settings.tracks_db_id:
            raise ConfigurationError("NOTION_TOKEN and TRACKS_DB_ID are needed: see the README, «Your own Notion»")
        silence = self.budgets["notion"].block
        return Notion(token=token, ask=self.ask("notion"), hush=silence, base_url=self.settings.notion_base_url)

    @property
    def soundcloud(self) -> SoundCloud:
        """SoundCloud; one per thread, since an extractor keeps state."""
        api, media = self.ask("soundcloud-api"), self.ask("soundcloud-media")
        return self._own("soundcloud", lambda: SoundCloud(ask_api=api, ask_media=media, cache_dir=self.cache_dir))

    @property
    def youtube(self) -> YouTube:
        """YouTube; one per thread."""
        ask, clients = self.ask("youtube"), self.settings.youtube_player_clients
        return self._own("youtube", lambda: YouTube(ask=ask, cache_dir=self.cache_dir, player_clients=clients))

    @cached_property
    def consent(self) -> Consent:
        """The user's consent to Spotify."""
        return Consent(self.redis, self.settings.state_dir.absolute() / "spotify.json")

    @cached_property
    def spotify(self) -> Spotify:
        """Spotify, with one token for all workers."""
        settings, consent = self.settings, self.consent
        return Spotify(
            ask=self.ask("spotify"),
            client_id=settings.spotipy_client_id,
            client_secret=settings.spotipy_client_secret.get_secret_value(),
            refresh_token=settings.spotify_refresh_token.get_secret_value(),
            base_url=settings.spotify_base_url,
            token_cache=consent,
            refresh_guard=consent.alone,
        )

    @property
    def eagle(self) -> Eagle | None:
        """Eagle where EAGLE_URL says, else where it listens by default; None if it was never configured nor seen."""
        if self.settings.eagle_url:
            return self._eagle
        if found(DEFAULT_URL):
            self.eagle_library.saw(DEFAULT_URL)
        return self._eagle if self.eagle_library.seen else None

    @cached_property
    def eagle_library(self) -> EagleLibrary:
        """Which of Eagle's libraries is ours."""
        return EagleLibrary(self.redis)

    @cached_property
    def _eagle(self) -> Eagle:
        return Eagle(url=self.settings.eagle_url or DEFAULT_URL, token=self.settings.eagle_token.get_secret_value())

    @property
    def analyser(self) -> Analyser:
        """The analyser; one child process per thread, so that one set uses every core."""
        seconds, memory, lowest = self.settings.analysis_time_limit, self.settings.analysis_memory_mib, self.settings.bpm_lowest
        return self._own("analyser", lambda: Analyser(time_limit=seconds, memory_mib=memory, bpm_lowest=lowest))

    def _own(self, name: str, make: Callable[[], Part]) -> Part:
        """This thread's part of that name, made when it is first asked for."""
        if not hasattr(self._local, name):
            setattr(self._local, name, make())
        part: Part = getattr(self._local, name)
        return part

    def lock(self, name: str, *, seconds: float = locks.LEASE_S) -> AbstractContextManager[bool]:
        """Try to be the only one in all processes; gives whether we are. A holder that dies is succeeded after `seconds`."""
        return locks.attempt(self.redis, name, lease_s=seconds)


_current: Wiring | None = None


def current() -> Wiring:
    """The wiring of this process, made from the settings on first use."""
    global _current  # noqa: PLW0603  # one per process is the point
    if _current is None:
        _current = Wiring(settings_module.load())
    return _current


def use(wiring: Wiring) -> None:
    """Make `wiring` this process' own (the worker's boot, and tests)."""
    global _current  # noqa: PLW0603  # as above
    _current = wiring
