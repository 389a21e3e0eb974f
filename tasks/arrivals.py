"""Streams that have come off the line: their pages are related to the sets and the plays that wait for them."""

from crateline.durable.item import Item
from crateline.durable.streams import Stream, Streams
from crateline.durable.wishes import Wish, Wishes, wanted
from crateline.messages import Hint, Station
from crateline.wiring import Wiring
from tasks import plays, sessions


def link(wiring: Wiring) -> int:
    """Wish for what has become possible; gives how many streams have arrived. Safe to repeat, and to be killed."""
    queue = Streams(wiring.redis)
    begun = [one for one in queue.all() if one.begun]
    items = {item.key: item for item in wiring.ledger.tracks(one.track.key for one in begun)}
    arrived = 0
    for stream in begun:
        page_id = page_of(wiring, items.get(stream.track.key))
        if page_id:
            Wishes(wiring.redis).put(_wishes(wiring, stream, page_id))
            queue.drop(stream.track.key)
            arrived += 1
    return arrived


def page_of(wiring: Wiring, item: Item | None) -> str:
    """A track's page, or that of the track which stands for the recording; nothing while there is none."""
    if item is not None and item.alias:
        item = wiring.ledger.track(item.alias)
    return item.page_id if item is not None else ""


def _wishes(wiring: Wiring, stream: Stream, page_id: str) -> list[Wish]:
    found = Wishes(wiring.redis).items(stream.wishes)
    return [wish for key, item in found.items() if (wish := _wish(key, item, page_id))]


def _wish(key: str, item: Item, page_id: str) -> Wish | None:
    want = wanted(item)
    if item.verdict == "refused":
        return None  # a person has deleted that page
    if key.startswith(sessions.SESSION.prefix) and page_id not in want["tracks"]:
        hint = Hint(station=Station.SESSION, key=key, title=item.title)
        return Wish(hint=hint, want={**want, "tracks": [*want["tracks"], page_id]})
    if key.startswith(plays.PLAY.prefix) and want["track"] != page_id:
        return Wish(hint=Hint(station=Station.PLAY, key=key, title=item.title), want={**want, "track": page_id})
    return None
