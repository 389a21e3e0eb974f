"""What should stand in the Calendar: a page for each recorded set, worked out from the library and looked up in bulk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from crateline.clients.notion import Page
from crateline.domain import properties, sets
from crateline.domain.library import Library
from crateline.domain.sets import PlayRow, SetMetrics
from crateline.durable.item import Item
from crateline.durable.wishes import SEEN, Wish, Wishes, wanted
from crateline.messages import Hint, Station
from crateline.settings import Settings
from crateline.wiring import Wiring
from tasks import bodies, plays, records, sessions, tables
from tasks.creation import INTENT
from tasks.records import Ask
from tasks.sessions import LINKED, ROOM
from tasks.tables import Table

TAG = "djay"


class Here(tzinfo):
    """This machine's time zone, summer time included."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """How far the clocks here are ahead of UTC."""
        return dt.replace(tzinfo=None).astimezone().utcoffset() if dt else None

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Not known: the system tells the whole offset alone."""
        del dt
        return None  # the answer of this method, and not the end of it

    def tzname(self, dt: datetime | None) -> str | None:
        """The name of the zone, as the system has it."""
        return dt.replace(tzinfo=None).astimezone().tzname() if dt else None

    def fromutc(self, dt: datetime) -> datetime:
        """A moment of UTC in the time of this place."""
        return dt.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What has to be written of the sets.

    `wishes` are of sets and plays that are new or have changed; `unchanged` sets need nothing; `there` are the keys of
    wishes that have a page already. `rest` is, by page id, the sets that have to be related to a track from its own side.
    """

    wishes: tuple[Wish, ...]
    unchanged: int
    there: frozenset[str] = frozenset()
    rest: Mapping[str, list[str]] = field(default_factory=dict)
    linked: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Where the sets are worked out: the databases of the user, and how Notion is asked."""

    wiring: Wiring
    calendar: Table
    plays: Table | None = None
    ask: Ask = records.at_once

    def record(self, library: Library, page_of: Mapping[str, str]) -> Recorded:
        """Work out what the pages of all sets should say, and look up those that have changed."""
        measured = [sets.metrics(one, library.tracks, zone=Here()) for one in library.sessions if one.plays]
        made = [_of_set(one, page_of, self.wiring.settings, with_plays=self.plays is None) for one in measured]
        known = Wishes(self.wiring.redis).items(wish.hint.key for wish in made)
        wished = [_settled_on(wish, known.get(wish.hint.key), self.calendar) for wish in made]
        changed = self._changed(wished, known, self.calendar, "session_id")
        return Recorded(
            wishes=(*changed, *self._of_plays(measured, page_of)),
            unchanged=len(wished) - len(changed),
            there=frozenset(wish.hint.key for wish in changed if SEEN in wish.seen or known.get(wish.hint.key, _NEW).page_id),
            rest=_rest({wish.hint.key: wish for wish in (*wished, *changed)}, known),
            linked=sum(len(wish.want["tracks"]) for wish in wished),
        )

    def _of_plays(self, measured: list[SetMetrics], page_of: Mapping[str, str]) -> list[Wish]:
        if self.plays is None:
            return []
        made = [_of_play(one, row, page_of) for one in measured for row in one.plays]
        known = Wishes(self.wiring.redis).items(wish.hint.key for wish in made)
        wished = [_settled_on(wish, known.get(wish.hint.key), self.plays) for wish in made]
        return self._changed(wished, known, self.plays, "play_id")

    def _changed(self, wished: list[Wish], known: Mapping[str, Item], table: Table, word: str) -> list[Wish]:
        """Those that are new or not as they were, with what was found out about their pages."""
        changed = [wish for wish in wished if not wish.fulfilled(known.get(wish.hint.key))]
        asked = [wish for wish in changed if INTENT not in known.get(wish.hint.key, _NEW).fields]
        names = [wish.want["card"][word] for wish in asked]
        found = records.look_up(self.wiring, table, word, names, ask=self.ask)
        looked = {
            wish.hint.key: replace(wish, seen=self._seen(wish, known.get(wish.hint.key, _NEW), found.get(name), table))
            for wish, name in zip(asked, names, strict=True)
        }
        return [looked.get(wish.hint.key, wish) for wish in changed]

    def _seen(self, wish: Wish, item: Item, page: Page | None, table: Table) -> dict[str, str]:
        """What was found out about a page; of a set with more than a hundred tracks, which of them it is related to."""
        if page is None and item.page_id:
            return {}  # it had one: the station sees what has become of it
        noted = records.found_out(self.wiring, page)
        tracks = wish.want.get("tracks", ())
        if page is not None and len(tracks) > ROOM and LINKED not in item.fields and (name := table.real("tracks")):
            related = self.ask(lambda: self.wiring.notion.relation(str(page["id"]), table.schema[name]["id"]))
            noted[LINKED] = json.dumps([one for one in tracks if one in related])
        return noted


_NEW = Item("")


def _settled_on(wish: Wish, item: Item | None, table: Table) -> Wish:
    """The wish for this table; what a better source has told before is kept: the old CSVs know of neither starts nor decks."""
    want, before = wish.want, wanted(item)
    if before and _times(before["card"]) > _times(want["card"]):
        want = {**before, **{word: want[word] for word in ("tracks", "track") if word in want}}
    return replace(wish, want={**want, tables.MARK: table.mark})


def _times(card: Mapping[str, Any]) -> int:
    """How many times of a set or of a play are known."""
    return sum(map(bool, [*card.get("date", "").split("/"), card.get("start")]))


def _rest(wished: Mapping[str, Wish], known: Mapping[str, Item]) -> dict[str, list[str]]:
    """Where a set's own side has no room: by page, all the sets that it was played in."""
    over: set[str] = set()
    for key, wish in wished.items():
        tracks = wish.want["tracks"]
        if len(tracks) > ROOM:
            kept = wish.seen.get(LINKED) or (known.get(key, _NEW)).fields.get(LINKED)
            over |= set(tracks) - set(json.loads(kept) if kept else tracks[:ROOM])
    rest: dict[str, list[str]] = {}
    for key, wish in wished.items():
        for page_id in over.intersection(wish.want["tracks"]):
            rest.setdefault(page_id, []).append(key)
    return {page_id: sorted(keys) for page_id, keys in rest.items()}


