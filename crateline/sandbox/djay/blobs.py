"""An imaginary library as the objects that djay keeps of it, ready to be encoded."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from crateline.clients.djay.values import EPOCH, Date, Entity, Url
from crateline.domain import keys
from crateline.domain.library import LibraryTrack, Play, Session
from crateline.sandbox.djay import bookmark
from crateline.sandbox.djay.encoding import Collection
from crateline.sandbox.djay.truth import Truth

CUES = 0x0A
"""The tag under which cue points and loops stand; other collections are 0b."""
EMPTY = -1.0


class Blob(NamedTuple):
    """One row to be: what its secondary indices say of it stands beside it."""

    collection: str
    key: str
    value: Entity
    bpm: float | None = None
    manual_bpm: float | None = None
    key_index: int | None = None


def of_track(track: LibraryTrack, truth: Truth, *, media_items: bool) -> Iterator[Blob]:
    """Give the rows of one track; where it is in several places, the streams stand apart from the file."""
    key, title = track.title_id, title_id(track)
    yield Blob("mediaItemTitleIDs", key, title)
    index = keys.Key(track.key).djay_index if track.key else None
    if track.bpm is not None:
        fields = _known(uuid=key, titleIDs=[title], bpm=track.bpm, keySignatureIndex=index, isStraightGrid=True)
        yield Blob("mediaItemAnalyzedData", key, Entity("ADCMediaItemAnalyzedData", fields), bpm=track.bpm, key_index=index)
    local = [uri for uri in track.uris if uri.startswith(("file:", "com.apple."))]
    streams = [uri for uri in track.uris if uri not in local]
    if local:
        mark = bookmark.of(track.path) if key in truth.bookmarked else None
        fields = _known(uuid=key, titleIDs=[title], sourceURIs=[Url(uri) for uri in local], urlBookmarkData=mark)
        yield Blob("localMediaItemLocations", key, Entity("ADCMediaItemLocation", fields))
    if streams:
        fields = _known(uuid=key, titleIDs=[title], sourceURIs=[Url(uri) for uri in streams], type=1)
        yield Blob("globalMediaItemLocations", key, Entity("ADCMediaItemLocation", fields))
    if user := _user_data(track):
        whole = (*_known(uuid=key, titleIDs=[title]), *user)
        yield Blob("mediaItemUserData", key, Entity("ADCMediaItemUserData", whole), manual_bpm=track.manual_bpm)
    if media_items:
        yield Blob("mediaItems", key, _media_item(track, title))


def of_session(session: Session) -> Iterator[Blob]:
    """Give the rows of one set."""
    for play in session.plays:
        yield Blob("historySessionItems", play.play_id, _play(play))
    fields = _known(
        uuid=session.session_id,
        deviceName=session.device,
        deviceType=int(session.device_type),
        startDate=_date(session.start),
        endDate=_date(session.end),
        itemUUIDs=[play.play_id for play in session.plays],
    )
    yield Blob("historySessions", session.session_id, Entity("ADCHistorySession", fields))


def title_id(title: LibraryTrack | Play) -> Entity:
    """Give what identifies a title wherever it is named."""
    fields = _known(uuid=title.title_id, title=title.title, artist=title.artist, duration=title.duration, isrc=title.isrc or None)
    return Entity("ADCMediaItemTitleID", fields)


def _play(play: Play) -> Entity:
    fields = _known(
        uuid=play.play_id,
        sessionUUID=play.session_id,
        titleID=title_id(play),
        deckNumber=play.deck,
        startTime=_date(play.started),
        originSourceID=play.origin,
    )
    return Entity("ADCHistorySessionItem", fields)


def _media_item(track: LibraryTrack, title: Entity) -> Entity:
    fields = _known(
        uuid=track.title_id,
        title=track.title,
        artist=track.artist,
        album=track.album or None,
        genre=track.genre or None,
        duration=track.duration,
        titleID=title,
        addedDate=_date(track.added),
        fileName=PurePath(track.path).name or None,
    )
    return Entity("ADCMediaItem", fields)


def _user_data(track: LibraryTrack) -> tuple[tuple[str, Any], ...]:
    """What the DJ has set; all pads before the last that is used have a cue, empty or not."""
    at = {cue.position: cue for cue in track.hot_cues}
    pads = [
        Entity("ADCCuePoint", _known(time=at[pad].time if pad in at else EMPTY, endTime=EMPTY, number=pad))
        for pad in range(1, max(at, default=0) + 1)
    ]
    loops = [Entity("ADCLoopRegion", _known(startTime=loop.start, endTime=loop.end, number=loop.number)) for loop in track.loops]
    return _known(
        cuePoints=Collection(CUES, tuple(pads)) if pads else None,
        loopRegions=Collection(CUES, tuple(loops)) if loops else None,
        manualBPM=track.manual_bpm,
        playCount=track.play_count,
        rating=track.rating,
    )


def _date(instant: Any) -> Date | None:
    return None if instant is None else Date((instant - EPOCH).total_seconds())


def _known(**fields: Any) -> tuple[tuple[str, Any], ...]:
    """The fields that have a value, in their order."""
    return tuple((name, value) for name, value in fields.items() if value is not None)
