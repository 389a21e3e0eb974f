"""The sets of an imaginary DJ: nights with two to four decks, some of them on an iPad, some without an end."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from crateline.domain.library import LibraryTrack, Play, Session
from crateline.sandbox.djay.truth import LOCAL, UNKNOWN

FIRST_NIGHT = datetime(2023, 1, 6, 20, tzinfo=UTC)
LONGEST = 150
"""Plays of one session, at most."""
DEVICES = (("MacBook Pro", "1"), ("MacBook Pro", "1"), ("DJ's iPad", "2"), ("DJ's iPhone", "3"))
PC = (("BOOTH-PC", "4"),)


class Nights:
    """One DJ's nights, in order of time."""

    def __init__(self, chance: random.Random, *, windows: bool) -> None:
        self.random = chance
        self.windows = windows

    def held(self, titles: list[LibraryTrack], origins: Mapping[str, str], *, sessions: int, plays: int) -> tuple[Session, ...]:
        """Play `plays` times in `sessions` sets; every title is played at least once if there are plays enough."""
        order = [*titles, *self.random.choices(titles, k=max(0, plays - len(titles)))][:plays] if titles else []
        self.random.shuffle(order)
        nights, begun, at = [], FIRST_NIGHT, 0
        for size in self._sizes(sessions, len(order)):
            nights.append(self._night(begun, order[at : at + size], origins))
            at += size
            begun += timedelta(days=self.random.randrange(2, 20), minutes=self.random.randrange(180))
        return tuple(nights)

    def _sizes(self, sessions: int, plays: int) -> list[int]:
        """How long the sets are: one of the longest, many short ones."""
        sizes = [1] * min(sessions, plays)
        weights = [self.random.random() ** 3 + 0.02 for _ in sizes]
        left = plays - len(sizes)
        if left >= LONGEST * 2:
            sizes[-1], left = LONGEST, left - LONGEST + 1
        while left:
            (number,) = self.random.choices(range(len(sizes)), weights)
            if sizes[number] < LONGEST or plays > LONGEST * len(sizes):
                sizes[number] += 1
                left -= 1
        return sizes

    def _night(self, begun: datetime, tracks: list[LibraryTrack], origins: Mapping[str, str]) -> Session:
        chance = self.random
        session_id = identifier(chance)
        device, kind = chance.choice(PC if self.windows else DEVICES)
        started, plays = begun + timedelta(seconds=chance.randrange(5, 90)), list[Play]()
        for number, track in enumerate(tracks):
            if number and chance.random() > 0.06:  # else it begins in the same moment, on another deck
                started += timedelta(seconds=chance.randrange(45, 300))
            deck = number % (4 if chance.random() < 0.1 else 2) + 1
            while plays and plays[-1].started == started and plays[-1].deck == deck:
                deck = deck % 4 + 1
            plays.append(self._play(session_id, track, deck, started, origins.get(track.title_id, LOCAL)))
        return Session(
            session_id=session_id,
            device=device,
            device_type=kind,
            start=begun if chance.random() > 0.02 else None,
            end=started + timedelta(minutes=6) if chance.random() > 0.08 else None,
            plays=tuple(plays),
        )

    def _play(self, session_id: str, track: LibraryTrack, deck: int, started: datetime, origin: str) -> Play:
        own = ("explorer", "music") if self.windows else ("finder", "music")
        return Play(
            play_id=identifier(self.random),
            session_id=session_id,
            title_id=track.title_id,
            title=track.title,
            artist=track.artist,
            duration=track.duration,
            deck=deck,
            started=started,
            origin=self.random.choice(own) if origin in {LOCAL, UNKNOWN} else origin,
            isrc=track.isrc,
        )


def identifier(chance: random.Random) -> str:
    """Make a UUID up as djay writes them: in capitals."""
    number = f"{chance.getrandbits(128):032X}"
    return "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:]))
