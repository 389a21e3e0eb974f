"""The sets of djay's database, with their plays in order."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from crateline.clients.djay import fields
from crateline.clients.djay.records import NOTHING, Record, Records
from crateline.clients.djay.values import Entity
from crateline.domain.library import Play, Session

DECKS = range(1, 5)
_LATE = datetime.max.replace(tzinfo=UTC)


def read(records: Records) -> tuple[Session, ...]:
    """Give every session in order of time, those without any time last.

    A session's plays stand in the order of its `itemUUIDs`; a play that it does not name, but that names it, comes after
    them by its start. Plays of a session that is not there make one up that has nothing but its id.
    """
    found = {record.key: record.entity for record in records.of("historySessions") if record.entity.fields}
    plays = {record.key: _play(record) for record in records.of("historySessionItems")}
    sessions = {_id(entity, key): entity for key, entity in found.items()}
    named = {play_id: session_id for session_id, entity in sessions.items() for play_id in fields.texts(entity, "itemUUIDs")}
    members: dict[str, dict[str, Play]] = {session_id: {} for session_id in sessions}
    for play_id, play in plays.items():
        session_id = named.get(play_id) or play.session_id
        if session_id:
            members.setdefault(session_id, {})[play_id] = replace(play, session_id=session_id)
        else:
            records.find("skipped", f"historySessionItems {play_id}", "it names no session, and no session names it")
    for session_id in members.keys() - sessions.keys():
        records.find("absent", f"historySessions {session_id}", f"{len(members[session_id])} plays name it")
    made = [_session(records, one, sessions.get(one, NOTHING), members[one]) for one in members]
    return tuple(sorted(made, key=_begun))


def _id(entity: Entity, key: str) -> str:
    return fields.text(entity, "uuid") or key


def _session(records: Records, session_id: str, entity: Entity, plays: dict[str, Play]) -> Session:
    named = fields.texts(entity, "itemUUIDs")
    missing = [play_id for play_id in named if play_id not in plays]
    if missing:
        records.find("absent", f"historySessions {session_id}", f"plays that it names: {', '.join(missing)}")
    kind = entity.get("deviceType")
    number = fields.whole(entity, "deviceType")
    return Session(
        session_id=session_id,
        device=fields.text(entity, "deviceName"),
        device_type=kind if isinstance(kind, str) else "" if number is None else str(number),
        start=fields.instant(entity, "startDate"),
        end=fields.instant(entity, "endDate"),
        plays=_ordered(named, plays),
    )


def _ordered(named: Iterable[str], plays: dict[str, Play]) -> tuple[Play, ...]:
    rest = dict(plays)
    first = [rest.pop(play_id) for play_id in named if play_id in rest]
    return (*first, *sorted(rest.values(), key=lambda play: play.started or _LATE))


def _begun(session: Session) -> datetime:
    return session.start or min((play.started for play in session.plays if play.started), default=session.end or _LATE)


def _play(record: Record) -> Play:
    """A play; what djay has not told about its title is empty."""
    entity = record.entity
    nested = entity.get("titleID")
    title = nested if isinstance(nested, Entity) else entity
    duration, deck = fields.number(title, "duration"), fields.whole(entity, "deckNumber")
    return Play(
        play_id=_id(entity, record.key),
        session_id=fields.text(entity, "sessionUUID"),
        title_id=fields.text(nested, "uuid") if isinstance(nested, Entity) else fields.text(entity, "titleID"),
        title=fields.text(title, "title") or fields.text(entity, "title"),
        artist=fields.text(title, "artist") or fields.text(entity, "artist"),
        duration=float(duration) if duration else None,
        deck=deck if deck in DECKS else None,
        started=fields.instant(entity, "startTime"),
        origin=fields.text(entity, "originSourceID"),
        isrc=fields.text(title, "isrc") or fields.text(entity, "isrc"),
    )
