"""The doctor's checks of everything outside this process: Redis, Notion, SoundCloud, Spotify, Eagle, the workers."""

from collections.abc import Iterator, Sequence
from typing import Any

import redis

from crateline.cli import report, schema
from crateline.cli.checkup import Check, Row
from crateline.durable.consent import SOON_S
from crateline.errors import ConfigurationError
from crateline.wiring import Wiring

OLDEST_REDIS = (6, 2)
REDIS_S = 5.0
DAY_S = 86400.0
UNWELL = frozenset({"absent", "options", "unusable", "rival"})


def checks(wiring: Wiring) -> Sequence[tuple[str, Check]]:
    """Every check that asks within a budget, by name."""
    return (
        ("Notion", lambda: notion(wiring)),
        ("SoundCloud", lambda: soundcloud(wiring)),
        ("Spotify", lambda: spotify(wiring)),
        ("Eagle", lambda: eagle(wiring)),
        ("Pauses", lambda: pauses(wiring)),
        ("Workers", lambda: workers(wiring)),
    )


def redis_server(wiring: Wiring) -> Iterator[Row]:
    """Whether Redis answers, is new enough, keeps what it is told and evicts nothing. Starts our own, if that is used."""
    own = not wiring.settings.redis_url.get_secret_value()
    with redis.Redis.from_url(
        wiring.redis_url, socket_timeout=REDIS_S, socket_connect_timeout=REDIS_S, decode_responses=True
    ) as client:
        info: dict[str, Any] = client.info()
    version = str(info["redis_version"])
    where = "our own" if own else "REDIS_URL"
    new = tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_REDIS
    yield Row(name="Redis", state="ok" if new else "fail", detail=f"{version} ({where})", remedy="Redis 6.2 or newer is needed")
    kept = bool(info.get("aof_enabled"))
    yield Row(
        name="Redis AOF",
        state="ok" if kept else "warn",
        detail="on" if kept else "off: a crash of Redis forgets what was done last",
        remedy="Set `appendonly yes`",
    )
    policy = str(info.get("maxmemory_policy", "unknown"))
    yield Row(
        name="Redis eviction",
        state="ok" if policy == "noeviction" else "fail",
        detail=policy,
        remedy="Set `maxmemory-policy noeviction`: an evicted key is lost work",
    )


def notion(wiring: Wiring) -> Iterator[Row]:
    """Whether the token is accepted, the databases are shared, and their properties are there."""
    databases = schema.read(wiring)
    titles = ", ".join(f"{one.word} «{one.source.title}»" for one in databases)
    yield Row(name="Notion", state="ok", detail=titles)
    if len(databases) == 1:
        detail = "PLAYLISTS_DB_ID is not set: playlists get no pages"
        yield Row(name="Notion playlists", state="warn", detail=detail, remedy="Set it, if you keep such a database")
    for database in databases:
        unwell = [f"{one.name} ({one.state})" for one in database.findings if one.state in UNWELL]
        yield Row(
            name=f"Notion {database.word}",
            state="warn" if unwell else "ok",
            detail=", ".join(unwell) or "every property is there",
            remedy="`crateline schema check` says more, `crateline schema apply` adds them",
        )


def soundcloud(wiring: Wiring) -> Iterator[Row]:
    """Whether SoundCloud answers a search."""
    found = wiring.soundcloud.search("house", limit=1)
    yield Row(name="SoundCloud", state="ok", detail=f"answers ({len(found)} found)")


def spotify(wiring: Wiring) -> Iterator[Row]:
    """Whether the application is known, and whether there is a consent to read playlists."""
    if not wiring.settings.spotipy_client_id:
        yield Row(name="Spotify", state="ok", detail="not used (SPOTIPY_CLIENT_ID is not set)")
        return
    try:
        name = wiring.spotify.who()
    except ConfigurationError as error:
        wiring.spotify.accounts.for_the_app()
        yield Row(name="Spotify", state="warn", detail="albums and single tracks only", remedy=str(error))
    else:
        yield _consent(name, wiring.consent.ends_in())


def _consent(name: str, ends_in: float | None) -> Row:
    detail = f"reads the playlists and liked songs of {name}"
    if ends_in is None:
        return Row(name="Spotify", state="ok", detail=detail)
    days = f"the consent ends in about {max(0, ends_in) / DAY_S:.0f} days"
    soon = ends_in < SOON_S
    return Row(name="Spotify", state="warn" if soon else "ok", detail=f"{detail}; {days}", remedy="Run `crateline login spotify`")


def eagle(wiring: Wiring) -> Iterator[Row]:
    """Whether Eagle is used, and which library is open."""
    if wiring.eagle is None:
        yield Row(name="Eagle", state="ok", detail="not used (no EAGLE_URL, and none was found)")
        return
    library = wiring.eagle.library()
    yield Row(name="Eagle", state="ok", detail=f"{wiring.eagle.version()}, library «{library.name}»")


def pauses(wiring: Wiring) -> Iterator[Row]:
    """Which services are stopped."""
    for pause in wiring.pauses.all():
        yield Row(name=f"Paused: {pause.service}", state="warn", detail=pause.reason, remedy=pause.remedy)
    if not wiring.pauses.all():
        yield Row(name="Pauses", state="ok", detail="none")


def workers(wiring: Wiring) -> Iterator[Row]:
    """Whether somebody works."""
    alive = [row["name"] for row in report.workers(wiring, wiring.ledger.now_ms() / 1000) if row["alive"]]
    detail = ", ".join(alive) or "none was seen"
    yield Row(name="Workers", state="ok" if alive else "warn", detail=detail, remedy="`crateline up` starts them")