def _of_set(one: SetMetrics, page_of: Mapping[str, str], settings: Settings, *, with_plays: bool) -> Wish:
    tracks = dict.fromkeys(page_of[row.title_id] for row in one.plays if row.title_id in page_of)
    note = bodies.END_ALONE if one.only_end_known else ""
    rows = [_row(row) for row in one.plays] if with_plays else []
    want = {"card": _card(one, settings), "tracks": list(tracks), "body": {"note": note, "plays": rows} if rows or note else None}
    return Wish(hint=Hint(station=Station.SESSION, key=f"{sessions.SESSION.prefix}{one.session_id}", title=one.name), want=want)


def _card(one: SetMetrics, settings: Settings) -> dict[str, Any]:
    start, end = (moment.isoformat() if moment else "" for moment in (one.start, one.end))
    said = {
        "name": one.name,
        "session_id": one.session_id,
        "date": f"{start}/{end}" if start and end else start or end,
        "end_date": end,
        "duration_min": one.duration_min,
        "device": one.device,
        "device_type": one.device_type,
        "unique_artists": float(one.unique_artists),
        "bpm_range": one.bpm_range,
        "average_bpm": one.average_bpm,
        "keys_used": list(one.keys_used),
        "local_tracks": float(one.local),
        "streaming_tracks": float(one.streaming),
        "beatport": float(one.beatport),
        "soundcloud": float(one.soundcloud),
        "event_type": str(one.event_type),
        "tags": [TAG],
        "item_type": [properties.page_id(settings.dj_session_type_id)] if settings.dj_session_type_id else None,
    }
    return {word: value for word, value in said.items() if value not in (None, "", [])}


def _row(row: PlayRow) -> dict[str, Any]:
    """A play as it stands in the body of its set's page."""
    return {
        "position": row.position,
        "artist": row.artist,
        "title": row.title,
        "deck": row.deck,
        "start": row.start.isoformat() if row.start else None,
        "simultaneous_with": list(row.simultaneous_with),
    }


def _of_play(one: SetMetrics, row: PlayRow, page_of: Mapping[str, str]) -> Wish:
    name = " - ".join(filter(None, (row.artist, row.title))) or row.play_id
    said = {
        "name": name,
        "play_id": row.play_id,
        "deck": float(row.deck) if row.deck else None,
        "start": row.start.isoformat() if row.start else None,
        "position": float(row.position),
    }
    want = {
        "card": {word: value for word, value in said.items() if value is not None},
        "session": f"{sessions.SESSION.prefix}{one.session_id}",
        "track": page_of.get(row.title_id, ""),
        "with": [f"{plays.PLAY.prefix}{one.plays[at - 1].play_id}" for at in row.simultaneous_with if at < row.position],
    }
    return Wish(hint=Hint(station=Station.PLAY, key=f"{plays.PLAY.prefix}{row.play_id}", title=name), want=want)
