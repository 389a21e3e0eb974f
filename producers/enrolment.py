"""Putting a playlist on the line: what would change, the change itself, and the first hints."""

import time

import structlog
from kombu.exceptions import OperationalError

from crateline import app as application
from crateline.domain.track import Availability, Playlist, Track
from crateline.durable import keyspace
from crateline.durable.follows import PARTIAL, SYNCED, Follow
from crateline.durable.register import Enrolment, Show, unseen
from crateline.messages import Hint, Station
from crateline.wiring import Wiring

log = structlog.get_logger("crateline.enrol")

GRACE_S = 15.0
GRACE_PER_MESSAGE_S = 0.25
"""How long published hints lie before the due set takes them for lost: longer, the longer the queue."""
AT_ONCE = 2000
"""So many hints are published as a playlist is enqueued."""
PER_SECOND = 200
"""So many more fall due each second: less than a sweep takes, and no less than what is there already is sealed in."""
CLOCKS_APART_MS = 1000.0
"""How far the clock that wrote a due time may be ahead of the one that reads it."""
SINGLE = "single:"
LEFT_OUT = (("local", "files on somebody's disk"), ("episodes", "podcast episodes"), ("missing", "rows without a track"))
SHARE_FOR_PAGES = 0.9
"""What part of Notion's budget early pages are spread over; the rest is for what is found out meanwhile."""


def distinct(playlist: Playlist) -> dict[str, Track]:
    """The tracks by key in the order of the rows; a repeated row counts once."""
    rows: dict[str, Track] = {}
    for track in playlist.tracks:
        rows.setdefault(track.key, track)
    return rows


def plan(wiring: Wiring, playlist: Playlist) -> Enrolment:
    """What `enrol` would do, changing nothing."""
    tracks = distinct(playlist)
    known = wiring.ledger.known(tracks)
    refused = sum(track.availability is Availability.GONE and not track.title for track in tracks.values())
    return Enrolment(key=playlist.key, total=len(tracks), new=len(tracks) - known, known=known, refused=refused)


def enrol(
    wiring: Wiring, playlist: Playlist, *, audio: bool = True, limit: int | None = None, follow: bool = True, show: Show = unseen
) -> Enrolment:
    """Put a playlist on the line and let the workers know. Safe to repeat: what is known changes nothing but the order.

    `audio=False` stops after the Notion pages. `follow`: it is kept in step from now on, on these terms; `limit` is the
    most distinct tracks that were wanted of it. Its snapshot is not noted yet: see `intake`. `show` is told how many tracks
    are on the line so far.
    """
    followed = follow and bool(playlist.url) and not playlist.key.startswith(SINGLE)
    if followed:  # first: if we are killed before the end, the next look finds it
        wiring.follows.begin(playlist.key, limit=limit, audio=audio)
    wiring.index.want()
    every = SHARE_FOR_PAGES * 60 / wiring.settings.notion_requests_per_minute
    enrolment = wiring.register.enrol(playlist, audio=audio, page_every_s=every, show=show)
    for _, main in enrolment.aliases:
        wiring.ledger.join(main, playlist.key)
    if followed:
        status, reason = completeness(playlist, limit)
        wiring.follows.looked(
            playlist.key, snapshot=None, status=status, reason=reason, rest_s=interval(wiring, wiring.follows.of(playlist.key))
        )
    announce(wiring, playlist)
    return enrolment


def interval(wiring: Wiring, follow: Follow) -> float:
    """Seconds between two looks at a playlist; 0 means that it is never looked at by schedule."""
    return wiring.settings.sync_every_minutes * 60.0 if follow.every_s is None else follow.every_s


def completeness(playlist: Playlist, limit: int | None) -> tuple[str, str]:
    """Whether a listing is on the line whole: `synced`, or `partial` and what is missing."""
    left = [f"{count} {what} left out" for name, what in LEFT_OUT if (count := getattr(playlist, name, 0))]
    if limit is not None and len(distinct(playlist)) >= limit:
        left.append(f"only the first {limit} were wanted")
    return (PARTIAL, "; ".join(left)) if left else (SYNCED, "")


def announce(wiring: Wiring, playlist: Playlist) -> int:
    """Publish the first of the hints that are due now, in the playlist's order; gives how many.

    First their due time is moved past the time they may lie in the queue, so that the sweep does not double them. The rest
    falls due by and by, still faster than anybody works: a message each would take minutes where there are very many. What
    is not due (a track that waits) and what a worker holds already is left alone.
    """
    hints = [Hint(station=Station.PLAYLIST, key=playlist.key, title=playlist.name)]
    hints += [Hint(station=Station.DOWNLOAD, key=key, title=_title(track)) for key, track in distinct(playlist).items()]
    now = wiring.ledger.now_ms()
    soon = max(now, time.time() * 1000) + CLOCKS_APART_MS
    scores = wiring.redis.zmscore(keyspace.DUE, [hint.member for hint in hints])
    due = [hint for hint, score in zip(hints, scores, strict=True) if score is not None and float(score) <= soon]
    if not due:
        return 0
    first, rest = due[:AT_ONCE], due[AT_ONCE:]
    later = now + 1000 * (GRACE_S + GRACE_PER_MESSAGE_S * len(first))
    times = dict.fromkeys((hint.member for hint in first), later)
    times |= {hint.member: now + 1000 * place / PER_SECOND for place, hint in enumerate(rest, 1)}
    wiring.redis.zadd(keyspace.DUE, times, xx=True, gt=True)
    return _publish(wiring, first)


def _publish(wiring: Wiring, hints: list[Hint]) -> int:
    application.connect(wiring.redis_url)
    try:
        return application.publish(hints)
    except OperationalError as error:
        log.warning("hints were not sent: the workers find them by themselves", action="unsent", reason=str(error))
        return 0


def _title(track: Track) -> str:
    return " - ".join(filter(None, (track.artist, track.title)))
