"""What `status` says, as plain values: put together from the ledger's counts, the pauses, the queues and the budgets."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from crateline.cli import consents
from crateline.durable import keyspace
from crateline.durable.copies import Owing
from crateline.durable.follows import Follow
from crateline.durable.item import Item
from crateline.messages import LINE, Station
from crateline.wiring import Wiring

Row = dict[str, Any]

WORKER_SILENT_S = 20.0
"""A worker that was not heard of for this long is not counted on: it beats every five seconds."""
WORKER_FORGOTTEN_S = 3600.0
ENDED = ("failed", "review", "refused")


def board(wiring: Wiring, keys: Iterable[str]) -> Row:
    """The whole answer of `status --json`, for these playlists."""
    now = wiring.ledger.now_ms() / 1000
    overdue, oldest = wiring.due.backlog()
    return {
        "playlists": [
            playlist(item, wiring.register.census(item.key), now, _every_s(wiring)) for item in wiring.register.items(keys)
        ],
        "pauses": [pause.public() for pause in wiring.pauses.all()],
        "consents": consents.ending(wiring),
        "queues": wiring.due.depths(),
        "due": {"overdue": overdue, "oldest_seconds": round(oldest, 1)},
        "budgets": budgets(wiring),
        "copies": [copies(one) for one in wiring.copies.owing()],
        "workers": workers(wiring, now),
    }


def copies(volume: Owing) -> Row:
    """A volume that gets copies, as this machine sees it: how many tracks it is owed, and why; no reason if it is there."""
    return {"volume": volume.name, "folder": volume.folder, "owed": volume.tracks, "reason": volume.why}


def one_playlist(wiring: Wiring, key: str) -> Row:
    """A playlist's status object, as it is now."""
    return playlist(wiring.register.item(key), wiring.register.census(key), wiring.ledger.now_ms() / 1000, _every_s(wiring))


def _every_s(wiring: Wiring) -> float:
    return wiring.settings.sync_every_minutes * 60.0


def playlist(item: Item, census: Mapping[str, int], now: float, every_s: float) -> Row:
    """A playlist's status object from its hash and its counts. `now` is in Unix seconds, `every_s` the setting for looks.

    `total` counts distinct keys; `done` includes second uploads of the same recording; `waiting` is all that is neither
    done nor ended with a verdict.
    """
    total, done = census.get("total", 0), census.get("done", 0)
    ended = {name: census.get(name, 0) for name in ENDED}
    started = float(item.fields.get("started", now))
    return {
        "key": item.key,
        "name": str(item.card.get("name", "")),
        "url": str(item.card.get("url", "")),
        "state": state(census),
        "total": total,
        "done": done,
        **ended,
        "waiting": total - done - sum(ended.values()),
        "stations": {str(station): census.get(f"station:{station}", 0) for station in LINE},
        "requests": {"notion": int(item.fields.get("requests:notion", 0))},
        "started_at": moment(started),
        "updated_at": moment(float(item.fields.get("updated", item.fields.get("enqueued", started)))),
        "eta_seconds": eta(census, now - started),
        "sync": follow.public(every_s) if (follow := Follow.of(item.fields)).followed and item.card.get("url") else None,
    }


def state(census: Mapping[str, int]) -> str:
    """`running`, `paused` (every open track waits for a stopped service), `done` or `done_with_failures`."""
    unfinished = census.get("open", 0)
    if unfinished == 0:
        return "done_with_failures" if census.get("failed", 0) else "done"
    return "paused" if census.get("parked", 0) >= unfinished and not census.get("busy", 0) else "running"


def eta(census: Mapping[str, int], elapsed_s: float) -> float | None:
    """Seconds until the rest is settled at the rate so far; 0 when all is, None while that cannot be told.

    Refused tracks say nothing of the rate: most of them were refused as they were enqueued.
    """
    unfinished = census.get("open", 0)
    worked = sum(census.get(name, 0) for name in ("done", "review", "failed"))
    if unfinished == 0:
        return 0.0
    if worked == 0 or elapsed_s <= 0 or state(census) == "paused":
        return None
    return round(unfinished * elapsed_s / worked, 1)


def tracks(wiring: Wiring, key: str) -> list[Row]:
    """One object per track of a playlist, in its order."""
    now_ms = wiring.ledger.now_ms()
    return [track(item, now_ms) for item in wiring.ledger.tracks(wiring.register.members(key))]


def track(item: Item, now_ms: float) -> Row:
    """A track's status object. `reason` says why it ended, or what it waits for."""
    station = item.at
    return {
        "key": item.key,
        "title": str(item.card.get("title", "")),
        "artist": str(item.card.get("artist", "")),
        "state": item.state(now_ms),
        "station": str(station),
        "reason": _reason(item),
        "attempts": item.attempts(Station(station)),
        "page_id": item.page_id,
        "eagle_id": str(item.result(Station.EAGLE).get("item", "")),
        "files": [str(file) for file in item.result(Station.ANALYZE).get("files", [])],
    }


def _reason(item: Item) -> str:
    if item.alias:
        return f"the same recording as {item.alias}"
    stopped = next((service for name, service in sorted(item.fields.items()) if name.startswith("p:")), "")
    return item.reason or (f"{stopped} is paused" if stopped else "")


def budgets(wiring: Wiring) -> Row:
    """Per service: the requests of the window that ends now, the limit, and the silence that the service wants."""
    return {
        service: {
            "used": budget.used(),
            "limit": budget.limit.requests,
            "window_seconds": budget.limit.seconds,
            "silence_seconds": round(budget.silence(), 1),
        }
        for service, budget in wiring.budgets.items()
    }


def workers(wiring: Wiring, now: float) -> list[Row]:
    """The workers heard of in the last hour. `alive`: within the last 20 s."""
    beats: dict[str, str] = dict(wiring.redis.hgetall(keyspace.WORKERS))  # type: ignore[arg-type]  # decoded
    ages = {name: max(0.0, now - float(beat)) for name, beat in sorted(beats.items())}
    return [
        {"name": name, "last_seen": moment(now - age), "alive": age < WORKER_SILENT_S}
        for name, age in ages.items()
        if age < WORKER_FORGOTTEN_S
    ]


def moment(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
