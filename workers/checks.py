"""What a probe looks at: for each cause of a pause the cheapest question that shows whether it is over."""

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crateline.domain import causes, properties
from crateline.durable import keyspace
from crateline.durable.pauses import Pause
from crateline.errors import CredentialsRefused, ServiceStopped
from crateline.wiring import Wiring

GIB = 1 << 30
MORE = 1.05
"""So much more than the least must be free, so that the next file does not stop the line again."""
SAMPLE = b"\0" * 1_000_000
BOT_REST_S = 300.0
"""How long a YouTube that doubts whether we are a person is left alone before a track or two try again."""
MEDIA_REST_S = 60.0
REST_S = 30.0
SETTINGS_REST_S = 5.0
REFUSED_REST_S = 3600.0
"""How long nobody asks with a consent that was refused: it does not come back by itself, and another one is seen at once."""

Ask = Callable[[Wiring, Pause], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """`ask` raises CratelineError or OSError while the cause is there.

    `proves`: nothing more is needed. Otherwise it only shows that a trial is worth it: one of the tasks that wait, not
    before `rest_s` seconds have passed, and not more often; `own`: the one that has met it.
    """

    ask: Ask
    proves: bool = True
    rest_s: float = REST_S
    own: bool = False


def about(pause: Pause) -> str:
    """What a pause is about, or nothing."""
    return pause.cause.partition(":")[2]


def nothing(_wiring: Wiring, _pause: Pause) -> None:
    """Nothing cheap shows how it is."""


def token(wiring: Wiring, _pause: Pause) -> None:
    """Send a request with the token."""
    wiring.notion.me()


def databases(wiring: Wiring, pause: Pause) -> None:
    """Read the database that was missing, or those that the line needs."""
    named = about(pause)
    for database in (named,) if named else filter(None, (wiring.settings.tracks_db_id, wiring.settings.playlists_db_id)):
        wiring.notion.data_source(database)


def schema(wiring: Wiring, pause: Pause) -> None:
    """Read the schema, and look for the property that was missing. What is remembered of it is forgotten."""
    word, _, prop = about(pause).partition(" ")
    named, table = TABLES[word]
    seed = next(one for one in table if one.word == prop)
    database = str(getattr(wiring.settings, named))
    found = wiring.notion.data_source(database)
    if lack := properties.lack(seed, found.properties, wiring.settings.property_names):
        raise ServiceStopped("notion", f"the database «{found.title}» {lack}", pause.remedy, pause.cause)
    wiring.redis.delete(keyspace.schema(database))


def folder(wiring: Wiring, pause: Pause) -> None:
    """See that there is room, and that a file can be written where one could not be."""
    least = wiring.settings.minimum_free_gib
    if wiring.store.free_bytes() < least * GIB * MORE:
        raise OSError(f"less than {least * MORE:g} GiB free where MEDIA_ROOT is")
    named = Path(about(pause) or wiring.store.root)
    there = next(one for one in (named, *named.parents) if one.is_dir())
    with tempfile.NamedTemporaryFile(dir=there, prefix=".crateline-") as sample:
        sample.write(SAMPLE)
        sample.flush()
        os.fsync(sample.fileno())


def library(wiring: Wiring, _pause: Pause) -> None:
    """See that Eagle answers, with our library."""
    eagle = wiring.eagle
    if eagle is not None:
        wiring.eagle_library.insist(eagle.library().path)


def settings(wiring: Wiring, _pause: Pause) -> None:
    """See that Notion's settings are there."""
    _ = wiring.notion


class Spotify:
    """See that we are let in: as the user, or as the application alone. It remembers a consent that was refused."""

    def __init__(self) -> None:
        self._refused: tuple[frozenset[str], float] = frozenset(), 0.0

    def __call__(self, wiring: Wiring, _pause: Pause) -> None:
        """Ask, unless it is the consent that was refused within the hour."""
        spotify = wiring.spotify
        given, (refused, at) = spotify.given(), self._refused
        if given and given == refused and time.monotonic() - at < REFUSED_REST_S:
            raise OSError("it is still the consent that was refused")
        try:
            if spotify.consented():
                spotify.who()
            elif spotify.searchable():
                spotify.search("a")
        except CredentialsRefused:
            self._refused = given, time.monotonic()
            raise


def soundcloud(wiring: Wiring, _pause: Pause) -> None:
    """Search."""
    wiring.soundcloud.search("a", limit=1)


TABLES: Final = {
    "tracks": ("tracks_db_id", properties.TRACK_PROPERTIES),
    "playlists": ("playlists_db_id", properties.PLAYLIST_PROPERTIES),
    "calendar": ("calendar_db_id", properties.CALENDAR_PROPERTIES),
    "plays": ("plays_db_id", properties.PLAY_PROPERTIES),
}
WORK: Final = Check(ask=nothing, proves=False)
CHECKS: Final[Mapping[str, Check]] = {
    causes.TOKEN: Check(ask=token),
    causes.DATABASE: Check(ask=databases),
    causes.SCHEMA: Check(ask=schema),
    causes.FOLDER: Check(ask=folder),
    causes.LIBRARY: Check(ask=library),
    causes.SETTINGS: Check(ask=settings, proves=False, rest_s=SETTINGS_REST_S),
    causes.OWN_WORK: Check(ask=token, proves=False, own=True),
}
SERVICES: Final[Mapping[str, Check]] = {
    "notion": Check(ask=token, proves=False),
    "eagle": Check(ask=library, proves=False),
    "soundcloud-api": Check(ask=soundcloud, proves=False),
    "soundcloud-media": Check(ask=nothing, proves=False, rest_s=MEDIA_REST_S),
    "youtube": Check(ask=nothing, proves=False, rest_s=BOT_REST_S),
}
"""Where only the work itself shows it."""
USUAL: Final[Mapping[str, Check]] = {
    **SERVICES,
    "notion": CHECKS[causes.DATABASE],
    "eagle": CHECKS[causes.LIBRARY],
    "disk": CHECKS[causes.FOLDER],
    "settings": CHECKS[causes.SETTINGS],
}
"""Where no cause was named."""


class Checks:
    """One process' checks."""

    def __init__(self) -> None:
        self._spotify = Check(ask=Spotify())

    def of(self, pause: Pause) -> Check:
        """The check of a pause."""
        kind = pause.cause.partition(":")[0]
        if kind in CHECKS:
            return CHECKS[kind]
        if pause.service == "spotify":
            return self._spotify
        return (SERVICES if kind == causes.WORK else USUAL).get(pause.service, WORK)
