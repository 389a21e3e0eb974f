"""How much the line costs: tracks per second through it with instant stations, beside a plain Celery chain.

    python bench/line.py [--tracks 1000] [--threads 4] [--rounds 3]

Both run on the same Redis, with one worker process per queue, threads as the pool, and as many tasks per track. The
line has the ledger, claims, hand-overs and the rescuer; a chain has none of them, and loses what a crash interrupts. The
chain runs twice: with Celery's own settings, and with ours (late acknowledgement, events for Flower).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from celery import Celery, chain, signals
from kombu import Queue

from crateline import app as application
from crateline import logs
from crateline import wiring as wired
from crateline.domain.track import Platform, Playlist, Track
from crateline.durable.connection import connect
from crateline.durable.embedded import Embedded
from crateline.durable.ledger import as_fields
from crateline.messages import LINE, QUEUE_NAMES, QUEUES, TASKS, Hint, Station
from crateline.settings import Settings
from producers import enrolment
from tasks import outcomes, station
from workers import lifecycle

READY = "bench:ready"
LAST = "bench:last"
LEAST = 0.5
"""The share of a plain chain's speed that the line must reach."""


def main():
    asked = arguments()
    if asked.serve:
        serve(*asked.serve.split(":"), threads=asked.threads)
        return
    with tempfile.TemporaryDirectory() as name:
        redis = Embedded(Path(name))
        environment = {**os.environ, "REDIS_URL": redis.ensure(), "STATE_DIR": name, "MEDIA_ROOT": f"{name}/media"}
        os.environ.update(environment)
        try:
            rows = {kind: [] for kind in ("line", "chain", "chain-as-ours")}
            for round_ in range(asked.rounds):
                for kind, taken in rows.items():
                    taken.append(run(kind, asked, environment, round_))
        finally:
            redis.stop()
    show(rows, asked)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=4, help="per worker process")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    return parser.parse_args()


def run(kind, asked, environment, round_):
    """Start the workers, send the tracks, wait for the last; gives the seconds it took, and those of the processors."""
    client = connect(environment["REDIS_URL"])
    client.flushall()
    command = [sys.executable, __file__, "--threads", str(asked.threads), "--serve"]
    log = (Path(environment["STATE_DIR"]) / "workers.log").open("ab")
    workers = [subprocess.Popen([*command, f"{kind}:{queue}"], env=environment, stdout=log, stderr=log) for queue in QUEUE_NAMES]
    try:
        until(lambda: client.scard(READY) == len(QUEUE_NAMES), workers)
        before = cpu_seconds(workers, client)
        began = time.perf_counter()
        done = send_line(asked.tracks) if kind == "line" else send_chains(kind, asked.tracks, client)
        until(done, workers)
        seconds = time.perf_counter() - began
        cpu = cpu_seconds(workers, client) - before
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)
        client.close()
        log.close()
    print(
        f"round {round_ + 1}: {kind:14} {asked.tracks / seconds:7.1f} tracks/s, {cpu / asked.tracks * 1000:5.1f} ms CPU/track",
        file=sys.stderr,
    )
    return {"seconds": seconds, "cpu": cpu}


def until(condition, workers, seconds=600):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline or any(worker.poll() is not None for worker in workers):
            sys.exit("a worker ended, or they did not finish in time")
        time.sleep(0.02)


def cpu_seconds(workers, client):
    """What the workers and Redis have used of the processors so far. Unlike the time, it does not change with the load."""
    ticks = os.sysconf("SC_CLK_TCK")
    stats = [Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split() for worker in workers]
    redis = client.info("cpu")
    return sum(int(row[11]) + int(row[12]) for row in stats) / ticks + redis["used_cpu_user"] + redis["used_cpu_sys"]


def send_line(count):
    """Enqueue a playlist as a producer does; early pages are due at once, so that every track has all five stations."""
    tracks = tuple(
        Track(key=f"soundcloud:tracks:{n}", title=f"Title {n}", artist="Artist", url="", platform=Platform.SOUNDCLOUD)
        for n in range(count)
    )
    playlist = Playlist(key="bench", name="Bench", url="", platform=Platform.SOUNDCLOUD, source_id="1", tracks=tracks)
    wiring = wired.Wiring(Settings())
    wiring.epoch.check()
    wiring.register.enrol(playlist, page_every_s=0)
    enrolment.announce(wiring, playlist)
    return lambda: wiring.register.finished("bench")


