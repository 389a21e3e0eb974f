"""Streams that were played and that Notion or Eagle does not know: put on the line, a few at a time."""

from collections.abc import Collection, Iterable, Mapping

from crateline.domain import origins
from crateline.domain.library import Library, LibraryTrack, Play
from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.durable.streams import Stream, Streams
from crateline.wiring import Wiring
from producers import enrolment

PLAYLIST = "djay:sessions"
NAME = "djay sessions"
FETCHED = frozenset({Platform.SOUNDCLOUD, Platform.YOUTUBE})
"""Where audio may be fetched from; the recording of a track of any other service is looked for elsewhere."""
SESSION, PLAY = "session:", "play:"


def unknown(library: Library, page_of: Mapping[str, str], elsewhere: Collection[str]) -> list[Stream]:
    """The streams among the plays that have no page, or a page among `elsewhere` (those that Eagle has no item for).

    In the order in which they were first played.
    """
    found: dict[str, Stream] = {}
    for session in library.sessions:
        for play in session.plays:
            track = library.tracks.get(play.title_id)
            platform = origins.platform_of_play(play, track)
            page_id = page_of.get(play.title_id, "")
            if platform in (None, Platform.LOCAL) or not play.title_id or (page_id and page_id not in elsewhere):
                continue
            one = _track(play, track, platform or Platform.LOCAL)
            wishes = (SESSION + session.session_id, PLAY + play.play_id)
            known = found.get(one.key)
            found[one.key] = Stream(track=one, wishes=tuple(dict.fromkeys([*(known.wishes if known else ()), *wishes])))
    return [stream for stream in found.values() if stream.track.title]


def _track(play: Play, track: LibraryTrack | None, platform: Platform) -> Track:
    known = track or LibraryTrack(title_id=play.title_id)
    key = origins.key_of(known)
    streamed = origins.platform_of_uri(key) or platform
    return Track(
        key=key,
        title=known.title or play.title,
        artist=known.artist or play.artist,
        url=origins.url_of(key),
        platform=streamed,
        duration=known.duration or play.duration,
        availability=Availability.PLAYABLE if streamed in FETCHED and origins.url_of(key) else Availability.ELSEWHERE,
        isrc=known.isrc or play.isrc,
        album=known.album,
        genre=known.genre,
    )


def on_the_line(wiring: Wiring, streams: Iterable[Stream]) -> int:
    """How many of these have gone to the line and are not settled there."""
    open_ = wiring.register.unfinished(PLAYLIST)
    return sum(one.begun and one.track.key in open_ for one in streams)


def next_batch(wiring: Wiring, limit: int | None = None) -> list[Track]:
    """Let as many streams go to the line as there is room for; gives them.

    `limit` is how many, whatever is on its way already; without it there are never more than DJAY_PROCESS_QUEUE_SIZE
    of them on the line at the same time.
    """
    queue = Streams(wiring.redis)
    streams = queue.all()
    room = limit if limit is not None else wiring.settings.djay_process_queue_size - on_the_line(wiring, streams)
    batch = [one for one in streams if not one.begun][: max(0, room)]
    if not batch:
        return []
    before = [item.track for item in wiring.ledger.tracks(wiring.register.members(PLAYLIST))]
    known = {track.key for track in before}
    tracks = (*before, *(one.track for one in batch if one.track.key not in known))
    playlist = Playlist(key=PLAYLIST, name=NAME, url="", platform=Platform.LOCAL, source_id=PLAYLIST, tracks=tracks)
    enrolment.enrol(wiring, playlist)
    for one in batch:
        queue.begin(one)
    return [one.track for one in batch]
