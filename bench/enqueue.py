"""What enqueuing a large playlist costs: time, memory of the process, and memory in Redis per track.

    python bench/enqueue.py [--tracks 5000] [--finish 500]

The playlist is made up beforehand: what is measured is the enrolment in the ledger and the messages, not the reading of
a source. Then some tracks are taken through all stations, to see what a finished track keeps in Redis.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from crateline import wiring as wired
from crateline.domain.track import Platform, Playlist, Track
from crateline.durable.embedded import Embedded
from crateline.durable.ledger import as_fields
from crateline.messages import LINE, QUEUE_NAMES, Hint, Station
from crateline.settings import Settings
from producers import enrolment

KIB = 1024
MIB = KIB * KIB
HEARD = {
    "bpm": 124.02,
    "bpm_confidence": 3.41,
    "key": "Am",
    "camelot": "8A",
    "key_strength": 0.83,
    "duration": 361.53,
    "energy": 0.71,
    "lufs": -8.93,
    "true_peak": -0.31,
    "analyser": "1",
    "master": "/srv/crateline/media/masters/ab/soundcloud-tracks-1150488265-0123456789/Some Artist - Some Title.m4a",
    "files": ["/srv/music/Some Playlist/Some Artist - Some Title (Extended Mix).m4a"],
}
ORIGINAL = {
    "file": "/srv/crateline/media/originals/ab/soundcloud-tracks-1150488265-0123456789/original.m4a",
    "digest": "0" * 64,
    "size": 12345678,
    "provider": "SoundCloud",
    "matched": False,
    "url": "https://soundcloud.com/some-artist/some-title-extended-mix",
    "seconds": 361.53,
    "codec": "aac",
    "bitrate": 160000,
}
WROTE = {f"property {number}": "0" * 16 for number in range(20)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=5000)
    parser.add_argument("--finish", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        redis = Embedded(Path(name))
        os.environ.update(REDIS_URL=redis.ensure(), STATE_DIR=name, MEDIA_ROOT=f"{name}/media")
        try:
            show(measure(wired.Wiring(Settings()), asked))
        finally:
            redis.stop()


def measure(wiring, asked):
    playlist = made_up(asked.tracks)
    wiring.epoch.check()
    before, peak = memory(wiring), peak_mib()
    first = enqueued(wiring, playlist)
    highest, messages = peak_mib(), memory(wiring)
    wiring.redis.delete(*(f"{queue}\x06\x163" for queue in QUEUE_NAMES))
    ledger = memory(wiring)
    again = enqueued(wiring, playlist)
    wiring.redis.delete(*(f"{queue}\x06\x163" for queue in QUEUE_NAMES))
    opened = memory(wiring)
    finish(wiring, [track.key for track in playlist.tracks[: asked.finish]])
    learnt = (memory(wiring) - opened) / asked.finish
    return {
        "tracks": asked.tracks,
        "seconds": round(first, 2),
        "seconds_again": round(again, 2),
        "process_peak_mib": round(highest, 1),
        "process_growth_mib": round(highest - peak, 1),
        "redis_bytes_per_track": {
            "message": round((messages - ledger) / min(asked.tracks, enrolment.AT_ONCE)),
            "enqueued": round((ledger - before) / asked.tracks),
            "finished": round((ledger - before) / asked.tracks + learnt),
        },
    }


def made_up(count):
    tracks = tuple(
        Track(
            key=f"soundcloud:tracks:{1_150_000_000 + n}",
            title=f"Some Title of Usual Length {n} (Extended Mix)",
            artist=f"Some Artist {n % 700}",
            url=f"https://soundcloud.com/some-artist-{n % 700}/some-title-of-usual-length-{n}-extended-mix",
            platform=Platform.SOUNDCLOUD,
            duration=200.0 + n % 300,
            genre="Melodic House & Techno",
            artwork_url=f"https://i1.sndcdn.com/artworks-{n:016d}-large.jpg",
        )
        for n in range(count)
    )
    key, url = "soundcloud:playlists:1", "https://soundcloud.com/some-dj/sets/everything"
    return Playlist(key=key, name="Everything", url=url, platform=Platform.SOUNDCLOUD, source_id="1", tracks=tracks)


def enqueued(wiring, playlist):
    began = time.perf_counter()
    enrolment.enrol(wiring, playlist)
    return time.perf_counter() - began


def finish(wiring, keys):
    """Take tracks through the line, with results of the usual size."""
    results = {Station.DOWNLOAD: ORIGINAL, Station.ANALYZE: HEARD, Station.EAGLE: {"used": True, "item": "M0X8K2L4Q6R8T"}}
    for key in keys:
        for station in LINE:
            opening = wiring.ledger.open(Hint(station=station, key=key))
            if station in results:
                learnt = station is not Station.DOWNLOAD
                item = wiring.ledger.seal(opening.claim, fields=as_fields(station, results[station]), bump=learnt)
            else:
                fields = {**as_fields(Station.PAGE, {"page_id": "0" * 36}), "wrote": json.dumps(WROTE)}
                item = wiring.ledger.seal(opening.claim, fields=fields, written=opening.item.version)
            wiring.ledger.hand_on(item, opening.claim.hint, [], grace_s=15)


def memory(wiring):
    return int(wiring.redis.info("memory")["used_memory"])


def peak_mib():
    """The most memory this process has held so far (ru_maxrss is in KiB, on a Mac in bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (MIB if sys.platform == "darwin" else KIB)


def show(facts):
    redis = facts["redis_bytes_per_track"]
    print(f"{facts['tracks']} tracks enqueued in {facts['seconds']} s; once more, nothing being new: {facts['seconds_again']} s")
    print(f"memory of the process: {facts['process_peak_mib']} MiB at most, {facts['process_growth_mib']} MiB of it for this")
    print(f"Redis per track: {redis['enqueued']} bytes enqueued, {redis['finished']} finished; its message {redis['message']}")
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
