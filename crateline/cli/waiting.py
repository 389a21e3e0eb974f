"""`--wait`: watching playlists until nothing of them runs or is due."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from crateline import harmless
from crateline.cli import console, report, stops, talk
from crateline.durable.pauses import Pause
from crateline.errors import CratelineError
from crateline.wiring import Wiring

EVERY_S = 0.5
CONNECT_S = 5.0
MINUTE_S = 60.0
NAME = 30
BAR = 20
AWAY_S = 300.0
"""How long a Redis that is being started again is waited for."""

Show = Callable[[str, int, int], None]
"""Told of a playlist: its key, how many of its tracks are settled, and how many there are."""


def answered(wiring: Wiring, keys: Sequence[str], *, told: Iterable[Pause] = (), as_json: bool) -> int:
    """Wait, and answer with the playlists' status objects: a line of JSON each, or a table. Gives the exit code."""
    try:
        ended = until_finished(wiring, keys, told=told)
    except KeyboardInterrupt:
        talk.say("The work goes on in the background: `crateline status` shows how far it is")
        raise
    answer(ended, as_json=as_json)
    return console.SOME_TRACKS_FAILED if any(row["failed"] for row in ended) else console.OK


def answer(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print status objects: a line of JSON each, or a table."""
    if as_json:
        for row in rows:
            talk.answer(row)
        return
    from crateline.cli import tables  # noqa: PLC0415  # rich's tables are wanted only here

    talk.show(tables.playlists(rows))


def say_idle(wiring: Wiring) -> None:
    """Say where to look, or that nobody works."""
    if any(worker["alive"] for worker in report.workers(wiring, wiring.ledger.now_ms() / 1000)):
        talk.say("`crateline status` shows how far it is")
    else:
        talk.say("Nothing works on it yet: run `crateline up`")


def until_finished(
    wiring: Wiring, keys: Sequence[str], *, told: Iterable[Pause] = (), every_s: float = EVERY_S
) -> list[dict[str, Any]]:
    """Wait until nothing of these playlists runs or is due; gives their status objects.

    A pause is said once (those in `told` were said before) and waited for. Raises KeyboardInterrupt as it
    comes: the workers go on without us.
    """
    said = stops.Stops(told)
    with _progress(wiring, keys) as show:
        while not patiently(lambda: _look(wiring, keys, said, show)):
            time.sleep(every_s)
    return [report.one_playlist(wiring, key) for key in keys]


def _look(wiring: Wiring, keys: Sequence[str], said: stops.Stops, show: Show) -> bool:
    """Show how far the playlists are; whether all are finished. Raises CratelineError if Redis has forgotten one."""
    said.look(wiring.pauses.all())
    for key in keys:
        total = wiring.register.size(key)
        if not total and not wiring.register.fields(key):
            raise CratelineError("Redis has lost its memory: enqueue the same playlist again, and it goes on where it was")
        show(key, total - wiring.register.left(key), total)
    return all(wiring.register.finished(key) for key in keys)


def patiently(look: Callable[[], bool]) -> bool:
    """Look; while Redis is away say so once and wait for it, five minutes at most. Raises redis' error after that."""
    deadline = time.monotonic() + AWAY_S
    said = False
    while True:
        try:
            return look()
        except redis.AuthenticationError:
            raise  # waiting makes no password right
        except redis.RedisError as error:
            if time.monotonic() > deadline:
                raise
            if not said and not isinstance(error, redis.BusyLoadingError):  # that one has just been started
                talk.say(f"Redis is away ({str(error).rstrip('.')}): waiting for it")
                said = True
            time.sleep(EVERY_S)


def for_redis(wiring: Wiring) -> None:
    """Wait until Redis answers, and say so if it does not at once. Raises redis' error after five minutes."""
    with redis.Redis.from_url(wiring.redis_url, socket_connect_timeout=CONNECT_S, socket_timeout=CONNECT_S) as client:
        patiently(lambda: bool(client.ping()))


@contextmanager
def _progress(wiring: Wiring, keys: Sequence[str]) -> Iterator[Show]:
    """A bar per playlist on a terminal, and nothing anywhere else."""
    console = talk.margin()
    if not console.is_terminal:
        yield lambda _key, _settled, _total: None
        return
    name = Column(no_wrap=True, overflow="ellipsis", max_width=NAME)
    columns = (
        TextColumn("{task.description}", markup=False, table_column=name),
        BarColumn(BAR),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", markup=False, table_column=Column(no_wrap=True)),
    )
    with Progress(*columns, console=console) as progress:
        names = {item.key: str(item.card.get("name", item.key)) for item in wiring.register.items(keys)}
        bars = {key: progress.add_task(harmless.one_line(names.get(key, key)), total=None, left="") for key in keys}

        def show(key: str, settled: int, total: int) -> None:
            left = to_go(report.one_playlist(wiring, key)["eta_seconds"])
            progress.update(bars[key], completed=settled, total=total, left=left)

        yield show


def to_go(seconds: float | None) -> str:
    """The time to go, roughly: it is a guess, and it stands beside the time that has passed."""
    return f"about {max(1, round(seconds / MINUTE_S))} min to go" if seconds else ""
