"""Running the line: `up` for this machine, `worker` for one process, `flower` to watch the queues."""

from typing import TYPE_CHECKING

import click

from crateline.cli import session, talk
from crateline.errors import ConfigurationError

if TYPE_CHECKING:
    from crateline.wiring import Wiring


def _queues(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    return _checked(tuple(name.strip() for name in value.split(",") if name.strip()))


def _named(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return _checked(value)


def _checked(names: tuple[str, ...]) -> tuple[str, ...]:
    from crateline.messages import QUEUE_NAMES  # noqa: PLC0415  # help does not need it

    for name in names:
        if name not in QUEUE_NAMES:
            raise click.BadParameter(f"there is no queue {name!r}; the queues are {', '.join(QUEUE_NAMES)}")
    return names


@click.command()
@click.option("--queues", default="", callback=_queues, metavar="A,B", help="Serve these queues only.")
@click.option("--no-flower", is_flag=True, help="Do not start Flower.")
def up(*, queues: tuple[str, ...], no_flower: bool) -> int:
    """Start Redis (unless REDIS_URL is set), a worker per queue and Flower, and keep them running until Ctrl-C."""
    from crateline.cli import waiting  # noqa: PLC0415  # loads the clients
    from crateline.wiring import Wiring  # noqa: PLC0415  # as above
    from workers import flower as flowers  # noqa: PLC0415  # as above
    from workers.queues import chosen  # noqa: PLC0415  # as above
    from workers.supervisor import Supervisor  # noqa: PLC0415  # as above

    wiring = Wiring(session.load())
    if not queues or "notion-write" in queues:
        _ = wiring.notion  # a setting that is missing is said now, and not in a worker's log
    waiting.for_redis(wiring)
    with_flower = not no_flower and not flowers.taken(wiring)
    supervisor = Supervisor(wiring, queues, with_flower=with_flower)
    talk.say(f"Workers: {', '.join(chosen(queues))}")
    if with_flower:
        talk.say(f"Flower: {flowers.address(wiring)} (user and password: {flowers.keeps_password(wiring)})")
    elif not no_flower:
        talk.say(f"{_taken(wiring)}: Flower is not started")
    talk.say("`crateline status` in another terminal shows how far it is. Ctrl-C stops; what is unfinished goes on next time")
    return supervisor.run()


def _taken(wiring: "Wiring") -> str:
    port = wiring.settings.crateline_flower_port
    return f"Port {port} is taken, by another crateline maybe (CRATELINE_FLOWER_PORT names another one)"


@click.command()
@click.argument("queues", nargs=-1, metavar="[QUEUE…]", callback=_named)
@click.option("--concurrency", type=click.IntRange(1, 64), help="Tasks at a time; the default fits the queues.")
@click.option("--name", default="", help="How it is called in `status` and Flower.")
def worker(*, queues: tuple[str, ...], concurrency: int | None, name: str) -> int:
    """Run one worker for QUEUE… (for all, if none is named), here or on any machine that reaches Redis and MEDIA_ROOT."""
    from crateline.wiring import Wiring  # noqa: PLC0415  # loads the clients
    from workers.runner import run_worker  # noqa: PLC0415  # as above

    return run_worker(Wiring(session.load()), queues, concurrency, name)


@click.command()
def scheduler() -> int:
    """See to it that every track is worked on: publish what is due, probe what is paused, do the chores. `up` starts one."""
    from crateline.cli import chores  # noqa: PLC0415  # loads the clients
    from crateline.wiring import Wiring  # noqa: PLC0415  # as above
    from workers.scheduler import run_scheduler  # noqa: PLC0415  # as above

    wiring = Wiring(session.load())
    return run_scheduler(wiring, chores.of(wiring.settings))


@click.command()
def flower() -> int:
    """Run Flower on loopback, behind FLOWER_BASIC_AUTH or a password kept in the state folder."""
    from crateline.cli import waiting  # noqa: PLC0415  # loads the clients
    from crateline.wiring import Wiring  # noqa: PLC0415  # as above
    from workers import flower as flowers  # noqa: PLC0415  # as above

    wiring = Wiring(session.load())
    if flowers.taken(wiring):
        raise ConfigurationError(_taken(wiring))
    waiting.for_redis(wiring)
    talk.say(f"Flower: {flowers.address(wiring)} (user and password: {flowers.keeps_password(wiring)})")
    return flowers.run_flower(wiring)