def send_chains(kind, count, client):
    app = plain(kind)
    with app.producer_or_acquire() as producer:
        for number in range(count):
            signatures = [app.tasks[name].si(key=f"soundcloud:tracks:{number}", title=f"Title {number}") for name in names()]
            chain(*signatures).apply_async(producer=producer)
    return lambda: int(client.get(LAST) or 0) >= count


def names():
    return [f"plain.{station}" for station in LINE]


def plain(kind):
    """A Celery app with one task per station that does nothing; the last one counts."""
    app = Celery("plain", set_as_current=False)
    ours = application.app.conf
    same = ["task_acks_late", "worker_prefetch_multiplier", "worker_send_task_events", "task_send_sent_event"]
    if kind == "chain-as-ours":
        app.conf.update({name: ours[name] for name in same})
    app.conf.update(
        broker_url=os.environ["REDIS_URL"],
        broker_connection_retry_on_startup=True,
        task_ignore_result=True,
        task_queues=[Queue(name) for name in QUEUE_NAMES],
        task_routes={f"plain.{station}": {"queue": QUEUES[station]} for station in LINE},
    )
    client = connect(os.environ["REDIS_URL"])

    def task_of(name):
        def task(*, key, title):
            del key, title
            if name.endswith(Station.FINALISE):
                client.incr(LAST)

        return app.task(name=name, lazy=False, shared=False)(task)

    for name in names():
        task_of(name)
    return app


def instant(job):
    """The work of every station, done at once: what it stores is of the usual size."""
    if job.hint.station in (Station.PAGE, Station.FINALISE, Station.PLAYLIST):
        fields = as_fields(Station.PAGE, {"page_id": "0" * 32})
        return outcomes.Sealed(fields=fields, written=job.item.version)
    result = {"file": f"/music/{job.hint.key}.m4a", "digest": "0" * 64, "size": 12345678}
    return outcomes.Sealed(fields=as_fields(job.hint.station, result), bump=job.hint.station is not Station.DOWNLOAD)


def crateline_app():
    """The product's app with its own task names, and instant work behind them."""
    wiring = wired.Wiring(Settings())
    wired.use(wiring)
    app = application.connect(wiring.redis_url)
    app.conf.update(include=[], imports=())

    def task_of(which):
        def task(*, key, title="", version=1):
            del version
            return station.run(Hint(station=which, key=key, title=title), instant, services=("disk", "settings"))

        return task

    for which in Station:
        app.task(name=TASKS[which], lazy=False, shared=False)(task_of(which))
    logs.configure("WARNING")
    lifecycle.install(wiring)
    return app


def serve(kind, queue, *, threads):
    app = crateline_app() if kind == "line" else plain(kind)
    client = connect(os.environ["REDIS_URL"])

    def ready(**_):
        client.sadd(READY, queue)

    signals.worker_ready.connect(ready, weak=False)
    options = ["--pool=threads", f"--concurrency={threads}", f"--queues={queue}", f"--hostname={queue}@bench"]
    app.worker_main(["worker", *options, "--without-mingle", "--without-gossip", "--loglevel=ERROR"])


def show(rows, asked):
    speed = {kind: statistics.median(asked.tracks / row["seconds"] for row in taken) for kind, taken in rows.items()}
    cpu = {kind: statistics.median(row["cpu"] * 1000 / asked.tracks for row in taken) for kind, taken in rows.items()}
    print(f"{'':16}{'tracks/s':>10}{'stations/s':>12}{'CPU ms/track':>14}")
    for kind, tracks in speed.items():
        print(f"{kind:16}{tracks:10.1f}{tracks * len(LINE):12.1f}{cpu[kind]:14.1f}")
    others = ("chain", "chain-as-ours")
    ratio = {kind: round(speed["line"] / speed[kind], 2) for kind in others}
    by_cpu = {kind: round(cpu[kind] / cpu["line"], 2) for kind in others}
    facts = {"tracks": asked.tracks, "threads": asked.threads, "rounds": asked.rounds, "cores": os.cpu_count()}
    facts |= {"tracks_per_second": {kind: round(value, 1) for kind, value in speed.items()}}
    facts |= {"cpu_ms_per_track": {kind: round(value, 1) for kind, value in cpu.items()}}
    facts |= {"line_against": ratio, "line_against_by_cpu": by_cpu, "least": LEAST, "reached": ratio["chain"] >= LEAST}
    print(json.dumps(facts))
    sys.exit(0 if facts["reached"] else 1)


if __name__ == "__main__":
    main()
